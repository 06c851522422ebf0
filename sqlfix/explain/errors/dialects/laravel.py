"""Laravel: its texts hold SQLite's messages as they are, and the values in the SQL, or in Laravel 4 behind it."""

from __future__ import annotations

import re

from sqlfix.explain.errors.dialect import DIALECTS, Dialect, Listed
from sqlfix.explain.errors.printed_values import LONGEST, Printed, python_value, split_list


def _array(printed: str, between: str) -> Printed:
    """``0 => 7, 1 => 'x', ``: places and values."""
    return Printed(([python_value(re.sub(r"^\d+ => ", "", part)) for part in split_list(printed) if part],))


_LIST = Listed(rf"\(Bindings: array ?\((?P<list>(?s:.{{0,{LONGEST}}}?))\)\s*\)", _array)
DIALECTS.add("laravel", Dialect("Laravel", 120, ("Illuminate\\", "(Connection: ", " (SQL: "), parameters=_LIST))
