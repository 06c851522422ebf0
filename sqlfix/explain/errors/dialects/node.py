"""The drivers of Node: their texts hold SQLite's messages as they are."""

from __future__ import annotations

from sqlfix.explain.errors.dialect import DIALECTS, Dialect

DIALECTS.add("node", Dialect("node", 150, ("SqliteError", "SQLITE_CONSTRAINT: ", "ERR_SQLITE_ERROR")))
