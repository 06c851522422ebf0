"""`sqlfix repair-schema`: what it does to a file, what it says, and that it can be taken back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support import build, contents, fingerprint, json_schema, keep_to, run_script, sqlfix, together

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
    assert f"next, to mend the schema:  sqlfix repair-schema {path}" in sqlfix("scan", path).out
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
    assert [step["name"] for step in both] == ["log", "ux_q_n"]
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
