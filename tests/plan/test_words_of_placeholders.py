"""What a plan says of placeholders: "they mean none", also where other orphans of the column are dealt with apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import build, sqlfix, together

SCHEMA = """
    CREATE TABLE p(k TEXT PRIMARY KEY, n TEXT NOT NULL UNIQUE);
    CREATE TABLE c(id INTEGER PRIMARY KEY, p TEXT REFERENCES p);
    INSERT INTO p VALUES ('ABC', 'a'), ('DEF', 'b'); INSERT INTO c VALUES (1, 'ABC'), (2, 'DEF'), (3, ''), (4, '');
"""
CASES = {
    "another one gets its parent's spelling": (SCHEMA + "INSERT INTO c VALUES (5, ' abc');", ()),
    "another one gets a stand-in": (SCHEMA + "INSERT INTO c VALUES (5, 'X');", ("--on-orphan", "stand-in")),
    "the parent of another one comes back": (SCHEMA + "DELETE FROM p WHERE k = 'DEF';", ("--donor",)),
    "the parent of another one cannot come back": (
        SCHEMA + "DELETE FROM p WHERE k = 'DEF'; INSERT INTO p VALUES ('GHI', 'b');", ("--donor",)
    ),
}  # fmt: skip


@together
@pytest.mark.parametrize("case", CASES)
def test_placeholders_mean_none_whatever_becomes_of_others(case: str, tmp_path: Path) -> None:
    sql, options = CASES[case]
    path, older = build(tmp_path / "a.db", sql), build(tmp_path / "older.db", SCHEMA)
    given = [*options, older] if options == ("--donor",) else list(options)
    plan = sqlfix("repair", "--dry-run", "--format", "json", *given, path).json
    (emptied,) = [fix for fix in plan["fixes"] if fix["name"] == "set-null"]
    assert (emptied["rows"], emptied["checks"]) == (2, ["placeholder-values"])
    assert 'they mean "none"' in " ".join(sqlfix("repair", "--dry-run", *given, path).out.split())
    assert sqlfix("repair", "-y", *given, path).code in (0, 1)
