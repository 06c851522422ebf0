"""Columns of real databases are altered in every way that they allow; nothing else changes, and undo is exact."""

from __future__ import annotations

import os
import shutil
import sqlite3
from itertools import cycle
from pathlib import Path

import pytest
from schema_digest import everything
from support import FIGURES, sqlfix

from sqlfix.errors import SqlfixError
from sqlfix.schema.database import open_database
from sqlfix.sql.literals import names, quote

pytestmark = [pytest.mark.corpus, pytest.mark.oracle]

SHARED = os.environ.get("SQLFIX_SHARED")
FILES = sorted((Path(SHARED) / "corpus" / "db").glob("*.sqlite")) if SHARED else []
OF_COLUMNS = (
    *(["--not-null"], ["--no-not-null"], ["--unique"], ["--no-unique"], ["--unique-index"], ["--check", "1 = 1"]),
    *(["--no-check"], ["--default", "7"], ["--default", "'x' || 1"], ["--no-default"], ["--type", "TEXT"]),
    *(["--type", "INTEGER"], ["--type", ""], ["--collate", "NOCASE"], ["--no-collate"]),
)
OF_KEYS = (
    *(["--on-delete=cascade"], ["--on-delete=set-null"], ["--on-update=cascade"], ["--no-references"]),
    *(["--deferrable"], ["--no-deferrable"], ["--deferrable", "--on-delete=restrict", "--not-null"]),
)
MOST = 5 if os.environ.get("SQLFIX_CORPUS") == "all" else 1
"""Columns, and foreign keys, that are tried of one file: more of them in `make corpus`, which takes minutes."""


def places(path: Path) -> list[tuple[str, str, bool]]:
    """Columns and foreign keys spread over the tables of a file: the table, the place, and whether it is a key."""
    with open_database(path) as database:
        tables = [table for table in database.schema.tables if table.kind == "table" and table.columns]
        keys = [(fk.child, f"{quote(fk.child)}.{names(fk.child_columns)}") for fk in database.schema.foreign_keys]
    columns = [(t.name, f"{quote(t.name)}.{quote(c.name)}") for t in tables for c in t.columns]
    chosen = [(*place, False) for place in columns[:: max(len(columns) // MOST, 1)][:MOST]]
    return chosen + [(*place, True) for place in keys[:: max(len(keys) // MOST, 1)][:MOST]]


@pytest.mark.parametrize("original", FILES or [pytest.param(None, marks=pytest.mark.skip)], ids=lambda p: p and p.name)
def test_columns_of_a_real_database(original: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    shutil.copyfile(original, path)
    try:
        chosen, before = places(path), everything(path)
    except (SqlfixError, sqlite3.DatabaseError) as error:
        pytest.skip(str(error))
    start = len(original.name)  # not the same wishes first for every file
    of_columns, of_keys = cycle(OF_COLUMNS[start % 15 :] + OF_COLUMNS), cycle(OF_KEYS[start % 7 :] + OF_KEYS)
    for table, place, is_key in chosen:
        wish = next(of_keys if is_key else of_columns)
        ran = sqlfix("alter", path, place, "--yes", "--quiet", *wish)
        assert "internal error" not in ran.err and "rolled back" not in ran.err, (place, wish, ran.err)
        after = everything(path)
        if "verified and committed" not in ran.out:
            assert after == before, (place, wish)
            continue
        FIGURES["columns and keys altered"] += 1
        of_text = {"schema", "order", table if "--type" in wish else ""}
        wrong = [what for what in before.keys() | after.keys() if what not in of_text and after[what] != before[what]]
        assert not wrong, (place, wish, wrong)
        had, has = ({row[:3]: row[3] for row in some["schema"]} for some in (before, after))
        others = [row for row in had if row[2] != table.encode() and has.get(row) != had[row]]
        assert not others, (place, wish, others)
        assert sqlfix("undo", path, "--yes", "--no-backup").code == 0, (place, wish)
        assert everything(path) == before, (place, wish)
