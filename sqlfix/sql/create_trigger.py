"""Reads what only the text of a CREATE TRIGGER statement tells: when it runs, and what each of its statements does."""

from collections.abc import Sequence
from functools import lru_cache

from sqlfix.frozen import frozen
from sqlfix.model.schema import Schema
from sqlfix.model.values import folded
from sqlfix.sql.tokens import DdlError, Token, plain, split, tokens


@frozen
class TriggerStatement:
    """One statement of a trigger's body.

    ``verb`` is insert, update, delete or select, and ``table`` what it writes to, None for a SELECT. ``conflict`` is
    the word after OR in lower case (replace for REPLACE INTO), empty without one. ``names`` are all words that can be
    names, in lower case. ``text`` is the statement without comments.
    """

    verb: str
    table: str | None
    conflict: str
    names: frozenset[str]
    text: str


@frozen
class TriggerText:
    """What the text of a trigger says.

    ``timing`` is before, after or instead; ``event`` insert, update or delete. ``columns`` are those of UPDATE OF,
    empty without it. ``when`` is the condition without comments, empty without one.
    """

    timing: str
    event: str
    columns: tuple[str, ...]
    table: str
    when: str
    statements: tuple[TriggerStatement, ...]


def set_off(schema: Schema, table: str, event: str) -> list[TriggerStatement]:
    """The statements that triggers run when rows of a table are written, and those that these set off in turn.

    ``event`` is insert, update or delete. A trigger whose text cannot be read is passed over.
    """
    found: list[TriggerStatement] = []
    seen, todo = set(), [(folded(table), event)]
    while todo:
        if (now := todo.pop()) in seen:
            continue
        seen.add(now)
        written = schema.table(now[0])
        for trigger in written.triggers if written else ():
            try:
                text = read_trigger(trigger.sql)
            except DdlError:
                continue
            if text.event == now[1]:
                found += text.statements
                todo += [(folded(s.table), s.verb) for s in text.statements if s.table is not None]
    return found


@lru_cache(maxsize=512)
def read_trigger(sql: str) -> TriggerText:
    """Read one CREATE TRIGGER statement.

    Args:
        sql: the text as it stands in ``sqlite_schema.sql``: SQLite has accepted it once.

    Raises:
        DdlError: it is no such statement, or is damaged.
    """
    cut = tokens(sql)
    try:
        return _read(sql, cut)
    except IndexError:
        raise DdlError("the text of the trigger ends too early") from None


def _read(sql: str, cut: list[Token]) -> TriggerText:
    words = [token.word for token in cut]
    at = 2 if words[1] in ("temp", "temporary") and words[2] == "trigger" else 1
    if words[0] != "create" or words[at] != "trigger":
        raise DdlError("this is no CREATE TRIGGER statement")
    at += 1
    at += 3 if words[at : at + 3] == ["if", "not", "exists"] else 0
    at += 3 if words[at + 1] == "." else 1  # the name
    timing = words[at] if words[at] in ("before", "after", "instead") else ""
    at += {"": 0, "instead": 2}.get(timing, 1)
    event = words[at]
    at += 1
    columns = []
    if words[at] == "of":
        while words[at] in ("of", ","):
            columns.append(cut[at + 1].name or "")
            at += 2
    if event not in ("insert", "update", "delete") or words[at] != "on":
        raise DdlError("this is no CREATE TRIGGER statement")
    table = cut[at + 1].name or ""
    at += 2
    at += 3 if words[at : at + 3] == ["for", "each", "row"] else 0
    begin = _begin(words, at)
    when = plain(sql, cut[at + 1 : begin]) if words[at] == "when" else ""
    statements = tuple(_statement(sql, part) for part in _parts(cut[begin + 1 :]))
    return TriggerText(timing or "before", event, tuple(columns), table, when, statements)


_STATEMENTS = ("insert", "replace", "update", "delete", "select", "with", "values")


def _begin(words: Sequence[str], at: int) -> int:
    """Where BEGIN stands; in the condition before it, the same word may be the name of a column."""
    while not (words[at] == "begin" and words[at - 1] not in (".", "when") and words[at + 1] in _STATEMENTS):
        at += 1
    return at


def _parts(body: Sequence[Token]) -> list[list[Token]]:
    """The statements of a body; behind the last semicolon stands END."""
    return [part for part in split(body, ";") if part and [token.word for token in part] != ["end"]]


def _statement(sql: str, part: list[Token]) -> TriggerStatement:
    words = [token.word for token in part]
    verb, conflict, at = words[0], "", 1
    if words[1] == "or":
        conflict, at = words[2], 3
    if verb == "replace":
        verb, conflict = "insert", "replace"
    table = None
    if verb in ("insert", "update", "delete"):
        at += verb != "update"  # INTO, FROM
        table = part[at].name
        if table is None:
            raise DdlError(f"{part[at].text[:40]!r} was not expected in the trigger")
    else:
        verb = "select"
    named = frozenset(folded(token.name) for token in part if token.name is not None)
    return TriggerStatement(verb, table, conflict, named, plain(sql, part))
