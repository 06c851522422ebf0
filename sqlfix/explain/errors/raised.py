"""The triggers that raise a message themselves, to refuse a change: also one in the very words of SQLite."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sqlfix.explain.answers import Culprit
from sqlfix.explain.errors.inquiry import Asked, trigger_culprit
from sqlfix.sql.tokens import DdlError, has_words, tokens


def raising(asked: Asked, said: str) -> Iterator[Culprit]:
    """The triggers whose RAISE has a text that stands in a message."""
    return _raising(asked, lambda text: _stands_in(text, said), "raises this message")


def raising_just(asked: Asked, message: str) -> Iterator[Culprit]:
    """The triggers whose RAISE has just the text of a message of SQLite's."""
    what = "raises this message, as SQLite itself would word it"
    return _raising(asked, lambda text: message == _first_line(text), what)


def _raising(asked: Asked, meant: Callable[[str], bool], what: str) -> Iterator[Culprit]:
    for table in asked.schema.tables:
        for trigger in table.triggers:
            if has_words(trigger.sql, "raise", "(") and any(map(meant, _texts(trigger.sql))):
                yield trigger_culprit(table, trigger, what, "see its text for when; no constraint is broken")


def _texts(sql: str) -> list[str]:
    """The texts that a trigger raises: ``RAISE(ABORT, 'text')``; of a text that cannot be read, all of it."""
    try:
        cut = tokens(sql)
    except DdlError:
        return [sql]
    return [
        cut[at + 4].name or ""
        for at in range(len(cut) - 4)
        if cut[at].word == "raise" and cut[at + 1].word == "(" and cut[at + 3].word == ","
    ]


def _first_line(text: str) -> str:
    return " ".join(text.partition("\n")[0].split())


def _stands_in(text: str, said: str) -> bool:
    """True if a text, or the first of its lines, stands in a message by whole words."""
    line = _first_line(text)
    return bool(line) and re.search(rf"(?<!\w){re.escape(line)}(?!\w)", " ".join(said.split())) is not None
