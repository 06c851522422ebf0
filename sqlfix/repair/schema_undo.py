"""Changing a schema back where the file was written to since: to the texts of before, and the rows of now are kept."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from sqlfix.errors import Refused, RolledBack, SqlfixError
from sqlfix.frozen import frozen
from sqlfix.model.plans import Deed, Left, ObjectKind, SchemaPlan, SchemaStep
from sqlfix.model.schema import Column, Schema
from sqlfix.model.values import folded
from sqlfix.plan.alter_rows import Assumed, in_the_way, type_change
from sqlfix.plan.alter_wish import place_of
from sqlfix.plan.schema_changes import Tried, plan_schema_change, try_steps
from sqlfix.repair.record import Record, name_of
from sqlfix.repair.schema_change import BACK, carry_out, told_of
from sqlfix.schema.database import Database
from sqlfix.schema.fingerprint import Fingerprint, fingerprint
from sqlfix.schema.names import typed_place
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.tokens import DdlError, known_tokens
from sqlfix.sql.type_changes import comes_back, kept, loses
from sqlfix.sqlite.deadline import overlooking
from sqlfix.text import address, command_line, plural

ONLY_BACKUP = "nothing was changed; the backup has the file as it was before"
UNIQUE = "UNIQUE constraint failed"
NOT_FITTING = "change the rows that came since, so that they fit the schema of before, then undo again"
WHY = "as it was before"


@frozen
class Changed:
    """An object that a change of the schema changed: its text before and after, None where it was not there."""

    kind: ObjectKind
    name: str
    before: str | None
    after: str | None


def changed_by(record: Record) -> tuple[Changed, ...]:
    """The objects that a record says were changed; none where it is no change of the schema.

    Raises:
        SqlfixError: where the record does not hold together.
    """
    try:
        found = tuple(Changed(*each) for each in json.loads(record.about.get("objects", "[]")))
    except (ValueError, TypeError) as error:
        raise _damaged(record) from error
    kinds = ("table", "index", "trigger", "view")
    for each in found:
        texts = (each.name, each.before or "", each.after or "")
        if each.kind not in kinds or not all(isinstance(text, str) for text in texts):
            raise _damaged(record)
    return found


def done_by(record: Record) -> tuple[SchemaStep, ...]:
    """The steps that a record says were done, without their texts."""
    kinds, deeds = ("table", "index", "trigger", "view"), ("rebuild", "rename", "rewrite", "create", "drop")
    try:
        steps = []
        for deed, kind, name, to, values, rows in json.loads(record.about.get("steps", "[]")):
            known = deed in deeds and kind in kinds and isinstance(values, dict) and isinstance(rows, int)
            if not known or not all(isinstance(text, str) for text in (name, to, *values, *values.values())):
                raise _damaged(record)
            steps.append(SchemaStep(deed, kind, name, to=to, values=values, rows=rows))
    except (ValueError, TypeError) as error:
        raise _damaged(record) from error
    return tuple(steps)


def _damaged(record: Record) -> SqlfixError:
    return SqlfixError(f"{record.path} cannot be read as a record: it does not say what it changed")


def told_of_exact(record: Record) -> dict[str, str | None]:
    """What the record of an undo says of the schema where the backup came back, by that of the change."""
    if not (changed := changed_by(record)):
        return {}
    steps: list[SchemaStep] = []
    tables = {folded(each.name): each for each in changed if each.kind == "table"}
    for step in reversed(done_by(record)):
        if step.deed == "rename":
            steps.append(replace(step, name=step.to, to=step.name))
        else:
            deeds: dict[Deed, Deed] = {"create": "drop", "drop": "create"}
            values = step.values
            with suppress(Refused):  # where a value was computed, that of the undo is none that can be taken back
                values = _backwards(values, tables.get(folded(step.name)))
            steps.append(replace(step, deed=deeds.get(step.deed, step.deed), values=values, rows=0))
    objects = [[each.kind, each.name, each.after, each.before] for each in changed]
    done = [[step.deed, step.kind, step.name, step.to, dict(step.values), step.rows] for step in steps]
    return {"objects": json.dumps(objects), "steps": json.dumps(done)}


# -- the steps back -----------------------------------------------------------------------------------------------


def plan_back(database: Database, record: Record) -> SchemaPlan:
    """The plan that changes a schema back.

    Raises:
        Refused: where that cannot be done.
    """
    return plan_schema_change(database, steps_back(database.connection, record))


def change_back(
    connection: sqlite3.Connection, schema: Schema, record: Record
) -> tuple[tuple[SchemaStep, ...], tuple[Left, ...], dict[str, str | None]]:
    """Change a schema back inside a transaction; the steps, the orphans that it reveals, and what a record says of it.

    Raises:
        Refused: where that cannot be done.
        RolledBack: where the rows of now do not fit.
    """
    steps = steps_back(connection, record)
    tried: Tried = try_steps(connection, schema, steps)
    try:
        revealed = tuple(carry_out(connection, schema, tried))
    except RolledBack as error:  # rows that have come since
        raise RolledBack(error.message, error.hint and NOT_FITTING) from error
    return steps, revealed, told_of(steps, tried)


def naming_rows(error: RolledBack, database: Database, record: Record) -> RolledBack:
    """The same error; where rows share a value of what is to be unique again, with these, as `alter` lists them.

    Args:
        database: as it is, with these rows.
    """
    if UNIQUE not in error.message:
        return error
    connection, schema = database.connection, database.schema
    found: dict[str, tuple[str, str | None]] = {}
    for at, assumed in _assumed(try_steps(connection, schema, steps_back(connection, record))):
        with suppress(Refused), overlooking():
            place = place_of(database.schema_with_text, typed_place(schema, *at))
            change = None if assumed.type is None else type_change(database, place, assumed.type)
            for part in in_the_way(database, place, assumed, change)[0]:
                if part.check == "duplicate-keys":  # by the collation of before there are more
                    said = f"{plural(part.count, 'row')} of {address(part.table, part.columns)}: {part.reason}"
                    found.setdefault(address(part.table, part.columns), (said, part.hint))
    if not found:
        return error
    hints = dict.fromkeys(hint for _, hint in found.values() if hint)
    again = command_line(("undo", name_of(record.path)), database.name)
    named = "; ".join([error.message.removesuffix(f"; {BACK}"), *(said for said, _ in found.values()), BACK])
    return RolledBack(named, f"{'; '.join(hints)}; then: {again}")


def _assumed(tried: Tried) -> Iterator[tuple[tuple[str, tuple[str, ...]], Assumed]]:
    """What `alter` would have to assume of the columns that may be unique again, each with its table."""
    unique = {
        folded(index.name): (table.name, tuple(column.name or "" for column in index.columns))
        for table in tried.schema.tables
        for index in table.indexes
        if index.unique and not index.partial
    }
    for fact in tried.facts:
        place, table = (fact.name, fact.place), tried.schema.table(fact.name)
        if fact.kind == "index" and folded(fact.name) in unique:
            yield unique[folded(fact.name)], Assumed(unique=True)
        elif fact.what == "unique" and fact.before is None:
            yield place, Assumed(unique=True)
        elif table and fact.what == "collation":
            yield place, Assumed(collation=fact.after or "BINARY", indexes=table.indexes)
        elif table and fact.what == "type":
            yield place, Assumed(type=fact.after or "", indexes=table.indexes)


def steps_back(connection: sqlite3.Connection, record: Record) -> tuple[SchemaStep, ...]:
    """The steps that change a schema back to what it was before a record.

    Raises:
        Refused: an object was changed again since, or what is to come back is in the backup alone.
    """
    changed, done, now = changed_by(record), done_by(record), fingerprint(connection)
    _require_as_left(record, changed, now)
    for step in done:
        if step.deed == "drop" and step.kind == "table" and step.rows:
            raise Refused(f"the rows of table {step.name} are in the backup alone", ONLY_BACKUP)
    steps = tuple(_in_order(changed, done, now))
    for step in steps:
        if step.deed == "drop" and step.kind == "table":
            table = quote(step.name)
            if connection.execute(f"SELECT 1 FROM main.{table} LIMIT 1").fetchone():
                raise Refused(f"table {step.name} has rows by now, which would go with it", ONLY_BACKUP)
    _require_nothing_lost(connection, steps)
    return steps


def _require_as_left(record: Record, changed: tuple[Changed, ...], now: Fingerprint) -> None:
    """Raise Refused where an object is not as the change left it."""
    if record.state == "prepared" and all(_text(now, each) == each.before for each in changed):
        raise Refused(
            f"the {record.kind} {record.name} was cut off before it was committed: there is nothing to undo",
            "nothing was changed; sqlfix history lists the other records",
        )
    for each in changed:
        if _text(now, each) != each.after:
            raise Refused(f"{each.kind} {each.name} was changed again since", ONLY_BACKUP)


def stands(now: Fingerprint, changed: tuple[Changed, ...]) -> bool:
    """True if all objects are as the change left them."""
    return all(_text(now, each) == each.after for each in changed)


def _text(now: Fingerprint, each: Changed) -> object:
    found = now.objects.get((each.kind, folded(each.name)))
    return None if found is None else found.text


def _in_order(changed: tuple[Changed, ...], done: tuple[SchemaStep, ...], now: Fingerprint) -> Iterator[SchemaStep]:
    """First what goes, then the tables, and what stands on them last."""
    renamed = {folded(step.name): step.to for step in done if step.deed == "rename"}
    back = {folded(to): name for name, to in renamed.items()}
    tables = {folded(each.name): each for each in changed if each.kind == "table"}
    rebuilt = [step for step in done if step.deed == "rebuild"]
    values = {folded(step.name): _backwards(step.values, tables.get(folded(step.name))) for step in rebuilt}
    others = [each for kind in ("index", "view", "trigger") for each in changed if each.kind == kind]
    aside = [
        each for each in others if each.after is not None and each.before is not None and _stands_on(each, now, values)
    ]
    for each in reversed(others):
        if each.before is None or each in aside:
            yield SchemaStep("drop", each.kind, each.name, why=WHY)
    for step in reversed(done):
        if step.deed == "rename":
            yield SchemaStep("rename", "table", step.to, to=step.name, why=WHY)
    for each in (each for each in changed if each.kind == "table"):
        name = folded(each.name)
        if each.before is None:
            if name not in back:
                yield SchemaStep("drop", "table", each.name, why=WHY)
        elif each.after is None and name not in renamed:
            yield SchemaStep("create", "table", each.name, each.before, why=WHY)
        else:
            after = each.after or next(c.after for c in changed if folded(c.name) == folded(renamed[name])) or ""
            why = f"{WHY}{_but_rowids(each.before, after)}"
            yield SchemaStep("rebuild", "table", each.name, each.before, values=values.get(name, {}), why=why)
            _require_columns(each.name, each.before, after, values.get(name, {}))
    for each in others:
        if each.before is not None:
            deed: Deed = "create" if each.after is None or each in aside else "rewrite"
            yield SchemaStep(deed, each.kind, each.name, each.before, why=WHY)


def _but_rowids(before: str, after: str) -> str:
    """What to add where a key was the rowid after the change, and was not before: the rowids of before are not known.

    They are in the backup, which comes back whole where nobody has written since.
    """
    key = _rowid_key(after)
    return f", but each row keeps the rowid that {key} gave it" if key and not _rowid_key(before) else ""


def _rowid_key(text: str) -> str | None:
    """The INTEGER PRIMARY KEY of a table."""
    try:
        table = read_create_table(text)
    except DdlError:
        return None
    if table.without_rowid or len(table.primary_key) != 1:
        return None
    (key,) = table.primary_key
    kinds = [folded(column.type) for column in table.columns if folded(column.name) == folded(key)]
    return key if kinds == ["integer"] else None


def _stands_on(each: Changed, now: Fingerprint, values: Mapping[str, Mapping[str, str]]) -> bool:
    """True of an index or a trigger of a table whose columns get other names: it could not be made again on the way."""
    found = now.objects.get((each.kind, folded(each.name)))
    return found is not None and bool(values.get(folded(found.table)))


def _backwards(values: Mapping[str, str], changed: Changed | None) -> dict[str, str]:
    """The values of a rebuild the other way round: each column has what the column has that got its value.

    Args:
        changed: the table, whose texts say by which affinities its values were stored.

    Raises:
        Refused: where a value was computed, or is not to be told any more from what it was stored as.
    """
    had, has = (_affinities(text) for text in ((changed.before, changed.after) if changed else ("", "")))
    back = {}
    for name, value in values.items():
        old, now = _source(value) or "", has.get(folded(name), "")
        before = had.get(folded(old), now)
        as_it_was = value == f"c.{quote(old)}"
        stored_so = as_it_was or (folded(old) in had and value == kept(f"c.{quote(old)}", now))
        if not old or not stored_so or not comes_back(before, now):
            raise Refused(f"the values of column {name} before are in the backup alone", ONLY_BACKUP)
        back[old] = f"c.{quote(name)}" if before == now else kept(f"c.{quote(name)}", before)
    return back


def _source(value: str) -> str | None:
    """The one column of the old row that a value is made of; None if it is made of none, or of several."""
    cut = known_tokens(value)
    found = {cut[at + 2].name for at in range(len(cut) - 2) if [t.word for t in cut[at : at + 2]] == ["c", "."]}
    return found.pop() if len(found) == 1 else None


def _affinities(text: str | None) -> dict[str, str]:
    """The affinities of the columns of a table, by their folded names; none of a text that cannot be read."""
    with suppress(DdlError):
        table = read_create_table(text or "")
        columns = (Column(column.name, column.type, False, None, 0) for column in table.columns)
        return {folded(column.name): affinity(column, table.strict) for column in columns}
    return {}


def _require_nothing_lost(connection: sqlite3.Connection, steps: tuple[SchemaStep, ...]) -> None:
    """Raise Refused where a value of now would lose something by the type that its column had."""
    names = {folded(step.to): step.name for step in steps if step.deed == "rename"}
    for step in steps:
        types, table = _affinities(step.text), names.get(folded(step.name), step.name)
        for name, value in step.values.items():
            source = f"c.{quote(_source(value) or '')}"
            if value == source:
                continue
            lost = f"SELECT count(*) FROM main.{quote(table)} AS c WHERE {loses(source, types[folded(name)])}"
            if count := connection.execute(lost).fetchone()[0]:
                raise Refused(f"{plural(count, 'value')} of {table}.{name} would lose something", ONLY_BACKUP)


def _require_columns(table: str, before: str, after: str, values: Mapping[str, str]) -> None:
    """Raise Refused where a column was dropped, or has come since: its values are nowhere else, or would go."""
    try:
        had, has = ({folded(c.name): c for c in read_create_table(text).columns} for text in (before, after))
    except DdlError as error:
        raise Refused(f"the text of table {table} cannot be read: {error}", ONLY_BACKUP) from error
    known = {folded(name) for name in values}
    taken = {folded(token.name or "") for value in values.values() for token in known_tokens(value)[2:]}
    for name, column in had.items():
        if name not in has and name not in known and not column.generated:
            raise Refused(f"the values of column {table}.{column.name} are in the backup alone", ONLY_BACKUP)
    for name, column in has.items():
        if name not in had and name not in taken and not column.generated:
            raise Refused(f"column {table}.{column.name} would go, with the values that it has by now", ONLY_BACKUP)
