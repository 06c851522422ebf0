"""The triggers that raise a message themselves, to refuse a change: also one in the very words of SQLite."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlfix.explain.answers import Culprit
from sqlfix.explain.errors.inquiry import Asked
from sqlfix.explain.errors.missing import trigger_culprit
from sqlfix.sql.tokens import DdlError, has_words, tokens

_HINT = "see its text for when; no constraint is broken"


def raising(asked: Asked, said: str) -> Iterator[Culprit]:
    """The triggers whose RAISE has a text that stands in a message."""
    for table in asked.schema.tables:
        for trigger in table.triggers:
            if has_words(trigger.sql, "raise", "(") and any(_stands_in(text, said) for text in _texts(trigger.sql)):
                yield trigger_culprit(table, trigger, "raises this message", _HINT)


def raising_just(asked: Asked, message: str) -> Iterator[Culprit]:
    """The triggers whose RAISE has just the text of a message of SQLite's."""
    for table in asked.schema.tables:
        for trigger in table.triggers:
            if has_words(trigger.sql, "raise", "(") and message in map(_first_line, _texts(trigger.sql)):
                yield trigger_culprit(table, trigger, "raises this message, as SQLite itself would word it", _HINT)


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
