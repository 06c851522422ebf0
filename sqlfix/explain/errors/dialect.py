"""How a text tells which framework wrote it, and what its messages name: what `frameworks` is made of. Pure.

SQLite's own messages, which stand inside all of them, are in `sqlite_messages`.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from sqlfix.explain.errors.message import Kind, Recognised
from sqlfix.explain.errors.names import plain_columns, plain_name
from sqlfix.explain.errors.printed_values import Printed
from sqlfix.explain.errors.statement import Statement
from sqlfix.frozen import frozen

LONGEST_MESSAGE = 300
Named = Callable[[Mapping[str, str]], Mapping[str, Any]]
"""Given what the groups of a pattern hold, further fields of what is recognised, or others in their place."""


def one_line(text: str) -> str:
    """The beginning of a text, without its line breaks."""
    return " ".join(text[:LONGEST_MESSAGE].split())


def last_of(pattern: str, text: str, begin: int = 0, end: int | None = None) -> re.Match[str] | None:
    """The last place in a part of a text that a pattern fits."""
    found = deque(re.compile(pattern).finditer(text, begin, len(text) if end is None else end), maxlen=1)
    return found[0] if found else None


@frozen
class Said:
    """A text by which a message is known.

    ``marks`` are words of which one is in every text that ``pattern`` fits: without them nothing is searched. The
    groups of the pattern are called as the fields of `Recognised`; with a ``_`` before their name they are only for
    ``named``. Every repetition in it has an end, so that no text can make a search slow. ``ends`` says what of the
    ``subject`` is its own, or of all that was found where there is none.
    """

    kind: Kind
    marks: tuple[str, ...]
    pattern: str
    named: Named = lambda groups: {}
    ends: Callable[[str], str] | None = None

    def read(self, match: re.Match[str]) -> Recognised:
        """The message that was found, with what it names."""
        groups = {name: value for name, value in match.groupdict().items() if value is not None}
        fields = {name: value for name, value in groups.items() if name[0] != "_"}
        if "what" in fields:
            fields["what"] = fields["what"].lower()
        return Recognised(self.kind, one_line(self._message(match)), **{**fields, **self.named(groups)})

    def _message(self, match: re.Match[str]) -> str:
        if self.ends is None or ("subject" in match.re.groupindex and match["subject"] is None):
            return match[0]
        if "subject" not in match.re.groupindex:
            return self.ends(match[0])
        return match[0][: match.start("subject") - match.start()] + self.ends(match["subject"])


def columns_named(groups: Mapping[str, str]) -> Mapping[str, Any]:
    """``t.a, t.b``: the table and the columns."""
    table, columns, _ = plain_columns(groups.get("subject", ""))
    return {"table": table, "columns": columns}


def columns_said(subject: str) -> str:
    """``t.a, t.b`` at the beginning of a text, as it stands there."""
    return plain_columns(subject)[2]


def object_named(groups: Mapping[str, str]) -> Mapping[str, Any]:
    """One name; ``constraint`` is the object that SQLite names beside it, or else the name itself."""
    name = plain_name(groups.get("subject", ""))
    table = {"table": name.removeprefix("main.")} if groups.get("what", "").lower() == "table" else {}
    return {"constraint": groups.get("constraint") or name, **table}


def table_named(groups: Mapping[str, str]) -> Mapping[str, Any]:
    """The name of a table."""
    return {"table": plain_name(groups["subject"]).removeprefix("main.")}


def name_said(subject: str) -> str:
    """A name as it is printed, with the quotes that SQLite puts around it."""
    name = plain_name(subject)
    return f'"{name}"' if subject.startswith(('"', '\\"')) else name


@frozen
class Listed:
    """How parameters are printed: ``pattern`` finds them as its group ``list``, and ``read`` reads that.

    What is read is the list, and all that stands between the beginning of the statement and it. ``before`` says that it
    stands before the statement, ``beside`` that it stands on the line on which that begins.
    """

    pattern: str
    read: Callable[[str, str], Printed]
    before: bool = False
    beside: bool = False

    def find(self, text: str, at: int) -> Printed | None:
        """The parameters of the statement that begins at a place; None where there are none."""
        end = text.find("\n", at) if self.beside else -1
        match = (
            last_of(self.pattern, text, 0, at)
            if self.before
            else re.compile(self.pattern).search(text, at, end if end >= 0 else len(text))
        )
        return self.read(match["list"], text[at : match.start()]) if match else None


@frozen
class Dialect:
    """A framework, or a library between it and SQLite.

    ``marks`` are what is only in its texts. ``codes`` stand for a message where there is none, and ``columns`` finds
    those that are named beside it. ``parameters`` are those that are printed with a statement. ``called`` finds the
    call before a message that says what a statement would, and ``model`` the application's name for the table, near to
    it.
    """

    name: str
    marks: tuple[str, ...]
    messages: tuple[Said, ...] = ()
    codes: Mapping[str, Kind] = field(default_factory=dict)
    columns: Callable[[str, int], tuple[str, ...]] = lambda text, at: ()
    parameters: Listed | None = None
    called: Callable[[str, int], Statement | None] = lambda text, at: None
    model: Callable[[str, int], str | None] = lambda text, at: None
