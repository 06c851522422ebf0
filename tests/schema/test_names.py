"""What a name means that was typed: the same in every command."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support import build, contents, sqlfix

from sqlfix.errors import Refused
from sqlfix.model.schema import Schema
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.names import columns_named, names_columns, names_within, place_named, require_table, typed_place

SQL = """
CREATE TABLE p (id INTEGER PRIMARY KEY, m, n, UNIQUE (m, n)); INSERT INTO p VALUES (1, 1, 1);
CREATE TABLE "Order Items" (id INTEGER PRIMARY KEY, P_id NOT NULL REFERENCES p, "a,b" REFERENCES p, c, d,
    FOREIGN KEY (c, d) REFERENCES p (m, n));
INSERT INTO "Order Items" VALUES (1, 1, 1, 1, 1), (2, 7, 1, 1, 1), (3, 7, 1, 1, 1);
CREATE TABLE "x.y" (z REFERENCES p, w); CREATE TABLE x (y REFERENCES p, "y.z" REFERENCES p);
INSERT INTO "x.y" VALUES (8, 1); INSERT INTO x VALUES (9, 9);
CREATE VIEW v AS SELECT 1 AS one;
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Names with blanks, dots and commas in them."""
    return build(tmp_path_factory.mktemp("names") / "shop.db", SQL)


@pytest.fixture(scope="module")
def schema(shop: Path) -> Schema:
    """The same as a schema."""
    with closing(sqlite3.connect(shop)) as connection:
        return read_schema(connection)


@pytest.mark.parametrize(
    ("text", "table", "columns"),
    [
        ("order items", "Order Items", ()),
        ('"ORDER items"', "Order Items", ()),
        ("order items.p_ID", "Order Items", ("P_id",)),
        ('"order items".p_id', "Order Items", ("P_id",)),
        ("[order items].`p_id`", "Order Items", ("P_id",)),
        ("order items.a,b", "Order Items", ("a,b",)),
        ('"order items"."a,b"', "Order Items", ("a,b",)),
        ("order items.c , d", "Order Items", ("c", "d")),
        ('"order items" . c, "D"', "Order Items", ("c", "d")),
        ("order items.d,c", "Order Items", ("d", "c")),
        ("x.y.w", "x.y", ("w",)),
        ('"x.y".z', "x.y", ("z",)),
        ('x."y.z"', "x", ("y.z",)),
        ("v", "v", ()),
    ],
)
def test_what_a_text_means(schema: Schema, text: str, table: str, columns: tuple[str, ...]) -> None:
    place = place_named(schema, text, "it")
    assert place is not None
    assert (place[0].name, place[1]) == (table, columns)
    assert names_within(text, table)
    assert not columns or names_columns(text, table, columns)
    named = columns_named(schema, text, "it")
    assert named == (place if columns and table != "v" else None)


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "orderitems", "order items.", "order items.c,", "order items.c,e", '"order items.c"', '"order items',
        '"order items".c d', '"order items",c', "'", '"x"."y"."z"', "order items.c.d", '"".""',"p.id\n", "v.one",
    ],
)  # fmt: skip
def test_what_names_nothing(schema: Schema, text: str) -> None:
    assert place_named(schema, text, "it") is None


@pytest.mark.parametrize("text", ["x.y.z", "X.Y.Z"])
def test_what_can_mean_several_things_is_refused(schema: Schema, text: str) -> None:
    for named in (place_named, columns_named):
        with pytest.raises(Refused, match=r'it .* can mean "x.y"."z" or "x"."y.z"'):
            named(schema, text, "it")
    with pytest.raises(Refused, match=r'can mean "x.y" or "x"."y"'):
        place_named(schema, "x.y", "it")
    place = columns_named(schema, "x.y", "it")  # no option that takes columns means a table
    assert place is not None
    assert (place[0].name, place[1]) == ("x", ("y",))


def test_a_name_that_holds_its_quotes_is_not_mixed_up_with_another(tmp_path: Path) -> None:
    sql = """CREATE TABLE a (x); CREATE TABLE "\""a"\""(x); CREATE TABLE "[b]" (x);"""
    with closing(sqlite3.connect(build(tmp_path / "q.db", sql))) as connection:
        schema = read_schema(connection)
    assert [require_table(schema, text).name for text in ("a", '"""a"""', "[b]")] == ["a", '"a"', "[b]"]
    with pytest.raises(Refused, match="can mean"):
        require_table(schema, '"a"')


# -- the same in every command ------------------------------------------------------------------------------------

COLUMN = ["order items.p_id", "ORDER ITEMS.P_ID", '"order items".p_id', "[Order Items].[P_id]"]
ASKED = {
    "scan --select": lambda name: ("scan", "--select", name),
    "scan --ignore": lambda name: ("scan", "--ignore", name),
    "scan --unique": lambda name: ("scan", "--unique", name),
    "repair --select": lambda name: ("repair", "--dry-run", "--select", name),
    "repair --set": lambda name: ("repair", "--dry-run", "--set", f"{name}=delete"),
    "repair --merge": lambda name: ("repair", "--dry-run", "--merge", name),
    "export-sql --set": lambda name: ("export-sql", "--set", f"{name}=update:1"),
}


@pytest.mark.parametrize("asked", ASKED)
def test_each_way_to_write_a_column_is_the_same_to_each_option(shop: Path, asked: str) -> None:
    command, *options = ASKED[asked]("order items.P_id")
    usual = sqlfix(command, shop, *options)
    assert usual.code in (0, 1)
    assert usual.out
    for name in COLUMN:
        command, *options = ASKED[asked](name)
        ran = sqlfix(command, shop, *options)
        assert (ran.code, ran.out.replace(name, "order items.P_id")) == (usual.code, usual.out)


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    ("name", "said"),
    [("x.y.z", 'can mean "x.y"."z" or "x"."y.z"'), ("ORDER ITEM.P_IDS", "did you mean Order Items.P_id")],
)
def test_what_is_not_clear_is_refused_by_each_option(shop: Path, asked: str, name: str, said: str) -> None:
    command, *options = ASKED[asked](name)
    ran = sqlfix(command, shop, *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize("table", ["order items", "ORDER ITEMS", '"order items"', "[Order Items]"])
def test_each_way_to_write_a_table_is_the_same(shop: Path, table: str) -> None:
    why = ("why", shop, "--format", "json")
    assert sqlfix(*why, table, "2").out == sqlfix(*why, "Order Items", "2").out
    scan = ("scan", shop, "--format", "json", "--select")
    assert sqlfix(*scan, table).out == sqlfix(*scan, "Order Items").out
    assert "did you mean Order Items" in sqlfix("why", shop, "ORDERITEMS", "2").err
    assert "did you mean Order Items" in sqlfix("scan", shop, "--select", "ORDERITEMS").err


def test_a_choice_is_for_the_column_that_is_named_alone(tmp_path: Path) -> None:
    """A table is called as the other one's column is written."""
    path = build(tmp_path / "a.db", SQL)
    assert sqlfix("repair", "--yes", "--no-backup", path, "--set", "x.y=delete", "--set", '"x"."y.z"=keep').code == 0
    left = contents(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM x").fetchall() == [], left
        assert connection.execute('SELECT * FROM "x.y"').fetchall() == [(None, 1)]


@pytest.mark.parametrize(
    ("table", "column", "typed"),
    [("t", "a b", "t.a b"), ("-t", "a", '"-t"."a"'), ("--help", "a,b", '"--help"."a,b"'), ("t-", "-a", "t-.-a")],
)
def test_a_place_is_typed_so_that_no_option_is_read(tmp_path: Path, table: str, column: str, typed: str) -> None:
    path = build(tmp_path / "x.db", f'CREATE TABLE "{table}" ("{column}")')
    with closing(sqlite3.connect(path)) as connection:
        assert typed_place(read_schema(connection), table, (column,)) == typed
