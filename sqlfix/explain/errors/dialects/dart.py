"""Dart's SQLite, on which drift stands: it prints the parameters behind the statement, texts without quotes."""

from __future__ import annotations

from sqlfix.explain.errors.dialect import DIALECTS, Dialect, Listed
from sqlfix.explain.errors.printed_values import LONGEST, bare_list

_LIST = Listed(rf"(?m), parameters: (?P<list>(?!\[)[^\n]{{1,{LONGEST}}})$", bare_list)
DIALECTS.add("dart", Dialect("Dart", 85, ("SqliteException(",), parameters=_LIST))
