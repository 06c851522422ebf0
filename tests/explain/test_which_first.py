"""Of several statements, or several rows of one, the one that fails first is named first."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import build

from tests.explain.test_causes import explain, keys, told

TABLES = """
CREATE TABLE p(id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE q(id INTEGER PRIMARY KEY);
CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p, q REFERENCES q);
CREATE TABLE t(id INTEGER PRIMARY KEY, up REFERENCES t);
INSERT INTO p VALUES (1, 'a'), (2, 'b'), (3, 'c'); INSERT INTO c VALUES (1, 1, NULL), (2, 2, NULL), (3, 1, NULL);
INSERT INTO t VALUES (1, NULL), (2, 1);
"""
MANY = {
    "DELETE": ("FOREIGN KEY", "DELETE FROM p WHERE id = ?", "[(3,), (2,), (1,)]", [[2, 1, 3]]),
    "INSERT": ("FOREIGN KEY", "INSERT INTO c (p, q) VALUES (?, ?)", "[(1, None), (2, 9), (8, None)]", [[], []]),
    "UNIQUE": ("UNIQUE", "INSERT INTO p (id, name) VALUES (?, ?)", "[(5, 'x'), (6, 'b'), (7, 'a')]", [[2, 1]]),
    "a row that goes later": ("FOREIGN KEY", "DELETE FROM t WHERE id = ?", "[(1,), (2,)]", [[2]]),
}


@pytest.mark.parametrize(("kind", "sql", "values", "rows"), MANY.values(), ids=MANY)
def test_the_row_that_fails_first_is_named_first(
    tmp_path: Path, kind: str, sql: str, values: str, rows: list[list[int]]
) -> None:
    path = build(tmp_path / "x.db", TABLES)
    of = ": p.name" if kind == "UNIQUE" else ""
    explanation = explain(path, f"{kind} constraint failed{of}\n[SQL: {sql}]\n[parameters: {values}]")
    assert [keys(culprit) for culprit in explanation.causes] == rows
    if sql.startswith("INSERT INTO c"):
        assert [culprit.columns for culprit in explanation.causes] == [("q",), ("p",)]


SEVERAL = {
    "behind the message": "FOREIGN KEY constraint failed\n{}",
    "before it": "{}\nRuntime error: FOREIGN KEY constraint failed (19)",
}


@pytest.mark.parametrize("text", SEVERAL.values(), ids=SEVERAL)
def test_of_several_statements_the_one_that_fails_is_the_answer(tmp_path: Path, text: str) -> None:
    path = build(tmp_path / "x.db", TABLES)
    script = "DELETE FROM p WHERE id = 3;\nDELETE FROM p WHERE id = 2;\nINSERT INTO c VALUES (9, 3, NULL);"
    explanation = explain(path, text.format(script))
    assert told(explanation) == [("references", "c", ("p",), [2])]
    statement = explanation.recognised.statement
    assert statement is not None and statement.equal == (("id", 2),)


def test_beside_a_select_a_view_comes_before_triggers(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, nick); CREATE TABLE log(x);"
        "CREATE TRIGGER tr AFTER DELETE ON t BEGIN INSERT INTO log SELECT nick FROM gone; END;"
        "CREATE VIEW v AS SELECT 1 FROM gone; CREATE VIEW w AS SELECT 1 FROM gone;",
    )
    text = "no such table: main.gone"
    assert explain(path, text).causes[0].table == "t"
    assert [c.table for c in explain(path, f"{text}\n[SQL: SELECT * FROM w JOIN t]").causes] == ["w", "v", "t"]
