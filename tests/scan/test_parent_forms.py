"""The forms of parents' keys are made once for all relationships that have these parents, and are theirs alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from support import build

from sqlfix.scan import key_forms
from sqlfix.scan.candidates import Look
from sqlfix.scan.orphans import Probe
from sqlfix.scan.run import look_at
from sqlfix.schema.database import open_database

PARENTS, CHILDREN = 7, 3


def mixed() -> str:
    """Several parent tables whose keys have no form in common, and several children of each; one orphan of each child
    is the key of its own parent but for its spelling, the other that of another parent."""
    sql = ""
    for p in range(PARENTS):
        sql += f"CREATE TABLE p{p} (k TEXT PRIMARY KEY); INSERT INTO p{p} VALUES ('Own{p}'), ('x y {p}'), ('{p}.5');\n"
        for c in range(CHILDREN):
            sql += f"CREATE TABLE c{p}_{c} (id INTEGER PRIMARY KEY, k TEXT REFERENCES p{p});\n"
            sql += f"INSERT INTO c{p}_{c} (k) VALUES ('oWN{p} '), ('oWN{(p + 1) % PARENTS} '), ('x y {p}');\n"
    return sql


def near(probe: Probe) -> list[str]:
    """The orphans of a relationship that are nearly the key of a parent."""
    rows = probe.connection.execute(f"SELECT c.k FROM {probe.keys} AS c WHERE {probe.near} = 1")
    return [key for (key,) in rows]


def probes(look: Look, connection: sqlite3.Connection) -> list[Probe]:
    return [Probe(connection, look.schema, fk, look) for fk in look.schema.foreign_keys]


def test_they_are_made_once_for_each_parent_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    anew = key_forms.gather_anew
    monkeypatch.setattr(key_forms, "gather_anew", lambda *given: made.append(given[2]) or anew(*given))
    with open_database(build(tmp_path / "app.db", mixed())) as database:
        look = look_at(database.readers, database.schema)
        by_parent = sorted(probes(look, database.connection), key=lambda probe: probe.foreign_key.parent)
        for probe in by_parent:
            assert near(probe) == [f"oWN{probe.foreign_key.parent[1:]} "]
    assert len(made) == len(set(made)) == PARENTS


def test_of_many_parent_tables_some_go_and_come_again(tmp_path: Path) -> None:
    with open_database(build(tmp_path / "app.db", mixed())) as database:
        look = look_at(database.readers, database.schema)
        keys = look.schema.foreign_keys
        for fk in (*keys, *reversed(keys), *keys):  # a relationship is measured anew, but its parents are the same
            probe = Probe(database.connection, look.schema, fk, look)
            assert near(probe) == [f"oWN{probe.foreign_key.parent[1:]} "]
            standing = database.connection.execute("SELECT count(*) FROM temp.sqlite_master WHERE name LIKE '%forms%'")
            assert standing.fetchone()[0] <= key_forms.MOST_STANDING


def test_two_looks_by_one_connection_do_not_disturb_each_other(tmp_path: Path) -> None:
    with open_database(build(tmp_path / "app.db", mixed())) as database:
        one, other = (probes(look_at(database.readers, database.schema), database.connection) for _ in range(2))
        for both in zip(one, reversed(other), strict=True):
            for probe in both:
                assert near(probe) == [f"oWN{probe.foreign_key.parent[1:]} "]
