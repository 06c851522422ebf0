"""A template says in SQL what Python's format makes of it, or is refused."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import together

from sqlfix.errors import Refused
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.templates import Template, read_template

TABLE = 'CREATE TABLE t (name TEXT, id INTEGER, "a.b" TEXT, "x y" TEXT, n NUMERIC)'


def template(text: str) -> Template:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(TABLE)
        return read_template(text, read_schema(connection).known_table("t"), "--set")


PIECES = st.one_of(
    st.sampled_from(["", "{{", "}}", " ", "'", "x", "ä", "-", "{name}", "{id}", "{x y}"]),
    st.builds(
        "{{name:{}{}{}{}{}}}".format,
        st.sampled_from(["", "*", "'", "ü", "}}"[:0]]),
        st.sampled_from(["<", ">", "^"]),
        st.sampled_from(["", "1", "4", "9"]),
        st.sampled_from(["", ".0", ".2", ".12"]),
        st.sampled_from(["", "s"]),
    ),
    st.builds(
        "{{id:{}{}{}{}}}".format,
        st.sampled_from(["", "<", ">", "^", "*>", "0=", "x="]),
        st.sampled_from(["", "0", "-"]),
        st.sampled_from(["", "1", "5", "12"]),
        st.sampled_from(["", "d"]),
    ),
)


@settings(max_examples=300)
@given(
    pieces=st.lists(PIECES, max_size=5),
    name=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
    number=st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-200, 200)),
)
def test_sql_says_what_python_says(pieces: list[str], name: str, number: int) -> None:
    text = "".join(pieces)
    values = {"name": name, "id": number, "x y": "x'y"}
    try:
        expected = text.format(**values)
    except ValueError:
        expected = None
    try:
        made = template(text)
    except Refused:
        assert expected is None, f"{text} is refused"
        return
    assert expected is not None, f"{text} is taken"
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(TABLE)
        connection.execute('INSERT INTO t (name, id, "x y") VALUES (?, ?, ?)', (name, number, "x'y"))
        said = connection.execute(f"SELECT {made.base()} FROM t AS c").fetchone()[0]
    assert said + made.ending == expected


@together
@pytest.mark.parametrize(
    ("text", "ending", "separator", "constant", "alone"),
    [
        ("{name} Admin", " Admin", " ", None, None),
        ("{name}", "", " ", None, "name"),
        ("{NAME}", "", " ", None, "name"),
        ("{a.b}", "", " ", None, "a.b"),
        ("{name:.5}", "", " ", None, None),
        ("({name})", "", "-", None, None),
        ("{name}@x.org", "@x.org", "-", None, None),
        ("{name} {{x}}", " {x}", " ", None, None),
        ("{name} ({id})", "", " ", None, None),
        ("all", "", " ", "all", None),
        ("", "", " ", "", None),
        ("{{name}}", "", " ", "{name}", None),
    ],
)
def test_where_a_number_goes(text: str, ending: str, separator: str, constant: str | None, alone: str | None) -> None:
    made = template(text)
    assert (made.ending, made.separator, made.constant) == (ending, separator, constant)
    assert (made.alone.column if made.alone else None) == alone


@together
@pytest.mark.parametrize(
    "text",
    ["{nam}", "{}", "{0}", "{name", "name}", "{name.x}", "{name[1]}", "{name!r}", "{name!s:5}", "{name:d}x{", "{id:x}",
     "{id:+}", "{id: }", "{id:,}", "{id:_}", "{id:.1}", "{id:#x}", "{id:z}", "{name:=5}", "{name:05}", "{name:-}",
     "{name:f}", "{id:e}", "{n:.2f}", "{id:%}", "{name:1001}", "{name:{id}}", "{name:<<<}", "{name:c}"],
)  # fmt: skip
def test_what_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        template(text)
