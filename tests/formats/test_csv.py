"""CSV: read back with the csv module, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

import pytest
from formats import samples
from support import together

from sqlfix.model.findings import FaultyRow
from sqlfix.prose.format import FaultyRows, View, written
from sqlfix.text import shown

VIEW = View()


def records(pieces: Iterable[str]) -> list[dict[str, str]]:
    text = "".join(pieces)
    found = [*csv.DictReader(io.StringIO(text, newline=""), strict=True)]
    assert text.count("\n") == len(found) + 1
    assert all(None not in record and None not in record.values() for record in found)
    return found


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        pytest.param(samples.NO_KEYS, [], id="no foreign keys"),
        pytest.param(samples.CLEAN, [], id="nothing found"),
        pytest.param(
            samples.FULL,
            [
                ("orphan-rows", "error", "orders", "customer_id", "204920", "delete-rows"),
                ("orphan-rows", "error", "book_author", "book_id", "7", "delete-rows"),
                ("placeholder-values", "warning", "lines", "order_id, order_year", "3", "set-null"),
                ("missing-parent-table", "error", "log", "user_id", "0", ""),
                ("not-checked", "", "log.user_id", "", "", ""),
            ],
            id="everything at once",
        ),
        pytest.param(
            samples.report([samples.UNCHECKED]),
            [("not-checked", "", "log.user_id → auth_user__old.id", "", "", "")],
            id="unchecked and not listed",
        ),
    ],
)
def test_report(report: samples.Report, expected: list[tuple[str, ...]]) -> None:
    keys = ("check", "severity", "table", "columns", "count", "fix")
    assert [tuple(record[key] for key in keys) for record in records(written("csv", report, VIEW))] == expected


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        pytest.param(samples.NO_PLAN, [], id="nothing to do"),
        pytest.param(
            samples.ONLY_LEFT, [("left", "", "missing-parent-table", "0", "", "mend the declaration")], id="only left"
        ),
        pytest.param(
            samples.FULL_PLAN,
            [
                ("fix", "reindex", "index-disagrees", "0", "", ""),
                ("fix", "delete-rows", "orphan-rows", "1", "", ""),
                ("fix", "delete-rows", "orphan-rows", "12", "", ""),
                ("fix", "delete-rows", "", "3", "", ""),
                ("fix", "set-null", "placeholder-values", "5", "", ""),
                ("left", "", "missing-parent-table", "0", "", "mend the declaration"),
                ("left", "", "orphan-rows", "2", "", ""),
            ],
            id="everything at once",
        ),
    ],
)
def test_plan(plan: samples.Plan, expected: list[tuple[str, ...]]) -> None:
    keys = ("kind", "name", "checks", "rows", "value", "hint")
    assert [tuple(record[key] for key in keys) for record in records(written("csv", plan, VIEW))] == expected


def test_rows_have_their_key_and_values_as_json() -> None:
    found = records(written("csv", FaultyRows("shop", samples.ROWS), VIEW))
    assert [record["key"] for record in found] == ['{"id":1}', '{"id":2}', '{"id":5}']
    assert json.loads(found[2]["values"]) == {"order_id": 0, "order_year": 0}


@together
@pytest.mark.parametrize("value", [pytest.param(value, id=what) for what, value in samples.VALUES.items()])
def test_values_stay_one_line(value: samples.Value) -> None:
    found = records(
        written(
            "csv",
            FaultyRows("shop", [FaultyRow("orphan-rows", samples.ORDERS.subject, samples.row(1, "a", value))]),
            VIEW,
        )
    )
    assert list(json.loads(found[0]["values"])) == ["a"]


@together
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("=1+1", "'=1+1", id="equals"),
        pytest.param("+1", "'+1", id="plus"),
        pytest.param("-1", "'-1", id="minus"),
        pytest.param("@SUM(1)", "'@SUM(1)", id="at"),
        pytest.param("＝1", "'＝1", id="full width"),
        pytest.param("  =1", "'  =1", id="after blanks"),
        pytest.param("\t=1", r"\t=1", id="a tab becomes visible"),
        pytest.param("\r=1", r"\r=1", id="a carriage return becomes visible"),
        pytest.param("a=1", "a=1", id="inside is harmless"),
        pytest.param("a\nb", r"a\nb", id="a new line becomes visible"),
    ],
)
def test_formulas_are_disarmed(name: str, expected: str) -> None:
    report, rows, plan = samples.hostile(name)
    for pieces in (
        written("csv", report, VIEW),
        written("csv", FaultyRows(name, rows), VIEW),
        written("csv", plan, VIEW),
    ):
        first = records(pieces)[0]
        assert (first["database"], first["table"]) == (expected, expected)


@together
@pytest.mark.parametrize("name", [pytest.param(name, id=what) for what, name in samples.HOSTILE.items()])
def test_no_cell_begins_a_formula(name: str) -> None:
    report, rows, plan = samples.hostile(name)
    for pieces in (
        written("csv", report, VIEW),
        written("csv", FaultyRows(name, rows), VIEW),
        written("csv", plan, VIEW),
    ):
        for record in records(pieces):
            assert record["table"].removeprefix("'") == shown(name)
            for cell in record.values():
                assert not cell.lstrip().startswith(tuple("=+-@\t\r"))


def test_text_is_quoted_and_numbers_are_not() -> None:
    lines = [*written("csv", samples.report([], [samples.LINK_ORPHANS]), VIEW)]
    assert lines[1].startswith('"shop.sqlite3","orphan-rows","error","book_author","book_id","books","id",7,2,')
