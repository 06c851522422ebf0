"""What the integrity check of SQLite says that is no damage."""

from __future__ import annotations

import re

NO_DAMAGE = re.compile(
    r"NULL value in |CHECK constraint failed in |(non-\w+|NUMERIC|TEXT) value in "
    r"|wrong # of entries in index |row \d+ missing from index |non-unique entry in index "
)
"""What quick_check says of a file whose structure is whole.

Rows that break a NOT NULL, a CHECK or a STRICT type are a fault of their own; and so is an index that disagrees with
its table, of which quick_check speaks since SQLite 3.42: REINDEX mends it.
"""
