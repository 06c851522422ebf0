"""Cycles through a table of links between rows of one table: what is found, and which tables are no hierarchies."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import build, sqlfix, together

from sqlfix.checks import cycles
from sqlfix.model.findings import Finding
from sqlfix.scan import link_cycles
from sqlfix.scan.run import scan
from sqlfix.scan.scope import Scope
from sqlfix.schema.catalogue import read_schema

Link = tuple[int, int]


def found(sql: str) -> list[Finding]:
    """What the check finds in a database in memory; nothing was left unchecked, and nothing is left behind."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(sql)
        report = scan(connection, read_schema(connection), "x", Scope(("cycles",)))
        assert not report.not_checked
        assert connection.execute("SELECT count(*) FROM sqlite_temp_master").fetchone() == (0,)
        return [*report.findings]


def on_cycles(links: list[Link]) -> int:
    """How many links lead to a row from which they are reached again, followed one by one."""
    beneath: dict[int, set[int]] = {}
    for up, down in links:
        beneath.setdefault(up, set()).add(down)
    count = 0
    for up, down in links:
        reached, new = {down}, {down}
        while new:
            new = {low for at in new for low in beneath.get(at, ())} - reached
            reached |= new
        count += up in reached and up != down
    return count


SCHEMAS: dict[str, tuple[str, Callable[[int], str], Callable[[int], str]]] = {
    "whole numbers": (
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE l (id INTEGER PRIMARY KEY,"
        " parent_id INTEGER REFERENCES p, child_id INTEGER REFERENCES p);", str, str,
    ),
    "numbers as text": (
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE l (id INTEGER PRIMARY KEY,"
        " parent_id TEXT REFERENCES p, child_id REFERENCES p);", lambda n: f"' {n}'", lambda n: f"'{n}.0'",
    ),
    "letters in either case, without rowid": (
        "CREATE TABLE p (id TEXT COLLATE NOCASE PRIMARY KEY); CREATE TABLE l (id INTEGER, parent_id TEXT REFERENCES p,"
        " child_id BLOB REFERENCES p, PRIMARY KEY (child_id, parent_id)) WITHOUT ROWID;",
        lambda n: f"'{'dbecafgh'[n]}'", lambda n: f"'{'DBECAFGH'[n]}'",
    ),
    "two columns, of which one is the same": (
        "CREATE TABLE p (t INTEGER, id REAL, PRIMARY KEY (t, id)); CREATE TABLE l (id, t INTEGER DEFAULT 1,"
        " parent_id INT, child_id INT, FOREIGN KEY (t, parent_id) REFERENCES p,"
        " FOREIGN KEY (t, child_id) REFERENCES p);", str, str,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SCHEMAS)
@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=10, unique=True))
def test_links_on_cycles_are_those_that_lead_back(case: str, links: list[Link]) -> None:
    sql, up, down = SCHEMAS[case]
    rows = "".join(
        f"INSERT INTO l (id, parent_id, child_id) VALUES ({n}, {up(a)}, {down(b)});" for n, (a, b) in enumerate(links)
    )
    loops = sum(a == b for a, b in links)
    if 2 * loops > len({end for a, b in links if a != b for end in (a, b)}):  # that is how the table is kept
        loops = 0
    expected = on_cycles(links)
    findings = found(sql + rows)
    assert [(f.count, f.facts["links"], f.facts["themselves"]) for f in findings] == (
        [(expected + loops, expected, loops)] if expected + loops else []
    )
    assert all(len(f.sample) == min(f.count, 5) for f in findings)


def table(name: str, above: str, below: str, further: str = "", parent: str = "p") -> str:
    """A table of links with a cycle of two and one more link above it."""
    return (
        f"CREATE TABLE {parent} (id INTEGER PRIMARY KEY); CREATE TABLE {name}"
        f" (id INTEGER PRIMARY KEY, {above} REFERENCES {parent}, {below} REFERENCES {parent}{further});"
        f"INSERT INTO {name} ({above}, {below}) VALUES (1, 2), (2, 3), (3, 2), (3, 4);"
    )


HIERARCHIES = {
    "parent and child": table("category_tree", "parent_id", "child_id"),
    "child and parent": table("l", "childId", "parentId"),
    "in one word": table("l", "PARENTID", "childid"),
    "only a parent": table("group_group", "group_id", "parent_group_id"),
    "a subgroup": table("l", "group_id", "subgroup_id"),
    "a member of a group of groups": table("l", "group_id", "member_id", parent="auth_group"),
    "a member of groups": table("l", "group_id", "member_group_id", parent="groups"),
    "a member of roles": table("role_members", "member_id", "role_id", parent="roles"),
    "what a role inherits from": table("l", "role_id", "inherits_id", parent="roles"),
    "container and member": table("l", "member", "container"),
    "what a set includes": table("l", "set_id", "includes_set_id"),
    "assembly and component": table("bom", "assembly", "component", ", quantity NOT NULL DEFAULT 1"),
    "a part of a part": table("l", "part_id", "component_part_id"),
    "Django's many to many, by the table's name": table("app_group_parents", "from_group_id", "to_group_id"),
    "with what is said of every row": table("l", "parent_id", "child_id", ", sort INT, note TEXT, created_at DATETIME"),
}


@together
@pytest.mark.parametrize("sql", HIERARCHIES.values(), ids=HIERARCHIES.keys())
def test_a_cycle_of_links(sql: str) -> None:
    (finding,) = found(sql)
    assert (finding.count, [row.key[0][1] for row in finding.sample]) == (2, [2, 3])


NO_HIERARCHIES = {
    "friends": table("friends", "parent_id", "child_id"),
    "no words for above and below": table("l", "a_id", "b_id"),
    "from and to": table("moves", "from_id", "to_id"),
    "followers": table("l", "follower_id", "followed_id"),
    "links": table("page_links", "parent_id", "child_id"),
    "a parent, and what is related to it": table("l", "parent_id", "related_id"),
    "user and member": table("l", "user_id", "member_id", parent="users"),
    "spouses": table("l", "parent_id", "spouse_id"),
    "both are parents": table("l", "parent_id", "other_parent_id"),
    "links of several kinds": table("l", "parent_id", "child_id", ", relation_type"),
    "links of several times": table("l", "parent_id", "child_id", ", valid_from, valid_to"),
    "links that were taken back": table("l", "parent_id", "child_id", ", deleted_at"),
    "links of several trees by a key": table("l", "parent_id", "child_id", ", forest, UNIQUE (forest, child_id)"),
    "links of several trees by a reference": table("l", "parent_id", "child_id", ", forest REFERENCES p"),
    "two tables": (
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE q (id INTEGER PRIMARY KEY);"
        "CREATE TABLE l (parent_id REFERENCES p, child_id REFERENCES q); INSERT INTO l VALUES (1, 2), (2, 1);"
    ),
    "two keys of one table": (
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code UNIQUE);"
        "CREATE TABLE l (parent_id REFERENCES p, child_id REFERENCES p (code)); INSERT INTO l VALUES (1, 2), (2, 1);"
    ),
    "a computed column": (
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE l (x, parent_id REFERENCES p,"
        " child_id AS (3 - parent_id) REFERENCES p); INSERT INTO l (parent_id) VALUES (1), (2);"
    ),
    "every link in both directions": (
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE l (parent_id REFERENCES p, child_id REFERENCES p);"
        "WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 9)"
        " INSERT INTO l SELECT i, i + 1 FROM k UNION ALL SELECT i + 1, i FROM k;"
    ),
    "ancestor and descendant": table("l", "ancestor", "descendant"),
    "ways of any length": table("l", "parent_id", "child_id", ", depth"),
    "a closure: each is its own ancestor": (
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE l (ancestor REFERENCES p, descendant REFERENCES p);"
        "INSERT INTO l VALUES (1, 1), (2, 2), (3, 3), (2, 1), (3, 1), (2, 3), (9, 2);"
    ),
    "a closure by its depth": (
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE l (parent_id REFERENCES p, child_id REFERENCES p, depth);"
        "INSERT INTO l VALUES (1, 1, 0), (2, 1, 1), (2, 3, 1), (9, 2, 1);"
    ),
    "a closure by its rows": (
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE l (parent_id REFERENCES p, child_id REFERENCES p);"
        "INSERT INTO l VALUES (1, 1), (2, 2), (3, 3), (2, 1), (3, 1), (2, 3);"
    ),
    "a half of NULL": (
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE l (parent_id REFERENCES p, child_id REFERENCES p);"
        "INSERT INTO l VALUES (1, NULL), (NULL, 1), (NULL, NULL), (2, 1), (1, 3);"
    ),
}


@together
@pytest.mark.parametrize("sql", NO_HIERARCHIES.values(), ids=NO_HIERARCHIES.keys())
def test_no_cycle_of_links(sql: str) -> None:
    assert found(sql) == []


CHAIN = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY);"
    "CREATE TABLE l (parent_id INTEGER REFERENCES p, child_id INTEGER REFERENCES p);"
    "WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < {n})"
    " INSERT INTO l SELECT i * 7919 % 100003, (i + 1) * 7919 % 100003 FROM k;"
)


def test_a_long_chain_takes_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of the chain go up and down; a ring in its midst is found all the same."""
    peel, said = link_cycles.rounds_of_peeling, []
    monkeypatch.setattr(link_cycles, "rounds_of_peeling", lambda *words: said.append(peel(*words)))
    assert found(CHAIN.format(n=20_000)) == []
    ring = "INSERT INTO l SELECT (SELECT child_id FROM l WHERE rowid = 10002), parent_id FROM l WHERE rowid = 10000"
    (finding,) = found(CHAIN.format(n=20_000) + ring)
    assert (finding.count, len(finding.sample)) == (4, 4)
    assert said and max(said) < 5


def test_too_many_links_to_tell_them_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_cycles, "MOST_LEFT", 4)
    sql = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE l (parent_id REFERENCES p, child_id REFERENCES p);"
    (finding,) = found(sql + "INSERT INTO l VALUES (1, 2), (2, 1), (2, 3), (3, 4), (4, 3), (4, 5);")
    assert finding.count == 5
    assert "5 links are on cycles, or between two of them" in cycles.message(finding)


def test_a_missing_collation_is_not_checked(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.create_collation("OURS", lambda one, other: (one > other) - (one < other))
        connection.executescript(
            "CREATE TABLE p (id TEXT COLLATE OURS PRIMARY KEY);"
            "CREATE TABLE l (parent_id TEXT REFERENCES p, child_id TEXT REFERENCES p);"
            "INSERT INTO l VALUES (1, 2), (2, 1);"
        )
    ran = sqlfix("scan", path, "--select", "cycles", "--format", "json")
    assert ran.code == 3
    assert {"subject": "l", "reason": "cycles: no such collation sequence: OURS; it belongs to the application"} in (
        ran.json["not_checked"]
    )


def test_in_words(tmp_path: Path) -> None:
    sql = (
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE sqlfix_ends (parent_id REFERENCES p, child_id REFERENCES p);"
    )
    sql += "INSERT INTO p VALUES (1), (2), (3), (4);"
    rows = "INSERT INTO sqlfix_ends VALUES (1, 2), (2, 3), (3, 1), (2, 2), (3, 4);"
    ran = sqlfix("scan", build(tmp_path / "x.db", sql + rows), "-v")
    shown = " ".join(ran.out.split())
    assert (
        "warning cycles: sqlfix_ends (parent_id, child_id) places rows of p below others: 3 links are on cycles and 1"
        " link leads from a row to itself hint: break each cycle: delete one of its links" in shown
    )
    assert "rowid=4 (parent_id=2, child_id=2)" in shown
