"""A change of the schema, planned: the statements of its steps, tried on an empty copy, and what becomes different.

The copy has the whole schema by its own texts and no row, so every statement costs nothing there, and what SQLite
refuses for the sake of the schema it refuses there. What it makes of the schema is read by another connection, as the
next program will read it; nothing may be different but what the steps are about.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.plans import SchemaFact, SchemaPlan, SchemaStep
from sqlfix.model.schema import Schema
from sqlfix.model.values import folded
from sqlfix.plan.schema_draft import DEEDS
from sqlfix.plan.schema_steps import Writer
from sqlfix.scan.run import count_rows
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.database import Database
from sqlfix.schema.fingerprint import Fingerprint, Key, Object, differences, fingerprint
from sqlfix.sql.rebuild_statements import AtFault
from sqlfix.sqlite.connect import memory_copy, schema_copy
from sqlfix.sqlite.deadline import overlooking
from sqlfix.sqlite.failures import in_words, require_refusal
from sqlfix.sqlite.trust import changing_schema


@frozen
class Tried:
    """What a change of the schema comes to: its statements, what becomes different, and the schema afterwards.

    ``rebuilt`` are the tables that get another text, ``copied`` those of them whose rows are copied, and ``written``
    those of which rows are written where they stand. ``meanings`` says of a statement what it means that it fails.
    ``before`` and ``after`` are the fingerprints of the schema.
    """

    statements: tuple[str, ...]
    facts: tuple[SchemaFact, ...]
    schema: Schema
    rebuilt: tuple[str, ...]
    copied: tuple[str, ...]
    meanings: Mapping[str, AtFault]
    before: Fingerprint
    after: Fingerprint
    written: tuple[str, ...] = ()


def plan_schema_change(database: Database, steps: Iterable[SchemaStep], in_place: bool = True) -> SchemaPlan:
    """Plan some steps, which are carried out in their order.

    Where a step rebuilds a table, each row has the values that it had, of the same types, or those that ``values`` of
    the step say. Where a column gets another type, so that SQLite would store its values as others, ``values`` has to
    name it: ``{"price": 'c."price"'}``.

    Args:
        in_place: a table whose rows are stored as its new text wants them gets that text and is not copied. It is the
            shorter way of SQLite's page on ALTER TABLE, and is taken where it leads to the same schema.

    Returns:
        a plan with neither ``left`` nor ``next``; its facts are all that becomes different.

    Raises:
        Refused: a step cannot be carried out; it says why, in SQLite's words where it is SQLite that refuses.
    """
    steps = tuple(steps)
    tried = try_steps(database.connection, database.schema, steps, in_place)
    return replace(plan_of_tried(database, steps, tried), in_place=in_place)


def plan_of_tried(database: Database, steps: tuple[SchemaStep, ...], tried: Tried) -> SchemaPlan:
    """The plan of `plan_schema_change` for steps that `try_steps` has tried on the schema of the database."""
    counted = tuple(_counted(database.connection, step, tried) for step in steps)
    return SchemaPlan(database.name, counted, tried.facts, tried.statements, schema=database.schema)


def _counted(connection: sqlite3.Connection, step: SchemaStep, tried: Tried) -> SchemaStep:
    """The step with the number of the rows that it copies, or that go."""
    goes = step.kind == "table" and step.deed == "drop"
    if not goes and not (step.deed == "rebuild" and step.name in tried.copied):
        return replace(step, rows=0)
    with overlooking(sqlite3.OperationalError):  # a table that an earlier step makes is not there yet
        return replace(step, rows=count_rows(connection, step.name))
    return step


def try_steps(
    connection: sqlite3.Connection, schema: Schema, steps: tuple[SchemaStep, ...], in_place: bool = True
) -> Tried:
    """Carry out some steps on an empty copy of a schema.

    Raises:
        Refused: a step cannot be carried out.
    """
    before = fingerprint(connection)
    keyed = frozenset(table.name for table in schema.tables if table.without_rowid)
    with schema_copy(connection, keyed) as copy:
        copy.execute("BEGIN")
        with changing_schema(copy):
            writer = Writer(copy, steps, in_place)
            for step in steps:
                with _refusals(f"{step.kind} {step.name} cannot be {DEEDS[step.deed]}"):
                    writer.write(step)
            statements = writer.finish()
        copy.execute("COMMIT")
        with _refusals("SQLite could not read the schema afterwards"), memory_copy(copy) as fresh:
            after = fingerprint(fresh)
            result = read_schema(fresh)
    _require_nothing_else(before, after, steps)
    renames = {folded(step.name): step.to for step in steps if step.deed == "rename"}
    rebuilt = tuple(step.name for step in steps if step.deed == "rebuild")
    return Tried(
        statements, differences(before, after, renames), result, rebuilt, tuple(writer.copied), writer.meanings, before,
        after, tuple(writer.written),
    )  # fmt: skip


@contextlib.contextmanager
def _refusals(problem: str) -> Iterator[None]:
    """Say of an error of SQLite's what cannot be done."""
    try:
        yield
    except sqlite3.Error as error:
        require_refusal(error)
        raise Refused(f"{problem}: {in_words(error)}", "nothing was changed") from error


def _require_nothing_else(before: Fingerprint, after: Fingerprint, steps: tuple[SchemaStep, ...]) -> None:
    """Raise Refused where anything is different that no step is about, or not as a step wants it."""
    wanted: dict[Key, str | None] = {}
    own: set[str] = set()
    for step in steps:
        key: Key = (step.kind, folded(step.name))
        if step.deed == "rename":
            wanted[step.kind, folded(step.to)] = wanted[key] = None
            own |= {folded(step.name), folded(step.to)}
        else:
            wanted[key] = step.text if step.deed == "rebuild" else None
        if step.deed == "drop" and step.kind in ("table", "view"):
            own.add(folded(step.name))
    for key in dict.fromkeys((*before.objects, *after.objects)):
        old, new = before.objects.get(key), after.objects.get(key)
        if key in wanted:
            text = wanted[key]
            if text is not None and (new is None or new.text != text):
                raise Refused(
                    f"SQLite would store another text of {key[0]} {key[1]} than the one that is wanted",
                    "nothing was changed",
                )
        elif old != new and not _goes_along(old, new, own):
            raise Refused(
                f"the text of {key[0]} {(old or new or _NOBODY).name} would not stay as it is", "nothing was changed"
            )


_NOBODY = Object("table", "", "", None)


def _goes_along(old: Object | None, new: Object | None, own: set[str]) -> bool:
    """True of what a constraint made, and of what belongs to a table that gets another name or goes."""
    for each in filter(None, (old, new)):
        of_constraint = each.kind == "index" and each.text is None
        if not of_constraint and folded(each.table) not in own and folded(each.name) != "sqlite_sequence":
            return False
    return True
