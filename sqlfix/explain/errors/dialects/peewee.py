"""peewee: its texts hold SQLite's messages as they are."""

from __future__ import annotations

from sqlfix.explain.errors.dialect import DIALECTS, Dialect

DIALECTS.add("peewee", Dialect("peewee", 30, ("peewee.",)))
