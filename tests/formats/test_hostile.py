"""Every format with every kind of name: no character leaves that a terminal would act upon, and all of it streams."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Iterator

import pytest
from formats import samples
from hypothesis import given, settings
from hypothesis import strategies as st
from support import together

from sqlfix.model.findings import FaultyRow
from sqlfix.prose.format import FaultyRows, View, written

NAMES = ("csv", "json", "jsonl", "markdown", "table")
VIEWS = (View(), View(width=40, unicode=False, verbose=2))


def harmless(pieces: Iterable[str], unicode: bool) -> None:
    text = "".join(pieces)
    assert text.encode("utf-8" if unicode else "ascii").decode() == text
    bad = {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")}
    assert not bad
    assert text == "" or text.endswith("\n")


def outputs(format_name: str, name: str, view: View) -> Iterator[Iterator[str]]:
    report, rows, plan = samples.hostile(name)
    for document in (report, FaultyRows(name, rows), plan):
        yield written(format_name, document, view)


@together
@pytest.mark.parametrize("format_name", NAMES)
@pytest.mark.parametrize("name", [pytest.param(name, id=what) for what, name in samples.HOSTILE.items()])
def test_no_hostile_name_gets_through(format_name: str, name: str) -> None:
    for view in VIEWS:
        for pieces in outputs(format_name, name, view):
            harmless(pieces, view.unicode)


@pytest.mark.parametrize("format_name", NAMES)
@settings(max_examples=60, deadline=None)
@given(name=st.text(st.characters(exclude_categories=()), max_size=60))
def test_no_name_at_all_gets_through(format_name: str, name: str) -> None:
    for view in VIEWS:
        for pieces in outputs(format_name, name, view):
            harmless(pieces, view.unicode)


@together
@pytest.mark.parametrize("format_name", NAMES)
@pytest.mark.parametrize("value", [pytest.param(value, id=what) for what, value in samples.VALUES.items()])
def test_no_value_gets_through(format_name: str, value: samples.Value) -> None:
    faulty = FaultyRow("orphan-rows", samples.ORDERS.subject, samples.row(1, "customer_id", value))
    for view in VIEWS:
        harmless(written(format_name, FaultyRows("shop", [faulty]), view), view.unicode)


@together
@pytest.mark.parametrize("format_name", NAMES)
def test_rows_are_written_as_they_come(format_name: str) -> None:
    endless = (
        FaultyRow("orphan-rows", samples.ORDERS.subject, samples.row(n, "customer_id", n)) for n in itertools.count()
    )
    pieces = list(itertools.islice(written(format_name, FaultyRows("shop", endless), View()), 100))
    assert len(pieces) == 100
    assert max(map(len, pieces)) < 500
    assert next(endless).row.key[0][1] < 110
