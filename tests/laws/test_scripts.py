"""What a script does in the hands of others: in the sqlite3 shell, with and without -bail, and from Python.

It changes what it says, or nothing at all: whatever the file, wherever it came from in between.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import build, contents, old, sqlfix

from sqlfix.cli import run as run_cli
from sqlfix.model.values import NotUtf8, Value
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.names import require_table
from sqlfix.schema.rows import lasting_key
from sqlfix.sql.literals import literal, quote

SHELL = shutil.which("sqlite3")
Runner = Callable[[Path, str], bool]
"""Runs a script on a database; whether it went through without an error."""


def by_python(path: Path, script: str) -> bool:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        try:
            connection.executescript(script)
        except sqlite3.Error:
            return False
        assert connection.execute("SELECT count(*) FROM sqlite_temp_schema").fetchone() == (0,)
    return True


def by_shell(path: Path, script: str, *options: str) -> bool:
    ran = subprocess.run(
        [SHELL or "sqlite3", "-batch", *options, str(path)],
        input=script.encode(),
        capture_output=True,
        env={**os.environ, "HOME": str(path.parent)},
    )
    assert not ran.stdout or b" rows were not put back" in ran.stdout  # by the script of an undo that skips some
    return (ran.returncode, ran.stderr) == (0, b"")


def by_shell_with_bail(path: Path, script: str) -> bool:
    return by_shell(path, script, "-bail")


needs_shell = pytest.mark.skipif(SHELL is None or old(SHELL), reason="there is no sqlite3 shell")
everywhere = pytest.mark.parametrize(
    "run",
    [
        by_python,
        pytest.param(by_shell, marks=needs_shell),
        pytest.param(by_shell_with_bail, marks=needs_shell),
    ],
)


def loaded_from_a_dump(path: Path) -> Path:
    """The same rows in another file, by the text of a dump: what has no INTEGER PRIMARY KEY gets other rowids."""
    copy = path.with_name(f"copy of {path.name}")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        text = "\n".join(connection.iterdump())
    return build(copy, text)


def all_rows(path: Path, table: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


# -- the row that is meant ----------------------------------------------------------------------------------------

KEYS = {
    "text": ("u TEXT NOT NULL PRIMARY KEY, n", "('old', 0), ('aa', 1), ('bb', 2)", "u", "aa"),
    "two columns": (
        "a TEXT, u INT, n, PRIMARY KEY (u, a)",
        "('old', 0, 0), ('x', 7, 1), ('y', 7, 2)",
        "a, u",
        "u=7,a=x",
    ),
    "not the primary key": ("u TEXT NOT NULL UNIQUE, n", "('old', 0), ('aa', 1), ('bb', 2)", "u", "u=aa"),
    "a key beside one that is NULL": (
        "p TEXT PRIMARY KEY, n, u TEXT UNIQUE",
        "(NULL, 0, 'old'), (NULL, 1, 'aa'), (NULL, 2, 'bb')",
        "u",
        "u=aa",
    ),
    "by a wider collation than the index": (
        "u TEXT COLLATE NOCASE, n, PRIMARY KEY (u COLLATE BINARY)",
        "('old', 0), ('AA', 1), ('aa', 2)",
        "u",
        "AA",
    ),
    "by a narrower collation than the index": (
        "u TEXT, n, PRIMARY KEY (u COLLATE NOCASE)",
        "('old', 0), ('AA', 1), ('bb', 2)",
        "u",
        "AA",
    ),
    "a number and its text": ("u PRIMARY KEY, n", "('old', 0), (1, 1), ('1', 2)", "u", "+1"),
    "a text and its number": ("u PRIMARY KEY, n", "('old', 0), ('1', 1), (1, 2)", "u", "'1'"),
    "a fraction": ("u REAL PRIMARY KEY, n", "(0.5, 0), (0.1, 1), (0.25, 2)", "u", "0.1"),
    "bytes": ("u BLOB PRIMARY KEY, n", "(x'00', 0), (x'aa00', 1), (x'aa', 2)", "u", "x'aa00'"),
}


@everywhere
@pytest.mark.parametrize("columns, rows, key, asked", KEYS.values(), ids=KEYS)
def test_the_row_is_named_by_a_key_that_lasts(
    columns: str, rows: str, key: str, asked: str, run: Runner, tmp_path: Path
) -> None:
    refers = ", ".join(f"c_{name}" for name in key.split(", "))
    path = build(
        tmp_path / "app.db",
        f"""
        CREATE TABLE p ({columns});
        INSERT INTO p VALUES {rows};
        CREATE TABLE c (
            id INTEGER PRIMARY KEY, n, {refers}, FOREIGN KEY ({refers}) REFERENCES p ({key}) ON DELETE CASCADE
        );
        INSERT INTO c (n, {refers}) SELECT n, {key} FROM p;
        DELETE FROM c WHERE n = 0;
        DELETE FROM p WHERE n = 0;
        """,
    )
    if "COLLATE" in columns:  # REFERENCES p (u) would want an index of the column's own collation
        path = edited(path, f"REFERENCES p ({key})", "REFERENCES p")
    script = sqlfix("why", path, "p", asked, "--sql").out
    copy = loaded_from_a_dump(path)
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT rowid, n FROM p").fetchall() == [(1, 1), (2, 2)]  # they were 2 and 3
    assert "by its rowid" not in script
    assert run(copy, script)
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT n FROM p").fetchall() == [(2,)]
        assert connection.execute("SELECT n FROM c").fetchall() == [(2,)]
    after = contents(copy)
    assert not run(copy, script), "the row is not there any more, and the script says so"
    assert contents(copy) == after


def edited(path: Path, old_text: str, new_text: str) -> Path:
    """The file with another text of its schema."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?)", (old_text, new_text))
    return path


@everywhere
def test_without_a_key_the_script_is_for_this_file_alone(run: Runner, tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db",
        """
        CREATE TABLE notes (word TEXT, said BLOB, n REAL);
        INSERT INTO notes VALUES ('old', NULL, 0), ('aa', NULL, 0.1), ('bb', x'00', 2);
        DELETE FROM notes WHERE word = 'old';
        """,
    )
    script = sqlfix("why", path, "notes", "2", "--sql").out
    assert "-- notes has no key, so the row is named by its rowid." in script
    copy = loaded_from_a_dump(path)  # there, rowid 2 is bb
    before = contents(copy)
    assert not run(copy, script)
    assert contents(copy) == before
    assert run(path, script)
    assert all_rows(path, "notes") == [("bb", b"\x00", 2.0)]


def test_a_key_whose_index_does_not_know_the_row_is_none(tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db",
        """
        CREATE TABLE p (u TEXT, n);
        CREATE UNIQUE INDEX k ON p (u) WHERE n <> 1;
        INSERT INTO p VALUES ('aa', 1), ('bb', 2);
        """,
    )
    with contextlib.closing(sqlite3.connect(edited(path, " WHERE n <> 1", ""))) as connection:
        table = require_table(read_schema(connection), "p")
        assert lasting_key(connection, table, (("rowid", 1),)) == ()
        assert lasting_key(connection, table, (("rowid", 2),)) == (("u", "bb"),)


# -- nothing but what was planned ---------------------------------------------------------------------------------

SHOP = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
    CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id));
    INSERT INTO customers VALUES (1);
    INSERT INTO orders VALUES (1, 1), (2, 7), (3, 8), (4, 1);
    INSERT INTO lines VALUES (1, 1), (2, 2), (3, 4);
"""
AFTER = {
    "one more orphan": "INSERT INTO orders VALUES (9, 9)",
    "one orphan fewer": "DELETE FROM orders WHERE id = 3",
    "a row beneath an orphan": "INSERT INTO lines VALUES (9, 3)",
    "a trigger that leaves a row": "CREATE TRIGGER t BEFORE DELETE ON orders BEGIN SELECT RAISE(IGNORE); END",
    "a trigger that stops it": "CREATE TRIGGER t BEFORE DELETE ON orders BEGIN SELECT RAISE(ABORT, 'no'); END",
    "a trigger that takes it all back": (
        "CREATE TRIGGER t AFTER UPDATE ON lines BEGIN SELECT RAISE(ROLLBACK, 'no'); END"
    ),
    "a trigger that keeps half": "CREATE TRIGGER t AFTER DELETE ON orders BEGIN SELECT RAISE(FAIL, 'no'); END",
    "a table that is gone": "DROP TABLE lines",
    "a column that is gone": "ALTER TABLE lines RENAME COLUMN order_id TO x",
}


@everywhere
@pytest.mark.parametrize("since", AFTER.values(), ids=AFTER)
def test_where_the_file_is_another_by_then_nothing_is_changed(since: str, run: Runner, tmp_path: Path) -> None:
    path = build(tmp_path / "app.db", SHOP)
    script = sqlfix("export-sql", path).out
    build(path, since)
    before = contents(path)
    assert not run(path, script)
    assert contents(path) == before


@everywhere
@pytest.mark.parametrize("since", ["INSERT INTO lines VALUES (9, 1)", *list(AFTER.values())[3:]])
def test_where_it_is_another_by_then_one_row_is_not_deleted(since: str, run: Runner, tmp_path: Path) -> None:
    path = build(tmp_path / "app.db", SHOP)
    script = sqlfix("why", path, "customers", 1, "--sql").out
    assert script
    build(path, since)
    before = contents(path)
    assert not run(path, script)
    assert contents(path) == before


@everywhere
def test_a_statement_that_cannot_even_be_read_is_a_step_that_was_not_done(run: Runner, tmp_path: Path) -> None:
    """What changes() says after it is the number of the statement before; what the step has left is seen."""
    path = build(
        tmp_path / "app.db",
        """
        CREATE TABLE person (id INTEGER PRIMARY KEY, email);
        CREATE TABLE pet (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES person (id));
        INSERT INTO person VALUES (1, 'a'), (2, 'a');
        INSERT INTO pet VALUES (1, 2);
        """,
    )
    script = sqlfix("export-sql", "--merge", "person.email", "--keep", "first", path).out
    build(path, "CREATE TRIGGER t BEFORE DELETE ON person BEGIN SELECT only_the_application_has_it(); END")
    before = contents(path)
    assert not run(path, script)
    assert contents(path) == before


@everywhere
def test_a_second_run_is_right_as_well(run: Runner, tmp_path: Path) -> None:
    path = build(tmp_path / "app.db", SHOP)
    script = sqlfix("export-sql", path).out
    assert run(path, script)
    after = contents(path)
    assert all_rows(path, "orders") == [(1, 1), (4, 1)]
    assert run(path, script)
    assert contents(path) == after


@pytest.mark.parametrize("run", [pytest.param(by_shell, marks=needs_shell)])
def test_inside_of_a_transaction_with_foreign_keys_on_nothing_is_changed(run: Runner, tmp_path: Path) -> None:
    """There the setting cannot be changed any more, and each delete would cascade."""
    cascading = SHOP.replace("orders (id))", "orders (id) ON DELETE CASCADE)")
    path = build(tmp_path / "app.db", cascading)
    script = sqlfix("export-sql", path).out
    before = contents(path)
    assert not run(path, f"PRAGMA foreign_keys = ON;\nBEGIN;\nINSERT INTO customers VALUES (5);\n{script}")
    assert contents(path) == before


# -- a repair is taken back by a script ---------------------------------------------------------------------------

BOOKED = """
    CREATE TABLE p (u TEXT NOT NULL PRIMARY KEY);
    CREATE TABLE gone (u TEXT NOT NULL PRIMARY KEY, p NOT NULL REFERENCES p);
    CREATE TABLE emptied (a, b, p REFERENCES p, word, UNIQUE (a, b));
    CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, p REFERENCES p ON DELETE CASCADE);
    INSERT INTO p VALUES ('one'), ('two');
    INSERT INTO gone VALUES ('old', 'one'), ('x', 'lost'), ('y', 'two'), ('z', 'lost');
    INSERT INTO emptied VALUES ('old', 1, 'one', NULL), ('x', 1, 'lost', 0.1), ('x', 2, 'two', 'b');
    INSERT INTO emptied VALUES ('y', 1, 'lost', x'00');
    INSERT INTO counted VALUES (1, 'one'), (5, 'lost'), (9, 'lost');
    DELETE FROM gone WHERE u = 'old'; DELETE FROM emptied WHERE a = 'old';
"""
TABLES = ("p", "gone", "emptied", "counted", "sqlite_sequence")


def undo_of_booked(path: Path, *options: str) -> tuple[dict[str, list[tuple[object, ...]]], str]:
    """The rows before a repair, and the script that reverses it; the file is repaired afterwards."""
    build(path, BOOKED)
    before = {name: all_rows(path, name) for name in TABLES}
    assert sqlfix("repair", path, "--yes", "--no-backup", "--allow-mass-delete").code == 0
    undo = sqlfix("undo", path, "--sql", *options)
    assert undo.code == 0, undo.err
    return before, undo.out


@everywhere
def test_a_reversal_finds_its_rows_by_their_keys(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    before, script = undo_of_booked(path)
    assert "by their rowids" not in script
    copy = loaded_from_a_dump(path)  # with other rowids: one is taken that a deleted row had
    build(copy, "INSERT INTO gone SELECT 'new', 'one'; INSERT INTO emptied (rowid, a, b) SELECT 77, 'new', 1")
    assert run(copy, script)
    for table, more in (("gone", [("new", "one")]), ("emptied", [("new", 1, None, None)]), ("p", []), ("counted", [])):
        assert all_rows(copy, table) == sorted([*before[table], *more], key=repr) or more == []
        assert set(all_rows(copy, table)) == {*before[table], *more}
    after = contents(copy)
    assert not run(copy, script), "they are back already"
    assert contents(copy) == after


SINCE = {
    "a row that was changed again": "UPDATE emptied SET word = 'new' WHERE a = 'y'",
    "a row that is gone": "DELETE FROM emptied WHERE a = 'y'",
    "a key that another row has by now": "INSERT INTO gone VALUES ('x', 'one')",
    "a table that is gone": "DROP TABLE gone",
    "a column that is gone": "ALTER TABLE emptied DROP COLUMN word",
    "a CHECK that was added": (
        "DROP TABLE counted; CREATE TABLE counted (id INTEGER PRIMARY KEY, p CHECK (p <> 'lost'));"
    ),
}


@everywhere
@pytest.mark.parametrize("since", SINCE.values(), ids=SINCE)
def test_a_reversal_with_conflicts_changes_nothing(since: str, run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    _, script = undo_of_booked(path)
    build(path, since)
    before = contents(path)
    assert not run(path, script)
    assert contents(path) == before


@everywhere
def test_a_reversal_that_skips_conflicts_puts_back_the_rest(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    before, script = undo_of_booked(path, "--skip-conflicts")
    build(path, "UPDATE emptied SET word = 'new' WHERE a = 'y'")
    assert run(path, script)
    assert all_rows(path, "gone") == before["gone"]
    assert ("x", 1, "lost", 0.1) in all_rows(path, "emptied")
    assert ("y", 1, None, "new") in all_rows(path, "emptied")


def test_a_script_that_skips_rows_says_how_many(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    _, script = undo_of_booked(path, "--skip-conflicts")
    told = []
    for since in ("", "UPDATE emptied SET word = 'new' WHERE a = 'y'; INSERT INTO gone VALUES ('x', 'one')"):
        copy = Path(shutil.copyfile(path, tmp_path / f"copy{len(told)}.db"))
        build(copy, since)
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            said = [row for line in script.split("\n") for row in connection.execute(line) if row[0] is not None]
        told.append([str(text) for (text,) in said])
    assert told[0] == [] and len(told[1]) == 1
    assert told[1][0].startswith("2 of 6 rows were not put back")


@everywhere
def test_a_reversal_without_keys_is_for_this_file_alone(run: Runner, tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db",
        """
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE notes (word, p REFERENCES p);
        INSERT INTO notes VALUES ('old', NULL), ('a', 7), ('b', 8);
        DELETE FROM notes WHERE word = 'old';
        """,
    )
    rows = all_rows(path, "notes")
    assert sqlfix("repair", path, "--yes", "--no-backup", "--allow-mass-delete").code == 0
    script = sqlfix("undo", path, "--sql").out
    assert "-- notes has no key, so its rows are named by their rowids." in script
    copy = loaded_from_a_dump(path)
    before = contents(copy)
    assert not run(copy, script)
    assert contents(copy) == before
    assert run(path, script)
    assert all_rows(path, "notes") == rows


@everywhere
@pytest.mark.parametrize("options", [[], ["--skip-conflicts"]])
def test_a_row_without_a_key_whose_rowid_is_taken_comes_behind_all_others(
    run: Runner, options: list[str], tmp_path: Path
) -> None:
    path = build(
        tmp_path / "app.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE links (a NOT NULL REFERENCES p, b REFERENCES p);"
        "INSERT INTO p VALUES (1); INSERT INTO links VALUES (1, 1), (7, 1), (8, 1), (9, 1);",
    )
    rows = all_rows(path, "links")
    assert sqlfix("repair", path, "--yes", "--no-backup", "--allow-mass-delete").code == 0
    build(path, "INSERT INTO links VALUES (1, NULL), (8, 1)")  # the one is new, the other is back already
    by_hand = Path(shutil.copyfile(path, tmp_path / "by hand.db"))
    script = sqlfix("undo", path, "--sql", *options)
    assert script.code == 0 and "not after rows are added" in script.out
    assert run(by_hand, script.out) is bool(options)
    if options:
        assert all_rows(by_hand, "links") == sorted([*rows, (1, None)], key=repr)
    build(path, "DELETE FROM links WHERE rowid = 3")
    script = sqlfix("undo", path, "--sql", *options)
    assert run(path, script.out)
    assert all_rows(path, "links") == sorted([*rows, (1, None)], key=repr)
    after = contents(path)
    assert run(path, script.out) is bool(options), "they are back already"
    assert contents(path) == after
    for gone in ("ALTER TABLE links DROP COLUMN b", "DROP TABLE links"):
        build(path, gone)
        script, after = sqlfix("undo", path, "--sql", *options), contents(path)
        assert script.code == 0 and not run(path, script.out)
        assert contents(path) == after


# -- names and values that do not survive everywhere --------------------------------------------------------------

PIECES = [
    *map(chr, range(1, 32)),
    *"\x7f\x80\x85\x9b\x9d\u00ad\u061c\u200b\u200e\u2028\u202e\u2066\ufeff\ufffe\uffff\U0010ffff",
    *"ab\u00e9\U0001f600\"'`[];.\\/%#?:@",
    *(
        "\r\n",
        "\r\r\n",
        "\n.quit\n",
        "\n/\n",
        "\ngo\n",
        "\n;\n",
        "--",
        "/*",
        "*/",
        "\x1b[2J",
        "\x1b]0;x\x07",
        "x" * 300,
    ),
]
"""What a shell, a terminal or a tokenizer might take for something else; all control characters of names."""
odd_text = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join)
odd_value = st.one_of(
    odd_text,
    st.lists(st.sampled_from([*PIECES, "\0"]), max_size=40).map("".join),
    st.binary(max_size=8),
    st.binary(min_size=1, max_size=4).map(NotUtf8),
    st.floats(allow_nan=False),
)


@given(table=odd_text, other=odd_text, column=odd_text, values=st.lists(odd_value, min_size=3, max_size=3))
@example("".join(map(chr, range(1, 32))), "".join(map(chr, range(127, 160))), "\r", ["\r\n", "\0", "\x1b"])
@example("a\r\nb", "c", "d", ["x", "y", "z"])
@example("a", "c\r\n", "d", ["x", "y", "z"])
@example("a", "c", "\r\nd", ["x", "y", "z"])
@settings(max_examples=settings().max_examples // 5, deadline=None)
def test_names_and_values_with_every_control_character(
    table: str, other: str, column: str, values: list[Value]
) -> None:
    """The script does what repair does, its reversal takes it back; or it is refused, why, and nothing is written."""
    parent, child, key, data = (quote(text) for text in (f"p{table}", f"c{other}", f"k{column}", f"v{column}"))
    link = quote(f"link {table}")
    kept, gone, note = (literal(value) for value in values)
    with tempfile.TemporaryDirectory() as folder:
        path = build(
            Path(folder) / "app.db",
            f"""
            CREATE TABLE {parent} ({key} PRIMARY KEY, {data});
            CREATE TABLE {child} (id INTEGER PRIMARY KEY, {key} REFERENCES {parent}, {data} NOT NULL);
            CREATE TABLE {link} (a NOT NULL REFERENCES {child}, {key} NOT NULL REFERENCES {parent});
            INSERT INTO {parent} VALUES ({kept}, {note}), ('is there', {note});
            INSERT INTO {child} VALUES (1, {kept}, {note}), (2, {gone}, {note}), (3, 'nowhere', {note});
            INSERT INTO {link} VALUES (1, {kept}), (2, {gone}), (7, 'is there'), (1, 'nowhere');
            """,
        )
        compare_with_script(path, refused=any("\r\n" in name for name in (table, other, column)))


def compare_with_script(path: Path, refused: bool) -> None:
    """Export, repair, export the reversal; run both scripts by everything that may run them."""
    before, script = path.read_bytes(), path.with_name("x.sql")
    exported = sqlfix("export-sql", path, "--allow-mass-delete", "-o", script)
    assert path.read_bytes() == before
    if refused:
        assert (exported.code, exported.out) == (2, "")
        assert "the sqlite3 shell would turn its CR LF into LF" in exported.err
        assert exported.err.endswith("can do without a script: sqlfix repair\n")
        assert not script.exists()
        return
    assert exported.code in (0, 1), exported.err
    assert sqlfix("repair", path, "--allow-mass-delete", "--yes", "--no-backup").code in (0, 1)
    after = contents(path)
    text = script.read_bytes().decode()
    for number, run in enumerate((by_python, *((by_shell, by_shell_with_bail) if SHELL else ()))):
        copy = path.with_name(f"{number}.db")
        copy.write_bytes(before)
        original = contents(copy)
        assert run(copy, text)
        assert contents(copy) == after
        if after != original:
            reversal = sqlfix("undo", path, "--sql")
            assert reversal.code == 0, reversal.err
            assert run(copy, reversal.out)
            assert contents(copy) == original


class Terminal(io.StringIO):
    """A stdout that is one."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("command", ["export-sql", "why", "undo"])
def test_at_a_terminal_a_raw_control_character_is_refused(command: str, tmp_path: Path) -> None:
    name = quote("x\x1b]0;pwned\x07\x1b[2J")
    path = build(
        tmp_path / "app.db",
        f"""
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE {name} (id INTEGER PRIMARY KEY, p INT NOT NULL REFERENCES p);
        INSERT INTO p VALUES (1);
        INSERT INTO {name} VALUES (1, 1), (2, 7);
        """,
    )
    arguments = {"why": ["p", "1", "--sql"], "undo": ["--sql"]}.get(command, [])
    if command == "undo":
        assert sqlfix("repair", path, "--yes").code == 0
    out, err = Terminal(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run_cli([command, str(path), *arguments])
    assert (code, out.getvalue()) == (2, "")
    assert "contains characters that a terminal would act on" in err.getvalue()
    assert "> script.sql" in err.getvalue()
    assert "\x1b" not in err.getvalue()
    to_a_file = sqlfix(command, path, *arguments)
    assert to_a_file.code == 0
    assert name in to_a_file.out


def test_at_a_terminal_a_plain_script_is_shown(tmp_path: Path) -> None:
    path = build(tmp_path / "app.db", SHOP.replace("lines", '"of\n""two\tlines"'))
    out = Terminal()
    with contextlib.redirect_stdout(out):
        assert run_cli(["export-sql", str(path)]) == 0
    assert "COMMIT;" in out.getvalue()


@everywhere
def test_a_text_of_the_schema_with_cr_lf_is_carried(run: Runner, tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db",
        """
        CREATE TABLE p (id PRIMARY KEY);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p DEFAULT ('two\r\nlines') REFERENCES p ON DELETE SET DEFAULT,
            n INT CHECK (n\r\n/\r\n2 > -9));
        INSERT INTO p VALUES ('two' || char(13, 10) || 'lines');
        INSERT INTO c VALUES (1, 'gone', 4);
        """,
    )
    assert run(path, sqlfix("export-sql", path).out)
    assert all_rows(path, "c") == [(1, "two\r\nlines", 4)]


@everywhere
def test_cr_lf_between_the_words_of_a_schema_matters_to_nobody(run: Runner, tmp_path: Path) -> None:
    default = "DEFAULT (\r\n/* it's */ 'one'\r\n)"
    path = build(
        tmp_path / "app.db",
        f"""
        CREATE TABLE p (id PRIMARY KEY);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p {default} REFERENCES p ON DELETE SET DEFAULT);
        INSERT INTO p VALUES ('one');
        INSERT INTO c VALUES (1, 'gone');
        """,
    )
    assert run(path, sqlfix("export-sql", path).out)
    assert all_rows(path, "c") == [(1, "one")]
