"""Drizzle: it prints the parameters on a line of their own, texts without quotes."""

from __future__ import annotations

from sqlfix.explain.errors.dialect import DIALECTS, Dialect, Listed
from sqlfix.explain.errors.printed_values import LONGEST, bare_list

_LIST = Listed(rf"(?m)^params: (?P<list>(?!\[)[^\n]{{1,{LONGEST}}})$", bare_list)
DIALECTS.add("drizzle", Dialect("Drizzle", 80, ("DrizzleQueryError", "drizzle-orm"), parameters=_LIST))
