"""`sqlfix repair-schema`: what it does to a file, what it says, and that it can be taken back."""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
import sqlite3
from pathlib import Path

import pytest
from support import build, contents, fingerprint, json_schema, keep_to, run_script, sqlfix, together

from sqlfix.commands import repair_schema
from sqlfix.model.plans import SchemaPlan
from sqlfix.repair.change import ChangeOptions

OLD = """
CREATE TABLE u (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE log (id INTEGER PRIMARY KEY, u_id INTEGER NOT NULL REFERENCES "u__old" ("id"));
CREATE INDEX log_u ON log (u_id);
CREATE TRIGGER kept AFTER DELETE ON log BEGIN SELECT 1; END;
INSERT INTO u VALUES (1, 'ann'), (2, 'bob');
INSERT INTO log VALUES (1, 1), (2, 2);
"""
LOST = OLD + "INSERT INTO log VALUES (3, 9);"
TWICE = "CREATE TABLE p (id INTEGER); INSERT INTO p VALUES (1), (1); CREATE TABLE c (p REFERENCES p (id));"
SOUND = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p); INSERT INTO c VALUES (5);"


@together
@pytest.mark.parametrize(
    ("schema", "code", "changed"),
    [(OLD, 0, True), (LOST, 1, True), (OLD + TWICE, 1, True), (TWICE, 1, False), (SOUND, 0, False), ("", 0, False)],
)
def test_a_dry_run_ends_as_the_run_does_and_a_second_run_plans_nothing(
    tmp_path: Path, schema: str, code: int, changed: bool
) -> None:
    path = build(tmp_path / "x.db", schema or "VACUUM")
    before, whole = fingerprint(path), contents(path)
    dry = sqlfix("repair-schema", path, "--dry-run", "--format", "json")
    assert dry.code == code and fingerprint(path) == before
    keep_to(json_schema("schema_plan"), dry.json)
    ran = sqlfix("repair-schema", path, "--yes", "--format", "json")
    assert ran.code == code and ran.json["applied"] is changed
    assert (dry.json["steps"], dry.json["facts"], dry.json["left"]) == tuple(
        ran.json[name] for name in ("steps", "facts", "left")
    )
    again = sqlfix("repair-schema", path, "--yes", "--format", "json")
    assert not again.json["steps"] and again.code == (1 if "p (id)" in schema else 0)
    assert {name: rows for name, rows in contents(path).items() if name != "schema"} == {
        name: rows for name, rows in whole.items() if name != "schema"
    }
    if changed:
        assert sqlfix("undo", path, "--yes").code == 0
        assert contents(path) == whole


def test_rows_that_come_to_light_are_named_with_the_next_command(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", LOST)
    assert f"next, to repair the schema:  sqlfix repair-schema {path}" in sqlfix("scan", path).out
    ran = sqlfix("repair-schema", path, "--yes")
    assert "orphan-rows in log.u_id" in ran.out
    assert f"Next:     sqlfix repair {path}" in ran.out
    assert sqlfix("repair", path, "--yes").code == 0
    assert sqlfix("scan", path).code == 0


def test_the_script_gives_the_same_file(tmp_path: Path) -> None:
    """To the letter of each text: an index and a trigger are made again, and a table has its name and its key back."""
    path = build(
        tmp_path / "x.db",
        OLD + "CREATE TABLE Users_backup (id INT, n TEXT); INSERT INTO Users_backup VALUES (7, 'a');"
        "CREATE TABLE posts (u REFERENCES Users); INSERT INTO posts VALUES (7);",
    )
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    script = sqlfix("repair-schema", copy, "--sql")
    assert script.code == 0
    run_script(copy, script.out)
    assert sqlfix("repair-schema", path, "--yes").code == 0
    assert contents(copy) == contents(path)
    assert sqlfix("scan", path).code == 0


@together
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--select", "orphan-rows"], "--select orphan-rows: there is no such check of a schema"),
        (["--select", "missing-parent-tabel"], "did you mean missing-parent-table"),
        (["--no-backup", "--backup-to", "b.db"], "--no-backup and --backup-to contradict each other"),
        (["--sql", "--yes"], "--yes has no effect beside --sql"),
        ([], "use --yes, or see the plan with --dry-run"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    path = build(tmp_path / "x.db", OLD)
    before = fingerprint(path)
    ran = sqlfix("repair-schema", path, *arguments)
    assert ran.code == 2 and said in ran.err and "Traceback" not in ran.err
    assert fingerprint(path) == before


def test_only_what_is_selected_is_mended(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", OLD + "CREATE TABLE q (n); CREATE TABLE c (p REFERENCES q (n));")
    both = sqlfix("repair-schema", path, "--dry-run", "--format", "json").json["steps"]
    one = sqlfix(
        "repair-schema", path, "--dry-run", "--format", "json", "--select", "broken-views,missing-parent-table"
    )
    assert [step["name"] for step in both] == ["log", "index_q_on_n"]
    assert [step["name"] for step in one.json["steps"]] == ["log"]


def test_names_that_a_terminal_would_act_upon_are_shown_harmless(tmp_path: Path) -> None:
    name = 'a\x1b[2J"\nb'
    quoted = '"{}"'.format(name.replace('"', '""'))
    old = '"{}__old"'.format(name.replace('"', '""'))
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE {quoted} (id INTEGER PRIMARY KEY); INSERT INTO {quoted} VALUES (1);"
        f"CREATE TABLE c (p REFERENCES {old} (id)); INSERT INTO c VALUES (1);",
    )
    ran = sqlfix("repair-schema", path, "--yes")
    assert ran.code == 0 and "\x1b" not in ran.out + ran.err
    assert sqlfix("scan", path).code == 0


@together
@pytest.mark.parametrize(
    ("schema", "way"),
    [
        ("CREATE TABLE p (id TEXT, uuid TEXT); CREATE TABLE c (p REFERENCES p ON DELETE SET NULL);", 1),
        (
            "CREATE TABLE x_backup (id PRIMARY KEY); CREATE TABLE x_bak (id PRIMARY KEY);"
            "CREATE TABLE c (x REFERENCES x ON UPDATE CASCADE);",
            0,
        ),
        (
            "CREATE TABLE p (id INTEGER PRIMARY KEY, no INTEGER UNIQUE); INSERT INTO p VALUES (1, 1);"
            "CREATE TABLE c (p REFERENCES p (code) DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (1);",
            1,
        ),
        ("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p NOT NULL REFERENCES p ON DELETE SET NULL);", 0),
        ("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p NOT NULL REFERENCES p ON DELETE SET NULL);", 1),
    ],
)
def test_what_is_advised_where_several_things_can_be_meant_works(tmp_path: Path, schema: str, way: int) -> None:
    path = build(tmp_path / "x.db", schema)
    told = sqlfix("repair-schema", path, "--dry-run", "--format", "json").json["left"]
    chosen = next(left["hint"] for left in told if left["table"] == "c").split("; or ")[way]
    for command in chosen.split(" && "):
        program, *words = shlex.split(command)
        ran = sqlfix(*words, "--yes")
        assert program == "sqlfix" and ran.code == 0, ran.err
    after = sqlfix("repair-schema", path, "--dry-run", "--format", "json").json
    assert not [left for left in after["left"] if left["table"] == "c"]
    assert not [fact for fact in after["facts"] if fact["name"] == "c"]


# -- what is dropped by name --------------------------------------------------------------------------------------

APP = """
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, old_id INTEGER REFERENCES gone (id), n TEXT COLLATE NOCASE,
  CHECK (length(name) < 99));
CREATE INDEX person_old ON person (old_id);
CREATE INDEX person_name ON person (name);
CREATE TABLE gone (id INTEGER PRIMARY KEY, v, w AS (v || '!'));
CREATE TABLE gone_person (gone_id REFERENCES gone, person_id INTEGER REFERENCES person);
CREATE INDEX gone_person_i ON gone_person (person_id);
CREATE TRIGGER gone_t AFTER INSERT ON gone BEGIN SELECT 1; END;
CREATE TABLE k (a TEXT, b REAL, c, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE c (a, b, n, CHECK (n < 9));
CREATE INDEX c_i ON c (b, a);
CREATE VIEW people AS SELECT name FROM person;
INSERT INTO gone VALUES (1, 'a''b' || char(10, 13, 27)), (2, x'00ff'), (3, 1e999), (4, NULL), (5, 0.1);
INSERT INTO gone VALUES (6, CAST(x'ff' AS TEXT));
INSERT INTO person VALUES (1, 'ann', 1, 'A'), (2, 'bob', NULL, NULL), (7, 'cy', 6, 'c');
INSERT INTO gone_person (rowid, gone_id, person_id) VALUES (5, 1, 1), (9, 2, 2);
INSERT INTO k VALUES ('a', 0.5, 'x'), ('A', 1.5, 2), ('a', 1e300, x'00');
"""
DROP = ("--drop-table", "gone_person", "--drop-table", "gone", "--drop-column", "person.old_id")


def test_what_is_dropped_is_exported_first_and_comes_back(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", APP)
    before = contents(path)
    ran = sqlfix("repair-schema", path, "--yes", *DROP, "--drop-column", "k.c", "--drop-column", "person.n")
    assert ran.code == 0, ran.err
    after = contents(path)
    assert "gone" not in after and "gone_person" not in after and len(after["person"]) == 3
    names = [row[1] for row in after["schema"]]
    assert b"person_old" not in names and b"person_name" in names and b"people" in names
    (exported,) = tmp_path.glob("x.db.dropped-*.sql")
    assert f"Exported: {exported}\n" in ran.out and ran.err == ""
    undone = tmp_path / "undone.db"
    shutil.copy(path, undone)
    run_script(undone, exported.read_text(encoding="utf-8"))
    back = contents(undone)
    assert (back["gone"], back["gone_person"]) == (before["gone"], before["gone_person"])
    wanted = "SELECT id, old_id, n FROM person", "SELECT a, b, c, typeof(c) FROM k", "SELECT rowid, * FROM gone_person"
    whole = build(tmp_path / "whole.db", APP)
    assert [rows_of(undone, query) for query in wanted] == [rows_of(whole, query) for query in wanted]
    assert {b"person_old", b"gone_person_i", b"gone_t"} <= {row[1] for row in back["schema"]}
    assert sqlfix("undo", path, "--yes").code == 0
    assert contents(path) == before


FIRES = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (code TEXT COLLATE NOCASE PRIMARY KEY NOT NULL, a INT,{} b INT, log INT DEFAULT 0, {}
  UNIQUE (a, b)) {};
CREATE TRIGGER first AFTER UPDATE ON t BEGIN UPDATE t SET log = log + 1 WHERE code = NEW.code; END;
CREATE TRIGGER "se""cond" BEFORE UPDATE OF a ON t BEGIN SELECT 1; /* to the
 letter */ END;
INSERT INTO p VALUES (1), (2);
INSERT INTO t (code, a, x) VALUES ('a', 1, 1), ('B', 2, 2), ('c', 3, {});
"""
REF = "REFERENCES p (id) ON DELETE CASCADE"
DECLARED: dict[str, tuple[str, str, str, str, list[str]]] = {
    "a foreign key": (f" x INTEGER CONSTRAINT k {REF}, -- why\n", "", "NULL", f"x INTEGER CONSTRAINT k {REF}", []),
    "that of the table": (
        " x INTEGER,", "CONSTRAINT k FOREIGN KEY (x) REFERENCES p DEFERRABLE INITIALLY DEFERRED,", "NULL",
        'x INTEGER CONSTRAINT "k" REFERENCES p DEFERRABLE INITIALLY DEFERRED', [],
    ),
    "a default": (
        " x VARCHAR (10) DEFAULT 'it''s' /* a word */ NOT NULL COLLATE nocase CHECK (x <> 'n'),", "", "'z'",
        "x VARCHAR (10) DEFAULT 'it''s' /* a word */ NOT NULL COLLATE nocase CHECK (x <> 'n')", [],
    ),
    "what only rows can have": (
        " x NUMERIC NOT NULL CHECK (x IS NOT NULL AND x > 0),", "", "3.5", "x NUMERIC",
        ["NOT NULL", "CHECK (x IS NOT NULL AND x > 0)"],
    ),
    "a check of others": (" x INT CHECK (x > a OR x < 99),", "", "7", "x INT CHECK (x > a OR x < 99)", []),
    "a computed default": (
        " x TEXT NOT NULL DEFAULT (lower('Q')),", "", "'y'", "x TEXT", ["NOT NULL", "DEFAULT (lower('Q'))"],
    ),
    "a key of its own": (" x INT UNIQUE DEFAULT 5,", "", "7", "x INT DEFAULT 5", ["UNIQUE"]),
    "one of the table": (" x INT,", "UNIQUE (x),", "7", "x INT", ["UNIQUE"]),
    "a computed column": (" x AS (a + 1) VIRTUAL,", "", "", "x AS (a + 1) VIRTUAL", []),
}  # fmt: skip


@together
@pytest.mark.parametrize("without", ["", "WITHOUT ROWID"])
@pytest.mark.parametrize(("inside", "beside", "value", "back", "lost"), DECLARED.values(), ids=DECLARED)
def test_a_column_comes_back_with_its_declaration_and_no_trigger_fires(
    tmp_path: Path, without: str, inside: str, beside: str, value: str, back: str, lost: list[str]
) -> None:
    sql = FIRES.format(inside, beside, without, value or "NULL")
    path = build(tmp_path / "x.db", sql if value else re.sub(r"a, x\) VALUES.*", "a) VALUES ('a', 1), ('B', 2);", sql))
    wanted = "SELECT code, a, b, log, x, typeof(x) FROM t ORDER BY code"
    before, triggers = rows_of(path, wanted), rows_of(path, TRIGGERS)
    ran = sqlfix("repair-schema", path, "--yes", "--drop-column", "t.x", "--format", "json")
    assert ran.code == 0, ran.err
    script = Path(ran.json["exported"]).read_text(encoding="utf-8")
    build(path, "VACUUM")
    if without:  # a trigger that is another one by now stays as it is, and nothing else is done
        other = tmp_path / "other.db"
        shutil.copy(path, other)
        build(other, "DROP TRIGGER first; CREATE TRIGGER first AFTER UPDATE ON t BEGIN SELECT 2; END")
        held = contents(other)
        with pytest.raises(sqlite3.IntegrityError, match="the triggers are others by now"):
            run_script(other, script)
        assert contents(other) == held
    run_script(path, script)
    assert (rows_of(path, wanted), rows_of(path, TRIGGERS)) == (before, triggers)
    ((text,),) = rows_of(path, "SELECT sql FROM sqlite_master WHERE name = 't'")
    assert f"log INT DEFAULT 0, {back}," in text.decode(), text
    assert [line.partition(": ")[2] for line in script.splitlines() if "does not take" in line] == lost


TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid"


def rows_of(path: Path, query: str) -> list[object]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        return connection.execute(query).fetchall()


@together
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--drop-table", "gone"], "gone cannot be dropped: person.old_id references it"),
        (["--drop-table", "gon"], "did you mean gone"),
        (["--drop-table", "people"], "people is a view"),
        (["--drop-table", "person"], "person cannot be dropped: gone_person.person_id references it"),
        (["--drop-table", "person", "--drop-table", "gone_person"], "the view people speaks of it"),
        (["--drop-column", "person.name"], "person.name cannot be dropped: the view people speaks of it"),
        (["--drop-column", "k.c", "--drop-column", "c.n"], "c.n cannot be dropped: CHECK (n < 9) speaks of it"),
        (["--drop-column", "c.a"], "c.a cannot be dropped: the index c_i speaks of it"),
        (["--drop-column", "person.id"], "gone_person.person_id references it"),
        (["--drop-column", "k.a"], "k.a cannot be dropped: it is a part of the primary key"),
        (["--drop-column", "gone.v"], "w is computed from it"),
        (["--drop-column", "person.x"], "there are no such columns"),
        ([*DROP, "--no-backup"], "nothing is dropped without a backup"),
    ],
)
def test_what_something_else_speaks_of_is_not_dropped(tmp_path: Path, arguments: list[str], said: str) -> None:
    path = build(tmp_path / "x.db", APP)
    before = fingerprint(path)
    ran = sqlfix("repair-schema", path, "--yes", *arguments)
    assert ran.code == 2 and said in ran.err
    assert fingerprint(path) == before and not list(tmp_path.glob("*.sql"))


def test_a_row_that_came_since_does_not_go_unseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The leftover was empty when the plan was made; the script that was begun is taken away again."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE x (id INTEGER PRIMARY KEY); CREATE TABLE new__x (id INTEGER PRIMARY KEY);"
        "INSERT INTO x VALUES (1);",
    )
    assert sqlfix("repair-schema", path, "--yes").code == 0
    change = repair_schema.change_with_export

    def after_a_row(path: Path, plan: SchemaPlan, how: ChangeOptions) -> SchemaPlan:
        build(path, "INSERT INTO new__x VALUES (5)")
        return change(path, plan, how)

    with monkeypatch.context() as patched:
        patched.setattr(repair_schema, "change_with_export", after_a_row)
        ran = sqlfix("repair-schema", path, "--yes", "--drop-leftovers")
    assert ran.code == 2 and "new__x has 1 row, but 0 were to go" in ran.err
    assert contents(path)["new__x"] and not list(tmp_path.glob("*.sql"))
    build(path, "DELETE FROM new__x")
    assert sqlfix("repair-schema", path, "--yes", "--drop-leftovers").code == 0
    assert "new__x" not in contents(path)


def test_a_script_changes_nothing_however_it_is_asked_for(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db", "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p_id REFERENCES p__old (id));"
    )
    before = fingerprint(path)
    by_option, by_format = (sqlfix("repair-schema", path, *words) for words in (["--sql"], ["--format", "sql"]))
    assert (by_option.code, by_option.out) == (by_format.code, by_format.out) and "BEGIN" in by_option.out
    for words in (["--sql"], ["--format", "sql"]):
        refused = sqlfix("repair-schema", path, *words, "--yes")
        assert (refused.code, refused.out) == (2, "") and "--yes has no effect" in refused.err
    assert fingerprint(path) == before and [each.name for each in tmp_path.iterdir()] == ["x.db"]
