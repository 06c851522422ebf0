"""Few orphans are told apart in another way than many: both give the same report, and it is SQLite's."""

from __future__ import annotations

import itertools
import sqlite3
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from support import build, sqlfix, violations

from sqlfix.model.findings import Report
from sqlfix.scan import few_orphans
from sqlfix.scan import orphans as measure
from sqlfix.scan import tiny_tables as tiny
from sqlfix.scan.run import check_all, look_at
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.literals import literal
from sqlfix.sqlite.snapshot import reading

GUIDS = [uuid.UUID(int=2**120 + n * 7**30) for n in range(3)]
PARENTS: dict[str, list[Any]] = {
    "whole numbers": [1, 2, 3, 40],
    "none": [],
    "words": ["ann", "bob", "a b"],
    "guids": [str(g) for g in GUIDS[:2]] + [str(uuid.UUID(bytes=GUIDS[2].bytes_le))],
    "digits of guids": [g.hex.upper() for g in GUIDS[:2]],
    "of all kinds": [1, "2", " ann", "BOB", b"x", 2.5, GUIDS[0].bytes, "Zo\u00eb", 0],
    "alike": ["ann", "Ann ", "bob"],
    "a zero": [0, 1],
}
CHILDREN: list[Any] = [
    None, 1, "1", " 1", "01", 1.0, 2.5, 99, 99, 100, 0, -1, "0", "", "-", "NULL", "none", b"", "ann", "ANN", " ann",
    "ann\x00", b"ann", "a b", "zo\u00eb", "Zoe\u0308", "nobody", b"\xff\xfe", *map(str, GUIDS), GUIDS[0].hex,
    GUIDS[1].bytes, f"{{{GUIDS[2]}}}", str(GUIDS[2]).upper(), str(uuid.UUID(int=0)), str(uuid.UUID(int=5)),
]  # fmt: skip
KEYS = {
    "id": "k INTEGER PRIMARY KEY)",
    "text": "k TEXT PRIMARY KEY)",
    "no type": "k PRIMARY KEY)",
    "NOCASE": "k TEXT COLLATE NOCASE UNIQUE)",
    "without rowid": "k PRIMARY KEY) WITHOUT ROWID",
}


def rows(table: str, values: Iterable[str]) -> str:
    return "".join(f"INSERT OR IGNORE INTO {table} VALUES ({value});\n" for value in values)


def every_key() -> str:
    """Two relationships for each kind of parents, with another kind of key each."""
    sql, keys = "", itertools.cycle(KEYS.values())
    for number, (values, key) in enumerate(zip([*PARENTS.values()] * 2, keys, strict=False)):
        if key == KEYS["id"]:
            values = [value for value in values if isinstance(value, int)]
        sql += f"CREATE TABLE p{number} ({key};\n" + rows(f"p{number}", map(literal, values))
        kind = ("", "INTEGER", "TEXT")[number % 3]
        sql += f'CREATE TABLE c{number} ("id" INTEGER PRIMARY KEY, n {kind} REFERENCES p{number} (k));\n'
        sql += rows(f"c{number}", (f"NULL, {literal(value)}" for value in CHILDREN))
    return sql


def composite() -> str:
    """Keys of two columns, one of them called as the column of our own table; one child has no rowid."""
    pairs = list(itertools.product([1, 2, "x", 0], ["ann", "bob", 7]))
    children = list(itertools.product([1, "1", "x", 0, "", None, 9], ["ann", " ANN", "-", 7, "eve"]))
    sql = "CREATE TABLE p (a, b, UNIQUE (a, b)); CREATE TABLE ids (a INTEGER, b TEXT, PRIMARY KEY (b, a));\n"
    sql += rows("p", (f"{literal(a)}, {literal(b)}" for a, b in pairs))
    sql += rows("ids", ("1, 'ann'", "2, 'bob'", "3, 'a b'"))
    for parent, tail in itertools.product(("p", "ids"), ("", " WITHOUT ROWID")):
        name, key = f"c_{parent}{len(tail)}", "n INTEGER PRIMARY KEY"
        sql += f"CREATE TABLE {name} ({key}, id, first, FOREIGN KEY (id, first) REFERENCES {parent} (a, b)){tail};\n"
        sql += rows(name, (f"{place}, {literal(a)}, {literal(b)}" for place, (a, b) in enumerate(children)))
    sql += "CREATE TABLE twice (a, b, UNIQUE (a, b)); INSERT INTO twice VALUES (1, 1), (2, 2), (0, 'x');\n"
    sql += "CREATE TABLE c_twice (k, FOREIGN KEY (k, k) REFERENCES twice (a, b));\n"
    return sql + rows("c_twice", map(literal, CHILDREN))


@pytest.mark.parametrize("sql", [every_key(), composite()], ids=["one column", "two columns"])
def test_few_are_told_apart_as_many_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    path = build(tmp_path / "x.db", f"BEGIN; {sql} COMMIT;")
    few = sqlfix("scan", "--format", "json", path)
    monkeypatch.setattr(measure, "MOST_FEW", -1)
    many = sqlfix("scan", "--format", "json", path)
    assert few.json == many.json
    monkeypatch.undo()
    monkeypatch.setattr(tiny, "MANY", 1)
    together = sqlfix("scan", "--format", "json", path)
    assert together.json == few.json
    found = {(r["child"], 0): r["orphans"] for r in few.json["relationships"]}
    assert {key: count for key, count in found.items() if count} == violations(path)


TABLES = 120
VERY_MANY = "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);\n" + "".join(
    f"CREATE TABLE c{place} (id INTEGER PRIMARY KEY, k INTEGER REFERENCES p, l REFERENCES c{(place + 1) % TABLES});\n"
    f"INSERT INTO c{place} VALUES (1, 1, 1), (2, 9, '9'), (5, 9, NULL), (7, {place % 3 - 1}, ' 1');\n"
    for place in range(TABLES)
)


def scanned(path: Path) -> tuple[Report, list[str]]:
    """The report, and what was said to SQLite after the look."""
    said: list[str] = []
    with reading(path) as opened:
        schema = read_schema(opened.connection)
        look = look_at(opened.readers, schema)
        opened.connection.set_trace_callback(said.append)
        report = check_all(opened.connection, look, "x")
        opened.connection.set_trace_callback(None)
    return report, said


def test_those_of_very_many_relationships_are_told_apart_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path / "x.db", f"BEGIN; {VERY_MANY} COMMIT;")
    together, said = scanned(path)
    assert sum(r.orphans or 0 for r in together.relationships) == sum(violations(path).values())
    assert len([text for text in said if text.startswith("INSERT INTO temp.sqlfix_few_of_many")]) <= 6
    gather = few_orphans._gather

    def fails(connection: sqlite3.Connection, table: str, width: int, arms: list[str]) -> list[list[Any]]:
        if len(arms) > 1 or "c7" in arms[0]:
            raise sqlite3.OperationalError("too many terms in compound SELECT")
        return gather(connection, table, width, arms)

    with monkeypatch.context() as patch:
        patch.setattr(tiny, "MANY", 10**9)
        assert scanned(path)[0] == together
    with monkeypatch.context() as patch:
        patch.setattr(few_orphans, "_gather", lambda *a: fails(*a) if a[1].startswith("sqlfix_few_of") else gather(*a))
        assert scanned(path)[0] == together
