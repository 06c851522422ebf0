"""Laravel: its texts hold SQLite's messages as they are, and the values in the SQL."""

from __future__ import annotations

from sqlfix.explain.errors.dialect import DIALECTS, Dialect

DIALECTS.add("laravel", Dialect("Laravel", 120, ("Illuminate\\", "SQLSTATE[")))
