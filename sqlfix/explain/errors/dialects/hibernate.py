"""Hibernate: its log prints each parameter on a line of its own, behind the statement."""

from __future__ import annotations

import re

from sqlfix.explain.errors.dialect import DIALECTS, Dialect, Listed
from sqlfix.explain.errors.printed_values import UNKNOWN, Parameter, Printed

_BOUND = (
    r"binding parameter [\[(](?P<place>\d{1,4})(?:\] as \[|:)(?P<type>\w{1,40})[\])] (?:<-|-)"
    r" \[(?P<value>[^\n]{0,900})\]"
)


def _in_order(printed: str, between: str) -> Printed:
    """The values by their places; only those that directly follow the statement are its own."""
    found = {int(m["place"]): _value(m["type"], m["value"]) for m in re.finditer(_BOUND, printed)}
    return Printed(([found.get(place, UNKNOWN) for place in range(1, max(found, default=0) + 1)],))


def _value(kind: str, text: str) -> Parameter:
    if text == "null":
        return None
    number = kind.endswith(("INT", "INTEGER")) and re.fullmatch(r"-?\d{1,18}", text)
    return int(text) if number else text


_LIST = Listed(
    r"(?P<list>(?:binding parameter [\[(]\d[^\n]{1,1000}(?:\n[^\n]{0,200}?(?=binding)|$|(?=\n))){1,50})", _in_order
)
DIALECTS.add("hibernate", Dialect("Hibernate", 125, ("org.hibernate.", "Hibernate: "), parameters=_LIST))
