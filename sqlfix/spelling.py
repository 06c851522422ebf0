"""Looking for a parent that is spelled otherwise by an index, where all parents are spelled in one of the usual ways.

`sql.misspelled` says what a misspelled key is, and reads all parents to tell. Where all of them are of one form, the
few spellings that a parent of that form can have for a given key can be written down, and looked up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlfix.model import ForeignKey, Table, folded
from sqlfix.sql import quote, spelled


@dataclass(frozen=True, slots=True)
class Form:
    """A form of keys of which no two have the same `sql.spelled`.

    ``holds`` says of a value that it is of the form; ``finds`` gives, for a parent's column and the spelled form of a
    key, what is true of the one parent that has that spelled form.
    """

    holds: Callable[[str], str]
    finds: Callable[[str, str], str]


def _integer(value: str) -> str:
    return f"typeof({value}) = 'integer'"


def _is_integer(parent: str, key: str) -> str:
    number = f"CAST({key} AS INTEGER)"
    return f"{parent} = {number} AND {key} = CAST({number} AS TEXT)"


def _in_case(value: str, case: str) -> str:
    """Letters of one case, and neither the first nor the last character a space or beyond ASCII."""
    return (
        f"{value} = {case}({value}) COLLATE BINARY AND {value} COLLATE BINARY BETWEEN '!' AND '~'"
        f" AND substr({value}, -1) BETWEEN '!' AND '~'"
    )


def _guid(case: str) -> Form:
    """36 characters, with hyphens where a GUID has them.

    What looks so but has other characters than hex digits is spelled as itself, in lower case.
    """

    def finds(parent: str, key: str) -> str:
        parts = " || '-' || ".join(f"substr({key}, {at}, {long})" for at, long in ((1, 8), (9, 4), (13, 4), (17, 4)))
        guid = f"{case}({parts} || '-' || substr({key}, 21))"
        return f"({parent} = {case}({key}) OR {parent} = {guid} AND {parent} NOT GLOB '*[^0-9A-Fa-f-]*')"

    ends = "[0-9a-z]" if case == "lower" else "[0-9A-Z]"
    shape = "-".join((f"{ends}???????", "????", "????", "????", f"???????????{ends}"))
    return Form(lambda value: f"{value} GLOB '{shape}' AND {value} = {case}({value}) COLLATE BINARY", finds)


def _plain(value: str) -> str:
    """Text that is its own spelled form: of 32 characters, or such that no rule for GUIDs or zeros has a hold on it."""
    without_marks = f"replace(replace(replace({value}, '-', ''), '{{', ''), '}}', '')"
    return (
        f"typeof({value}) = 'text' AND {_in_case(value, 'lower')}"
        f" AND (length({value}) = 32 OR substr({value}, 1, 1) <> '0' AND length({without_marks}) <> 32)"
    )


FORMS = (
    Form(_integer, _is_integer),
    _guid("lower"),
    _guid("upper"),
    Form(_plain, lambda parent, key: f"{parent} = {key}"),
)


def near(fk: ForeignKey, forms: Sequence[Form]) -> str:
    """SQL that is true where ``c`` is misspelled, and looks the parent up by its index.

    It means what `sql.misspelled` means, of a row that is an orphan.

    Args:
        forms: those of the parents' key; all parents have them.
    """
    ours = [f"c.{quote(name)}" for name in fk.child_columns]
    same = " AND ".join(f"({form.holds(value)})" for form, value in zip(forms, ours, strict=True))
    finds = " AND ".join(
        form.finds(f"p.{quote(name)}", f"k.k{place}")
        for place, (form, name) in enumerate(zip(forms, fk.parent_columns, strict=True))
    )
    # LIMIT keeps SQLite from putting the long expression in wherever its value is used
    keys = ", ".join(f"{spelled(value)} AS k{place}" for place, value in enumerate(ours))
    there = f"SELECT 1 FROM (SELECT {keys} LIMIT 1) AS k CROSS JOIN {quote(fk.parent)} AS p WHERE {finds}"
    return f"CASE WHEN {same} THEN 0 ELSE EXISTS ({there}) END"


def other_form(key: Sequence[str], forms: Sequence[Form]) -> str:
    """The condition that a row ``c`` of the parents has a key of another form than these; of none, if all are one."""
    columns = [f"c.{quote(name)}" for name in key]
    hold = " AND ".join(f"({form.holds(column)})" for form, column in zip(forms, columns, strict=True))
    there = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    return f"{there} AND ({hold}) IS NOT 1"


def first_forms(connection: sqlite3.Connection, table: Table, key: Sequence[str]) -> tuple[Form, ...] | None:
    """The form that each column of a key has in the first row of a table; None if one has none of them."""
    if not {folded(column.collation) for name in key if (column := table.column(name))} <= {
        "binary",
        "nocase",
        "rtrim",
    }:
        return None
    chosen = []
    for name in key:
        value = f"p.{quote(name)}"
        tests = ", ".join(form.holds(value) for form in FORMS)
        query = f"SELECT {tests} FROM {quote(table.name)} AS p WHERE {value} IS NOT NULL LIMIT 1"
        row = connection.execute(query).fetchone()
        form = next((form for form, holds in zip(FORMS, row or (), strict=False) if holds), None)
        if form is None:
            return None
        chosen.append(form)
    return tuple(chosen)
