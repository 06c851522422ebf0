"""The sentences about a report."""

from __future__ import annotations

from dataclasses import replace

import pytest
from formats import samples
from support import together

from sqlfix.model.findings import Finding, NotChecked
from sqlfix.model.values import Severity
from sqlfix.prose import report as sentences


@together
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
def test_relationship(ends: sentences.Subject, unicode: bool, expected: str) -> None:
    assert sentences.relationship(ends, unicode) == expected


GONE = NotChecked("views", "SQLite cannot describe it")
WITHIN = Finding("invalid-dates", Severity.WARNING, "person", ("born",), None, (), count=2)


@together
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
    assert sentences.headline(report) == f"shop.sqlite3: {headline}"
    assert sentences.closing(report) == closing


def test_summary_keeps_a_finding_that_belongs_to_no_relationship() -> None:
    report = samples.report([samples.seen(samples.LINES)], [samples.ORPHANS])
    assert [line[0] for line in sentences.summary(report, False)] == ["orders.customer_id → customers.id"]


def test_summary_of_everything_has_a_line_for_each_relationship() -> None:
    lines = list(sentences.summary(samples.FULL, True))
    assert [line[0].split(" ")[0] for line in lines] == [
        "orders.customer_id", "book_author.book_id", "book_author.author_id", "lines.(order_id,", "log.user_id",
    ]  # fmt: skip
