"""# unfinished-migration

**What it finds.** A table that the rebuild of another table left behind, and which rows are in which of the two. An
SQLite migration rebuilds a table under another name (`_alembic_tmp_x`, `new__x`, `x__old`, `x_old`, `x_backup`,
`_knex_temp_alter…`, `__new_x`, `_new_x`, `temporary_x`, `__temp__x`, `ef_temp_x` and
[others](errors.md#messages-of-sqlite)), copies the rows and drops the old table. If it failed halfway, both are there,
or only the one with the other name. The columns of the two must be largely the same, so an unrelated table that is
called `x_old` is not reported. Rows are compared by the primary key. It is an error if x is not there, or if rows of
the other table are missing from x. It is a warning if foreign keys, views or triggers followed the rename to a table
that only a migration calls so: they do not see the new rows of x. Otherwise it is a hint. A copy without any keys that
somebody keeps (`CREATE TABLE x_backup AS …`) is a hint too, unless x is empty. Orphans whose parents are only in the
leftover are a finding of their own.

**Why it matters.** The leftover may hold the only copy of some rows. The application does not see them, the next run of
the migration fails because the table exists, and whoever tidies up the leftover deletes them for good. If a foreign key
followed the rename to the leftover, a DROP TABLE of the leftover can delete the rows that reference it, by ON DELETE
CASCADE.

**Example.** The table `invoice` is missing, and `_alembic_tmp_invoice`, left behind by a rebuild, is there with 2 rows.

**How it is repaired and what that loses.** `sqlfix repair-schema` gives the table its name back if it is gone, has
foreign keys that followed the leftover reference the table again, and drops one of the two if it is empty and you say
`--drop-leftovers`. It moves no rows: if both have some, finish the migration. Until then `repair` never changes the
leftover, and holds back what is better left alone: all fixes of the two tables, and of the tables that reference them,
if the leftover may hold the only copy of rows; deletes from x if the two have the same rows; and orphans whose parents
are in the leftover. Also held back is whatever sets off a trigger that writes to the leftover or deletes rows of one of
the two. If it is not a leftover at all, `--ignore unfinished-migration` says so.
"""

from collections.abc import Iterator

from sqlfix.model.findings import Finding, number_of
from sqlfix.model.schema import Table
from sqlfix.model.values import Fact, Severity, folded
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.table_reader import TableReader
from sqlfix.schema.leftovers import OF_OLD, Leftover, is_of_tool, leftover_of, rename_back
from sqlfix.sql.literals import names, quote
from sqlfix.sql.predicates import orphan, refers_to_some, stored
from sqlfix.sqlite.deadline import limited
from sqlfix.text import plural


def inspect(reader: TableReader) -> Iterator[Finding]:
    """The one finding of a leftover, and one for each relationship whose orphans have their parents in it alone."""
    leftover = leftover_of(reader.schema, reader.table)
    if leftover is None:
        return
    original = reader.schema.table(leftover.original) if leftover.exists else None
    only_here, only_there = rows, there = reader.size or 0, 0
    if original is not None:
        reader.look.count((), [original.name])
        there = reader.look.sizes.get(original.name, 0)
        with limited(rows + there, reader.connection):  # a column may be a computed one
            key = _key(original, reader.table)
            only_here = _lacking(reader, reader.table, original, key) if rows else 0
            only_there = _lacking(reader, original, reader.table, key) if there else 0
    wanted_by = "" if leftover.exists else _referring(reader, leftover.original)
    at_stake = _is_at_stake(leftover, rows, there, only_here)
    rename = None
    if leftover.original and not leftover.exists:
        rename = rename_back(reader.schema, leftover.table.name, leftover.original)
    spoken_of = "" if original is None else ", ".join(_speaking(reader, original))
    severity = Severity.ERROR if at_stake else Severity.HINT
    if original is not None and not at_stake and (spoken_of or _is_referred_to(reader)):
        severity = Severity.WARNING
    yield Finding(
        "unfinished-migration", severity, reader.table.name, count=only_here,
        facts={
            "original": leftover.original or None, "exists": int(leftover.exists), "copy": int(leftover.copy),
            "rows": rows, "rows_of_original": there, "only_here": only_here, "only_there": only_there,
            "wanted_by": wanted_by or None, "referred_by": _referring(reader, reader.table.name) or None,
            "spoken_of_by": spoken_of or None, "rename": rename,
        },
    )  # fmt: skip
    if original is not None and only_here:
        yield from _parents(reader, original)


def _referring(reader: TableReader, name: str) -> str:
    """The foreign keys of other tables that refer to the table of that name."""
    refer = [fk for fk in reader.schema.references_to(name) if folded(fk.child) != folded(name)]
    return ", ".join(dict.fromkeys(f"{fk.child}.{', '.join(fk.child_columns)}" for fk in refer))


def _is_referred_to(reader: TableReader) -> bool:
    """True where foreign keys followed a rename to the leftover; those of other leftovers are nobody's."""
    schema, name = reader.schema, reader.table.name
    children = {folded(fk.child): schema.known_table(fk.child) for fk in schema.references_to(name)}
    own = (child for key, child in children.items() if key != folded(name))
    return is_of_tool(name) and any(leftover_of(schema, child) is None for child in own)


def _speaking(reader: TableReader, original: Table) -> Iterator[str]:
    """The views, and the triggers of other tables, that followed a rename, which takes them to the old name alone.

    They could be of the table itself, which has all columns of the leftover.
    """
    name = folded(reader.table.name)
    if not name.endswith(OF_OLD) or not all(original.column(column.name) for column in reader.table.columns):
        return
    for table in reader.schema.tables:
        if table.kind == "view" and name in folded(table.sql):
            yield f"the view {table.name}"
        if folded(table.name) != name:
            yield from (f"the trigger {trigger.name}" for trigger in table.triggers if name in folded(trigger.sql))


def _parents(reader: TableReader, original: Table) -> Iterator[Finding]:
    """Orphans whose parent the leftover has, and the table has not."""
    keys = [fk for fk in reader.schema.references_to(original.name) if not fk.fault]
    for fk in {fk.subject: fk for fk in keys}.values():
        suspects = reader.look.suspects.get(fk)
        if (suspects is not None and not suspects.count) or any(not reader.table.column(n) for n in fk.parent_columns):
            continue
        there = refers_to_some(reader.schema, fk, stored(reader.table, "p"))
        query = f"SELECT count(*) FROM {quote(fk.child)} AS c WHERE {orphan(reader.schema, fk)} AND {there}"
        with limited(reader.look.sizes.get(fk.child, 0), reader.connection):
            (rows,) = reader.connection.execute(query).fetchone()
        if rows:
            facts: dict[str, Fact] = {"leftover": reader.table.name}
            yield Finding("unfinished-migration", Severity.WARNING, *fk.subject, count=rows, facts=facts)


def _is_at_stake(leftover: Leftover, rows: int, there: int, only_here: int) -> bool:
    """True where the leftover may hold the only copy of rows, or stands in the place of the table."""
    if not leftover.exists:
        return bool(rows or leftover.original)
    if leftover.copy:  # rows that were deleted since are bound to be in a copy that somebody keeps
        return not there and rows > 0
    return only_here > 0


def _key(original: Table, leftover: Table) -> tuple[str, ...]:
    """The columns by which rows are the same: a primary key that both have, or else all that both have."""
    for key in (original.primary_key, leftover.primary_key):
        if key and all(original.column(name) and leftover.column(name) for name in key):
            return key
    return tuple(column.name for column in original.columns if leftover.column(column.name))


def _lacking(reader: TableReader, table: Table, other: Table, key: tuple[str, ...]) -> int:
    """How many rows of a table the other one lacks."""
    ours, theirs = stored(table, "c"), stored(other, "p")
    if not {folded(name) for name in key} & {folded(name) for name in (*table.primary_key, *other.primary_key)}:
        lacking = f"(SELECT {names(key)} FROM {ours} EXCEPT SELECT {names(key)} FROM {theirs})"
    else:
        # where a NULL has to be told from false, SQLite reads all of a list of pairs for each row; in CASE it has not
        found = f"({', '.join(f'+c.{quote(name)}' for name in key)}) IN (SELECT {names(key, 'p')} FROM {theirs})"
        lacking = f"{ours} WHERE CASE WHEN {found} THEN 0 ELSE 1 END"
    return int(reader.connection.execute(f"SELECT count(*) FROM {lacking}").fetchone()[0])


def message(finding: Finding) -> str:
    """What is where, and how many rows only one of the two has."""
    facts = finding.facts
    if leftover := facts.get("leftover"):
        orphans, their = plural(finding.count, "orphan"), "its parent" if finding.count == 1 else "their parents"
        return f"{orphans} in {finding.table}.{', '.join(finding.columns)} would find {their} in {leftover}"
    original, rows = facts["original"], plural(number_of(finding, "rows"), "row")
    if not original:
        return f"a migration left {finding.table} behind, with {rows}; which table it belonged to is unknown"
    if not facts["exists"]:
        text = f"the table {original} is missing, and {finding.table}, left behind by a rebuild, is there with {rows}"
        return f"{text}; {original} is referenced by {facts['wanted_by']}" if facts["wanted_by"] else text
    text = f"a rebuild of {original} left {finding.table} behind"
    if facts["copy"]:
        text = f"{finding.table} is a copy of {original} without its keys"
    if not facts["rows"]:
        return f"{text}; it is empty"
    here, there = (plural(number_of(finding, fact), "row") for fact in ("only_here", "only_there"))
    only = f"{here} {'is' if facts['only_here'] == 1 else 'are'} only in {finding.table}"
    if not facts["only_here"]:
        only = f"{'its only row is' if facts['rows'] == 1 else f'all of its {rows} are'} also in {original}"
    if not facts["rows_of_original"]:
        return f"{text}; {original} is empty, and {finding.table} holds {rows}"
    return f"{text}; {only}" + (f", {there} only in {original}" if facts["only_there"] else "")


def hint(finding: Finding) -> str | None:
    """How the migration is finished."""
    facts = finding.facts
    if leftover := facts.get("leftover"):
        return f"bring those rows back from {leftover} into {finding.parent}; repair holds the orphans back"
    table, original = quote(finding.table), facts["original"]
    if facts["exists"] and facts["referred_by"]:
        # with foreign keys enforced, DROP TABLE deletes the rows first, and ON DELETE CASCADE those that refer
        held = "; until then repair changes neither table" if finding.severity == Severity.ERROR else ""
        return (
            f"do not drop {finding.table} yet: it is referenced by {facts['referred_by']}, and DROP TABLE can delete"
            f" those rows too. First sqlfix repair-schema has them reference {original} again{held}"
        )
    if facts["exists"] and facts["spoken_of_by"]:
        return f"sqlfix repair-schema has {facts['spoken_of_by']} speak of {original} again"
    if finding.severity == Severity.HINT:
        return f"if nothing needs it any longer: DROP TABLE {table}"
    if original and not facts["exists"]:
        return (
            "finish the migration, or give the table its name back, as sqlfix repair-schema does:"
            f" {facts['rename']}; until then repair leaves it alone"
        )
    return (
        "finish the migration: bring the rows together in one table, then drop the leftover; until then repair changes"
        " neither table"
    )


CHECKS.add("unfinished-migration", Check(Severity.ERROR, __doc__, message, hint, inspect=inspect))
