"""Documents by formats: what can be written in which, and what is said where it cannot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from formats import samples
from support import sqlfix, together

import sqlfix as sqlfix_package
from sqlfix.errors import Refused
from sqlfix.model.findings import Report
from sqlfix.model.plans import Plan, SchemaPlan
from sqlfix.prose.format import (
    FORMATS,
    Answer,
    Checks,
    FaultyRows,
    History,
    KeptRows,
    Script,
    View,
    formats_of,
    written,
)
from sqlfix.prose.objects import SHAPES

ALL = ("table", "json", "jsonl", "csv", "markdown")


@together
@pytest.mark.parametrize(
    ("kind", "formats"),
    [
        *((kind, ALL) for kind in (Report, FaultyRows, Plan)),
        *((kind, ("table", "json")) for kind in (Answer, KeptRows, History, Checks)),
        (Script, ("sql",)),
        (SchemaPlan, ("table", "json", "sql")),
        (str, ()),
    ],
)
def test_the_formats_of_a_kind_of_document(kind: type, formats: tuple[str, ...]) -> None:
    assert tuple(name for name in formats_of(kind) if name in (*ALL, "sql")) == formats


def test_a_further_format_is_listed_after_these(monkeypatch: pytest.MonkeyPatch) -> None:
    more = {"brief": {Report: lambda report, view: iter([report.database])}, **FORMATS.all()}
    monkeypatch.setattr(FORMATS, "_things", more)
    monkeypatch.setattr(FORMATS, "_names", tuple(more))
    assert formats_of(Report)[: len(ALL)] == ALL and "brief" in formats_of(Report)[len(ALL) :]
    assert "".join(written("brief", samples.CLEAN, View())) == samples.CLEAN.database
    ran = sqlfix("scan", "--help")
    assert re.search(r"--format \[table\|json\|jsonl\|csv\|markdown\|(\w+\|)*brief(\|\w+)*\]", ran.out)
    assert "|brief" not in sqlfix("repair", "--help").out


@pytest.mark.parametrize("name", ["sql", "", "TABLE", "xyz"])
def test_what_a_format_cannot_write_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        written(name, samples.CLEAN, View())
    assert refused.value.message == f"'{name}' is not one of {', '.join(map(repr, formats_of(Report)))}"
    assert "'table', 'json', 'jsonl', 'csv', 'markdown'" in refused.value.message
    ran = sqlfix("scan", "shop.db", "--format", name)
    assert (ran.code, ran.out) == (2, "")
    said = refused.value.message if name else "it is empty"
    assert ran.err.startswith(f"error: Invalid value for '--format': {said}")
    assert sqlfix("why", "shop.db", "t", "--format", "csv").err.startswith(
        "error: Invalid value for '--format': 'csv' is not one of 'table', 'json'\n"
    )


def test_every_shape_is_that_of_a_noun() -> None:
    files = Path(sqlfix_package.__file__).parent.rglob("*.py")
    nouns = {
        name for file in files for name in re.findall(r"^class (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert set(SHAPES) <= nouns
