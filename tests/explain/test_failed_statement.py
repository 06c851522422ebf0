"""The statement beside a message: which rows it says are read off it as SQLite would read it, or not at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import build, together

from sqlfix.explain.errors.conditions import narrowed, where_text
from sqlfix.explain.errors.printed_values import split_list
from sqlfix.explain.errors.recognise import parameters
from sqlfix.explain.errors.statement import Statement, find_statements
from sqlfix.schema.catalogue import read_schema
from sqlfix.sqlite.snapshot import reading
from sqlfix.text import pairs_text

WHERE = " (not all of its WHERE is understood)"
HIDDEN = " (the values of its parameters are not printed)"
VALUES = " (not all of the values that it writes are known)"


def as_read(statement: Statement | None) -> str:
    """What is read off a statement, in one line."""
    if statement is None:
        return ""
    where = f" WHERE {where_text(statement.where)}" if statement.where else ""
    rows = [pairs_text(part.values) for part in statement.parts if part.values]
    source = f" FROM {statement.source} {dict(statement.copied)}" if statement.source else ""
    unread = f" ({'; '.join(statement.unread)})" if statement.unread else ""
    return f"{statement.verb} {statement.table}{source}{''.join(f' [{row}]' for row in rows)}{where}{unread}"


def sqlalchemy(sql: str, parameters: str) -> str:
    return f"(sqlite3.IntegrityError) FOREIGN KEY constraint failed\n[SQL: {sql}]\n[parameters: {parameters}]"


READ = {
    "equality": (sqlalchemy("DELETE FROM t WHERE t.id = ?", "(7,)"), "DELETE t WHERE id=7"),
    "IN": ("DELETE FROM t WHERE id IN (7, 8)", "DELETE t WHERE id IN (7, 8)"),
    "IN of parameters": (sqlalchemy("DELETE FROM t WHERE t.id IN (?, ?)", "(7, 'x')"), "DELETE t WHERE id IN (7, 'x')"),
    "NOT IN": ("DELETE FROM t WHERE id NOT IN (7, 8)", "DELETE t WHERE id NOT IN (7, 8)"),
    "IN of nothing": ("DELETE FROM t WHERE id IN ()", "DELETE t WHERE id IN ()"),
    "BETWEEN": (
        "DELETE FROM t WHERE id BETWEEN 3 AND 9 AND a > 2",
        "DELETE t WHERE id >= 3 AND id <= 9 AND a > 2",
    ),
    "ranges": ("DELETE FROM t WHERE id > 1 AND 5 >= id", "DELETE t WHERE id > 1 AND id <= 5"),
    "unlike": ("DELETE FROM t WHERE id <> 1 AND a != 'x'", "DELETE t WHERE id <> 1 AND a <> 'x'"),
    "NULL": ("DELETE FROM t WHERE a IS NULL AND b IS NOT NULL", "DELETE t WHERE a IS NULL AND b IS NOT NULL"),
    "OR": (
        "DELETE FROM t WHERE (id = 7 OR id = 8) AND a IS NULL",
        "DELETE t WHERE (id=7 OR id=8) AND a IS NULL",
    ),
    "a BLOB": ("DELETE FROM t WHERE a = x'AB'", "DELETE t WHERE a=x'ab'"),
    "executemany": (sqlalchemy("DELETE FROM t WHERE t.id = ?", "[(4,), (5,)]"), "DELETE t WHERE id IN (4, 5)"),
    "executemany with two columns": (
        sqlalchemy("DELETE FROM t WHERE t.a = ? AND t.b = ?", "[(4, 1), (5, 2)]"),
        "DELETE t WHERE (a=4, b=1) OR (a=5, b=2)",
    ),
    "executemany in a tuple": (sqlalchemy("DELETE FROM t WHERE id = ?", "((4,), (5,))"), "DELETE t WHERE id IN (4, 5)"),
    "executemany by names": (
        sqlalchemy("INSERT INTO t (id) VALUES (:id)", "[{'id': 1}, {'id': 2}]"),
        "INSERT t [id=1] [id=2]",
    ),
    "many, of which some are printed": (
        sqlalchemy(
            "DELETE FROM t WHERE t.id = ?",
            "[(0,), (1,)  ... displaying 10 of 1000 total bound parameter sets ...  (998,), (999,)]",
        ),
        "DELETE t (only 4 of its 1,000 sets of values are printed)",
    ),
    "many parameters, of which some are printed": (
        sqlalchemy("INSERT INTO t (a, b) VALUES (?, ?), (?, ?)", "(1, 2 ... 300 parameters truncated ... 3, 4)"),
        f"INSERT t [a=1, b=2]{VALUES}",
    ),
    "a value that is cut": (
        sqlalchemy("DELETE FROM t WHERE a = ? AND b = ?", "('xx ... (602 characters truncated) ... xx', 1)"),
        f"DELETE t WHERE b=1{HIDDEN}",
    ),
    "several rows": ("INSERT INTO t (a, b) VALUES (1, 2), (3, 4);", "INSERT t [a=1, b=2] [a=3, b=4]"),
    "several rows of parameters": (
        sqlalchemy("INSERT INTO t (a, b) VALUES (?, ?), (?, ?)", "(1, 2, 3, 4)"),
        "INSERT t [a=1, b=2] [a=3, b=4]",
    ),
    "more values than columns": (sqlalchemy("INSERT INTO t (id, a) VALUES (?, now, ?)", "(1, 2)"), f"INSERT t{VALUES}"),
    "an expression among the values": (
        sqlalchemy("INSERT INTO t (id, a, b) VALUES (?, ?, CURRENT_TIMESTAMP)", "(1, 'x, ]')"),
        f"INSERT t [id=1, a='x, ]']{VALUES}",
    ),
    "no names": ("INSERT INTO t VALUES (1, 'x'), (2, now())", f"INSERT t [0=1, 1='x'] [0=2]{VALUES}"),
    "an object": (
        sqlalchemy("INSERT INTO t (at, b) VALUES (?, ?)", "(datetime.datetime(2020, 1, 2), None)"),
        f"INSERT t [b=NULL]{VALUES}",
    ),
    "an update": (
        sqlalchemy("UPDATE t SET a=?, b=? WHERE t.id = ? AND t.v = ?", "('x', 3, 9, 4)"),
        "UPDATE t [a='x', b=3] WHERE id=9, v=4",
    ),
    "an update by names": (
        sqlalchemy("UPDATE t SET a=:a WHERE t.id = :id", "{'a': 'x:y', 'id': 3}"),
        "UPDATE t [a='x:y'] WHERE id=3",
    ),
    "an update by an expression": (
        "UPDATE t SET n = n + 1, id = 9 WHERE id = 7",
        f"UPDATE t [id=9] WHERE id=7{VALUES}",
    ),
    "an alias": ("UPDATE t AS x SET a = 1 WHERE x.id = 7", "UPDATE t [a=1] WHERE id=7"),
    "an update from another table": (
        "UPDATE t SET a = 1 FROM o WHERE id = 7 AND t.b = 2",
        f"UPDATE t [a=1] WHERE b=2 (it takes rows or values from several tables; {WHERE[2:-1]})",
    ),
    "Laravel": (
        '(Connection: sqlite, SQL: insert into "t" ("a", "b", "c") values'
        " (ann@x.y, Ann O'Neil, 2024-01-01 00:00:00))",
        "INSERT t [a='ann@x.y', b='Ann O''Neil', c='2024-01-01 00:00:00']",
    ),
    "Laravel's update": (
        '(SQL: update "t" set "a" = ann@x.y, "b" = 2024-01-01 00:00:00 where "id" = 7)',
        "UPDATE t [a='ann@x.y', b='2024-01-01 00:00:00'] WHERE id=7",
    ),
    "Laravel's many rows": (
        '(SQL: insert into "t" ("a", "b") values (ann, 1), (bob, 2))',
        "INSERT t [a='ann', b=1] [a='bob', b=2]",
    ),
    "Laravel and a comma": ('(SQL: insert into "t" ("a", "b") values (x, y, 1))', f"INSERT t{VALUES}"),
    "Laravel, and a comma within": (
        '(SQL: update "t" set "a" = he said, "so", "b" = 2 where "id" = 7)',
        "UPDATE t [a='he said, \"so\"', b=2] WHERE id=7",
    ),
    "Laravel, and a word within": (
        '(SQL: update "t" set "a" = x where "y", "b" = 2 where "id" = 7)',
        "UPDATE t [a='x where \"y\"', b=2] WHERE id=7",
    ),
    "Laravel, and what may be within": (
        '(SQL: update "t" set "a" = x where "id" = 3, "b" = 2 where "id" = 7)',
        f"UPDATE t{WHERE[:-1]}; {VALUES[2:]}",
    ),
    "Rails": ('DELETE FROM "t" WHERE "t"."id" IN (?, ?)  [["id", 7], ["id", 8]]', "DELETE t WHERE id IN (7, 8)"),
    "Django's log": ('(0.001) DELETE FROM "t" WHERE "t"."id" IN (7, 8); args=(7, 8)', "DELETE t WHERE id IN (7, 8)"),
    "Knex": (
        "delete from `t` where `id` in (7, 8) - SQLITE_CONSTRAINT: FOREIGN KEY constraint failed",
        "DELETE t WHERE id IN (7, 8)",
    ),
    "a log that escapes the ends of lines": (
        'error="FOREIGN KEY constraint failed" sql="PRAGMA x;\\nDELETE\\n\\tFROM t\\nWHERE\\n\\tid = 7"',
        "DELETE t WHERE id=7",
    ),
    "words far apart": (f"UPDATE t{' ' * 60}SET a = 1 WHERE id = 7", "UPDATE t [a=1] WHERE id=7"),
    "a list beside it": ("FOREIGN KEY constraint failed: DELETE FROM t WHERE id=?: [7]", "DELETE t WHERE id=7"),
    "a list beside it, and another name": (
        'exec "DELETE FROM t WHERE a=$1 AND id=$2" [x 7]: FOREIGN KEY constraint failed',
        f"DELETE t{HIDDEN}",
    ),
    "a list beside it in a tuple": ("('INSERT INTO t (a, b) VALUES (?, ?)', ['x', 7])", "INSERT t [a='x', b=7]"),
    "a name in brackets": ("DELETE FROM t WHERE id = ? AND [a] = 7", f"DELETE t WHERE a=7{HIDDEN}"),
    "Zotero": ("[QUERY: DELETE FROM t WHERE id=? AND a=?] [PARAMS: 7, x] [ERROR: …]", "DELETE t WHERE id=7, a='x'"),
    "DBIx::Class": (
        """[for Statement "INSERT INTO t (a, b) VALUES ( ?, ? )" with ParamValues: 1='x', 2=undef] at x.pl""",
        "INSERT t [a='x', b=NULL]",
    ),
    "a SELECT of values": ("INSERT INTO t (a) SELECT 1 AS a UNION ALL SELECT 2 AS a", f"INSERT t{VALUES}"),
    "once more with its values": (
        "DELETE FROM t WHERE id = ? [7]\n** (Exqlite.Error) FOREIGN KEY constraint failed\nDELETE FROM t WHERE id = ?",
        "DELETE t WHERE id=7",
    ),
    "once more with other words": (
        "DELETE FROM t WHERE a = ? [7]\n** (Exqlite.Error) FOREIGN KEY constraint failed\nDELETE FROM t WHERE id = ?",
        f"DELETE t{HIDDEN}",
    ),
    "Knex with bindings": ("sql: 'delete from `t` where `id` > ?', bindings: [ 7 ]", "DELETE t WHERE id > 7"),
    "Prisma's log": (
        "DELETE FROM `main`.`t` WHERE (`main`.`t`.`id` IN (?,?) AND 1=1)\nParams: [7,8]",
        "DELETE t WHERE id IN (7, 8)",
    ),
    "what is always true": ("DELETE FROM t WHERE 1 = 1 OR id = 7", "DELETE t"),
    "what is not": ("DELETE FROM t WHERE 1 = 2 AND id = 7", f"DELETE t WHERE id=7{WHERE}"),
    "sqflite": ("sql 'DELETE FROM t WHERE a = ? AND b = ?' args [ann, 7]", "DELETE t WHERE a='ann', b=7"),
    "sqflite and a comma": ("sql 'DELETE FROM t WHERE a = ?' args [ann, 7]", f"DELETE t{HIDDEN}"),
    "Drizzle": ("delete from t where a = ?\nparams: ann", "DELETE t WHERE a='ann'"),
    "a query": (
        "DELETE FROM a WHERE a.b_id IN (SELECT b.id FROM b WHERE b.id = 7)",
        "DELETE a WHERE b_id IN (SELECT id FROM b WHERE id=7)",
    ),
    "some of a query": (
        "DELETE FROM t WHERE rowid IN (SELECT rowid FROM t WHERE id = 7 LIMIT 1)",
        "DELETE t WHERE rowid IN (SELECT rowid FROM t WHERE id=7)",
    ),
    "a query of two tables": (
        "DELETE FROM a WHERE a.id IN (SELECT U0.id FROM a U0 INNER JOIN b U1 ON (U0.x = U1.x) WHERE U1.id = 3)",
        f"DELETE a{WHERE}",
    ),
    "one condition of two": ("DELETE FROM t WHERE lower(a) = 'x' AND id = 7", f"DELETE t WHERE id=7{WHERE}"),
    "one condition or another": ("DELETE FROM t WHERE id = 7 OR lower(a) = 'x'", f"DELETE t{WHERE}"),
    "a sum": ("DELETE FROM t WHERE id = 7 + 1", f"DELETE t{WHERE}"),
    "a difference": ("DELETE FROM t WHERE id = 7 -1", f"DELETE t{WHERE}"),
    "a collation": ("DELETE FROM t WHERE a = 'x' COLLATE NOCASE", f"DELETE t{WHERE}"),
    "a CASE": ("DELETE FROM t WHERE CASE WHEN a = 1 AND b = 2 THEN 1 END = 1", f"DELETE t{WHERE}"),
    "NOT": ("DELETE FROM t WHERE NOT id = 7 AND b = 1", "DELETE t WHERE id <> 7 AND b=1"),
    "NOT of more": ("DELETE FROM t WHERE NOT (id = 7 AND a IS NULL)", "DELETE t WHERE id <> 7 OR a IS NOT NULL"),
    "NOT of NOT": ("DELETE FROM t WHERE NOT (NOT (id IN (7) OR a < 2))", "DELETE t WHERE id IN (7) OR a < 2"),
    "NOT of what is not understood": ("DELETE FROM t WHERE NOT (id = 7 AND lower(a) = 'x')", f"DELETE t{WHERE}"),
    "NOT of a query that is not understood": (
        "DELETE FROM t WHERE NOT id IN (SELECT a FROM o WHERE lower(a) = 'x')",
        f"DELETE t{WHERE}",
    ),
    "NOT of the second that is not understood": (
        "DELETE FROM t WHERE NOT lower(a) = 'x' AND NOT id IN (SELECT a FROM o WHERE lower(a) = 'x')",
        f"DELETE t{WHERE}",
    ),
    "NOT of what is always true": ("DELETE FROM t WHERE NOT 1 = 1", f"DELETE t{WHERE}"),
    "NOT of a comparison": ("DELETE FROM t WHERE NOT (id = 7) = 0", f"DELETE t{WHERE}"),
    "NOT EXISTS": ("DELETE FROM t WHERE NOT EXISTS (SELECT 1 FROM o WHERE o.a = t.id)", f"DELETE t{WHERE}"),
    "a row": ("DELETE FROM t WHERE (a, t.b) = (1, 'x') AND id = 7", "DELETE t WHERE a=1, b='x', id=7"),
    "unlike a row": ("DELETE FROM t WHERE (a, b) <> (1, 2)", "DELETE t WHERE a <> 1 OR b <> 2"),
    "rows": (
        sqlalchemy("DELETE FROM t WHERE (a, b) IN (VALUES (?, ?), (?, ?))", "(1, 2, 3, 4)"),
        "DELETE t WHERE (a=1, b=2) OR (a=3, b=4)",
    ),
    "no such rows": ("DELETE FROM t WHERE (a, b) NOT IN (VALUES (1, 2))", "DELETE t WHERE a <> 1 OR b <> 2"),
    "rows of a query": ("DELETE FROM t WHERE (a, b) IN (SELECT c, d FROM o)", f"DELETE t{WHERE}"),
    "a row of another length": ("DELETE FROM t WHERE (a, b) = (1, 2, 3)", f"DELETE t{WHERE}"),
    "a row that comes after": ("DELETE FROM t WHERE (a, b) > (1, 2)", f"DELETE t{WHERE}"),
    "a comparison of a comparison": ("DELETE FROM t WHERE (id = 7) = 0", f"DELETE t{WHERE}"),
    "another table's column": ("DELETE FROM t WHERE o.id = 7", f"DELETE t{WHERE}"),
    "a function": ("DELETE FROM t WHERE id = random()", f"DELETE t{WHERE}"),
    "LIKE": ("DELETE FROM t WHERE a LIKE 'x%' AND b = 1", "DELETE t WHERE a LIKE 'x%' AND b=1"),
    "NOT LIKE, with an ESCAPE": (
        sqlalchemy("DELETE FROM t WHERE a NOT LIKE ? ESCAPE '/'", "('x/_%',)"),
        "DELETE t WHERE a NOT LIKE 'x/_%' ESCAPE '/'",
    ),
    "GLOB": ("DELETE FROM t WHERE NOT a GLOB 'x*'", "DELETE t WHERE a NOT GLOB 'x*'"),
    "LIKE of a column": ("DELETE FROM t WHERE a LIKE b", f"DELETE t{WHERE}"),
    "LIKE of a sum": ("DELETE FROM t WHERE a LIKE 'x' || '%'", f"DELETE t{WHERE}"),
    "a text that is cut": ("DELETE FROM t WHERE id IN (7, 8, ...", f"DELETE t{WHERE}"),
    "a number that is cut": ("DELETE FROM t WHERE id = 12...", f"DELETE t{WHERE}"),
    "hidden parameters": ('DELETE FROM "T" WHERE "Id" = @p0 AND "v" = 1', f"DELETE T WHERE v=1{HIDDEN}"),
    "a comment": ("DELETE FROM t /*app:x*/ WHERE id = 7 /* c */ -- d", "DELETE t WHERE id=7"),
    "names in brackets": ("DELETE FROM main.[a b] WHERE ((([a b].[c d] = 'x''y')))", "DELETE a b WHERE c d='x''y'"),
    "names in quotes": ('delete from "a""b"', 'DELETE a"b'),
    "more text": ("DELETE FROM t WHERE id = 7\nmore text and id = 8", "DELETE t WHERE id=7"),
    "a call": ('cursor.execute("DELETE FROM t WHERE id = 7")', "DELETE t WHERE id=7"),
    "a rebuild": (
        'INSERT INTO "new__t" ("id", "a", "b") SELECT "id", t."c", coalesce("b", 0) FROM "t" WHERE "id" > 3',
        "INSERT new__t FROM t {'id': 'id', 'a': 'c'} WHERE id > 3",
    ),
    "a rebuild of all columns": ("INSERT INTO __new_t SELECT * FROM t;", "INSERT __new_t FROM t {}"),
    "a join": (
        "INSERT INTO x (a, b) SELECT t.a, u.b FROM t AS t JOIN u ON t.id = u.id",
        "INSERT x FROM t {} (it takes rows or values from several tables)",
    ),
    "prose": ("please update the settings", ""),
    "nothing": ("", ""),
}  # fmt: skip


@together
@pytest.mark.parametrize(("text", "expected"), READ.values(), ids=READ)
def test_a_statement_is_read_off_a_text(text: str, expected: str) -> None:
    at = text.find("FOREIGN KEY constraint failed")
    assert as_read(next(iter(find_statements(text, max(at, 0), parameters)), None)) == expected


def test_a_list_is_cut_outside_quotes_and_parentheses_only() -> None:
    assert split_list("a, 'b, c', f(1, 2), \"d,e\"") == ["a", "'b, c'", "f(1, 2)", '"d,e"']


# -- against SQLite -----------------------------------------------------------------------------------------------

VALUE = st.sampled_from(["1", "2", "'1'", "'b'", "'B'", "NULL", "1.5", '"b"', '"a"', "x'62'", "-1"])
COLUMN = st.sampled_from(["a", "b", "t.a", '"b"', "rowid", "u.a", "nope"])
TERM = st.one_of(
    st.builds("{} {} {}".format, COLUMN, st.sampled_from(["=", "<>", "<", ">=", "IS", "IS NOT", "=="]), VALUE),
    st.builds("{} {} {}".format, VALUE, st.sampled_from(["=", "<", ">="]), COLUMN),
    st.builds("{} {} ({}, {})".format, COLUMN, st.sampled_from(["IN", "NOT IN"]), VALUE, VALUE),
    st.builds("{} BETWEEN {} AND {}".format, COLUMN, VALUE, VALUE),
    st.builds("{} NOT BETWEEN {} AND {}".format, COLUMN, VALUE, VALUE),
    st.builds("{} {} {}".format, COLUMN, st.sampled_from(["LIKE", "NOT LIKE", "GLOB"]), VALUE),
    st.builds("(a, b) {} ({}, {})".format, st.sampled_from(["=", "<>", ">"]), VALUE, VALUE),
    st.builds("(b, a) {} (VALUES ({}, {}), (1, 'b'))".format, st.sampled_from(["IN", "NOT IN"]), VALUE, VALUE),
    st.builds("{} IN (SELECT a FROM u WHERE {} = {})".format, COLUMN, COLUMN, VALUE),
    st.builds("lower({}) = {}".format, COLUMN, VALUE),
    st.builds("{} = {} COLLATE NOCASE".format, COLUMN, VALUE),
    st.builds("{} = {} + 1".format, COLUMN, VALUE),
    st.builds("{} = {}".format, VALUE, VALUE),
    st.builds("CASE WHEN {} = {} AND {} = {} THEN 1 ELSE 0 END".format, COLUMN, VALUE, COLUMN, VALUE),
)
WHOLE = st.recursive(
    TERM,
    lambda inner: st.one_of(
        st.builds("{} AND {}".format, inner, inner),
        st.builds("{} OR {}".format, inner, inner),
        st.builds("({})".format, inner),
        st.builds("NOT {}".format, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(
        tmp_path_factory.mktemp("where") / "x.db",
        "CREATE TABLE t(a INTEGER, b TEXT COLLATE NOCASE); CREATE TABLE u(a, c);"
        "INSERT INTO t SELECT x, y FROM (SELECT 1 AS x UNION ALL VALUES (2), ('b'), (NULL), (-1), (x'62')),"
        " (SELECT 'b' AS y UNION ALL VALUES ('1'), ('B'), (NULL), (1.5));"
        "INSERT INTO u VALUES (1, 1), ('b', 2), (NULL, 'b');",
    )


@given(WHOLE)
@settings(max_examples=40, deadline=None)
def test_a_condition_leaves_no_row_out_that_the_statement_is_for(table: Path, condition: str) -> None:
    """What is understood is true of just the rows of the statement; what is not, of these and maybe others."""
    with reading(table) as opened:
        schema = read_schema(opened.connection)
        try:
            mine = set(opened.connection.execute(f"SELECT rowid FROM t WHERE {condition}"))
        except sqlite3.OperationalError:  # a column that is not there
            return
        (statement,) = find_statements(f"DELETE FROM t WHERE {condition}", 0, parameters)
        found = narrowed(statement.where, schema.table("t"), schema) if statement else None
        if found is None:
            return
        theirs = set(opened.connection.execute(f"SELECT rowid FROM t WHERE {found.sql}"))
        assert mine <= theirs
        if found.whole and not statement.unread:
            assert mine == theirs
