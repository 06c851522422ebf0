"""SQLite's driver for Java: its texts hold SQLite's messages as they are."""

from __future__ import annotations

from sqlfix.explain.errors.dialect import DIALECTS, Dialect

DIALECTS.add("jdbc", Dialect("JDBC", 130, ("org.sqlite.",)))
