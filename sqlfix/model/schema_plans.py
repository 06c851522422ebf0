"""A change of the schema: what each object is to become, the statements that do it, and what becomes different."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from sqlfix.frozen import frozen
from sqlfix.model.plans import Left
from sqlfix.model.schema import Schema

ObjectKind = Literal["table", "index", "trigger", "view"]
Deed = Literal["rebuild", "rename", "rewrite", "create", "drop"]


@frozen
class SchemaStep:
    """One step of a change of the schema, as data.

    ``deed`` is what is done with the object ``name`` of the kind ``kind``. ``rebuild``: the table gets the text
    ``text`` and keeps its rows; a column has the value that it had, or the SQL in ``values``, which is over the old row
    ``c``. ``rename``: the table gets the name ``to``, and nothing else's text changes, so that what speaks of ``to``
    means this table from then on. ``rewrite``: the index, trigger or view gets the text ``text``. ``create``: it is
    made from ``text``. ``drop``: it goes, a table with its rows.

    ``why`` says in words what is wrong, or what was asked for. ``checks`` are the checks whose findings it mends.
    ``rows`` is how many rows are copied, or go.
    """

    deed: Deed
    kind: ObjectKind
    name: str
    text: str = ""
    to: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    checks: tuple[str, ...] = ()
    rows: int = 0


@frozen
class SchemaFact:
    """One fact that a change of the schema changes, as SQLite's own pragmas tell it.

    ``what`` names the fact in words (``not null``, ``foreign key``, ``unique``, ``default``, …), ``place`` are the
    columns it is about, empty for the object as a whole. ``before`` and ``after`` are the fact in words, None where
    there is none.
    """

    kind: ObjectKind
    name: str
    what: str
    place: tuple[str, ...]
    before: str | None
    after: str | None


@frozen
class SchemaPlan:
    """What a change of the schema will do, in order.

    ``facts`` are all that become different, found on an empty copy of the schema. ``statements`` are those that are
    run, complete SQL in one transaction, with foreign keys off. ``left`` are the findings that it does not mend, each
    with the reason and the candidates. ``next`` are the commands to type afterwards. ``applied``, ``backup``,
    ``unverified`` and ``record`` are those of `sqlfix.model.plans.Plan`; ``exported`` is the script that brings back
    what was dropped. With ``reveals``, a foreign key that SQLite could not use before may come to work although it has
    orphans, which are listed then; otherwise that is a reason to roll back. ``schema`` is that of the file when it was
    made, and where it is another one, nothing is carried out.
    """

    database: str
    steps: tuple[SchemaStep, ...]
    facts: tuple[SchemaFact, ...] = ()
    statements: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    next: tuple[str, ...] = ()
    applied: bool = False
    backup: str | None = None
    unverified: tuple[tuple[str, str], ...] = ()
    record: str | None = None
    exported: str | None = None
    reveals: bool = True
    schema: Schema | None = field(default=None, compare=False, repr=False)
