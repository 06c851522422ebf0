"""Which row is which: told by the primary key's own index, never by how a column compares; nothing else is touched."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from strategies import in_sql
from support import build, contents, run_script, sqlfix

from sqlfix.errors import RolledBack
from sqlfix.model.findings import SameRows
from sqlfix.model.plans import Choice
from sqlfix.plan.merge_rows import merge_script
from sqlfix.plan.policy import Policy
from sqlfix.plan.stages import make_plan
from sqlfix.repair.change import ChangeOptions
from sqlfix.repair.run import repair
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.database import open_database
from tests.laws.test_properties import SLOW, folder

pytestmark = pytest.mark.oracle

COLLATIONS = ("BINARY", "NOCASE", "RTRIM")
SPELLINGS = ("a", "A", "a ", "A ")
PAIRS = [pytest.param(own, key, id=f"column {own}, key {key}") for own, key in itertools.product(COLLATIONS, repeat=2)]


def tree(own: str, key: str, more: str = "") -> str:
    """A tree in a WITHOUT ROWID table, with as many spellings of one key as its primary key tells apart.

    The first of them is beneath ``top``, the others beneath ``root``.
    """
    rows = "".join(
        f"INSERT OR IGNORE INTO n VALUES ('{k}', 7, '{'top' if place == 0 else 'root'}', 7, 'v{place}');"
        for place, k in enumerate(SPELLINGS)
    )
    return f"""
        CREATE TABLE n (k TEXT COLLATE {own}, m INT, up TEXT COLLATE BINARY, um INT, v, PRIMARY KEY
            (m DESC, k COLLATE {key}), FOREIGN KEY (um, up) REFERENCES n ON DELETE CASCADE) WITHOUT ROWID;
        INSERT INTO n VALUES ('root', 7, NULL, NULL, 'r'), ('top', 7, NULL, NULL, 't');
        {rows}{more}
    """


def column(path: Path, query: str = "SELECT v FROM n ORDER BY v") -> list[Any]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute(query)]


def as_sqlite_deletes(path: Path, statement: str) -> dict[str, Any]:
    """What a file holds after a delete with foreign keys enforced."""
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(statement)
        connection.commit()
    return contents(copy)


@pytest.mark.parametrize(("own", "key"), PAIRS)
def test_why_deletes_what_sqlite_would(tmp_path: Path, own: str, key: str) -> None:
    path = build(tmp_path / "x.db", tree(own, key))
    expected = as_sqlite_deletes(path, "DELETE FROM n WHERE k = 'top'")
    script = sqlfix("why", path, "n", "k=top,m=7", "--sql")
    copy = path.with_name("script.db")
    copy.write_bytes(path.read_bytes())
    ran = sqlfix("why", path, "n", "k=top,m=7", "--delete", "--yes")
    assert ran.code == 0, ran.err
    assert contents(path) == expected
    if script.code == 0:
        run_script(copy, script.out)
        assert contents(copy) == expected


@pytest.mark.parametrize(("own", "key"), PAIRS)
def test_a_repair_takes_what_is_beneath_an_orphan_and_an_undo_brings_just_that_back(
    tmp_path: Path, own: str, key: str
) -> None:
    path = build(tmp_path / "x.db", tree(own, key, "DELETE FROM n WHERE v = 't';"))
    first = column(path, "SELECT v FROM n WHERE up = 'top'")
    before, whole = column(path), contents(path)
    assert first == ["v0"]
    script = sqlfix("export-sql", path, "--on-orphan", "delete").out
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    run_script(copy, script)
    ran = sqlfix("repair", path, "--yes", "--on-orphan", "delete")
    assert ran.code == 0, ran.err
    assert column(path) == column(copy) == [v for v in before if v != "v0"]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE since (x)")
    assert sqlfix("undo", path, "--yes").code == 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE since")
    assert contents(path) == whole


@pytest.mark.parametrize("watched", [True, False], ids=["by our own triggers", "by comparing, beside the file's own"])
@pytest.mark.parametrize(("own", "key"), PAIRS)
def test_an_undo_changes_only_the_row_that_the_repair_changed(
    tmp_path: Path, own: str, key: str, watched: bool
) -> None:
    trigger = "CREATE TRIGGER log AFTER UPDATE ON n BEGIN SELECT 1; END;"
    path = build(
        tmp_path / "x.db",
        f"""
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE n (k TEXT COLLATE {own}, up INT REFERENCES p, v, PRIMARY KEY (k COLLATE {key})) WITHOUT ROWID;
        INSERT INTO p VALUES (1);
        {"".join(f"INSERT OR IGNORE INTO n VALUES ('{k}', {99 if k == 'a' else 1}, 'v{k}');" for k in SPELLINGS)}
        {"" if watched else trigger}
        """,
    )
    whole = contents(path)
    assert sqlfix("repair", path, "--yes").code == 0
    assert column(path, "SELECT v FROM n WHERE up IS NULL") == ["va"]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE since (x)")
    ran = sqlfix("undo", path, "--yes")
    assert (ran.code, "1 row" in ran.out) == (0, True), ran.err
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE since")
    assert contents(path) == whole


def test_a_key_that_holds_one_column_in_two_collations() -> None:
    """The coarser of the two says nothing that the finer does not; SQLite keeps both."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE n (k TEXT, v, PRIMARY KEY (k COLLATE NOCASE, k COLLATE BINARY)) WITHOUT ROWID")
        connection.execute("INSERT INTO n VALUES ('a', 1), ('A', 2)")
        table = read_schema(connection).table("n")
    assert table is not None
    assert (table.row_id, table.row_collations, table.primary_key) == (("k", "k"), ("NOCASE", None), ("k",))


def test_rows_under_a_key_in_two_collations_are_repaired_and_brought_back(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE n (k TEXT COLLATE RTRIM, up, v, PRIMARY KEY (k COLLATE NOCASE, k COLLATE BINARY),
            FOREIGN KEY (up) REFERENCES p ON DELETE CASCADE) WITHOUT ROWID;
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        INSERT INTO p VALUES (1);
        INSERT INTO n VALUES ('a', 9, 'orphan'), ('A', 1, 'sound'), ('a ', 1, 'sound');
        CREATE TRIGGER log AFTER DELETE ON n BEGIN SELECT 1; END;
        """,
    )
    whole = contents(path)
    assert sqlfix("repair", path, "--yes", "--on-orphan", "delete").code == 0
    assert column(path) == ["sound", "sound"]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE since (x)")
    assert sqlfix("undo", path, "--yes").code == 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE since")
    assert contents(path) == whole


def test_a_record_whose_key_tells_rows_apart_no_longer_is_a_conflict(tmp_path: Path) -> None:
    """The table was written anew since, and what was its key is an ordinary column now."""
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE n (k TEXT, up INT REFERENCES p, PRIMARY KEY (k)) WITHOUT ROWID;
        INSERT INTO n VALUES ('a', 9);
        INSERT INTO p VALUES (1);
        """,
    )
    assert sqlfix("repair", path, "--yes", "--allow-mass-delete").code == 0
    build(path, "DROP TABLE n; CREATE TABLE n (k TEXT, up INT); INSERT INTO n VALUES ('a', NULL), ('a', NULL)")
    after = contents(path)
    ran = sqlfix("undo", path, "--yes")
    assert (ran.code, contents(path)) == (2, after)
    assert "has other columns now" in ran.out


# -- the keys of two tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("collation", "to"), [("NOCASE", "a@x"), ("BINARY", "A@x")])
def test_a_reference_by_what_is_the_same_but_for_its_case_is_led_to_the_row_that_stays(collation: str, to: str) -> None:
    """To the foreign key 'A@x' is another row than 'a@x', and the one that it refers to goes."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(
            """
            CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT UNIQUE);
            CREATE TABLE letter (id INTEGER PRIMARY KEY, email TEXT REFERENCES person (email));
            INSERT INTO person VALUES (1, 'a@x'), (2, 'A@x');
            INSERT INTO letter VALUES (1, 'A@x');
            """
        )
        schema = read_schema(connection)
        table = schema.table("person")
        assert table is not None
        for statement in merge_script(
            schema, SameRows(table, ("email",), (f'"email" COLLATE "{collation}"',)), "first"
        ):
            connection.execute(statement)
        assert connection.execute("SELECT email FROM letter").fetchall() == [(to,)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


LINKS = """
    CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT);
    CREATE TABLE tag (name TEXT COLLATE {parent} PRIMARY KEY);
    CREATE TABLE person_tag (person_id INT REFERENCES person, tag TEXT COLLATE {child} REFERENCES tag);
    INSERT INTO person VALUES (1, 'x'), (2, 'x');
    INSERT OR IGNORE INTO tag VALUES ('a'), ('A');
    INSERT INTO person_tag VALUES (1, 'a'), (2, 'A');
"""


@pytest.mark.parametrize(
    ("parent", "child", "left"),
    [
        pytest.param("BINARY", "NOCASE", ["A", "a"], id="two tags, one to the column"),
        pytest.param("NOCASE", "BINARY", ["a"], id="one tag, two to the column"),
        pytest.param("BINARY", "BINARY", ["A", "a"], id="two tags"),
        pytest.param("NOCASE", "NOCASE", ["a"], id="one tag"),
    ],
)
def test_links_are_the_same_where_they_lead_to_the_same_row(
    tmp_path: Path, parent: str, child: str, left: list[str]
) -> None:
    path = build(tmp_path / "x.db", LINKS.format(parent=parent, child=child))
    ran = sqlfix("repair", path, "--yes", "--merge", "person.email", "--keep", "first")
    assert ran.code == 0, ran.err
    assert column(path, "SELECT tag FROM person_tag ORDER BY tag COLLATE BINARY") == left
    assert column(path, "SELECT DISTINCT person_id FROM person_tag") == [1]


@pytest.mark.parametrize(
    ("parent", "child", "index", "found"),
    [
        pytest.param("BINARY", "NOCASE", "", 0, id="two tags, one to the column"),
        pytest.param("NOCASE", "BINARY", "", 1, id="one tag, two to the column"),
        pytest.param("NOCASE", "BINARY", "person_id, tag", 1, id="an index that takes them for two"),
        pytest.param("NOCASE", "BINARY", "person_id, tag COLLATE NOCASE", 0, id="an index that forbids them"),
    ],
)
def test_duplicate_links_are_told_by_the_parents_key(
    tmp_path: Path, parent: str, child: str, index: str, found: int
) -> None:
    sql = LINKS.format(parent=parent, child=child) + "UPDATE person_tag SET person_id = 1 WHERE tag = 'a';"
    if index:
        sql = sql.replace("INSERT INTO person_tag", f"CREATE UNIQUE INDEX u ON person_tag ({index});"
                          " INSERT OR IGNORE INTO person_tag")  # fmt: skip
    path = build(tmp_path / "x.db", sql + "UPDATE OR IGNORE person_tag SET person_id = 1;")
    report = sqlfix("scan", path, "--format", "json").json
    links = [f for f in report["findings"] if f["check"] == "duplicate-links"]
    assert sum(f["count"] for f in links) == found
    for finding in links:  # the hint does what it says
        if finding["facts"]["mergeable"]:
            assert sqlfix("repair", "--merge", finding["hint"].split("--merge ")[1].split()[0], path, "--yes").code == 0
        else:
            build(path, finding["hint"].partition(": ")[2].partition(";")[0])
        assert column(path, "SELECT count(*) FROM person_tag") == [1]


# -- orphans, row by row ------------------------------------------------------------------------------------------

PERSON = (
    "CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT, code TEXT UNIQUE, boss TEXT REFERENCES person (code));"
)


@pytest.mark.parametrize("old", ["gone", "k"], ids=["an orphan goes by it", "no orphan before"])
def test_a_merge_that_takes_a_parent_away_is_refused_whatever_it_heals(tmp_path: Path, old: str) -> None:
    path = build(
        tmp_path / "x.db",
        f"{PERSON} INSERT INTO person VALUES (1, 'x', NULL, NULL), (2, 'x', 'k', '{old}'), (3, 'y', 'p', 'k');",
    )
    before = contents(path)
    ran = sqlfix("repair", path, "--merge", "person.email", "--keep", "first", "--yes")
    assert (ran.code, contents(path)) == (2, before)
    assert "person would have rows without a parent" in ran.err


SWAP = """
    CREATE TABLE p (id INTEGER PRIMARY KEY);
    CREATE TABLE c ({row}p_id INTEGER REFERENCES p, note TEXT{key});
    CREATE TABLE d (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p);
    INSERT INTO p VALUES (1);
    INSERT INTO c (p_id, note{extra}) VALUES (99, 'old'{one}), (1, 'sound'{two});
    INSERT INTO d VALUES (1, 98);
"""
SWAPPER = """
    CREATE TRIGGER swap AFTER UPDATE OF p_id ON d BEGIN
        UPDATE c SET p_id = CASE note WHEN 'old' THEN 1 ELSE 77 END;
    END;
"""
TABLES = {
    "rowid": {"row": "", "key": "", "extra": "", "one": "", "two": ""},
    "key": {"row": "k TEXT PRIMARY KEY, ", "key": "", "extra": ", k", "one": ", 'a'", "two": ", 'A'"},
    "no name of a row": {
        "row": "rowid, _rowid_, oid, ", "key": "", "extra": ", oid", "one": ", 1", "two": ", 1",
    },
}  # fmt: skip


def swapping(path: Path, kind: str, trigger: bool = True) -> Path:
    sql = SWAP.format(**TABLES[kind])
    if kind == "key":
        sql = sql.replace("note TEXT)", "note TEXT) WITHOUT ROWID")
    return build(path, sql + (SWAPPER if trigger else ""))


@pytest.mark.parametrize("kind", TABLES)
def test_a_fix_that_heals_one_row_and_breaks_another_is_held_back(tmp_path: Path, kind: str) -> None:
    path = swapping(tmp_path / "x.db", kind)
    before = contents(path)
    ran = sqlfix("repair", path, "--yes", "--set", "c.p_id=keep", "--format", "json")
    assert ran.code == 1, ran.err
    assert (ran.json["fixes"], contents(path)) == ([], before)
    reasons = {(left["table"], left["reason"]) for left in ran.json["left"]}
    assert any(table == "d" and "1 row of c lost its parent in p" in reason for table, reason in reasons)


BOTH = """
    CREATE TABLE p (id INTEGER PRIMARY KEY);
    CREATE TABLE c (k TEXT PRIMARY KEY, p_id INTEGER REFERENCES p, d_id INTEGER REFERENCES p, note TEXT){};
    INSERT INTO p VALUES (1);
    INSERT INTO c VALUES ('a', 99, 1, 'old'), ('A', 1, 98, 'sound');
"""
SWAP_BOTH = "UPDATE c SET p_id = CASE note WHEN 'old' THEN 1 ELSE 77 END"
KINDS = pytest.mark.parametrize("kind", ["", " WITHOUT ROWID"], ids=["rowid", "key"])


@KINDS
def test_a_script_that_heals_one_row_and_breaks_another_fails(tmp_path: Path, kind: str) -> None:
    """The trigger came after the script was written."""
    path = build(tmp_path / "x.db", BOTH.format(kind))
    script = sqlfix("export-sql", path, "--set", "c.p_id=keep").out
    trigger = f"CREATE TRIGGER swap AFTER UPDATE OF d_id ON c BEGIN {SWAP_BOTH}; END;"
    copy = build(tmp_path / "copy.db", BOTH.format(kind) + trigger)
    before = contents(copy)
    with pytest.raises(sqlite3.IntegrityError, match="faults remain"):
        run_script(copy, script)
    assert contents(copy) == before
    run_script(path, script)
    assert column(path, "SELECT d_id FROM c ORDER BY k") == [None, 1]


@KINDS
def test_a_repair_that_heals_one_row_and_breaks_another_is_taken_back(tmp_path: Path, kind: str) -> None:
    path = build(tmp_path / "x.db", BOTH.format(kind))
    before = contents(path)
    with open_database(path) as database:
        schema = database.schema
        plan = make_plan(database, Policy(choices=(("c.p_id", Choice("keep")),)))
    fix = replace(plan.fixes[0], statements=(*plan.fixes[0].statements, SWAP_BOTH), rows=3)
    with pytest.raises(RolledBack, match="1 row lost the parent in p"):
        repair(path, replace(plan, fixes=(fix,), schema=schema), ChangeOptions(backup=False))
    assert contents(path) == before


@pytest.mark.parametrize("trigger", [True, False], ids=["with a trigger", "without"])
def test_a_change_that_was_not_planned_is_taken_back(tmp_path: Path, trigger: bool) -> None:
    """A statement that does more than it says: what is counted is what SQLite has changed, not what a fix meets."""
    log = "CREATE TRIGGER log AFTER UPDATE ON d BEGIN SELECT 1; END;"
    path = build(swapping(tmp_path / "x.db", "rowid", trigger=False), log if trigger else "")
    before = contents(path)
    with open_database(path) as database:
        schema = database.schema
        plan = make_plan(database, Policy(choices=(("c.p_id", Choice("keep")),)))
    assert plan.rehearsed == trigger
    counted = replace(plan, changes=0) if trigger else plan
    if not trigger:  # a trigger that the schema of the plan does not know of
        hidden = "CREATE TEMP TRIGGER more AFTER UPDATE ON d BEGIN DELETE FROM p WHERE 0; UPDATE c SET note = 'x'; END"
        fix = replace(plan.fixes[0], statements=(hidden, *plan.fixes[0].statements))
        counted = replace(plan, fixes=(fix,))
    with pytest.raises(RolledBack, match="something other than the plan changed rows"):
        repair(path, replace(counted, schema=schema), ChangeOptions(backup=False))
    assert contents(path) == before


def test_a_fix_that_meets_rows_which_were_not_planned_is_held_back(tmp_path: Path) -> None:
    """The trigger of the first fix makes new work for the second one."""
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE a (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p);
        CREATE TABLE b (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p);
        INSERT INTO p VALUES (1);
        INSERT INTO a VALUES (1, 9), (2, 1);
        INSERT INTO b VALUES (1, 9), (2, 1), (3, 1);
        CREATE TRIGGER more AFTER UPDATE ON a BEGIN UPDATE b SET p_id = 8 WHERE id = 3; END;
        """,
    )
    ran = sqlfix("repair", path, "--yes", "--format", "json")
    assert ran.code == 1, ran.err
    assert column(path, "SELECT p_id FROM b ORDER BY id")[2] == 1
    assert any("2 rows instead of 1" in left["reason"] for left in ran.json["left"])


def test_a_key_that_is_written_does_not_make_old_orphans_new(tmp_path: Path) -> None:
    """A link whose one end is led elsewhere is another row by its key; that its other end leads nowhere is not new."""
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE a (id INTEGER PRIMARY KEY);
        CREATE TABLE b (id INTEGER PRIMARY KEY);
        CREATE TABLE a_b (a_id INTEGER REFERENCES a, b_id INTEGER REFERENCES b, PRIMARY KEY (a_id, b_id)) WITHOUT ROWID;
        INSERT INTO a VALUES (1), (2);
        INSERT INTO b VALUES (1), (2);
        INSERT INTO a_b VALUES (9, 8), (1, 7), (1, 1), (2, 2);
        """,
    )
    ran = sqlfix("repair", path, "--yes", "--set", "a_b.a_id=update:2", "--set", "a_b.b_id=keep")
    assert ran.code == 1, ran.err
    assert column(path, "SELECT a_id || '-' || b_id FROM a_b ORDER BY 1") == ["1-1", "1-7", "2-2", "2-8"]


# -- an undo ------------------------------------------------------------------------------------------------------

MADE = """
    CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
    CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p, note);
    CREATE TABLE d (id INTEGER PRIMARY KEY, name TEXT REFERENCES p (name));
    INSERT INTO p VALUES (1, 'one');
    INSERT INTO c VALUES (1, 99, 'orphan'), (2, 98, 'kept');
    INSERT INTO d VALUES (1, 'gone');
    CREATE TRIGGER made AFTER DELETE ON c BEGIN
        INSERT INTO p VALUES (50, 'fifty'); UPDATE p SET name = 'uno' WHERE id = 1;
    END;
"""


def made(path: Path) -> Path:
    """A repair whose trigger makes a parent and gives another one a new key; orphans are there before and after."""
    build(path, MADE)
    build(path, "UPDATE c SET p_id = 1 WHERE id = 2")
    ran = sqlfix("repair", path, "--yes", "--set", "c.p_id=delete", "--set", "d.name=keep")
    assert ran.code == 1, ran.err
    assert column(path, "SELECT name FROM p ORDER BY id") == ["uno", "fifty"]
    return path


@pytest.mark.parametrize(
    ("since", "lost"),
    [
        pytest.param("INSERT INTO c VALUES (7, 50, '')", "1 row of c would lose the parent in p: by p_id", id="a row"),
        pytest.param("INSERT INTO d VALUES (7, 'uno')", "1 row of d would lose the parent in p: by name", id="a key"),
        pytest.param(
            "UPDATE d SET name = 'one' WHERE id = 1; INSERT INTO d VALUES (7, 'uno')",
            "1 row of d would lose the parent in p: by name",
            id="one heals, one breaks",
        ),
    ],
)
@pytest.mark.parametrize("how", [["--yes"], ["--yes", "--skip-conflicts"], ["--dry-run"]], ids=["", "skip", "dry"])
def test_an_undo_that_takes_a_parent_away_is_refused(tmp_path: Path, since: str, lost: str, how: list[str]) -> None:
    path = build(made(tmp_path / "x.db"), since)
    before = contents(path)
    ran = sqlfix("undo", path, *how)
    assert (ran.code, contents(path)) == (2, before)
    assert lost in ran.err


@pytest.mark.parametrize("since", ["INSERT INTO c VALUES (7, 77, '')", "INSERT INTO c VALUES (7, 1, '')"])
def test_an_undo_brings_orphans_back_and_leaves_those_that_came_since(tmp_path: Path, since: str) -> None:
    path = build(made(tmp_path / "x.db"), since)
    assert sqlfix("undo", path, "--yes").code == 0
    assert column(path, "SELECT name FROM p") == ["one"]
    assert column(path, "SELECT id FROM c ORDER BY id") == [1, 2, 7]
    assert column(path, "SELECT name FROM d") == ["gone"]


def test_an_undo_of_a_merge_leaves_a_row_that_came_since_its_parent(tmp_path: Path) -> None:
    """What a merge deleted comes back with its key, and what was led away is led back."""
    path = build(
        tmp_path / "x.db",
        f"""{PERSON} INSERT INTO person VALUES (1, 'x', 'a', NULL), (2, 'x', 'b', 'gone'), (3, 'y', 'c', 'b');""",
    )
    whole = contents(path)
    assert sqlfix("repair", path, "--merge", "person.email", "--keep", "first", "--yes").code == 0
    assert column(path, "SELECT boss FROM person WHERE id = 3") == ["a"]
    build(path, "INSERT INTO person VALUES (4, 'z', 'd', 'a')")
    assert sqlfix("undo", path, "--yes").code == 0
    build(path, "DELETE FROM person WHERE id = 4")
    assert contents(path) == whole


# -- on random data -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Forest:
    """A tree of rows whose keys differ only in what some collations tell apart, and rows of another table below.

    ``v`` is a mark that nothing writes: by it the test knows each row.
    """

    own: str
    key: str
    without_rowid: bool
    trigger: bool
    nodes: tuple[tuple[str, str | None], ...]
    leaves: tuple[tuple[str, str | None], ...]

    def __str__(self) -> str:
        written = [
            f"INSERT OR IGNORE INTO {table} (k, up, v) VALUES ({in_sql(k)}, {in_sql(up)}, '{table}{place}');"
            for table, some in (("n", self.nodes), ("l", self.leaves))
            for place, (k, up) in enumerate(some)
        ]
        end = " WITHOUT ROWID" if self.without_rowid else ""
        trigger = "CREATE TRIGGER t AFTER DELETE ON n BEGIN SELECT 1; END;" if self.trigger else ""
        return f"""
            CREATE TABLE n (k TEXT COLLATE {self.own}, up TEXT COLLATE {self.own} REFERENCES n, v,
                PRIMARY KEY (k COLLATE {self.key})){end};
            CREATE TABLE l (k TEXT COLLATE {self.own}, up TEXT REFERENCES n ON DELETE CASCADE, v,
                PRIMARY KEY (k COLLATE {self.key}, up)){end};
            {"".join(written)}{trigger}
        """


KEYS = st.sampled_from(["a", "A", "a ", "b", "B", "b "])
NODES = st.lists(st.tuples(KEYS, st.one_of(st.none(), KEYS, st.just("gone"))), min_size=1, max_size=8)
FORESTS = st.builds(
    Forest, st.sampled_from(COLLATIONS), st.sampled_from(COLLATIONS), st.sampled_from([True, True, False]),
    st.booleans(), NODES.map(tuple), NODES.map(tuple),
)  # fmt: skip


def stored(path: Path) -> dict[str, tuple[Any, ...]]:
    """Every row of a forest, by its mark."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return {row[0]: row[1:] for t in "nl" for row in connection.execute(f"SELECT v, k, up FROM {t}")}


def without_parent(path: Path, key: str) -> set[str]:
    """The marks of the orphans; as many as SQLite itself counts."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        found = {
            row[0]
            for table in "nl"
            for row in connection.execute(
                f"SELECT v FROM {table} AS c WHERE up IS NOT NULL AND NOT EXISTS"
                f" (SELECT 1 FROM n AS p WHERE p.k COLLATE {key} = +c.up)"
            )
        }
        assert len(found) == len(connection.execute("PRAGMA foreign_key_check").fetchall())
    return found


def beneath(path: Path, key: str, tops: set[str]) -> set[str]:
    """Some rows and all that refer to them, to any depth."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        links = [
            row
            for table in "nl"
            for row in connection.execute(f"SELECT c.v, p.v FROM {table} AS c JOIN n AS p ON p.k COLLATE {key} = +c.up")
        ]
    found = set(tops)
    while more := {child for child, parent in links if parent in found} - found:
        found |= more
    return found


def undone(path: Path) -> dict[str, Any]:
    """What a file holds after an undo row by row."""
    build(path, "CREATE TABLE since (x)")
    ran = sqlfix("undo", path, "--yes")
    assert ran.code == 0, ran.err
    build(path, "DROP TABLE since")
    return contents(path)


CHOICES = st.lists(
    st.sampled_from(["n.up=keep", "l.up=keep", "n.up=delete", "n.up=set-null"]), max_size=2, unique_by=lambda c: c[0]
)


@SLOW
@given(forest=FORESTS, chosen=CHOICES)
def test_no_row_is_taken_for_another(forest: Forest, chosen: list[str]) -> None:
    with folder() as place:
        path = build(place / "x.db", str(forest))
        whole, before, orphans = contents(path), stored(path), without_parent(path, forest.key)
        may_go = beneath(path, forest.key, orphans)
        options = [word for choice in chosen for word in ("--set", choice)]
        ran = sqlfix("repair", path, "--yes", "--allow-mass-delete", "--no-backup", "--format", "json", *options)
        assert ran.code in (0, 1), ran.err
        after, left = stored(path), without_parent(path, forest.key)
        assert before.keys() - after.keys() <= may_go
        changed = {mark for mark in after if after[mark] != before[mark]}
        assert changed <= orphans
        assert all(after[mark][0] == before[mark][0] for mark in changed)
        # a key is emptied, or becomes that of a parent that is spelled otherwise
        assert all(after[mark][1] is None or mark not in left for mark in changed)
        assert left <= orphans
        assert bool(left) <= bool(ran.json["left"])
        event("old orphans are left" if left else "none are left")
        if ran.json["fixes"]:
            assert undone(path) == whole


@SLOW
@given(
    people=st.lists(
        st.tuples(st.sampled_from(["x", "X", "y"]), st.sampled_from([None, "a", "A", "b", "c"]),
                  st.sampled_from([None, "a", "A", "b", "gone"])), min_size=2, max_size=6),
    links=st.lists(st.tuples(st.integers(1, 8), st.sampled_from(["t", "T", "u", "gone"])), max_size=6),
    collations=st.tuples(st.sampled_from(COLLATIONS), st.sampled_from(COLLATIONS), st.sampled_from(COLLATIONS)),
    keep=st.sampled_from(["first", "last", "most-referenced"]),
)  # fmt: skip
def test_no_row_loses_its_parent_by_a_merge(
    people: list[tuple[str, str | None, str | None]],
    links: list[tuple[int, str]],
    collations: tuple[str, str, str],
    keep: str,
) -> None:
    own, tag, link = collations
    rows = [f"INSERT OR IGNORE INTO person VALUES ({n}, {in_sql(e)}, {in_sql(c)}, {in_sql(b)});"
            for n, (e, c, b) in enumerate(people, 1)]  # fmt: skip
    rows += [f"INSERT OR IGNORE INTO person_tag VALUES ({person}, {in_sql(name)});" for person, name in links]
    sql = f"""
        CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT COLLATE {own}, code TEXT UNIQUE,
            boss TEXT REFERENCES person (code));
        CREATE TABLE tag (name TEXT COLLATE {tag} PRIMARY KEY);
        CREATE TABLE person_tag (person_id INT REFERENCES person, tag TEXT COLLATE {link} REFERENCES tag,
            PRIMARY KEY (person_id, tag)) WITHOUT ROWID;
        INSERT OR IGNORE INTO tag VALUES ('t'), ('T'), ('u');
        {"".join(rows)}
    """
    bosses = (
        "SELECT id FROM person AS c WHERE boss IS NOT NULL AND boss NOT IN (SELECT code FROM person WHERE code >= '')"
    )
    tags = "SELECT count(*) FROM person_tag AS c WHERE NOT EXISTS (SELECT 1 FROM {} AS p WHERE p.{} = +c.{})"
    ends = ("tag", "name", "tag"), ("person", "id", "person_id")
    with folder() as place:
        path = build(place / "x.db", sql)
        whole = contents(path)
        before, linked = set(column(path, bosses)), [column(path, tags.format(*end))[0] for end in ends]
        ran = sqlfix("repair", path, "--yes", "--no-backup", "--merge", "person.email", "--keep", keep)
        if ran.code == 2:
            assert contents(path) == whole
            event("refused")
            return
        assert set(column(path, bosses)) <= before
        assert all(column(path, tags.format(*end))[0] <= was for end, was in zip(ends, linked, strict=True))
        event("old orphans" if before else "no old orphans")
        if ran.code in (0, 1) and "Undo:" in ran.out:
            assert undone(path) == whole


@SLOW
@given(
    orphans=st.lists(st.sampled_from([1, 2, 50, 99]), max_size=4),
    names_=st.lists(st.sampled_from(["two", "uno", "fifty", "gone", None]), max_size=4),
    since=st.lists(st.tuples(st.sampled_from("cd"), st.sampled_from([1, 2, 50, "one", "uno", "gone"])), max_size=4),
    without_rowid=st.booleans(),
)  # fmt: skip
def test_no_row_loses_its_parent_by_an_undo(
    orphans: list[int], names_: list[str | None], since: list[tuple[str, int | str]], without_rowid: bool
) -> None:
    """A trigger makes a parent and gives another one a new key; then rows are written that may refer to these."""
    end = " WITHOUT ROWID" if without_rowid else ""
    sql = f"""
        CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
        CREATE TABLE c (id INTEGER PRIMARY KEY, ref REFERENCES p){end};
        CREATE TABLE d (id INTEGER PRIMARY KEY, ref TEXT REFERENCES p (name)){end};
        INSERT INTO p VALUES (1, 'one'), (2, 'two');
        INSERT INTO c (id, ref) VALUES {", ".join(f"({place}, {ref})" for place, ref in enumerate([99, *orphans]))};
        {"".join(f"INSERT INTO d VALUES ({place}, {in_sql(ref)});" for place, ref in enumerate(names_))}
        CREATE TRIGGER made AFTER DELETE ON c BEGIN
            INSERT OR IGNORE INTO p VALUES (50, 'fifty'); UPDATE p SET name = 'uno' WHERE id = 1;
        END;
    """
    count = "SELECT '{0}' || c.id FROM {0} AS c WHERE ref IS NOT NULL AND NOT EXISTS ({1})"
    queries = [
        count.format("c", "SELECT 1 FROM p WHERE p.id = +c.ref"),
        count.format("d", "SELECT 1 FROM p WHERE p.name = +c.ref"),
    ]
    with folder() as place:
        path = build(place / "x.db", sql)
        first = {row for query in queries for row in column(path, query)}
        ran = sqlfix("repair", path, "--yes", "--no-backup", "--allow-mass-delete", "--set", "c.ref=delete",
                     "--set", "d.ref=keep", "--format", "json")  # fmt: skip
        assert ran.code in (0, 1), ran.err
        if not ran.json["fixes"]:
            event("nothing was repaired")
            return
        for place_, (table, ref) in enumerate(since, 100):
            build(path, f"INSERT INTO {table} VALUES ({place_}, {in_sql(ref)})")
        before, held = {row for query in queries for row in column(path, query)}, contents(path)
        ran = sqlfix("undo", path, "--yes")
        if ran.code == 2:
            assert "would lose the parent" in ran.err
            assert contents(path) == held
            event("refused")
            return
        assert ran.code == 0, ran.err
        after = {row for query in queries for row in column(path, query)}
        assert after <= before | first
        event("new rows" if since else "no new rows")
