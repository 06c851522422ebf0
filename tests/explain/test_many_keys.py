"""What is asked about a row whose table has very many foreign keys: so much for each, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import build, sqlfix

from sqlfix.explain import rules
from sqlfix.plan import apply, rehearsal


def test_which_keys_a_change_touches_is_asked_once_for_each_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    concerned = rules.concerned

    def counted(*arguments: object) -> object:
        asked.append(arguments)
        return concerned(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(rules, "concerned", counted)
    for number in (20, 40):
        columns = ", ".join(f"k{place} REFERENCES p" for place in range(number))
        keys = ", ".join(["9"] * number)
        path = build(
            tmp_path / f"{number}.db",
            f"CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c ({columns}); INSERT INTO c VALUES ({keys});",
        )
        asked.clear()
        assert sqlfix("why", path, "c", "1").out.count("has no parent") >= number
        assert number <= len(asked) <= 3 * number


def test_each_column_that_touches_a_key_without_parent_is_named(tmp_path: Path) -> None:
    """Keys that share a column, one that is declared twice, and one of the table to itself, touched by its own key."""
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE p (a, b, PRIMARY KEY (a, b));
        CREATE TABLE c (id INTEGER PRIMARY KEY, a REFERENCES c, b, d,
            FOREIGN KEY (a, b) REFERENCES p, FOREIGN KEY (a, b) REFERENCES p, FOREIGN KEY (b, d) REFERENCES p);
        INSERT INTO c VALUES (1, 7, 7, 7);
        """,
    )
    found = {
        tuple(each["columns"]): each["written"]
        for each in sqlfix("why", path, "c", "1", "--format", "json").json["blockers"]
        if each["kind"] == "own-orphan"
    }
    assert found == {("a",): ["id", "a", "b", "d"], ("a", "b"): ["a", "b"], ("b", "d"): ["b", "d"]}


def test_however_many_tables_there_are_they_are_looked_at_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look at the tables asks SQLite to check all of the file: one for each table is their square."""
    looks: list[object] = []

    def counted(*arguments: object, **named: object) -> object:
        looks.append(arguments)
        return look_at(*arguments, **named)  # type: ignore[arg-type]

    look_at = rehearsal.look_at
    for module in (rehearsal, apply):
        monkeypatch.setattr(module, "look_at", counted)
    taken = []
    for tables in (5, 20):
        chain = "".join(
            f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, p REFERENCES t{n - 1}); INSERT INTO t{n} VALUES (1, 1);"
            for n in range(1, tables)
        )
        first = "CREATE TABLE t0 (id INTEGER PRIMARY KEY); INSERT INTO t0 VALUES (1);"
        path = build(tmp_path / f"{tables}.db", first + chain)
        looks.clear()
        assert "1 row references it" in sqlfix("why", path, "t0", "1").out
        taken.append(len(looks))
    assert taken[0] == taken[1] > 0
