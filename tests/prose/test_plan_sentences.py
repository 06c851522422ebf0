"""The sentences about a plan."""

from __future__ import annotations

import pytest
from formats import samples
from support import together

from sqlfix.model.plans import Plan, TableTotal
from sqlfix.prose.plan import deed, plan_closing, plan_headline


@together
@pytest.mark.parametrize(
    ("fix", "expected"),
    [
        pytest.param(samples.DELETE, "delete 1 row of orders: no parent in customers (customer_id)", id="one row"),
        pytest.param(
            samples.DELETE_LINKS,
            "delete 12 link rows of book_author: no parent in books (book_id); carries data beyond the link",
            id="link rows with data",
        ),
        pytest.param(
            samples.FOLLOWS,
            "delete 3 link rows of book_author: no parent in books (book_id); follows from the above",
            id="a consequence",
        ),
        pytest.param(samples.SET_NULL, 'set 5 values of lines.order_id to NULL: they mean "none"', id="values"),
        pytest.param(
            samples.UPDATE,
            "set 2 values of orders.customer_id to 17: no parent in customers",
            id="a value that was named",
        ),
        pytest.param(samples.REINDEX, "rebuild the indexes of authors", id="an index"),
        pytest.param(
            samples.fix("relink", samples.ORDERS, 2, loss=samples.Loss.NOTHING, why="'7 ' is 7"),
            "set 2 values of orders.customer_id to the key of their parent in customers: '7 ' is 7",
            id="a link that comes back",
        ),
        pytest.param(
            samples.fix("align", samples.ORDERS, 2, loss=samples.Loss.NOTHING),
            "align 2 rows of orders.customer_id → customers.id",
            id="a fix without words of its own",
        ),
        pytest.param(
            samples.fix("empty", samples.ORDERS, 2, loss=samples.Loss.NOTHING, value="''", why="they are blank"),
            "set 2 values of orders.customer_id to '': they are blank",
            id="a fix without words of its own that writes a value",
        ),
    ],
)
def test_deed(fix: samples.Fix, expected: str) -> None:
    assert deed(fix) == expected


@pytest.mark.parametrize(
    ("fix", "expected"),
    [
        pytest.param(samples.DELETE, "deleted 1 row of orders: no parent in customers (customer_id)", id="a row"),
        pytest.param(samples.SET_NULL, 'set 5 values of lines.order_id to NULL: they mean "none"', id="values"),
        pytest.param(samples.REINDEX, "rebuilt the indexes of authors", id="an index"),
    ],
)
def test_deed_when_done(fix: samples.Fix, expected: str) -> None:
    assert deed(fix, done=True) == expected


@together
@pytest.mark.parametrize(
    ("plan", "headline", "closing"),
    [
        pytest.param(samples.NO_PLAN, "nothing to repair", "Nothing planned, nothing left.", id="nothing"),
        pytest.param(
            samples.ONLY_LEFT,
            "nothing can be repaired as it stands",
            "Nothing planned, 1 finding left.",
            id="only left",
        ),
        pytest.param(
            Plan("shop.sqlite3", (samples.DELETE,), (), (TableTotal("orders", 9, 1, 0, -2),), ()),
            "1 fix planned",
            "1 fix, 1 row deleted, 2 rows removed by the file's own triggers, nothing left.",
            id="one fix",
        ),
        pytest.param(
            samples.APPLIED,
            "3 fixes applied",
            "3 fixes, 1 row deleted, nothing left.",
            id="a plan that was carried out",
        ),
        pytest.param(
            samples.FULL_PLAN,
            "5 fixes planned, rehearsed on a copy",
            "5 fixes, 16 rows deleted, 5 rows changed, 2 rows added by the file's own triggers, 2 findings left.",
            id="everything at once",
        ),
    ],
)
def test_plan_sentences(plan: Plan, headline: str, closing: str) -> None:
    assert plan_headline(plan) == f"shop.sqlite3: {headline}"
    assert plan_closing(plan) == closing
