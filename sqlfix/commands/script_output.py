"""Writing a script: to a file, or to stdout as the sqlite3 shell reads it; or not at all, where it would not arrive."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from sqlfix.errors import Refused
from sqlfix.text import shown

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal would act upon; a name cannot be written without it, and as an escape it would be another name."""
_QUOTED = re.compile(r"""--[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^]]*\]""", re.DOTALL)
_LONGEST_SHOWN = 60


def write_script(lines: Iterable[str], output: Path | None = None, known: Iterable[str] | None = None) -> None:
    """Write a script; where it cannot arrive as it is, nothing is written.

    Args:
        lines: with their line ends.
        known: all that stands in the lines and was not made for them (its statements, its names), where the lines are
            too many to be looked at before the first is written.

    Raises:
        Refused: it would not arrive as it is, or cannot be written.
    """
    if known is None:
        known = lines = list(lines)
    _require_carried(known, to_terminal=output is None and sys.stdout.isatty())
    if output is None:
        _to_stdout(lines)
        return
    try:
        with output.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(lines)
    except OSError as error:
        raise Refused(f"cannot write {output}: {error.strerror or error}") from None


def _to_stdout(lines: Iterable[str]) -> None:
    """In UTF-8 and with no other line ends, whatever the locale and the system."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    sys.stdout.writelines(lines)
    sys.stdout.flush()


def _require_carried(lines: Iterable[str], to_terminal: bool) -> None:
    """Raise Refused where the sqlite3 shell would read something else, or a terminal would act upon it.

    The shell makes LF of CR LF, in the middle of a name as well; SQL has no escapes for names. Outside of quotes that
    changes nothing.
    """
    for line in lines:
        quoted = (found[0] for found in _QUOTED.finditer(line) if not found[0].startswith(("--", "/*")))
        if "\r\n" in line and (part := next((text for text in quoted if "\r\n" in text), None)):
            raise Refused(
                f"no script can contain {_cut(part)}: the sqlite3 shell would turn its CR LF into LF",
                f"SQL has no other way to write that name, but sqlfix can do without a script: {_without_script()}",
            )
        if to_terminal and CONTROLS.search(line):
            part = next((text for text in quoted if CONTROLS.search(text)), line.rstrip("\n"))
            raise Refused(
                f"{_cut(part)} contains characters that a terminal would act on, and SQL cannot escape them in a name",
                "write the script to a file: … > script.sql",
            )


def _without_script() -> str:
    """The command that does what a script of this one would do."""
    name = click.get_current_context().info_name or ""
    return {"export-sql": "sqlfix repair", "why": "sqlfix why … --delete"}.get(name, f"sqlfix {name} without --sql")


def _cut(text: str) -> str:
    """So much of a text as fits into a sentence."""
    return shown(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")
