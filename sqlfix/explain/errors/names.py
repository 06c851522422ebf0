"""The names in an error message: where they end, and which table and which columns of a file they mean.

SQLite prints names without quotes, and whoever passes its message on writes on: ``users.nick (19)``,
``lost_table - while executing …``, ``lost_table" })``. A name that is an identifier ends where an identifier ends. A
name may hold anything else as well; which one of a file that is, only its schema can say.
"""

import re
from collections.abc import Iterable

from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import folded
from sqlfix.schema.leftovers import built_from
from sqlfix.sql.tokens import DdlError, names_in, unquoted

LONGEST_SUBJECT = 2_000
_LONGEST_LINE = 1_000

_IDENTIFIER = r"[\w$]{1,300}(?:-[\w$]{1,300}){0,20}"
_NAME = re.compile(rf"(?:{_IDENTIFIER})(?:\.{_IDENTIFIER}){{0,5}}(?:\(\))?")
_QUOTED = re.compile(
    r"\\?(?:\"(?:[^\"\n\\]|\"\"|\\(?!\")){1,300}\\?\"|`(?:[^`\n]|``){1,300}`|\[[^]\n]{1,300}\]|'(?:[^'\n]|''){1,300}')"
)
_COLUMN = re.compile(rf"(?P<table>[^.\n]{{1,300}})\.(?P<column>{_IDENTIFIER})")
_BEHIND = (
    r"\(code:? \d{1,4}\b",  # Android, SQLite.swift
    r"(?<=[^<>=+*/,(|&-] )\(\d{1,4}\)",  # the sqlite3 shell, Go
    r"\((?:Connection|SQL|Error code|at offset|Background)\b",  # Laravel, Plex, libSQL, SQLAlchemy
    r"\((?:(?:INSERT|REPLACE) (?:OR \w{1,9} )?INTO|UPDATE|DELETE FROM|RELEASE) [\"`\[\w]",  # DB Browser
    r"[-–] while executing\b",  # GRDB
    r", constraint failed \(code \d",  # Dart
    r":? ?, while compiling\b",  # Android
    r": SQLITE_[A-Z]",  # Cloudflare D1
    r"\[(?:SQL|code|parameters)\b",  # SQLAlchemy, D1
    r", (?:SQL|sql|errno|code|detail|query)\b",
    r": (?:INSERT|UPDATE|DELETE|REPLACE|COMMIT|SELECT|CREATE|ALTER|DROP)\b",  # Rails
    r"in [\"`'](?=\w)",  # sqlite.swift, node
    r"in (?:INSERT|UPDATE|DELETE|REPLACE|SELECT|CREATE|ALTER|DROP) [^\n]{1,900} at offset\b",  # rusqlite
    r"in /\S{1,300}:\d",  # PHP
    r"at \S{1,300} line \d",  # Perl
    r"Unable to (?:execute|fetch)\b",  # Qt
    r"UserInfo=",  # Apple
    r"[\"'] ?\}?\)",
    r"'\.(?=[\s\"\\]|$)",
    r"\\n",
)
"""What frameworks and tools put behind SQLite's text, where that is no name but an expression or a sentence."""
_END = re.compile("|".join(rf"(?:{part})" for part in _BEHIND))
_LAST = re.compile(r"(?:[\"'`],?|\)| ?\{)$")


def plain_text(subject: str) -> str:
    """The first line of a text of any form, without what a framework or a tool put behind it."""
    line = subject.partition("\n")[0][:_LONGEST_LINE]
    match = _END.search(line)
    line = (line[: match.start()] if match else line).rstrip(" \t\r,:")
    if match is None and (last := _LAST.search(line)) and not _closes_what_opens(line, last[0]):
        line = line[: last.start()].rstrip()
    return line.strip()


def _closes_what_opens(line: str, last: str) -> bool:
    """True where the last character belongs to the text itself: the parenthesis of an expression, a pair of quotes."""
    if last == ")":
        return line.count("(") >= line.count(")")
    return last in ("'", '"', "`") and line.count(last) % 2 == 0


def plain_name(subject: str) -> str:
    """The name that a text begins with: an identifier, with or without the name of its schema, or one in quotes."""
    if quoted := _QUOTED.match(subject):
        return unquoted(quoted[0].replace('\\"', '"'))
    found = _NAME.match(subject)
    return found[0] if found else plain_text(subject)


def plain_columns(subject: str) -> tuple[str | None, tuple[str, ...], str]:
    """``t.a, t.b`` at the beginning of a text: the table, its columns, and that beginning."""
    found: list[str] = []
    table, at = None, 0
    while match := _COLUMN.match(subject, at):
        if table is not None and match["table"] != table:
            break
        table, at = match["table"], match.end()
        found.append(match["column"])
        if not subject.startswith(", ", at):
            break
        at += 2
    if table is None:
        name = plain_name(subject)
        return None, (name,) if name else (), name
    return table, tuple(found), ", ".join(f"{table}.{name}" for name in found)


def names_in_list(text: str) -> tuple[str, ...]:
    """The names of a list with commas, without their quotes."""
    return tuple(name for part in text.split(",") if (name := part.strip(" `'\"")))


# -- which table and which columns of a file that is --------------------------------------------------------------


def find_table(schema: Schema, name: str | None) -> Table | None:
    """The table of that name, or the one that a migration builds anew under that name (``new__t``); or None."""
    if name is None:
        return None
    plain = name.removeprefix("main.")
    if found := schema.table(name) or schema.table(plain):
        return found
    return built_from(schema, plain)


def find_model(schema: Schema, name: str | None) -> Table | None:
    """The table that an application calls by a name of its own: ``OrderItem`` for ``order_items``; or None."""
    if name is None:
        return None
    wanted = _without_marks(name)
    forms = {wanted, f"{wanted}s", f"{wanted}es", re.sub(r"y$", "ies", wanted)}
    fitting = [t for t in schema.tables if t.kind == "table" and _without_marks(t.name) in forms]
    return find_table(schema, name) or (fitting[0] if len(fitting) == 1 else None)


def find_models(schema: Schema, name: str) -> tuple[Table, ...]:
    """The same; or else all tables with that name behind that of an app, as Django calls them: ``shop_orderitem``."""
    found = find_model(schema, name)
    ending = f"_{folded(name)}"
    return (
        (found,) if found else tuple(t for t in schema.tables if t.kind == "table" and folded(t.name).endswith(ending))
    )


def _without_marks(name: str) -> str:
    return folded(name).replace("_", "")


def find_columns(schema: Schema, subject: str) -> tuple[Table, tuple[str, ...]] | None:
    """The table and the columns that ``t.a, t.b`` means, whatever stands after it; or None.

    Names may hold points and commas, so the schema's own names are looked for. Of a table that a migration was building
    the columns may be new: they are given as they stand.
    """
    for table in sorted(schema.tables, key=lambda table: -len(table.name)):
        if columns := _columns(table, table.name, subject):
            return table, columns
    called, columns, _ = plain_columns(subject)
    named = find_table(schema, called)
    if called is None or named is None or named.kind != "table":
        return None
    return named, _columns(named, called, subject) or columns


def _columns(table: Table, called: str, subject: str) -> tuple[str, ...]:
    """The columns of a subject in which the table is called so; none if it does not begin with one."""
    rest, found = subject, []
    known = sorted({*(c.name for c in table.columns), *table.row_id}, key=len, reverse=True)
    while folded(rest).startswith(f"{folded(called)}."):
        rest = rest[len(called) + 1 :]
        column = next((name for name in known if _begins(rest, name)), None)
        if column is None:
            return ()
        found.append(column)
        if not rest[len(column) :].startswith(", "):
            break
        rest = rest[len(column) + 2 :]
    return tuple(found)


def named_in(schema: Schema, subject: str) -> str:
    """The beginning of a subject that names columns of a table which the file has, as long as these names are."""
    found = find_columns(schema, subject)
    if found is None or not folded(subject).startswith(f"{folded(found[0].name)}."):
        return ""
    return ", ".join(f"{found[0].name}.{name}" for name in found[1])


def spoken_of(schema: Schema, subject: str) -> str | None:
    """The longest name with which a subject begins of all that the schema speaks of, whether it is there or not.

    A message does not say where a name ends that is no identifier: ``no such table: order items (code 1)``.
    """
    plain = subject.removeprefix("main.")
    known = {fk.parent for fk in schema.foreign_keys}
    for table in schema.tables:
        known.add(table.name)
        for sql in (table.sql if table.kind == "view" else "", *(trigger.sql for trigger in table.triggers)):
            try:
                known |= names_in(sql) if sql else set()
            except DdlError:
                continue
    fitting = [name for name in known if name and _begins(plain, name) and not plain.startswith(".", len(name))]
    longest = max(fitting, key=len, default=None)
    return plain[: len(longest)] if longest is not None else None


def _begins(text: str, name: str) -> bool:
    return folded(text).startswith(folded(name)) and re.match(r"\w", text[len(name) :]) is None


def known_columns(table: Table, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are columns of the table, as they are spelled there."""
    return tuple(column.name for name in names if (column := table.column(name)) is not None)
