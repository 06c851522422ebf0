"""Drizzle: it prints the parameters on a line of their own, texts without quotes."""

from __future__ import annotations

import re

from sqlfix.explain.errors.dialect import DIALECTS, Dialect
from sqlfix.explain.errors.printed_values import LONGEST, Printed, bare_list


def _parameters(text: str, at: int) -> Printed | None:
    match = re.compile(rf"^params: (?P<list>(?!\[)[^\n]{{1,{LONGEST}}})$", re.MULTILINE).search(text, at)
    return bare_list(match["list"], text[at : match.start()]) if match else None


DIALECTS.add("drizzle", Dialect("Drizzle", 80, ("DrizzleQueryError", "drizzle-orm"), parameters=_parameters))
