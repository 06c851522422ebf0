"""Names, values and sentences as people see them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from formats import samples
from hypothesis import given
from hypothesis import strategies as st

from sqlfix.model.findings import Finding, NotChecked
from sqlfix.model.plans import Plan, TableTotal
from sqlfix.model.values import NotUtf8, Severity
from sqlfix.prose import report as display
from sqlfix.prose.plan import deed, plan_closing, plan_headline
from sqlfix.text import cells, json_value, plural, shown, shown_value, wrapped


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("orders", "orders", id="a plain name"),
        pytest.param("Größe 顧客 😀", "Größe 顧客 😀", id="letters beyond ASCII"),
        pytest.param("a\\b", "a\\b", id="a backslash alone"),
        pytest.param("a\\b\n", r"a\\b\n", id="a backslash beside an escape"),
        pytest.param("\x1b[31m", r"\x1b[31m", id="a terminal escape"),
        pytest.param("\x9b\x7f\x00", r"\x9b\x7f\x00", id="C1, DEL and NUL"),
        pytest.param("\t\r\n", r"\t\r\n", id="tab, carriage return, new line"),
        pytest.param("\u2028\u2029\x85", r"\u2028\u2029\x85", id="line separators"),
        pytest.param("\u200e\u200f\u202a\u202e\u2066\u2069", r"\u200e\u200f\u202a\u202e\u2066\u2069", id="bidi"),
        pytest.param("\u200b\u200d\ufeff\ufe0f", r"\u200b\u200d\ufeff\ufe0f", id="invisible"),
        pytest.param("\udc80", r"\udc80", id="a lone surrogate"),
        pytest.param("\U000e0001\U000fffff", r"\U000e0001\U000fffff", id="tags and private use"),
        pytest.param("a\xa0b", r"a\xa0b", id="a blank that does not break"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_shown(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_shown_in_ascii_only() -> None:
    assert shown("Größe 😀", unicode=False) == r"Gr\xf6\xdfe \U0001f600"


@given(st.text(st.characters(exclude_categories=())), st.booleans())
def test_shown_is_one_printable_line_and_final(text: str, unicode: bool) -> None:
    once = shown(text, unicode)
    assert once.isprintable()
    assert once.isascii() or unicode
    assert once.encode().decode() == once
    assert shown(once, unicode) == once


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, "NULL", id="NULL"),
        pytest.param(-7, "-7", id="an integer"),
        pytest.param(2**63 - 1, "9223372036854775807", id="the largest integer"),
        pytest.param(1.0, "1.0", id="a real that is whole"),
        pytest.param(float("-inf"), "-inf", id="infinity"),
        pytest.param("O'Brien", "'O''Brien'", id="text with a quote"),
        pytest.param("", "''", id="empty text"),
        pytest.param("x" * 41, f"'{'x' * 40}'…", id="long text"),
        pytest.param("a\n", r"'a\n'", id="text with a new line"),
        pytest.param(b"\x00\xff", "x'00ff'", id="a blob"),
        pytest.param(bytes(17), f"x'{'00' * 16}'…", id="a long blob"),
        pytest.param(NotUtf8(b"\xe9"), "x'e9' (text, not UTF-8)", id="text that is not UTF-8"),
    ],
)
def test_shown_value(value: samples.Value, expected: str) -> None:
    assert shown_value(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, "null", id="NULL"),
        pytest.param(2**63 - 1, "9223372036854775807", id="an integer beyond 2**53"),
        pytest.param(1.0, "1.0", id="a real that is whole"),
        pytest.param(float("inf"), '{"real": "inf"}', id="infinity"),
        pytest.param(float("-inf"), '{"real": "-inf"}', id="negative infinity"),
        pytest.param("\udc80", '"\\udc80"', id="a lone surrogate"),
        pytest.param(b"\x00\xff", '{"blob": "00ff"}', id="a blob"),
        pytest.param(NotUtf8(b"\xe9"), '{"text_hex": "e9"}', id="text that is not UTF-8"),
    ],
)
def test_json_value(value: samples.Value, expected: str) -> None:
    assert json.dumps(json_value(value), allow_nan=False) == expected


@pytest.mark.parametrize(
    ("ends", "unicode", "expected"),
    [
        pytest.param(("o", ("c_id",), "c", ("id",)), True, "o.c_id → c.id", id="one column"),
        pytest.param(("t", ("a", "b"), "p", ("x", "y")), True, "t.(a, b) → p.(x, y)", id="two columns"),
        pytest.param(("o", ("c_id",), "c", ("id",)), False, "o.c_id -> c.id", id="ASCII only"),
        pytest.param(("o", ("c_id",), "c", ()), True, "o.c_id → c", id="no parent columns known"),
        pytest.param(("", (" a",), "p\n", ("id",)), True, r'""." a" → p\n.id', id="names that hide"),
    ],
)
def test_relationship(ends: display.Subject, unicode: bool, expected: str) -> None:
    assert display.relationship(*ends, unicode=unicode) == expected


@pytest.mark.parametrize(
    ("number", "noun", "many", "expected"),
    [
        pytest.param(0, "row", None, "0 rows", id="none"),
        pytest.param(1, "row", None, "1 row", id="one"),
        pytest.param(204_927, "row", None, "204,927 rows", id="many"),
        pytest.param(2, "fix", "fixes", "2 fixes", id="a plural of its own"),
    ],
)
def test_plural(number: int, noun: str, many: str | None, expected: str) -> None:
    assert plural(number, noun, many) == expected


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        pytest.param("a bc def", 5, ["> a", ". bc", ". def"], id="at blanks"),
        pytest.param("abcdefghij", 6, ["> abcd", ". efgh", ". ij"], id="inside a long word"),
        pytest.param("order_items.id", 12, ["> order_", ". items.id"], id="at a joint of a name"),
        pytest.param("顧客顧", 6, ["> 顧客", ". 顧"], id="characters of two columns"),
        pytest.param("", 6, ["> "], id="nothing"),
    ],
)
def test_wrapped(text: str, width: int, expected: list[str]) -> None:
    assert list(wrapped(text, width, "> ", ". ")) == expected


def test_a_path_is_left_whole() -> None:
    lines = list(wrapped("in /a/long/path: no faults", 8, "> ", ". ", whole=True))
    assert lines == ["> in", ". /a/long/path:", ". no", ". faults"]


@given(st.text(), st.integers(8, 40))
def test_wrapped_keeps_all_and_passes_no_width(text: str, width: int) -> None:
    lines = list(wrapped(shown(text), width))
    assert all(cells(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == shown(text).replace(" ", "")


GONE = NotChecked("views", "SQLite cannot describe it")
WITHIN = Finding("invalid-dates", Severity.WARNING, "person", ("born",), None, (), count=2)


@pytest.mark.parametrize(
    ("report", "headline", "closing"),
    [
        pytest.param(
            samples.NO_KEYS,
            "no faults found; there are no foreign keys to check",
            "No foreign keys to check.",
            id="no foreign keys",
        ),
        pytest.param(
            samples.report(not_checked=[GONE]),
            "no faults found in what could be checked",
            "No foreign keys to check, 1 thing could not be checked.",
            id="no foreign keys, but something unreadable",
        ),
        pytest.param(
            replace(samples.NO_KEYS, beyond=3),
            "no faults found; no foreign keys are in scope",
            "No foreign keys in scope.",
            id="no foreign keys in scope",
        ),
        pytest.param(
            samples.CLEAN, "no faults found", "2 of 2 relationships checked, nothing found.", id="nothing found"
        ),
        pytest.param(
            samples.report([samples.seen(samples.ORDERS)]),
            "no faults found",
            "1 of 1 relationship checked, nothing found.",
            id="nothing found in one",
        ),
        pytest.param(
            samples.report([samples.seen(samples.ORDERS), samples.UNCHECKED]),
            "no faults found in what could be checked",
            "1 of 2 relationships checked, nothing found, 1 could not be checked.",
            id="nothing found, one unchecked and not listed",
        ),
        pytest.param(
            samples.report([samples.seen(samples.ORDERS)], not_checked=[GONE, GONE]),
            "no faults found in what could be checked",
            "1 of 1 relationship checked, nothing found, 2 things could not be checked.",
            id="unreadable tables",
        ),
        pytest.param(
            samples.report([samples.seen(samples.ORDERS, 1)], [samples.ORPHANS]),
            "1 of 1 relationship is broken",
            "1 of 1 relationship checked, 204,920 orphans in it.",
            id="one orphan in the only relationship",
        ),
        pytest.param(
            samples.report([samples.seen(samples.ORDERS, 2), samples.seen(samples.ORDERS, 2)], [samples.ORPHANS]),
            "2 of 2 relationships are broken",
            "2 of 2 relationships checked, 204,920 orphans in 1 of them.",
            id="declared twice, counted once",
        ),
        pytest.param(
            samples.report([samples.seen(samples.ORDERS), samples.UNCHECKED], [samples.MISSING]),
            "1 of 2 relationships is broken",
            "1 of 2 relationships checked, 1 fault found, 1 could not be checked.",
            id="a fault of the schema",
        ),
        pytest.param(
            samples.FULL,
            "4 of 5 relationships are broken",
            "4 of 5 relationships checked, 204,930 orphans in 3 of them, 1 other fault, 1 could not be checked.",
            id="everything at once",
        ),
        pytest.param(
            samples.report([samples.seen(samples.ORDERS, 2)]),
            "the chosen checks found nothing",
            "1 of 1 relationship checked, nothing found.",
            id="orphans that no check was asked for",
        ),
        pytest.param(
            samples.report([samples.seen(samples.LINES)], [samples.ORPHANS]),
            "1 fault found",
            "1 of 1 relationship checked, 204,920 orphans in it.",
            id="a finding of no relationship",
        ),
        pytest.param(
            samples.report([], [WITHIN]),
            "1 fault found",
            "No foreign keys to check, 1 fault found.",
            id="a fault within a table, and no foreign keys",
        ),
        pytest.param(
            samples.report([samples.seen(samples.ORDERS)], [replace(WITHIN, severity=Severity.HINT)]),
            "no faults found",
            "1 of 1 relationship checked, no faults found.",
            id="a hint alone",
        ),
        pytest.param(
            samples.report([samples.seen(samples.ORDERS, 204_920)], [samples.ORPHANS, WITHIN]),
            "1 of 1 relationship is broken, 1 fault within tables",
            "1 of 1 relationship checked, 204,920 orphans in it, 1 other fault.",
            id="a broken relationship and a fault within a table",
        ),
    ],
)
def test_headline_and_closing(report: samples.Report, headline: str, closing: str) -> None:
    assert display.headline(report) == f"shop.sqlite3: {headline}"
    assert display.closing(report) == closing


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
        pytest.param(samples.SET_NULL, 'set 5 values of lines.order_id to NULL: they stand for "none"', id="values"),
        pytest.param(
            samples.UPDATE,
            "set 2 values of orders.customer_id to 17: no parent in customers",
            id="a value that was named",
        ),
        pytest.param(samples.REINDEX, "build the indexes of authors anew", id="an index"),
        pytest.param(
            samples.fix("relink", samples.ORDERS, 2, loss=samples.Loss.NOTHING),
            "relink 2 rows of orders.customer_id → customers.id",
            id="a fix without words of its own",
        ),
    ],
)
def test_deed(fix: samples.Fix, expected: str) -> None:
    assert deed(fix) == expected


@pytest.mark.parametrize(
    ("fix", "expected"),
    [
        pytest.param(samples.DELETE, "deleted 1 row of orders: no parent in customers (customer_id)", id="a row"),
        pytest.param(samples.SET_NULL, 'set 5 values of lines.order_id to NULL: they stand for "none"', id="values"),
        pytest.param(samples.REINDEX, "built the indexes of authors anew", id="an index"),
    ],
)
def test_deed_when_done(fix: samples.Fix, expected: str) -> None:
    assert deed(fix, done=True) == expected


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


def test_summary_keeps_a_finding_that_belongs_to_no_relationship() -> None:
    report = samples.report([samples.seen(samples.LINES)], [samples.ORPHANS])
    assert [line[0] for line in display.summary(report, False)] == ["orders.customer_id → customers.id"]


def test_summary_of_everything_has_a_line_for_each_relationship() -> None:
    lines = list(display.summary(samples.FULL, True))
    assert [line[0].split(" ")[0] for line in lines] == [
        "orders.customer_id", "book_author.book_id", "book_author.author_id", "lines.(order_id,", "log.user_id",
    ]  # fmt: skip
