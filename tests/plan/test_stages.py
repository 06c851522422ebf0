"""Stages work on a private copy of the file; what is said is about the file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from support import build, sqlfix

from sqlfix.plan import rehearsal, stages


def test_damage_that_a_stage_meets_in_the_copy_is_told_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(
        tmp_path / "app.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p); INSERT INTO c VALUES (7);",
    )

    def damaged(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(stages, "stand_ins", damaged)
    ran = sqlfix("repair", str(path), "--on-orphan", "stand-in", "--dry-run")
    assert ran.code == 2
    assert ran.err.startswith(f"error: {path} is malformed") and "rehearsal" not in ran.err


@pytest.mark.parametrize("comes", [False, True], ids=["no parent comes back", "one comes back"])
def test_what_a_stage_leaves_and_another_relationship_deletes_is_not_left(tmp_path: Path, comes: bool) -> None:
    """Rows 2 and 3 have no parent by their name, which is not UTF-8, and so cannot be looked up; row 2 goes anyway."""
    schema = (
        "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT UNIQUE);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p ON DELETE CASCADE, name REFERENCES p (name));"
        "INSERT INTO p VALUES (1, 'a');"
    )
    older = build(tmp_path / "older.db", f"{schema}INSERT INTO p VALUES (7, 'b');")
    orphans = "INSERT INTO c VALUES (2, 9, CAST(x'ff' AS TEXT)), (3, 1, CAST(x'ff' AS TEXT));"
    path = build(tmp_path / "x.db", f"{schema}{orphans}" + "INSERT INTO c VALUES (4, 7, NULL);" * comes)
    ran = sqlfix("repair", path, "--donor", older, "--yes", "--format", "json")
    assert [(part["columns"], part["count"]) for part in ran.json["left"]] == [(["name"], 1)]
    found = sqlfix("scan", path, "--format", "json").json["findings"]
    assert [(finding["columns"], finding["count"]) for finding in found if finding["parent"]] == [(["name"], 1)]


@pytest.mark.parametrize("words", ["repair x --on-orphan stand-in", "repair x --donor older", "unpark x"])
def test_a_full_disk_is_no_fault_of_what_is_tried_out(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is held back, or left parked, for want of room in the temporary folder: the job ends with that reason."""
    schema = "CREATE TABLE p (id INTEGER PRIMARY KEY, t TEXT NOT NULL DEFAULT ''); CREATE TABLE c (p REFERENCES p, t);"
    many = "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)"
    older = build(tmp_path / "older", f"{schema} {many} INSERT INTO p SELECT i, hex(zeroblob(50)) FROM n;")
    path = build(tmp_path / "x", f"{schema} {many} INSERT INTO c SELECT i, hex(zeroblob(50)) FROM n;")
    if words.startswith("unpark"):
        ran = sqlfix("repair", path, "--on-orphan", "park", "--yes", "--no-backup", "--allow-mass-delete")
        assert ran.code == 0
        build(path, f"VACUUM; {many} INSERT INTO p SELECT i, '' FROM n;")
    opened = rehearsal.open_to_write

    def without_room(file: Path, timeout: float) -> sqlite3.Connection:
        connection = opened(file, timeout)
        if file.stat().st_size:
            connection.set_authorizer(None)
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(rehearsal, "open_to_write", without_room)
    ran = sqlfix(*({"x": path, "older": older}.get(word, word) for word in words.split()), "--dry-run")
    assert (ran.code, ran.out) == (2, "")
    assert "no room left on the disk" in ran.err
