"""The SQL that checks and fixes share, held against SQLite itself: quoting, literals, defaults, affinities."""

from __future__ import annotations

import contextlib
import math
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import COLUMN_NAMES, TABLE_NAMES, VALUES, Stored, cases, fold, in_sql, quoted, values
from support import together

from sqlfix.model.schema import Column, Schema, Table
from sqlfix.model.values import NotUtf8, decode
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.literals import _CONTROLS, default_expression, literal, names, quote
from sqlfix.sql.predicates import affinity, free_name

pytestmark = pytest.mark.oracle

any_name = st.one_of(
    st.sampled_from([*TABLE_NAMES, *COLUMN_NAMES]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8),
)


@contextlib.contextmanager
def memory() -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.text_factory = decode
        yield connection


# -- literals -----------------------------------------------------------------------------------------------------


def same(one: Any, other: Any) -> bool:
    """Equal, of the same type, and of the same sign: SQLite stores -0.0 as 0.0 in a table, so that is left aside."""
    return type(one) is type(other) and one == other


@given(value=values())
def test_a_literal_reads_back_as_the_value_itself(value: Stored) -> None:
    with memory() as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute("INSERT INTO t VALUES (?)", (value,))
        connection.execute(f"INSERT INTO t VALUES ({literal(value)})")
        bound, written = connection.execute("SELECT typeof(a), a FROM t ORDER BY rowid").fetchall()
        assert bound[0] == written[0]
        assert same(bound[1], written[1])


@given(raw=st.one_of(st.binary(max_size=8), st.sampled_from([b"\xff", b"\xc3", b"a\x00\xff", b"'\xfe"])))
def test_text_that_is_not_utf8_reads_back_byte_for_byte(raw: bytes) -> None:
    text = decode(raw)
    assert isinstance(text, str) or text == NotUtf8(raw)
    with memory() as connection:
        kind, stored = connection.execute(
            f"SELECT typeof(a), CAST(a AS BLOB) FROM (SELECT {literal(text)} AS a)"
        ).fetchone()  # type: ignore[arg-type]
        assert (kind, stored) == ("text", raw)


@together
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_literal_of_an_odd_value_equals_what_was_bound(value: Stored) -> None:
    with memory() as connection:
        kind, identical = connection.execute(
            f"SELECT typeof({literal(value)}), {literal(value)} IS ?", (value,)
        ).fetchone()
        assert identical == 1
        assert kind == connection.execute("SELECT typeof(?)", (value,)).fetchone()[0]


def test_every_character_that_a_literal_writes_otherwise_is_taken_for_one() -> None:
    """Text without any is written as it stands, and Python says of it whether it has one."""
    acted_upon = [chr(code) for code in range(0x110000) if _CONTROLS.match(chr(code))]
    assert len(acted_upon) > 70
    assert [character for character in acted_upon if character in literal(f"a{character}b")] == []
    assert literal("it's") == "'it''s'"


def test_the_literals_of_infinities_are_infinite() -> None:
    with memory() as connection:
        assert connection.execute(f"SELECT {literal(math.inf)}, {literal(-math.inf)}").fetchone() == (
            math.inf,
            -math.inf,
        )


# -- names --------------------------------------------------------------------------------------------------------


@given(table=any_name, columns=st.lists(any_name, min_size=1, max_size=3, unique_by=fold))
def test_a_quoted_name_is_the_name(table: str, columns: list[str]) -> None:
    if fold(table).startswith("sqlite_"):
        return
    with memory() as connection:
        connection.execute(f"CREATE TABLE {quote(table)} ({names(columns)})")
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [(table,)]
        assert [row[1] for row in connection.execute(f"PRAGMA table_info({quote(table)})")] == columns
        connection.execute(f"INSERT INTO {quote(table)} ({names(columns)}) VALUES ({', '.join('1' for _ in columns)})")
        assert connection.execute(f"SELECT {names(columns, 'c')} FROM {quote(table)} AS c").fetchone() == (1,) * len(
            columns
        )


def test_a_free_name_is_the_name_of_no_table() -> None:
    schema = Schema((Table("Doomed", "table", ""), Table("doomed_", "view", "")))
    assert free_name(schema, "doomed") == "doomed__"
    assert free_name(schema, "link") == "link"


# -- defaults -----------------------------------------------------------------------------------------------------

words = st.sampled_from(
    ["ann", "Ann", "x1", "_x", "é", "a", "rowid", "TRUE", "false", "null", "NULL", "abort", "key", "integer"]
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=5)
ODD_DEFAULTS = (
    "+1", "-1", "+1.5", "- 1", "0x10", "1e3", "(1 + 1)", "(lower('A'))", "('a' || 'b')", "( 1 )", "(NULL)", "-x'31'",
    "-ann", "(1) -- one", "'a' /* b */", "[ann]", "`ann`", "`a``n`", "+'1'", "-'1'", "(-1)", "9223372036854775808",
    "1.", "[a[[b]", "(\"a\" || \"b\")", "(`a`)",
    "-9223372036854775808", "-9223372036854775809", "1e400", "- -1", "(\"ann\")", "('a') ", "ann ", "'ann' ",
    "TRUE", "true",
    '"a""b"', "\"a'b\"", "' '", '""', "''",
)  # fmt: skip
defaults = st.one_of(
    words,
    texts.map(lambda text: "'" + text.replace("'", "''") + "'"),
    texts.map(lambda text: '"' + text.replace('"', '""') + '"'),
    st.integers(-(2**63), 2**63 - 1).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.binary(max_size=4).map(lambda raw: f"x'{raw.hex()}'"),
    st.sampled_from(ODD_DEFAULTS),
)
TYPES = st.sampled_from(["", "INTEGER", "TEXT", "REAL", "NUMERIC", "BLOB"])


def check_default(default: str, kind: str) -> None:
    with memory() as connection:
        try:
            connection.execute(f"CREATE TABLE t (k INTEGER PRIMARY KEY, a {kind} DEFAULT {default}\n)")
            connection.execute("INSERT INTO t (k) VALUES (1)")
        except sqlite3.OperationalError:
            return  # no default at all
        table = read_schema(connection).table("t")
        assert table is not None
        connection.execute("INSERT INTO t VALUES (2, NULL)")
        connection.execute(f"UPDATE t SET a = {default_expression(table.columns[1])} WHERE k = 2")
        inserted, written = connection.execute("SELECT typeof(a), a FROM t ORDER BY k").fetchall()
        assert inserted[0] == written[0]
        assert same(inserted[1], written[1])


@given(default=defaults, kind=TYPES)
def test_the_expression_of_a_default_is_what_sqlite_inserts(default: str, kind: str) -> None:
    check_default(default, kind)


@together
@pytest.mark.parametrize("default", ODD_DEFAULTS)
@pytest.mark.parametrize("kind", ["", "TEXT"])
def test_the_expression_of_an_odd_default(default: str, kind: str) -> None:
    check_default(default, kind)


def test_a_column_without_a_default_has_null() -> None:
    assert default_expression(Column("a", "TEXT", False, None, 0)) == "(NULL)"


# -- affinities ---------------------------------------------------------------------------------------------------

PARTS = [
    "INT",
    "CHAR",
    "CLOB",
    "TEXT",
    "BLOB",
    "REAL",
    "FLOA",
    "DOUB",
    "NUMERIC",
    "DATE",
    "TIME",
    "BOOL",
    "UUID",
    "ANY",
]


@given(kind=st.lists(st.sampled_from(PARTS), max_size=3).map("".join), low=st.booleans())
def test_the_affinity_is_sqlites_own(kind: str, low: bool) -> None:
    kind = kind.lower() if low else kind
    probes = ["'1'", "1", "1.0", "'1.5'", "'1.0'", "x'31'", "'a'", "9007199254740993"]
    with memory() as connection:
        column = Column("a", kind, False, None, 0)
        connection.execute(f"CREATE TABLE declared (a {kind})")
        connection.execute(f"CREATE TABLE named (a {affinity(column)})")
        for table in ("declared", "named"):
            for probe in probes:
                connection.execute(f"INSERT INTO {table} VALUES ({probe})")
        rows = [
            connection.execute(f"SELECT typeof(a), quote(a) FROM {table} ORDER BY rowid").fetchall()
            for table in ("declared", "named")
        ]
        assert rows[0] == rows[1]


# -- what the schema reader says ----------------------------------------------------------------------------------


@given(case=cases(with_triggers=False))
def test_rows_are_told_apart_by_what_the_schema_calls_their_row_id(case: Any) -> None:
    with memory() as connection:
        for statement in case.statements():
            with contextlib.suppress(sqlite3.Error):
                connection.execute(statement)
        schema = read_schema(connection)
        for spec in case.tables:
            table = schema.table(spec.name)
            assert table is not None
            assert table.unreadable is None
            assert [c.name for c in table.columns] == [c.name for c in spec.columns]
            assert table.without_rowid == spec.without_rowid
            assert table.strict == spec.strict
            for column, declared in zip(table.columns, spec.columns, strict=True):
                assert column.generated == bool(declared.generated)
                assert fold(column.collation) == fold(declared.collation or "BINARY")
            if table.row_id:
                key = ", ".join(quoted(name) for name in table.row_id)
                every, distinct = connection.execute(
                    f"SELECT (SELECT count(*) FROM {quoted(spec.name)}),"
                    f" (SELECT count(*) FROM (SELECT DISTINCT {key} FROM {quoted(spec.name)}))"
                ).fetchone()
                assert every == distinct
            else:
                assert {"rowid", "_rowid_", "oid"} <= {fold(c.name) for c in spec.columns}


def test_the_tests_own_literals_are_right() -> None:
    with memory() as connection:
        for value in VALUES:
            assert connection.execute(f"SELECT {in_sql(value)} IS ?", (value,)).fetchone() == (1,)
