"""Ecto: it words the constraint that failed anew, and its log prints the parameters beside the statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlfix.explain.errors.dialect import DIALECTS, Dialect, Listed, Said
from sqlfix.explain.errors.message import Kind
from sqlfix.explain.errors.printed_values import LONGEST, plain_list

_FAILED = (
    r"constraint error when attempting to \w{{1,20}} struct:\s{{1,20}}\*\s{{1,4}}"
    r"(?:nil|\"?(?P<_name>[^\"\n(]{{0,300}}?)\"?)\s?\({}_constraint\)"
)
_KINDS = {"foreign_key": Kind.FOREIGN_KEY, "unique": Kind.UNIQUE, "check": Kind.CHECK}


def _named(groups: Mapping[str, str]) -> Mapping[str, Any]:
    """The name of an index or a CHECK; of a foreign key Ecto knows none that is in the file."""
    name = groups.get("_name", "").strip()
    return {"constraint": name or None, "subject": name}


DIALECTS.add(
    "ecto",
    Dialect(
        "Ecto",
        45,
        ("Ecto.", "Exqlite.", "(Sqlite.DbConnection"),
        tuple(
            Said(kind, ("constraint error when",), _FAILED.format(word), dict if word == "foreign_key" else _named)
            for word, kind in _KINDS.items()
        ),
        parameters=Listed(rf"(?<=[\d\"?);]) \[(?P<list>[^\n]{{0,{LONGEST}}})\]$", plain_list, beside=True),
    ),
)
