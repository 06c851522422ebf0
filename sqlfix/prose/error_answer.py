"""What an error message means for one file, as a value; and how it is put before a person and before a program."""

from __future__ import annotations

from collections.abc import Iterator

from sqlfix.explain.answers import Culprit, Explanation
from sqlfix.explain.errors.condition_text import MOST_SHOWN, dots, where_text
from sqlfix.explain.errors.statement import Statement
from sqlfix.explain.errors.statement_reader import PARAMETERS, WHERE
from sqlfix.model.values import Pairs
from sqlfix.text import count, json_value, row_text, shown, shown_name, typed_path, typed_words, wrapped

FORMAT_VERSION = 1
"""Raised when a key of the JSON changes its meaning or goes away; new keys do not raise it."""


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
    more = f" AND {dots(unicode)}" if {WHERE, PARAMETERS} & set(statement.unread) else ""
    where = f" WHERE {where_text(statement.where, unicode)}{more}" if statement.where and not statement.source else ""
    source = f" from {shown_name(statement.source, unicode)}" if statement.source else ""
    return [f"in: {verb} {shown_name(statement.table, unicode)}{source}{where}"]


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
