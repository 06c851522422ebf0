"""The table for people: what it says, how wide it is, and that nothing is cut off."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

import pytest
from formats import samples
from hypothesis import given, settings
from hypothesis import strategies as st
from support import together

from sqlfix.prose.format import FaultyRows, View, written
from sqlfix.text import cells, shown

VIEW = View()
FULL = """\
shop.sqlite3: 4 of 5 relationships are broken

relationship                    orphans  of rows  keys  ON DELETE  fix
------------------------------  -------  -------  ----  ---------  -------------
orders.customer_id →            204,920  300,000     5  CASCADE    delete-rows
  customers.id
book_author.book_id → books.id        7       40     2  CASCADE    delete-rows
  (join table, carries data)
lines.(order_id, order_year) →        3  300,000     1  SET NULL   set-null
  orders.(id, year)
log.user_id →                         -        -     -  NO ACTION  repair-schema
  auth_user__old.id

warning placeholder-values: 3 rows of lines refer by order_id, order_year to
  orders
  hint: look at orders

error missing-parent-table: 0 rows of log refer by user_id to auth_user__old
  hint: look at auth_user__old

Not checked:
  log.user_id: the parent table auth_user__old does not exist

4 of 5 relationships checked, 204,930 orphans in 3 of them, 1 other fault, 1
could not be checked.
"""
VERBOSE = """\
shop.sqlite3: 1 of 2 relationships is broken

relationship                                               orphans  of rows  keys  ON DELETE  fix
---------------------------------------------------------  -------  -------  ----  ---------  -----------
orders.customer_id -> customers.id constraint fk_customer  204,920  300,000     5  CASCADE    delete-rows
lines.(order_id, order_year) -> orders.(id, year)                0  300,000     -  SET NULL   -

error orphan-rows: 204920 rows of orders refer by customer_id to customers
  sample: id=1 (customer_id=99); id=2 (customer_id=98)

2 of 2 relationships checked, 204,920 orphans in 1 of them.
"""
NARROW = """\
shop.sqlite3: 1 of 1 relationship is
broken

orders.customer_id → customers.id
  orphans 204,920; of rows 300,000; keys
  5; ON DELETE CASCADE; fix delete-rows

1 of 1 relationship checked, 204,920
orphans in it.
"""
ROWS = """\
shop: faulty rows

orders.customer_id → customers.id: orphan-rows
  id=1 (customer_id=99)
  id=2 (customer_id=98)

lines.(order_id, order_year) → orders.(id, year): placeholder-values
  id=5 (order_id=0, order_year=0)
"""
PLAN = """\
shop.sqlite3: 5 fixes planned, rehearsed on a copy

  1. rebuild the indexes of authors [reindex, lossless]
  2. delete 1 row of orders: no parent in customers (customer_id) [delete-rows]
  3. delete 12 link rows of book_author: no parent in books (book_id); carries
     data beyond the link [delete-rows]
  4. delete 3 link rows of book_author: no parent in books (book_id); follows
     from the above [delete-rows]
  5. set 5 values of lines.order_id to NULL: they mean "none" [set-null]

table        before  after  deleted  changed  by triggers
-----------  ------  -----  -------  -------  -----------
orders        1,000  1,001        1        0           +2
book_author      40     25       15        0            -
lines           300    300        0        5            -

Left unchanged:
  missing-parent-table in log.user_id → auth_user__old.id: the schema is at
    fault
    hint: mend the declaration
  orphan-rows in orders.customer_id → customers.id, 2 rows: match a parent but
    for their spelling

5 fixes, 16 rows deleted, 5 rows changed, 2 rows added by the file's own
triggers, 2 findings left.
"""
APPLIED = """\
shop.sqlite3: 3 fixes applied

  1. rebuilt the indexes of authors [reindex, lossless]
  2. deleted 1 row of orders: no parent in customers (customer_id) [delete-rows]
  3. set 5 values of lines.order_id to NULL: they mean "none" [set-null]

table   before  after  deleted  changed
------  ------  -----  -------  -------
orders       9      8        1        0

3 fixes, 1 row deleted, nothing left.
Backup: shop.backup
"""
ONE = samples.report([samples.seen(samples.ORDERS, 204_920)], [samples.ORPHANS])
TWO = samples.report([samples.seen(samples.ORDERS, 204_920), samples.seen(samples.LINES)], [samples.ORPHANS])


@together
@pytest.mark.parametrize(
    ("report", "view", "expected"),
    [
        pytest.param(
            samples.NO_KEYS,
            VIEW,
            "shop.sqlite3: no faults found; there are no foreign keys to check\n",
            id="no foreign keys",
        ),
        pytest.param(
            samples.CLEAN,
            VIEW,
            "shop.sqlite3: no faults found\n\n2 of 2 relationships checked, nothing found.\n",
            id="nothing found",
        ),
        pytest.param(samples.FULL, VIEW, FULL, id="everything at once"),
        pytest.param(TWO, View(width=120, unicode=False, verbose=1), VERBOSE, id="verbose, wide, ASCII only"),
        pytest.param(ONE, View(width=40), NARROW, id="too narrow for a table"),
    ],
)
def test_report(report: samples.Report, view: View, expected: str) -> None:
    assert "".join(written("table", report, view)) == expected


@together
@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        pytest.param(written("table", FaultyRows("shop", ()), VIEW), "shop: no faulty rows\n", id="no rows"),
        pytest.param(written("table", FaultyRows("shop", samples.ROWS), VIEW), ROWS, id="rows of two relationships"),
        pytest.param(written("table", samples.NO_PLAN, VIEW), "shop.sqlite3: nothing to repair\n", id="an empty plan"),
        pytest.param(written("table", samples.FULL_PLAN, VIEW), PLAN, id="a plan of everything"),
        pytest.param(written("table", samples.APPLIED, VIEW), APPLIED, id="a plan that was carried out"),
    ],
)
def test_rows_and_plan(pieces: Iterable[str], expected: str) -> None:
    assert "".join(pieces) == expected


def on_screen(line: str) -> int:
    """The columns that a line takes: where tabulate finds wcwidth, it pads combining marks as the nothing they are."""
    return cells("".join(c for c in line if not unicodedata.category(c).startswith("M")))


@together
@pytest.mark.parametrize("width", [20, 40, 60, 80, 132])
@pytest.mark.parametrize("name", [pytest.param(name, id=what) for what, name in samples.HOSTILE.items()])
def test_nothing_passes_the_width(name: str, width: int) -> None:
    """But for a path: that is left whole, to be copied."""
    report, rows, plan = samples.hostile(name)
    report, plan = replace(report, database="a.db"), replace(plan, database="a.db", backup="b.db")
    for unicode in (True, False):
        view = View(width=width, unicode=unicode, verbose=1)
        for pieces in (
            written("table", report, view),
            written("table", FaultyRows("a.db", rows), view),
            written("table", plan, view),
        ):
            for line in "".join(pieces).split("\n"):
                assert on_screen(line) <= width


@settings(max_examples=100, deadline=None)
@given(name=st.text(st.characters(exclude_categories=()), max_size=80), width=st.integers(20, 100))
def test_no_name_at_all_passes_the_width(name: str, width: int) -> None:
    report, _, plan = samples.hostile(name)
    report, plan = replace(report, database="a.db"), replace(plan, database="a.db", backup="b.db")
    for pieces in (written("table", report, View(width=width)), written("table", plan, View(width=width))):
        assert all(on_screen(line) <= width for line in "".join(pieces).split("\n"))


def test_a_path_is_left_whole() -> None:
    path = f"/{'a-long-folder/' * 20}a.db"
    report = replace(samples.report([samples.seen(samples.ORDERS)]), database=path)
    plan = replace(samples.APPLIED, database=path, backup=f"{path}.backup")
    assert "".join(written("table", report, VIEW)).startswith(f"{path}:\n")
    said = "".join(written("table", plan, VIEW)).split("\n")
    assert said[0] == f"{path}:" and f"Backup: {path}.backup" in said


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("x" * 300, id="one long word"),
        pytest.param("order_items_of_" * 20, id="a long name with joints"),
        pytest.param("表" * 100, id="characters of two columns"),
    ],
)
def test_a_long_name_is_wrapped_and_whole(name: str) -> None:
    key = samples.foreign_key("t", (name,), "p", ("id",))
    report = samples.report([samples.seen(key, 5)], [samples.finding("orphan-rows", key, 5)])
    lines = "".join(written("table", report, VIEW)).split("\n")
    width = len(re.match("-+", lines[3])[0])
    column = [first_column(line, width) for line in lines[4 : lines.index("", 4)]]
    assert "".join(column).replace(" ", "") == f"t.{name}→p.id"


def first_column(line: str, width: int) -> str:
    end = next((end for end in range(len(line) + 1) if cells(line[:end]) >= width), len(line))
    return line[:end]


@pytest.mark.parametrize(
    ("report", "first"),
    [
        pytest.param(samples.CLEAN, "\x1b[32mshop.sqlite3: no faults found\x1b[0m\n", id="clean is green"),
        pytest.param(
            samples.NO_KEYS,
            "\x1b[1mshop.sqlite3: no faults found; there are no foreign keys to check\x1b[0m\n",
            id="nothing to check is not",
        ),
        pytest.param(samples.FULL, "\x1b[1mshop.sqlite3: 4 of 5 relationships are broken\x1b[0m\n", id="nor is broken"),
    ],
)
def test_colour(report: samples.Report, first: str) -> None:
    pieces = [*written("table", report, View(colour=True))]
    assert pieces[0] == first
    plain = re.sub(r"\x1b\[\d+m", "", "".join(pieces))
    assert plain == "".join(written("table", report, VIEW))


def test_severities_and_hints_are_coloured() -> None:
    text = "".join(written("table", samples.FULL, View(colour=True)))
    assert "\x1b[33mwarning\x1b[0m placeholder-values" in text
    assert "\x1b[31merror\x1b[0m missing-parent-table" in text
    assert "  \x1b[36mhint:\x1b[0m look at orders" in text


def test_without_an_index_that_is_sound_nothing_else_is_left_to_a_person() -> None:
    found = [
        samples.finding("orphan-rows", samples.ORDERS, 5),
        samples.finding("index-disagrees", samples.ORDERS, 9, fix="reindex"),
    ]
    text = "".join(written("table", samples.report([samples.seen(samples.ORDERS, 5)], found), View(width=120)))
    assert "CASCADE    reindex\n" in text


def test_orphans_that_match_but_for_their_spelling_have_words() -> None:
    near = samples.finding("orphan-rows", samples.ORDERS, 5, 1, facts={"spelling_matches": 2})
    text = "".join(written("table", samples.report([samples.seen(samples.ORDERS, 5)], [near]), VIEW))
    assert "error orphan-rows: 5 rows of orders" in text


def test_join_tables_are_listed_when_more_is_asked_for() -> None:
    report = samples.report([samples.seen(samples.BOOK)], join_tables=[samples.JOIN])
    assert "Join tables:\n  book_author joins books and authors, carries data\n" in "".join(
        written("table", report, View(verbose=1))
    )
    assert "book_author" not in "".join(written("table", report, VIEW))


def test_a_name_is_shown_with_its_escapes() -> None:
    text = "".join(written("table", samples.hostile("a\x1b[2J")[0], View(width=200)))
    assert shown("a\x1b[2J") in text
    assert "\x1b" not in text
