"""Python's own driver: its texts hold SQLite's messages as they are."""

from __future__ import annotations

from sqlfix.explain.errors.dialect import DIALECTS, Dialect

DIALECTS.add("python", Dialect("Python", 160, ("sqlite3.",)))
