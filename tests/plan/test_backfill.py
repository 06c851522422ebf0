"""A parent for each row that has none: which rows, what the parents are made of, and what is refused."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import build, contents, run_script, sqlfix, together

WIDGETS = """
CREATE TABLE grp (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE, made DATETIME NOT NULL);
CREATE TABLE widget (id INTEGER PRIMARY KEY, name TEXT, city TEXT, size INT, ref INT REFERENCES grp (id));
INSERT INTO grp VALUES (4, 'Gadget Admin', '2020-02-02');
INSERT INTO widget VALUES (1, 'Widget', 'Bonn', 7, NULL), (2, 'Widget', 'Bonn', 8, 0), (3, 'Gadget', 'Ulm', 9, NULL),
    (4, 'Sound', 'Ulm', 9, 4), (5, 'Lost', 'Bonn', 9, 99);
"""


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def same_as_script(path: Path, *chosen: str) -> None:
    """Carry a backfill out, as a script on a copy as well, and take it back."""
    before = contents(path)
    script = sqlfix("backfill", path, *chosen, "--sql")
    other = build(path.with_name("script.db"), "")
    other.write_bytes(path.read_bytes())
    ran = sqlfix("backfill", path, *chosen, "--yes", "--no-backup")
    assert ran.code == script.code, ran.err
    for _ in range(2):
        run_script(other, script.out)
        assert contents(other) == contents(path)
    after = contents(path)
    assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
    assert contents(path) == before
    assert sqlfix("backfill", path, *chosen, "--yes", "--no-backup").code == ran.code
    assert contents(path) == after


NAMED = ("--set", "grp.name={name} Admin")


@together
@pytest.mark.parametrize(
    ("chosen", "parents", "linked"),
    [
        (NAMED, [(100, "Widget Admin"), (101, "Widget 1 Admin"), (102, "Gadget 1 Admin")], [100, 101, 102, 4, 99]),
        (
            (*NAMED, "--replace-orphans"),
            [(100, "Widget Admin"), (101, "Widget 1 Admin"), (102, "Gadget 1 Admin"), (103, "Lost Admin")],
            [100, 101, 102, 4, 103],
        ),
        ((*NAMED, "--match"), [(100, "Widget Admin"), (101, "Widget 1 Admin")], [100, 101, 4, 4, 99]),
        (("--set", "grp.name=All", "--one"), [(100, "All")], [100, 100, 100, 4, 99]),
        (
            ("--set", "grp.name=Of {city}", "--group-by", "city"),
            [(100, "Of Bonn"), (101, "Of Ulm")],
            [100, 100, 101, 4, 99],
        ),
        (
            ("--set", "grp.name={name}{size:03}"),
            [(100, "Widget007"), (101, "Widget008"), (102, "Gadget009")],
            [100, 101, 102, 4, 99],
        ),
        ((), [(100, "stand-in 100"), (101, "stand-in 101"), (102, "stand-in 102")], [100, 101, 102, 4, 99]),
        (
            ("--set", "grp.id={size}", *NAMED),
            [(7, "Widget Admin"), (8, "Widget 1 Admin"), (9, "Gadget 1 Admin")],
            [7, 8, 9, 4, 99],
        ),
    ],
)
def test_which_parents_are_made(tmp_path: Path, chosen: tuple[str, ...], parents: list[Any], linked: list[Any]) -> None:
    path = build(tmp_path / "x.db", WIDGETS)
    same_as_script(path, "widget.ref", *chosen)
    assert rows(path, "SELECT id, name FROM grp WHERE made <> '2020-02-02' ORDER BY id") == parents
    assert [ref for (ref,) in rows(path, "SELECT ref FROM widget ORDER BY id")] == linked
    assert not rows(path, "SELECT 1 FROM grp WHERE made NOT IN ('1970-01-01', '2020-02-02')")


GUID = "0E7C6A3E-0000-4000-8000-AAAAAAAAAAAA"


@together
@pytest.mark.parametrize(
    ("key", "there", "like"),
    [
        ("INTEGER PRIMARY KEY", "12", "13"),
        ("INTEGER PRIMARY KEY AUTOINCREMENT", "12), (40); DELETE FROM p WHERE id IN (40", "41"),
        ("INT PRIMARY KEY", "12", "13"),
        ("NUMERIC PRIMARY KEY", "-5", "8"),  # 7 is what an orphan holds
        ("CHAR(32) PRIMARY KEY", "", "hex"),
        ("TEXT PRIMARY KEY", f"'{GUID.replace('-', '').lower()}'", "hex"),
        ("TEXT PRIMARY KEY", f"'{GUID}'", "DASHED"),
        ("TEXT PRIMARY KEY", f"'{GUID.lower()}'", "dashed"),
        ("UUID PRIMARY KEY", "", "dashed"),
        ("BLOB PRIMARY KEY", "x'00112233445566778899aabbccddeeff'", "bytes"),
        ("TEXT PRIMARY KEY", "'one'", None),
        ("TEXT PRIMARY KEY", "", None),
        ("INTEGER PRIMARY KEY", str(2**63 - 1), None),
        ("BLOB PRIMARY KEY", "x'00'", None),
    ],
)
def test_new_keys_are_of_the_form_of_those_that_are_there(
    tmp_path: Path, key: str, there: str, like: str | None
) -> None:
    insert = f"INSERT INTO p VALUES ({there});" if there else ""
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE p (id {key}); {insert} CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p);"
        "INSERT INTO c VALUES (1, NULL), (2, 7);",
    )
    before = contents(path)
    ran = sqlfix("backfill", path, "c.p", "--yes", "--no-backup")
    if like is None:
        assert (ran.code, contents(path)) == (2, before)
        assert "p.id" in ran.err
        return
    assert ran.code == 0, ran.err
    ((made, kind),) = rows(path, "SELECT p, typeof(p) FROM c WHERE id = 1")
    assert rows(path, "SELECT count(*) FROM p JOIN c ON c.p = p.id") == [(1,)]
    if like.isdigit():
        assert made == int(like)
    elif like == "bytes":
        assert (kind, len(made)) == ("blob", 16)
    else:
        digits = made.replace("-", "")
        assert (len(digits), len(made)) == (32, 32 if like == "hex" else 36)
        assert made == (made.upper() if like == "DASHED" else made.lower())
        assert digits[12] == "4" and digits[16] in "89abAB"
    assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
    assert {**contents(path), "sqlite_sequence": 0} == {**before, "sqlite_sequence": 0}


@together
@pytest.mark.parametrize(
    ("place", "options", "says"),
    [
        ("widget.nam", [], "did you mean widget.name"),
        ("widgt.ref", [], "did you mean widget.ref"),
        ("widget.name", [], "widget.name references nothing"),
        ("widget.name", ["--references", "grp(nam)"], "did you mean grp(name)"),
        ("widget.name", ["--references", "grp(made)"], "that is not a primary key, and not UNIQUE"),
        ("widget.ref", ["--set", "grp.nam=x"], "did you mean grp.name"),
        ("widget.ref", ["--set", "widget.name=x"], "the new rows are made in grp"),
        ("widget.ref", ["--set", "grp.name=x", "--set", "grp.name=y"], "given twice"),
        ("widget.ref", ["--set", "grp.name={nam}"], "did you mean name?"),
        ("widget.ref", ["--set", "grp.name={name"], "expected '}'"),
        ("widget.ref", ["--set", "grp.name=name}"], "single '}'"),
        ("widget.ref", ["--set", "grp.name={}"], "{} names no column"),
        ("widget.ref", ["--set", "grp.name={name.upper}"], "asks for a part of name"),
        ("widget.ref", ["--set", "grp.name={name[0]}"], "asks for a part of name"),
        ("widget.ref", ["--set", "grp.name={name!r}"], "is a conversion of Python's"),
        ("widget.ref", ["--set", "grp.name={name:x}"], "SQL cannot write a value by x"),
        ("widget.ref", ["--set", "grp.name={size:,}"], "no thousands separators"),
        ("widget.ref", ["--set", "grp.name={size:.2}"], "a whole number cannot be cut"),
        ("widget.ref", ["--set", "grp.name={name:05}"], "zeros are for whole numbers"),
        ("widget.ref", ["--set", "grp.name={name:>9999}"], "wider than 1000"),
        ("widget.ref", ["--set", "grp.name={name:!!}"], "is no format"),
        ("widget.ref", ["--set", "grp.name=\udcff"], "that is not valid text"),
        ("widget.ref", ["--set", "grp.name={city:d}"], "not a whole number in 3 rows that need a parent: id=1"),
        ("widget.ref", ["--set", "grp.name={name} of the house of the long"], "what ends the template is longer"),
        ("widget.ref", ["--set", "grp.name={name} of the big house a"], "no room for a number that tells 1 row apart"),
        ("widget.ref", ["--set", "grp.made=NULL"], "NOT NULL constraint failed: grp.made"),
        ("widget.ref", ["--set", "grp.id=5"], "UNIQUE constraint failed: grp.id"),
        ("widget.ref", ["--one", "--set", "grp.name={name}"], "the rows of a group can differ in name"),
        ("widget.ref", ["--group-by", "citty"], "did you mean city?"),
        ("widget.ref", ["--group-by", "city", "--one"], "contradict each other"),
        ("widget.ref", ["--match"], "nothing is --set"),
        ("widget.ref", ["--dry-run", "--sql"], "contradict each other"),
        ("widget.ref", ["--sql", "--format", "json"], "--sql writes a script"),
        ("widget.ref", ["--no-backup", "--backup-to", "x"], "contradict each other"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, place: str, options: list[str], says: str) -> None:
    path = build(tmp_path / "x.db", WIDGETS)
    before = path.read_bytes()
    ran = sqlfix("backfill", path, place, *options, *([] if {"--sql", "--dry-run"} & {*options} else ["--yes"]))
    assert (ran.code, path.read_bytes()) == (2, before), ran.out
    assert says in ran.err
    assert "Traceback" not in ran.err


@together
@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("NULL", [None, None]),
        ("'NULL'", ["NULL", "NULL 1"]),
        ("'it''s'", ["it's", "it's 1"]),
        ("it's", ["it's", "it's 1"]),
        ("x'00ff'", None),
    ],
)
def test_a_value_of_a_unique_column_is_what_was_typed(tmp_path: Path, typed: str, names: list[str] | None) -> None:
    sql = "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT UNIQUE);" + CHILD + "INSERT INTO c VALUES (2, 'b', NULL)"
    path = build(tmp_path / "x.db", sql)
    ran = sqlfix("backfill", path, "c.ref", "--set", f"p.n={typed}", "--yes", "--no-backup")
    if names is None:
        assert (ran.code, rows(path, "SELECT * FROM p")) == (2, [])
        assert "UNIQUE constraint failed: p.n" in ran.err
    else:
        assert ran.code == 0, ran.err
        assert rows(path, "SELECT n FROM p ORDER BY id") == [(name,) for name in names]


def test_a_key_that_is_null_is_refused(tmp_path: Path) -> None:
    sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, up INT REFERENCES t); INSERT INTO t VALUES (1, NULL)"
    path = build(tmp_path / "x.db", sql)
    ran = sqlfix("backfill", path, "t.up", "--set", "t.id=NULL", "--yes", "--no-backup")
    assert (ran.code, rows(path, "SELECT * FROM t")) == (2, [(1, None)])
    assert "t.id is the key of the new rows" in ran.err


@together
@pytest.mark.parametrize("typed", ["city", '"city"', "c.city", 'c."city"', "`city`"])
def test_a_group_is_named_as_every_column(tmp_path: Path, typed: str) -> None:
    sql = f"{PARENT} CREATE TABLE c (city, ref REFERENCES p); INSERT INTO c VALUES (1, NULL), (1, NULL), (2, NULL)"
    path = build(tmp_path / "x.db", sql)
    ran = sqlfix("backfill", path, "c.ref", "--group-by", typed, "--yes", "--no-backup")
    assert (ran.code, rows(path, "SELECT count(*) FROM p")) == (0, [(2,)]), ran.err


PARENT = "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT);"
CHILD = "CREATE TABLE c (id INTEGER PRIMARY KEY, v, ref INT REFERENCES p (id)); INSERT INTO c VALUES (1, 'a', NULL);"
NEVER = "CREATE TRIGGER t BEFORE INSERT ON p BEGIN SELECT RAISE(ABORT, 'never'); END"
PASSED_OVER = "CREATE TRIGGER t BEFORE INSERT ON p BEGIN SELECT RAISE(IGNORE); END"
BACK = "CREATE TRIGGER t AFTER UPDATE ON c BEGIN UPDATE c SET ref = NULL; END"


@together
@pytest.mark.parametrize(
    ("sql", "options", "says"),
    [
        (f"CREATE TABLE p (id INTEGER PRIMARY KEY, place POINT NOT NULL); {CHILD}", [], "--set p.place=VALUE"),
        (f"CREATE TABLE p (id INTEGER PRIMARY KEY, d DATE NOT NULL UNIQUE); {CHILD}", [], "--set p.d=VALUE"),
        (f"CREATE TABLE p (id INTEGER PRIMARY KEY, v CHECK (v <> 'a')); {CHILD}", ["--set", "p.v={v}"], "v <> 'a'"),
        (f"CREATE TABLE p (id INTEGER PRIMARY KEY, g AS (id)); {CHILD}", ["--set", "p.g=1"], "g is computed"),
        (f"CREATE TABLE p (id INTEGER PRIMARY KEY, q INT NOT NULL REFERENCES c (id)); {CHILD}", [], "p.q=VALUE"),
        (f"CREATE TABLE p (id INTEGER PRIMARY KEY, q INT REFERENCES c (id)); {CHILD}", ["--set", "p.q=7"], "no parent"),
        (f"CREATE TABLE p (id INT); {CHILD}", [], "SQLite cannot use the foreign key"),
        (f"CREATE VIEW p AS SELECT 1 AS id; {CHILD}", [], "SQLite cannot use the foreign key"),
        (
            f"{PARENT} {CHILD} UPDATE c SET v = NULL",
            ["--set", "p.n={v}!"],
            "c.v is NULL in 1 row that needs a parent: id",
        ),
        (f"{PARENT} {CHILD} UPDATE c SET v = x'00'", ["--set", "p.n={v}!"], "c.v is a BLOB in 1 row"),
        (
            f"CREATE TABLE p (id INTEGER PRIMARY KEY, n, g AS (n) UNIQUE); INSERT INTO p VALUES (1, 'a'); {CHILD}",
            ["--set", "p.n={v}"],
            "SQLite refuses the row in p: UNIQUE constraint failed: p.g\n",
        ),
        (f"{PARENT} {CHILD} {NEVER}", [], "never"),
        (f"{PARENT} {CHILD} {BACK}", [], "1 row would still be at fault"),
        (f"{PARENT} {CHILD} {PASSED_OVER}", [], "without a parent"),
        (
            f"CREATE TABLE p (id INTEGER PRIMARY KEY, z INT UNIQUE ON CONFLICT IGNORE); {CHILD}"
            "INSERT INTO p VALUES (1, 5)",
            ["--set", "p.z=5"],
            "--set something else for z",
        ),
        (
            f"{PARENT} CREATE TABLE c (v, ref AS (NULL) REFERENCES p (id)); INSERT INTO c VALUES (1)",
            [],
            "computed from other columns",
        ),
        (
            f"{PARENT} CREATE TABLE c (v, ref UNIQUE REFERENCES p (id)); INSERT INTO c VALUES (1, NULL)",
            ["--one"],
            "c.ref is UNIQUE",
        ),
        *(
            (
                f"{PARENT} CREATE TABLE c (v, ref REFERENCES p (id), UNIQUE (v, ref)); INSERT INTO p VALUES (1, 'x');"
                "INSERT INTO c VALUES ('x', NULL), ('x', NULL)",
                options,
                f"SQLite refuses the new references in c: UNIQUE constraint failed: c.v, c.ref\nhint: {advice}\n",
            )
            for options, advice in (
                (["--one"], "leave out --one and --group-by: one for each row"),
                (["--group-by", "v"], "leave out --one and --group-by: one for each row"),
                (["--match", "--set", "p.n={v}"], "leave out --match"),
            )
        ),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, up INT NOT NULL REFERENCES t); INSERT INTO t VALUES (1, 0)",
            [],
            "t.up has to reference a row of t itself",
        ),
        (
            "CREATE TABLE django_migrations (id INTEGER PRIMARY KEY);"
            "CREATE TABLE c (ref REFERENCES django_migrations); INSERT INTO c VALUES (NULL)",
            [],
            "bookkeeping",
        ),
        (
            f"{PARENT} CREATE TABLE q (id INTEGER PRIMARY KEY);"
            "CREATE TABLE c (ref REFERENCES p REFERENCES q); INSERT INTO c VALUES (NULL)",
            [],
            "references more than one table",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(tmp_path: Path, sql: str, options: list[str], says: str) -> None:
    path = build(tmp_path / "x.db", sql)
    before = contents(path)
    place = "t.up" if "TABLE t " in sql else "c.ref"
    ran = sqlfix("backfill", path, place, *options, "--yes")
    assert (ran.code, contents(path)) == (2, before), ran.out
    assert says in ran.err
    assert "p.g=VALUE" not in ran.err, "a computed column is given no value"


@together
@pytest.mark.parametrize(
    ("sql", "chosen", "query", "expected"),
    [
        (  # parts that are not NULL stay, and names are told apart within them
            "CREATE TABLE p (a INT, b INT, n TEXT, PRIMARY KEY (a, b), UNIQUE (a, n));"
            "CREATE TABLE c (id INTEGER PRIMARY KEY, v TEXT, a INT, b INT, FOREIGN KEY (a, b) REFERENCES p);"
            "INSERT INTO p VALUES (1, 5, 'x');"
            "INSERT INTO c VALUES (1, 'x', 1, NULL), (2, 'x', 2, NULL), (3, 'x', 1, 5);",
            ("c.b,a", "--set", "p.n={v}"),
            "SELECT c.a, c.b, p.n FROM c JOIN p USING (a, b) ORDER BY id",
            [(1, 6, "x 1"), (2, 7, "x"), (1, 5, "x")],
        ),
        (  # the new roots of a tree have no parent, and are no children to be filled
            "CREATE TABLE c (id INTEGER PRIMARY KEY, n TEXT UNIQUE, p INT REFERENCES c (id));"
            "INSERT INTO c VALUES (1, 'a', NULL), (2, 'b', 1);",
            ("c.p", "--set", "c.n={n}"),
            "SELECT * FROM c",
            [(1, "a", 3), (2, "b", 1), (3, "a 1", None)],
        ),
        (  # a relationship that the file does not declare, and a parent WITHOUT ROWID in a STRICT table
            "CREATE TABLE p (k TEXT NOT NULL COLLATE NOCASE PRIMARY KEY, n ANY NOT NULL) STRICT, WITHOUT ROWID;"
            "CREATE TABLE c (id TEXT PRIMARY KEY, p TEXT) WITHOUT ROWID; INSERT INTO p VALUES ('A', 1);"
            "INSERT INTO c VALUES ('a', NULL), ('b', ''), ('B', NULL);",
            ("c.p", "--references", "p(k)", "--set", "p.k={id}"),
            "SELECT c.id, p.k, p.n FROM c JOIN p ON p.k = c.p ORDER BY c.id",
            [("B", "B", "stand-in"), ("a", "a 1", "stand-in"), ("b", "b 1", "stand-in")],
        ),
        (  # a key that an orphan holds is not given to anybody else
            "CREATE TABLE p (k TEXT PRIMARY KEY); CREATE TABLE c (id TEXT, p REFERENCES p, UNIQUE (p));"
            "INSERT INTO c VALUES ('x', NULL), ('y', 'x'), ('z', NULL);",
            ("c.p", "--set", "p.k={id}"),
            "SELECT id, p FROM c ORDER BY id",
            [("x", "x 1"), ("y", "x"), ("z", "z")],
        ),
        (  # unique over an expression, or in some rows only
            "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT, m TEXT, on_ INT DEFAULT 1);"
            "CREATE UNIQUE INDEX u ON p (lower(n)); CREATE UNIQUE INDEX w ON p (m) WHERE on_;"
            "CREATE TABLE c (id INTEGER PRIMARY KEY, v TEXT, p INT REFERENCES p);"
            "INSERT INTO c VALUES (1, 'x', NULL), (2, 'X', NULL), (3, 'x', NULL);",
            ("c.p", "--set", "p.n={v}", "--set", "p.m={v}@h"),
            "SELECT n, m FROM p ORDER BY id",
            [("x", "x@h"), ("X 1", "X-1@h"), ("x 2", "x-2@h")],
        ),
        (  # triggers of the file run as ever, and take part in the figures
            "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE log (what);"
            "CREATE TABLE c (id INTEGER PRIMARY KEY, v TEXT, p INT REFERENCES p);"
            "CREATE TRIGGER t AFTER INSERT ON p BEGIN INSERT INTO log VALUES (new.n); END;"
            "INSERT INTO c VALUES (1, 'x', NULL), (2, 'y', NULL);",
            ("c.p", "--set", "p.n={v}"),
            "SELECT what FROM log",
            [("x",), ("y",)],
        ),
        (  # a constant is what --set makes of it; of NULL there may be many
            "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT UNIQUE, m TEXT UNIQUE, k BLOB, r INT NOT NULL DEFAULT 7);"
            "CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p); INSERT INTO c (p) VALUES (NULL), (NULL);",
            ("c.p", "--set", "p.n=NULL", "--set", "p.m='NULL'", "--set", "p.k=x'00ff'"),
            "SELECT n, m, hex(k), r FROM p ORDER BY id",
            [(None, "NULL", "00FF", 7), (None, "NULL 1", "00FF", 7)],
        ),
        (  # the key of a row is that of its parent, and a placeholder
            "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY REFERENCES p, v);"
            "INSERT INTO p VALUES (3); INSERT INTO c VALUES (0, 'a'), (3, 'b');",
            ("c.id",),
            "SELECT c.id, v FROM c JOIN p ON p.id = c.id ORDER BY 1",
            [(3, "b"), (4, "a")],
        ),
        (  # what a conflict clause says does not decide
            "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT UNIQUE ON CONFLICT REPLACE);"
            "CREATE TABLE c (n, q, p REFERENCES p, k0, r, leads, name, t, x, g, i); INSERT INTO p VALUES (1, '1');"
            "INSERT INTO c (k0, q, i) VALUES (1, '', ''), (1, '', '');",
            ("c.p", "--set", "p.n={k0}{q}{i}"),
            "SELECT p.n FROM p ORDER BY id",
            [("1",), ("1 1",), ("1 2",)],
        ),
        (  # names that are hard to write
            'CREATE TABLE "p\'""q" (id INTEGER PRIMARY KEY, "a b" TEXT); CREATE TABLE num (num);'
            'CREATE TABLE "c.d" (id INTEGER PRIMARY KEY, "{x}" TEXT, n TEXT, r,'
            '"re f" INT REFERENCES "p\'""q");'
            "INSERT INTO \"c.d\" VALUES (1, 'v', 'n', 'r', NULL);",
            ('"c.d"."re f"', "--set", '"p\'""q"."a b"={n}{{r}}'),
            'SELECT "a b" FROM "p\'""q"',
            [("n{r}",)],
        ),
    ],
)
def test_what_is_made(tmp_path: Path, sql: str, chosen: tuple[str, ...], query: str, expected: list[Any]) -> None:
    path = build(tmp_path / "x.db", sql)
    same_as_script(path, *chosen)
    assert rows(path, query) == expected


MATCHES = """
CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT, m TEXT);
CREATE TABLE c (id INTEGER PRIMARY KEY, v TEXT, p INT REFERENCES p);
INSERT INTO p (n) VALUES ('a'), ('a'), ('b'), ('c');
INSERT INTO c VALUES (1, 'a', NULL), (2, 'b', NULL), (3, 'b', NULL), (4, 'd', NULL), (5, 'd', NULL), (6, 'c', 4);
INSERT INTO c VALUES (7, 'c', NULL);
"""


@together
@pytest.mark.parametrize(
    ("more", "linked", "left"),
    [
        ("", [None, 3, 3, 5, 6, 4, 4], {"more than one parent has their n": "id=1"}),
        (
            "CREATE UNIQUE INDEX u ON c (p);",
            [None, None, None, 5, 6, 4, None],
            {
                "more than one parent has their n": "id=1",
                "another row has or wants the one parent with their n": "id=2, id=3, id=7",
            },
        ),
        ("UPDATE p SET n = n || id;", [5, 6, 7, 8, 9, 4, 10], {}),
    ],
)
def test_what_is_not_certain_is_left(tmp_path: Path, more: str, linked: list[Any], left: dict[str, str]) -> None:
    path = build(tmp_path / "x.db", MATCHES + more)
    same_as_script(path, "c.p", "--set", "p.n={v}", "--match")
    assert [ref for (ref,) in rows(path, "SELECT p FROM c ORDER BY id")] == linked
    ran = sqlfix("backfill", path, "c.p", "--set", "p.n={v}", "--match", "--dry-run", "--format", "json")
    assert ran.code == bool(left)
    assert {part["reason"]: part["hint"].removeprefix("link them by hand: ") for part in ran.json["left"]} == left


def test_all_values_that_are_written_are_shown_before(tmp_path: Path) -> None:
    """Those of the rule for a type and of a DEFAULT too: once where they are the same, else with each row."""
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT UNIQUE, kind TEXT NOT NULL, at DATE NOT NULL,"
        " made TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, w TEXT NOT NULL DEFAULT 'a(b', z INT DEFAULT '7',"
        " slug TEXT NOT NULL UNIQUE, up INT REFERENCES p, none, g AS (id));"
        "CREATE TRIGGER t AFTER INSERT ON p BEGIN SELECT 1; END;"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, v, p INT REFERENCES p); INSERT INTO c (v) VALUES ('a'), ('b');",
    )
    words = ("backfill", path, "c.p", "--set", "p.n={v}")
    same = "kind='stand-in', at='1970-01-01', w='a(b', z=7, made=CURRENT_TIMESTAMP"
    (fix, _) = sqlfix(*words, "--dry-run", "--format", "json").json["fixes"]
    assert fix["in_each"] == same
    assert fix["examples"] == [f"id={n}, n='{v}', slug='stand-in {n}' for c id={n}" for n, v in ((1, "a"), (2, "b"))]
    assert f"each with {same}" in " ".join(sqlfix(*words, "--dry-run").out.split())
    assert f"--    each with {same}\n" in sqlfix(*words, "--sql").out
    assert sqlfix(*words, "--yes").code == 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT id, n, kind, at, w, z, slug, up, none FROM p").fetchall()
    assert rows == [
        (n, v, "stand-in", "1970-01-01", "a(b", 7, f"stand-in {n}", None, None) for n, v in ((1, "a"), (2, "b"))
    ]


def test_a_key_that_is_made_at_random_is_not_shown_as_if_it_were_known(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p (id CHAR(36) PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p);"
        "INSERT INTO c VALUES (4, NULL)",
    )
    (fix, _) = sqlfix("backfill", path, "c.p", "--dry-run", "--format", "json").json["fixes"]
    assert (fix["examples"], fix["in_each"]) == (["one for c id=4"], "id=(random)")
