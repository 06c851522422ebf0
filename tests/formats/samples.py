"""Reports, rows and plans for the tests of the formats, ordinary and hostile."""

from __future__ import annotations

from sqlfix.model.findings import FaultyRow, Finding, NotChecked, Relationship, Report, Row
from sqlfix.model.plans import Fix, Left, Plan, TableTotal
from sqlfix.model.schema import ForeignKey, JoinTable, KeyFault
from sqlfix.model.values import Applicability, Loss, NotUtf8, Severity, Value

HOSTILE = {
    "terminal escape": "\x1b[2J\x1b]0;title\x07",
    "eight-bit escape": "\x9b31m",
    "new line": "a\nb\r\nc",
    "line separators": "a\u2028b\u2029c\x85d",
    "NUL": "a\0b",
    "tab": "\ta",
    "right-to-left override": "a\u202eb\u2066c\u200f",
    "zero width": "a\u200bb\ufeffc\u2060",
    "variation selector": "a\ufe0fb",
    "lone surrogate": "a\udc80b",
    "unassigned": "a\U000e0fffb\u0378",
    "pipe": "a|b||c",
    "backslash pipe": "a\\|b\\",
    "HTML": "<script>alert('x')</script>&amp;",
    "Markdown": "`x` *y* [z](http://example.org) ![i](u) # h _u_ ~~s~~",
    "link": "https://example.org www.example.org",
    "formula": "=cmd()|' /C calc'!A0",
    "full-width formula": "＝1+1",
    "plus": "+1",
    "minus": "-1",
    "at": "@SUM(1)",
    "semicolon": "a;=1+1",
    "quotes": "a\"b'c,d",
    "emoji": "😀👩‍👩‍👧",
    "300 characters": "x" * 300,
    "300 CJK characters": "表" * 300,
    "CJK with blanks": "顧客 " * 20,
    "combining marks": "e\u0301" * 30,
    "blanks": "  ",
    "empty": "",
    "a comma and a dot": "a,b.c",
}
"""Names that a table or column can really have, by what is bad about them."""

VALUES: dict[str, Value] = {
    "null": None,
    "integer": 7,
    "integer beyond 2**53": 2**63 - 1,
    "real": 1.5,
    "infinity": float("inf"),
    "negative infinity": float("-inf"),
    "text": "O'Brien",
    "long text": "y" * 100,
    "blob": bytes(range(40)),
    "not UTF-8": NotUtf8(b"caf\xe9"),
    "surrogate": "\udcff",
    "hostile": "\x1b[31m\n|<b>",
}


def foreign_key(
    child: str, columns: tuple[str, ...], parent: str, parent_columns: tuple[str, ...], **more
) -> ForeignKey:
    return ForeignKey(
        child, columns, parent, parent_columns, **{"on_delete": "NO ACTION", "on_update": "NO ACTION", **more}
    )


ORDERS = foreign_key("orders", ("customer_id",), "customers", ("id",), on_delete="CASCADE", constraint="fk_customer")
BOOK = foreign_key("book_author", ("book_id",), "books", ("id",), on_delete="CASCADE")
AUTHOR = foreign_key("book_author", ("author_id",), "authors", ("id",), on_delete="CASCADE")
LINES = foreign_key(
    "lines", ("order_id", "order_year"), "orders", ("id", "year"), on_delete="SET NULL", deferrable=True
)
STALE = foreign_key(
    "log", ("user_id",), "auth_user__old", ("id",), fault=KeyFault("missing-parent-table", names=("auth_user",))
)
JOIN = JoinTable("book_author", BOOK, AUTHOR, carries_data=True)


def row(key: int, column: str, value: Value) -> Row:
    return Row((("id", key),), ((column, value),))


def finding(check: str, key: ForeignKey, count: int = 0, distinct: int = 0, **more) -> Finding:
    return Finding(check, more.pop("severity", Severity.ERROR), *key.subject, count=count, distinct=distinct, **more)


ORPHANS = finding(
    "orphan-rows", ORDERS, 204_920, 5, sample=(row(1, "customer_id", 99), row(2, "customer_id", 98)), fix="delete-rows",
    facts={"spelling_matches": 0},
)  # fmt: skip
LINK_ORPHANS = finding("orphan-rows", BOOK, 7, 2, fix="delete-rows")
MISSING = finding("missing-parent-table", STALE, facts={"renamed": "auth_user"})
PLACEHOLDERS = finding(
    "placeholder-values", LINES, 3, 1, severity=Severity.WARNING, fix="set-null",
    sample=(Row((("id", 5),), (("order_id", 0), ("order_year", 0))),),
)  # fmt: skip


def report(relationships=(), findings=(), not_checked=(), join_tables=(), database="shop.sqlite3") -> Report:
    return Report(database, tuple(relationships), tuple(join_tables), tuple(findings), tuple(not_checked))


def seen(key: ForeignKey, orphans: int | None = 0, rows: int | None = 300_000, **more) -> Relationship:
    return Relationship(key, **{"checked": True, "rows": rows, "orphans": orphans, **more})


UNCHECKED = seen(STALE, None, None, checked=False, reason="the parent table auth_user__old does not exist")

NO_KEYS = report()
CLEAN = report([seen(ORDERS), seen(LINES)])
FULL = report(
    [seen(ORDERS, 204_920), seen(BOOK, 7, 40), seen(AUTHOR, 0, 40), seen(LINES, 3), UNCHECKED],
    [ORPHANS, LINK_ORPHANS, PLACEHOLDERS, MISSING],
    [NotChecked("log.user_id", "the parent table auth_user__old does not exist")],
    [JOIN],
)

ROWS = (
    FaultyRow("orphan-rows", ORDERS.subject, row(1, "customer_id", 99)),
    FaultyRow("orphan-rows", ORDERS.subject, row(2, "customer_id", 98)),
    FaultyRow("placeholder-values", LINES.subject, Row((("id", 5),), (("order_id", 0), ("order_year", 0)))),
)


def fix(name: str, key: ForeignKey, rows: int, **more) -> Fix:
    given = {
        "checks": ("orphan-rows",),
        "applicability": Applicability.DECLARED,
        "loss": Loss.ROWS,
        "statements": ('DELETE FROM "orders" WHERE 1',),
        "kind": {"delete-rows": "delete", "reindex": "reindex"}.get(name, "update"),
        **more,
    }
    return Fix(name, *key.subject, rows=rows, **given)


DELETE = fix("delete-rows", ORDERS, 1)
DELETE_LINKS = fix("delete-rows", BOOK, 12, link_rows=True, carries_data=True)
FOLLOWS = fix("delete-rows", BOOK, 3, checks=(), link_rows=True)
SET_NULL = fix(
    "set-null", LINES, 5, checks=("placeholder-values",), applicability=Applicability.CHOICE, loss=Loss.VALUES,
    written=("order_id",),
)  # fmt: skip
UPDATE = fix("update", ORDERS, 2, loss=Loss.VALUES, value="17", written=("customer_id",))
REINDEX = fix(
    "reindex", AUTHOR, 0, checks=("index-disagrees",), applicability=Applicability.LOSSLESS, loss=Loss.NOTHING
)
LEFT = Left("missing-parent-table", *STALE.subject, 0, "the schema is at fault", "mend the declaration")
LEFT_ROWS = Left("orphan-rows", *ORDERS.subject, 2, "match a parent but for their spelling")

NO_PLAN = Plan("shop.sqlite3", (), (), (), ())
ONLY_LEFT = Plan("shop.sqlite3", (), (LEFT,), (), ())
FULL_PLAN = Plan(
    "shop.sqlite3",
    (REINDEX, DELETE, DELETE_LINKS, FOLLOWS, SET_NULL),
    (LEFT, LEFT_ROWS),
    (TableTotal("orders", 1000, 1, 0, 2), TableTotal("book_author", 40, 15, 0), TableTotal("lines", 300, 0, 5)),
    (),
    rehearsed=True,
)

APPLIED = Plan(
    "shop.sqlite3",
    (REINDEX, DELETE, SET_NULL),
    (),
    (TableTotal("orders", 9, 1, 0),),
    (),
    applied=True,
    backup="shop.backup",
)


def hostile(name: str) -> tuple[Report, tuple[FaultyRow, ...], Plan]:
    """A report, its rows and a plan in which every name and text is ``name``."""
    key = foreign_key(name, (name, name + "2"), name, (name, name + "2"), constraint=name)
    one = Row(((name, name),), ((name, name), (name + "2", VALUES["hostile"])))
    found = [
        finding(check, key, 3, 1, sample=(one,), facts={name: name}, fix=None)
        for check in ("orphan-rows", "placeholder-values")
    ]
    wrong = NotChecked(name, name)
    join = JoinTable(name, key, key, True)
    plan = Plan(
        name,
        (
            fix("delete-rows", key, 2, carries_data=True, statements=(name,)),
            fix("set-null", key, 2, loss=Loss.VALUES, written=(name,)),
            fix("update", key, 2, loss=Loss.VALUES, value=name),
            fix("reindex", key, 0, loss=Loss.NOTHING),
            fix("relink", key, 2, loss=Loss.NOTHING),
        ),
        (Left("orphan-rows", *key.subject, 3, name, name),),
        (TableTotal(name, 10, 2, 2, -1),),
        (),
        backup=name,
    )
    return report([seen(key, 6)], found, [wrong], [join], name), (FaultyRow("orphan-rows", key.subject, one),), plan
