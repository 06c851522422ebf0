"""JSON for programs: one document, indented; docs/json.md is its contract.

Everything that is not printable ASCII is written as an escape, so that no name reaches a terminal as it is stored.
"""

from collections.abc import Iterator

from sqlfix.model.differences import Difference
from sqlfix.model.findings import Report
from sqlfix.model.plans import Plan, SchemaPlan
from sqlfix.prose.format import FORMATS, Answer, Checks, DifferentRows, FaultyRows, Fixes, History, KeptRows, View
from sqlfix.prose.objects import FORMAT_VERSION, compact, document, object_of, shape


def rows(found: FaultyRows | DifferentRows, view: View) -> Iterator[str]:
    """One document whose ``rows`` are written as they come, one to a line."""
    yield f'{{\n  "format_version": {FORMAT_VERSION},\n  "database": {compact(found.database)}'
    if isinstance(found, DifferentRows):
        yield f',\n  "older": {compact(found.older)}'
    yield ',\n  "rows": ['
    comma = ""
    for row in found.rows:
        yield f"{comma}\n    {compact(object_of(row))}"
        comma = ","
    yield "\n  ]\n}\n" if comma else "]\n}\n"


keeps = shape("kind blocks table columns")
"""What keeps a row."""


def kept_rows(found: KeptRows, view: View) -> Iterator[str]:
    """A line for each row, as it comes."""
    for group, row in found.rows:
        yield f"{compact({'key': object_of(row)['key'], **keeps(group)})}\n"


alone = dict.fromkeys((Report, Plan, SchemaPlan, Difference, Answer, History, Checks, Fixes), document)
FORMATS.add("json", {**alone, FaultyRows: rows, KeptRows: kept_rows, DifferentRows: rows})
