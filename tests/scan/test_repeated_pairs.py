"""The links that a large table holds more than once are those that a GROUP BY finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import build

from sqlfix.checks import duplicate_links
from sqlfix.model.findings import Finding
from sqlfix.scan import repeated_pairs
from sqlfix.scan.run import scan
from sqlfix.scan.scope import Scope
from sqlfix.schema.database import open_database
from sqlfix.sql.literals import literal

ENDS = st.one_of(
    st.integers(0, 7),
    st.none(),
    st.sampled_from((-1, 2**31, 2**32, 2**32 + 1, 2**63 - 1, -(2**63), 3.0, 3.5, 1e300, "3", "x", b"3")),
)


def found(path: Path) -> list[Finding]:
    with open_database(path) as database:
        # the look at the relationships says which rows hold something else than ids
        return list(scan(database.connection, database.schema, "", Scope(ignore=("orphan-rows",))).findings)


def links(folder: Path, rows: list[tuple[object, object]], declared: str = "INTEGER", least: int = 0) -> Path:
    path = folder / "links.db"
    path.unlink(missing_ok=True)
    values = ", ".join(f"({literal(left)}, {literal(right)})" for left, right in rows)  # type: ignore[arg-type]
    return build(
        path,
        "CREATE TABLE song (id INTEGER PRIMARY KEY); CREATE TABLE list (id INTEGER PRIMARY KEY);"
        f"CREATE TABLE list_song (list_id {declared} REFERENCES list, song_id {declared} REFERENCES song);"
        f"WITH RECURSIVE n(i) AS (SELECT {least} UNION ALL SELECT i + 1 FROM n WHERE i < 7)"
        " INSERT INTO song SELECT i FROM n; INSERT INTO list SELECT id FROM song;"
        + (f"INSERT INTO list_song VALUES {values};" if rows else ""),
    )


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(ENDS, ENDS), max_size=30),
    declared=st.sampled_from(("INTEGER", "", "TEXT", "REAL")),
    least=st.integers(-2, 4),
)
def test_they_are_those_of_a_group_by(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, object]], declared: str, least: int
) -> None:
    path = links(tmp_path_factory.mktemp("links"), rows, declared, least)
    expected = found(path)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(duplicate_links, "SMALL", 0)
        patched.setattr(repeated_pairs, "BUCKET", 4)
        assert found(path) == expected


def test_pairs_are_not_sorted_where_they_are_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = links(tmp_path, [(i % 7, i) for i in range(8)] + [(3, 3)])
    monkeypatch.setattr(duplicate_links, "SMALL", 0)
    run: list[str] = []
    with open_database(path) as database:
        database.connection.set_trace_callback(run.append)
        report = scan(database.connection, database.schema, "", Scope())
    assert [(f.check, f.count, f.distinct) for f in report.findings if f.check == "duplicate-links"] == [
        ("duplicate-links", 1, 1)
    ]
    grouped = [statement for statement in run if "GROUP BY" in statement and "list_song" in statement]
    assert grouped and all("IN (VALUES (3, 3))" in statement for statement in grouped)  # for the sample alone


def test_a_bucket_that_takes_all_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = links(tmp_path, [(i, 7 - i) for i in range(8)] + [(3, 4)])
    expected = found(path)
    monkeypatch.setattr(duplicate_links, "SMALL", 0)
    monkeypatch.setattr(repeated_pairs, "BUCKET", 2)
    monkeypatch.setattr(repeated_pairs, "MOST_PAIRS", 1)
    assert found(path) == expected
