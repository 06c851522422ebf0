"""What triggers do to a full-text index: the statements that put a row in or take one out, each with its conditions.

They are read by their tokens. Of a condition it is said whether the row that the trigger runs for tells it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlfix.frozen import frozen
from sqlfix.model.schema import Schema, Table, Trigger
from sqlfix.model.values import folded
from sqlfix.sql.create_index import in_parentheses
from sqlfix.sql.create_trigger import TriggerStatement, TriggerText, read_trigger
from sqlfix.sql.literals import quote
from sqlfix.sql.tokens import EXPRESSION_WORDS, DdlError, Token, plain, split, tokens
from sqlfix.text import words_of

ROWIDS = frozenset(("rowid", "docid", "_rowid_", "oid"))
_HARMLESS_COMMANDS = (
    *("optimize", "merge", "automerge", "crisismerge", "usermerge", "pgsz", "rank", "flush", "deletemerge"),
    *("secure-delete", "integrity-check", "maxpending", "nodesize", "hashsize"),
)
_VARYING = words_of(
    "random randomblob changes total_changes last_insert_rowid date time datetime julianday strftime unixepoch"
    " timediff raise"
)
_VARYING_WORDS = frozenset(("select", "exists", "current_date", "current_time", "current_timestamp"))


@frozen
class IndexOf:
    """A full-text index of the text in another table: its name and columns, that table, and its column with the id."""

    name: str
    columns: tuple[str, ...]
    content: Table
    key: str

    @property
    def keys(self) -> frozenset[str]:
        """The names in lower case of the column that has the id."""
        key, own = folded(self.key), folded(self.content.integer_key or "")
        return frozenset({key, own, *ROWIDS} - {""}) if key in {own, *ROWIDS} else frozenset({key})


@frozen
class Part:
    """One of the conditions that all have to hold. ``told`` is true where the rows new and old tell it."""

    text: str
    cut: tuple[str, ...]
    rows: frozenset[str]
    told: bool

    def of_new(self) -> bool:
        """True if the row new alone tells it."""
        return self.told and self.rows <= {"new"}


@frozen
class Step:
    """A statement of a trigger that puts a row into the index, or takes one out.

    ``values`` are the SQL of what is put into each of ``columns``, None for one that no row ``new`` tells. ``is_blind``
    is true of one that takes a row out whether it is in or not.
    """

    trigger: str
    event: str
    puts: bool
    parts: tuple[Part, ...]
    columns: tuple[str, ...] = ()
    values: tuple[str | None, ...] = ()
    is_blind: bool = False


@dataclass(slots=True)
class Steps:
    """The statements of the triggers on the table of an index, those of other triggers, and what is not understood."""

    own: list[Step] = field(default_factory=list)
    others: list[Step] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    def of(self, event: str, puts: bool) -> list[Step]:
        """Those on the table that run on an event, and put rows in, or take them out."""
        return [step for step in self.own if step.event == event and step.puts == puts]


def steps_of(schema: Schema, index: IndexOf) -> Steps:
    """What triggers do to an index, and what of it is not understood."""
    found, name = Steps(), folded(index.name)
    for table in schema.tables:
        for trigger in table.triggers:
            if name not in folded(trigger.sql):
                continue
            own, text = table.name == index.content.name, None
            try:
                text = read_trigger(trigger.sql)
                steps = [
                    step
                    for statement in text.statements
                    if statement.table is not None and folded(statement.table) == name
                    and (own or text.event != "delete" or index.content.kind != "view")
                    and (step := _step(index, trigger, text, statement))
                ]  # fmt: skip
            except DdlError as error:
                if own and text is not None and text.event == "delete":
                    continue  # the row is gone then, whatever it does
                found.untold.append(f"the trigger {trigger.name}: {error}")
                continue
            (found.own if own else found.others).extend(steps)
    return found


# -- one statement ------------------------------------------------------------------------------------------------


def _step(index: IndexOf, trigger: Trigger, text: TriggerText, statement: TriggerStatement) -> Step | None:
    """What a statement of a trigger does to the index; None where it changes none of its rows.

    Raises:
        DdlError: that is not understood.
    """
    cut = tokens(statement.text)
    parts = [_part(part, text.when) for part in _conjuncts(tokens(text.when))] if text.when else []
    if text.columns:
        parts.append(Part("", ("of", *sorted(map(folded, text.columns))), frozenset(), False))
    if statement.verb == "delete":
        _require_one_row(index, cut)
        finds = text.timing == "before" or text.event == "update"  # after a DELETE the row is gone, and nothing is done
        return Step(trigger.name, text.event, False, tuple(parts), is_blind=finds)
    if statement.verb != "insert":
        raise DdlError(f"sqlfix does not understand what its {statement.verb.upper()} does to the index")
    at = 1 + next(at for at, token in enumerate(cut) if token.word == "into")
    at += 3 if cut[at + 1].word == "." else 1
    if cut[at].word != "(":
        raise DdlError("its INSERT names no columns")
    columns, end = in_parentheses(cut[at:])
    names = tuple(folded(column[0].name or "") for column in columns)
    values, more, own = _values(index, statement.text, cut[at + end :])
    if len(values) != len(names):
        raise DdlError("its INSERT does not have as many values as columns")
    given = dict(zip(names, values, strict=True))
    parts += more
    if folded(index.name) in names:
        command = _command(given[folded(index.name)])
        return Step(trigger.name, text.event, False, tuple(parts), is_blind=True) if command == "delete" else None
    ids = [given[name] for name in ROWIDS & given.keys()]
    if text.event == "delete" or not any(_column(one) in index.keys and not _is_of(one, "old") for one in ids):
        raise DdlError("sqlfix does not understand which row its INSERT adds")
    told = tuple(_value(statement.text, value, own) for value in given.values())
    return Step(trigger.name, text.event, True, tuple(parts), names, told)


def _require_one_row(index: IndexOf, cut: Sequence[Token]) -> None:
    """Raise DdlError unless a DELETE takes out just the row that the trigger runs for."""
    where = next((at for at, token in enumerate(cut) if token.word == "where"), len(cut))
    sides = _equated(cut[where + 1 :])
    if not any(
        _column(one) in ROWIDS and _is_of(other, "old") and _column(other) in index.keys for one, other in sides
    ):
        raise DdlError("sqlfix does not understand which rows its DELETE removes")


def _equated(cut: Sequence[Token]) -> list[tuple[list[Token], list[Token]]]:
    """The two sides of a condition that says that one thing equals another, either way round; empty for any other."""
    at = next((at for at, token in enumerate(cut) if token.word in ("=", "==")), None)
    if at is None:
        return []
    one, other = list(cut[:at]), list(cut[at + 1 :])
    return [(one, other), (other, one)]


def _column(value: Sequence[Token]) -> str:
    """The name in lower case of the column that a value is, with a qualifier or without; empty for anything else."""
    qualified = len(value) == 3 and value[1].word == "."
    if (len(value) != 1 and not qualified) or value[-1].text.startswith("'"):
        return ""
    return folded(value[-1].name or "")


def _is_of(value: Sequence[Token], *rows: str) -> bool:
    """True for a column with one of these qualifiers."""
    return len(value) == 3 and value[1].word == "." and folded(value[0].name or "") in rows


def _command(value: Sequence[Token]) -> str:
    """What an INSERT into the column that has the index's own name does: delete, or nothing to its rows.

    Raises:
        DdlError: it does more, or that is not told.
    """
    text = value[0].name if len(value) == 1 and value[0].text.startswith("'") else None
    command = folded(text or "").partition("=")[0]
    if command != "delete" and command not in _HARMLESS_COMMANDS:
        raise DdlError(f"the command {command or 'that it gives'} is not understood")
    return command


_Given = tuple[list[list[Token]], list["Part"], frozenset[str]]
"""The tokens of each value, the conditions of a SELECT, and the names of the table that it reads the row from."""
_SET_WORDS = frozenset(("union", "except", "intersect", "group", "order", "limit", "having", "window", "join"))


def _values(index: IndexOf, sql: str, cut: list[Token]) -> _Given:
    """What an INSERT gives.

    Raises:
        DdlError: that is not understood.
    """
    if cut and cut[0].word == "values":
        values, end = in_parentheses(cut[1:])
        if len(cut) > 1 + end:
            raise DdlError("its INSERT adds several rows")
        return values, [], frozenset()
    if not cut or cut[0].word != "select":
        raise DdlError("its INSERT is not understood")
    clauses: dict[str, list[Token]] = {"select": []}
    clause, depth = "select", 0
    for token in cut[1:]:
        depth += (token.word == "(") - (token.word == ")")
        if depth == 0 and token.word in _SET_WORDS:
            raise DdlError(f"its SELECT with {token.word.upper()} is not understood")
        if depth == 0 and token.word in ("from", "where"):
            clause = token.word
            clauses[clause] = []
        else:
            clauses[clause].append(token)
    values, where = split(clauses["select"], ","), clauses.get("where", [])
    if "from" in clauses:
        conditions, own = _of_same_row(index, sql, clauses["from"], where)
        return values, conditions, own
    return values, [_part(part, sql) for part in _conjuncts(where)], frozenset()


CLOSE = Token(")", ")", None, 0, 0)


def _of_same_row(
    index: IndexOf, sql: str, source: list[Token], where: list[Token]
) -> tuple[list[Part], frozenset[str]]:
    """The conditions of a SELECT that reads the row from the table again, and the names of the table in it.

    Raises:
        DdlError: it reads something else.
    """
    named = [folded(token.name or "") for token in source if token.word != "as"]
    own = frozenset(named)
    conditions = _conjuncts(where)
    further = [part for part in conditions if not _says_same_row(index, part, own)]
    if not 1 <= len(named) <= 2 or named[0] != folded(index.content.name) or len(further) == len(conditions):
        raise DdlError("its SELECT reads more than the row")
    if not further:
        return [], own
    part = _part(where, sql, own)
    text = f"EXISTS (SELECT 1 FROM {plain(sql, source)} WHERE {part.text})"
    return [Part(text, part.cut, part.rows, part.told)], own


def _says_same_row(index: IndexOf, part: Sequence[Token], own: frozenset[str]) -> bool:
    """True for a condition that the key of a row is that of the row which the trigger runs for."""
    return any(
        _column(one) in index.keys
        and (len(one) == 1 or _is_of(one, *own))
        and _column(other) in index.keys
        and _is_of(other, "new", "old")
        for one, other in _equated(part)
    )


def _value(sql: str, value: Sequence[Token], own: frozenset[str]) -> str | None:
    """The SQL over the row new of what is put into a column; None where the row does not tell it."""
    name = value[-1].name if _column(value) else None
    if name and (_is_of(value, "new", *own) or (own and value[0].word not in EXPRESSION_WORDS)):
        return f"new.{quote(name)}"
    part = _part(value, sql)
    return part.text if part.of_new() else None


# -- conditions ---------------------------------------------------------------------------------------------------


def _conjuncts(cut: Sequence[Token]) -> list[list[Token]]:
    """The conditions of which a condition is made by AND."""
    cut = list(cut)
    while cut and cut[0].word == "(" and in_parentheses(cut)[1] == len(cut):
        cut = cut[1:-1]
    if any(len(split(cut, word)) > 1 for word in ("or", "between", "case")):
        return [cut]
    parts = split(cut, "and")
    if len(parts) == 1:
        return [part for part in parts if part]
    return [one for part in parts for one in _conjuncts(part)]


def _part(cut: Sequence[Token], sql: str, own: frozenset[str] = frozenset()) -> Part:
    """A condition, and whether the rows new and old tell it; ``own`` are the names of a table that it also reads."""
    rows, told = set(), True
    words = [token.word or folded(token.name or token.text) for token in cut]
    for at, token in enumerate(cut):
        before, after = words[at - 1] if at else "", words[at + 1] if at + 1 < len(cut) else ""
        name = folded(token.name or "")
        if token.word in _VARYING_WORDS or (after == "(" and name in _VARYING):
            told = False
        elif token.name is None or token.text.startswith("'") or before in (".", "collate", "as"):
            continue
        elif after == ".":
            if name in ("new", "old"):
                rows.add(name)
            told = told and name in {"new", "old", *own}
        elif after != "(" and token.word not in EXPRESSION_WORDS and not own:
            told = False  # a string in double quotes, which might be taken for a column
    key = tuple(folded(t.name) if t.name is not None and not t.text.startswith("'") else t.text for t in cut)
    return Part(plain(sql, cut), key, frozenset(rows), told)
