"""Orphans so many that what a look suspects is put into a table, which the scan and each round of the plan share."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import build, run_script, sqlfix, violations

from sqlfix.scan import candidates

pytestmark = pytest.mark.oracle

TABLES = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES p, q INTEGER REFERENCES p);
CREATE TABLE d (id INTEGER PRIMARY KEY, c INTEGER NOT NULL REFERENCES c);
CREATE TABLE sqlfix_kept_0 (id INTEGER PRIMARY KEY, c INTEGER REFERENCES c);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) INSERT INTO p SELECT i FROM n;
INSERT INTO c SELECT id, id + 1300 * (id % 3 = 0), id + 5000 * (id % 4 = 0) FROM p;
INSERT INTO d SELECT id, id + 5000 * (id % 5 = 0) FROM c;
INSERT INTO sqlfix_kept_0 SELECT id, id FROM c WHERE id % 7 = 0;
"""


@pytest.mark.parametrize("least", [0, candidates.LEAST_LISTED])
def test_repair_and_script_leave_no_orphans(tmp_path: Path, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "LEAST_LISTED", least)
    path, other = build(tmp_path / "x.db", TABLES), build(tmp_path / "y.db", TABLES)
    plan = sqlfix("repair", path, "--dry-run", "--format", "json").json
    run_script(other, sqlfix("export-sql", path).out)
    ran = sqlfix("repair", path, "--yes")
    assert ran.code == 0, ran.err
    assert violations(path) == violations(other) == {}
    gone = {total["table"]: total["deleted"] for total in plan["totals"]}
    assert gone["c"] == 433, "multiples of 3 above 2,700"
    assert sqlfix("undo", path, "--yes").code == 0
    assert sqlfix("repair", path, "--dry-run", "--format", "json").json["totals"] == plan["totals"]
