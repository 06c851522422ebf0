"""All that is written as JSON, as objects: a row for each noun, which all formats and all documents share."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from operator import attrgetter
from pathlib import Path
from typing import Any

from sqlfix.model.values import Value
from sqlfix.plan.fix import FIXES
from sqlfix.prose.format import View
from sqlfix.prose.lists import loss_of, promises_of, summary_of_check, summary_of_fix
from sqlfix.scan.check import CHECKS
from sqlfix.text import command_line, json_value

FORMAT_VERSION = 2
"""Raised when a key changes its meaning or goes away; new keys do not raise it."""

Shape = Callable[[Any], dict[str, object]]
"""Makes the object of a noun."""

compact = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
"""JSON on one line."""


def document(noun: object, view: View) -> Iterator[str]:
    """The JSON of a document that stands alone, on many lines."""
    yield from json.JSONEncoder(indent=2, allow_nan=False).iterencode(object_of(noun))
    yield "\n"


def object_of(noun: object) -> dict[str, object]:
    """A noun as an object for JSON."""
    return SHAPES[type(noun).__name__](noun)


def shape(keys: str, **made: Callable[[Any], object]) -> Shape:
    """The shape of the object of a noun.

    Args:
        keys: in order, each the name of an attribute; ``key=path.to.attribute`` where they differ, ``key{}`` where it
            holds values by column.
        made: for keys that are no attribute, what gives their value.
    """
    made["format_version"] = lambda noun: FORMAT_VERSION
    fields: list[tuple[str, Callable[[Any], object]]] = []
    for word in keys.split():
        key, _, path = word.partition("=")
        name = key.removesuffix("{}")
        fields.append((name, made.get(name) or _getter(path or key)))
    return lambda noun: {name: get(noun) for name, get in fields}


def _getter(path: str) -> Callable[[Any], object]:
    get = attrgetter(path.removesuffix("{}"))
    return (lambda noun: _values(get(noun))) if path.endswith("{}") else (lambda noun: _plain(get(noun)))


def _values(pairs: Iterable[tuple[str, Value]]) -> dict[str, object]:
    return {column: json_value(value) for column, value in pairs}


def _plain(value: Any) -> object:
    """A value as JSON has it: of an enum the word, of a noun its object."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, IntEnum):
        return value.name.lower().replace("_", " ")
    if type(value).__name__ in SHAPES:
        return object_of(value)
    if isinstance(value, (tuple, list)):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, Path) else value


# -- the nouns ----------------------------------------------------------------------------------------------------

_ENDS = "table columns parent parent_columns"
"""What says what a noun is about: a relationship, or a place in one table."""
_PARENT: Mapping[str, Callable[[Any], object]] = {"parent": lambda noun: noun.parent or ""}


def _within(attribute: str, keys: str) -> str:
    """Keys whose values are attributes of what an attribute of the noun holds."""
    return " ".join(f"{key}={attribute}.{path or key}" for key, _, path in (k.partition("=") for k in keys.split()))


def _faulty_row(faulty: Any) -> dict[str, object]:
    table, columns, parent, parent_columns = faulty.subject
    ends = {"table": table, "columns": [*columns], "parent": parent or "", "parent_columns": [*parent_columns]}
    return {"check": faulty.check, **ends, "key": _values(faulty.row.key), "values": _values(faulty.row.values)}


def _causes(explanation: Any) -> list[object]:
    """The causes, each with the command to go on with, which names the database."""
    commands = [command_line(c.command, explanation.database) if c.command else None for c in explanation.causes]
    return [{**object_of(c), "command": said} for c, said in zip(explanation.causes, commands, strict=True)]


def _checks(checks: Any) -> dict[str, object]:
    facts = [{"name": n, "severity": _plain(CHECKS[n].severity), "summary": summary_of_check(n)} for n in checks.names]
    found = {"check": {**facts[0], "page": CHECKS[checks.names[0]].doc.strip()}} if checks.page else {"checks": facts}
    return {"format_version": FORMAT_VERSION, **found}


def _fixes(fixes: Any) -> dict[str, object]:
    facts: list[dict[str, object]] = [
        {
            "name": name,
            "promises": _plain(promises_of(name)),
            "loss": loss_of(name),
            "checks": sorted(FIXES[name].checks),
            "summary": summary_of_fix(name),
        }
        for name in fixes.names
    ]
    found = {"fix": {**facts[0], "page": FIXES[fixes.names[0]].doc.strip()}} if fixes.page else {"fixes": facts}
    return {"format_version": FORMAT_VERSION, **found}


_ANSWERED = shape("format_version database")
_READABLE, _HISTORY = shape("format_version database records"), shape("format_version database records unreadable")

SHAPES: Mapping[str, Shape] = {
    # of a report
    "Report": shape(
        "format_version database complete clean empty relationships join_tables findings not_checked parked"
    ),
    "Relationship": shape(
        _within("foreign_key", "child child_columns parent parent_columns origin on_delete on_update constraint")
        + " deferrable=foreign_key.deferrable checked reason rows orphans"
    ),
    "JoinTable": shape("table left right carries_data"),
    "ForeignKey": shape("columns=child_columns parent parent_columns"),
    "Finding": shape(
        f"check severity {_ENDS} count distinct sample message hint fix facts",
        message=lambda finding: CHECKS[finding.check].message(finding),
        hint=lambda finding: CHECKS[finding.check].advice(finding),
        facts=lambda finding: _values(finding.facts.items()),
        **_PARENT,
    ),
    "Row": shape("key{} values{}"),
    "FaultyRow": _faulty_row,
    "NotChecked": shape("subject reason"),
    # of a plan
    "Plan": shape(
        "format_version database rehearsed applied backup unverified record fixes left totals not_repairable",
        unverified=lambda plan: [{"table": table, "reason": reason} for table, reason in plan.unverified],
    ),
    "Fix": shape(
        f"name {_ENDS} checks rows follows decided_by follows_decided_by rests_on applicability loss value written"
        " link_rows carries_data alternatives examples in_each statements",
        decided_by=lambda fix: fix.decided_by or None,
        follows_decided_by=lambda fix: fix.follows_by or None,
        rests_on=lambda fix: fix.rests_on or None,
        in_each=lambda fix: fix.in_each or None,
        **_PARENT,
    ),
    "SchemaPlan": shape(
        "format_version database applied backup unverified record exported steps facts left next statements",
        unverified=lambda plan: [{"table": table, "reason": reason} for table, reason in plan.unverified],
    ),
    "SchemaStep": shape("deed kind name to text values why checks rows", to=lambda step: step.to or None),
    "SchemaFact": shape("kind name what columns=place before after"),
    "Left": shape(f"check {_ENDS} count reason hint", **_PARENT),
    "TableTotal": shape("table before deleted changed added by_triggers"),
    # of an answer about a row or a table
    "Answer": lambda answer: {**_ANSWERED(answer), **object_of(answer.of)},
    "Why": shape(
        "table key{} deletable editable schema_at_fault blockers cascade references script no_script notes tried",
        editable=lambda why: {**object_of(why.editable), "columns": _plain(why.columns)},
        no_script=lambda why: why.no_script or None,
    ),
    "Verdict": shape("enforced unenforced"),
    "ColumnEdit": shape("column enforced unenforced message"),
    "Blocker": shape(f"kind {_ENDS} name blocks stage count on_delete written sample message"),
    "Effect": shape("table rows effect columns"),
    "Reference": shape(
        _within("foreign_key", "table=child columns=child_columns parent_columns")
        + f" count {_within('foreign_key', 'on_delete on_update')} deferred join_table sample hint",
        deferred=lambda reference: bool(reference.foreign_key.deferrable),
    ),
    "WhyTable": shape(
        "table key rows kept deletable groups notes",
        key=lambda why: None,
        deletable=lambda why: {"enforced": why.deletable},
    ),
    "Group": shape(
        f"kind {_ENDS} blocks count on_delete whole certain sample message",
        sample=lambda group: [_values(row.key) for row in group.sample],
    ),
    # of an answer about an error
    "Explanation": shape(
        "recognised meaning causes not_checked commands", causes=_causes, commands=lambda explanation: []
    ),
    "Recognised": shape(f"kind framework message {_ENDS} key=row_key value constraint statement"),
    "Statement": shape(
        "verb table where=equal{} condition values{} rows source unread",
        rows=lambda statement: [_values(part.values) for part in statement.parts if part.values],
    ),
    "Culprit": shape(f"kind message {_ENDS} count sample hint"),
    # of records and checks
    "History": lambda history: (_HISTORY if history.unreadable else _READABLE)(history),
    "Record": shape(
        "name path kind state made rows backup undoes tables", tables=lambda r: [t.table for t in r.tables]
    ),
    "Unreadable": shape("path problem"),
    "Difference": shape(
        "format_version database older kind differs complete tables only_here only_older parents notes"
    ),
    "TableDifference": shape("table key added removed changed only_here only_older reason"),
    "LostParents": shape(
        _within("foreign_key", "table=child columns=child_columns parent parent_columns")
        + " missing found capped reason"
    ),
    "DifferentRow": shape("table what key{} here{} older{}"),
    "Checks": _checks,
    "Fixes": _fixes,
}
"""The nouns by the names of their types, which need not be loaded for what is not written."""
