"""Django: its check of foreign keys names the row, and its log prints the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlfix.explain.errors.dialect import DIALECTS, Dialect, Listed, Said
from sqlfix.explain.errors.message import Kind
from sqlfix.explain.errors.printed_values import LONGEST, python_list

_ROW = (
    r"The row in table '(?>(?P<table>[^\n]{0,300}?)' with primary key '(?P<row_key>[^\n]{0,300}?)' has an invalid "
    r"foreign key: )(?>(?P<subject>[^\n]{1,600}?) contains a value '(?P<value>[^\n]{0,1000}?)' that does not )"
    r"have a corresponding value in (?P<parent>[^\n]{1,600}?)\.(?=[\s'\"\\)]|$)"
)


def _row(groups: Mapping[str, str]) -> Mapping[str, Any]:
    """``t.a`` and ``p.id``: their tables and their columns."""
    child, table = groups["subject"], groups["table"]
    column = child.removeprefix(f"{table}.") if child.startswith(f"{table}.") else child.rpartition(".")[2]
    parent, _, parent_column = groups["parent"].rpartition(".")
    return {"columns": (column,), "parent": parent, "parent_columns": (parent_column,)}


_ARGS = Listed(rf"(?m); args=(?P<list>\([^\n]{{0,{LONGEST}}}\))(?:;|$)", python_list)
DIALECTS.add(
    "django",
    Dialect(
        "Django",
        10,
        ("django.db", "/django/", "has an invalid foreign key: "),
        (Said(Kind.FOREIGN_KEY, ("have a corresponding value in",), _ROW, _row),),
        parameters=_ARGS,
    ),
)
