"""What a change of the schema drops, as an SQL script beside the backup: it puts back the tables and columns."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from sqlfix.errors import RolledBack
from sqlfix.model.plans import SchemaPlan, SchemaStep
from sqlfix.model.schema import Column, Schema, Table
from sqlfix.model.values import folded
from sqlfix.repair.change import USUAL, ChangeOptions
from sqlfix.repair.run import AGAIN
from sqlfix.repair.schema_change import change_schema
from sqlfix.scan.run import count_rows
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.literals import free_of, literal, names, quote, rows_of_literals
from sqlfix.sql.predicates import is_row, stored
from sqlfix.sql.rebuild_statements import NOT_WHOLE
from sqlfix.sql.script_text import carried, carried_column, closing, distinct, how_to_run, opening
from sqlfix.sql.table_edits import column_of
from sqlfix.sql.table_text import ColumnText, TableText
from sqlfix.sql.tokens import known_tokens
from sqlfix.sqlite import interrupts
from sqlfix.sqlite.connect import empty_database
from sqlfix.sqlite.files import new_file, stamped
from sqlfix.sqlite.stored_values import as_stored
from sqlfix.text import plural, shown

AT_A_TIME = 100
"""Rows to a statement."""
IS_THERE = "what is to come back is there already: nothing was changed"
OTHER_TRIGGERS = "the triggers are others by now: nothing was changed"
"""The names of constraints, which stop a script."""


def change_with_export(path: Path, plan: SchemaPlan, options: ChangeOptions = USUAL) -> SchemaPlan:
    """Carry out a change of the schema; what it drops is exported first, by the state that is locked.

    Raises:
        SqlfixError: and nothing was changed.
    """
    if plan.schema is None or not any(_drops(plan.schema, step) for step in plan.steps):
        return change_schema(path, plan, options)
    database = path.resolve()
    beside = options.backup_to or database
    to = stamped((beside if beside.is_dir() else beside.parent) / database.name, ".dropped-{}.sql")

    def first(connection: sqlite3.Connection) -> None:
        require_as_planned(connection, plan.steps)
        _export(connection, plan.steps, database, to)

    try:
        done = change_schema(path, plan, replace(options, first=first))
    except BaseException:
        if not interrupts.was_committed():  # nothing was changed
            to.unlink(missing_ok=True)
        raise
    return replace(done, exported=str(to))


def _drops(schema: Schema, step: SchemaStep) -> bool:
    """True of a step by which a table or a column goes."""
    if step.deed == "drop":
        return step.kind == "table"
    table = schema.table(step.name)
    return step.deed == "rebuild" and table is not None and bool(_columns_that_go(table, step))


def _columns_that_go(table: Table, step: SchemaStep) -> list[Column]:
    """The columns of a table that its new text has no more, and whose values no other column gets."""
    kept = {folded(column.name) for column in read_create_table(step.text).columns}
    kept |= {folded(token.name or "") for value in step.values.values() for token in known_tokens(value)}
    return [column for column in table.columns if folded(column.name) not in kept]


def _export(connection: sqlite3.Connection, steps: Iterable[SchemaStep], database: Path, to: Path) -> None:
    """Write what some steps drop, with all rows, before it is dropped.

    Raises:
        SqlfixError: where the script cannot be written; nothing is left of it then.
    """
    with (
        new_file(to, database, "script of what is dropped") as partial,
        partial.open("w", encoding="utf-8", newline="\n") as file,
    ):
        script = _Script(connection, read_schema(connection), steps)
        file.writelines(f"{line}\n" for line in script.lines(database))


def require_as_planned(connection: sqlite3.Connection, steps: Iterable[SchemaStep]) -> None:
    """Raise RolledBack where a table that goes has not as many rows as the plan said: no row goes unseen."""
    for step in steps:
        if step.kind == "table" and step.deed == "drop" and (rows := count_rows(connection, step.name)) != step.rows:
            raise RolledBack(f"{step.name} has {plural(rows, 'row')}, but {step.rows:,} were to go", AGAIN)


class _Script:
    """Writes the script; it changes all that it says or nothing, also in a host that goes on after an error.

    A temporary table notes what is true of each part; at the end as many notes are to be there as there are parts.
    """

    def __init__(self, connection: sqlite3.Connection, schema: Schema, steps: Iterable[SchemaStep]) -> None:
        self.connection = connection
        found = [(table, step) for step in steps if step.kind == "table" and (table := schema.table(step.name))]
        self.tables = [table for table, step in found if step.deed == "drop"]
        going = ((table, _columns_that_go(table, step)) for table, step in found if step.deed == "rebuild")
        self.columns = [(table, columns) for table, columns in going if columns]
        self.back = {
            (table.name, column.name): returned(table, column.name)
            for table, columns in self.columns
            for column in columns
        }
        self.done = f"temp.{free_of('sqlfix_done', (table.name for table in schema.tables))}"
        self.inside = f"(SELECT count(*) FROM {self.done}) >= 0"
        self.notes = 0

    def lines(self, database: Path) -> Iterator[str]:
        """All lines."""
        changed = distinct(table.name for table in (*self.tables, *(table for table, _ in self.columns)))
        texts = [text for table in self.tables for text in _texts_of(table)]
        texts += [text for table, _ in self.columns for text in _texts_of(table)[1:]]
        known = [line for text in texts for line in carried(text)]
        known += [line for (name, _), (again, _) in self.back.items() for line in carried_column(name, again, "")]
        yield f"-- What sqlfix dropped from {shown(str(database))}. To put it back: {how_to_run(known)}"
        begin, *ending = opening(changed)
        yield begin
        at = ending.index("BEGIN;")
        yield from ending[:at]
        for table, _ in self.columns:  # after a ROLLBACK these are what is dropped, not those of the table
            yield from (
                f"CREATE TEMP TRIGGER IF NOT EXISTS {quote(trigger.name)} INSTEAD OF DELETE ON {quote(table.name)}"
                " BEGIN SELECT 1; END;"
                for trigger in table.triggers
            )
        yield from ending[at:]
        yield (
            f"CREATE TEMP TABLE {self.done.removeprefix('temp.')} (there INTEGER, others INTEGER, is_whole INTEGER,"
            f' CONSTRAINT "{IS_THERE}" CHECK (there = 0), CONSTRAINT "{OTHER_TRIGGERS}" CHECK (others = 0),'
            f' CONSTRAINT "{NOT_WHOLE}" CHECK (is_whole));'
        )
        for table in self.tables:
            yield from self._table(table)
        for table, columns in self.columns:
            yield from self._columns(table, columns)
        yield from self._note("is_whole", f"count(*) = {self.notes} FROM {self.done}")
        yield f"DROP TABLE {self.done};"
        yield from closing(changed)

    def _note(self, what: str, asked: str) -> Iterator[str]:
        self.notes += 1
        yield f"INSERT OR ROLLBACK INTO {self.done} ({what}) SELECT {asked};"

    def _made(self, texts: Iterable[str]) -> Iterator[str]:
        """Make objects by their texts."""
        yield from (line for text in texts for line in carried(text, self.inside))

    def _objects(self, table: Table, kind: str, texts: Iterable[tuple[str, str]]) -> str:
        """How many objects of a table there are by those names, and to the letter, as a query."""
        of_table = f"type = '{kind}' AND tbl_name = {literal(table.name)} COLLATE NOCASE"
        listed = rows_of_literals(texts)
        alike = f" AND (name, sql) IN (VALUES {listed})" if listed else ""
        return f"(SELECT count(*) FROM main.sqlite_master WHERE {of_table}{alike})"

    def _table(self, table: Table) -> Iterator[str]:
        name = f"name = {literal(table.name)} COLLATE NOCASE"
        yield from self._note("there", f"count(*) FROM main.sqlite_master WHERE type <> 'trigger' AND {name}")
        yield from self._made([table.sql])
        # a rowid that is no column is kept as well: something outside of the file may know it
        key = [name for name in table.row_id if not table.without_rowid and not table.column(name)]
        listed, count = [*key, *table.writable], 0
        rows = as_stored(self.connection, [quote(name) for name in listed], f"FROM {stored(table)}")
        yield "PRAGMA ignore_check_constraints = ON;"
        while some := list(islice(rows, AT_A_TIME)):
            count += len(some)
            into = f"INSERT OR ROLLBACK INTO {quote(table.name)} ({names(listed)})"
            yield f"{into} VALUES {rows_of_literals(some)};"
        yield "PRAGMA ignore_check_constraints = OFF;"
        yield from self._note("is_whole", f"count(*) = {count} FROM {quote(table.name)}")
        yield from self._sequence(table)
        yield from self._made(_texts_of(table)[1:])
        own = len(table.triggers) + sum(index.created_by is not None for index in table.indexes)
        on = f"tbl_name = {literal(table.name)} AND type IN ('index', 'trigger') AND sql IS NOT NULL"
        yield from self._note("is_whole", f"count(*) = {own} FROM main.sqlite_master WHERE {on}")

    def _sequence(self, table: Table) -> Iterator[str]:
        """The highest key that an AUTOINCREMENT has ever given."""
        if not self.connection.execute("SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
            return
        query, name = "SELECT seq FROM main.sqlite_sequence WHERE name = ?", literal(table.name)
        for (seq,) in self.connection.execute(query, (table.name,)):
            yield f"DELETE FROM main.sqlite_sequence WHERE name = {name} AND {self.inside};"
            yield f"INSERT INTO main.sqlite_sequence SELECT {name}, {literal(seq)} WHERE {self.inside};"

    def _columns(self, table: Table, columns: list[Column]) -> Iterator[str]:
        yield f"-- {shown(table.name)} was: {shown(table.sql)}"
        keyed = _by_key(table)
        if keyed is table and not table.without_rowid and not table.integer_key:
            yield f"-- {shown(table.name)} has no key, so its rows are named by their rowids. The script works for this"
            yield "-- file only: not after a VACUUM, nor for a dump or a copy loaded from one."
        yield from self._without_triggers(table)
        for column in columns:
            yield from self._column(table, keyed, column)
        yield from self._made(trigger.sql for trigger in table.triggers)
        back = self._objects(table, "trigger", [])
        yield from self._note("is_whole", f"{back} = {len(table.triggers)}")

    def _column(self, table: Table, keyed: Table, column: Column) -> Iterator[str]:
        of_name = (
            f"pragma_table_xinfo({literal(table.name)}, 'main') WHERE name = {literal(column.name)} COLLATE NOCASE"
        )
        yield from self._note("there", f"count(*) FROM {of_name}")
        again, lost = self.back[table.name, column.name]
        yield from carried_column(table.name, again, self.inside)
        for clause in lost:
            yield f"-- ADD COLUMN does not take this of {shown(column.name)}: {shown(clause)}"
        yield from self._note("is_whole", f"count(*) = 1 FROM {of_name}")
        if column.generated:
            return
        wanted = [quote(name) for name in (*keyed.row_id, column.name)]
        yield "PRAGMA ignore_check_constraints = ON;"
        for *key, value in as_stored(self.connection, wanted, f"FROM {stored(table)}"):
            which = is_row(keyed, "c", [literal(part) for part in key])
            into = f"UPDATE OR ROLLBACK {quote(table.name)} AS c SET {quote(column.name)} = {literal(value)}"
            yield f"{into} WHERE {which};"
        yield "PRAGMA ignore_check_constraints = OFF;"
        own = [
            (index.name, index.created_by[1])
            for index in table.indexes
            if index.created_by and [part.name for part in index.columns] == [column.name]
        ]
        yield from self._made(text for _, text in own)
        if own:
            yield from self._note("is_whole", f"{self._objects(table, 'index', own)} = {len(own)}")

    def _without_triggers(self, table: Table) -> Iterator[str]:
        """Drop the triggers of a table, unless they are others by now; at the end they are made again."""
        if not table.triggers:
            return
        there, known = self._objects(table, "trigger", []), [(each.name, each.sql) for each in table.triggers]
        yield f"-- The triggers of {shown(table.name)} would fire: they go, and are made again at the end."
        alike = self._objects(table, "trigger", known)
        yield from self._note("others", f"{there} <> {len(known)} OR {alike} <> {len(known)}")
        yield from (f"DROP TRIGGER {quote(trigger.name)};" for trigger in table.triggers)


def _texts_of(table: Table) -> list[str]:
    """The texts that make a table, its indexes and its triggers, in their order: SQLite lists the last index first."""
    indexes = [index.created_by[1] for index in reversed(table.indexes) if index.created_by]
    return [table.sql, *indexes, *(trigger.sql for trigger in table.triggers)]


def _by_key(table: Table) -> Table:
    """The table with its rows told apart by its own primary key, which a VACUUM leaves as it is, if it has one."""
    index = next((index for index in table.indexes if index.origin == "pk"), None)
    columns = [table.column(name) for name in table.primary_key]
    if table.without_rowid or not index or not all(column and column.not_null for column in columns):
        return table
    by_name = {folded(part.name or ""): part.collation for part in index.columns}
    return replace(
        table, row_id=table.primary_key, row_collations=tuple(by_name[folded(name)] for name in table.primary_key)
    )


# -- a column that was dropped, as ALTER TABLE can add it again, with all that was declared of it -----------------


def returned(table: Table, name: str) -> tuple[str, tuple[str, ...]]:
    """How a column of a table can come back by its text: its definition for ADD COLUMN, and what this does not take.

    ADD COLUMN takes no UNIQUE, no NOT NULL without a DEFAULT, no DEFAULT that is computed, and no CHECK that the
    DEFAULT does not meet (https://www.sqlite.org/lang_altertable.html): SQLite itself is asked, clause by clause.
    """
    text = read_create_table(table.sql)
    column = column_of(text, name)
    inside = [table.sql[slice(*clause.span)] for clause in column.clauses]
    clauses = [*inside, *_keys_of(table.sql, text, column)]
    whole = table.sql[slice(*column.span)]
    if _takes(table, column.name, definition := " ".join((whole, *clauses[len(inside) :]))):
        return definition, ()
    kept: list[str] = []
    base = table.sql[column.span[0] : column.type_span[1]]
    # a NOT NULL needs the DEFAULT
    for clause in sorted(clauses, key=lambda clause: folded(clause).startswith("not null")):
        if _takes(table, column.name, " ".join((base, *kept, clause))):
            kept.append(clause)
    return " ".join((base, *kept)), tuple(clause for clause in clauses if clause not in kept)


def _keys_of(sql: str, text: TableText, column: ColumnText) -> Iterable[str]:
    """The constraints of the table that are about the column alone, as the column itself can have them."""
    for fk in text.foreign_keys:
        within = column.span[0] <= fk.span[0] < column.span[1]
        if not within and [folded(key) for key in fk.columns] == [folded(column.name)]:
            named = f"CONSTRAINT {quote(fk.constraint)} " if fk.constraint else ""
            yield f"{named}REFERENCES {sql[fk.parent_span[0] : fk.span[1]]}"
    for clause in text.clauses:
        if clause.kind == "unique" and [folded(key) for key in clause.columns] == [folded(column.name)]:
            yield "UNIQUE"


def _takes(table: Table, name: str, definition: str) -> bool:
    """True if a table that has rows takes a column with that definition, and a row more after it."""
    others = (column for column in table.columns if column.name != name)
    listed = ", ".join(f"{quote(column.name)} {column.type if table.strict else ''}" for column in others)
    with contextlib.closing(empty_database()) as empty:
        try:
            empty.execute(f"CREATE TABLE sqlfix_trial ({listed}){' STRICT' if table.strict else ''}")
            empty.execute("INSERT INTO sqlfix_trial DEFAULT VALUES")
            empty.execute(f"ALTER TABLE sqlfix_trial ADD COLUMN {definition}")
            empty.execute("INSERT INTO sqlfix_trial DEFAULT VALUES")
        except sqlite3.Error:
            return False
    return True
