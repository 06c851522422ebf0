"""The sound rows that hold others in place: those that refer to what a statement deletes or changes."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from sqlfix.explain.answers import Culprit
from sqlfix.explain.errors.conditions import narrowed
from sqlfix.explain.errors.inquiry import SAMPLES, Asked, Found
from sqlfix.explain.errors.names import find_model
from sqlfix.explain.errors.statement import Statement
from sqlfix.frozen import frozen
from sqlfix.model.findings import Row
from sqlfix.model.schema import ForeignKey, Table
from sqlfix.model.values import folded
from sqlfix.plan.row_deletion import on_delete
from sqlfix.schema.rows import key_word
from sqlfix.sql.literals import literal, names, quote
from sqlfix.sql.predicates import has_key, in_turn, is_row, match_parent, stored
from sqlfix.text import address, pairs_text, plural


def keys_to(asked: Asked, table: Table) -> Iterator[ForeignKey]:
    """The usable relationships whose parent a table is, each once."""
    seen = set()
    for fk in asked.schema.references_to(table.name):
        if fk.fault is None and fk.subject not in seen:
            seen.add(fk.subject)
            yield fk


def blockers(
    found: Found, table: Table, statement: Statement, goes: Callable[[ForeignKey], str] = lambda fk: ""
) -> list[Culprit]:
    """The references to the rows of a statement that do not let them go, most rows first.

    Of a statement that was to run several times, those come first that hold what it was for first. Of an UPDATE, only
    references to the columns that it writes count.

    Args:
        goes: SQL that is true of those rows of a relationship's child, there as ``c``, that a DELETE takes as well.
    """
    culprits: list[tuple[int, Culprit]] = []
    for fk in keys_to(found.asked, table):
        written = {folded(name) for name in statement.written}  # empty where it is not known which change
        if statement.verb != "UPDATE" or not written or written & {folded(name) for name in fk.parent_columns}:
            culprits += _in_turn(found, fk, statement, but_for=goes(fk))
    return [culprit for _, culprit in sorted(culprits, key=lambda one: (one[0], -one[1].count))]


def reference(found: Found, fk: ForeignKey, doomed: str = "", but_for: str = "") -> list[Culprit]:
    """The child rows of a relationship that hold their parent rows in place.

    Args:
        doomed: SQL that is true of the parent rows ``p`` that go; without it, all do.
        but_for: SQL that is true of those rows of the child, there as ``c``, that go as well.
    """
    return [culprit for _, culprit in _in_turn(found, fk, None, doomed, but_for)]


def _in_turn(
    found: Found, fk: ForeignKey, statement: Statement | None, doomed: str = "", but_for: str = ""
) -> list[tuple[int, Culprit]]:
    """The same of a statement, with the place of the first part of it to which they matter."""
    asked = found.asked
    action = fk.on_update if statement and statement.verb == "UPDATE" else fk.on_delete
    child, parent = asked.schema.table(fk.child), asked.schema.table(fk.parent)
    if fk.fault or child is None or parent is None or child.kind != "table":
        return []
    does = on_delete(asked.schema, replace(fk, on_delete=action))
    if not does.keeps or does.forbids_null:
        return []
    if unread := parent.unreadable or child.unreadable:
        found.unknown(address(*fk.subject[:2]), unread)
        return []
    rows = narrowed(statement.where, parent, asked.schema, "p") if statement else None
    which = rows.sql if rows else doomed
    every = f"{has_key(child, fk)} AND {match_parent(fk)} AND ({which or 1}) AND {does.keeps}"
    gone = [but_for, *_gone_before(asked, fk, child)]
    condition = every + _but_for_the_same_key(fk, statement) + "".join(f" AND NOT ({sql})" for sql in gone if sql)
    if folded(fk.child) == folded(fk.parent) and child.row_id and not (statement and statement.verb == "UPDATE"):
        # a row that refers to itself holds nothing in place
        condition += f" AND NOT ({is_row(child, 'c', [f'+p.{quote(name)}' for name in child.row_id])})"
    one = rows is not None and statement is not None and bool(statement.equal)
    order = [f"{quote(fk.child)} AS c", f"{quote(fk.parent)} AS p"]
    source = " CROSS JOIN ".join(reversed(order) if one else order)
    how = f"{action}, deferred: it fails only at COMMIT" if fk.deferrable else action
    pairs = _Pairs(asked, fk, f"{source} WHERE {condition}", _turn(found, statement), how)
    with found.asking(address(*fk.subject[:2])):
        # all that refer to anything but those that refer to nothing: no parent has to be looked up for that
        plain = not which and does.keeps == "1" and condition == every
        refer = f"SELECT count(*) FROM {stored(child, 'c')} WHERE {has_key(child, fk)}"
        count = pairs.number(refer) - asked.probe(fk).count_flagged() if plain else pairs.number()
        return [pairs.culprit(count, bool(which))] if count else []
    return []


def _turn(found: Found, statement: Statement | None) -> str:
    """SQL for the place of the part of a statement that is for ``p``; empty where it has but one that is known."""
    table = found.asked.schema.table(statement.table) if statement else None
    if statement is None or table is None:
        return ""
    parts = [narrowed(part.where, table, found.asked.schema, "p") for part in statement.parts]
    return in_turn([part.sql for part in parts if part]) if all(parts) else ""


def _gone_before(asked: Asked, fk: ForeignKey, child: Table) -> Iterator[str]:
    """SQL that is true of the rows ``c`` of a child that earlier statements of the transaction delete, or unlink."""
    for one in asked.statement.earlier if asked.statement else ():
        unlinks = {folded(name) for name in one.written} & {folded(name) for name in fk.child_columns}
        does = one.verb == "DELETE" or (one.verb == "UPDATE" and unlinks)
        if does and find_model(asked.schema, one.table) is child and not one.unread:
            rows = narrowed(one.where, child, asked.schema, "c")
            if one.where is None or (rows and rows.whole):
                yield rows.sql if rows else "1"


def _but_for_the_same_key(fk: ForeignKey, statement: Statement | None) -> str:
    """SQL that leaves out parents to which an UPDATE gives the key that they have."""
    if statement is None or statement.verb != "UPDATE" or len(statement.parts) != 1 or statement.unread:
        return ""
    new = {folded(name): value for name, value in statement.values}
    same = [f"p.{quote(n)} IS {literal(new[folded(n)])}" for n in fk.parent_columns if folded(n) in new]
    written = {folded(name) for name in statement.written} & {folded(name) for name in fk.parent_columns}
    return f" AND NOT ({' AND '.join(same)})" if same and len(same) == len(written) else ""


@frozen
class _Pairs:
    """The pairs of a child ``c`` and a parent ``p`` that hold the parent in place.

    ``rows`` is SQL for a FROM clause that gives them, ``turn`` for the place by which they are ordered, if they are.
    """

    asked: Asked
    fk: ForeignKey
    rows: str
    turn: str
    how: str

    def number(self, query: str = "") -> int:
        """What a query counts; without one, how many pairs there are."""
        return int(self.asked.connection.execute(query or f"SELECT count(*) FROM {self.rows}").fetchone()[0])

    def culprit(self, count: int, these_parents: bool) -> tuple[int, Culprit]:
        """The cause that they are, with the place of the first of them.

        Args:
            count: how many child rows there are.
            these_parents: that not all rows of the parent are meant, so that it is said which.
        """
        fk, child, parent = self.fk, *map(self.asked.schema.known_table, (self.fk.child, self.fk.parent))
        key, parent_key = child.known_by, parent.known_by
        shown, of_parent = names([*key, *fk.child_columns], "c"), names(parent_key, "p") or "NULL"
        by = f" ORDER BY {self.turn}" if self.turn else ""
        some = f"SELECT {shown}, {of_parent}, {self.turn or 0} FROM {self.rows}{by} LIMIT {SAMPLES}"
        sample = self.asked.connection.execute(some).fetchall()
        first = tuple(zip(parent_key, sample[0][len(key) + len(fk.child_columns) : -1], strict=False))
        to = self._parents(parent_key, of_parent) if these_parents and parent_key else f"rows of {fk.parent}"
        who = f"{plural(count, 'row')} of {fk.child} {'references' if count == 1 else 'reference'}"
        said = f"{who} {to} through {', '.join(fk.child_columns)} ({self.how})"
        named = tuple(Row.of(key, fk.child_columns, row[: len(key) + len(fk.child_columns)]) for row in sample)
        command = ("why", fk.parent, key_word(first)) if first else ()
        return int(sample[0][-1]), Culprit("references", said, *fk.subject, count, named, None, command)

    def _parents(self, key: tuple[str, ...], columns: str) -> str:
        """The first of the parents, by their key."""
        by = f" GROUP BY {columns} ORDER BY min({self.turn})" if self.turn else ""
        query = f"SELECT DISTINCT {columns} FROM {self.rows}{by} LIMIT {SAMPLES}"
        some = [pairs_text(zip(key, one, strict=True)) for one in self.asked.connection.execute(query).fetchall()]
        number = self.number(f"SELECT count(*) FROM (SELECT DISTINCT {columns} FROM {self.rows})")
        more = ", …" if number > len(some) else ""
        named = f"{plural(number, 'row')} of {self.fk.parent} ({'; '.join(some)}{more})"
        return f"{self.fk.parent} {some[0]}" if number == 1 else named
