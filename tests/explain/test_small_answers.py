"""Small things that answers say: whole names, the way that helps, and what a repair does not mend."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from support import build, sqlfix, together

from sqlfix.explain.errors import inquiry
from sqlfix.explain.errors.causes import explain_error
from sqlfix.explain.errors.recognise import recognise
from sqlfix.scan.run import look_at
from sqlfix.schema.database import open_database
from tests.explain.test_causes import explain

DEMO = Path(__file__).parents[2] / "docs" / "demo" / "build.py"
WARNED = """
CREATE TABLE g(id INTEGER PRIMARY KEY);
CREATE TABLE l(id INTEGER PRIMARY KEY, parent_id REFERENCES g, child_id REFERENCES g);
CREATE TABLE e(id INTEGER PRIMARY KEY, at DATETIME);
INSERT INTO g VALUES (1), (2); INSERT INTO l (parent_id, child_id) VALUES (1, 2), (2, 1);
INSERT INTO e VALUES (1, '2021-05-03 10:00:00'), (2, 2460310.5), (3, 1620036000);
"""


@together
@pytest.mark.parametrize("name", ['x"y', "a b", "a.b", "a, b"])
@pytest.mark.parametrize("kind", ["UNIQUE", "NOT NULL"])
def test_a_name_that_is_no_identifier_is_echoed_whole(tmp_path: Path, kind: str, name: str) -> None:
    quoted = name.replace('"', '""')
    path = build(tmp_path / "x.db", f'CREATE TABLE t(id INTEGER PRIMARY KEY, "{quoted}" UNIQUE NOT NULL);')
    message = explain(path, f"Error: {kind} constraint failed: t.{name} (19)").recognised.message
    assert message == f"{kind} constraint failed: t.{name}"


def test_a_number_of_days_is_not_taken_for_seconds(tmp_path: Path) -> None:
    said = " ".join(sqlfix("scan", build(tmp_path / "x.db", WARNED), "--select", "mixed-formats").out.split())
    assert "mixes 3 formats: 1 value like 2021-05-03 10:00:00, 1 in Unix seconds, 1 as a Julian day" in said


def test_what_no_repair_mends_is_counted(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", WARNED)
    ran = sqlfix("repair", path)
    assert (ran.code, "nothing to repair" in " ".join(ran.out.split())) == (0, True)
    assert "2 warnings that repair does not fix by itself; to see them: sqlfix scan" in " ".join(ran.out.split())
    assert sqlfix("repair", path, "--format", "json").json["not_repairable"] == 2
    cycles = sqlfix("repair", path, "--select", "cycles", "--format", "markdown").out
    assert "1 warning that repair does not fix by itself" in cycles
    build(path, "DELETE FROM l; DELETE FROM e")
    assert "does not fix by itself" not in sqlfix("repair", path).out


def test_a_trigger_that_does_not_compile_is_what_has_to_go(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE cat(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES cat);"
        "CREATE TRIGGER tr AFTER UPDATE ON cat BEGIN INSERT INTO gone VALUES (NEW.id); END;"
        "INSERT INTO cat VALUES (1, NULL), (2, 1), (3, 99);",
    )
    found = sqlfix("repair", path, "--dry-run", "--format", "json").json["left"]
    (left,) = [part for part in found if part["columns"]]
    assert left["hint"] == 'a trigger of cat does not compile; correct it, or drop it: DROP TRIGGER "tr"'


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="there is no sqlite3 shell")
@pytest.mark.parametrize("name", ["pragma_table_info", "json_each", "generate_series"])
def test_a_table_that_has_the_name_of_one_of_sqlites_own_can_be_repaired_by_a_script(tmp_path: Path, name: str) -> None:
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE {name}(id INTEGER PRIMARY KEY, p REFERENCES p);"
        f"INSERT INTO p VALUES (1); INSERT INTO {name} VALUES (1, 1), (2, 5);",
    )
    script = sqlfix("export-sql", path).out
    ran = subprocess.run(["sqlite3", "-bail", path], input=script, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    connection = sqlite3.connect(path)
    assert connection.execute(f'SELECT p FROM main."{name}" ORDER BY id').fetchall() == [(1,), (None,)]
    connection.close()


def test_several_that_refer_to_a_table(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE users_old(id INTEGER PRIMARY KEY); CREATE TABLE users(id INTEGER PRIMARY KEY);"
        "CREATE TABLE posts(user_id REFERENCES users_old); CREATE TABLE comments(user_id REFERENCES users_old);"
        "INSERT INTO users_old VALUES (1); INSERT INTO users VALUES (1);",
    )
    said = " ".join(sqlfix("scan", path, "-v").out.split())
    assert "it is referenced by posts.user_id, comments.user_id, and DROP TABLE" in said


def test_no_repair_is_named_that_a_leftover_would_hold_back(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p);"
        "CREATE TABLE _alembic_tmp_c(id INTEGER PRIMARY KEY, p REFERENCES p); CREATE TABLE d(p REFERENCES p);"
        "INSERT INTO c VALUES (1, 9); INSERT INTO _alembic_tmp_c VALUES (1, 9), (3, 9); INSERT INTO d VALUES (9);"
        "INSERT INTO p VALUES (1);",
    )
    found = {c.table: c.command for c in explain(path, "FOREIGN KEY constraint failed").causes}
    finish = ("scan", "--select", "unfinished-migration")
    assert found == {"c": finish, "_alembic_tmp_c": finish, "d": ("repair", "--select", "d.p")}
    assert sqlfix("scan", path, *finish[1:]).code == 1


def test_a_merge_that_is_refused_names_the_rows_that_collide(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE s(id INTEGER PRIMARY KEY, email TEXT); CREATE TABLE grade(id INTEGER PRIMARY KEY, s REFERENCES s,"
        " subject TEXT, mark INT, UNIQUE (s, subject)); INSERT INTO s VALUES (1, 'a'), (2, 'a'), (3, 'b');"
        "INSERT INTO grade VALUES (10, 1, 'math', 1), (11, 2, 'math', 2), (12, 2, 'art', 3), (13, 3, 'math', 1);",
    )
    ran = sqlfix("repair", path, "--merge", "s.email", "--dry-run")
    assert ran.code == 2
    assert (
        "UNIQUE constraint failed: grade.s, grade.subject (these rows would then be the same: id=10; id=11)" in ran.err
    )


# -- one look -----------------------------------------------------------------------------------------------------


def test_a_bare_message_takes_one_look_at_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each table is counted once, however many relationships it is an end of, and few statements are said twice."""
    path = tmp_path / "shop.db"
    subprocess.run([sys.executable, DEMO, path], check=True, capture_output=True)
    looks = []
    monkeypatch.setattr(inquiry, "look_at", lambda *args, **given: looks.append(given) or look_at(*args, **given))
    said: Counter[str] = Counter()
    with open_database(path) as database:
        assert database.schema_with_text.tables  # read before the statements are counted
        database.connection.set_trace_callback(lambda statement: said.update([statement]))
        recognised = recognise("FOREIGN KEY constraint failed")
        assert recognised is not None
        explanation = explain_error(database, recognised)
        database.connection.set_trace_callback(None)
    assert len(explanation.causes) == 19
    assert len(looks) == 1
    assert said.total() <= 240
    assert said.total() - len(said) <= 50
    assert [said[one] for one in said if "django_migrations" in one and one.startswith("SELECT DISTINCT")] == [1]
