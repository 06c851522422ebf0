"""JSON Lines for programs that read as it comes: the objects of docs/json.md, each on a line of its own."""

from collections.abc import Iterator

from sqlfix.model.differences import Difference
from sqlfix.model.findings import Report
from sqlfix.model.plans import Plan
from sqlfix.prose.format import FORMATS, DifferentRows, FaultyRows, View
from sqlfix.prose.objects import compact, object_of


def line(document: Report | Plan | Difference, view: View) -> Iterator[str]:
    """A report, a plan or a difference on one line."""
    yield f"{compact(object_of(document))}\n"


def rows(found: FaultyRows | DifferentRows, view: View) -> Iterator[str]:
    """A line for each row; each names its database, so that the lines of several can be mixed."""
    of = {"older": found.older} if isinstance(found, DifferentRows) else {}
    for row in found.rows:
        yield f"{compact({'database': found.database, **of, **object_of(row)})}\n"


FORMATS.add("jsonl", {Report: line, FaultyRows: rows, Plan: line, Difference: line, DifferentRows: rows})
