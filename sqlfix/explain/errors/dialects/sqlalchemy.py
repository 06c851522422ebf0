"""SQLAlchemy: it prints the parameters as Python writes them."""

from __future__ import annotations

from sqlfix.explain.errors.dialect import DIALECTS, Dialect, Listed
from sqlfix.explain.errors.printed_values import LONGEST, python_list

_MARKS = ("sqlalchemy.", "sqlalche.me", "[SQL: ")
_LIST = Listed(rf"\[parameters: (?P<list>[(\[{{][^\n]{{0,{LONGEST}}})\]", lambda printed, between: python_list(printed))
DIALECTS.add("sqlalchemy", Dialect("SQLAlchemy", 20, _MARKS, parameters=_LIST))
