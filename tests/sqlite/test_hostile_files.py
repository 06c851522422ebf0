"""Strangers' files: hostile names and values in every output, schemas that are traps, records that are planted.

The records of `sqlfix history` are strangers' files too: what stands beside a database need not come from a repair.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Ran, build, contents, fingerprint, run_script, sqlfix

from sqlfix.commands import options
from sqlfix.prose.format import FaultyRows, View, written
from sqlfix.sql.literals import literal, quote

ROOT = Path(__file__).parents[2]
HOSTILE = {
    "quotes": 'it\'s "quoted" `so` [and so]',
    "newlines": "one\ntwo\r\nthree\rfour",
    "shell commands": "x\n.quit\n.shell touch was-here\n.output was-here\n",
    "terminal escapes": "\x1b[31mred\x1b]0;title\x07\x1b[2J\x9b1m",
    "right to left": "abc\u202egnp.exe\u2066\u200f",
    "line separators": "a\u2028b\u2029c\x85d\x0be",
    "Markdown": "| a | [x](javascript:y) **b** `c` # d ![e](f)",
    "HTML": "<script>alert(1)</script>&amp;<img src=x onerror=y>",
    "a formula": '=HYPERLINK("http://x","y")',
    "another formula": "@SUM(1+9)*cmd|' /C calc'!A0",
    "the end of a comment": "*/ -- ; DROP TABLE safe; --",
    "backspaces": "harmless\x08\x08\x08\x08evil\x7f\t",
    "a percent and braces": "%s %n {0} {x!r} \\x1b \\n \\",
    "invisible": "\ufeffa\u200bb\u00adc\u2063",
}


def schema(name: str) -> str:
    """Tables whose every name and value is hostile, with orphans that are deleted, nulled and left."""
    p, c, link, key, fk, note = (quote(f"{prefix}{name}") for prefix in ("p ", "c ", "", "id", "=fk", "note "))
    value, gone = literal(name), literal(f"gone {name}")
    return f"""
    CREATE TABLE safe (x); INSERT INTO safe VALUES (1);
    CREATE TABLE {p} ({key} TEXT PRIMARY KEY, {note});
    CREATE TABLE {c} ({key} TEXT PRIMARY KEY, {fk} CONSTRAINT {quote(name)} REFERENCES {p}, {note} DEFAULT ({value}));
    CREATE TABLE {link} ({key} TEXT PRIMARY KEY, {fk} TEXT NOT NULL REFERENCES {c} ON DELETE CASCADE, {note});
    CREATE TABLE lost ({key} INTEGER PRIMARY KEY, {fk} REFERENCES {quote("missing " + name)} ({key}));
    CREATE INDEX {quote("i" + name)} ON {link} ({note});
    CREATE VIEW {quote("v" + name)} AS SELECT {note} FROM {link};
    INSERT INTO {p} VALUES ({value}, {value});
    INSERT INTO {c} VALUES ({value}, {value}, {value}), ({literal("2" + name)}, {gone}, {value});
    INSERT INTO {link} VALUES ({value}, {value}, {value}), ({literal("2" + name)}, {gone}, {value} || char(0) || 'x');
    INSERT INTO lost VALUES (1, {value});
    """


def harmless(text: str) -> None:
    """Nothing in it that a terminal would act upon or that could hide something."""
    bad = {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")}
    assert not bad, (bad, text)


def harmless_script(script: str, name: str) -> None:
    """As `harmless`; but an identifier can be spelled in one way only."""
    assert "\x00" not in script
    inside = re.sub(r'"(?:[^"]|"")*"', "", script)
    if "\u200b" not in name:
        harmless(inside)
    for line in re.sub(r"'(?:[^']|'')*'", "", inside).splitlines():
        assert not line.startswith("."), line


def through_the_shell(path: Path, script: str) -> bool:
    """Run a script as it says that it should be run. False where there is no such program."""
    program = shutil.which("sqlite3")
    if program is None:
        return False
    done = subprocess.run(
        [program, "-bail", "-init", os.devnull, path], input=script.encode(), capture_output=True, cwd=path.parent
    )
    assert done.returncode == 0, done.stderr
    assert not (path.parent / "was-here").exists()
    return True


@pytest.fixture(params=[pytest.param(name, id=what) for what, name in HOSTILE.items()])
def name(request: pytest.FixtureRequest) -> str:
    """Each hostile text."""
    found: str = request.param
    return found


@pytest.fixture(params=["UTF-8", "UTF-16le"])
def path(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A database full of it, in a folder and under a name that are hostile too."""
    folder = tmp_path / "x"
    folder.mkdir()
    odd = "a.db" if sys.platform == "win32" else re.sub(r"[/\x00]", "_", name)[:60] + ".db"
    return build(folder / odd, f"PRAGMA encoding = '{request.param}';" + schema(name))


FORMATS = ["table", "json", "jsonl", "csv", "markdown"]


def check_format(form: str, out: str, name: str) -> None:
    """What a program or a page would make of it."""
    if form == "json":
        json.loads(out)
    if form == "jsonl":
        for line in out.splitlines():
            json.loads(line)
    if form == "csv":
        for row in csv.reader(io.StringIO(out)):
            assert not [cell for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))]
    if form == "markdown":
        assert "<script" not in out
        assert "<img" not in out


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What has been shown in some format, to be shown in the others as well."""
    shown: list[object] = []

    def kept(form: str, document: object, view: View) -> Iterator[str]:
        shown.append(FaultyRows(document.database, [*document.rows]) if isinstance(document, FaultyRows) else document)
        return written(form, shown[-1], view)

    monkeypatch.setattr(options, "written", kept)
    return shown


def test_every_command_shows_it_harmlessly(name: str, path: Path, documents: list[object]) -> None:
    before = fingerprint(path)

    def ran(*arguments: object, codes: tuple[int, ...] = (0, 1, 3)) -> Ran:
        done = sqlfix(*arguments)
        assert done.code in codes, (arguments, done)
        assert "internal error" not in done.err
        harmless(done.err)
        return done

    for arguments in (("scan",), ("scan", "--rows"), ("repair", "--dry-run")):
        harmless(ran(*arguments, path).out)
    assert len(documents) == 3
    for document, form, view in itertools.product(documents, FORMATS, (View(), View(verbose=2))):
        out = "".join(written(form, document, view))
        harmless(out)
        check_format(form, out, name)
    for wrong in (f"{name}.x=keep", f"p {name}.nothing{name}=keep", name, f"c {name}.=fk{name}=update:nowhere {name}"):
        harmless(ran("repair", path, "--yes", "--set", wrong, codes=(2,)).out)
    harmless(ran("scan", path, "--select", name, codes=(0, 1, 2, 3)).out)
    harmless(ran("undo", path, name, codes=(2,)).out)
    assert fingerprint(path) == before
    harmless(ran("repair", path, "--yes", "-v").out)
    for form in ("table", "json"):
        harmless(ran("history", path, "--format", form).out)
    harmless(ran("undo", path, "--dry-run").out)
    link, note = quote(name), quote("note " + name)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(
            f"INSERT INTO {link} SELECT {literal('2' + name)}, {quote('=fk' + name)}, 'since' FROM {link}"
        )
        connection.execute(f"UPDATE {quote('c ' + name)} SET {note} = 'since'")
        connection.commit()
    listed = ran("undo", path, "--dry-run", codes=(2,))
    harmless(listed.out)
    assert "Conflicts: 2 rows" in listed.out
    harmless(ran("undo", path, "--yes", codes=(2,)).out)
    harmless(ran("undo", path, "--yes", "--skip-conflicts", codes=(1,)).out)


def test_the_scripts_do_what_repair_and_undo_do(name: str, path: Path, tmp_path: Path) -> None:
    def copy(number: int) -> Path:
        return Path(shutil.copyfile(path, tmp_path / f"{number}.db"))

    original = contents(path)
    script = sqlfix("export-sql", path)
    if "\r\n" in name:  # see test_scripts.py
        assert (script.code, script.out) == (2, "")
        return
    assert script.code in (0, 1), script.err
    harmless_script(script.out, name)
    by_script, by_shell = copy(1), copy(2)
    assert sqlfix("repair", path, "--yes", "--no-backup").code == 1, "the missing parent is left"
    repaired = contents(path)
    assert repaired != original
    run_script(by_script, script.out)
    assert contents(by_script) == repaired
    if through_the_shell(by_shell, script.out):
        assert contents(by_shell) == repaired
    reversal = sqlfix("undo", path, "--sql")
    assert reversal.code == 0, reversal.err
    harmless_script(reversal.out, name)
    by_script, by_shell = copy(3), copy(4)
    undone = sqlfix("undo", path, "--yes", "--no-backup")
    assert undone.code == 0, undone.err
    assert contents(path) == original
    run_script(by_script, reversal.out)
    assert contents(by_script) == original
    if through_the_shell(by_shell, reversal.out):
        assert contents(by_shell) == original


# -- schemas that are traps ---------------------------------------------------------------------------------------

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
SLOW = "length(replace(hex(zeroblob(3000)), '0', hex(zeroblob(1000))))"
"""A call that takes a good part of the time that `soon` leaves: 6,000 bytes, each replaced by 2,000."""
SLOW_BY_ID = SLOW.replace("3000", "3000 + id")
"""Another value for each row: what is the same for all rows SQLite works out once."""
QUICK = "(3000 + id) * 2 * 2000"
"""The same value, worked out at once: with it an index is built in no time."""
FAMILY = """
CREATE TABLE good_parent (id INTEGER PRIMARY KEY);
CREATE TABLE good_child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES good_parent);
INSERT INTO good_parent VALUES (1); INSERT INTO good_child VALUES (1, 1), (2, 9);
CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
CREATE TABLE log (x);
"""
ROWS = "INSERT INTO c (id, x) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
CHILD = "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p);"
DAMAGED = "INSERT INTO c VALUES (1, 1), (2, 9);"
TRAPS = {
    "a trigger that never ends": CHILD + DAMAGED + f"CREATE TRIGGER t BEFORE DELETE ON c BEGIN {ENDLESS}; END;",
    "a trigger that fills the disk": CHILD
    + DAMAGED
    + f"CREATE TRIGGER t AFTER DELETE ON c BEGIN INSERT INTO log {ENDLESS.replace('max(i)', 'zeroblob(100)')}; END;",
    "a trigger through a view": CHILD
    + DAMAGED
    + f"CREATE VIEW v AS {ENDLESS}; CREATE TRIGGER t AFTER DELETE ON c BEGIN SELECT * FROM v; END;",
    "a trigger whose every step is slow": CHILD
    + DAMAGED
    + "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99) INSERT INTO log SELECT i FROM n;"
    + f"CREATE TRIGGER t BEFORE DELETE ON c BEGIN SELECT {SLOW_BY_ID.replace('id', 'a.x')} FROM log a, log b; END;",
    "a key that is slow to compute": f"CREATE TABLE c (id INTEGER PRIMARY KEY, x); {ROWS} SELECT i, i FROM n;"
    f"ALTER TABLE c ADD COLUMN p_id AS ({SLOW_BY_ID}) REFERENCES p;",  # an INSERT would compute it
    "a parent key that is slow to compute": f"CREATE TABLE q (id INTEGER PRIMARY KEY, k AS ({QUICK}));"
    "CREATE UNIQUE INDEX u ON q (k); INSERT INTO q (id)"
    " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99) SELECT i FROM n;"
    f"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '{QUICK}', {literal(SLOW_BY_ID)});"
    "PRAGMA writable_schema = RESET;"
    f"CREATE TABLE c (id INTEGER PRIMARY KEY, x REFERENCES q (k)); {ROWS} SELECT i, i FROM n;",
}


def in_time(*arguments: object) -> Ran:
    """Run the command line, which must end in a minute."""
    begun = time.monotonic()
    ran = sqlfix(*arguments, "--timeout", 0)
    assert time.monotonic() - begun < 60
    return ran


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("trap", TRAPS)
def test_what_never_ends_is_cut_off_and_the_rest_goes_on(trap: str, tmp_path: Path) -> None:
    path = build(tmp_path / "a.db", FAMILY + TRAPS[trap])
    before = fingerprint(path)
    computed = "compute" in trap
    scanned = in_time("scan", path, "--format", "json")
    assert scanned.code == 1, scanned
    reasons = {entry["subject"]: entry["reason"] for entry in scanned.json["not_checked"]}
    assert all("longer than --timeout" in reason for reason in reasons.values())
    # the index of the parent key cannot be compared with its table in time either
    slow = ["c", "q"] if "parent key" in trap else ["c"] * computed
    assert sorted(subject.partition(".")[0] for subject in reasons) == slow
    assert "good_child" in [finding["table"] for finding in scanned.json["findings"]]
    assert in_time("export-sql", path).code == 1
    assert fingerprint(path) == before
    repaired = in_time("repair", path, "--yes", "--format", "json")
    assert repaired.code == 1, repaired
    assert [fix["table"] for fix in repaired.json["fixes"]] == ["good_child"]
    assert [left["table"] for left in repaired.json["left"]] == ["c"]
    assert "longer than --timeout" in repaired.json["left"][0]["reason"]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT parent_id FROM good_child").fetchall() == [(1,), (None,)]
        assert connection.execute("SELECT count(*) FROM c").fetchone()[0] == (100 if computed else 2)


@pytest.mark.usefixtures("soon")
def test_a_check_that_is_slow_to_compute_is_cut_off(tmp_path: Path) -> None:
    slow = SLOW.replace("3000", "3000 + x")  # what is the same for all rows SQLite works out once
    declared = (
        f"CREATE TABLE c (id INTEGER PRIMARY KEY, x, end AS ({slow}) CHECK (end), CONSTRAINT slow CHECK ({slow}))"
    )
    path = build(
        tmp_path / "a.db",
        f"CREATE TABLE c (id INTEGER PRIMARY KEY, x); {ROWS} SELECT i, i FROM n; PRAGMA writable_schema = ON;"
        f"UPDATE sqlite_master SET sql = {literal(declared)};",
    )
    before = fingerprint(path)
    scanned = in_time("scan", path, "--format", "json")
    assert scanned.code == 3, scanned
    assert ["longer than --timeout" in entry["reason"] for entry in scanned.json["not_checked"]] == [True, True]
    message = "CHECK constraint failed: slow"
    asked = in_time("why", path, "--error", message, "--format", "json")
    assert asked.code == 2, asked
    assert "longer than --timeout" in asked.out
    assert "satisfies it" not in asked.out
    assert fingerprint(path) == before


FORBIDDEN = {
    "load_extension": "SELECT load_extension('{}/x.so')",
    "writefile": "SELECT writefile('{}/was-here', 'x')",
    "readfile": "INSERT INTO log SELECT readfile('/etc/hostname')",
    "edit": "SELECT edit('x', 'touch {}/was-here;')",
    "fts3_tokenizer": "SELECT fts3_tokenizer('x', x'00')",
}


@pytest.mark.parametrize("what", FORBIDDEN)
@pytest.mark.parametrize("trusted", [False, True], ids=["plain", "beside a search index"])
def test_a_trigger_that_reaches_outside_does_nothing(what: str, trusted: bool, tmp_path: Path) -> None:
    folder = tmp_path / "outside"
    folder.mkdir()
    deed = FORBIDDEN[what].format(folder)
    index = "CREATE VIRTUAL TABLE words USING fts5(w);" if trusted else ""
    path = build(
        tmp_path / "a.db", f"{FAMILY}{index}{CHILD}{DAMAGED}CREATE TRIGGER t AFTER DELETE ON c BEGIN {deed}; END;"
    )
    ran = sqlfix("repair", path, "--yes", "--format", "json")
    assert ran.code == 1, ran
    assert [fix["table"] for fix in ran.json["fixes"]] == ["good_child"]
    assert [left["table"] for left in ran.json["left"]] == ["c"]
    assert list(folder.iterdir()) == []
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM c").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM log").fetchone() == (0,)


def of_the_application(path: Path) -> None:
    """A file whose collation, function and module only its application has."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.create_collation("HOUSE", lambda a, b: (a > b) - (a < b))
        connection.create_function("house", 1, lambda x: x, deterministic=True)
        connection.executescript(
            FAMILY + "CREATE TABLE a (k TEXT COLLATE HOUSE PRIMARY KEY); CREATE TABLE b (x REFERENCES a);"
            "CREATE TABLE d (id INTEGER PRIMARY KEY, y, z AS (house(y)) REFERENCES p);"
            "INSERT INTO a VALUES ('1'); INSERT INTO b VALUES ('2'); INSERT INTO d (y) VALUES (8);"
            "PRAGMA writable_schema = ON;"
            "INSERT INTO sqlite_master VALUES ('table', 'm', 'm', 0, 'CREATE VIRTUAL TABLE m USING house_module(x)');"
        )


def test_what_only_the_application_has_is_not_checkable_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    of_the_application(path)
    scanned = sqlfix("scan", path, "--format", "json")
    assert scanned.code == 1, scanned
    reasons = {entry["subject"]: entry["reason"] for entry in scanned.json["not_checked"]}
    assert "no such collation sequence: HOUSE" in reasons["b.x"]
    assert "house" in reasons["d.z"]
    assert {finding["table"] for finding in scanned.json["findings"]} == {"good_child"}
    repaired = sqlfix("repair", path, "--yes")
    assert repaired.code == 1, repaired
    scanned = sqlfix("scan", path)
    assert scanned.code == 3, scanned
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT parent_id FROM good_child").fetchall() == [(1,), (None,)]


# -- records that are planted -------------------------------------------------------------------------------------

SHOP = """
CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p, note TEXT);
CREATE VIEW v AS SELECT id, note FROM c;
CREATE TRIGGER through INSTEAD OF INSERT ON v BEGIN DELETE FROM p; END;
CREATE VIRTUAL TABLE words USING fts5(w);
INSERT INTO words VALUES ('one');
INSERT INTO p VALUES (1, 'Ada'); INSERT INTO c VALUES (1, 1, 'a'), (2, 9, 'b');
"""


@pytest.fixture
def planted(tmp_path: Path) -> tuple[Path, Path]:
    """A repaired database that was written to since, and the record beside it."""
    path = build(tmp_path / "a.db", SHOP)
    assert sqlfix("repair", path, "--yes", "--no-backup").code == 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE p SET name = 'Bo'")
        connection.commit()
    (record,) = tmp_path.glob("*.sqlfix-*.sqlite3")
    record.chmod(0o600)
    return path, record


def rename_table(name: str, *columns: str) -> str:
    """Let a record speak of another table."""
    old = ", ".join(f'NULL AS "old {c}"' for c in columns)
    new = ", ".join(f'NULL AS "new {c}"' for c in columns)
    return (
        f"UPDATE tables SET name = '{name}', columns = '{json.dumps(columns)}', row_id = '{json.dumps(columns[:1])}';"
        f"CREATE TABLE \"rows of {name}\" AS SELECT 'delete' AS what, {old}, {new};"
        f'UPDATE "rows of {name}" SET "old {columns[0]}" = 5;'
    )


DAMAGED_RECORDS = {
    "no about": "DROP TABLE about",
    "an empty about": "DELETE FROM about",
    "no kind": "DELETE FROM about WHERE key = 'kind'",
    "a count that is none": "UPDATE about SET value = 'many' WHERE key = 'rows'",
    "a BLOB for a count": "UPDATE about SET value = x'00ff' WHERE key = 'rows'",
    "text that is not UTF-8": "UPDATE about SET value = CAST(x'ff' AS TEXT) WHERE key = 'kind'",
    "a newer format": "UPDATE about SET value = '99' WHERE key = 'format'",
    "another application": "PRAGMA application_id = 1",
    "no rows": 'DROP TABLE "rows of c"',
    "columns that are none": "UPDATE tables SET columns = '{\"a\": 1}'",
    "columns that are no JSON": "UPDATE tables SET columns = 'id'",
    "columns without end": f"UPDATE tables SET columns = '{'[' * 100_000}'",
    "a column less": "UPDATE tables SET columns = '[\"id\"]'",
    "keys that are no columns": "UPDATE tables SET row_id = '[\"rowid\"]'",
    "no keys": "UPDATE tables SET row_id = '[]'",
    "a view of rows": f'ALTER TABLE "rows of c" RENAME TO r; CREATE VIEW "rows of c" AS SELECT * FROM r, ({ENDLESS})',
    "a view about it": f"ALTER TABLE about RENAME TO r;CREATE VIEW about AS SELECT 'rows' AS key, ({ENDLESS}) AS value",
    "a trigger": "CREATE TRIGGER t AFTER UPDATE ON about BEGIN SELECT 1; END",
    "a generated column": 'ALTER TABLE "rows of c" ADD COLUMN more AS (1)',
    "a number that is none": "CREATE TABLE t (number, name, columns, row_id, told_by); INSERT INTO t SELECT"
    " '1; DROP TABLE p', name, columns, row_id, told_by FROM tables; DROP TABLE tables; ALTER TABLE t RENAME TO tables",
    "a table twice": "INSERT INTO tables SELECT 7, name, columns, row_id, told_by FROM tables",
}


def refused(ran: Ran) -> None:
    """Exit code 2, one line, and harmless."""
    assert ran.code == 2, ran
    assert ran.err.startswith("error: ")
    assert "internal error" not in ran.err
    harmless(ran.out + ran.err)


def everywhere(path: Path) -> list[Ran]:
    """All that reads records."""
    return [sqlfix("undo", path, *o) for o in (["--dry-run"], ["--yes"], ["--yes", "--skip-conflicts"], ["--sql"])]


@pytest.mark.parametrize("what", DAMAGED_RECORDS)
def test_a_damaged_record_is_refused(what: str, planted: tuple[Path, Path]) -> None:
    path, record = planted
    with contextlib.closing(sqlite3.connect(record)) as connection:
        connection.executescript(DAMAGED_RECORDS[what])
    before = {p.name: fingerprint(p) for p in path.parent.iterdir()}
    begun = time.monotonic()
    for each in everywhere(path):
        refused(each)
    for listed in (sqlfix("history", path), sqlfix("history", path, "--format", "json")):
        harmless(listed.out + listed.err)
        assert listed.code == 0
        assert record.name in "".join(listed.out.split())
    assert [Path(r["path"]) for r in sqlfix("history", path, "--format", "json").json["unreadable"]] == [record]
    assert {p.name: fingerprint(p) for p in path.parent.iterdir()} == before
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("size", [0, 50, 100, 512, 4096, 5000, 12288])
def test_a_truncated_record_is_refused_or_passed_over(size: int, planted: tuple[Path, Path]) -> None:
    path, record = planted
    record.write_bytes(record.read_bytes()[:size])
    before = {p.name: fingerprint(p) for p in path.parent.iterdir()}
    for ran in everywhere(path):
        refused(ran)
    assert {p.name: fingerprint(p) for p in path.parent.iterdir()} == before


OTHER_TABLES = {
    "a view": rename_table("v", "id", "note"),
    "a shadow table": rename_table("words_config", "k", "v"),
    "the schema": rename_table("sqlite_master", "type", "name", "tbl_name", "rootpage", "sql"),
    "a table that is not there": rename_table("nowhere", "id"),
    "columns that are not there": rename_table("p", "nothing"),
}


@pytest.mark.parametrize("what", OTHER_TABLES)
def test_a_record_of_what_is_no_table_is_a_conflict(what: str, planted: tuple[Path, Path]) -> None:
    path, record = planted
    with contextlib.closing(sqlite3.connect(record)) as connection:
        connection.executescript(OTHER_TABLES[what])
    before = contents(path)
    assert "the table is gone, or has other columns now" in sqlfix("undo", path, "--dry-run").out
    refused(sqlfix("undo", path, "--yes"))
    assert contents(path) == before
    assert sqlfix("undo", path, "--yes", "--skip-conflicts").code in (1, 2)
    assert contents(path) == before


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_the_words_of_a_planted_record_are_shown_harmlessly(name: str, planted: tuple[Path, Path]) -> None:
    path, record = planted
    with contextlib.closing(sqlite3.connect(record)) as connection:
        for key in ("kind", "state", "undoes", "made", "backup", "database", "sqlfix", "after", "backup_sum"):
            connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, name))
        connection.commit()
    for form in ("table", "json"):
        ran = sqlfix("history", path, "--format", form)
        assert ran.code == 0, ran
        harmless(ran.out + ran.err)
    before = contents(path)
    (stamp,) = (entry["name"] for entry in sqlfix("history", path, "--format", "json").json["records"])
    ran = sqlfix("undo", path, stamp, "--dry-run")
    assert ran.code == 0, ran
    harmless(ran.out + ran.err)
    script = sqlfix("undo", path, stamp, "--sql").out
    harmless(script)
    assert script.startswith("-- Undo of")
    ours = ("-- ", "PRAGMA ", "CREATE TEMP ", "BEGIN", "DROP ", "INSERT ", "UPDATE ", "COMMIT")
    assert not [line for line in script.splitlines() if not line.startswith(ours)]
    assert contents(path) == before
