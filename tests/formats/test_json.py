"""JSON: the documents agree with their schemas and with docs/json.md, and give back every name as it is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from formats import samples
from support import together

import sqlfix.formats
from sqlfix.model.findings import FaultyRow, Report, Row
from sqlfix.model.plans import Plan
from sqlfix.prose.format import FORMATS, FaultyRows, View, written

VIEW = View()
FOLDER = Path(sqlfix.formats.__file__).parent
DOCS = Path(__file__).parents[2] / "docs" / "json.md"
REPORT, PLAN = (json.loads((FOLDER / f"{name}.schema.json").read_text()) for name in ("report", "plan"))


def valid(thing: object, schema: dict[str, object], definition: str | None = None) -> None:
    if definition is not None:
        schema = {"$ref": f"#/$defs/{definition}", "$defs": schema["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(thing)


def as_json(pieces: Iterator[str]) -> dict:
    text = "".join(pieces)
    assert text.endswith("}\n")
    assert text.isascii()
    return json.loads(text)


REPORTS = [
    pytest.param(samples.NO_KEYS, id="no foreign keys"),
    pytest.param(samples.CLEAN, id="nothing found"),
    pytest.param(samples.FULL, id="everything at once"),
    *(pytest.param(samples.hostile(name)[0], id=what) for what, name in samples.HOSTILE.items()),
]
PLANS = [
    pytest.param(samples.NO_PLAN, id="nothing to do"),
    pytest.param(samples.ONLY_LEFT, id="only left"),
    pytest.param(samples.FULL_PLAN, id="everything at once"),
    pytest.param(samples.APPLIED, id="carried out"),
    *(pytest.param(samples.hostile(name)[2], id=what) for what, name in samples.HOSTILE.items()),
]


@together
@pytest.mark.parametrize("report", REPORTS)
def test_report_agrees_with_its_schema(report: Report) -> None:
    document = as_json(written("json", report, VIEW))
    valid(document, REPORT)
    assert [written("jsonl", report, VIEW).__next__()] == [*written("jsonl", report, VIEW)]
    assert as_json(written("jsonl", report, VIEW)) == document
    assert document["clean"] == report.clean
    assert document["database"] == report.database
    ends = [(r["child"], tuple(r["child_columns"])) for r in document["relationships"]]
    assert ends == [seen.foreign_key.subject[:2] for seen in report.relationships]


@together
@pytest.mark.parametrize("plan", PLANS)
def test_plan_agrees_with_its_schema(plan: Plan) -> None:
    document = as_json(written("json", plan, VIEW))
    valid(document, PLAN)
    assert as_json(written("jsonl", plan, VIEW)) == document
    assert [tuple(fix["statements"]) for fix in document["fixes"]] == [fix.statements for fix in plan.fixes]


ROWS = [
    pytest.param((), id="none"),
    pytest.param(samples.ROWS, id="several"),
    pytest.param(
        [
            FaultyRow("orphan-rows", samples.ORDERS.subject, samples.row(1, what, value))
            for what, value in samples.VALUES.items()
        ],
        id="values of every kind",
    ),
    pytest.param([FaultyRow("orphan-rows", samples.ORDERS.subject, Row((), ()))], id="a row that cannot be addressed"),
    *(pytest.param(samples.hostile(name)[1], id=what) for what, name in samples.HOSTILE.items()),
]


@together
@pytest.mark.parametrize("rows", ROWS)
def test_rows_agree_with_their_schema(rows: tuple[FaultyRow, ...]) -> None:
    document = as_json(written("json", FaultyRows("shop", rows), VIEW))
    valid(document, REPORT, "rows")
    assert len(document["rows"]) == len(rows)
    lines = [json.loads(line) for line in written("jsonl", FaultyRows("shop", rows), VIEW)]
    assert lines == [{"database": "shop", **row} for row in document["rows"]]
    for line in lines:
        valid(line, REPORT, "faulty_row_line")


def test_a_finding_is_written_with_all_its_facts() -> None:
    document = as_json(written("json", samples.FULL, VIEW))
    assert document["findings"][0] == {
        "check": "orphan-rows",
        "severity": "error",
        "table": "orders",
        "columns": ["customer_id"],
        "parent": "customers",
        "parent_columns": ["id"],
        "count": 204_920,
        "distinct": 5,
        "sample": [
            {"key": {"id": 1}, "values": {"customer_id": 99}},
            {"key": {"id": 2}, "values": {"customer_id": 98}},
        ],
        "message": "204920 rows of orders refer by customer_id to customers",
        "hint": None,
        "fix": "delete-rows",
        "facts": {"spelling_matches": 0},
    }


def test_a_document_is_indented_by_two_and_several_follow_one_another() -> None:
    text = "".join([*written("json", samples.NO_KEYS, VIEW), *written("json", samples.NO_KEYS, VIEW)])
    assert text.startswith('{\n  "format_version": 2,\n  "database": "shop.sqlite3",\n')
    assert text.count('}\n{\n  "format_version": 2') == 1


def test_docs_name_every_key_and_value() -> None:
    text = DOCS.read_text()
    named = [word for schema in (REPORT, PLAN) for word in words(schema) if word not in ("inf", "-inf")]
    assert named
    assert [
        word for word in named if f"`{word}`" not in text and f'`"{word}"`' not in text and f'"{word}": ' not in text
    ] == []


def words(schema: object) -> Iterator[str]:
    """Every key that a schema allows, and every word of an enumeration."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        yield from schema.get("enum", ())
        for inner in schema.values():
            yield from words(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from words(inner)


def test_schemas_are_schemas_and_allow_nothing_else() -> None:
    for schema in (REPORT, PLAN):
        jsonschema.Draft202012Validator.check_schema(schema)
        for inner in (schema, *schema["$defs"].values()):
            assert "properties" not in inner or inner["additionalProperties"] is False


def test_every_format_is_registered() -> None:
    assert {"csv", "json", "jsonl", "markdown", "table"} <= set(FORMATS.all())
