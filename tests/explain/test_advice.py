"""Advice that leads the right way: what the hints name is carried out here, and has to mend what it is for."""

from __future__ import annotations

import contextlib
import re
import shlex
import sqlite3
from pathlib import Path

import pytest
from support import build, sqlfix

PARTS = """
CREATE TABLE mode (pm INTEGER PRIMARY KEY);
CREATE TABLE config (ic INTEGER NOT NULL, pm INTEGER NOT NULL REFERENCES mode (pm), PRIMARY KEY (pm, ic));
INSERT INTO mode VALUES (1), (2);
INSERT INTO config VALUES (1, 1), (2, 1), (1, 2);
"""
HALF = """
CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE {left} (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (id), total NUMERIC);
CREATE TABLE line (id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL REFERENCES invoice (id), txt TEXT);
INSERT INTO account VALUES (1, 'a');
INSERT INTO {left} VALUES (1, 1, 9.5), (3, 1, 20);
INSERT INTO line VALUES (1, 1, 'x'), (2, 3, 'y');
"""


def said(path: Path, check: str) -> list[tuple[str, str]]:
    """The message and the hint of each finding of a check."""
    findings = sqlfix("scan", path, "--format", "json").json["findings"]
    return [(f["message"], f["hint"] or "") for f in findings if f["check"] == check]


def run(path: Path, sql: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)
        return connection.execute("PRAGMA foreign_key_check").fetchall()


# -- a key that names a part of another ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference", ["ic) REFERENCES config (ic", "pm) REFERENCES config (ic", "pm) REFERENCES config"]
)
def test_a_part_of_a_key_wants_the_other_column_too(reference: str, tmp_path: Path) -> None:
    end = ")" if "config (" in reference else ""
    child = f"CREATE TABLE r (id INTEGER PRIMARY KEY, ic INTEGER, pm INTEGER, FOREIGN KEY ({reference}{end});"
    path = build(tmp_path / "x.db", f"{PARTS}{child} INSERT INTO r VALUES (1, 1, 1), (2, 9, 9);")
    check = "parent-key-not-unique" if "config (" in reference else "column-count-mismatch"
    ((_, hint),) = said(path, check)
    assert "UNIQUE INDEX" not in hint and "foreign key mismatch" in hint
    declared = re.search(r"FOREIGN KEY \(.*?\) REFERENCES .*?\)", hint)
    assert declared is not None
    ran = sqlfix("why", path, "--error", 'foreign key mismatch - "r" referencing "config"')
    assert ran.code == 1 and 'FOREIGN KEY ("pm", "ic")' in " ".join(ran.out.split())
    anew = (
        f"DROP TABLE r; CREATE TABLE r (id INTEGER PRIMARY KEY, ic, pm, {declared[0]}); INSERT INTO r VALUES (2, 9, 9);"
    )
    assert run(path, anew) == [("r", 2, "config", 0)]  # SQLite can use it: the one orphan is found


def test_a_part_of_a_key_of_a_child_that_lacks_the_other_column(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", f"{PARTS} CREATE TABLE r (x INTEGER REFERENCES config (ic));")
    ((message, hint),) = said(path, "parent-key-not-unique")
    assert "a part of its key (pm, ic)" in message
    assert "r has none for pm" in hint and "UNIQUE INDEX" not in hint


def test_a_part_of_a_unique_index_is_a_part_of_a_key(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, a, b, UNIQUE (a, b));CREATE TABLE c (x REFERENCES p (a), b);",
    )
    ((_, hint),) = said(path, "parent-key-not-unique")
    assert 'FOREIGN KEY ("x", "b") REFERENCES "p" ("a", "b")' in hint


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(
            "CREATE TABLE u (id TEXT PRIMARY KEY, org TEXT NOT NULL);"
            "CREATE TABLE m (u TEXT, org TEXT, FOREIGN KEY (u, org) REFERENCES u (id, org));",
            id="more than the key",
        ),
        pytest.param(
            "CREATE TABLE u (id TEXT, org TEXT); CREATE TABLE m (u TEXT REFERENCES u (id));", id="no key at all"
        ),
        pytest.param(
            "CREATE TABLE u (id TEXT, org TEXT); CREATE UNIQUE INDEX i ON u (id, org) WHERE org > 0;"
            "CREATE TABLE m (u TEXT REFERENCES u (id));",
            id="a part of a partial index",
        ),
    ],
)
def test_where_no_wider_key_is_a_unique_index_is_the_way(schema: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", schema)
    ((_, hint),) = said(path, "parent-key-not-unique")
    index = re.search(r"CREATE UNIQUE INDEX .*?\)", hint)
    assert index is not None
    assert run(path, index[0]) == []


# -- a table that is there under another name ---------------------------------------------------------------------


@pytest.mark.parametrize("view", ["", "CREATE VIEW v AS SELECT id FROM invoice;"])
@pytest.mark.parametrize("left", ["_alembic_tmp_invoice", "invoice_backup", "invoice__old", '"odd "" copy"'])
def test_a_missing_table_gets_its_name_back(left: str, view: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", HALF.format(left=left) + view)
    ((message, hint),) = said(path, "missing-parent-table")
    if "odd" in left:
        assert "RENAME" not in hint
        return
    assert left in message and "do not delete" not in hint and "correct the foreign key" not in hint
    statements = hint.partition("back: ")[2]
    assert statements.endswith(f'ALTER TABLE "{left}" RENAME TO "invoice"')
    ran = sqlfix("why", path, "--error", "no such table: main.invoice")
    assert 'RENAME TO "invoice"' in " ".join(ran.out.split())
    if found := said(path, "unfinished-migration"):
        assert statements in found[0][1]
    assert run(path, statements) == []
    assert sqlfix("scan", path).code == 0


def test_a_key_that_followed_a_rename_is_at_fault_itself(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE user (id INTEGER PRIMARY KEY); CREATE TABLE log (user_id INTEGER REFERENCES user__old (id));",
    )
    ((_, hint),) = said(path, "missing-parent-table")
    assert "RENAME" not in hint and "repair-schema corrects the foreign key" in hint


# -- a key whose rows stand in a leftover -------------------------------------------------------------------------


def test_no_index_is_advised_where_the_rows_stand_in_a_leftover(tmp_path: Path) -> None:
    tables = "CREATE TABLE {} (id INTEGER{}, name TEXT, total INT);"
    line = "CREATE TABLE line (id INTEGER PRIMARY KEY, invoice_id INTEGER REFERENCES invoice (id));"
    path = build(
        tmp_path / "x.db",
        tables.format("invoice", "") + tables.format("_alembic_tmp_invoice", " PRIMARY KEY") + line
        + "INSERT INTO _alembic_tmp_invoice VALUES (1, 'a', 1), (2, 'b', 2);",
    )  # fmt: skip
    ((_, hint),) = said(path, "parent-key-not-unique")
    assert "UNIQUE INDEX" not in hint and "_alembic_tmp_invoice" in hint and "finish the migration" in hint
    build(path, "INSERT INTO invoice SELECT * FROM _alembic_tmp_invoice")
    assert "UNIQUE INDEX" in said(path, "parent-key-not-unique")[0][1]


def test_a_key_that_refers_to_a_leftover_is_led_back_to_the_table(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE invoice (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE invoice__old (id INTEGER, name TEXT);"
        "CREATE TABLE line (invoice_id INTEGER REFERENCES invoice__old (id));"
        "INSERT INTO invoice__old VALUES (1, 'a');",
    )
    hints = [hint for _, hint in said(path, "parent-key-not-unique")]
    assert len(hints) == 1 and "UNIQUE INDEX" not in hints[0] and "was meant for invoice" in hints[0]


# -- what is held back says why -----------------------------------------------------------------------------------

HELD = [
    pytest.param(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES p (id) ON DELETE SET NULL);"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (2, 9);",
        "the schema says SET NULL, but p is NOT NULL", "--set c.p=delete", id="SET NULL of a NOT NULL column",
    ),
    pytest.param(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER NOT NULL DEFAULT 7 REFERENCES p (id) ON DELETE SET DEFAULT);"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (2, 0);",
        'the value means "none", but', "--set c.p=", id="a placeholder where NULL is not allowed",
    ),
    pytest.param(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES p (id));"
        "INSERT INTO p VALUES (1); INSERT INTO django_migrations VALUES (1, 1), (2, 9);",
        "is a framework's own bookkeeping", "", id="bookkeeping",
    ),
    pytest.param(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, a, b); CREATE TABLE p__old (id INTEGER PRIMARY KEY, a, b);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES p (id));"
        "INSERT INTO p VALUES (1, 1, 1); INSERT INTO p__old VALUES (2, 2, 2); INSERT INTO c VALUES (1, 1), (2, 9);",
        "p__old, left behind by a rebuild of p, has rows that are missing from p", "--ignore unfinished-migration",
        id="a half-finished migration",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "reason", "way_out"), HELD)
def test_what_is_held_back_says_why(schema: str, reason: str, way_out: str, tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", schema)
    (finding,) = [f for f in sqlfix("scan", path, "--format", "json").json["findings"] if f["parent"] and f["count"]]
    assert finding["fix"] is None
    assert reason in finding["facts"]["held_back"] and reason in finding["message"]
    assert way_out in (finding["hint"] or "")
    out = " ".join(sqlfix("scan", path).out.split())
    assert "held back" in out and reason in out and way_out in out


def test_where_all_is_held_back_the_next_command_says_what_can_be_chosen(tmp_path: Path) -> None:
    path = build(tmp_path / "x y.db", HELD[0].values[0])
    last = sqlfix("scan", path).out.splitlines()[-1]
    command = last.partition("sqlfix ")[2]
    assert command == f"repair --dry-run {shlex.quote(str(path))}"
    ran = sqlfix(*shlex.split(command))
    assert ran.code == 1 and "--set c.p=delete" in " ".join(ran.out.split())


def test_after_an_undo_the_next_commands_are_there_to_copy(tmp_path: Path) -> None:
    path = build(tmp_path / "x y.db", HELD[0].values[0].replace("NOT NULL ", ""))
    assert sqlfix("repair", path, "--yes").code == 0
    out = sqlfix("undo", path, "--yes").out.splitlines()
    again, following = (line.partition("sqlfix ")[2] for line in out[-2:])
    assert shlex.split(following) == ["scan", str(path)]
    assert sqlfix(*shlex.split(following)).code == 1
    assert sqlfix(*shlex.split(again), "--yes").code == 0
    assert sqlfix("scan", path).code == 0


@pytest.mark.parametrize("generated", [True, False])
def test_no_value_is_offered_for_a_computed_column(generated: bool, tmp_path: Path) -> None:
    column = "p INTEGER NOT NULL AS (x)" if generated else "p INTEGER NOT NULL"
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (x, {column} REFERENCES p (id) ON DELETE SET NULL);"
        f"INSERT INTO p VALUES (1); INSERT INTO c VALUES {'(1), (9)' if generated else '(1, 1), (9, 9)'};",
    )
    ((_, hint),) = said(path, "orphan-rows")
    assert "=delete" in hint and ("update" in hint) is not generated


def test_a_drop_in_a_rebuild_wants_no_row_deleted(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p (id));"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1);",
    )
    ran = sqlfix("why", path, "--error", "FOREIGN KEY constraint failed\n[SQL: DROP TABLE p]")
    assert ran.code == 1
    assert "PRAGMA foreign_keys=OFF before its BEGIN" in " ".join(ran.out.split())
