"""The check unindexed-foreign-keys: where it finds nothing, what it finds elsewhere, and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import build, check_finds, found, run_script, sqlfix


def many(table: str, more: str = "", rows: int = 1001) -> str:
    """The SQL of a child of so many rows."""
    return (
        "CREATE TABLE p (id INTEGER PRIMARY KEY, a, b, UNIQUE (a, b)); INSERT INTO p VALUES (1, 1, 1);"
        f"CREATE TABLE c ({table}); {more}"
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
        " INSERT INTO c SELECT i, 1, 1 FROM n;"
    )


KEY, PAIR = "k, p_id REFERENCES p, x", "k, x, y, FOREIGN KEY (x, y) REFERENCES p (a, b)"
CLEAN = {
    "an index that begins with it": many(KEY, "CREATE INDEX i ON c (p_id, x);"),
    "a partial index": many(KEY, "CREATE INDEX i ON c (p_id) WHERE p_id IS NOT NULL;"),
    "the rowid": many("k INTEGER PRIMARY KEY REFERENCES p, x, y"),
    "another order": many(PAIR, "CREATE INDEX i ON c (y, x, k);"),
    "a unique part": many("k UNIQUE, x, y, FOREIGN KEY (x, k) REFERENCES p (a, b)"),
    "the key of the table": many("k, x REFERENCES p, y, PRIMARY KEY (x, k)) WITHOUT ROWID; CREATE TABLE d (x"),
    "a small table": many(KEY, rows=1000),
}
FOUND = {
    "no index": (many(KEY), [("c.p_id", 0)]),
    "not the first column": (many(KEY, "CREATE INDEX i ON c (x, p_id);"), [("c.p_id", 0)]),
    "the names are taken": (
        many(
            "k PRIMARY KEY, p_id REFERENCES p, x",
            "CREATE TABLE index_c_on_p_id (x); CREATE INDEX INDEX_C_ON_P_ID_2 ON p (b);",
        ),
        [("c.p_id", 0)],
    ),
    "a column between": (many(PAIR, "CREATE INDEX i ON c (x, k, y);"), [("c.x,y", 0)]),
}

test_unindexed_foreign_keys = check_finds("unindexed-foreign-keys", CLEAN, FOUND)


@pytest.mark.parametrize("sql", [sql for sql, _ in FOUND.values()], ids=FOUND)
def test_the_way_out(tmp_path: Path, sql: str) -> None:
    path = build(tmp_path / "x.db", sql)
    (finding,) = found(path, "unindexed-foreign-keys")
    assert (finding["severity"], finding["facts"]["rows"]) == ("hint", 1001)
    assert sqlfix("scan", path).code == 0
    assert "1 hint: scan -v shows it." in sqlfix("scan", path).out
    run_script(path, finding["hint"].removesuffix(" makes it fast"))
    assert found(path, "unindexed-foreign-keys") == []
