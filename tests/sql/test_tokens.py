"""The schema is read as tokens: what is cut, what triggers and virtual tables say; SQLite itself is asked."""

from __future__ import annotations

import contextlib
import random
import sqlite3

import pytest
from support import together

from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.create_trigger import read_trigger
from sqlfix.sql.create_virtual_table import keeps_rows, makes, module_of
from sqlfix.sql.literals import default_expression
from sqlfix.sql.tokens import DdlError, expression, has_words, names_in, tokens

pytestmark = pytest.mark.oracle


@together
@pytest.mark.parametrize(
    ("sql", "cut"),
    [
        ("a/**/b--c\nd/* * / */e", ["a", "b", "d", "e"]),
        ("'it''s' \"a\"\"b\" `c``d` [e'f]", ["'it''s'", '"a""b"', "`c``d`", "[e'f]"]),
        ("x'00' X'' xx'1'", ["x'00'", "X''", "xx", "'1'"]),
        ("1 1.5 .5 5. 1e5 1e-5 0xFF 1.e2", ["1", "1.5", ".5", "5.", "1e5", "1e-5", "0xFF", "1.e2"]),
        (
            "a->b->>c||d<>e!=f==g<<h",
            ["a", "->", "b", "->>", "c", "||", "d", "<>", "e", "!=", "f", "==", "g", "<<", "h"],
        ),
        ("a-- not the end", ["a"]),
        ("a/* to the end", ["a"]),
        ("a$b ñ\u00a0ü \ufeffx", ["a$b", "ñ\u00a0ü", "x"]),
        ("t.a=:name+?1", ["t", ".", "a", "=", ":name", "+", "?1"]),
        (" \v\f\r\n", []),
        ("a b\0 'c", ["a", "b"]),
    ],
)
def test_tokens(sql: str, cut: list[str]) -> None:
    found = tokens(sql)
    assert [token.text for token in found] == cut
    assert [sql[token.start : token.end] for token in found] == cut


@together
@pytest.mark.parametrize("sql", ["'open", '"open', "[open", "1a", "\v", "x'0'", "a ! b", "\\", "{"])
def test_what_is_no_token(sql: str) -> None:
    with pytest.raises(DdlError, match="cannot be read"):
        tokens(sql)
    with contextlib.closing(sqlite3.connect(":memory:")) as connection, pytest.raises(sqlite3.Error):
        connection.execute(f"SELECT {sql}")


@together
@pytest.mark.parametrize("ending", [" ", "\n", "\r", "\f", "\t\v", "/**/", "-- x\n", "/*/*/", " \ufeff", "-- x\r\n"])
def test_what_stands_between_two_words(ending: str) -> None:
    sql = f"CREATE TABLE t(a UNIQUE ON{ending}CONFLICT REPLACE)"
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(sql)
    assert has_words(sql, "on", "conflict")


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t(a DEFAULT 'on conflict')",
        'CREATE TABLE t("on conflict")',
        "CREATE TABLE t(a /* on conflict */)",
        "CREATE TABLE t(a -- on conflict\n)",
    ],
)
def test_what_only_looks_like_words(sql: str) -> None:
    assert not has_words(sql, "on", "conflict")


def test_names_of_a_text() -> None:
    assert names_in("""SELECT "A b", [c], x.D, 1, x'00' -- E""") == {"select", "a b", "c", "x", "d"}


@together
@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1 -- the first", "1"),
        ("/* a */ 1 /* b */ + -- c\n 2", "1 + 2"),
        ("'-- no comment'", "'-- no comment'"),
        ("1\n +  2", "1\n +  2"),
        ("'open -- x", "'open -- x\n"),
    ],
)
def test_an_expression_without_its_comments(text: str, plain: str) -> None:
    assert expression(text) == plain


# -- triggers -----------------------------------------------------------------------------------------------------


@together
@pytest.mark.parametrize(
    ("sql", "timing", "event", "columns", "when"),
    [
        ("TRIGGER g DELETE ON t BEGIN SELECT 1; END", "before", "delete", (), ""),
        ("TRIGGER IF NOT EXISTS g AFTER UPDATE OF a, [b] ON t BEGIN SELECT 1; END", "after", "update", ("a", "b"), ""),
        ("TRIGGER 'after' BEFORE/* AFTER */INSERT ON t FOR EACH ROW BEGIN SELECT 1; END", "before", "insert", (), ""),
        ("TRIGGER g AFTER INSERT ON t WHEN new.begin BEGIN SELECT 1; END", "after", "insert", (), "new.begin"),
        (
            "TRIGGER after AFTER INSERT ON t WHEN /* x */ begin > 1 BEGIN SELECT 1; END",
            "after",
            "insert",
            (),
            "begin > 1",
        ),
        ("TRIGGER main.g INSTEAD OF UPDATE ON v BEGIN SELECT 1; END;", "instead", "update", (), ""),
    ],
)
def test_the_head_of_a_trigger(sql: str, timing: str, event: str, columns: tuple[str, ...], when: str) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t(a, b, begin)")
        connection.execute("CREATE VIEW v AS SELECT * FROM t")
        connection.execute(f"CREATE {sql}")
    text = read_trigger(f"CREATE {sql}")
    assert (text.timing, text.event, text.columns, text.when) == (timing, event, columns, when)
    assert text.table == ("v" if timing == "instead" else "t")
    assert [statement.text for statement in text.statements] == ["SELECT 1"]


def test_the_statements_of_a_trigger() -> None:
    text = read_trigger(
        "CREATE TRIGGER g AFTER UPDATE ON t BEGIN"
        " INSERT OR/**/IGNORE INTO [a] VALUES (';', CASE WHEN 1 THEN 2 END); REPLACE INTO b SELECT 1;"
        " UPDATE OR FAIL c SET x = 1; DELETE FROM 'd' WHERE e IN (SELECT 1);"
        " WITH q AS (SELECT 1) SELECT raise(FAIL, 'no') -- the end\n; END"
    )
    assert [(s.verb, s.conflict, s.table) for s in text.statements] == [
        ("insert", "ignore", "a"),
        ("insert", "replace", "b"),
        ("update", "fail", "c"),
        ("delete", "", "d"),
        ("select", "", None),
    ]
    assert text.statements[-1].text == "WITH q AS (SELECT 1) SELECT raise(FAIL, 'no')"


NAMES = ("a", '"select"', "[b ; c]", "`d``e`", "'f''g'", "begin", '"x--y"', '"/*"')
GAPS = (" ", "\n", "/**/", "-- ; end\n", "\t/* BEGIN */ ")


@together
@pytest.mark.parametrize("seed", range(20))
def test_what_a_trigger_writes_to_is_what_sqlite_says(seed: int) -> None:
    """SQLite asks an authorizer about every table that a statement of the trigger changes."""
    random_ = random.Random(seed)

    def name() -> str:
        return random_.choice(NAMES)

    def gap() -> str:
        return random_.choice(GAPS)

    forms = (
        "INSERT {gap}INTO{gap}{name}{gap}VALUES (1, ';', CASE 1 WHEN 1 THEN 2 END)",
        "INSERT OR{gap}IGNORE INTO{gap}{name}(x){gap}SELECT 1 FROM {name} WHERE 1 ON CONFLICT DO NOTHING",
        "REPLACE{gap}INTO{gap}{name}(x) VALUES (new.x)",
        "UPDATE{gap}OR{gap}FAIL{gap}{name}{gap}SET x = (SELECT max(x) FROM {name})",
        "UPDATE {name} SET y = 'DELETE FROM a; END'",
        "DELETE{gap}FROM{gap}{name} WHERE x IN (SELECT x FROM {name})",
        "WITH w(v) AS (SELECT 1){gap}SELECT v, RAISE(IGNORE) FROM w",
    )
    many = random_.randint(1, 4)
    body = "".join(f"{random_.choice(forms)}{{gap}};{{gap}}" for _ in range(many))
    while "{" in body:
        body = body.replace("{gap}", gap(), 1).replace("{name}", name(), 1)
    sql = f"CREATE TRIGGER g{gap()}AFTER{gap()}UPDATE{gap()}ON t{gap()}WHEN new.x > 0{gap()}BEGIN {body}END"
    kinds = {sqlite3.SQLITE_INSERT: "insert", sqlite3.SQLITE_UPDATE: "update", sqlite3.SQLITE_DELETE: "delete"}
    written: set[tuple[str, str]] = set()

    def authorize(action: int, table: str | None, _2: str | None, _3: str | None, source: str | None) -> int:
        if source == "g" and action in kinds:
            written.add((kinds[action], (table or "").lower()))
        return sqlite3.SQLITE_OK

    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t(x, y)")
        for other in NAMES:
            connection.execute(f"CREATE TABLE {other}(x, y, z)")
        connection.execute(sql)
        connection.set_authorizer(authorize)
        connection.execute("EXPLAIN UPDATE t SET x = 1")
    statements = read_trigger(sql).statements
    assert {(s.verb, s.table.lower()) for s in statements if s.table is not None} == written
    assert len(statements) == many


@together
@pytest.mark.parametrize(
    "sql", ["", "CREATE", "CREATE TABLE t(a)", "CREATE TRIGGER g", "CREATE TRIGGER g AFTER UPDATE ON t"]
)
def test_what_is_no_trigger(sql: str) -> None:
    with pytest.raises(DdlError):
        read_trigger(sql)


# -- virtual tables -----------------------------------------------------------------------------------------------

_CONTENT = ["", 'content="x"', "content=''", "content=", "CONTENT=[x]", 'content="vt_content"', "con=x", "c = ''"]
_OTHER = [
    *("", "matchinfo=fts3", "columnsize=0", "columnsize = 0", "columnsize=1", "cols=0", "tokenize=porter"),
    *('languageid="l"', 'prefix="1,2"', "notindexed=a", "/* columnsize=0 */ d", "detail=none", "contentless_delete=1"),
    *(
        "contentless_unindexed=1",
        "c UNINDEXED, contentless_unindexed=1",
        "c 'unindexed'",
        "compress=lower, uncompress=lower",
        '"content"',
    ),
]
VIRTUAL = [
    *(
        f"{module}({', '.join(word for word in ('a', 'b', content, other) if word)})"
        for module in ("fts3", "FTS4", "`fts4`", "fts5", "[FTS5]")
        for content in _CONTENT
        for other in _OTHER
    ),
    *("fts3", "fts4", "rtree(id, a, b)", "rtree_i32/* */(id, a, b, +c)", "geopoly(q)"),
    *("fts4aux(main, x)", "fts3tokenize", "fts5vocab(other, row)", "dbstat"),
]
SUFFIXES = (
    *("content", "segments", "segdir", "stat", "docsize", "data", "idx", "config", "node", "rowid", "parent"),
    *("info", "aux", "x_content", ""),
)


def test_which_tables_a_virtual_table_makes() -> None:
    """With every combination of options: what appears when SQLite makes it."""
    made_some = 0
    for virtual in VIRTUAL:
        with contextlib.closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("CREATE TABLE x(a, b)")
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute("CREATE VIRTUAL TABLE other USING fts5(q)")
            if "vt_content" in virtual:
                connection.execute("CREATE TABLE vt_content(id INTEGER PRIMARY KEY, a, b)")
            tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
            before = set(connection.execute(tables))
            try:
                connection.execute(f"CREATE VIRTUAL TABLE vt USING {virtual}")
            except sqlite3.OperationalError:  # a combination that SQLite does not take, or a module that it lacks
                continue
            made = {name for (name,) in set(connection.execute(tables)) - before} - {"vt"}
            (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'vt'").fetchone()
        said = {f"vt_{suffix}" for suffix in SUFFIXES if makes(sql, suffix, "CREATE TABLE x(y)")}
        assert said == made, virtual
        made_some += bool(made)
    assert made_some > 50


def test_the_table_that_fts3_makes_later() -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE old USING fts3(a)")
        connection.execute("INSERT INTO old(old) VALUES ('automerge=8')")
        connection.execute("ALTER TABLE old RENAME TO 'a b'")
        texts = dict(connection.execute("SELECT name, sql FROM sqlite_master"))
    assert makes(texts["a b"], "stat", texts["a b_stat"])
    assert not makes(texts["a b"], "stat", "CREATE TABLE 'a b_stat'(id INTEGER PRIMARY KEY, value BLOB, n)")


@together
@pytest.mark.parametrize(
    ("module", "suffix", "made"),
    [
        ("vec0(e float[3])", "vector_chunks00", True),
        ("vec0(e float[3])", "info", True),
        ("vec0(e float[3])", "stat", False),
        ("vss0(e(3))", "index", True),
        ("spellfix1", "vocab", True),
        ("VirtualKNN()", "node", False),
        ("csv(filename='x')", "data", False),
        ("nobody_knows", "data", True),
        ("nobody_knows", "tag", False),
    ],
)
def test_modules_that_are_no_part_of_sqlite(module: str, suffix: str, made: bool) -> None:
    assert makes(f"CREATE VIRTUAL TABLE vt USING {module}", suffix, "") is made


@together
@pytest.mark.parametrize(
    ("sql", "keeps"),
    [
        ("fts5(a)", True),
        ("fts5(a, content/* */)", True),
        ("fts5(a, 'content=x')", True),
        ("fts5(a, content='')", False),
        ("fts5(a, c=x)", False),
        ("fts3(a, content=x)", True),
        ("fts4(a, content=x)", False),
        ("rtree(id, a, b)", True),
        ("vec0(content=x)", False),
    ],
)
def test_which_indexes_have_rows_of_their_own(sql: str, keeps: bool) -> None:
    assert keeps_rows(f"CREATE VIRTUAL TABLE v USING {sql}") is keeps


def test_what_is_no_virtual_table() -> None:
    assert module_of("CREATE TABLE virtual(a)") == module_of("") == module_of("CREATE VIRTUAL TABLE v USING") == ""


# -- expressions --------------------------------------------------------------------------------------------------

DEFAULTS = [
    *(
        "1",
        "-1",
        "+ 2",
        "- -- minus\n 5",
        "-/* */.5e1",
        "'it''s'",
        "word",
        "true",
        "FALSE",
        '"true"',
        '"a ""b"""',
        "`c`",
    ),
    *("[d e]", "null", "NULL", "x'00ff'", "CURRENT_DATE", "'CURRENT_DATE'", '"current_date"', "0x10"),
    *("(1 -- one\n)", "(/* a */ 'b' || -- c\n 'd' /* e */)", "('-- no comment')", "(\n2\n)", "(abs(-3) -- x\n + 1)"),
    *("(NULL -- none\n)", "((4) /* ( */)", "( 'a' -- '\n)", "1 -- outside\n", "'x' /* outside */", "(1)/* ) */"),
]


@together
@pytest.mark.parametrize("default", DEFAULTS)
@pytest.mark.parametrize("kind", ["", "TEXT", "INT"])
def test_a_default_means_the_same_outside_its_declaration(default: str, kind: str) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE t(a {kind} DEFAULT {default}, b INT)")
        table = read_schema(connection).table("t")
        assert table is not None
        connection.execute("INSERT INTO t(b) VALUES (1)")
        connection.execute(f"INSERT INTO t(a) SELECT {default_expression(table.columns[0])} -- the rest of the line")
        first, second = connection.execute("SELECT typeof(a), a FROM t").fetchall()
    assert first == second
