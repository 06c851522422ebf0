"""SQLAlchemy: it prints the parameters as Python writes them."""

from __future__ import annotations

import re

from sqlfix.explain.errors.dialect import DIALECTS, Dialect
from sqlfix.explain.errors.printed_values import LONGEST, Printed, python_list


def _parameters(text: str, at: int) -> Printed | None:
    match = re.compile(rf"\[parameters: (?P<list>[(\[{{][^\n]{{0,{LONGEST}}})\]").search(text, at)
    return python_list(match["list"]) if match else None


DIALECTS.add("sqlalchemy", Dialect("SQLAlchemy", 20, ("sqlalchemy.", "sqlalche.me", "[SQL: "), parameters=_parameters))
