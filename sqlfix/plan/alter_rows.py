"""The rows that are in the way of a constraint that is yet to be added, by the checks of a scan under assumptions.

A table that has the constraint is scanned like any other; what is found then keeps it from being added. There is no
condition here that a check does not have, but for what another type of a column makes of its values.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding, Report, Row
from sqlfix.model.plans import Left
from sqlfix.model.schema import Column, ForeignKey, Index, Table
from sqlfix.model.values import Severity, folded
from sqlfix.plan.alter_wish import Place
from sqlfix.plan.merge_rows import refusal
from sqlfix.plan.retyped import computed_otherwise, newly_broken, parted_children, retyped
from sqlfix.scan.check import CHECKS
from sqlfix.scan.pieces import ends_of, piece_by_piece
from sqlfix.scan.run import check_all, look_at
from sqlfix.scan.scope import Scope
from sqlfix.schema.database import Database
from sqlfix.schema.names import typed_place, with_check, with_key, with_not_null, with_table, with_type
from sqlfix.sql.literals import all_of, names, quote
from sqlfix.sql.predicates import affinity, stored
from sqlfix.sql.type_changes import changed, loses
from sqlfix.sqlite.failures import in_words
from sqlfix.sqlite.integrity import is_damaged
from sqlfix.sqlite.snapshot import ReaderPool
from sqlfix.text import address, command_line, plural, row_text

OF_ROWS, OF_STRICT = ("not-null-violations", "duplicate-keys", "check-violations"), ("type-mismatches",)
OF_KEYS = ("orphan-rows", "placeholder-values")
SAMPLES = 5


@frozen
class Assumed:
    """What the columns of a place are assumed to have: NOT NULL, UNIQUE, CHECKs, another type, a foreign key.

    ``every_check`` and ``indexes`` are the CHECKs and the indexes of the table as it will be, the new ones as well, and
    ``stored`` its generated columns that are computed anew and have to hold what they hold.
    """

    not_null: bool = False
    unique: bool = False
    checks: tuple[str, ...] = ()
    type: str | None = None
    collation: str | None = None
    key: ForeignKey | None = None
    every_check: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()
    stored: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """The other type, or the other collation, in words."""
        return f"as {self.type}" if self.type is not None else f"compared as {self.collation}"

    def joined(self, other: Assumed) -> Assumed:
        """What both assume."""
        return Assumed(
            self.not_null or other.not_null,
            self.unique or other.unique,
            self.checks + other.checks,
            other.type if self.type is None else self.type,
            other.collation if self.collation is None else self.collation,
        )

    def of(self, place: Place) -> Table:
        """The table, if it had all that."""
        table = place.table
        if self.collation is not None:
            table = _with_collation(table, place.columns[0], self.collation, self.indexes)
        if self.not_null:
            table = with_not_null(table, place.columns)
        if self.unique:
            table = with_key(table, place.columns)
        for text in self.checks:
            table = with_check(table, None, text)
        if self.type is not None and table.strict:
            wanted = self.type.upper()
            table = with_type(table, place.columns[0], "INTEGER" if wanted == "INT" else wanted)
        if self.key is not None:
            table = replace(table, foreign_keys=(*table.foreign_keys, self.key))
        return table


def _with_collation(table: Table, column: str, collation: str, then: Iterable[Index]) -> Table:
    """The table, if a column compared in another way, and with it all that is unique of it in the indexes of then."""
    columns = tuple(replace(c, collation=collation) if c.name == column else c for c in table.columns)
    table = replace(table, columns=columns)
    for index in then:
        names = [each.name for each in index.columns]
        follows = any(c.name == column and folded(c.collation) == folded(collation) for c in index.columns)
        if index.unique and not index.partial and follows:
            table = with_key(table, tuple(name for name in names if name is not None))
    return table


def in_the_way(
    database: Database, place: Place, assumed: Assumed, change: TypeChange | None
) -> tuple[tuple[Left, ...], tuple[str, ...]]:
    """The rows that keep a constraint from being added, and those that could not be copied into any new table.

    With the commands that repair them.

    Args:
        change: what another type makes of the values.
    """
    table = assumed.of(place)
    schema = with_table(place.schema, table)
    of_keys = OF_KEYS if assumed.key and not (change and change.count) else ()  # else by what the values will be
    checks = (*OF_ROWS, *(OF_STRICT if table.strict else ()), *of_keys)
    scope = Scope((*checks, quote(table.name)))
    look = look_at(database.readers, schema, scope)
    look.tables.ordered[table.name] = True  # whether it is damaged is found out when the file is verified
    report = check_all(database.connection, look, database.name, scope)
    if report.not_checked:
        _require_whole(database, place.table.name)
    found = list(_found(database, place, assumed, report))
    found += _of_type(database, place, change) if change else ()
    found += _parted(database, place, assumed.collation) if assumed.collation else ()
    if change or assumed.collation is not None:
        found += _parted_children(database, place, replace(assumed, key=None) if of_keys else assumed)
        found += _of_keys(database, place, assumed)
        found += _of_checks(database, place, assumed)
    found += _of_stored(database, place, assumed)
    # the same column may hold rows for two reasons that one command repairs
    return tuple(left for left, _ in found), tuple(dict.fromkeys(words for _, words in found if words))


def _require_whole(database: Database, table: str) -> None:
    """Raise what SQLite says of a damaged file, where that is why a table cannot be checked."""
    if is_damaged(database.connection, quote(table)):
        raise sqlite3.DatabaseError("database disk image is malformed")


def _found(database: Database, place: Place, assumed: Assumed, report: Report) -> Iterator[tuple[Left, str]]:
    for finding in report.findings:
        if folded(finding.table) != folded(place.table.name):
            continue
        own = {*map(folded, finding.columns)} <= {*map(folded, place.columns)}
        if finding.check in OF_KEYS and assumed.key and finding.subject == assumed.key.subject:
            yield _orphans(database.name, place, assumed.key, finding)
        elif finding.check == "not-null-violations":
            yield (
                _nulls(database.name, place, assumed, finding)
                if own and assumed.not_null
                else _before(database, finding)
            )
        elif finding.check == "duplicate-keys":
            wanted = own and assumed.unique and len(finding.columns) == len(place.columns)
            if assumed.collation is not None and place.columns[0] in finding.columns and not wanted:
                reason = f"the same, compared as {assumed.collation}: {_samples(finding)}"
                yield _left(finding, reason, _by_hand(place)), ""
                continue
            yield _duplicates(database.name, place, finding) if wanted else _before(database, finding)
        elif finding.check == "check-violations" and assumed.checks:
            wanted = str(finding.facts.get("text")) in assumed.checks
            yield _check(place, finding) if wanted else _before(database, finding)
        elif finding.check == "type-mismatches" and place.table.strict and finding.severity == Severity.ERROR:
            wanted = own and assumed.type is not None
            reason = f"that cannot be {str(assumed.type).upper()}: {_samples(finding)}"
            yield (_left(finding, reason, _by_hand(place)), "") if wanted else _before(database, finding)
    for missed in report.not_checked:
        left = Left("not-checked", place.table.name, place.columns, None, (), 0, f"{missed.subject}: {missed.reason}")
        yield left, ""


def _nulls(database: str, place: Place, assumed: Assumed, finding: Finding) -> tuple[Left, str]:
    reason = f"NULL stands there: {_samples(finding)}"
    key = assumed.key or next((k for k in place.table.foreign_keys if finding.columns[0] in k.child_columns), None)
    if key is not None and key.fault:
        command = command_line(("repair-schema",), database)
        return _left(finding, reason, f"SQLite cannot use its foreign key; that comes first: {command}"), command
    if key is None:
        name = finding.columns[0]
        return _left(finding, reason, _by_hand(place, name, f"{quote(name)} IS NULL")), ""
    if folded(key.parent) == folded(key.child):  # a parent that is made would lack one itself
        pairs = zip(key.child_columns, key.parent_columns, strict=True)
        itself = f"UPDATE {quote(key.child)} SET {', '.join(f'{quote(c)} = {quote(p)}' for c, p in pairs)}"
        where = f"WHERE {quote(finding.columns[0])} IS NULL"
        return _left(finding, reason, f"what stands at the top can only reference itself: {itself} {where}"), ""
    words = ["backfill", typed_place(place.schema, place.table.name, key.child_columns)]
    words += ["--references", _parent(key)] if assumed.key else []
    command = command_line(tuple(words), database)
    return _left(finding, reason, f"make a parent for each of them: {command}"), command


def _duplicates(database: str, place: Place, finding: Finding) -> tuple[Left, str]:
    shared = f"{plural(finding.distinct, 'value')} more than once" if finding.distinct else "the same values"
    reason = f"{shared}: {_samples(finding)}"
    if finding.same is None or refusal(place.schema, finding.same):
        return _left(finding, reason, _by_hand(place)), ""
    command = command_line(("repair", "--merge", typed_place(place.schema, place.table.name, place.columns)), database)
    return _left(finding, reason, f"merge them, or give all but one of them another value: {command}"), command


def _orphans(database: str, place: Place, key: ForeignKey, finding: Finding) -> tuple[Left, str]:
    typed = typed_place(place.schema, place.table.name, place.columns)
    words = ("backfill", typed, "--references", _parent(key), "--replace-orphans")
    command = command_line(words, database)
    reason = f"no parent in {key.parent}: {_samples(finding)}"
    return _left(finding, reason, f"make their parents, or correct them: {command}"), command


def _check(place: Place, finding: Finding) -> tuple[Left, str]:
    text = " ".join(str(finding.facts.get("text")).split())
    return _left(finding, f"CHECK ({text}) is false: {_samples(finding)}", _by_hand(place, *finding.columns[:1])), ""


def _before(database: Database, finding: Finding) -> tuple[Left, str]:
    """What is at fault already, so that SQLite refuses to copy it."""
    rule = CHECKS[finding.check]
    command = command_line(("repair", "--select", finding.check, "--select", finding.table), database.name)
    return _left(finding, f"{rule.message(finding)}: they cannot be copied", rule.hint(finding)), command


def _left(finding: Finding, reason: str, hint: str | None) -> Left:
    return Left(finding.check, *finding.subject, finding.count, reason, hint)


def _by_hand(place: Place, column: str = "", where: str = "…") -> str:
    name = quote(column or place.columns[0])
    return f"give them another value: UPDATE {quote(place.table.name)} SET {name} = … WHERE {where}"


def _parent(key: ForeignKey) -> str:
    """A parent key as ``--references`` takes it."""
    plain = all(name.isidentifier() for name in (key.parent, *key.parent_columns))
    names = [name if plain else quote(name) for name in (key.parent, *key.parent_columns)]
    return f"{names[0]}({','.join(names[1:])})"


def _samples(of: Finding | TypeChange) -> str:
    return _samples_of(of.sample, of.count)


def _samples_of(rows: Sequence[Row], count: int) -> str:
    said = [row_text(row) for row in rows[:SAMPLES]]
    return f"{'; '.join(said)}{', …' if count > len(said) else ''}"


def _met(database: Database, table: Table, part: Left, where: str) -> Iterator[tuple[Left, str]]:
    """What is in the way, with the number of the rows ``c`` that a condition holds for, and a few; none without any."""
    count, sample = _rows_where(database, table, part.columns, where)
    if count:
        yield replace(part, count=count, reason=f"{part.reason}: {_samples_of(sample, count)}"), ""


def _parted(database: Database, place: Place, collation: str) -> Iterator[tuple[Left, str]]:
    """The rows that would lose their parent, since the parent's key would compare in another way."""
    column = place.columns[0]
    for key in place.schema.references_to_column(place.table.name, column):
        child = place.schema.table(key.child)
        if key.fault or child is None or child.unreadable:
            continue
        pairs = list(zip(key.child_columns, key.parent_columns, strict=True))
        now, then = (
            ", ".join(
                f"+c.{quote(own)} COLLATE {quote(told if to == column else place.table.known_column(to).collation)}"
                for own, to in pairs
            )
            for told in (place.table.known_column(column).collation, collation)
        )
        parents = _keys_of(place.table, [to for _, to in pairs])
        part = Left("orphan-rows", *key.subject, 0, f"without its parent, if {place.address} compared as {collation}")
        yield from _met(database, child, part, f"({now}) IN {parents} AND ({then}) NOT IN {parents}")


def _keys_of(parent: Table, columns: Sequence[str]) -> str:
    """A query for the keys of a parent, for IN and NOT IN."""
    there = all_of([f"p.{quote(name)} IS NOT NULL" for name in columns])
    return f"(SELECT {names(columns, 'p')} FROM {stored(parent, 'p')} WHERE {there})"


def _parted_children(database: Database, place: Place, assumed: Assumed) -> Iterator[tuple[Left, str]]:
    """The rows that would lose their parent, since their key would be stored or computed as another value."""
    new = assumed_column(place, assumed)
    for fk, count, sample in parted_children(database.connection, place.schema, place.table, new, assumed.key):
        reason = f"without its parent {assumed.words}: {_samples_of(sample, count)}"
        yield Left("orphan-rows", *fk.subject, count, reason), ""


def _of_keys(database: Database, place: Place, assumed: Assumed) -> Iterator[tuple[Left, str]]:
    """The keys that another type or collation makes the same, and the rows that would lose their parent by it."""
    new, connection = assumed_column(place, assumed), database.connection
    with retyped(connection, place.schema, place.table, new, assumed.indexes) as keys:
        if keys is None:
            return
        alone = replace(database, readers=ReaderPool([connection]))  # they are in its temporary table
        for columns, count, sample in keys.same():
            reason = f"the same {assumed.words}: {_samples_of(sample, count)}"
            yield Left("duplicate-keys", place.table.name, columns, None, (), count, reason, _by_hand(place)), ""
        for fk in keys.keys:
            as_what = f"were {new.type}" if assumed.type is not None else f"compared as {new.collation}"
            part = Left("orphan-rows", *fk.subject, 0, f"without its parent, if {place.address} {as_what}")
            yield from _met(alone, place.schema.known_table(fk.child), part, keys.parted(fk))


def _of_checks(database: Database, place: Place, assumed: Assumed) -> Iterator[tuple[Left, str]]:
    """The rows for which a CHECK would become false, or a computed column NULL, by the column's type or collation."""
    new = assumed_column(place, assumed)
    required = {f"{quote(c.name)} IS NOT NULL": c.name for c in place.table.columns if c.generated and c.not_null}
    columns, checks = {new.name: new}, (*assumed.every_check, *required)
    for text, count, sample in newly_broken(database.connection, place.schema, place.table, columns, checks):
        check, name, said = "check-violations", new.name, f"CHECK ({' '.join(text.split())}) would be false"
        if text in required:
            check, name, said = "not-null-violations", required[text], "it would be computed as NULL"
        reason = f"{said}: {_samples_of(sample, count)}"
        yield Left(check, place.table.name, (name,), None, (), count, reason, _by_hand(place)), ""


def _of_stored(database: Database, place: Place, assumed: Assumed) -> Iterator[tuple[Left, str]]:
    """The rows whose stored computed values would be others."""
    new, columns = assumed_column(place, assumed), sorted(assumed.stored)
    for name, count, sample in computed_otherwise(database.connection, place.schema, place.table, new, columns):
        reason = f"it would be computed as another value, and it is STORED: {_samples_of(sample, count)}"
        hint = f"drop it first, or make it VIRTUAL: what is stored in a column beside {place.address} is not changed"
        yield Left("type-mismatches", place.table.name, (name,), None, (), count, reason, hint), ""


def assumed_column(place: Place, assumed: Assumed) -> Column:
    """The column, as it will store and compare."""
    column = place.table.known_column(place.columns[0])
    column = replace(column, type=column.type if assumed.type is None else assumed.type)
    return replace(column, collation=column.collation if assumed.collation is None else assumed.collation)


# -- another type -------------------------------------------------------------------------------------------------


@frozen
class TypeChange:
    """What another type makes of the values of a column: how many of them are of a kind, and a few of these."""

    column: Column
    count: int
    sample: tuple[Row, ...]

    @property
    def words(self) -> str:
        """The same in words."""
        they = "is" if self.count == 1 else "are"
        return f"{plural(self.count, 'value')} {they} stored as another: {_samples(self)}"


def type_change(database: Database, place: Place, type: str) -> TypeChange:
    """The values of a column that another type makes others of."""
    new = replace(place.table.known_column(place.columns[0]), type=type)
    where = changed(f"c.{quote(new.name)}", affinity(new, place.table.strict))
    return TypeChange(new, *_rows_where(database, place.table, (new.name,), where))


def _of_type(database: Database, place: Place, change: TypeChange) -> Iterator[tuple[Left, str]]:
    """The values that another type would lose something of, or that are none of that type, by the check of types."""
    table, new = place.table, change.column
    x, to = f"c.{quote(new.name)}", affinity(new, place.table.strict)
    reason = f"as {new.type} it would lose something"
    part = Left("type-mismatches", table.name, (new.name,), None, (), 0, reason, _by_hand(place))
    if change.count:  # only a value that changes can lose anything
        yield from _met(database, table, part, loses(x, to))
    if table.strict:
        return
    columns = tuple(new if column.name == new.name else column for column in table.columns)
    conditions = CHECKS["type-mismatches"].conditions
    for condition in conditions(place.schema, replace(table, columns=columns)) if conditions else ():
        if condition.columns == (new.name,) and condition.severity is not Severity.HINT:
            where = f"({condition.where}) AND NOT {changed(x, to)}"
            yield from _met(database, table, replace(part, reason=f"that is no {new.type}"), where)


def _rows_where(database: Database, table: Table, shown: tuple[str, ...], where: str) -> tuple[int, tuple[Row, ...]]:
    """How many rows ``c`` of a table a condition holds for, and a few of them, with some columns beside their key."""
    key, source = table.known_by, f"{stored(table, 'c')} WHERE ({where})"
    columns = ", ".join(f"c.{quote(name)}" for name in (*key, *shown))
    try:
        counts = piece_by_piece(database.readers, table, _most(database, table), f"SELECT count(*) FROM {source}")
        if not (number := sum(int(count) for (count,) in counts)):
            return 0, ()
        rows = database.connection.execute(f"SELECT {columns} FROM {source} LIMIT {SAMPLES}").fetchall()
    except sqlite3.DatabaseError as error:
        raise Refused(f"{address(table.name, shown)} cannot be read: {in_words(error)}") from error
    return number, tuple(Row.of(key, shown, values) for values in rows)


def _most(database: Database, table: Table) -> int:
    """A table has so many rows at most, by its rowids; 0 where that is not known."""
    if table.without_rowid or len(table.row_id) != 1:
        return 0
    least, greatest = ends_of(database.connection, table)
    return 0 if least is None else greatest - least + 1
