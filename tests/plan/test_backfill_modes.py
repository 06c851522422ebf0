"""Which rows a backfill links to which parents, in every mode, against a few lines of Python; nothing else changes."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support import build, contents, json_schema, keep_to, run_script, sqlfix

from tests.laws.test_properties import SLOW

NAMES = st.sampled_from(["a", "b", "c", "d"])
PLACES = st.sampled_from(["x", "X", "y", None])
REFERENCES = st.sampled_from([None, None, 0, -1, 1, 2, 3, 77])
COMPOSITE = "a INT REFERENCES t (a), b INT, FOREIGN KEY (a, b) REFERENCES p (a, b)"


def made(path: Path, parents: list[str], rows: list[Any], composite: bool, unique: bool) -> Path:
    """Parents 1, 2, … by their names, and children ``name, city, reference``."""
    key = "b INT, a INT, n TEXT, PRIMARY KEY (a, b)" if composite else "b INTEGER PRIMARY KEY, n TEXT"
    own = COMPOSITE if composite else f"b INT {'UNIQUE' if unique else ''} REFERENCES p"
    build(
        path,
        f"CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (5), (6); CREATE TABLE p ({key});"
        f"CREATE TABLE c (id INTEGER PRIMARY KEY, n TEXT, city TEXT, {own});"
        "CREATE TABLE e (b INT REFERENCES p (b)); INSERT INTO e VALUES (99);",
    )
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for number, name in enumerate(parents, 1):
            values = {"b": number, "n": name, **({"a": 5} if composite else {})}
            marks = ", ".join(f":{each}" for each in values)
            connection.execute(f"INSERT INTO p ({', '.join(values)}) VALUES ({marks})", values)
        used: set[Any] = set()
        for number, (name, city, reference, tenant) in enumerate(rows, 1):
            given = None if unique and reference in used else reference
            used.add(reference)
            values = {"id": number, "n": name, "city": city, "b": given, **({"a": tenant} if composite else {})}
            marks = ", ".join(f":{each}" for each in values)
            connection.execute(f"INSERT INTO c ({', '.join(values)}) VALUES ({marks})", values)
        connection.commit()
    return path


def read(path: Path, query: str) -> list[dict[str, Any]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


@settings(parent=SLOW, max_examples=settings.default.max_examples // 2)
@given(
    parents=st.lists(NAMES, max_size=4),
    rows=st.lists(st.tuples(NAMES, PLACES, REFERENCES, st.sampled_from([5, 5, 6])), min_size=1, max_size=12),
    shape=st.sampled_from(["plain", "plain", "unique", "composite"]),
    mode=st.sampled_from(["each", "city", "one"]),
    match=st.booleans(),
    orphans=st.booleans(),
)
def test_each_row_gets_the_parent_that_it_should(
    parents: list[str], rows: list[Any], shape: str, mode: str, match: bool, orphans: bool
) -> None:
    mode = "each" if shape == "unique" else mode
    composite = shape == "composite"
    text = {"each": "{n}", "city": "all", "one": "a"}[mode]
    chosen = ["c.a,b" if composite else "c.b", "--set", f"p.n={text}"]
    chosen += {"each": [], "city": ["--group-by", "city"], "one": ["--one"]}[mode]
    chosen += ["--match"] * match + ["--replace-orphans"] * orphans
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        path = made(Path(folder) / "x.db", parents, rows, composite, shape == "unique")
        before, children, above = contents(path), read(path, "SELECT * FROM c"), read(path, "SELECT * FROM p")
        script = sqlfix("backfill", path, *chosen, "--sql")
        ran = sqlfix("backfill", path, *chosen, "--yes", "--no-backup", "--format", "json")
        after = contents(path)
        assert ran.code == script.code, ran.err
        keep_to(json_schema("plan"), ran.json)

        def name_of(row: dict[str, Any]) -> str:
            return text.format(**row)

        def is_there(row: dict[str, Any]) -> bool:
            return any(p["b"] == row["b"] and p.get("a") == row.get("a") for p in above)

        wanting = [r for r in children if r["b"] is None or (not is_there(r) and (orphans or r["b"] in (0, -1)))]
        groups: dict[Any, list[dict[str, Any]]] = {}
        for row in wanting:
            by = {"each": row["id"], "city": row["city"], "one": None}[mode]
            groups.setdefault((row.get("a"), by), []).append(row)
        named = {
            key: [p for p in above if match and p["n"] == name_of(some[0]) and p.get("a") == some[0].get("a")]
            for key, some in groups.items()
        }
        if shape == "unique":
            wanted = Counter(found[0]["b"] for found in named.values() if len(found) == 1)
            held = {r["b"] for r in children}
            taken = {b for b in wanted if wanted[b] > 1 or b in held}
        else:
            taken = set()
        left = {key for key, found in named.items() if len(found) > 1 or (found and found[0]["b"] in taken)}
        now = {row["id"]: row for row in read(path, "SELECT * FROM c")}
        new = {(p["b"], p.get("a")): p["n"] for p in read(path, "SELECT * FROM p")}
        given: list[Any] = []
        for key, some in groups.items():
            refs = {(now[row["id"]]["b"], now[row["id"]].get("a")) for row in some}
            if key in left:
                assert all(now[row["id"]] == row for row in some)
                continue
            (ref,) = refs
            assert new[ref] == name_of(some[0])
            if found := named[key]:
                assert ref[0] == found[0]["b"]
            else:
                assert ref[0] > 99, "an orphan of another relationship holds 99"
                given.append(ref)
        assert len(set(given)) == len(given) == len(new) - len(above)
        assert ran.code == bool(left)
        assert sum(part["count"] for part in ran.json["left"]) == sum(len(groups[key]) for key in left)
        touched = {row["id"] for row in wanting}
        for row in children:
            same = {**now[row["id"]], "b": row["b"]} if row["id"] in touched else now[row["id"]]
            assert same == row
        assert set(before["p"]) <= set(after["p"]) and after["t"] == before["t"] and after["e"] == before["e"]

        assert sqlfix("backfill", path, *chosen, "--yes").code == ran.code
        assert contents(path) == after
        if ran.json["fixes"]:
            assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
        assert contents(path) == before
        for _ in range(2):
            run_script(path, script.out)
            assert contents(path) == after


PEOPLE = st.sampled_from(["a", "b", "c", "d", "e", "f", "g"])


@settings(parent=SLOW, max_examples=settings.default.max_examples // 2)
@given(
    rows=st.lists(st.tuples(PEOPLE, PEOPLE, st.sampled_from([None, None, None, 1, 2, 3, 4])), min_size=1, max_size=8),
    by_boss=st.booleans(),
)
def test_no_row_of_a_tree_comes_beneath_itself(rows: list[Any], by_boss: bool) -> None:
    """Left are just the rows that all links together would put on a ring; the others are linked, or get a new row."""
    count = len(rows)
    people = {n: (name, boss, up if up and up <= count else None) for n, (name, boss, up) in enumerate(rows, 1)}
    named: dict[str, list[int]] = {}
    for number, (name, _, _) in people.items():
        named.setdefault(name, []).append(number)
    wanting = {number for number, (_, _, up) in people.items() if up is None}
    matched = {n: named[people[n][1]][0] for n in wanting if len(named.get(people[n][1], [])) == 1}
    doubtful = {n for n in wanting if len(named.get(people[n][1], [])) > 1}

    def comes_back(number: int) -> bool:
        group = {n for n in matched if n == number or (by_boss and people[n][1] == people[number][1])}
        at: int | None = matched[number]
        seen: set[int] = set()
        while at is not None and at not in group and at not in seen:
            seen.add(at)
            at = matched.get(at, people[at][2])
        return at in group

    left = doubtful | {number for number in matched if comes_back(number)}
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        values = ", ".join(f"({n}, '{name}', '{boss}', {up or 'NULL'})" for n, (name, boss, up) in people.items())
        table = "CREATE TABLE t (id INTEGER PRIMARY KEY, name, boss, up REFERENCES t)"
        path = build(Path(folder) / "x.db", f"{table}; INSERT INTO t VALUES {values};")
        before = contents(path)
        group = ["--group-by", "boss"] if by_boss else []
        ran = sqlfix("backfill", path, "t.up", "--match", *group, "--set", "t.name={boss}", "--yes", "--format", "json")
        assert ran.code == bool(left), ran.err
        now = {row["id"]: row for row in read(path, "SELECT * FROM t")}
        for number, (_, boss, up) in people.items():
            above = now[number]["up"]
            if number in left or up is not None:
                assert above == up
            elif number in matched:
                assert above == matched[number]
            else:
                assert above > count and now[above]["name"].startswith(boss) and now[above]["up"] is None
        assert sum(part["count"] for part in ran.json["left"]) == len(left)
        if ran.json["fixes"]:
            assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
        assert contents(path) == before
