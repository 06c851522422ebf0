"""The frameworks whose texts are known: each is told from the others by its marks."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import together

from sqlfix.explain.errors import dialects as folder
from sqlfix.explain.errors.dialect import Dialect, dialects
from sqlfix.explain.errors.recognise import recognise

FILES = sorted(Path(folder.__file__).parent.glob("[!_]*.py"))


def test_each_has_its_own_place_among_the_others() -> None:
    ranks = [dialect.rank for dialect in dialects()]
    assert ranks == sorted(set(ranks))
    assert len(ranks) >= len(FILES)


@together
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_none_imports_another(file: Path) -> None:
    assert "errors.dialects" not in file.read_text(encoding="utf-8")


@together
@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_it_is_told_by_each_of_its_marks(dialect: Dialect) -> None:
    for mark in dialect.marks:
        found = recognise(f"{mark} UNIQUE constraint failed: t.a")
        assert found is not None
        assert (found.framework, found.columns) == (dialect.name, ("a",)), mark


@together
@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_its_codes_count_where_there_is_no_message(dialect: Dialect) -> None:
    for code, kind in dialect.codes.items():
        found = recognise(f"it failed: {code}")
        assert found is not None
        assert found.kind is kind
