"""The forms of parents' keys are made once for all relationships that have these parents, and are theirs alone."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from support import build

from sqlfix.scan import key_forms, parents_alike
from sqlfix.scan.candidates import Look
from sqlfix.scan.orphans import Probe
from sqlfix.scan.run import check_all, look_at
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


GUIDS = [uuid.UUID(int=number) for number in range(2**64, 2**127, 2**127 // 40)]
SPELLINGS: dict[str, Callable[[uuid.UUID], str | bytes]] = {
    "hyphens": str,
    "bare": lambda guid: guid.hex,
    "capital": lambda guid: str(guid).upper(),
    "bare and capital": lambda guid: guid.hex.upper(),
    "of both cases": lambda guid: guid.hex[:9] + guid.hex[9:].upper(),
    "hyphens, of both cases": lambda guid: str(guid)[:9] + str(guid)[9:].upper(),
    "in braces": lambda guid: f"{{{guid}}}",
    "bare, in braces": lambda guid: f"{{{guid.hex}}}",
    "bare, four marks": lambda guid: f"{{{guid.hex}}}  ",
    "hyphens elsewhere": lambda guid: "-".join(re.findall("....", guid.hex)[:4]) + "-" + guid.hex[16:],
    "a blank": lambda guid: f"{guid} ",
    "a NUL": lambda guid: f"{guid}\0",
    "a NUL, bare": lambda guid: f"{guid.hex}\0",
    "the other order": lambda guid: str(uuid.UUID(bytes=guid.bytes_le)),
    "the other order, bare and capital": lambda guid: uuid.UUID(bytes=guid.bytes_le).hex.upper(),
    "sixteen bytes": lambda guid: guid.bytes,
    "two letters in one, and a blank": lambda guid: f"{guid.hex.replace('ff', 'ﬀ', 1)} ",
    "two letters in one, hyphens": lambda guid: f"{str(guid).replace('ff', 'ﬀ', 1)} ",
    "urn": lambda guid: f"urn:uuid:{guid}",
    "something else": lambda guid: f"x{str(guid)[1:]}",
}


@pytest.mark.parametrize("orphans", ["hyphens", "bare", "bare and capital", "the other order", "in braces"])
@pytest.mark.parametrize("usual", ["hyphens", "bare", "bare and capital", "bare, and two are told apart by case"])
def test_parents_that_are_surely_no_other_spelling_of_an_orphan_are_asked_for_nothing_else(
    tmp_path: Path, usual: str, orphans: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A parent of another form is found wherever it is the one that is meant; all is as where each is worked out."""
    meant, (usual, *others) = uuid.UUID(hex=f"00ff{GUIDS[7].hex[4:]}"), usual.split(", and ")
    keys = [SPELLINGS[usual](guid) for guid in GUIDS]
    for number, odd in enumerate(SPELLINGS):
        with contextlib.closing(sqlite3.connect(path := tmp_path / f"{number}.db")) as connection, connection:
            connection.execute("CREATE TABLE p (id PRIMARY KEY, name)")
            connection.execute("CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p)")
            connection.executemany("INSERT INTO p VALUES (?, 'x')", [(key,) for key in keys])
            connection.execute("INSERT OR IGNORE INTO p VALUES (?, 'the odd one')", (SPELLINGS[odd](meant),))
            connection.executemany("INSERT INTO p VALUES (?, 'another')", [(GUIDS[9].hex.upper(),)] * len(others))
            connection.executemany("INSERT INTO c (p_id) VALUES (?)", [(key,) for key in keys])
            connection.execute("INSERT INTO c (p_id) VALUES (?)", (SPELLINGS[orphans](meant),))
        with open_database(path) as database, monkeypatch.context() as patched:
            found = check_all(database.connection, look_at(database.readers, database.schema), "")
            patched.setattr(parents_alike, "may_be_one_of", lambda *_: None)
            assert found == check_all(database.connection, look_at(database.readers, database.schema), ""), odd
