"""The SQL statement that an error message carries with it: its verb, its table, and which rows it says. Pure.

Frameworks print the statement that failed, each in its own way, with its parameters beside it or not. What is read
here is only what a person would read off it at a glance; where a statement is more than that, that is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice

from sqlfix.explain.errors.condition_reader import read_where
from sqlfix.explain.errors.conditions import Where, any_of_them, equalities, where_text
from sqlfix.explain.errors.printed_values import Printed, Unknown, known
from sqlfix.explain.errors.statement_reader import JOINED, VALUES, WHERE, Reader, tokens_of
from sqlfix.frozen import frozen
from sqlfix.model.values import Pairs
from sqlfix.sql.tokens import unquoted

NEAR = 8_000
"""How many characters before and after a message its statement is looked for."""
_MOST_SETS = 1_000
_MOST_OTHERS = 20


@frozen
class Part:
    """What a statement says once: of several sets of parameters, or of several rows of VALUES, one.

    ``where`` are the rows that it is for, ``values`` what it was to write, as far as the text tells.
    """

    where: Where | None = None
    values: Pairs = ()


@frozen
class Statement:
    """A statement that failed: ``verb`` is ``DELETE``, ``INSERT``, ``UPDATE`` or ``DROP``.

    ``written`` are the columns that it names to write; where ``by_place``, it names none, and numbers stand for them.
    ``source`` is the table of an INSERT … SELECT, and ``copied`` says which column gets which of its columns;
    ``copies_all`` that it is a ``SELECT *``. ``target`` are the columns of its ON CONFLICT; ``conflict`` is the word
    of its OR, ``REPLACE`` for a REPLACE as well, and ``UPSERT`` for an ON CONFLICT. ``runs`` is how often it is run,
    each time with as many of its parts. ``unread`` says what of it is not known, in words; the rows that it is for are
    then among those that ``parts`` say, or may be any. ``earlier`` are those that ran before it in its
    transaction.
    """

    verb: str
    table: str
    parts: tuple[Part, ...] = (Part(),)
    written: tuple[str, ...] = ()
    source: str | None = None
    copied: tuple[tuple[str, str], ...] = ()
    copies_all: bool = False
    target: tuple[str, ...] = ()
    conflict: str = ""
    by_place: bool = False
    runs: int = 1
    unread: tuple[str, ...] = ()
    earlier: tuple[Statement, ...] = ()

    def with_columns(self, names: Sequence[str]) -> Statement:
        """The same with names for the columns that it gives values for by place; without these if it gives others."""
        if not self.by_place:
            return self
        if len(names) != len(self.written):
            return replace(self, parts=(Part(),), written=(), by_place=False, unread=(*self.unread, VALUES))
        parts = (Part(p.where, tuple((names[int(place)], value) for place, value in p.values)) for p in self.parts)
        return replace(self, parts=tuple(parts), written=tuple(names), by_place=False)

    @property
    def where(self) -> Where | None:
        """The rows that it is for; None for every row, or where that is not known."""
        return any_of_them(part.where for part in self.parts)

    @property
    def condition(self) -> str | None:
        """The rows that it is for, in words."""
        return where_text(self.where) if self.where else None

    @property
    def equal(self) -> Pairs:
        """The row that it is for, if it names one by equality alone."""
        return equalities(self.where)

    @property
    def replaces(self) -> bool:
        """True if it is an INSERT that first deletes the rows that have its keys."""
        return self.verb == "INSERT" and self.conflict == "REPLACE"

    @property
    def values(self) -> Pairs:
        """What it was to write, if that is one row."""
        return self.parts[0].values if len(self.parts) == 1 else ()


_GAP = r"(?:\s|\\[nrt]){1,200}+"
"""Between two words; a log may print the end of a line as an escape."""
_BEGINS = r"(?:\b|(?<=\\[nrt]))"
_NAME = r"""(?:"(?:[^"\n]|""){1,200}"|`(?:[^`\n]|``){1,200}`|\[[^]\n]{1,200}\]|[^\W\d][\w$]{0,200})"""
_START = re.compile(
    rf"{_BEGINS}(?:(?P<delete>DELETE{_GAP}FROM)|(?P<insert>(?:INSERT|REPLACE){_GAP}(?:OR{_GAP}\w{{1,9}}{_GAP})?INTO)"
    rf"|(?P<update>UPDATE(?:{_GAP}OR{_GAP}\w{{1,9}})?)"
    rf"|(?P<drop>DROP{_GAP}TABLE(?:{_GAP}IF{_GAP}EXISTS)?)){_GAP}(?:{_NAME}\.)?(?P<table>{_NAME})",
    re.IGNORECASE,
)
_SETS = re.compile(rf"{_GAP}(?:AS{_GAP}{_NAME}{_GAP})?SET(?:\s|\\[nrt])", re.IGNORECASE)
_FROM = re.compile(rf"{_BEGINS}(?:FROM|JOIN){_GAP}(?:{_NAME}\.)?(?P<table>{_NAME})", re.IGNORECASE)
_BEFORE_MESSAGE = re.compile(r"\s[-–]\s(?:[\w.]{1,60}:?\s?){0,3}$")
_CONFLICT = re.compile(rf"(?P<verb>REPLACE)\b|\w+{_GAP}OR{_GAP}(?P<word>\w+)", re.IGNORECASE)
_BOUNDS = re.compile(
    rf"{_BEGINS}(?:(?P<begin>BEGIN(?=\s*;|\s*$|{_GAP}(?:TRANSACTION|DEFERRED|IMMEDIATE|EXCLUSIVE)\b| \(implicit\)))"
    rf"|(?:COMMIT|ROLLBACK|END{_GAP}TRANSACTION)\b)",
    re.IGNORECASE | re.MULTILINE,
)
"""Where a transaction begins or ends, in SQL or in a log."""
_HOLE = re.compile(r"[?$:@%]")
_BARE = re.compile(r"\((?:Connection: [^\n]{1,100}, )?SQL: $")
_GOES_ON = re.compile(r"\s*(?:limit|order\s+by)\b|.*?\bwhere\b", re.IGNORECASE | re.DOTALL)
"""What says which rows are meant, and was not read."""
_BINDINGS = re.compile(r"[^\n]{0,4000}?\) \(Bindings: ")


def find_statements(text: str, at: int, parameters: Callable[[str, int], Printed]) -> tuple[Statement, ...]:
    """The statement that stands nearest to a message, and then the others around it in the order of the text.

    Args:
        text: all that was pasted.
        at: where the message begins.
        parameters: finds what is printed as the parameters of the statement that begins at a place of a text.
    """
    begin = max(0, at - NEAR)
    before = text[begin:at].replace('\\"', '"').replace("\\'", "'")
    window = before + text[at : at + NEAR].replace('\\"', '"').replace("\\'", "'")
    starts = [m for m in _START.finditer(window) if not m["update"] or _SETS.match(window, m.end(), m.end() + 300)]
    if not starts:
        return ()
    nearest = min(starts, key=lambda m: abs(m.start() - len(before)))
    others = [start for start in starts if start is not nearest][-_MOST_OTHERS:]
    ends = dict(zip(starts, (m.start() for m in starts[1:]), strict=False))  # what follows is of the next one
    read = {nearest: _begun_at(nearest, window, len(before), parameters(window, nearest.start()))}
    for m in others:
        text_of = window[: ends.get(m, len(window))]
        read[m] = _begun_at(m, text_of, len(before), parameters(text_of, m.start()))
    if read[nearest].unread:  # a log may have printed it before, with its values
        again = [m for m in others if not read[m].unread and _words(window, m) == _words(window, nearest)]
        nearest = min(again, key=lambda m: abs(m.start() - len(before)), default=nearest)
    bounds = list(_BOUNDS.finditer(window, 0, nearest.start()))
    begun = bounds[-1].end() if bounds and bounds[-1]["begin"] else len(window)
    ran = [m for m in others if begun <= m.start() < nearest.start()]
    failed = replace(read[nearest], earlier=tuple(read[m] for m in ran))
    return tuple(dict.fromkeys((failed, *(read[m] for m in others if m not in ran))))


def _words(window: str, start: re.Match[str]) -> list[str]:
    """A statement up to its first parameter."""
    return _HOLE.split(window[start.start() : start.start() + NEAR], 1)[0].split()


def find_selected(text: str, at: int) -> tuple[str, ...]:
    """The tables and views that the SELECT nearest to a message reads from; empty where there is none."""
    begin = max(0, at - NEAR)
    window = text[begin : at + NEAR].replace('\\"', '"')
    starts = [match.start() for match in re.finditer(r"\bSELECT\s", window, re.IGNORECASE)]
    if not starts:
        return ()
    nearest = min(starts, key=lambda place: abs(place - (at - begin)))
    return tuple(dict.fromkeys(unquoted(m["table"]) for m in _FROM.finditer(window, nearest, nearest + NEAR)))


def _begun_at(start: re.Match[str], window: str, message: int, printed: Printed) -> Statement:
    """The statement that begins at a place of a text."""
    verb = next(word for word in ("delete", "insert", "update", "drop") if start[word]).upper()
    sql = window[start.end() :]
    if start.start() < message:  # the statement ends where the message begins
        sql = _BEFORE_MESSAGE.sub("", window[start.end() : message])
    bare = _BARE.search(window, max(0, start.start() - 120), start.start()) is not None
    bare = bare and not _BINDINGS.match(window, start.end())
    read = _read(verb, unquoted(start["table"]), sql, printed, bare)
    said = _CONFLICT.match(start[0])
    return replace(read, conflict=(said["verb"] or said["word"]).upper()) if said else read


def _read(verb: str, table: str, sql: str, printed: Printed, bare: bool) -> Statement:
    """The statement, with one part for each set of parameters.

    Args:
        bare: that values stand in the SQL without quotes.
    """
    tokens, raw = tokens_of(sql, bare), sql if bare else ""
    found = [_once(verb, table, Reader(tokens, table, values, raw), sql) for values in islice(printed.sets, _MOST_SETS)]
    first = found[0]
    unread = dict.fromkeys(reason for one in found for reason in one.unread)
    parts = tuple(part for one in found for part in one.parts)
    if printed.of > len(found):
        unread[f"only {len(found):,} of its {printed.of:,} sets of values are printed"] = None
        # the rows of the others are not known; what these were to write is
        parts = tuple(Part(None, part.values) for part in parts)
    return replace(first, parts=parts, runs=len(found), unread=tuple(unread))


def _once(verb: str, table: str, reader: Reader, sql: str) -> Statement:
    if verb == "INSERT":
        return _insert(reader, table)
    if verb == "DROP":
        return Statement(verb, table)
    reader.alias()
    assigned = reader.assignments() if verb == "UPDATE" and reader.take("set") else []
    if verb == "UPDATE" and reader.take("from"):
        reader.reasons[JOINED] = None
        reader.skip_to("where")
        reader.alone = False
    where = read_where(reader) if reader.take("where") else None
    if _GOES_ON.match(sql[reader.place : reader.place + 200].partition(";")[0]):
        reader.reasons[WHERE] = None
    if verb == "UPDATE" and not assigned:
        reader.reasons[WHERE] = None
    if any(isinstance(value, Unknown) for _, value in assigned):
        reader.reasons[VALUES] = None
    written = tuple(name for name, _ in assigned)
    return Statement(verb, table, (Part(where, known(assigned)),), written, unread=tuple(reader.reasons))


def _insert(reader: Reader, table: str) -> Statement:
    columns = tuple(reader.names())
    if reader.take("select"):
        terms, source = reader.selected()
        all_of_it = terms == ["*"]
        pairs = zip(columns, terms, strict=True) if len(terms) == len(columns) and not all_of_it else ()
        copied = tuple((to, name) for to, name in pairs if name is not None)
        where = read_where(reader) if source is not None and reader.take("where") else None
        target = reader.conflict_target()
        if source is None:
            reader.reasons[VALUES] = None
        reasons, copies_all = tuple(reader.reasons), all_of_it and not columns
        return Statement("INSERT", table, (Part(where),), columns, source, copied, copies_all, target, unread=reasons)
    rows = reader.rows(len(columns)) if reader.take("values") else []
    by_place = not columns and bool(rows)
    if by_place:
        columns = tuple(map(str, range(len(rows[0]))))
    if any(len(row) != len(columns) for row in rows):
        rows = []
    parts = tuple(Part(None, known(zip(columns, row, strict=True))) for row in rows)
    if not rows or any(isinstance(value, Unknown) for row in rows for value in row):
        reader.reasons[VALUES] = None
    conflict = "UPSERT" if reader.peek().word == "on" else ""
    target, reasons = reader.conflict_target(), tuple(reader.reasons)
    return Statement(
        "INSERT", table, parts or (Part(),), columns, target=target, conflict=conflict, by_place=by_place,
        unread=reasons,
    )  # fmt: skip
