"""Leftovers of a rebuild: which tables are taken for one, what is said of them, and that a repair leaves them alone."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from support import build, contents, sqlfix, together

from sqlfix.model.schema import ForeignKey
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.leftovers import by_stem, leftover_of, may_have_become, stem

COLUMNS = "(id INTEGER PRIMARY KEY, name TEXT, town TEXT)"
NAMES = (
    "_alembic_tmp_person", "new__person", "person__old", "person_old", "person_backup", "person_bak",
    "_knex_temp_alter517", "__new_person", "_new_person", "temporary_person", "__temp__person", "ef_temp_person",
    "new_person", "person_new", "NEW__PERSON", "Person__Old", "__old_push_person", "tmp_recreate__person",
    "_south_new_person", "person_dg_tmp", "person_temp_alter", "person_new_9ea8d9b3a1f2", "_person_old_20200312",
    "_Person_Old_20200312_1", "oxhfcgcd04oXHFcGcd04_person", "adminer_person", "tmp_person", "person_temp",
    "person_temporary", "sqlitestudio_temp_table", "sqlb_temp_table_12", "migration_tmp", "1_knex_temp_alter",
)  # fmt: skip


def found(sql: str, name: str) -> tuple[str, bool, bool] | None:
    """Of which table the one of that name is a leftover, whether that is there, and whether it is a mere copy."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(sql)
        schema = read_schema(connection)
        table = schema.table(name)
        assert table is not None
        left = leftover_of(schema, table)
        return (left.original, left.exists, left.copy) if left else None


@together
@pytest.mark.parametrize("name", NAMES)
def test_names_of_leftovers(name: str) -> None:
    sql = f'CREATE TABLE person {COLUMNS}; CREATE TABLE "{name}" {COLUMNS};'
    assert found(sql, name) == ("person", True, False)
    assert found(sql, "person") is None


@together
@pytest.mark.parametrize("name", NAMES)
def test_a_missing_table_may_have_become_one(name: str) -> None:
    sql = f'CREATE TABLE "{name}" {COLUMNS}; CREATE TABLE c (p INTEGER REFERENCES person (id));'
    assert found(sql, name) == ("person", False, False)
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(sql)
        schema = read_schema(connection)
        key = ForeignKey("c", ("p",), "person", ("id",), "", "")
        assert may_have_become(key, by_stem(schema.tables)) == (name,)


@together
@pytest.mark.parametrize(
    ("sql", "name", "expected"),
    [
        pytest.param(f"CREATE TABLE new__person {COLUMNS};", "new__person", ("person", False, False),
                     id="a tool's name, and nobody refers to it"),
        pytest.param(f"CREATE TABLE person_old {COLUMNS};", "person_old", None, id="people's name, and nobody refers"),
        pytest.param("CREATE TABLE temporary_password (id INTEGER PRIMARY KEY);", "temporary_password", None,
                     id="a word that is no prefix"),
        pytest.param("CREATE TABLE p_old (id INTEGER PRIMARY KEY, p INTEGER, until TEXT);"
                     f"CREATE TABLE p {COLUMNS};", "p_old", None, id="other columns"),
        pytest.param("CREATE TABLE p_old (name TEXT, town TEXT, street TEXT);"
                     f"CREATE TABLE p {COLUMNS};", "p_old", None, id="not the key"),
        pytest.param("CREATE TABLE p_old (id INTEGER PRIMARY KEY, name TEXT, town TEXT, a, b);"
                     f"CREATE TABLE p {COLUMNS};", "p_old", ("p", True, False), id="two columns more"),
        pytest.param("CREATE TABLE p_old (id INTEGER PRIMARY KEY, name TEXT, a, b, c, d, e);"
                     f"CREATE TABLE p {COLUMNS};", "p_old", None, id="many columns more"),
        pytest.param("CREATE TABLE p_old (id INTEGER PRIMARY KEY, name TEXT);"
                     f"CREATE TABLE p {COLUMNS};", "p_old", ("p", True, False), id="a column less"),
        pytest.param(f"CREATE TABLE p {COLUMNS}; CREATE TABLE p_backup AS SELECT * FROM p;", "p_backup",
                     ("p", True, True), id="a copy without keys"),
        pytest.param("CREATE TABLE p (a, b); CREATE TABLE p_backup AS SELECT * FROM p;", "p_backup",
                     ("p", True, False), id="no keys in either"),
        pytest.param(f"CREATE TABLE p_old {COLUMNS}; CREATE VIEW p AS SELECT * FROM p_old;", "p_old", None,
                     id="a view in its place"),
        pytest.param(f"CREATE TABLE _knex_temp_alter1 {COLUMNS}; CREATE TABLE q (id INTEGER PRIMARY KEY, z);",
                     "_knex_temp_alter1", ("", False, False), id="of Knex, and of nothing that is there"),
        pytest.param(f"CREATE TABLE _knex_temp_alter1 {COLUMNS}; CREATE TABLE q {COLUMNS}; CREATE TABLE r {COLUMNS};",
                     "_knex_temp_alter1", ("", False, False), id="of Knex, and of either"),
        pytest.param(f"CREATE TABLE _old {COLUMNS};", "_old", None, id="nothing but the mark"),
        pytest.param("CREATE TABLE old_p (id INTEGER PRIMARY KEY, x); CREATE TABLE p (id INTEGER PRIMARY KEY, x);",
                     "old_p", None, id="a name that is only good for a suggestion"),
        pytest.param(f"CREATE TABLE p {COLUMNS}; CREATE TABLE p_new_20200312x {COLUMNS};", "p_new_20200312x", None,
                     id="digits that are no date"),
    ],
)  # fmt: skip
def test_what_is_taken_for_a_leftover(sql: str, name: str, expected: tuple[str, bool, bool] | None) -> None:
    assert found(sql, name) == expected


@together
@pytest.mark.parametrize(
    "name",
    [
        "person", "_alembic_tmp_person", "person__old", "old_person", "tmp_person", "person_copy", "person_",
        "_person_old_20200312", "person_new_9ea8d9b3a1f2",
    ],
)  # fmt: skip
def test_stem(name: str) -> None:
    assert stem(name) == "person"


# -- what a scan says ---------------------------------------------------------------------------------------------

BOTH = """
CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x');
CREATE TABLE {name} {form};
CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id));
"""
FULL, COPY = "(id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x')", "(id INT, name TEXT)"


def said(tmp_path: Path, sql: str, *options: str) -> list[tuple[str, str, str]]:
    path = build(tmp_path / "x.db", sql)
    report = sqlfix("scan", path, "--format", "json", *options).json
    findings = [f for f in report["findings"] if f["check"] == "unfinished-migration"]
    return [(f["severity"], f["message"], f["hint"]) for f in findings]


@pytest.mark.parametrize(
    ("name", "form", "rows", "severity", "words"),
    [
        pytest.param("new__p", FULL, ("(1, 'a')", "(1, 'a'), (2, 'b')"), "error",
                     "a rebuild of p left new__p behind; 1 row is only in new__p", id="rows in the leftover alone"),
        pytest.param("new__p", FULL, ("(1, 'a'), (3, 'c'), (4, 'd')", "(1, 'a'), (2, 'b')"), "error",
                     "a rebuild of p left new__p behind; 1 row is only in new__p, 2 rows only in p", id="in each"),
        pytest.param("new__p", FULL, ("(1, 'a'), (3, 'c')", "(1, 'a')"), "hint",
                     "a rebuild of p left new__p behind; its only row is also in p, 1 row only in p",
                     id="rows in the table alone"),
        pytest.param("new__p", FULL, ("(1, 'a')", ""), "hint", "a rebuild of p left new__p behind; it is empty",
                     id="an empty leftover"),
        pytest.param("new__p", FULL, ("", "(1, 'a')"), "error",
                     "a rebuild of p left new__p behind; p is empty, and new__p holds 1 row", id="an empty table"),
        pytest.param("p_backup", COPY, ("(1, 'a')", "(1, 'a'), (2, 'b')"), "hint",
                     "p_backup is a copy of p without its keys; 1 row is only in p_backup", id="a copy that is kept"),
        pytest.param("p_backup", COPY, ("", "(1, 'a'), (2, 'b')"), "error",
                     "p_backup is a copy of p without its keys; p is empty, and p_backup holds 2 rows",
                     id="the only copy"),
    ],
)  # fmt: skip
def test_what_is_where(tmp_path: Path, name: str, form: str, rows: tuple[str, str], severity: str, words: str) -> None:
    sql = BOTH.format(name=name, form=form)
    for table, values in zip(("p", name), rows, strict=True):
        sql += f"INSERT INTO {table} VALUES {values};" if values else ""
    ((found_severity, message, hint),) = said(tmp_path, sql)
    assert (found_severity, message) == (severity, words)
    assert ("DROP TABLE" in hint) == (severity == "hint")


@pytest.mark.parametrize(
    ("key", "rows"),
    [
        pytest.param("a TEXT COLLATE NOCASE, b INTEGER, PRIMARY KEY (a, b)", "('x', 1), ('y', 2), ('z', NULL)",
                     id="a key of two columns"),
        pytest.param("a TEXT PRIMARY KEY, b", "('x', 1), ('y', 2)", id="a key of text"),
        pytest.param("a, b", "('x', 1), (NULL, NULL)", id="no key at all"),
        pytest.param("a, b, c AS (a || b) STORED", "('x', 1), (NULL, NULL)", id="a computed column"),
    ],
)  # fmt: skip
def test_rows_are_compared_by_what_tells_them_apart(tmp_path: Path, key: str, rows: str) -> None:
    sql = f"CREATE TABLE p ({key}); CREATE TABLE new__p ({key});"
    sql += f"INSERT INTO p (a, b) VALUES {rows}; INSERT INTO new__p (a, b) SELECT a, b FROM p;"
    more = "INSERT INTO new__p (a, b) VALUES ('more', 7); DELETE FROM p WHERE a = 'x';"
    ((severity, message, _),) = said(tmp_path, sql.replace("('z', NULL)", "('z', 3)"))
    assert severity == "hint" and "all of its" in message
    (tmp_path / "x.db").unlink()
    ((severity, message, _),) = said(tmp_path, sql.replace("('z', NULL)", "('z', 3)") + more)
    assert severity == "error" and "2 rows are only in new__p" in message


def test_a_leftover_without_its_table_names_who_wants_it(tmp_path: Path) -> None:
    sql = (
        f"CREATE TABLE p__old {COLUMNS}; CREATE TABLE c (x INTEGER REFERENCES p); INSERT INTO p__old VALUES (1, 2, 3);"
    )
    ((severity, message, hint),) = said(tmp_path, sql)
    assert severity == "error"
    assert (
        message
        == "the table p is missing, and p__old, left behind by a rebuild, is there with 1 row; p is referenced by c.x"
    )
    assert 'ALTER TABLE "p__old" RENAME TO "p"' in hint


@pytest.mark.parametrize(("rows", "severity"), [("(1, 'a')", "hint"), ("(1, 'a'), (2, 'b')", "error")])
def test_nobody_is_told_to_drop_what_others_refer_to(tmp_path: Path, rows: str, severity: str) -> None:
    """A rename led the foreign key along: with foreign keys enforced, DROP TABLE would empty c as well."""
    sql = f"""
        CREATE TABLE p_old (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p_old (id) ON DELETE CASCADE);
        INSERT INTO p_old VALUES {rows}; INSERT INTO c VALUES (1, 1);
        CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO p VALUES (1, 'a');
    """
    ((found_severity, _, hint),) = said(tmp_path, sql)
    assert found_severity == severity
    assert hint.startswith("do not drop p_old yet: it is referenced by c.p")
    assert "reference p" in hint and 'DROP TABLE "' not in hint


FOLLOWED = """
    CREATE TABLE {old} (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO {old} VALUES (1, 'a');
    CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT, more INT); INSERT INTO p VALUES (1, 'a', 2), (2, 'b', 3);
    {others};
"""


@pytest.mark.parametrize(
    ("old", "others", "severity", "said_of"),
    [
        ("p__old", "CREATE TABLE c (p REFERENCES p__old (id)); INSERT INTO c VALUES (1)", "warning",
         "reference p again"),
        ("p__old", "CREATE VIEW v AS SELECT name FROM p__old", "warning", "has the view v speak of p again"),
        ("p__old", "CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM p__old; END", "warning",
         "has the trigger g speak of p again"),
        ("p_old", "CREATE TABLE c (p REFERENCES p_old (id)); INSERT INTO c VALUES (1)", "hint", "reference p again"),
        ("p__old", "CREATE TABLE c__old (p REFERENCES p__old (id)); CREATE TABLE c (p)", "hint", "reference p again"),
        ("p__old", "CREATE TABLE c (p REFERENCES p (id)); CREATE VIEW v AS SELECT name FROM p", "hint", "DROP TABLE"),
        ("p__old", "ALTER TABLE p__old ADD COLUMN b; CREATE VIEW v AS SELECT b FROM p__old", "hint", "DROP TABLE"),
        ("new__p", "CREATE VIEW v AS SELECT name FROM new__p", "hint", "DROP TABLE"),
    ],
)  # fmt: skip
def test_what_followed_a_rename_does_not_see_the_rows_that_came_since(
    tmp_path: Path, old: str, others: str, severity: str, said_of: str
) -> None:
    sql = FOLLOWED.format(old=old, others=others)
    found = [(severity, hint) for severity, message, hint in said(tmp_path, sql) if "behind" in message]
    assert [severity for severity, _ in found] == [severity] * len(found)
    assert said_of in found[0][1]
    path = tmp_path / "x.db"
    assert sqlfix("repair-schema", path, "--yes", "--no-backup").code == 0
    report = sqlfix("scan", path, "--format", "json").json
    assert {f["severity"] for f in report["findings"]} <= {"hint"}  # and so the command that it names helps


def test_it_can_be_ignored_and_selected(tmp_path: Path) -> None:
    sql = f"CREATE TABLE new__p {COLUMNS}; INSERT INTO new__p VALUES (1, 2, 3);"
    assert said(tmp_path, sql, "--ignore", "unfinished-migration") == []
    (tmp_path / "x.db").unlink()
    assert len(said(tmp_path, sql, "--select", "unfinished-migration")) == 1


# -- what a repair does not do ------------------------------------------------------------------------------------

HALF = """
CREATE TABLE q (id INTEGER PRIMARY KEY);
CREATE TABLE p (id INTEGER PRIMARY KEY, q INTEGER NOT NULL REFERENCES q (id), name TEXT NOT NULL DEFAULT 'x');
CREATE TABLE new__p (id INTEGER PRIMARY KEY, q INTEGER NOT NULL REFERENCES q (id), name TEXT NOT NULL DEFAULT 'x',
                     n INTEGER);
CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id));
CREATE TABLE d (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES new__p (id) ON DELETE CASCADE);
INSERT INTO q VALUES (1), (2);
INSERT INTO p VALUES (1, 1, 'a'), (2, 9, 'b');
INSERT INTO new__p VALUES (1, 1, 'a', '7'), (2, 9, 'b', 1), (3, 1, 'c', 1);
INSERT INTO c VALUES (1, 1), (2, 3), (3, 8);
INSERT INTO d VALUES (1, 1), (2, 8);
"""


@pytest.mark.parametrize(
    "options",
    [
        pytest.param([], id="nothing chosen"),
        pytest.param(["--on-orphan", "delete", "--allow-mass-delete"], id="deletes chosen"),
        pytest.param(["--set", "p.q=delete", "--set", "new__p.q=delete", "--set", "c.p=set-null",
                      "--set", "d.p=delete", "--set", "new__p.n=update:3"], id="chosen by name"),
        pytest.param(["--select", "orphan-rows"], id="another check selected"),
    ],
)  # fmt: skip
def test_neither_of_the_two_is_touched(tmp_path: Path, options: list[str]) -> None:
    path = build(tmp_path / "x.db", HALF)
    before = contents(path)
    ran = sqlfix("repair", path, "--yes", "--format", "json", *options)
    assert ran.code == 1, ran.err
    assert ran.json["fixes"] == []
    assert contents(path) == before
    left = {(part["table"], part["check"]) for part in ran.json["left"]}
    assert {("p", "orphan-rows"), ("new__p", "orphan-rows"), ("c", "orphan-rows"), ("d", "orphan-rows")} <= left


@pytest.mark.parametrize(
    ("table", "row", "held"),
    [
        pytest.param("q", "1", "new__p was left behind", id="a row to which the leftover refers"),
        pytest.param("new__p", "3", "new__p was left behind", id="a row of the leftover"),
        pytest.param("o", "1", "has rows that are missing from p", id="a row to which the table itself refers alone"),
        pytest.param("o", "2", "a trigger would write to new__p", id="a row whose trigger writes to the leftover"),
        pytest.param("p", "2", "", id="a row of the table itself"),
        pytest.param("q", "2", "", id="a row that nothing of both refers to"),
    ],
)
def test_no_way_out_leads_through_a_leftover(tmp_path: Path, table: str, row: str, held: str) -> None:
    path = build(
        tmp_path / "x.db",
        f"""
        {HALF} CREATE TABLE o (id INTEGER PRIMARY KEY); INSERT INTO o VALUES (1), (2); INSERT INTO p VALUES (4, 1, 'd');
        ALTER TABLE p ADD COLUMN o REFERENCES o (id); UPDATE p SET o = 1 WHERE id = 4;
        CREATE TABLE e (id INTEGER PRIMARY KEY, o NOT NULL REFERENCES o (id)); INSERT INTO e VALUES (1, 2);
        CREATE TRIGGER e_goes AFTER DELETE ON e BEGIN UPDATE new__p SET n = 5; END;
        """,
    )
    before = contents(path)
    script, ran = (sqlfix("why", path, table, row, *how) for how in (["--sql"], ["--delete", "--yes"]))
    if held:
        assert (script.code, ran.code, contents(path)) == (2, 2, before)
        assert held in ran.err
    else:
        assert (script.code, ran.code) == (0, 0), ran.err
        assert contents(path) != before


def test_what_a_leftover_refers_to_is_not_deleted_either(tmp_path: Path) -> None:
    sql = HALF.replace(
        "(id INTEGER PRIMARY KEY);", "(id INTEGER PRIMARY KEY, o INTEGER NOT NULL REFERENCES o (id));", 1
    )
    sql = sql.replace("VALUES (1), (2);", "VALUES (1, 77), (2, 77);", 1) + "CREATE TABLE o (id INTEGER PRIMARY KEY);"
    path = build(tmp_path / "x.db", f"{sql} INSERT INTO o VALUES (1);")
    ran = sqlfix("repair", path, "--dry-run", "--format", "json")
    assert ran.json["fixes"] == []
    (reason,) = [part["reason"] for part in ran.json["left"] if part["table"] == "q"]
    assert "rows reference by" in reason or "row references by" in reason


@pytest.mark.parametrize(
    ("body", "held"),
    [
        pytest.param("DELETE FROM log_old WHERE x = OLD.id;", True, id="deletes from the leftover"),
        pytest.param("UPDATE log_old SET y = 0;", True, id="changes the leftover"),
        pytest.param("INSERT INTO log_old VALUES (9, 9);", True, id="adds to the leftover"),
        pytest.param("DELETE FROM log;", True, id="deletes from the table itself"),
        pytest.param("REPLACE INTO log VALUES (1, 2);", True, id="replaces in the table itself"),
        pytest.param("DELETE FROM 'log_old';", True, id="a name like a text"),
        pytest.param("INSERT INTO seen VALUES (OLD.id);", True, id="by way of a view"),
        pytest.param("INSERT INTO log VALUES (1, 2) ON CONFLICT (x) DO UPDATE SET y = 2;", True, id="an upsert"),
        pytest.param("INSERT INTO other VALUES (OLD.id);", True, id="by way of another trigger"),
        pytest.param("INSERT INTO log VALUES (OLD.id, 1);", False, id="adds to the table itself"),
    ],
)
def test_no_trigger_writes_to_a_leftover(tmp_path: Path, body: str, held: bool) -> None:
    path = build(
        tmp_path / "x.db",
        f"""
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES p (id) ON DELETE CASCADE);
        CREATE TABLE log (x UNIQUE, y); CREATE TABLE log_old (x UNIQUE, y); CREATE TABLE other (x);
        CREATE VIEW seen AS SELECT x FROM other;
        CREATE TRIGGER seen_comes INSTEAD OF INSERT ON seen BEGIN INSERT INTO other VALUES (NEW.x); END;
        CREATE TRIGGER c_goes AFTER DELETE ON c BEGIN {body} END;
        CREATE TRIGGER other_comes AFTER INSERT ON other BEGIN DELETE FROM log_old WHERE x = NEW.x; END;
        INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (2, 1), (3, 1), (4, 9);
        INSERT INTO log VALUES (1, 1); INSERT INTO log_old VALUES (1, 1), (4, 1);
        """,
    )
    before = contents(path)
    ran = sqlfix("repair", path, "--yes", "--format", "json")
    assert ran.code == 1, ran.err
    assert (ran.json["fixes"] == []) is held
    assert (contents(path) == before) is held
    reasons = [part["reason"] for part in ran.json["left"] if part["check"] == "orphan-rows"]
    assert any("a trigger would write to log" in reason for reason in reasons) is held


def test_whoever_says_that_it_is_no_leftover_has_it_repaired(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", HALF)
    ran = sqlfix("repair", path, "--yes", "--format", "json", "--ignore", "unfinished-migration")
    assert ran.code == 0, ran.out
    assert {fix["table"] for fix in ran.json["fixes"]} >= {"p", "new__p", "c", "d"}


def test_a_leftover_that_cannot_be_compared_is_left_alone(tmp_path: Path) -> None:
    sql = "CREATE TABLE q (id INTEGER PRIMARY KEY); INSERT INTO q VALUES (1);"
    form = "(id TEXT COLLATE BINARY PRIMARY KEY, q INTEGER NOT NULL REFERENCES q (id))"
    sql += f"CREATE TABLE p {form}; CREATE TABLE new__p {form};"
    sql += "INSERT INTO p VALUES ('a', 1), ('b', 9); INSERT INTO new__p VALUES ('a', 1);"
    sql += "PRAGMA writable_schema = ON;"
    sql += "UPDATE sqlite_master SET sql = replace(sql, 'BINARY', 'OWN') WHERE name IN ('new__p', 'p');"
    path = build(tmp_path / "x.db", sql)
    ran = sqlfix("repair", path, "--dry-run", "--format", "json")
    assert ran.code == 1, ran.err
    assert [fix["table"] for fix in ran.json["fixes"]] == []


def test_rows_are_not_merged_beside_a_leftover(tmp_path: Path) -> None:
    sql = HALF + "INSERT INTO p VALUES (4, 1, 'a');"
    path = build(tmp_path / "x.db", sql)
    ran = sqlfix("repair", path, "--yes", "--merge", "p.name")
    assert ran.code == 2
    assert "has rows that are missing from p" in ran.err
    assert sqlfix("repair", path, "--yes", "--merge", "new__p.name").code == 2
    assert sqlfix("repair", path, "--yes", "--merge", "p.name", "--ignore", "unfinished-migration").code == 0
    assert sqlfix("repair", path, "--yes", "--merge", "p.name", "--ignore", "p").code == 2


def test_no_trigger_of_a_merge_writes_to_a_leftover(tmp_path: Path) -> None:
    sql = """
        CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE log (x); CREATE TABLE log_old (x);
        CREATE TRIGGER tag_goes AFTER DELETE ON tag BEGIN DELETE FROM log_old WHERE x = OLD.id; END;
        INSERT INTO tag VALUES (1, 'a'), (2, 'a'); INSERT INTO log_old VALUES (1), (2);
    """
    path = build(tmp_path / "x.db", sql)
    before = contents(path)
    ran = sqlfix("repair", path, "--yes", "--merge", "tag.name")
    assert ran.code == 2
    assert "a trigger would write to log_old" in ran.err
    assert contents(path) == before
    assert sqlfix("repair", path, "--yes", "--merge", "tag.name", "--ignore", "unfinished-migration").code == 0
