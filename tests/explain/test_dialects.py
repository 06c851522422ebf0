"""The frameworks whose texts are known: each is told from the others by its marks."""

from __future__ import annotations

import pytest
from support import together

from sqlfix.explain.errors.dialect import Dialect
from sqlfix.explain.errors.frameworks import DIALECTS
from sqlfix.explain.errors.recognise import recognise


def test_each_has_a_name_of_its_own() -> None:
    names = [dialect.name for dialect in DIALECTS]
    assert len(names) == len(set(names))


@together
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_it_is_told_by_each_of_its_marks(dialect: Dialect) -> None:
    for mark in dialect.marks:
        found = recognise(f"{mark} UNIQUE constraint failed: t.a")
        assert found is not None
        assert (found.framework, found.columns) == (dialect.name, ("a",)), mark


@together
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_its_codes_count_where_there_is_no_message(dialect: Dialect) -> None:
    for code, kind in dialect.codes.items():
        found = recognise(f"it failed: {code}")
        assert found is not None
        assert found.kind is kind
