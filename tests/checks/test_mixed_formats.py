"""Two formats of dates in one column: what is found, where nothing is said, and that one reading is enough."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import build, fingerprint, sqlfix, together

from sqlfix.checks import mixed_formats
from sqlfix.checks.mixed_formats import WORDS, families
from sqlfix.model.findings import Finding
from sqlfix.model.values import Severity
from sqlfix.scan.run import scan
from sqlfix.scan.scope import Scope
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.dates import FIRST

Stored = int | float | str | bytes | None
SECONDS, MILLISECONDS = 1_620_036_000, 1_620_036_000_123
PLAIN, ZONED = "2021-05-03 10:00:00", "2021-05-03T10:00:00Z"


def looked_at(declared: str, values: Sequence[Stored], table: str = "t") -> list[Finding]:
    """What the check finds in a table of one such column; nothing was left unchecked."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(f'CREATE TABLE "{table}" (a {declared})')
        connection.executemany(f'INSERT INTO "{table}" VALUES (?)', [(value,) for value in values])
        report = scan(connection, read_schema(connection), "x", Scope(("mixed-formats",)))
        assert not report.not_checked
        return [*report.findings]


TOLD: dict[str, tuple[str, Sequence[Stored], int, Severity, str]] = {
    "text and seconds": (
        "DATETIME", [PLAIN, PLAIN, SECONDS], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03 10:00:00, 1 in Unix seconds",
    ),
    "four at once, the most frequent first": (
        "DATETIME", [SECONDS, ZONED, MILLISECONDS, ZONED, "2021-05-03 10:00"], 3, Severity.WARNING,
        "4 formats: 2 values like 2021-05-03T10:00:00Z, 1 like 2021-05-03 10:00:00, 1 in Unix seconds, 1 in Unix"
        " milliseconds",
    ),
    "seconds and milliseconds": (
        "TIMESTAMP", [SECONDS, 0, SECONDS + 1, MILLISECONDS, None], 1, Severity.WARNING,
        "2 formats: 2 values in Unix seconds, 1 in Unix milliseconds",
    ),
    "a blank and a T": (
        "DATETIME(6)", ["2021-05-03T10:00:00.5", PLAIN, PLAIN], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03 10:00:00, 1 like 2021-05-03T10:00:00",
    ),
    "an offset and no zone": (
        "TIMESTAMPTZ", [PLAIN, "2021-05-03 10:00:00+00:00", "2021-05-03 12:00:00+02:00"], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03 10:00:00Z, 1 like 2021-05-03 10:00:00",
    ),
    "UTC and no zone is but a hint": (
        "DATETIME", ["2021-05-03T10:00:00", "2021-05-03T10:00:00.000Z", "2021-05-03T10:00:00+00:00"], 1, Severity.HINT,
        "2 formats: 2 values like 2021-05-03T10:00:00Z, 1 like 2021-05-03T10:00:00",
    ),
    "a day with a time in a DATE": (
        "DATE", ["2021-05-03", "2021-05-03", "2021-05-03 00:00:00"], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03, 1 like 2021-05-03 10:00:00",
    ),
    "slashes": (
        "date", ["2021-05-03", "2021-05-04", "2021/05/03"], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03, 1 like 2021/05/03",
    ),
    "months of one digit": (
        "DATE", ["2021-10-03", "2021-5-3", "2021-10-12"], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03, 1 like 2021-5-3 or 2021-05-03 9:00",
    ),
    "hours of one digit": (
        "DATETIME", ["2021-10-03 10:30", "2021-10-03 9:30", "2021-10-03 12:30"], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03 10:00:00, 1 like 2021-5-3 or 2021-05-03 9:00",
    ),
    "the days of an American": (
        "DATETIME", ["2021-10-03 10:30", "2021-10-03 10:30 PM", "2021-10-03 12:30"], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03 10:00:00, 1 like 2021-05-03 10:00 PM",
    ),
    "a number without its dashes": (
        "DATE", ["20210503", "2021-05-03", "2021-05-04"], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03, 1 as a number",
    ),
    "zero beside text": (
        "DATETIME", [PLAIN, 0, PLAIN], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03 10:00:00, 1 as a number near 0",
    ),
    "text with DEFAULT CURRENT_TIMESTAMP": (
        "TEXT DEFAULT CURRENT_TIMESTAMP", [PLAIN, PLAIN, "2021-05-03T10:00:00.000Z", "soon", ""], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03 10:00:00, 1 like 2021-05-03T10:00:00Z",
    ),
    "text with DEFAULT datetime('now'), and Unix times in it": (
        "VARCHAR(30) DEFAULT (datetime('now'))", [PLAIN, PLAIN, SECONDS, "03/05/2021"], 2, Severity.WARNING,
        "3 formats: 2 values like 2021-05-03 10:00:00, 1 like 03/05/2021, 1 in Unix time as text",
    ),
    "a column without a type": (
        "DEFAULT (strftime('%s', 'now'))", [str(SECONDS), SECONDS, SECONDS], 1, Severity.WARNING,
        "2 formats: 2 values in Unix seconds, 1 in Unix time as text",
    ),
    "seconds of SQLite beside JavaScript's": (
        "INTEGER DEFAULT (unixepoch())", [SECONDS, SECONDS, MILLISECONDS], 1, Severity.WARNING,
        "2 formats: 2 values in Unix seconds, 1 in Unix milliseconds",
    ),
    "a day by default": (
        "TEXT DEFAULT (date('now'))", ["2021-05-03", PLAIN, "2021-05-04"], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03, 1 like 2021-05-03 10:00:00",
    ),
    "a year before the first": (
        "DATETIME", [PLAIN, PLAIN, "-4713-11-24 12:00:00"], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03 10:00:00, 1 in another format",
    ),
    "after many rows of NULL": (
        "DATETIME", [*[None] * (FIRST + 1), SECONDS, SECONDS, PLAIN], 1, Severity.WARNING,
        "2 formats: 2 values in Unix seconds, 1 like 2021-05-03 10:00:00",
    ),
    "after a first value of stars": (
        "DATETIME", ["????-??-??*", PLAIN, ZONED, ZONED], 1, Severity.WARNING,
        "2 formats: 2 values like 2021-05-03T10:00:00Z, 1 like 2021-05-03 10:00:00",
    ),
}  # fmt: skip


@together
@pytest.mark.parametrize("case", TOLD)
def test_two_formats(case: str) -> None:
    declared, values, count, severity, words = TOLD[case]
    (finding,) = looked_at(declared, values)
    assert (finding.count, finding.severity) == (count, severity)
    assert mixed_formats.message(finding).endswith(f"mixes {words}")
    assert len(finding.sample) == min(count, 5)


SILENT: dict[str, tuple[str, Sequence[Stored]]] = {
    "fractions beside none": ("DATETIME", [PLAIN, "2021-05-03 10:00:00.123456", "2021-05-03 10:00:00.1"]),
    "fractions beside none, in UTC": ("DATETIME", [ZONED, "2021-05-03T10:00:00.5Z", "2021-05-03t10:00:00z"]),
    "no seconds": ("DATETIME", [PLAIN, "2021-05-03 10:00"]),
    "days beside times": ("DATETIME", [PLAIN, "2021-05-03", "2021-05", PLAIN]),
    "UTC in several spellings": ("DATETIME", [f"2021-05-03 10:00:00{zone}" for zone in ("Z", "+00:00", " UTC", "+00")]),
    "offsets": ("TIMESTAMP", ["2021-05-03T10:00:00+02:00", "2021-12-03T10:00:00+01:00", ZONED]),
    "days": ("DATE", ["2021-05-03", "2021-05", "1066-10-14"]),
    "days with times throughout": ("DATE", ["2021-05-03 00:00:00", "2021-05-04 00:00:00"]),
    "slashes throughout": ("DATE", ["2021/05/03", "2021/5/3"]),
    "NULL and empty text": ("DATETIME", [None, "", PLAIN, "", None]),
    "seconds": ("DATETIME", [SECONDS, SECONDS + 0.5, 0, -1, 12]),
    "milliseconds": ("DATETIME", [MILLISECONDS, 0, MILLISECONDS + 86_400_000]),
    "birthdays in milliseconds, one in January 1970": ("DATETIME", [-86_400_000_000, 1_728_000_000, MILLISECONDS]),
    "a number of seconds that means never": ("DATETIME", [SECONDS, MILLISECONDS, 253_402_300_799]),
    "days of Julius": ("DATETIME", [2459338.5, 2459339, 2459340.25]),
    "what is no date": ("DATETIME", [PLAIN, "03/05/2021", "soon", b"2021-05-03", "0000-00-00"]),
    "another spelling throughout": ("DATETIME", ["20210503 1000", "20210503T100000"]),
    "text with a DEFAULT": ("TEXT DEFAULT CURRENT_TIMESTAMP", [PLAIN, "2021-05-03", "", "never"]),
    "a DEFAULT that is but a text": ("TEXT DEFAULT 'CURRENT_TIMESTAMP'", [PLAIN, ZONED]),
    "a DEFAULT of an hour": ("TEXT DEFAULT (strftime('%H:%M', 'now'))", ["10:00", "2021-05-03", PLAIN, ZONED]),
    "text in a column of numbers": ("INTEGER DEFAULT (unixepoch())", [SECONDS, PLAIN, "x"]),
    "no dates by the declaration": ("TEXT", [PLAIN, ZONED, SECONDS]),
    "times of the day": ("TIME", ["10:00", 36000]),
    "no rows": ("DATETIME", []),
    "nothing but NULL": ("DATETIME", [None] * 5),
}  # fmt: skip


@together
@pytest.mark.parametrize("case", SILENT)
def test_one_format(case: str) -> None:
    assert looked_at(*SILENT[case]) == []


POOL: dict[str, Sequence[Stored]] = {
    "blank": (PLAIN, "1999-12-31 23:59:59.25", "2021-05-03 10:00"),
    "blank-utc": ("2021-05-03 10:00:00+00:00", "2021-05-03 10:00:00 +0000 UTC", "2021-05-03 10:00Z"),
    "blank-offset": ("2021-05-03 10:00:00.1+0200", "2021-05-03 10:00-05"),
    "t": ("2021-05-03T10:00:00", "2021-05-03T10:00:00.123456"),
    "t-utc": (ZONED, "2021-05-03T10:00:00.000Z"),
    "t-offset": ("2021-05-03T10:00:00+02:00",),
    "date": ("2021-05-03", "2021-05"),
    "unpadded": ("2021-5-3", "2021-05-03 9:30", "2021-5-13 10:00"),
    "slashes": ("2021/05/03", "2021/5/3 10:00"),
    "dots": ("2021.05.03",),
    "compact": ("20210503 1000", "20210503T100000Z"),
    "half-days": ("2021-05-03 10:00 AM",),
    "seconds": (SECONDS, SECONDS + 0.25, 1_000_000_000),
    "milliseconds": (MILLISECONDS,),
    "number": (5_000_000_000, -86_400_000),
    "near-zero": (0, -1, 2021),
    "other-text": ("-0044-03-15", "-0044-03-15 10:00:00"),
    "": (None, "", "soon", b"\x00", "2021-02-30"),
}
VALUES = [(name, value) for name, values in POOL.items() for value in values]


@pytest.mark.parametrize("declared", ["DATETIME", "DATE", "TIMESTAMP TEXT", "DEFAULT CURRENT_TIMESTAMP"])
@settings(max_examples=30)
@given(st.lists(st.sampled_from(VALUES), max_size=6), st.integers(0, 8))
def test_no_mixture_is_missed_for_what_comes_first(declared: str, some: list[tuple[str, Stored]], last: int) -> None:
    some += some[-1:] * last
    if "TEXT" in declared:  # it makes text of every number, and text of that kind is no date
        some = [(name, value) for name, value in some if not isinstance(value, int | float)]
    counts = Counter(name for name, _ in some if name)
    found, _ = families(counts, declared == "DATE")
    findings = looked_at(declared, [value for _, value in some])
    assert [finding.count for finding in findings] == ([sum(family.rows for family in found[1:])] if found else [])
    for finding in findings:
        assert {name: finding.facts[name] for name in WORDS if name in finding.facts} == counts


def test_a_sound_column_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> dict[str, int]:
        raise AssertionError("the column was read again")

    monkeypatch.setattr(mixed_formats, "_count", never)
    for form in ("blank", "t", "t-utc", "slashes", "seconds", "milliseconds"):
        assert looked_at("DATETIME", [None, *[POOL[form][0]] * 50, "", None]) == []
    assert looked_at("DATE", ["2021-05-03"] * 50) == []


def test_a_column_that_cannot_be_compared_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.create_collation("OURS", lambda one, other: (one > other) - (one < other))
        connection.execute("CREATE TABLE t (a DATETIME COLLATE OURS, b DATETIME, PRIMARY KEY (b)) WITHOUT ROWID")
        connection.execute("INSERT INTO t VALUES (?, ?), (?, ?)", (PLAIN, PLAIN, PLAIN, SECONDS))
        connection.commit()
    before = fingerprint(path)
    (finding,) = sqlfix("scan", path, "--format", "json", "--select", "mixed-formats").json["findings"]
    assert (finding["columns"], finding["count"]) == (["b"], 1)
    assert fingerprint(path) == before


def test_in_words_and_without_rowid(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        'CREATE TABLE "a b" (id TEXT PRIMARY KEY, "the day" DATE) WITHOUT ROWID;'
        "INSERT INTO \"a b\" VALUES ('x', '2021-05-03'), ('y', '2021-05-03 00:00:00'), ('z', '2021-05-03');",
    )
    ran = sqlfix("scan", path, "-v")
    shown = " ".join(ran.out.split())
    assert ran.code == 1
    assert "mixes 2 formats: 2 values like 2021-05-03, 1 like 2021-05-03 10:00:00" in shown
    assert "a day is not equal to a day with a time, so searches and ranges miss rows" in shown
    report: Any = sqlfix("scan", path, "--format", "json").json
    (finding,) = report["findings"]
    assert finding["facts"] == {"declared": "DATE", "days": 1, "date": 2, "blank": 1}
    assert [row["key"] for row in finding["sample"]] == [{"id": "y"}]
    assert "the day" not in sqlfix("scan", path, "--rows").out
    assert sqlfix("repair", path, "--dry-run").code == 0
