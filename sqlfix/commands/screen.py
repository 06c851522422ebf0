"""The screen: how wide it is and what it can show, writing to it, and the one line of progress."""

import os
import sys
import time
from collections.abc import Iterable
from typing import Any

from sqlfix.commands.complaint import if_it_can_be_told
from sqlfix.prose.format import View
from sqlfix.text import cells, shown


def view_of(verbose: int) -> View:
    """How the output is looked at: the terminal's width, or 80 columns; colour only on a terminal without NO_COLOR."""
    terminal, columns = sys.stdout.isatty(), os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() else 80
    if terminal:
        import shutil  # it loads what it can compress with

        width = shutil.get_terminal_size((80, 24)).columns
    return View(
        width=max(width, 40),
        colour=terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
        unicode=_writes_unicode(),
        verbose=verbose,
    )


def _writes_unicode() -> bool:
    try:
        "→…".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write(pieces: Iterable[str], file: Any = None) -> None:
    """Write text piece by piece to stdout or a file, as it comes."""
    out = file or sys.stdout
    for piece in pieces:
        out.write(piece)
    out.flush()


class Progress:
    """One line on stderr that says what is being worked on; only on a terminal, and only after a second of work."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self._on = sys.stderr.isatty() and not quiet
        self._begun = self._stage = time.monotonic()
        self._done = self._last = 0.0
        self._text = ""
        self._shown = False
        self._meanwhile: list[str] = []
        self._since = 0.0

    def begin_again(self) -> None:
        """The time until now was somebody's who was asked, and not that of the work."""
        self._begun = self._stage = time.monotonic()

    def say(self, text: str) -> None:
        """What is being worked on now."""
        self._text = text
        self.sign()

    def part(self, done: float | None, now: str) -> None:
        """Which part of a stage of a scan is done, and what it does now; the time left is that of the same speed.

        Where less is done than before, another stage has begun; nobody knows how much it is for None.
        """
        if done is None:
            self.say(now)
            return
        clock = time.monotonic()
        if done < self._done:
            self._stage = clock
        self._done = done
        spent = clock - self._stage
        left = f", {spent / done - spent:.0f} s left" if 0.02 < done < 1 else ""
        self._text = f"{100 * done:.0f} %{left}: {now}"

    def meanwhile(self, lines: list[str]) -> None:
        """Lines to write above the line of progress if the rest of the work takes more than a second."""
        self._meanwhile, self._since = lines, time.monotonic()
        self.say("the slower checks")

    def sign(self) -> None:
        """Called often while work goes on; draws the line anew a few times a second."""
        now = time.monotonic()
        if not self._on or now - self._begun < 1 or now - self._last < 0.2:
            return
        self._last = now
        if self._meanwhile and now - self._since > 1:
            self.clear()
            sys.stderr.write("".join(f"{line}\n" for line in self._meanwhile))
            self._meanwhile = []
        self._shown = True
        sys.stderr.write(f"\r\x1b[K{_fitting(self._text, f' … {now - self._begun:.0f} s')}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away again."""
        if self._shown:
            self._shown = False
            with if_it_can_be_told():
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()

    def end(self) -> None:
        """Take the line away for good: something else is written to the terminal now."""
        self.clear()
        self._on = False


def _fitting(text: str, rest: str) -> str:
    """As much of a text as stands on one line of the terminal, and what has to follow it."""
    try:
        width = min(os.get_terminal_size(sys.stderr.fileno()).columns or 80, 80)
    except OSError:
        width = 80
    text = shown(text)
    while text and cells(text) + len(rest) >= width:
        text = text[:-1]
    return text + rest
