"""Prisma: it words SQLite's messages anew, and prints its call and its model in place of the SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlfix.explain.errors.dialect import DIALECTS, Dialect, Said, last_of, table_named
from sqlfix.explain.errors.message import Kind
from sqlfix.explain.errors.names import names_in_list
from sqlfix.explain.errors.statement import Statement
from sqlfix.explain.errors.statement_reader import PARAMETERS

_NEAR = 4_000
_FIELDS = (
    r"(?: on the (?:\(not available\)|foreign key\b|(?:fields?|constraint): ?\(?(?P<_named>[^)\n]{0,500})\)?)"
    r"|: (?P<_quoted>`[^`\n]{0,500}`))"
)
_MODEL = r"\bmodelName\"?: ?['\"](?P<model>\w{1,200})['\"]"
_TARGET = r"\btarget: ?\[([^]\n]{0,300})\]"
_CALL = r"\bprisma\.(?P<model>[^\W\d]\w{0,200})\.(?P<method>create|update|delete)(?:Many)?(?:AndReturn)?\("
_VERBS = {"create": "INSERT", "update": "UPDATE", "delete": "DELETE"}
_MESSAGES = {
    Kind.FOREIGN_KEY: "Foreign key constraint (?:failed|violated)",
    Kind.UNIQUE: "Unique constraint failed",
    Kind.NOT_NULL: "Null constraint violation",
}
_VIOLATIONS = {"ForeignKey": Kind.FOREIGN_KEY, "Unique": Kind.UNIQUE, "Null": Kind.NOT_NULL}
_VIOLATION = r"{}ConstraintViolation {{ constraint: (?:Fields\(\[(?P<_named>[^]\n]{{0,500}})\]\)|[^\n]{{1,100}}?) }}"
_RELATION = r"The change you are trying to make would violate the required relation '?[^\n]{1,300}"
_NO_COLUMN = r"The column `(?:[^`\n]{1,200}\.)?(?P<subject>[^`.\n]{1,200})` does not exist in the current database"
_NO_TABLE = r"The table `(?P<subject>[^`\n]{1,300})` does not exist in the current database"


def _fields(groups: Mapping[str, str]) -> Mapping[str, Any]:
    named = groups.get("_named") or groups.get("_quoted") or ""
    # of a foreign key it mostly says no more than that it is one
    return {"columns": () if named.strip("`") == "foreign key" else names_in_list(named)}


def _target(text: str, at: int) -> tuple[str, ...]:
    match = re.compile(_TARGET).search(text, max(0, at - 300), at + 600)
    return names_in_list(match[1]) if match else ()


def _called(text: str, at: int) -> Statement | None:
    call = last_of(_CALL, text, max(0, at - _NEAR), at)
    return Statement(_VERBS[call["method"]], call["model"], unread=(PARAMETERS,)) if call else None


def _model(text: str, at: int) -> str | None:
    match = re.compile(_MODEL).search(text, max(0, at - _NEAR), at + _NEAR)
    return match["model"] if match else None


DIALECTS.add(
    "prisma",
    Dialect(
        "Prisma",
        50,
        ("PrismaClient", "prisma.", "Prisma"),
        (
            *(Said(kind, ("constraint",), said + _FIELDS, _fields) for kind, said in _MESSAGES.items()),
            *(
                Said(kind, ("ConstraintViolation {",), _VIOLATION.format(word), _fields)
                for word, kind in _VIOLATIONS.items()
            ),
            Said(Kind.FOREIGN_KEY, ("violate the required relation",), _RELATION),
            Said(
                Kind.MISSING_COLUMN,
                ("does not exist in the current",),
                _NO_COLUMN,
                lambda groups: {"columns": (groups["subject"],)},
            ),
            Said(Kind.MISSING_TABLE, ("does not exist in the current",), _NO_TABLE, table_named),
        ),
        {"P2003": Kind.FOREIGN_KEY, "P2014": Kind.FOREIGN_KEY, "P2011": Kind.NOT_NULL, "P2002": Kind.UNIQUE},
        columns=_target,
        called=_called,
        model=_model,
    ),
)
