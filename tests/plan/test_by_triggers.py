"""With --only lossless nothing is done with which the file's own triggers delete or change rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import build, contents, sqlfix, together

SCHEMA = """
    CREATE TABLE p(k TEXT PRIMARY KEY, n TEXT);
    CREATE TABLE c(id INTEGER PRIMARY KEY, p TEXT REFERENCES p, d INTEGER NOT NULL DEFAULT 1);
    CREATE TABLE log(x, y UNIQUE ON CONFLICT REPLACE);
    INSERT INTO p VALUES ('ABC', 'a'), ('DEF', 'b'); INSERT INTO log VALUES (1, 1), (2, 2);
    INSERT INTO c VALUES (1, 'ABC', 1), (2, 'DEF', 1), (3, ' abc', 1), (4, 'ABC', '7');
"""
CASES = {
    "a trigger deletes": ("AFTER INSERT ON p BEGIN DELETE FROM log", "delete 2 rows of log"),
    "a trigger changes": ("AFTER INSERT ON p BEGIN UPDATE log SET x = 0 WHERE x = 1", "change 1 row of log"),
    "one sets off another": (
        "AFTER INSERT ON p BEGIN INSERT INTO log VALUES (3, 3); END;"
        "CREATE TRIGGER u AFTER INSERT ON log BEGIN DELETE FROM log WHERE x = 1", "delete 1 row of log",
    ),
    "a key that is set right": (
        "AFTER UPDATE OF p ON c BEGIN UPDATE log SET x = 0; UPDATE c SET d = 9 WHERE id = NEW.id",
        "change 1 row of c and change 2 rows of log",
    ),
    "it only adds": ("AFTER INSERT ON p BEGIN INSERT INTO log VALUES (3, 3)", ""),
    "it meets no row": ("AFTER INSERT ON p BEGIN DELETE FROM log WHERE x = 77", ""),
    "it is for another event": ("AFTER DELETE ON p BEGIN DELETE FROM log", ""),
}  # fmt: skip


@together
@pytest.mark.parametrize("case", CASES)
def test_only_what_loses_nothing_with_its_triggers_is_done(case: str, tmp_path: Path) -> None:
    trigger, loss = CASES[case]
    older = build(tmp_path / "older.db", SCHEMA)
    path = build(tmp_path / "a.db", f"{SCHEMA} DELETE FROM p WHERE k = 'DEF'; CREATE TRIGGER t {trigger}; END;")

    def plan(*more: object) -> Any:
        return sqlfix("repair", "--dry-run", "--format", "json", "--donor", older, *more, path).json

    wanted = {"restore-parents", "relink"} - (
        {"relink" if " ON c" in trigger else "restore-parents"} if loss else set()
    )
    assert {fix["name"] for fix in plan("--only", "lossless")["fixes"]} == wanted
    reasons = [left["reason"] for left in plan("--only", "lossless")["left"] if left["check"] == "orphan-rows"]
    assert len(reasons) == bool(loss), reasons
    assert not loss or f"left out by --only lossless: the triggers that it sets off would {loss}" in reasons[0]
    assert {"restore-parents", "relink"} <= {fix["name"] for fix in plan()["fixes"]}
    before = contents(path)
    assert sqlfix("repair", "-y", "--only", "lossless", "--donor", older, path).code == bool(loss)
    assert set(before["log"]) <= set(contents(path)["log"]) and len(contents(path)["c"]) == len(before["c"])
    assert sqlfix("undo", "-y", path).code == 0 and contents(path) == before


def test_a_cast_is_held_back_too(tmp_path: Path) -> None:
    path = build(
        tmp_path / "a.db",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, d BOOLEAN); CREATE TABLE log(x); INSERT INTO log VALUES (1);"
        "INSERT INTO t VALUES (1, 1), (2, 0), (3, 1), (4, 0), (5, 'true');"
        "CREATE TRIGGER u AFTER UPDATE OF d ON t BEGIN DELETE FROM log; END;",
    )
    plan = sqlfix("repair", "--dry-run", "--format", "json", "--only", "lossless", path).json
    assert plan["fixes"] == [] and "would delete 1 row of log" in plan["left"][0]["reason"]
    assert [fix["name"] for fix in sqlfix("repair", "--dry-run", "--format", "json", path).json["fixes"]] == ["cast"]
