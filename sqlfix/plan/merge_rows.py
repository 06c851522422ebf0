"""Merging rows that are the same: one of each group stays, what refers to the others is led to it, and they go."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.model.findings import SameRows
from sqlfix.model.plans import Change, Fix, TableTotal
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import folded, grouped
from sqlfix.plan.fix import FIXES
from sqlfix.scan.same_rows import MOST_SHOWN, counting
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.sql.literals import any_of, free_column, free_name, names, quote
from sqlfix.sql.predicates import gathered_keys, has_key, in_rows, is_there, lookup, match_parent, stored

KEEP = ("first", "last", "most-referenced")
"""Which row of a group stays: that with the least rowid, the greatest, or the one that most rows refer to (of several
the first)."""
_ROWS, _MERGE, _CHECK = "sqlfix_rows", "sqlfix_merge", "sqlfix_check"


def merge_script(schema: Schema, group: SameRows, keep: str) -> tuple[str, ...]:
    """The statements, to be run in order by one connection; none where the rows cannot be told apart by a rowid.

    Where something stands in the way, one of them fails, and whoever runs the script has to roll back (``sqlite3
    -bail``). What they do is what `merge_fixes` says.

    Args:
        keep: one of `KEEP`.
    """
    if refusal(schema, group):
        return ()
    fixes = with_preparation(schema, group, keep, merge_fixes(schema, group))
    asserted = [fix.remaining_sql for fix in fixes if fix.remaining_sql]
    asserted += [_references_to_losers(schema, group.table, fk) for fk in _to_lead(schema, group)]
    statements = [statement for fix in fixes for statement in fix.statements]
    done = statements.index(f"DROP TABLE temp.{free_name(schema, _MERGE)}")
    return (
        "PRAGMA foreign_keys = OFF",
        "BEGIN",
        *statements[:done],
        *_assertions(free_name(schema, _CHECK), asserted),
        *statements[done:],
        "COMMIT",
    )


def merge_fixes(schema: Schema, group: SameRows) -> tuple[Fix, ...]:
    """The steps of a merge: what refers to the rows that go is led to those that stay, and then they go.

    Nothing is taken away but the rows that go, those links of join tables without data of their own that the row which
    stays has already, and its link to a row that goes: it would lead to itself. Where a reference to a row that goes
    cannot be led to the one that stays, because something else has to be unique there, its UPDATE fails; and where the
    row that stays has NULL where it would be referred to, the reference stays as it is and is left without a parent.
    """
    table = group.table
    fixes = [fix for fk in _to_lead(schema, group) for fix in _lead(schema, table, fk)]
    goes = f"c.{quote(table.row_id[0])} IN (SELECT loser FROM temp.{free_name(schema, _MERGE)})"
    gone = FIXES["delete-rows"].step(
        schema,
        (table.name, group.columns, None, ()),
        Change("delete", table.name, goes),
        checks=("duplicate-keys",),
        why="the same as a row that is kept",
        remaining_sql=counting(group),
    )
    return (*fixes, gone)


def with_preparation(schema: Schema, group: SameRows, keep: str, fixes: Sequence[Fix]) -> tuple[Fix, ...]:
    """Some steps of `merge_fixes`, the last among them, with what the first needs and what the last leaves behind.

    Args:
        keep: one of `KEEP`.
    """
    before = [f"DROP INDEX {quote(group.index[0])}"] if group.index else []
    before += _survivors(schema, group, keep)
    after = [f"DROP TABLE temp.{name}" for name in _tables(schema)] + ([group.index[1]] if group.index else [])
    prepared = [fixes[0].between(before, ()), *fixes[1:]]
    return (*prepared[:-1], prepared[-1].between((), after))


def each_once(
    totals: Sequence[TableTotal], copy: sqlite3.Connection, schema: Schema, group: SameRows, keep: str
) -> tuple[TableTotal, ...]:
    """The totals of a merge with each row counted once that references rows that go by several of its columns.

    Args:
        copy: a private copy, as it was before the merge.
    """
    led = grouped((fk.child, fk) for fk in _to_lead(schema, group))
    several = {child: some for child, some in led.items() if len(some) > 1}
    for statement in _survivors(schema, group, keep) if several else ():
        copy.execute(statement)
    most = {}
    for child, some in several.items():
        goes = any_of([f"EXISTS (SELECT 1 {_losers(schema, group.table)} WHERE {match_parent(fk)})" for fk in some])
        most[child] = int(copy.execute(f"SELECT count(*) FROM {quote(child)} AS c WHERE {goes}").fetchone()[0])
    return tuple(replace(each, changed=min(each.changed, most.get(each.table, each.changed))) for each in totals)


def refusal(schema: Schema, group: SameRows) -> str | None:
    """Why the rows cannot be merged, whatever they hold; None if they can."""
    table = group.table
    if is_bookkeeping(table.name):
        return "the table is a framework's own bookkeeping and is never changed"
    if len(table.row_id) != 1 or table.without_rowid:
        return "they cannot be identified by a rowid"
    kept = next((fk.child for fk in _to_lead(schema, group) if is_bookkeeping(fk.child)), None)
    if kept:
        return f"{kept} references them, and it is a framework's own bookkeeping, which is never changed"
    refer = (schema.table(fk.child) for fk in schema.references_to(table.name))
    if unread := next((child for child in refer if child and child.unreadable), None):
        return f"{unread.name} references them and cannot be read: {unread.unreadable}"
    # nobody can tell which of its rows refer to those that go
    unusable = (fk for fk in schema.references_to(table.name) if fk.fault)
    broken = next((fk for fk in unusable if not _is_kept(schema, fk, group)), None)
    place = f"{broken.child}.{', '.join(broken.child_columns)}" if broken else ""
    return f"{place} references them, and SQLite cannot use that foreign key" if broken else None


def group_of(table: Table, columns: tuple[str, ...]) -> SameRows:
    """Rows that have the same values in some columns, compared as the unique index over them does, if there is one.

    Raises:
        Refused: where the index is part of the CREATE TABLE, so that it cannot be dropped.
    """
    wanted = sorted(folded(name) for name in columns)
    over = [i for i in table.indexes if i.unique and sorted(folded(c.name or "") for c in i.columns) == wanted]
    index = next((i for i in over if not i.partial), None)
    if index is None:
        own = [column for name in columns if (column := table.column(name))]
        return SameRows(table, columns, tuple(f"{quote(c.name)} COLLATE {quote(c.collation)}" for c in own))
    if index.created_by is None:
        raise Refused(
            f"the constraint on {', '.join(columns)} is part of the declaration of {table.name}",
            "its index cannot be dropped during the merge; merge the rows by hand",
        )
    terms = tuple(f"{quote(c.name or '')} COLLATE {quote(c.collation)}" for c in index.columns)
    return SameRows(table, columns, terms, index=index.created_by)


def _references(schema: Schema, table: Table) -> list[ForeignKey]:
    """Every usable foreign key that refers to the table; two declarations of one are one."""
    return list({fk.subject: fk for fk in schema.references_to(table.name) if not fk.fault}.values())


def _to_lead(schema: Schema, group: SameRows) -> list[ForeignKey]:
    """The foreign keys whose references to rows that go have to be led to those that stay."""
    return [fk for fk in _references(schema, group.table) if not _is_kept(schema, fk, group)]


def _is_kept(schema: Schema, fk: ForeignKey, group: SameRows) -> bool:
    """True of a reference by the very columns that are the same: it holds as well for the row that stays.

    They have to be the same to the foreign key, too: rows that are one but for their case are two to a key by BINARY.
    """
    terms = set(map(folded, group.terms))
    return bool(fk.parent_columns) and all(
        {f"{folded(quote(name))} collate {quote(how)}" for how in ("binary", collation)} & terms
        for name, collation in zip(fk.parent_columns, lookup(schema, fk), strict=True)
    )


def _tables(schema: Schema) -> tuple[str, str]:
    """The temporary tables of the rows that are the same, and of those that go with who stays for each."""
    return free_name(schema, _ROWS), free_name(schema, _MERGE)


def _survivors(schema: Schema, group: SameRows, keep: str) -> Iterator[str]:
    """Statements that write down which rows go, and for which others; none of them counts as a change of rows."""
    rows, merge = _tables(schema)
    name, rowid = quote(group.table.name), quote(group.table.row_id[0])
    yield from (f"DROP TABLE IF EXISTS temp.{table}" for table in (rows, merge))
    there = " AND ".join([*([f"({group.where})"] if group.where else []), *map(is_there, group.terms)])
    terms = ", ".join(group.terms)
    yield (
        f"CREATE TEMP TABLE {rows} AS SELECT id, place FROM (SELECT {rowid} AS id, dense_rank() OVER (ORDER BY"
        f" {terms}) AS place, count(*) OVER (PARTITION BY {terms}) AS many FROM {stored(group.table)} WHERE {there})"
        " WHERE many > 1"
    )
    some = _references(schema, group.table) if keep == "most-referenced" else ()
    counts = " + ".join(f"ifnull(n{place}.n, 0)" for place in range(len(some)))
    joins = "".join(
        f" LEFT JOIN (SELECT p.{rowid} AS id, count(*) AS n FROM {quote(fk.child)} AS c CROSS JOIN {name} AS p"
        f" ON {match_parent(fk)} WHERE p.{rowid} IN (SELECT id FROM temp.{rows}) GROUP BY 1) AS n{place}"
        f" ON n{place}.id = r.id"
        for place, fk in enumerate(some)
    )
    counted = f"SELECT r.id, r.place, {counts} AS n FROM temp.{rows} AS r{joins}"
    order = {"first": "id", "last": "id DESC", "most-referenced": "n DESC, id" if counts else "id"}[keep]
    yield (
        f"CREATE TEMP TABLE {merge} AS SELECT id AS loser, stays AS survivor FROM (SELECT id, first_value(id)"
        f" OVER (PARTITION BY place ORDER BY {order}) AS stays FROM ({counted if counts else f'temp.{rows}'}))"
        " WHERE id <> stays"
    )
    yield f"CREATE UNIQUE INDEX temp.{merge}_loser ON {merge} (loser)"
    yield f"CREATE INDEX temp.{merge}_survivor ON {merge} (survivor)"


def _losers(schema: Schema, table: Table) -> str:
    """The rows that go, as ``p``, with who stays for each."""
    merge = free_name(schema, _MERGE)
    return f"FROM {quote(table.name)} AS p JOIN temp.{merge} AS m ON m.loser = p.{quote(table.row_id[0])}"


def _references_to_losers(schema: Schema, table: Table, fk: ForeignKey) -> str:
    """How many rows refer to rows that go, and do not go themselves."""
    stays = ""
    if folded(fk.child) == folded(table.name):
        stays = f" AND c.{quote(table.row_id[0])} NOT IN (SELECT loser FROM temp.{free_name(schema, _MERGE)})"
    return (
        f"SELECT count(*) FROM {quote(fk.child)} AS c WHERE EXISTS (SELECT 1 {_losers(schema, table)}"
        f" WHERE {match_parent(fk)}){stays}"
    )


def _lead(schema: Schema, table: Table, fk: ForeignKey) -> Iterator[Fix]:
    """The steps that lead the references by one foreign key to the rows that stay."""
    name, rowid = quote(table.name), quote(table.row_id[0])
    same = f"the other rows of {table.name} that are the same are deleted"
    yield from _merge_links(schema, table, fk)
    if folded(fk.child) == folded(table.name):  # it would become its own parent
        itself = f"SELECT m.survivor {_losers(schema, table)} WHERE {match_parent(fk)}"
        yield FIXES["set-null"].step(
            schema,
            fk.subject,
            Change("update", fk.child, f"c.{rowid} IN ({itself})", dict.fromkeys(fk.child_columns, "NULL")),
            why="they would reference themselves",
        )
    stays = f"{_losers(schema, table)} JOIN {name} AS s ON s.{rowid} = m.survivor WHERE {match_parent(fk)}"
    values = {ours: f"s.{quote(theirs)}" for ours, theirs in zip(fk.child_columns, fk.parent_columns, strict=True)}
    usable = " AND ".join(map(is_there, values.values()))
    yield FIXES["update"].step(
        schema,
        fk.subject,
        Change("update", fk.child, f"EXISTS (SELECT 1 {stays} AND {usable})", values, stays),
        value="the value of the row that is kept",
        why=same,
    )


def _merge_links(schema: Schema, table: Table, fk: ForeignKey) -> Iterator[Fix]:
    """The step that takes away the links to rows that go which those that stay have already, in a join table."""
    join, child = schema.join_table(fk.child), schema.table(fk.child)
    if join is None or join.carries_data or child is None or not child.row_id:
        return
    other = join.right if fk.child_columns == join.left.child_columns else join.left
    rowid, goal = quote(table.row_id[0]), f"ifnull(m.survivor, p.{quote(table.row_id[0])})"
    end, joined = _other_end(schema, other)
    merge = free_name(schema, _MERGE)
    ids = ", ".join(f"c.{quote(column)} AS k{place}" for place, column in enumerate(child.row_id))
    links = (
        f"SELECT {gathered_keys(child)} FROM (SELECT {ids},"
        f" m.loser AS gone, row_number() OVER (PARTITION BY {goal}, {end}"
        f" ORDER BY m.loser IS NOT NULL, {names(child.row_id, 'c')}) AS place FROM {quote(child.name)} AS c"
        f" JOIN {quote(table.name)} AS p ON {match_parent(fk)} LEFT JOIN temp.{merge} AS m ON m.loser = p.{rowid}"
        f"{joined} WHERE {goal} IN (SELECT survivor FROM temp.{merge}) AND {has_key(child, other)})"
        " WHERE place > 1 AND gone IS NOT NULL"
    )
    yield FIXES["delete-rows"].step(
        schema,
        fk.subject,
        Change("delete", child.name, in_rows(child, "c", links)),
        link_rows=True,
        why=f"the row of {table.name} that is kept already has this link",
    )


def colliding(
    schema: Schema, group: SameRows, keep: str, fk: ForeignKey
) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Which rows of a child would be the same in a unique index, once those that refer to rows that go are led.

    For each index over columns of the reference: the columns that tell a row, and the statements that find the rows, to
    be run in order on a private copy; the last one is the query.
    """
    child, table = schema.table(fk.child), group.table
    led = {folded(name) for name in fk.child_columns}
    for index in child.indexes if child and child.row_id else ():
        columns = [(column.name, column.collation) for column in index.columns if column.name]
        special = not index.unique or index.partial or len(columns) < len(index.columns)
        if child is None or special or not led & {folded(name) for name, _ in columns}:
            continue
        key = child.known_by
        rowid, merge = quote(table.row_id[0]), free_name(schema, _MERGE)
        goal, number = f"ifnull(m.survivor, p.{rowid})", free_column(child, "sqlfix_n")
        to = free_column(child, "sqlfix_to")
        same = [f"c.{quote(name)} COLLATE {quote(how)}" for name, how in columns if folded(name) not in led]
        there = "".join(f" AND {is_there(f'c.{quote(name)}')}" for name, _ in columns)
        rows = (
            f"SELECT {names(key, 'c')}, {goal} AS {to},"
            f" count(*) OVER (PARTITION BY {', '.join([goal, *same])}) AS {number}"
            f" FROM {quote(child.name)} AS c JOIN {quote(table.name)} AS p ON {match_parent(fk)}"
            f" LEFT JOIN temp.{merge} AS m ON m.loser = p.{rowid} WHERE 1{there}"
        )
        query = f"SELECT {names(key)} FROM ({rows}) WHERE {number} > 1 AND {to} IN (SELECT survivor FROM temp.{merge})"
        yield key, [*_survivors(schema, group, keep), f"{query} LIMIT {MOST_SHOWN}"]


def _other_end(schema: Schema, fk: ForeignKey) -> tuple[str, str]:
    """What tells the other ends of links apart, and the JOIN that it needs.

    Two links lead to one row if both have it for their parent, however their own column would compare them. A link
    that has no parent goes by its values, and so does every one where the schema keeps SQLite from looking parents up.
    """
    if fk.fault:
        return ", ".join(f"+c.{quote(name)} COLLATE BINARY" for name in fk.child_columns), ""
    ends = zip(fk.child_columns, fk.parent_columns, lookup(schema, fk), strict=True)
    told = (f"ifnull(q.{quote(theirs)}, +c.{quote(ours)}) COLLATE {quote(how)}" for ours, theirs, how in ends)
    return ", ".join(told), f" LEFT JOIN {quote(fk.parent)} AS q ON {match_parent(fk, 'q')}"


def _assertions(check: str, counts: Sequence[str]) -> Iterator[str]:
    """Statements that fail, and take everything back, where one of some queries does not count none."""
    rule = 'CONSTRAINT "rows could not be merged: nothing was changed" CHECK (n = 0)'
    yield f"DROP TABLE IF EXISTS temp.{check}"
    yield f"CREATE TEMP TABLE {check} (n INTEGER, {rule})"
    yield from (f"INSERT OR ROLLBACK INTO temp.{check} {count}" for count in counts)
    yield f"DROP TABLE temp.{check}"
