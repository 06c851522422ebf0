"""An index that lacks rows is not believed, however few they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import build, sqlfix, violations

pytestmark = pytest.mark.oracle


def test_orphans_that_the_index_of_the_child_does_not_know_are_found(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE p (k TEXT PRIMARY KEY);
        CREATE TABLE c (id INTEGER PRIMARY KEY, k TEXT REFERENCES p (k));
        CREATE INDEX c_k ON c (k) WHERE id <> 4321;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
          INSERT INTO p SELECT 'k' || i FROM n;
        INSERT INTO c SELECT rowid, k FROM p;
        UPDATE c SET k = 'gone' WHERE id = 4321;
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE INDEX c_k ON c (k)' WHERE name = 'c_k';
        PRAGMA writable_schema = RESET;
        """,
    )
    assert violations(path) == {("c", 0): 1}
    assert sqlfix("scan", path, "--format", "json").json["relationships"][0]["orphans"] == 1
