"""Opening a database: its schema is read when it is asked for, and errors about the file are told in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import build

from sqlfix.errors import NotADatabase, SqlfixError
from sqlfix.schema.database import open_database

SHOP = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE c (p_id CONSTRAINT of_p REFERENCES p DEFERRABLE INITIALLY DEFERRED);
"""


def test_the_schema_is_read_once_and_its_texts_when_they_are_asked_for(tmp_path: Path) -> None:
    path = build(tmp_path / "shop.db", SHOP)
    with open_database(path) as database:
        assert (database.name, database.note) == (str(path), None)
        assert database.schema is database.schema
        (plain,) = database.schema.foreign_keys
        (full,) = database.schema_with_text.foreign_keys
    assert (plain.constraint, plain.deferrable) == (None, None)
    assert (full.constraint, full.deferrable) == ("of_p", True)


def test_what_sqlite_says_of_the_file_is_told_in_words(tmp_path: Path) -> None:
    path = build(tmp_path / "shop.db", SHOP)
    with pytest.raises(SqlfixError, match="no such table: gone"), open_database(path) as it:
        it.connection.execute("SELECT * FROM gone")
    with pytest.raises(NotADatabase, match="does not exist"), open_database(tmp_path / "gone.db"):
        pass
