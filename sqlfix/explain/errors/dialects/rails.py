"""Rails: ActiveRecord's errors, its check of foreign keys, and the pairs of names and values that it logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlfix.explain.errors.dialect import DIALECTS, Dialect, Listed, Said
from sqlfix.explain.errors.message import Kind
from sqlfix.explain.errors.names import names_in_list, plain_text
from sqlfix.explain.errors.printed_values import LONGEST, Printed, python_value, split_list


def _tables(groups: Mapping[str, str]) -> Mapping[str, Any]:
    names = tuple(dict.fromkeys(names_in_list(plain_text(groups["subject"]))))
    return {"subject": "", "tables": names, "table": names[0] if len(names) == 1 else None}


def _pairs(printed: str, between: str) -> Printed:
    """``["id", 7], ["name", "x"]``: names and values."""
    pairs = [split_list(part.strip()[1:-1]) for part in split_list(printed)]
    return Printed(([python_value(pair[-1]) for pair in pairs],))


_OF_THE_GEM = tuple(
    f"SQLite3::{kind}Exception" for kind in ("Constraint", "SQL", "Corrupt", "Busy", "ReadOnly", "CantOpen")
)
DIALECTS.add(
    "rails",
    Dialect(
        "Rails",
        40,
        ("ActiveRecord::", *_OF_THE_GEM, "activerecord", "Foreign key violations found: "),
        (
            Said(
                Kind.FOREIGN_KEY,
                ("violations found",),
                r"Foreign key violations found: (?P<subject>[^\n]{1,1000})",
                _tables,
                plain_text,
            ),
        ),
        {
            "ActiveRecord::InvalidForeignKey": Kind.FOREIGN_KEY,
            "ActiveRecord::NotNullViolation": Kind.NOT_NULL,
            "ActiveRecord::RecordNotUnique": Kind.UNIQUE,
        },
        parameters=Listed(rf"(?<!\[)\[(?P<list>\[\"\w[^\n]{{0,{LONGEST}}}\])\]", _pairs),
    ),
)
