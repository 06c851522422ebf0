"""Stages work on a private copy of the file; what is said is about the file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from support import build, sqlfix

from sqlfix.plan import stages


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
