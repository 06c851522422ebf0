"""Android's own SQLite: its texts hold SQLite's messages as they are."""

from __future__ import annotations

from sqlfix.explain.errors.dialect import DIALECTS, Dialect

_MARKS = ("android.database.sqlite", "(code 787")
DIALECTS.add("android", Dialect("Android", 110, _MARKS))
