"""What a repair does when nobody says otherwise is filled in after a scan: the checks themselves know no fix."""

from __future__ import annotations

from pathlib import Path

from support import build

from sqlfix.plan.defaults import propose
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
