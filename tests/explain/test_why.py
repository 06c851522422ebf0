"""`sqlfix why`: the ways in which a row becomes undeletable, each as SQLite has it, and the way out of each."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import build, contents, files, fingerprint, json_schema, keep_to, run_script, sqlfix, together, violations

BASE = """
    CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO person VALUES (7, 'ann'), (8, 'bob'), (9, 'eve');
"""


def why(path: Path, *words: object) -> Any:
    """What is said, as JSON that keeps to its schema."""
    ran = sqlfix("why", path, *words, "--format", "json")
    assert ran.out, ran.err
    keep_to(json_schema("why"), ran.json)
    return ran.json


def really(path: Path, statement: str, enforced: bool) -> str:
    """What SQLite says of a statement and its COMMIT on a copy; empty if nothing."""
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as copy,
    ):
        source.backup(copy)
        copy.execute(f"PRAGMA foreign_keys = {'ON' if enforced else 'OFF'}")
        try:
            copy.execute("BEGIN")
            copy.execute(statement)
            copy.execute("COMMIT")
        except sqlite3.Error as error:
            return str(error)
        return ""


# -- the mechanisms, those first that leave PRAGMA foreign_key_check empty -----------------------------------------

MECHANISMS = [
    pytest.param(
        BASE + """
        CREATE TABLE old_app_person_groups (
            id INTEGER PRIMARY KEY,
            person_id INTEGER NOT NULL REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
            group_id INTEGER NOT NULL
        );
        INSERT INTO old_app_person_groups VALUES (1, 7, 1), (2, 7, 2), (3, 8, 1);
        """,
        ("person", 7), (False, True), (True, True),
        [("reference", "old_app_person_groups", ["person_id"], 2, "commit", ["delete"])],
        ["2 rows reference it, ON DELETE NO ACTION: SQLite complains only at COMMIT"], False, True,
        id="a forgotten table still refers to it",
    ),
    pytest.param(
        """
        CREATE TABLE auth_user (id INTEGER PRIMARY KEY);
        CREATE TABLE accounts_user (id INTEGER PRIMARY KEY);
        CREATE TABLE log (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES auth_user (id), n INTEGER);
        INSERT INTO auth_user VALUES (1);
        INSERT INTO accounts_user VALUES (1), (2), (3);
        INSERT INTO log VALUES (1, 1, 0), (2, 2, 0), (3, 3, 0);
        """,
        ("log", 2), (True, True), (False, True),
        [("own-orphan", "log", ["user_id"], 1, "statement", ["edit"])],
        ["in accounts_user: the foreign key references the wrong table, and no row is at fault"], False, False,
        id="a foreign key to the wrong live table",
    ),
    pytest.param(
        """
        CREATE TABLE team (id INTEGER PRIMARY KEY, captain INTEGER NOT NULL REFERENCES player (id));
        CREATE TABLE player (id INTEGER PRIMARY KEY, team INTEGER NOT NULL REFERENCES team (id));
        INSERT INTO team VALUES (1, 10), (2, 20);
        INSERT INTO player VALUES (10, 1), (11, 1), (20, 2);
        """,
        ("team", 1), (False, True), (True, True),
        [("reference", "player", ["team"], 2, "statement", ["delete"])],
        ["team.captain references back: the foreign keys form a circle", "no row is at fault"], True, True,
        id="a circle of keys that are not deferrable",
    ),
    pytest.param(
        BASE + """
        CREATE TRIGGER keep BEFORE DELETE ON person WHEN OLD.name = 'ann' BEGIN SELECT RAISE(ABORT, 'not ann'); END;
        """,
        ("person", 7), (False, False), (True, True),
        [("trigger", "person", [], 0, "before", ["delete"])],
        ["the trigger keep stops the delete: not ann"], False, True,
        id="a trigger that raises",
    ),
    pytest.param(
        BASE + """
        CREATE TRIGGER tell AFTER DELETE ON person BEGIN SELECT send_mail(OLD.name); END;
        """,
        ("person", 7), (False, False), (True, True),
        [("trigger", "person", [], 0, "prepare", ["delete"])],
        ["the trigger tell stops the delete: no such function: send_mail"], False, True,
        id="a trigger that calls a function that is missing",
    ),
    pytest.param(
        BASE + """
        CREATE TABLE note (id INTEGER PRIMARY KEY, author INTEGER REFERENCES person (id), text TEXT);
        INSERT INTO note VALUES (1, 7, 'x'), (2, 99, 'y');
        """,
        ("note", 2), (True, True), (False, True),
        [("own-orphan", "note", ["author"], 1, "statement", ["edit"])],
        ["the row itself has no parent in person; writing author fails even if the value stays the same"], False, False,
        id="the row is an orphan itself",
    ),
    pytest.param(
        BASE + """
        CREATE TABLE note (
            id INTEGER PRIMARY KEY, author INTEGER REFERENCES person (id), editor INTEGER REFERENCES person__old (id)
        );
        INSERT INTO note VALUES (1, 7, NULL);
        """,
        ("note", 1), (False, True), (False, True),
        [("missing-table", "note", ["editor"], 0, "prepare", ["delete", "edit"])],
        ["references the table person__old, which does not exist (person looks like the table"], True, True,
        id="a reference to a table that is gone, from the child",
    ),
    pytest.param(
        BASE + """
        CREATE TABLE note (
            id INTEGER PRIMARY KEY, author INTEGER REFERENCES person (id), editor INTEGER REFERENCES person__old (id)
        );
        INSERT INTO note VALUES (1, 7, NULL);
        """,
        ("person", 8), (True, True), (True, True), [], [], False, False,
        id="a reference to a table that is gone, from a parent without children",
    ),
    pytest.param(
        BASE + """
        CREATE TABLE note (
            id INTEGER PRIMARY KEY, author INTEGER REFERENCES person (id) ON DELETE CASCADE,
            editor INTEGER REFERENCES person__old (id)
        );
        """,
        ("person", 8), (False, True), (True, True),
        [("missing-table", "note", ["editor"], 0, "prepare", ["delete"])],
        ["references the table person__old"], True, False,
        id="a reference to a table that is gone, beneath a cascade without rows",
    ),
    pytest.param(
        """
        CREATE TABLE person (id INTEGER, name TEXT);
        CREATE TABLE note (id INTEGER PRIMARY KEY, author INTEGER REFERENCES person (id), text TEXT);
        INSERT INTO person VALUES (7, 'ann'), (8, 'bob');
        INSERT INTO note VALUES (1, 7, 'x');
        """,
        ("person", "name=bob"), (False, True), (False, True),
        [("mismatch", "note", ["author"], 0, "prepare", ["delete", "edit"])],
        ["references person (id), which has no usable unique index"], True, None,
        id="a foreign key mismatch",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "row", "deletable", "editable", "blockers", "messages", "of_the_schema", "check_is_silent"), MECHANISMS
)
def test_how_a_row_becomes_undeletable(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sql: str,
    row: tuple[str, object],
    deletable: tuple[bool, bool],
    editable: tuple[bool, bool],
    blockers: list[tuple[str, str, list[str], int, str, list[str]]],
    messages: list[str],
    of_the_schema: bool,
    check_is_silent: bool | None,
) -> None:
    path = build(tmp_path / "x.db", sql)
    before = fingerprint(path)
    said = why(path, *row)
    assert (said["deletable"]["enforced"], said["deletable"]["unenforced"]) == deletable
    assert (said["editable"]["enforced"], said["editable"]["unenforced"]) == editable
    found = [(b["kind"], b["table"], b["columns"], b["count"], b["stage"], b["blocks"]) for b in said["blockers"]]
    assert found == blockers
    for message in messages:
        assert any(message in b["message"] for b in said["blockers"]), said["blockers"]
    assert said["schema_at_fault"] is of_the_schema
    monkeypatch.chdir(tmp_path)
    text = sqlfix("why", "x.db", *row)
    assert text.code == (0 if deletable[0] else 1)
    assert ("The schema is at fault, not the rows." in text.out) is of_the_schema
    assert max(map(len, text.out.splitlines())) <= 80
    if check_is_silent is True and not any(b[0] == "missing-table" for b in blockers):
        assert violations(path) == {}
    assert fingerprint(path) == before
    assert files(tmp_path) == [path]
    # and SQLite says the same
    where = " AND ".join(f"{name} = {value!r}" for name, value in said["key"].items())
    for enforced, possible in zip((True, False), deletable, strict=True):
        assert (really(path, f"DELETE FROM {row[0]} WHERE {where}", enforced) == "") is possible


# -- what a delete takes along ------------------------------------------------------------------------------------

CASCADES = [
    pytest.param(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, p REFERENCES person ON DELETE CASCADE);"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a REFERENCES a ON DELETE CASCADE);"
        "CREATE TABLE d (id INTEGER PRIMARY KEY, b REFERENCES b ON DELETE SET NULL);"
        "INSERT INTO a VALUES (1, 7), (2, 7), (3, 8); INSERT INTO b VALUES (1, 1), (2, 1), (3, 2), (4, 3);"
        "INSERT INTO d VALUES (1, 1), (2, 4);",
        [("a", 2, "deleted"), ("b", 3, "deleted"), ("d", 1, "set to NULL")], [], id="three tables deep",
    ),
    pytest.param(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, p REFERENCES person ON DELETE CASCADE,"
        " up REFERENCES t ON DELETE CASCADE);"
        "INSERT INTO t VALUES (1, 7, NULL), (2, NULL, 1), (3, NULL, 2), (4, NULL, 3), (5, NULL, 5), (6, 8, 6);",
        [("t", 4, "deleted")], [], id="a tree beneath it",
    ),
    pytest.param(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, p REFERENCES person ON DELETE CASCADE,"
        " b REFERENCES b ON DELETE CASCADE);"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a REFERENCES a ON DELETE CASCADE);"
        "INSERT INTO a VALUES (1, 7, 2), (2, 8, 1), (3, 9, NULL); INSERT INTO b VALUES (1, 1), (2, 2);",
        [("a", 2, "deleted"), ("b", 2, "deleted")], [], id="a circle of cascades",
    ),
    pytest.param(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, p REFERENCES person ON DELETE CASCADE);"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a REFERENCES a, p REFERENCES person ON DELETE CASCADE);"
        "INSERT INTO a VALUES (1, 7); INSERT INTO b VALUES (1, 1, 7);",
        [("a", 1, "deleted"), ("b", 1, "deleted")], [], id="NO ACTION, but the same delete takes the child as well",
    ),
    pytest.param(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, p REFERENCES person ON DELETE CASCADE);"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a REFERENCES a);"
        "INSERT INTO a VALUES (1, 7); INSERT INTO b VALUES (1, 1);",
        [("a", 1, "deleted")], ["b"], id="NO ACTION beneath a cascade",
    ),
    pytest.param(
        "CREATE TABLE a (p NOT NULL REFERENCES person ON DELETE SET NULL); INSERT INTO a VALUES (7);",
        [], ["a"], id="SET NULL where none may be",
    ),
    pytest.param(
        "CREATE TABLE a (p DEFAULT 8 REFERENCES person ON DELETE SET DEFAULT); INSERT INTO a VALUES (7);",
        [("a", 1, "set to default")], [], id="SET DEFAULT to a row that is there",
    ),
    pytest.param(
        "CREATE TABLE a (p DEFAULT 5 REFERENCES person ON DELETE SET DEFAULT); INSERT INTO a VALUES (7);",
        [], ["a"], id="SET DEFAULT to a row that is not there",
    ),
    pytest.param(
        "CREATE TABLE a (p DEFAULT 7 REFERENCES person ON DELETE SET DEFAULT); INSERT INTO a VALUES (7);",
        [], ["a"], id="SET DEFAULT to the very row",
    ),
    pytest.param(
        "CREATE TABLE a (p REFERENCES person ON DELETE RESTRICT); INSERT INTO a VALUES (7);",
        [], ["a"], id="RESTRICT",
    ),
    pytest.param(
        "CREATE TABLE a (p REFERENCES person); INSERT INTO a VALUES (8), (NULL);", [], [], id="others are referred to",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "cascade", "stopping"), CASCADES)
def test_what_a_delete_takes_along(
    tmp_path: Path, sql: str, cascade: list[tuple[str, int, str]], stopping: list[str]
) -> None:
    path = build(tmp_path / "x.db", BASE + sql)
    said = why(path, "person", 7)
    assert [(e["table"], e["rows"], e["effect"]) for e in said["cascade"]] == cascade
    assert [b["table"] for b in said["blockers"]] == stopping
    assert said["deletable"] == {"enforced": not stopping, "unenforced": True}
    if not stopping:  # the totals are those of the delete itself
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            tables = {name for name, _, _ in cascade}
            before = {t: connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables}
            connection.execute("DELETE FROM person WHERE id = 7")
            for name, rows, effect in cascade:
                if effect == "deleted":
                    assert connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] == before[name] - rows


def test_blockers_stand_in_the_order_in_which_they_block(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        BASE
        + """
        CREATE TABLE late (p REFERENCES person DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE statement (p REFERENCES person);
        CREATE TABLE at_once (p REFERENCES person ON DELETE RESTRICT);
        CREATE TABLE prepared (p REFERENCES person (name));
        INSERT INTO late VALUES (7); INSERT INTO statement VALUES (7); INSERT INTO at_once VALUES (7);
        """,
    )
    said = why(path, "person", 7)
    assert [(b["table"], b["stage"]) for b in said["blockers"]] == [
        ("prepared", "prepare"), ("at_once", "at once"), ("statement", "statement"), ("late", "commit"),
    ]  # fmt: skip


def test_an_action_that_would_write_a_computed_column_keeps_every_row(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE person (id INTEGER PRIMARY KEY, name);
        CREATE TABLE note (a, p INTEGER GENERATED ALWAYS AS (a) REFERENCES person ON DELETE SET NULL ON UPDATE CASCADE);
        INSERT INTO person VALUES (1, 'ann'), (2, 'bob'); INSERT INTO note VALUES (2);
        """,
    )
    said = why(path, "person", "1")
    assert said["deletable"]["enforced"] is False and said["schema_at_fault"]
    assert [(b["kind"], b["table"], b["columns"], b["blocks"]) for b in said["blockers"]] == [
        ("reference", "note", ["p"], ["delete", "edit"])
    ]
    assert "p, which is computed from other columns" in said["blockers"][0]["message"]
    assert [c["column"] for c in said["editable"]["columns"]] == ["id"]
    whole = sqlfix("why", path, "person", "--format", "json").json
    assert (whole["kept"], [g["whole"] for g in whole["groups"]]) == (2, [True])


def test_what_only_the_application_has_is_said_to_be_missing_here(tmp_path: Path) -> None:
    trigger = "CREATE TRIGGER tell AFTER DELETE ON person BEGIN SELECT send_mail(OLD.name); END;"
    said = why(build(tmp_path / "x.db", BASE + trigger), "person", 7)
    assert said["notes"] == [
        "only an application that provides what is missing here can delete it (no such function: send_mail; it belongs"
        " to the application)"
    ]


def test_a_trigger_that_keeps_it_without_a_word(tmp_path: Path) -> None:
    trigger = "CREATE TRIGGER hush BEFORE DELETE ON person BEGIN SELECT RAISE(IGNORE); END;"
    said = why(build(tmp_path / "x.db", BASE + trigger), "person", 7)
    assert said["deletable"] == {"enforced": False, "unenforced": False}
    assert [(b["kind"], b["name"]) for b in said["blockers"]] == [("trigger", "hush")]


def test_a_trigger_that_raises_only_in_a_cascade(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        BASE
        + """
        CREATE TABLE pet (id INTEGER PRIMARY KEY, owner REFERENCES person ON DELETE CASCADE);
        INSERT INTO pet VALUES (1, 7);
        CREATE TRIGGER keep_pets BEFORE DELETE ON pet BEGIN SELECT RAISE(FAIL, 'pets stay'); END;
        """,
    )
    said = why(path, "person", 7)
    assert said["deletable"] == {"enforced": False, "unenforced": True}
    assert [(b["kind"], b["table"], b["name"]) for b in said["blockers"]] == [("trigger", "pet", "keep_pets")]
    assert said["script"] == [] and "pets stay" in said["no_script"]


def test_an_edit_fails_on_the_columns_that_are_named(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        BASE
        + """
        CREATE TABLE note (id INTEGER PRIMARY KEY, author REFERENCES person, n INTEGER CHECK (n > 0), t TEXT);
        PRAGMA ignore_check_constraints = ON;
        INSERT INTO note VALUES (1, 99, 0, 'x');
        """,
    )
    said = why(path, "note", 1)
    assert said["editable"]["enforced"] is False and said["editable"]["unenforced"] is False
    columns = {c["column"]: (c["enforced"], c["unenforced"]) for c in said["editable"]["columns"]}
    # SQLite evaluates a CHECK where a column of it is written, and the key where it is
    assert columns == {"author": (False, True), "n": (False, False)}


def test_a_key_that_is_referred_to_cannot_be_changed(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", BASE + "CREATE TABLE c (p REFERENCES person); INSERT INTO c VALUES (7);")
    assert really(path, "UPDATE person SET id = 70 WHERE id = 7", True) != ""
    assert "person.id cannot be given another value: c.p references it" in sqlfix("why", path, "person", 7, "-v").out
    assert "another value" not in sqlfix("why", path, "person", 8, "-v").out
    assert why(path, "person", 7)["references"][0]["on_update"] == "NO ACTION"


# -- hints --------------------------------------------------------------------------------------------------------


def test_a_forgotten_table_is_a_hint_and_never_more(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT, applied DATETIME);
        INSERT INTO django_migrations VALUES (1, 'shop', '0001_initial', '2024-01-01');
        CREATE TABLE shop_person (id INTEGER PRIMARY KEY, joined DATETIME);
        CREATE TABLE shop_order (id INTEGER PRIMARY KEY, person_id REFERENCES shop_person);
        CREATE TABLE blog_post (id INTEGER PRIMARY KEY, person_id REFERENCES shop_person, written DATETIME);
        INSERT INTO shop_person VALUES (7, '2024-05-01');
        INSERT INTO shop_order VALUES (1, 7);
        INSERT INTO blog_post VALUES (1, 7, '2019-05-01');
        """,
    )
    said = why(path, "shop_person", 7)
    hints = {r["table"]: r["hint"] for r in said["references"]}
    assert hints["shop_order"] is None
    assert "django_migrations lists no app" in hints["blog_post"]
    assert "more than a year older" in hints["blog_post"]
    shown = sqlfix("why", path, "shop_person", 7).out
    assert "hint: the application may have forgotten this table" in shown
    ways = re.findall(r"^    to (.+): sqlfix (.+)$", shown, re.MULTILINE)
    assert [what for what, _ in ways] == [
        "delete its rows along", "empty its key as a row goes", "empty its key in all rows now", "export and drop it",
    ]  # fmt: skip
    for _, typed in ways:  # each of them, and it no longer blocks the delete
        copy = tmp_path / "copy.db"
        shutil.copy(path, copy)
        assert sqlfix(*shlex.split(typed.replace(str(path), str(copy))), "--yes").code == 0
        assert [b["table"] for b in why(copy, "shop_person", 7)["blockers"]] == ["shop_order"]


# -- the way out --------------------------------------------------------------------------------------------------

TANGLE = BASE + """
    CREATE TABLE person_groups (
        id INTEGER PRIMARY KEY, person_id NOT NULL REFERENCES person, group_id NOT NULL REFERENCES groups,
        UNIQUE (person_id, group_id)
    );
    CREATE TABLE groups (id INTEGER PRIMARY KEY);
    CREATE TABLE note (id INTEGER PRIMARY KEY, author NOT NULL REFERENCES person, reply_to REFERENCES note);
    CREATE TABLE pet (id INTEGER PRIMARY KEY, owner REFERENCES person);
    INSERT INTO groups VALUES (1), (2);
    INSERT INTO person_groups VALUES (1, 7, 1), (2, 7, 2), (3, 8, 1);
    INSERT INTO note VALUES (1, 7, NULL), (2, 8, 1), (3, 9, 99);
    INSERT INTO pet VALUES (1, 7), (2, 8), (3, 99);
"""  # fmt: skip


def test_the_script_is_no_larger_than_it_must_be(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", TANGLE)
    ran = sqlfix("why", path, "person", 7, "--sql")
    assert ran.code == 0, ran.err
    before = violations(path)
    run_script(path, ran.out)
    with pytest.raises(sqlite3.IntegrityError, match="not the rows that were planned"):  # it is not there any more
        run_script(path, ran.out)
    with contextlib.closing(sqlite3.connect(path)) as connection:

        def left(sql: str) -> list[tuple[object, ...]]:
            return connection.execute(sql).fetchall()

        assert left("SELECT id FROM person") == [(8,), (9,)]
        assert left("SELECT id FROM person_groups") == [(3,)]
        assert left("SELECT * FROM note") == [(2, 8, None), (3, 9, 99)]
        assert left("SELECT * FROM pet") == [(1, None), (2, 8), (3, 99)]  # an orphan of old is not its business
    assert violations(path) == before


def test_it_is_deleted_with_backup_and_record_and_comes_back(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", TANGLE)
    before = contents(path)
    ran = sqlfix("why", path, "person", 7, "--delete", "--yes")
    assert ran.code == 0, ran.err
    assert "verified and committed" in ran.out and "Backup:" in ran.out
    assert sqlfix("why", path, "person", 7).code == 2, "it is gone"
    assert contents(path) != before
    assert sqlfix("undo", path, "--yes").code == 0
    assert contents(path) == before


def test_row_by_row_too_it_comes_back(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", TANGLE)
    before = contents(path)
    assert sqlfix("why", path, "person", 7, "--delete", "--yes", "--no-backup").code == 0
    assert [f.name for f in files(tmp_path)] == ["x.db"]
    assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
    assert contents(path) == before


def test_a_tree_and_a_circle_are_deleted_whole(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE team (id INTEGER PRIMARY KEY, captain NOT NULL REFERENCES player, up REFERENCES team);
        CREATE TABLE player (id INTEGER PRIMARY KEY, team NOT NULL REFERENCES team);
        INSERT INTO team VALUES (1, 10, NULL), (2, 20, 1), (3, 11, 2);
        INSERT INTO player VALUES (10, 1), (11, 1), (20, 2), (30, 3), (31, 2);
        """,
    )
    before = contents(path)
    # team 1 takes its players, of which 11 is captain of team 3, which takes 30; team 2 is set free
    ran = sqlfix("why", path, "team", 1, "--delete", "--yes")
    assert ran.code == 0, ran.err
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM team").fetchall() == [(2, 20, None)]
        assert connection.execute("SELECT id FROM player").fetchall() == [(20,), (31,)]
    assert violations(path) == {}
    assert sqlfix("undo", path, "--yes").code == 0
    assert contents(path) == before


def test_nothing_is_written_without_a_yes(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", TANGLE)
    before = fingerprint(path)
    ran = sqlfix("why", path, "person", 7, "--delete")
    assert ran.code == 2
    assert "use --yes" in ran.err
    assert fingerprint(path) == before and files(tmp_path) == [path]


def test_a_trigger_in_the_way_means_no_script(tmp_path: Path) -> None:
    trigger = "CREATE TRIGGER keep BEFORE DELETE ON person BEGIN SELECT RAISE(ABORT, 'never'); END;"
    path = build(tmp_path / "x.db", BASE + trigger)
    for option in ("--sql", "--delete"):
        ran = sqlfix("why", path, "person", 7, option)
        assert ran.code == 2
        assert "never" in ran.err


def test_the_bookkeeping_of_a_framework_is_never_changed(tmp_path: Path) -> None:
    sql = "CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app); INSERT INTO django_migrations VALUES (1, 'x');"
    said = why(build(tmp_path / "x.db", sql), "django_migrations", 1)
    assert said["script"] == [] and "bookkeeping" in said["no_script"]


# -- a whole table ------------------------------------------------------------------------------------------------


def test_the_rows_of_a_table_by_what_keeps_them(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", TANGLE)
    said = why(path, "person")
    assert (said["rows"], said["kept"], said["key"]) == (3, 3, None)
    assert {(g["table"], g["count"]) for g in said["groups"]} == {("person_groups", 2), ("note", 3), ("pet", 2)}
    ran = sqlfix("why", path, "Person")
    assert ran.code == 1
    assert "3 of 3 rows cannot be deleted" in ran.out.replace("\n", " ")
    listed = sqlfix("why", path, "person", "--rows").out.splitlines()
    assert "id=9  delete: reference note.author" in listed and len(listed) == 7
    rows = [json.loads(line) for line in sqlfix("why", path, "person", "--rows", "--format", "json").out.splitlines()]
    assert {(r["key"]["id"], r["table"]) for r in rows} >= {(7, "pet"), (8, "pet"), (9, "note")}


@pytest.mark.parametrize(
    ("sql", "key", "way"),
    [
        ("CREATE TABLE c (p REFERENCES p (id)); INSERT INTO c VALUES (1), (NULL);", 1, False),
        ("CREATE TABLE c (p REFERENCES p (id)); INSERT INTO c VALUES (1), (NULL);", 2, True),
        ("CREATE TABLE c (p REFERENCES p (gone)); INSERT INTO c VALUES (1);", 2, False),
        ("CREATE TABLE c (p REFERENCES p (gone)); INSERT INTO c VALUES (NULL);", 2, True),
        ("CREATE TABLE c (p, q, FOREIGN KEY (p, q) REFERENCES p); INSERT INTO c VALUES (1, 1);", 2, False),
        ("CREATE TABLE c (p REFERENCES o (n)); INSERT INTO c VALUES (8);", 1, False),
        ("CREATE TABLE c (p REFERENCES o (n)); INSERT INTO c VALUES (9);", 1, True),
    ],
    ids=[
        "referred to",
        "not referred to",
        "nobody knows",
        "nothing to know",
        "too few columns",
        "beneath",
        "not beneath",
    ],
)
def test_no_row_is_left_hanging_by_a_key_that_sqlite_cannot_use(tmp_path: Path, sql: str, key: int, way: bool) -> None:
    path = build(
        tmp_path / "x.db",
        f"""
        CREATE TABLE p (key INTEGER PRIMARY KEY, id INT); INSERT INTO p VALUES (1, 1), (2, 2);
        CREATE TABLE o (key REFERENCES p ON DELETE CASCADE, n); INSERT INTO o VALUES (1, 8), (2, 9);
        {sql}
        """,
    )
    before = contents(path)
    ran = sqlfix("why", path, "p", str(key), "--delete", "--yes")
    if way:
        assert ran.code == 0
    else:
        assert (ran.code, contents(path)) == (2, before)
        assert "by a key that SQLite cannot use" in ran.err


def test_a_table_whose_rows_can_all_go(tmp_path: Path) -> None:
    ran = sqlfix("why", build(tmp_path / "x.db", TANGLE), "pet")
    assert ran.code == 0
    assert "each of its 3 rows can be deleted" in ran.out.replace("\n", " ")
    assert "1 row: they have no parent in person; writing owner fails" in ran.out.replace("\n     ", " ")


def test_a_table_of_which_the_schema_keeps_every_row(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", BASE + "CREATE TABLE c (p REFERENCES person (name));")
    said = why(path, "person")
    assert said["kept"] == 3
    assert [(g["kind"], g["whole"], g["count"]) for g in said["groups"]] == [("mismatch", True, 3)]


def test_a_trigger_makes_the_answer_about_a_table_uncertain(tmp_path: Path) -> None:
    trigger = "CREATE TRIGGER keep BEFORE DELETE ON person BEGIN SELECT RAISE(ABORT, 'never'); END;"
    ran = sqlfix("why", build(tmp_path / "x.db", BASE + trigger), "person")
    assert ran.code == 2
    assert "the trigger keep on person may refuse a delete" in ran.out.replace("\n", " ")


# -- naming a row -------------------------------------------------------------------------------------------------

KEYS = """
    CREATE TABLE pair (a INTEGER, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
    INSERT INTO pair VALUES (1, 'x'), (1, 'y,z'), (2, '007');
    CREATE TABLE word (w TEXT PRIMARY KEY, n INTEGER);
    INSERT INTO word VALUES ('7', 1), ('a=b', 2), ('c,d', 3), ('', 4), ('it''s', 4);
    CREATE TABLE bare (n INTEGER);
    INSERT INTO bare VALUES (5), (6);
    CREATE TABLE blobs (k BLOB PRIMARY KEY);
    INSERT INTO blobs VALUES (x'00ff'), ('7'), (8);
    CREATE TABLE code (c TEXT PRIMARY KEY, d);
    INSERT INTO code VALUES ('1', 1), ('01', 1), (CAST(x'ff' AS TEXT), 2), (NULL, 3), (NULL, 3);
    CREATE TABLE free (f PRIMARY KEY) WITHOUT ROWID;
    INSERT INTO free VALUES (1), ('1');
    CREATE TABLE unnamed (u TEXT PRIMARY KEY);
    INSERT INTO unnamed VALUES (NULL);
"""


@together
@pytest.mark.parametrize(
    ("table", "key", "found"),
    [
        ("pair", "a=1,b=x", {"a": 1, "b": "x"}),
        ("PAIR", "B=x,A=1", {"a": 1, "b": "x"}),
        ("pair", "1,x", {"a": 1, "b": "x"}),
        ("pair", "a=1,b='y,z'", {"a": 1, "b": "y,z"}),
        ("pair", "a=2,b=007", {"a": 2, "b": "007"}),
        ("word", "7", {"w": "7"}),
        ("word", "a=b", {"w": "a=b"}),
        ("word", "c,d", {"w": "c,d"}),
        ("word", "n=2", {"w": "a=b"}),
        ("word", "it's", {"w": "it's"}),
        ("bare", "2", {"rowid": 2}),
        ("bare", "n=5", {"rowid": 1}),
        ("blobs", "x'00FF'", {"k": {"blob": "00ff"}}),
        ("blobs", "7", {"k": "7"}),
        ("blobs", "8", {"k": 8}),
        ("code", "01", {"c": "01"}),
        ("code", "1", {"c": "1"}),
        ("code", "c=01,d=1", {"c": "01"}),
        ("code", "x'ff'", {"c": {"text_hex": "ff"}}),
        ("code", "rowid=5", {"c": None}),
        ("free", "'1'", {"f": "1"}),
        ("free", "+1", {"f": 1}),
    ],
)
def test_a_row_is_found_by_its_key(tmp_path: Path, table: str, key: str, found: dict[str, object]) -> None:
    assert why(build(tmp_path / "x.db", KEYS), table, key)["key"] == found


@together
@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        (["wrod", "7"], "there is no table called wrod", "did you mean word"),
        (["word", "nope"], "word has no row with w=nope", "look like this"),
        (["word", "-1"], "No such option '-1'", "DATABASE -- TABLE KEY"),
        (["word", "n=4"], "more than one row of word has n=4", "name one by rowid=4 or rowid=5"),
        (["bare", "\udcff"], "that is not valid text", "x'…'"),
        (["bare", "9" * 5000], "bare has no row with", "look like this: 1; 2"),
        (["bare", "\u0661"], "bare has no row with", "look like this: 1; 2"),
        (["free", "1"], "more than one row of free has f=1", "write a text in quotes, and a number with a sign"),
        (["code", "d=3"], "more than one row of code", "name one by rowid=4 or rowid=5"),
        (["code", "zz"], "code has no row with c=zz", "look like this: 1; 01; x'ff'"),
        (["unnamed", "zz"], "unnamed has no row with u=zz", "name a row by rowid=…"),
        (["pair", "1"], "1: that is not a key of this table", "as a=…,b=…"),
        (["pair", "a=1,c=2"], "pair has no column c", "as a=…,b=…"),
        ([], "which table?", "TABLE KEY, or --error MESSAGE"),
        (["word", "--sql"], "--sql needs the KEY of one row", ""),
        (["word", "7", "--rows"], "--rows is for a whole table", ""),
        (["word", "7", "--sql", "--delete"], "contradict", ""),
        (["word", "7", "--delete", "--no-backup", "--backup-to", "y"], "contradict", ""),
        (["seen", "1"], "seen is a view", "the table that holds the rows"),
    ],
)
def test_what_cannot_be_answered(tmp_path: Path, words: list[str], error: str, hint: str) -> None:
    path = build(tmp_path / "x.db", KEYS + "CREATE VIEW seen AS SELECT * FROM word;")
    ran = sqlfix("why", path, *words)
    assert ran.code == 2
    assert error in ran.err and hint in ran.err
    assert not ran.out


def test_of_a_row_that_is_gone_it_is_said_which_rows_reference_it(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (a INT, b TEXT, PRIMARY KEY (a, b)); INSERT INTO p VALUES (1, 'x');"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, b, a, FOREIGN KEY (a, b) REFERENCES p (a, b));"
        "INSERT INTO c VALUES (1, 'x', 1), (2, 'x', 7), (3, 'x', '7'), (4, 'y', 7), (5, 'x', 8);",
    )
    ran = sqlfix("why", path, "p", "a=7,b=x")
    assert (ran.code, ran.out) == (2, "")
    said = "2 rows of c reference it; sqlfix scan with --rows --select c.a,b lists them"
    assert said in " ".join(ran.err.split())
    assert "keys of p (a, b) look like this: a=1,b=x" in sqlfix("why", path, "p", "a=9,b=x").err


def test_the_commands_to_go_on_with_can_be_typed(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (-1);")
    said = sqlfix("why", path, "--", "t", "-1").out
    for _, _, words in (line.partition("sqlfix ") for line in said.splitlines() if "sqlfix " in line):
        ran = sqlfix(*shlex.split(words))
        assert "unexpected" not in ran.err and "No such option" not in ran.err, ran.err
    assert said.count("sqlfix why") == 2


def test_the_keys_that_are_shown_can_be_typed(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db", "CREATE TABLE t(a, b, PRIMARY KEY(a, b)); INSERT INTO t VALUES (1, 'it''s'), (x'00', 'a,b');"
    )
    shown = sqlfix("why", path, "t", "a=9,b=9").err.partition("look like this: ")[2].strip()
    assert [sqlfix("why", path, "t", key).code for key in shown.split("; ")] == [0, 0], shown


def test_no_name_and_no_value_reaches_the_terminal_as_it_is_stored(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE "p\x1b[31m" ("k\x1b[0m" TEXT PRIMARY KEY);
        CREATE TABLE "c\n" ("f\x07" REFERENCES "p\x1b[31m");
        INSERT INTO "p\x1b[31m" VALUES ('a'); INSERT INTO "c\n" VALUES ('a');
        """,
    )
    for words in (["a"], [], ["--rows"], ["a", "--format", "json"]):
        ran = sqlfix("why", path, "p\x1b[31m", *words)
        assert not set(ran.out + ran.err) & {"\x1b", "\x07"}, words
    assert sqlfix("why", path, "p\x1b[31m", "zz").code == 2


def test_a_chain_that_is_deeper_than_sqlite_follows(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE t (id INTEGER PRIMARY KEY, up REFERENCES t ON DELETE CASCADE);
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
        INSERT INTO t SELECT i, nullif(i - 1, 0) FROM n;
        """,
    )
    said = why(path, "t", 1)
    assert said["cascade"] == [{"table": "t", "rows": 1199, "effect": "deleted", "columns": []}]
    assert said["deletable"]["enforced"] is False
    assert "too many levels" in really(path, "DELETE FROM t WHERE id = 1", True)
    assert "too many levels" in said["blockers"][0]["message"]
    assert sqlfix("why", path, "t", 1, "--delete", "--yes").code == 0
    assert set(contents(path)["t"]) == set()


def test_a_large_file_is_not_copied_where_the_rules_can_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlfix.explain.row.SMALL", 0)
    path = build(tmp_path / "x.db", TANGLE)
    said = why(path, "person", 7)
    assert said["tried"] is False
    assert said["deletable"] == {"enforced": False, "unenforced": True}
    assert len(said["script"]) == 5
    assert sqlfix("why", path, "person", 7).code == 1
    trigger = "CREATE TRIGGER t AFTER DELETE ON person BEGIN SELECT 1; END;"
    assert why(build(tmp_path / "y.db", TANGLE + trigger), "person", 7)["tried"] is True
