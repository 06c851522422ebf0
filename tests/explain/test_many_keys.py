"""What is asked about a row whose table has very many foreign keys: so much for each, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import build, sqlfix

from sqlfix.explain import edit_rules, prepared


def test_which_keys_a_change_touches_is_asked_once_for_each_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    concerned = prepared.concerned

    def counted(*arguments: object) -> object:
        asked.append(arguments)
        return concerned(*arguments)  # type: ignore[arg-type]

    for module in (prepared, edit_rules):
        monkeypatch.setattr(module, "concerned", counted)
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
