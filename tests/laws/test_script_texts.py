"""A script of a change of the schema gives each object the very text that the change itself gives it.

Whatever stands in the texts, and whoever reads the script: the sqlite3 shell reads lines.
"""

from __future__ import annotations

import contextlib
import shlex
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from schema_digest import everything
from support import build, sqlfix

from tests.laws.test_scripts import SHELL, Runner, by_python, by_shell_with_bail, everywhere, needs_shell

TABLES = {
    "CR LF": """CREATE TABLE t (\r\n id INTEGER PRIMARY KEY,\r\r\n a INT, -- why\r\n b TEXT DEFAULT 'x\r\ny'
        CHECK (b <> 'p\r\nq'),\r\n s AS (b || '\r\n;\r\n') STORED, p INT REFERENCES p (id)\r\n)""",
    "a line that ends a statement": "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT CHECK (a\n / /* so */\n2 > 0),\n"
    "Go -- a column\nINT, b TEXT /* \ngo\n */ DEFAULT '\n/\n', p INT REFERENCES p (id))",
    "lines that begin as commands": "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT CHECK (t\n.a > 0),"
    " b TEXT DEFAULT '\n.quit\n#x\ngo\n;\n', p INT REFERENCES p (id))",
    "lone CR": "CREATE TABLE t (id INTEGER PRIMARY KEY,\r a INT, -- \ra\n b DEFAULT 'x\ry', p INT REFERENCES p)",
    "long lines": f"CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b DEFAULT '{'x' * 100_000}', p INT REFERENCES p)",
    "a name with CR LF": 'CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b TEXT, "c\r\nd" INT, p INT REFERENCES p)',
}
OTHERS = {
    "plain": [],
    "others": [
        "CREATE INDEX i ON t (a) -- c\r\n",
        "CREATE INDEX j ON t (\r\n a,\r\n b)  ",
        "CREATE UNIQUE INDEX k ON t (replace(b, '\r\n', '|')) WHERE b <> '\r\n' /* open",
        "CREATE INDEX l ON t (a, p) -- end",
        "CREATE VIEW v AS\r\n SELECT 'x\r\ny' AS z, a FROM t -- end",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN\r\n SELECT 'a\r\nb;\r\n';\r\nEND",
        "CREATE TRIGGER h AFTER INSERT ON t BEGIN\n SELECT 1\n/\n2;\nSELECT 1 AS\ngo\n; END /* open",
    ],
}
ROWS = """INSERT INTO t (id, a, b, p) VALUES (1, 10, 'x' || char(13, 10) || 'y', 1), (2, 20, 'a' || char(13, 10), 2),
    (3, 30, 'k' || char(0) || 'z', NULL), (4, 40, char(13), 1), (5, 50, CAST(x'e9ff' AS TEXT), 1);"""
CHANGES = {
    "a type, for which rows are copied": ("t.a", "--type", "TEXT"),
    "NOT NULL, in place": ("t.a", "--not-null"),
    "an action, in place": ("t.p", "--on-delete", "cascade"),
    "UNIQUE": ("t.a", "--unique"),
    "a collation": ("t.b", "--collate", "nocase"),
    "an index that becomes unique": ("t.a", "--unique-index"),
    "a DEFAULT": ("t.b", "--default", "'q'"),
}


def made(path: Path, table: str, others: list[str]) -> Path:
    """A table by its text, to the letter, with what is on it."""
    build(path, "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for text in (table, *others):
            connection.execute(text)
        connection.executescript(ROWS)
    return path


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("others", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_script_of_a_change_gives_every_text_to_the_letter(
    tmp_path: Path, table: str, others: list[str], change: tuple[str, ...]
) -> None:
    path = made(tmp_path / "app.db", table, others)
    runs: list[Runner] = [by_python, *([by_shell_with_bail] if SHELL else [])]
    copies = [Path(shutil.copy(path, tmp_path / f"{number}.db")) for number in range(len(runs))]
    place, *wish = change
    script = sqlfix("alter", path, place, *wish, "--sql")
    assert sqlfix("alter", path, place, *wish, "--yes", "--no-backup").code == 0
    if script.code == 2:  # a statement has to name that column
        assert r"c\r\nd" in script.err
        assert "the sqlite3 shell would turn its CR LF into LF" in script.err
        assert script.err.endswith("can do without a script: sqlfix alter without --sql\n")
        return
    assert script.code == 0
    for run, copy in zip(runs, copies, strict=True):
        assert run(copy, script.out)
        assert everything(copy) == everything(path)


@needs_shell
def test_a_shell_that_lets_nobody_write_the_catalogue_changes_nothing_until_it_is_told_to(tmp_path: Path) -> None:
    """So the newer ones are by themselves; the script says how they are told."""
    path = made(tmp_path / "app.db", TABLES["CR LF"], [])
    script, before = sqlfix("alter", path, "t.a", "--not-null", "--sql").out, everything(path)
    told = 'sqlite3 -bail -cmd ".dbconfig defensive off" FILE < THIS_SCRIPT'
    assert told in script
    for options in (["-bail"], []):
        guarded = [str(SHELL), "-batch", *options, "-cmd", ".dbconfig defensive on", str(path)]
        ran = subprocess.run(guarded, input=script, capture_output=True, text=True)
        assert "may not be modified" in ran.stderr
        assert everything(path) == before
    command = told.replace("FILE < THIS_SCRIPT", str(path)).replace("sqlite3", str(SHELL), 1)
    subprocess.run(shlex.split(command), input=script, capture_output=True, text=True, check=True)
    assert "a INT NOT NULL" in everything(path)["schema"][-1][3].decode()


# -- what was dropped ---------------------------------------------------------------------------------------------

DROPPED = {
    "a table": ("--drop-table", "t"),
    "a column": ("--drop-column", "t.p"),
    "another column": ("--drop-column", "t.b"),
}


def dropped(path: Path, *what: str) -> str:
    """Drop something; the script that puts it back."""
    assert sqlfix("repair-schema", path, *what, "--yes", "--backup-to", path.with_name("backup.db")).code == 0
    (script,) = path.parent.glob("*.dropped-*.sql")
    return script.read_bytes().decode()


@everywhere
@pytest.mark.parametrize("what", DROPPED.values(), ids=DROPPED)
@pytest.mark.parametrize("table", [text for name, text in TABLES.items() if "name" not in name and "CR LF" not in name])
def test_what_was_dropped_comes_back_to_the_letter(
    tmp_path: Path, run: Runner, table: str, what: tuple[str, str]
) -> None:
    others = [
        text for text in OTHERS["others"] if "VIEW" not in text and (what[0] == "--drop-table" or " t (" not in text)
    ]
    path = made(tmp_path / "app.db", table, others)
    before = everything(path)
    script = dropped(path, *what)
    assert run(path, script)
    if what[0] == "--drop-table":
        assert everything(path) == before
    held = everything(path)
    assert not run(path, script)  # it is there by now
    assert everything(path) == held


LINES = """
CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, x TEXT DEFAULT 'one\r\ntwo' -- of\r\n /* three */ COLLATE NOCASE\r\n, b);
CREATE TABLE d (id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT CHECK (x <> '\r\n'));
INSERT INTO t (id, x) VALUES (1, 'a' || char(13, 10)), (2, NULL), (3, 'x'); INSERT INTO d VALUES (7, 'x'), (9, 'y');
PRAGMA ignore_check_constraints = ON; INSERT INTO d VALUES (4, char(13, 10)); DELETE FROM d WHERE id = 9;
CREATE TRIGGER g AFTER UPDATE ON t BEGIN\r\n SELECT '\r\n'; END;
"""


@everywhere
def test_what_was_dropped_comes_back_with_its_line_ends_and_with_rows_that_break_a_check(
    tmp_path: Path, run: Runner
) -> None:
    path = build(tmp_path / "app.db", LINES)
    before = everything(path)
    script = dropped(path, "--drop-column", "t.x", "--drop-table", "d")
    assert run(path, script)
    after = everything(path)
    (text,) = (row[3] for row in after["schema"] if row[1] == b"t")
    assert b"x TEXT DEFAULT 'one\r\ntwo' -- of\r\n /* three */ COLLATE NOCASE" in text
    for key in ("d", "sqlite_sequence", "rowids of d"):
        assert after[key] == before[key]
    of_others = [[row for row in found["schema"] if row[1] != b"t"] for found in (before, after)]
    assert of_others[0] == of_others[1]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT id, x FROM t").fetchall() == [(1, "a\r\n"), (2, None), (3, "x")]


@pytest.mark.parametrize(
    "since",
    [
        "CREATE TABLE d (id INTEGER PRIMARY KEY, x); INSERT INTO d VALUES (1, 'mine')",
        "CREATE VIEW D AS SELECT 1",
        "ALTER TABLE t ADD COLUMN x; UPDATE t SET x = 'mine'",
        "DROP TRIGGER g; CREATE TRIGGER g AFTER UPDATE ON t BEGIN SELECT 2; END",
        "CREATE TRIGGER h AFTER UPDATE ON t BEGIN SELECT 2; END",
        "ALTER TABLE t RENAME TO other",
        "CREATE TRIGGER other AFTER INSERT ON q BEGIN SELECT 1; END; CREATE INDEX e ON q (a)",
    ],
)
@everywhere
def test_a_script_that_meets_another_schema_changes_nothing(tmp_path: Path, run: Runner, since: str) -> None:
    """With nobody to stop it at the first error, too."""
    path = build(tmp_path / "app.db", LINES + "CREATE TABLE q (a); CREATE INDEX e ON d (x);")
    script = dropped(path, "--drop-column", "t.x", "--drop-table", "d")
    build(path, since)
    held = everything(path)
    assert not run(path, script)
    assert everything(path) == held
