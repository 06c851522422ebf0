"""EF Core: it logs the parameters before the statement."""

from __future__ import annotations

import re

from sqlfix.explain.errors.dialect import DIALECTS, Dialect, Listed
from sqlfix.explain.errors.printed_values import LONGEST, UNKNOWN, Parameter, Printed, split_list


def _named(printed: str, between: str) -> Printed:
    """``@p0='7', @p1='x'``: names and values."""
    named = (part.partition("=") for part in split_list(printed))
    return Printed(({name.strip().lstrip("@"): _value(value) for name, _, value in named},))


_GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def _value(text: str) -> Parameter:
    match = re.match(r"'(.*?)'(?=$|\s*\()|NULL", text.strip())
    if match is None or match[1] == "?":  # which is printed where the values are held to be secrets
        return UNKNOWN
    if match[1] and re.fullmatch(_GUID, match[1]) and "(Size" not in text:
        return match[1].upper()  # not a text, of which the size is told, but a Guid: SQLite is given it in upper case
    return None if match[1] is None else int(match[1]) if re.fullmatch(r"-?\d{1,18}", match[1]) else match[1]


_MARKS = ("Microsoft.EntityFrameworkCore", "Microsoft.Data.Sqlite", "SQLite Error ")
_LIST = Listed(rf"\[Parameters=\[(?P<list>@[^\n]{{0,{LONGEST}}})\], CommandType", _named, before=True)
DIALECTS.add("ef-core", Dialect("EF Core", 90, _MARKS, parameters=_LIST))
