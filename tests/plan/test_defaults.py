"""What a repair does when nobody says otherwise is filled in after a scan: the checks themselves know no fix."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import build, sqlfix

from sqlfix.plan.defaults import AMBIGUOUS, propose
from sqlfix.scan.run import scan
from sqlfix.schema.database import open_database

SCHEMA = """
CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
CREATE TABLE may_be_null (id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO may_be_null VALUES (1, 9);
CREATE TABLE may_not (id INTEGER PRIMARY KEY, p NOT NULL REFERENCES p); INSERT INTO may_not VALUES (1, 9), (2, 0);
CREATE TABLE no_default (p NOT NULL REFERENCES p ON DELETE SET DEFAULT); INSERT INTO no_default VALUES (9);
"""


def test_a_scan_knows_no_fix_and_a_report_gets_it_afterwards(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", SCHEMA)
    with open_database(path) as database:
        report = scan(database.connection, database.schema, database.name)
    assert report.findings and not any(finding.fix or "held_back" in finding.facts for finding in report.findings)
    filled = [f for f in propose(database.schema, report).findings if f.count]
    assert {(f.table, f.check): (f.fix, f.facts.get("held_back")) for f in filled} == {
        ("may_be_null", "orphan-rows"): ("set-null", None),
        ("may_not", "orphan-rows"): ("delete-rows", None),
        ("may_not", "placeholder-values"): (None, 'the value means "none", but p is NOT NULL'),
        ("no_default", "orphan-rows"): (
            None,
            "the schema says SET DEFAULT, but p has no DEFAULT and cannot be NULL",
        ),
    }


TWICE = """
CREATE TABLE p (k TEXT COLLATE NOCASE, PRIMARY KEY (k {0})); CREATE UNIQUE INDEX p_k ON p (k);
CREATE TABLE c (id INTEGER PRIMARY KEY, p TEXT {1});
INSERT INTO p VALUES ('a'); INSERT INTO c VALUES (1, 'a'), (2, 'lost');
"""


@pytest.mark.parametrize(
    ("key", "declared", "fix"),
    [
        ("COLLATE BINARY", "REFERENCES p ON DELETE CASCADE REFERENCES p (k) ON DELETE SET NULL", None),
        ("COLLATE BINARY", "REFERENCES p (k) ON DELETE SET NULL REFERENCES p ON DELETE CASCADE", None),
        ("COLLATE BINARY", "REFERENCES p (k) ON DELETE SET NULL", "set-null"),
        ("", "REFERENCES p ON DELETE CASCADE REFERENCES p (k) ON DELETE SET NULL", "delete-rows"),
        ("", "REFERENCES p (k) ON DELETE SET NULL REFERENCES p ON DELETE CASCADE", "set-null"),
    ],
)
def test_a_scan_says_what_the_plan_does_with_a_key_that_is_declared_twice(
    tmp_path: Path, key: str, declared: str, fix: str | None
) -> None:
    path = build(tmp_path / "x.db", TWICE.format(key, declared))
    found = [f for f in sqlfix("scan", path, "--format", "json").json["findings"] if f["check"] == "orphan-rows"]
    plan = sqlfix("repair", path, "--dry-run", "--format", "json").json
    assert {f["fix"] for f in found} == {fix}
    assert {step["name"] for step in plan["fixes"]} == ({fix} if fix else set())
    assert {f["facts"].get("held_back") for f in found} == ({None} if fix else {AMBIGUOUS})
    assert {left["reason"] for left in plan["left"]} == (set() if fix else {AMBIGUOUS})
