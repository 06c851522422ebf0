"""sqlx, of Rust: its texts hold SQLite's messages as they are."""

from __future__ import annotations

from sqlfix.explain.errors.dialect import DIALECTS, Dialect

DIALECTS.add("sqlx", Dialect("sqlx", 140, ("SqliteError {", "sqlx::")))
