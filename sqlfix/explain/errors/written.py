"""What can make a row fail that a statement was to write: a parent that is not there, for one row or for many."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlfix.explain.answers import Culprit
from sqlfix.explain.errors.conditions import narrowed
from sqlfix.explain.errors.inquiry import Asked, Found, rows_where
from sqlfix.explain.errors.statement import Statement
from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Table
from sqlfix.model.values import Value, folded
from sqlfix.sql.literals import literal, names, quote
from sqlfix.sql.predicates import has_values, orphan
from sqlfix.text import address, pairs_text, plural

_SHOWN = 5
MOST_ROWS = 1_000
"""Of an UPDATE of more rows, only so many are looked at."""


@frozen
class WrittenRow:
    """A row that was to be written: its values by column names in lower case, and which of these are new."""

    given: Mapping[str, Value]
    written: frozenset[str]


def rows_to_be(found: Found, table: Table) -> list[WrittenRow]:
    """The rows of an INSERT or an UPDATE, as far as their values are known; what cannot be read is noted."""
    asked, statement = found.asked, found.asked.statement
    rows: list[WrittenRow] = []
    for part in statement.parts if statement and statement.verb in ("INSERT", "UPDATE") else ():
        written = {folded(name): value for name, value in part.values}
        where = narrowed(part.where, table, asked.schema)
        which = where.sql if where else "1" if part.where is None and statement and not statement.unread else None
        stands = _as_they_stand(found, table, which, MOST_ROWS + 1 - len(rows)) if which else []
        if statement and statement.verb == "UPDATE" and stands:
            rows += (WrittenRow({**row, **written}, frozenset(written)) for row in stands)
        elif written:
            rows.append(WrittenRow(written, frozenset(written)))
    if len(rows) > MOST_ROWS:
        found.unknown("the statement", f"only {MOST_ROWS:,} of the rows that it writes were checked")
    return rows[:MOST_ROWS]


def _as_they_stand(found: Found, table: Table, condition: str, most: int) -> list[dict[str, Value]]:
    columns = [column.name for column in table.columns]
    query = f"SELECT {names(columns)} FROM {quote(table.name)} WHERE {condition} LIMIT {max(most, 0)}"
    rows: list[tuple[Value, ...]] = []
    with found.asking(table.name):
        rows = found.asked.connection.execute(query).fetchall()
    return [dict(zip(map(folded, columns), row, strict=True)) for row in rows]


def new_rows(found: Found, keys: Iterable[ForeignKey]) -> list[Culprit]:
    """The keys of the rows that were to be written that have no parent; what an UPDATE leaves alone is as it stands."""
    table = found.asked.statement_table
    rows = rows_to_be(found, table) if table else []
    culprits: list[tuple[int, Culprit]] = []
    for fk in keys if rows else ():
        if not fk.fault:
            with found.asking(address(*fk.subject[:2])):
                culprits += _without_parent(found.asked, fk, rows)
    return [culprit for _, culprit in sorted(culprits, key=lambda one: one[0])]


def _without_parent(asked: Asked, fk: ForeignKey, rows: list[WrittenRow]) -> list[tuple[int, Culprit]]:
    """The culprit for a relationship, with the place of the first row that fails by it; none where none does."""
    columns = [folded(name) for name in fk.child_columns]
    missing: dict[tuple[Value, ...], int] = {}
    first = 0
    for place, row in enumerate(rows):
        key = tuple(row.given.get(name) for name in columns)
        if None in key or not row.written & set(columns):
            continue
        if key in missing or not _has_parent(asked, fk, key, rows):
            first = first if missing else place
            missing[key] = missing.get(key, 0) + 1
    if not missing:
        return []
    number, parent = sum(missing.values()), fk.parent
    who = "the row that was to be written has"
    if len(rows) > 1:
        who = f"{number:,} of the {len(rows):,} rows that were to be written {'has' if number == 1 else 'have'}"
    mine = [pairs_text(zip(fk.child_columns, key, strict=True)) for key in missing]
    theirs = pairs_text(zip(fk.parent_columns, next(iter(missing)), strict=True))
    more = ", …" if len(mine) > _SHOWN else ""
    said = f"{who} {mine[0]}, and {parent} has no row with {theirs}"
    if len(mine) > 1:
        said = f"{who} values that do not exist in {parent}: {'; '.join(mine[:_SHOWN])}{more}"
    hint = f"write the row of {parent} first, or use another value"
    command = ("scan", "--select", address(*fk.subject[:2]))
    return [(first, Culprit("new-row", said, *fk.subject, hint=hint, command=command))]


def _has_parent(asked: Asked, fk: ForeignKey, key: tuple[Value, ...], rows: list[WrittenRow]) -> bool:
    """True if a row of the file is the parent, or one that was to be written with it."""
    if folded(fk.child) == folded(fk.parent) and any(_same(row, fk, key) for row in rows):
        return True
    there = has_values(fk, [literal(value) for value in key])
    query = f"SELECT 1 FROM {quote(fk.parent)} AS p WHERE {there} LIMIT 1"
    return asked.connection.execute(query).fetchone() is not None


def _same(row: WrittenRow, fk: ForeignKey, key: tuple[Value, ...]) -> bool:
    """True if a row has a key, also in another type or case: by the columns it may be the same."""
    given = [row.given.get(folded(name)) for name in fk.parent_columns]
    return all(
        one is not None and folded(str(one)) == folded(str(other)) for one, other in zip(given, key, strict=True)
    )


# -- INSERT … SELECT ----------------------------------------------------------------------------------------------


def copied_orphans(found: Found, statement: Statement) -> list[Culprit]:
    """The rows of the table that an INSERT … SELECT copies from that would have no parent in the table copied to."""
    asked = found.asked
    source = asked.schema.table(statement.source or "")
    target = asked.schema.table(statement.table) or asked.statement_table
    if source is None or target is None or source.kind != "table":
        found.unknown("INSERT … SELECT", NO_SOURCE)
        return []
    culprits = []
    for fk in target.foreign_keys:
        if statement.written and _is_left_empty(target, fk, statement.written):
            continue
        columns = _copied_from(statement, source, target, fk)
        if fk.fault or columns is None:
            if columns is None and not fk.fault:
                found.unknown(address(target.name, fk.child_columns), COMPUTED)
            continue
        parent = source.name if folded(fk.parent) == folded(target.name) else fk.parent
        moved = replace(fk, child=source.name, child_columns=columns, parent=parent)
        with found.asking(address(source.name, columns)):
            culprits += _orphans(asked, moved, source, target)
    return culprits


def _is_left_empty(table: Table, fk: ForeignKey, written: Iterable[str]) -> bool:
    """True of a key of which a column is not written and has no default: it is NULL, and refers to nothing."""
    given = {folded(name) for name in written}
    others = (column for n in fk.child_columns if folded(n) not in given and (column := table.column(n)))
    return any(column.default is None and not column.generated and not column.primary_key for column in others)


NO_SOURCE = "what it copies from is not a table of this file"
COMPUTED = "the statement fills it with an expression, which sqlfix does not run"


def _copied_from(statement: Statement, source: Table, target: Table, fk: ForeignKey) -> tuple[str, ...] | None:
    """The columns of the source that become the key; None where one does not come from a column."""
    copied = {folded(to): name for to, name in statement.copied}
    if statement.copies_all and len(source.columns) == len(target.columns):
        copied = {folded(to.name): name.name for to, name in zip(target.columns, source.columns, strict=True)}
    elif not copied:
        copied = {folded(column.name): column.name for column in source.columns}
    columns = [source.column(copied.get(folded(name), "")) for name in fk.child_columns]
    return tuple(c.name for c in columns if c) if all(columns) else None


def _orphans(asked: Asked, fk: ForeignKey, source: Table, target: Table) -> list[Culprit]:
    condition = f"{asked.of_source(source)} AND {orphan(asked.schema, fk)}"
    number, sample = rows_where(asked, source, condition, fk.child_columns)
    if not number:
        return []
    known = any(f.subject == fk.subject for f in source.foreign_keys)
    of = "" if target is source else f" (a foreign key of {target.name})"
    said = (
        f"{plural(number, 'row')} of {source.name}, which the statement copies,"
        f" {'references' if number == 1 else 'reference'} missing keys of {fk.parent} through"
        f" {', '.join(fk.child_columns)}{of}"
    )
    command = ("repair", "--select", address(*fk.subject[:2])) if known else ()
    return [Culprit("orphan-rows", said, *fk.subject, number, sample, None, command)]
