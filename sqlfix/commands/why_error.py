"""The part of `sqlfix why` that starts from an error message instead of a row."""

from __future__ import annotations

import os
import stat
import sys

import click

from sqlfix.commands.opening import opened
from sqlfix.commands.options import FileOptions
from sqlfix.explain.errors.causes import explain_error
from sqlfix.explain.errors.pasted_text import MOST_TEXT
from sqlfix.explain.errors.recognise import recognised_in
from sqlfix.prose.documents import Answer

STDIN = "-"


def error_text(given: str | None, alone: bool) -> str | None:
    """The text of ``--error``, or what stdin holds for ``-``; None where nothing is asked about an error.

    Args:
        given: the option, or None without it.
        alone: that no table is given either: then what is piped in counts, if it is anything at all.
    """
    if given is None:
        return (_stdin().strip() or None) if alone and _piped() else None
    if given == STDIN and sys.stdin.isatty():
        click.echo("paste the message, and end it with Ctrl-D on a line of its own", err=True)
    return _stdin() if given == STDIN else given


def _piped() -> bool:
    """True where something is piped or redirected into this program; a terminal and /dev/null are neither."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _stdin() -> str:
    """What comes from stdin: of that, the end, which is more than is read of it, so that the rest is told from none."""
    raw = getattr(sys.stdin, "buffer", None)
    if raw is None:
        return sys.stdin.read()
    tail = b""
    while piece := raw.read(1 << 20):
        tail = (tail + piece)[-4 * (MOST_TEXT + 1) :]
    return bytes(tail).decode("utf-8", "replace")


def answer_error(file: FileOptions, text: str) -> int:
    """Say what causes an error message in a database; the exit code.

    Raises:
        Refused: where the text holds no message that is known.
    """
    if len(text) > MOST_TEXT:
        click.echo(f"note: only the last {MOST_TEXT:,} characters of that text are read", err=True)
    recognised = recognised_in(text)
    file.progress.say(f"looking for what causes: {recognised.message}")
    with opened(file) as database:
        explanation = explain_error(database, recognised)
    file.write(Answer(str(file.path), explanation))
    return explanation.exit_code
