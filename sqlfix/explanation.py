"""What an error message means for one file, as a value; and how it is put before a person and before a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlfix.conditions import Condition, Pairs, Where
from sqlfix.display import (
    count,
    json_value,
    row_text,
    shown,
    shown_name,
    shown_value,
    typed_path,
    typed_words,
    wrapped,
)
from sqlfix.failed_statement import Statement
from sqlfix.message import Recognised
from sqlfix.model import NotChecked, NotUtf8, Row, Value
from sqlfix.statement_reader import PARAMETERS, WHERE

FORMAT_VERSION = 1
"""Raised when a key of the JSON changes its meaning or goes away; new keys do not raise it."""
NOTHING = "Nothing in {} causes it now."
"""What is said where all was looked at that could cause a message, and nothing does; {} is the name of the file."""
MOST_SHOWN = 12
"""How many causes are written out for a person; the JSON has them all."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """Something in the file that causes an error, or can.

    ``kind`` names the defect as a check does (``orphan-rows``, ``duplicate-keys``, …), or is ``references`` (sound
    rows that others refer to), ``new-row`` (what was to be written), ``trigger`` or ``view``. ``message`` is one
    sentence with the names as they are stored. ``count`` is the number of rows, 0 where none is at fault; ``sample``
    are up to five of them. ``command`` are the words of the command to go on with, without the database.
    """

    kind: str
    message: str
    table: str
    columns: tuple[str, ...] = ()
    parent: str | None = None
    parent_columns: tuple[str, ...] = ()
    count: int = 0
    sample: tuple[Row, ...] = ()
    hint: str | None = None
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """An error message, what it means, and what causes it in this file: the likeliest cause first.

    ``commands`` are commands to go on with where there is no cause to go on from. ``closing`` is what is said where
    there is none; {} stands for the name of the file.
    """

    recognised: Recognised
    database: str
    meaning: str
    culprits: tuple[Culprit, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    closing: str = NOTHING

    @property
    def exit_code(self) -> int:
        """0 where nothing in the file causes the message now, 1 where something does, 2 where that is not known."""
        return 1 if self.culprits else 2 if self.not_checked else 0


def key_word(key: Pairs) -> str:
    """A row's key as ``sqlfix why`` takes it: the value alone, or ``a=1,b=2``."""
    if len(key) == 1:
        return _word(key[0][1])
    return ",".join(f"{name}={_quoted(value)}" for name, value in key)


def _word(value: Value) -> str:
    if isinstance(value, NotUtf8):
        return _word(value.raw)
    return f"x'{value.hex()}'" if isinstance(value, bytes) else "" if value is None else str(value)


def _quoted(value: Value) -> str:
    word = _word(value)
    if isinstance(value, str) and ("," in word or "'" in word):
        return "'" + word.replace("'", "''") + "'"
    return word


def command_line(words: tuple[str, ...], database: str) -> str:
    """A command as it is typed: the name of the database follows the name of the command."""
    dashed = words[0] == "why" and any(word.startswith("-") for word in words[1:])
    return f"sqlfix {typed_words((words[0], *(('--',) if dashed else ()), typed_path(database), *words[1:]))}"


# -- for a person -------------------------------------------------------------------------------------------------


def as_text(explanation: Explanation, width: int = 80, unicode: bool = True) -> Iterator[str]:
    """The explanation for a terminal, line by line, each with its line break."""
    recognised = explanation.recognised
    whose = f" ({recognised.framework})" if recognised.framework else ""
    lines = [*wrapped(shown(recognised.message, unicode) + whose, width), *_about(recognised.statement, unicode), ""]
    lines += wrapped(shown(explanation.meaning, unicode), width)
    lines.append("")
    name, all_of_it = shown(explanation.database, unicode), explanation.culprits
    if not all_of_it:
        some = f"Nothing was found in {name} that causes it, but not all could be checked."
        lines.append(some if explanation.not_checked else explanation.closing.replace("{}", name))
    elif len(all_of_it) == 1:
        lines.append(f"What causes it in {name}:")
    else:
        lines.append(f"What can cause it in {name}, the likeliest first:")
    for place, culprit in enumerate(all_of_it[:MOST_SHOWN], 1):
        lines += _culprit(place, culprit, explanation.database, width, unicode)
    if len(all_of_it) > MOST_SHOWN:
        lines += ["", f"  and {count(len(all_of_it) - MOST_SHOWN)} more; --format json has them all"]
    if explanation.not_checked:
        lines += ["", "Not checked:"]
        for entry in explanation.not_checked:
            said = f"{shown_name(entry.subject, unicode)}: {shown(entry.reason, unicode)}"
            lines += wrapped(said, width, "  ", "    ")
    if explanation.commands:
        lines.append("")
        lines += (f"next:  {shown(command_line(c, explanation.database), unicode)}" for c in explanation.commands)
    yield from (f"{line}\n" for line in lines)


def _about(statement: Statement | None, unicode: bool) -> list[str]:
    if statement is None:
        return []
    verb = {"DELETE": "DELETE FROM", "INSERT": "INSERT INTO", "DROP": "DROP TABLE"}.get(statement.verb, statement.verb)
    more = f" AND {_dots(unicode)}" if {WHERE, PARAMETERS} & set(statement.unread) else ""
    where = f" WHERE {where_text(statement.where, unicode)}{more}" if statement.where and not statement.source else ""
    source = f" from {shown_name(statement.source, unicode)}" if statement.source else ""
    return [f"in: {verb} {shown_name(statement.table, unicode)}{source}{where}"]


def where_text(where: Where, unicode: bool = True) -> str:
    """Conditions for a person: ``id IN (7, 8)``, ``a=1, b=2``; of a long list, its beginning."""
    if not isinstance(where, Condition):
        equal = where.link == "AND" and all(isinstance(p, Condition) and p.operator == "=" for p in where.parts)
        parts = [where_text(part, unicode) for part in where.parts[:MOST_SHOWN]]
        parts = [p if isinstance(o, Condition) else f"({p})" for p, o in zip(parts, where.parts, strict=False)]
        more = [_dots(unicode)] if len(where.parts) > MOST_SHOWN else []
        return (", " if equal else f" {where.link} ").join([*parts, *more])
    name = shown_name(where.column, unicode)
    if where.query is not None:
        inner = f" WHERE {where_text(where.query.where, unicode)}" if where.query.where else ""
        of = f"{shown_name(where.query.column, unicode)} FROM {shown_name(where.query.table, unicode)}"
        return f"{name} {where.operator} (SELECT {of}{inner})"
    values = [shown_value(value, unicode) for value in where.values[:MOST_SHOWN]]
    if where.operator in ("IN", "NOT IN"):
        more = [_dots(unicode)] if len(where.values) > MOST_SHOWN else []
        return f"{name} {where.operator} ({', '.join([*values, *more])})"
    if len(values) > 1:  # of LIKE
        return f"{name} {where.operator} {values[0]} ESCAPE {values[1]}"
    return f"{name}={values[0]}" if where.operator == "=" else f"{name} {where.operator} {values[0]}"


def _dots(unicode: bool) -> str:
    return "…" if unicode else "..."


def _culprit(place: int, culprit: Culprit, database: str, width: int, unicode: bool) -> Iterator[str]:
    yield ""
    yield from wrapped(shown(culprit.message, unicode), width, f"{place:>3}. ", "     ")
    if culprit.sample:
        rows = "; ".join(row_text(row, unicode) for row in culprit.sample)
        more = (", …" if unicode else ", ...") if culprit.count > len(culprit.sample) else ""
        yield from wrapped(f"rows: {rows}{more}", width, "     ", "       ")
    if culprit.hint:
        yield from wrapped(f"hint: {shown(culprit.hint, unicode)}", width, "     ", "       ")
    if culprit.command:
        yield f"     next: {shown(command_line(culprit.command, database), unicode)}"


# -- for a program ------------------------------------------------------------------------------------------------


def as_object(explanation: Explanation) -> dict[str, object]:
    """The explanation for JSON."""
    recognised = explanation.recognised
    return {
        "format_version": FORMAT_VERSION,
        "database": explanation.database,
        "recognised": {
            "kind": recognised.kind.value,
            "framework": recognised.framework,
            "message": recognised.message,
            "table": recognised.table,
            "columns": [*recognised.columns],
            "parent": recognised.parent,
            "parent_columns": [*recognised.parent_columns],
            "key": recognised.row_key,
            "value": recognised.value,
            "constraint": recognised.constraint,
            "statement": _statement(recognised.statement),
        },
        "meaning": explanation.meaning,
        "culprits": [_culprit_object(culprit, explanation.database) for culprit in explanation.culprits],
        "not_checked": [{"subject": entry.subject, "reason": entry.reason} for entry in explanation.not_checked],
        "commands": [command_line(words, explanation.database) for words in explanation.commands],
    }


def _statement(statement: Statement | None) -> dict[str, object] | None:
    if statement is None:
        return None
    return {
        "verb": statement.verb,
        "table": statement.table,
        "where": _values(statement.equal),
        "condition": where_text(statement.where) if statement.where else None,
        "values": _values(statement.values),
        "rows": [_values(part.values) for part in statement.parts if part.values],
        "source": statement.source,
        "unread": [*statement.unread],
    }


def _values(pairs: Pairs) -> dict[str, object]:
    return {name: json_value(value) for name, value in pairs}


def _culprit_object(culprit: Culprit, database: str) -> dict[str, object]:
    return {
        "kind": culprit.kind,
        "message": culprit.message,
        "table": culprit.table,
        "columns": [*culprit.columns],
        "parent": culprit.parent,
        "parent_columns": [*culprit.parent_columns],
        "count": culprit.count,
        "sample": [{"key": _values(row.key), "values": _values(row.values)} for row in culprit.sample],
        "hint": culprit.hint,
        "command": command_line(culprit.command, database) if culprit.command else None,
    }
