"""What the scan reads from a CREATE TABLE text, measured against what SQLite makes of the same text."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ENCODABLE, among, some
from support import together

from sqlfix.model.schema import Column, ForeignKey, Table
from sqlfix.model.values import folded
from sqlfix.schema.stored_form import table_with_text
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.table_text import CheckText, ForeignKeyText, TableText
from sqlfix.sql.tokens import DdlError, expression_columns

# -- what SQLite says ---------------------------------------------------------------------------------------------


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def tables_of(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """The name and the text of each real table."""
    rows = db.execute(
        "SELECT name, sql FROM (SELECT * FROM sqlite_schema UNION ALL SELECT * FROM sqlite_temp_schema) "
        "WHERE type = 'table' AND sql IS NOT NULL"
    ).fetchall()
    return [(name, sql) for name, sql in rows if not folded(sql).startswith("create virtual")]


def foreign_key_rows(db: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    """Each foreign key by the pragma, in the order of the text, which is that of the falling ids."""
    keys: dict[int, list[tuple[str, str, str | None, str, str]]] = {}
    for number, _, parent, child, to, on_update, on_delete, _ in db.execute(
        f"PRAGMA foreign_key_list({quoted(table)})"
    ).fetchall():
        keys.setdefault(number, []).append((child, parent, to, on_delete, on_update))
    return [
        (
            tuple(folded(row[0]) for row in rows),
            folded(rows[0][1]),
            tuple(folded(row[2]) for row in rows if row[2] is not None),
            rows[0][3],
            rows[0][4],
        )
        for _, rows in sorted(keys.items(), reverse=True)
    ]


def disagreements(db: sqlite3.Connection, name: str, sql: str) -> list[str]:
    """Where the scan of ``sql`` differs from the pragmas; empty where they agree."""
    try:
        text = read_create_table(sql)
    except DdlError as error:
        return [f"unreadable: {error}"]
    columns = db.execute(f"PRAGMA table_xinfo({quoted(name)})").fetchall()
    options = db.execute("SELECT wr, strict FROM pragma_table_list WHERE name = ?", (name,))
    said: dict[str, tuple[object, object]] = {
        "name": (text.name, name),
        "columns": ([c.name for c in text.columns], [row[1] for row in columns]),
        # SQLite gives its six standard types in capitals.
        "types": ([c.type.upper() for c in text.columns], [row[2].upper() for row in columns]),
        "defaults": ([c.default for c in text.columns], [row[4] for row in columns]),
        "generated": ([c.generated for c in text.columns], [row[6] in (2, 3) for row in columns]),
        "primary key": (
            [folded(column) for column in text.primary_key],
            [folded(row[1]) for row in sorted(columns, key=lambda row: int(row[5])) if row[5]],
        ),
        "options": ((text.without_rowid, text.strict), tuple(map(bool, options.fetchone()))),
        "foreign keys": (
            [
                (
                    tuple(map(folded, key.columns)),
                    folded(key.parent),
                    tuple(map(folded, key.parent_columns)),
                    key.on_delete,
                    key.on_update,
                )
                for key in text.foreign_keys
            ],
            foreign_key_rows(db, name),
        ),
        # WITHOUT ROWID and STRICT make key columns NOT NULL without the words.
        "not null": (
            [(c.name, c.not_null) for c, row in zip(text.columns, columns, strict=False) if not row[5]],
            [(row[1], bool(row[3])) for row in columns if not row[5]],
        ),
        "uniques": (unique_sets(text), unique_sets_of(db, name)),
        "places": (misplaced(text, sql), []),
    }
    return [f"{what}: {mine!r} but SQLite {theirs!r}" for what, (mine, theirs) in said.items() if mine != theirs]


def unique_sets(text: TableText) -> set[tuple[str, ...]]:
    return {tuple(map(folded, unique)) for unique in text.uniques} - {tuple(map(folded, text.primary_key))}


def unique_sets_of(db: sqlite3.Connection, name: str) -> set[tuple[str, ...]]:
    found = set()
    rows = db.execute(f"PRAGMA table_xinfo({quoted(name)})").fetchall()
    key = tuple(folded(row[1]) for row in sorted(rows, key=lambda row: int(row[5])) if row[5])
    for _, index, _, origin, _ in db.execute(f"PRAGMA index_list({quoted(name)})").fetchall():
        if origin == "u":
            found.add(tuple(folded(row[2]) for row in db.execute(f"PRAGMA index_info({quoted(index)})")))
    return found - {key}


def misplaced(text: TableText, sql: str) -> list[str]:
    """The clauses that are not where their span says."""
    wrong = [key.text for key in text.foreign_keys if sql[slice(*key.span)] != key.text]
    wrong += [check.text for check in text.checks if check.text not in sql[slice(*check.span)]]
    for column in text.columns:
        piece = sql[slice(*column.span)]
        if read_create_table(f"CREATE TABLE t({piece}\n)").columns[0].name != column.name:
            wrong.append(piece)
    return wrong


def made(*statements: str) -> tuple[sqlite3.Connection, str, str]:
    """A fresh database after these statements, and the name and text of its last table."""
    db = sqlite3.connect(":memory:")
    for statement in statements:
        db.execute(statement)
    name, sql = [table for table in tables_of(db) if table[0] != "sqlite_sequence"][-1]
    return db, name, sql


# -- the pragmas and the text agree -------------------------------------------------------------------------------

AGREEING = {
    "bare columns": "CREATE TABLE tree (leaf, branch, root)",
    "tight": 'CREATE TABLE"tree"("leaf"INTEGER,"branch"INT REFERENCES"twig"("id")ON DELETE CASCADE)',
    "four ways to quote": "CREATE TABLE 'a''b' (\"c\"\"d\" INT, `e``f` INT, [g\"h] INT, 'i j' INT)",
    "types of many words": "CREATE TABLE t (a UNSIGNED BIG INT, b CHARACTER VARYING (30), c DOUBLE PRECISION NOT NULL)",
    "type with signed sizes": "CREATE TABLE t (a NUMERIC(+12, -3), b FIXED ( 7 ), c T(.5), d T(1e3))",
    "type with comments in it": "CREATE TABLE t (a /*x*/ BIG /*y*/ INT /*z*/ NOT NULL, b -- c\n INT)",
    "types in quotes": 'CREATE TABLE t (a "VARCHAR(7)", b \'BIG INT\', c [my type], d `t``x`, e "two" "parts")',
    "types that are words of other databases": "CREATE TABLE t (a MAP, b ARRAY, c STRUCT, d INTERVAL, e TIMESTAMPTZ)",
    "words that SQLite lets be names": (
        "CREATE TABLE begin (show TEXT, rename, replace INT, fetch, execute, describe, key, row, end, like, glob, "
        "match, if, first, generated, always, conflict, deferred, cast, view, temp)"
    ),
    "names that look like clauses": 'CREATE TABLE "check" ("unique" INT, "primary key" INT, [foreign], `constraint`)',
    "constraint words in quotes at the end": 'CREATE TABLE t (a, "check" INT CHECK ("check" > 0), "primary")',
    "joins as names": "CREATE TABLE t (left INT, right INT, full INT, cross INT, natural INT, inner INT, outer INT)",
    "letters beyond ASCII": "CREATE TABLE süß (größe INT, 名前 TEXT, \N{GRINNING FACE} INT REFERENCES übel(ö))",
    "white space beyond ASCII is a letter": "CREATE TABLE t (a\N{NO-BREAK SPACE}b INT, \N{EM SPACE} INT, x\u2028y)",
    "letters that fold to keywords": "CREATE TABLE t (a INT \N{LATIN SMALL LETTER DOTLESS I}s, k\N{KELVIN SIGN} TEXT)",
    "empty names": 'CREATE TABLE "" ("" INT)',
    "dollars": "CREATE TABLE t$1 (a$ INT, b$c REFERENCES p$(x$y))",
    "strings with everything": "CREATE TABLE t (a DEFAULT ')', b DEFAULT '--', c DEFAULT '/*', d DEFAULT 'it''s \\')",
    "comments with everything": "CREATE TABLE t (a, -- ), ' (\n b /* ) ' \" */ INT, c /**/ INT, d /* /* */ INT)",
    "carriage returns": "CREATE TABLE t (a -- x\r, b INT\r\n, c\rINT -- y\r\n)",
    "numbers": "CREATE TABLE t (a DEFAULT .5, b DEFAULT 5., c DEFAULT -1.5e+3, d DEFAULT + 2, e DEFAULT 0xFf NOT NULL)",
    "defaults of every kind": (
        "CREATE TABLE t (a DEFAULT x'00fF', b DEFAULT null, c DEFAULT tRue, d DEFAULT current_TIME NOT NULL, "
        'e DEFAULT word UNIQUE, f DEFAULT "q", g DEFAULT ( 1 + (2) /* c */ ), h DEFAULT indexed)'
    ),
    "last default wins": "CREATE TABLE t (a DEFAULT 1 NOT NULL DEFAULT 2)",
    "keys": "CREATE TABLE t (a INTEGER PRIMARY KEY DESC ON CONFLICT FAIL, b UNIQUE ON CONFLICT IGNORE NOT NULL)",
    "autoincrement": "CREATE TABLE t (a INTEGER NOT NULL PRIMARY\n  KEY ASC AUTOINCREMENT)",
    "key of a list": "CREATE TABLE t (a, B TEXT, c, PRIMARY KEY (c, [b] COLLATE NOCASE DESC, 'A' ASC))",
    "key in more parentheses": "CREATE TABLE t (a, b, PRIMARY KEY ((a), b), UNIQUE ((b)))",
    "key with autoincrement in a list": "CREATE TABLE t (a INTEGER, PRIMARY KEY (a AUTOINCREMENT))",
    "uniques": "CREATE TABLE t (a UNIQUE, b, c, UNIQUE (a, b) ON CONFLICT REPLACE, UNIQUE (c COLLATE RTRIM DESC))",
    "no commas between constraints": (
        "CREATE TABLE t (a, b, CHECK (a) UNIQUE (b) FOREIGN KEY (a) REFERENCES p CONSTRAINT n FOREIGN KEY (b) "
        "REFERENCES q(x) ON UPDATE RESTRICT PRIMARY KEY (a))"
    ),
    "lonely names": "CREATE TABLE t (a CONSTRAINT x CONSTRAINT y, b CONSTRAINT z NOT NULL, CONSTRAINT v, CONSTRAINT w)",
    "generated": (
        "CREATE TABLE t (a, b INT GENERATED ALWAYS AS (a * (2)) STORED, c AS (a) VIRTUAL NOT NULL, d VARCHAR(9) "
        "GENERATED ALWAYS AS (a || ')'), e NOT NULL GENERATED ALWAYS AS (a) UNIQUE, f BIG INT AS (a) REFERENCES p)"
    ),
    "generated always as a type": "CREATE TABLE t (a INT GENERATED ALWAYS, b GENERATED, c VERYLONGWORD ALWAYS)",
    "options": "CREATE TABLE t (a PRIMARY KEY, b INT) WITHOUT /* no */ ROWID",
    "options, both": "CREATE TABLE t (a TEXT PRIMARY KEY, b INT) strict, Without RowId",
    "parent without columns, then more": "CREATE TABLE t (a REFERENCES p NOT NULL, b REFERENCES p UNIQUE DEFAULT 3, c)",
    "keywords as parents": 'CREATE TABLE t (a REFERENCES match MATCH full, b REFERENCES "on" ON DELETE SET NULL)',
    "all actions": (
        "CREATE TABLE t (a REFERENCES p ON DELETE SET NULL ON UPDATE SET DEFAULT, b REFERENCES p ON UPDATE CASCADE ON "
        "DELETE RESTRICT, c REFERENCES p ON DELETE NO ACTION ON INSERT CASCADE)"
    ),
    "last action wins": "CREATE TABLE t (a REFERENCES p ON DELETE CASCADE MATCH x ON DELETE SET NULL)",
    "two keys on one column": "CREATE TABLE t (a REFERENCES p(x) REFERENCES q(y), FOREIGN KEY (a) REFERENCES r)",
    "composite": "CREATE TABLE t (a, b, FOREIGN KEY (B, A) REFERENCES P(y, x), FOREIGN KEY (a,b) REFERENCES q)",
    "keys of columns and of the table": (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, up REFERENCES t, a REFERENCES p, b, FOREIGN KEY (b) REFERENCES q(j),"
        " FOREIGN KEY (a, b) REFERENCES r(k, l))"
    ),
    "text that only looks like a key": "CREATE TABLE t (a INT REFERENCE p, c CHECK ('FOREIGN'))",
    "almost not null": "CREATE TABLE t (a INT NON NULL, b INT NULL NOT NULL, c INT NOT NULL ON CONFLICT IGNORE NULL)",
    "if not exists": "CREATE TABLE IF NOT EXISTS main . t (a)",
    "as a query made it": 'CREATE TABLE t AS SELECT 1 AS a, \'x\' AS "b c", CAST(2 AS VARCHAR(9)) AS "d""e"',
}


@together
@pytest.mark.parametrize("statement", AGREEING.values(), ids=AGREEING)
def test_the_scan_says_what_the_pragmas_say(statement: str) -> None:
    db, name, sql = made(statement)
    with closing(db):
        assert disagreements(db, name, sql) == []
        if " AS SELECT " not in statement:  # for which SQLite writes a text of its own
            assert disagreements(db, name, statement) == []


ALTERED = {
    "column with a key before the table's constraints": (
        [
            "CREATE TABLE t (a, CHECK (a > 0), FOREIGN KEY (a) REFERENCES p)",
            "ALTER TABLE t ADD COLUMN b REFERENCES q(x)",
        ],
        [("q", ("b",)), ("p", ("a",))],
    ),
    "column after a comment": (
        ["CREATE TABLE t (a -- last\n)", "ALTER TABLE t ADD b INT REFERENCES p"],
        [("p", ("b",))],
    ),
    "column after a column's comment": (["CREATE TABLE t (a /* z */) ", "ALTER TABLE t ADD b INT /* y */;"], []),
    "column of a table without rowid": (
        ["CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID", "ALTER TABLE t ADD 'b c' REFERENCES p CHECK (1)"],
        [("p", ("b c",))],
    ),
    "table renamed": (
        ["CREATE TABLE old(a REFERENCES old)", 'ALTER TABLE old RENAME TO "new one"'],
        [("new one", ("a",))],
    ),
    "parent renamed": (
        ["CREATE TABLE p(i)", "CREATE TABLE t (a REFERENCES p(i)ON DELETE CASCADE)", "ALTER TABLE p RENAME TO [p 2]"],
        [("p 2", ("a",))],
    ),
    "column renamed": (
        ["CREATE TABLE t (a, b, FOREIGN KEY(a)REFERENCES t(b))", 'ALTER TABLE t RENAME a TO "a""2"'],
        [("t", ('a"2',))],
    ),
    "column dropped": (["CREATE TABLE t (a, b INT, c REFERENCES p)", "ALTER TABLE t DROP COLUMN b"], [("p", ("c",))]),
}


@together
@pytest.mark.parametrize(("statements", "keys"), ALTERED.values(), ids=ALTERED)
def test_a_text_that_alter_table_wrote_is_read(statements: list[str], keys: list[tuple[str, tuple[str, ...]]]) -> None:
    db, name, sql = made(*statements)
    with closing(db):
        assert disagreements(db, name, sql) == []
    assert [(key.parent, key.columns) for key in read_create_table(sql).foreign_keys] == keys


# -- generated statements -----------------------------------------------------------------------------------------

NAMES = [
    "a",
    "B",
    '"c d"',
    "[e,f]",
    "`g``h`",
    "'i'",
    "key",
    "ä",
    '"x""y"',
    "match",
    "replace",
    '"check"',
    "_1",
    "rowid",
]
GAPS = [" ", "\n", "\t ", " /* , ) ' */ ", ' -- ( "\n', "  "]
TYPES = ["", "INTEGER", "varchar(9)", "UNSIGNED BIG INT", "DECIMAL(10, -2)", '"q t"', "double precision", "x y(1)"]
OPTIONS = [
    *("NOT NULL", "NULL", "DEFAULT 1", "DEFAULT -.5", "DEFAULT 'x)'", "DEFAULT (1 + (2))", "DEFAULT word", "UNIQUE"),
    *(
        "CHECK (1 > (0))",
        "COLLATE NOCASE",
        "CONSTRAINT n",
        "NOT NULL ON CONFLICT FAIL",
        "DEFERRABLE INITIALLY DEFERRED",
    ),
    *("REFERENCES p", "REFERENCES q(x) ON DELETE CASCADE", "REFERENCES r ON UPDATE SET NULL ON DELETE NO ACTION"),
    *("REFERENCES [s t]('u') MATCH FULL DEFERRABLE", "NOT DEFERRABLE INITIALLY DEFERRED"),
]


SOME_OPTIONS = st.lists(among(*OPTIONS), max_size=4)
SOME_KINDS = st.lists(among("UNIQUE", "FOREIGN KEY", "CHECK", "PRIMARY KEY"), max_size=3)


@st.composite
def statements(draw: st.DrawFn) -> str:
    columns = draw(some(tuple(NAMES), 1, 5))
    parts = [[column, draw(among(*TYPES)), *draw(SOME_OPTIONS)] for column in columns]
    for kind in draw(SOME_KINDS):
        listed = f"({', '.join(draw(some(tuple(columns), 1, 3)))})"
        if kind == "PRIMARY KEY" and any(part[0] == kind for part in parts):
            continue
        tail = [f"REFERENCES p {draw(among('', listed))}", "ON DELETE SET DEFAULT"]
        parts.append([kind, "(1)" if kind == "CHECK" else listed, *(tail if kind == "FOREIGN KEY" else [])])
    words = " , ".join(" ".join(part) for part in parts).split(" ")
    # A gap goes between words only outside of quotes, where it cannot change a name.
    text = "CREATE TABLE t ("
    for word in words:
        inside = any(text.count(quote) % 2 for quote in "'\"`") or text.count("[") > text.count("]")
        text += (" " if inside else draw(among(*GAPS[:3]))) + word
    return text + draw(among(*GAPS)) + ")" + draw(among("", ";", " \n"))


@given(statements())
@settings(max_examples=150, deadline=None)
def test_any_statement_is_read_as_sqlite_reads_it(statement: str) -> None:
    db, name, sql = made(statement)
    with closing(db):
        assert disagreements(db, name, sql) == []
        assert disagreements(db, name, statement) == []


# -- damaged text -------------------------------------------------------------------------------------------------


def readings(text: str) -> None:
    """Reads the text in every way; only DdlError may come out."""
    for read in (read_create_table, expression_columns):
        try:
            read(text)
        except DdlError as error:
            assert str(error)


@given(st.text(ENCODABLE, max_size=60) | st.text("()'\"`[]-/*,.;:{%#}\\ \n\0x0N1e_ué\ud800", max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_string_is_read_or_refused(text: str) -> None:
    readings(text)
    readings(f"CREATE TABLE t (a INT {text} , b)")


def test_truncations_and_mutations_are_read_or_refused() -> None:
    chance = random.Random(20)
    for statement in AGREEING.values():
        for cut in range(0, len(statement), 3):
            readings(statement[:cut])
        for _ in range(20):
            start, stop = sorted(chance.choices(range(len(statement)), k=2))
            piece = chance.choice(
                ["", "'", '"', "(", ")", ",", "--", "/*", "\0", "é", " NOT ", statement[start:stop] * 2]
            )
            readings(statement[:start] + piece + statement[stop:])


UNREADABLE = {
    "nothing": "",
    "a view": "CREATE VIEW v AS SELECT 1",
    "a virtual table": "CREATE VIRTUAL TABLE t USING fts5(a, b)",
    "an index": "CREATE INDEX i ON t (a)",
    "a query": "CREATE TABLE t AS SELECT 1 AS a",
    "no columns": "CREATE TABLE t ()",
    "cut in the list": "CREATE TABLE t (a INT, b",
    "cut in a string": "CREATE TABLE t (a DEFAULT 'x",
    "cut in a comment": "CREATE TABLE t (a /* x",
    "more after the end": "CREATE TABLE t (a) WITHOUT ROWID x",
    "another statement": "CREATE TABLE t (a); DROP TABLE t",
    "an unknown option": "CREATE TABLE t (a) WITHOUT OIDS",
    "a trailing comma": "CREATE TABLE t (a, CHECK (1), )",
    "an empty check": "CREATE TABLE t (a CHECK ())",
    "an empty list": "CREATE TABLE t (a, UNIQUE ())",
    "a default that is none": "CREATE TABLE t (a DEFAULT , b)",
    "an unknown action": "CREATE TABLE t (a REFERENCES p ON DELETE EXPLODE)",
    "an unknown event": "CREATE TABLE t (a REFERENCES p ON SELECT CASCADE)",
    "a number for a name": "CREATE TABLE t (1 INT)",
    "a character that SQLite does not know": "CREATE TABLE t (a {# no comment #} INT)",
    "a control character": "CREATE TABLE t (a\x1cINT)",
    "only a constraint": "CREATE TABLE t (CHECK (1))",
}


@together
@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_list_of_columns_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(DdlError, match=r"\w"):
        read_create_table(text)


def test_deep_nesting_is_no_recursion() -> None:
    depth = 20_000
    table = read_create_table(f"CREATE TABLE t (a CHECK {'(' * depth}1{')' * depth}, b)")
    assert len(table.checks[0].text) == 2 * depth - 1
    with pytest.raises(DdlError):
        expression_columns("(" * depth + "a" + ")" * depth)


# -- what only the text knows -------------------------------------------------------------------------------------


def keys_of(statement: str) -> tuple[ForeignKeyText, ...]:
    made(statement)[0].close()
    return read_create_table(statement).foreign_keys


def test_a_foreign_key_has_its_name_its_text_and_its_place() -> None:
    sql = (
        'CREATE TABLE t (a INT CONSTRAINT "fk a" REFERENCES p /* the */ (id) ON DELETE CASCADE MATCH full NOT NULL,\n'
        "  b INT REFERENCES q, CONSTRAINT 'it''s' FOREIGN KEY (a, b) REFERENCES [r s](x,y) DEFERRABLE -- end\n)"
    )
    keys = keys_of(sql)
    assert [key.text for key in keys] == [
        "REFERENCES p /* the */ (id) ON DELETE CASCADE MATCH full",
        "REFERENCES q",
        "FOREIGN KEY (a, b) REFERENCES [r s](x,y) DEFERRABLE",
    ]
    assert [sql[slice(*key.span)] for key in keys] == [key.text for key in keys]
    assert [key.constraint for key in keys] == ["fk a", None, "it's"]
    assert [key.match for key in keys] == ["FULL", None, None]
    assert [key.parent_columns for key in keys] == [("id",), (), ("x", "y")]


LABELS = {
    "the last name counts": ("a CONSTRAINT one CONSTRAINT two REFERENCES p", ["two"]),
    "a name goes to the clause it stands before": ("a CONSTRAINT one NOT NULL REFERENCES p", [None]),
    "a comma ends the reach of a name": ("a, CONSTRAINT one, FOREIGN KEY (a) REFERENCES p", [None]),
    "a name of the column does not reach the table": ("a CONSTRAINT one, FOREIGN KEY (a) REFERENCES p", [None]),
    "names without commas": (
        "a, CONSTRAINT one CHECK (1) CONSTRAINT two FOREIGN KEY (a) REFERENCES p FOREIGN KEY (a) REFERENCES q",
        ["two", None],
    ),
}


@together
@pytest.mark.parametrize(("body", "names"), LABELS.values(), ids=LABELS)
def test_names_of_constraints(body: str, names: list[str | None]) -> None:
    assert [key.constraint for key in keys_of(f"CREATE TABLE t ({body})")] == names


DEFERRED = {
    "not said": ("a REFERENCES p", [False]),
    "in full": ("a REFERENCES p DEFERRABLE INITIALLY DEFERRED", [True]),
    "in full, small, apart": ("a REFERENCES p deferrable\n initially /* x */ deferred", [True]),
    "only deferrable": ("a REFERENCES p DEFERRABLE", [False]),
    "immediate": ("a REFERENCES p DEFERRABLE INITIALLY IMMEDIATE", [False]),
    "not deferrable, though deferred": ("a REFERENCES p NOT DEFERRABLE INITIALLY DEFERRED", [False]),
    "of the table": ("a, FOREIGN KEY (a) REFERENCES p DEFERRABLE INITIALLY DEFERRED, UNIQUE (a)", [True]),
    "the table's key does not reach back": (
        "a REFERENCES p DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY (a) REFERENCES p",
        [True, False],
    ),
    "after another constraint": ("a REFERENCES p NOT NULL DEFERRABLE INITIALLY DEFERRED", [True]),
    "on a later column": ("a REFERENCES p, b REFERENCES q, c DEFERRABLE INITIALLY DEFERRED", [False, True]),
    "on a later column, taken back": (
        "a REFERENCES p DEFERRABLE INITIALLY DEFERRED, b NOT DEFERRABLE, c REFERENCES q",
        [False, False],
    ),
    "before any key": ("a DEFERRABLE INITIALLY DEFERRED REFERENCES p", [False]),
    "twice": ("a REFERENCES p DEFERRABLE INITIALLY DEFERRED DEFERRABLE", [False]),
    "under a name": ("a REFERENCES p CONSTRAINT d DEFERRABLE INITIALLY DEFERRED", [True]),
}


@together
@pytest.mark.parametrize(("body", "deferred"), DEFERRED.values(), ids=DEFERRED)
def test_deferrable_is_what_sqlite_defers(body: str, deferred: list[bool]) -> None:
    assert [key.deferrable for key in keys_of(f"CREATE TABLE t ({body})")] == deferred
    # The proof: inside a transaction a row without a parent is taken only by a key that waits for the end.
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.executescript(f"CREATE TABLE p(i PRIMARY KEY); CREATE TABLE q(i PRIMARY KEY); CREATE TABLE t ({body});")
        db.executescript("PRAGMA foreign_keys = ON; BEGIN;")
        children = [row[3] for row in db.execute("PRAGMA foreign_key_list(t)")][::-1]
        for child, waits in zip(children, deferred, strict=True):
            if children.count(child) == 1:
                try:
                    db.execute(f"INSERT INTO t ({child}) VALUES (1)")
                    taken = True
                except sqlite3.IntegrityError:
                    taken = False
                assert taken is waits, child


def test_a_deferrable_clause_far_from_its_key_is_not_in_its_text() -> None:
    (key,) = keys_of("CREATE TABLE t (a REFERENCES p(i) UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    assert (key.deferrable, key.text) == (True, "REFERENCES p(i)")


def test_checks_have_their_name_expression_and_place() -> None:
    sql = (
        "CREATE TABLE t (a CONSTRAINT pos CHECK( a > 0 /* ) */ ), b CHECK ((b) <> ')'), "
        "CHECK (a < b -- below\n), CONSTRAINT [c d] CHECK(a) ON CONFLICT IGNORE)"
    )
    made(sql)[0].close()
    checks = read_create_table(sql).checks
    assert [(check.name, check.text) for check in checks] == [
        ("pos", "a > 0"),
        (None, "(b) <> ')'"),
        (None, "a < b"),
        ("c d", "a"),
    ]
    assert [sql[slice(*check.span)] for check in checks] == [
        "CHECK( a > 0 /* ) */ )",
        "CHECK ((b) <> ')')",
        "CHECK (a < b -- below\n)",
        "CHECK(a)",
    ]
    assert isinstance(checks[0], CheckText)


def test_columns_have_their_place() -> None:
    sql = 'CREATE TABLE t ( "a b"\tINT DEFAULT (1) /* x */ , c -- y\n, d REFERENCES p DEFERRABLE, UNIQUE (c))'
    made(sql)[0].close()
    pieces = [sql[slice(*column.span)] for column in read_create_table(sql).columns]
    assert pieces == ['"a b"\tINT DEFAULT (1)', "c", "d REFERENCES p DEFERRABLE"]


def test_collations_are_those_of_the_columns() -> None:
    sql = (
        "CREATE TABLE t (a TEXT COLLATE NOCASE, \"B c\" COLLATE 'RTRIM' NOT NULL, c DEFAULT 'x' COLLATE binary, d, "
        "E COLLATE NOCASE COLLATE RTRIM, f DEFAULT ('x' COLLATE NOCASE), UNIQUE (d COLLATE NOCASE))"
    )
    made(sql)[0].close()
    assert read_create_table(sql).collations == {"a": "NOCASE", "b c": "RTRIM", "c": "binary", "e": "RTRIM"}
    with pytest.raises(DdlError):
        read_create_table("CREATE TABLE t (a")


# -- the columns of an expression ---------------------------------------------------------------------------------

EXPRESSIONS = [
    *("a > 0 AND B < 1", "a COLLATE NOCASE = b", "a -> b ->> c", "a GLOB b OR a NOT REGEXP c", "a ISNULL OR b NOTNULL"),
    *(
        "replace(a, 'b', c) = 'x'",
        '"a" = [b] || `c`',
        "t.a = 1",
        "CASE a WHEN b THEN c ELSE interval END",
        "a IN (b, 1)",
    ),
    *("CAST(a AS VARCHAR(9)) < CAST(b AS INTEGER)", "iif(a, b, c)", "strftime('%s', a) > .5", "(a, b) <> (1, c)"),
    *(
        "a IS NOT DISTINCT FROM b",
        "a BETWEEN b AND -c",
        "a -- b\n",
        "/* b */ a",
        "x'00' < a",
        "length(a) & ~b",
        "a IS TRUE",
    ),
    *("interval * 2 + any > fetch", "describe IN ('x') OR current_user IS NULL", "coalesce(fetch, connect_by_root)"),
    *(
        "date = current_date",
        "min(left, right)",
        "ä\N{NO-BREAK SPACE}ö = 1",
        "key NOT IN (1) AND row NOT LIKE 'a%'",
        "1",
    ),
    *(
        "typeof(a) IN ('text', 'null') AND json_valid(b)",
        "user = comment OR qualify = interval",
        "substr(a, b, c) = ''",
    ),
]
WORDS = "a B c interval any fetch describe current_user connect_by_root date left right key row user comment qualify"


@together
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_columns_of_an_expression_are_those_that_sqlite_reads(expression: str) -> None:
    read: set[str] = set()

    def note(action: int, _table: str | None, column: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_READ and column:
            read.add(folded(column))
        return sqlite3.SQLITE_OK

    with closing(sqlite3.connect(":memory:")) as db:
        db.create_function("regexp", 2, lambda pattern, text: True)
        columns = [*WORDS.split(), "ä\N{NO-BREAK SPACE}ö"]
        db.execute(f"CREATE TABLE t ({', '.join(map(quoted, columns))})")
        db.set_authorizer(note)
        db.execute(f"EXPLAIN SELECT 1 FROM t WHERE {expression}")
        db.set_authorizer(None)
    assert expression_columns(expression) == read


@together
@pytest.mark.parametrize("text", ["", "a, b", "a) OR (b", "a >", "SELECT a", "a; b", "'a", "a b c", "(a", "a FROM t"])
def test_what_is_not_one_expression_is_refused(text: str) -> None:
    with pytest.raises(DdlError, match=r"\w"):
        expression_columns(text)


# -- facts of the pragmas, filled up from the text ----------------------------------------------------------------

TEXT = (
    "CREATE TABLE t (a INT CONSTRAINT one REFERENCES P(ID) DEFERRABLE INITIALLY DEFERRED, b INT, "
    "FOREIGN KEY (B, A) REFERENCES q ON DELETE CASCADE MATCH SIMPLE)"
)
FIRST = ForeignKey("t", ("a",), "p", ("id",), "NO ACTION", "NO ACTION")
SECOND = ForeignKey("t", ("b", "a"), "q", ("x", "y"), "CASCADE", "NO ACTION", implicit=True)


def table(
    sql: str = TEXT,
    columns: tuple[str, ...] = ("a", "b"),
    keys: tuple[ForeignKey, ...] = (FIRST, SECOND),
) -> Table:
    facts = tuple(Column(name, "INT", False, None, 0) for name in columns)
    return Table("t", "table", sql, columns=facts, foreign_keys=keys)


def test_a_text_that_agrees_adds_to_the_facts() -> None:
    first, second = table_with_text(table()).foreign_keys
    assert (first.constraint, first.deferrable, first.match) == ("one", True, None)
    assert first.text == "REFERENCES P(ID) DEFERRABLE INITIALLY DEFERRED"
    assert (second.constraint, second.deferrable, second.match) == (None, False, "SIMPLE")
    assert second.text == "FOREIGN KEY (B, A) REFERENCES q ON DELETE CASCADE MATCH SIMPLE"
    assert (first.parent, first.parent_columns, second.parent_columns) == ("p", ("id",), ("x", "y"))
    assert (second.implicit, second.on_delete) == (True, "CASCADE")


def changed(key: ForeignKey, **facts: object) -> ForeignKey:
    values = {name: getattr(key, name) for name in ForeignKey.__slots__}
    return ForeignKey(**{**values, **facts})


DISAGREEING = {
    "text that cannot be read": table(sql=TEXT[:-1]),
    "no text": table(sql=""),
    "a column more": table(columns=("a", "b", "c")),
    "another order of columns": table(columns=("b", "a")),
    "another name of a column": table(columns=("a", "B2")),
    "a key less": table(keys=(FIRST,)),
    "another order of keys": table(keys=(SECOND, FIRST)),
    "another parent": table(keys=(changed(FIRST, parent="p2"), SECOND)),
    "other child columns": table(keys=(changed(FIRST, child_columns=("b",)), SECOND)),
    "another parent column": table(keys=(changed(FIRST, parent_columns=("id2",)), SECOND)),
    "columns that the text leaves out": table(keys=(FIRST, changed(SECOND, implicit=False))),
    "columns that the text names": table(keys=(changed(FIRST, implicit=True), SECOND)),
    "another action on delete": table(keys=(FIRST, changed(SECOND, on_delete="NO ACTION"))),
    "another action on update": table(keys=(FIRST, changed(SECOND, on_update="CASCADE"))),
}


@together
@pytest.mark.parametrize("facts", DISAGREEING.values(), ids=DISAGREEING)
def test_a_text_that_disagrees_adds_nothing(facts: Table) -> None:
    assert table_with_text(facts) is facts


def test_sqlglot_is_imported_only_for_a_text() -> None:
    facts = "Table('t', 'table', 'CREATE TABLE t (a)')"
    code = (
        "import sys; from sqlfix.model.schema import Table; from sqlfix.schema.stored_form import table_with_text;"
        f" table_with_text({facts}); sys.exit('sqlglot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_sqlglot_does_not_speak(capfd: pytest.CaptureFixture[str]) -> None:
    calls = "tokens.expression_columns('replace(a, b, c)'); create_table.read_create_table('CREATE TABLE t(a)')"
    code = f"from sqlfix.sql import create_table, tokens; {calls}"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert capfd.readouterr() == ("", "")


# -- the shared collection ----------------------------------------------------------------------------------------

SHARED = os.environ.get("SQLFIX_SHARED", "")
with_shared = pytest.mark.skipif(not SHARED, reason="SQLFIX_SHARED does not name the folder of collected databases")
SETUP = "CREATE TABLE p(id INTEGER PRIMARY KEY, a, b); CREATE TABLE q(x, y); CREATE TABLE t0(a, b, c, j);"


def shared_cases() -> Iterator[tuple[str, str]]:
    text = (Path(SHARED) / "ddl_cases.sql").read_text(encoding="utf-8")
    for case in text.split("\n--@ ")[1:]:
        name, _, statement = case.partition("\n")
        yield name, statement


def shared_databases() -> Iterator[tuple[str, sqlite3.Connection]]:
    corpus = Path(SHARED) / "corpus"
    for path in sorted((corpus / "db").glob("*.sqlite")):
        yield path.name, sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    for path in sorted((corpus / "ddl").glob("*.sql")):
        db = sqlite3.connect(":memory:", isolation_level=None)
        for statement in complete_statements(path.read_text(encoding="utf-8", errors="replace")):
            try:
                db.execute(statement)
            except (sqlite3.Error, sqlite3.Warning, ValueError):
                continue  # what SQLite does not build is not ours to read
        yield path.name, db


def complete_statements(script: str) -> Iterator[str]:
    pending = ""
    for piece in script.split(";"):
        pending += piece + ";"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


@with_shared
def test_every_shared_case_agrees_with_the_pragmas() -> None:
    wrong, read = [], 0
    for case, statement in shared_cases():
        if case.startswith(("trigger/", "index/", "view/", "virtual/")):
            continue
        with closing(sqlite3.connect(":memory:")) as db:
            db.executescript(SETUP)
            before = {name for name, _ in tables_of(db)}
            db.create_function("regexp", 2, lambda pattern, value: True, deterministic=True)
            db.execute(statement)
            for name, sql in tables_of(db):
                if name not in before and name != "sqlite_sequence":
                    read += 1
                    wrong += [f"{case}: {problem}" for problem in disagreements(db, name, sql)]
    print(f"{read} tables of the shared cases")
    assert read > 300
    assert wrong == []


@with_shared
def test_every_shared_table_agrees_with_the_pragmas() -> None:
    wrong, unreadable, tables, keys, expressions = [], [], 0, 0, 0
    told: set[tuple[str, str]] = set()  # of one name and text SQLite says the same in every database
    for source, db in shared_databases():
        with closing(db):
            try:
                found = tables_of(db)
            except (sqlite3.Error, UnicodeDecodeError) as error:
                unreadable.append(f"{source}: {error}")
                continue
            for name, sql in found:
                if (name, sql) in told:
                    continue
                try:
                    problems = disagreements(db, name, sql)
                except (sqlite3.Error, UnicodeDecodeError) as error:
                    unreadable.append(f"{source}: {name}: {error}")
                    continue
                tables += 1
                told.add((name, sql))
                wrong += [f"{source}: {name}: {problem}" for problem in problems]
                if not problems:
                    text = read_create_table(sql)
                    keys += len(text.foreign_keys)
                    columns = {folded(column.name) for column in text.columns}
                    for check in text.checks:
                        expressions += 1
                        if not expression_columns(check.text) & columns:
                            wrong.append(f"{source}: {name}: no column in {check.text!r}")
    print(
        f"{tables} different tables, {keys} foreign keys, {expressions} checks; SQLite itself cannot read: {unreadable}"
    )
    assert tables > 1000
    assert wrong == []
