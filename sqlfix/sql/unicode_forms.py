"""The functions that our connections have, for what SQL alone cannot say of the spelling of a key."""

from __future__ import annotations

import sqlite3
import unicodedata

MOST_CHARACTERS = 1000
"""Of a text beyond ASCII that is compared otherwise than it stands; to order its accents takes the square of these."""


def register(connection: sqlite3.Connection) -> None:
    """Give a connection our functions, which `trust` lets a schema call: they are pure, and never fail."""
    connection.create_function("sqlfix_composed", 2, _composed, deterministic=True)
    connection.create_function("sqlfix_caseless", 2, _caseless, deterministic=True)


def _composed(raw: object, letter_a: object) -> str | None:
    """A text in Unicode's composed form, every space of it as a blank, without characters that nobody sees."""
    text = _decoded(raw, letter_a)
    return text and unicodedata.normalize("NFC", text)


def _caseless(raw: object, letter_a: object) -> str | None:
    """The same without case, as Unicode compares it (https://www.unicode.org/versions/latest/, D145), composed."""
    text = _decoded(raw, letter_a)
    return text and unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def _decoded(raw: object, letter_a: object) -> str | None:
    """The text that is seen of some bytes, told the bytes of the letter a; None if there is none, or it is too long."""
    encoding = {b"a": "utf-8", b"a\x00": "utf-16-le", b"\x00a": "utf-16-be"}.get(
        letter_a if isinstance(letter_a, bytes) else b""
    )
    if encoding is None or not isinstance(raw, bytes):
        return None
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    if len(text) > MOST_CHARACTERS:
        return None
    return "".join(" " if c.isspace() else c for c in text if unicodedata.category(c) != "Cf")
