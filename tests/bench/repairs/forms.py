"""The ways in which a key gets spelled otherwise on its way through spreadsheets, drivers and migrations."""

from __future__ import annotations

import random
import unicodedata
import uuid
from collections.abc import Callable

from bench.repairs.work import Form


def _text(change: Callable[[str], str | bytes], only: Callable[[str], bool] = lambda key: True) -> Form:
    """A form of keys that are text, or numbers written as text; None for those that it leaves as they are."""

    def form(part: object, rng: random.Random) -> object:
        key = str(part) if isinstance(part, int) else part
        if not isinstance(key, str) or not key or not only(key):
            return None
        changed = change(key)
        return None if changed == key else changed

    return form


def _one_of(*changes: Callable[[str], str | bytes]) -> Form:
    """One form of several, by chance."""
    forms = [_text(change) for change in changes]
    return lambda part, rng: rng.choice(forms)(part, rng)


def _is_number(key: str) -> bool:
    return key.isascii() and key.isdigit()


def guid(part: object) -> uuid.UUID | None:
    """The GUID that a key is, as text or as 16 bytes."""
    if isinstance(part, bytes) and len(part) == 16:
        return uuid.UUID(bytes=part)
    if isinstance(part, str) and len(part) in (32, 36):
        try:
            return uuid.UUID(part)
        except ValueError:
            return None
    return None


def _guid(change: Callable[[uuid.UUID, str], object], of_text: bool = True, of_bytes: bool = True) -> Form:
    def form(part: object, rng: random.Random) -> object:
        found = guid(part)
        if found is None or not (of_text if isinstance(part, str) else of_bytes):
            return None
        changed = change(found, part if isinstance(part, str) else str(found))
        return None if changed == part else changed

    return form


def _no_hyphens(one: uuid.UUID, key: str) -> str:
    """Without its hyphens, or with them where it has none."""
    return key.replace("-", "") if "-" in key else str(one)


FORMS: dict[str, Form] = {
    "blanks": _one_of(lambda k: f" {k}", lambda k: f"{k} ", lambda k: f"\t{k}", lambda k: f"{k}\r\n"),
    "no-break space": _one_of(lambda k: f"\u00a0{k}", lambda k: f"{k}\u00a0"),
    "byte order mark": _text(lambda k: f"\ufeff{k}"),
    "zero-width space": _one_of(lambda k: f"\u200b{k}", lambda k: f"{k}\u200b"),
    "blank inside": _text(lambda k: k.replace(" ", "\u00a0"), lambda k: " " in k),
    "case": _text(lambda k: k.lower() if k.lower() != k else k.upper(), str.isascii),
    "case beyond ASCII": _text(lambda k: k.upper().replace("SS", "ß"), lambda k: not k.isascii()),
    "NFC": _text(lambda k: unicodedata.normalize("NFD", k), lambda k: not k.isascii()),
    "quotes": _one_of(lambda k: f'"{k}"', lambda k: f"'{k}'"),
    "trailing NUL": _text(lambda k: f"{k}\0"),
    "text as BLOB": _text(lambda k: k.encode()),
    "GUID hyphens": _guid(_no_hyphens, of_bytes=False),
    "GUID braces": _guid(lambda one, k: f"{{{k}}}", of_bytes=False),
    "GUID urn": _guid(lambda one, k: one.urn, of_bytes=False),
    "GUID as BLOB": _guid(lambda one, k: one.bytes, of_bytes=False),
    "GUID as text": _guid(lambda one, k: str(one).upper(), of_text=False),
    "GUID byte order": _guid(lambda one, k: one.bytes_le),
    "12.0": _text(lambda k: f"{k}.0", _is_number),
    "+5": _text(lambda k: f"+{k}", _is_number),
    "leading zeros": _text(lambda k: k.lstrip("0") if k[0] == "0" else f"00{k}", _is_number),
}
"""By name. What a column of numbers reads as the same number is no damage, and is not counted."""


def any_form(part: object, rng: random.Random) -> object:
    """Any of the forms that fit."""
    fitting = [found for form in FORMS.values() if (found := form(part, rng)) is not None]
    return rng.choice(fitting) if fitting else None
