"""Where the names in an error message end, and what a framework or a tool put behind them. Pure.

SQLite prints names without quotes, and whoever passes its message on writes on: ``users.nick (19)``,
``lost_table - while executing …``, ``lost_table" })``. A name that is an identifier ends where an identifier ends. A
name may hold anything else as well; which one of a file that is, only its schema can say (`named`).
"""

from __future__ import annotations

import re

from sqlfix.sql.tokens import unquoted

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
