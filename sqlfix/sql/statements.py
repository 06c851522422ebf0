"""The statements that a repair changes rows with, and what may overrule them: text, without bound parameters."""

from collections.abc import Sequence

from sqlfix.model.plans import Change
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import folded
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.literals import names, quote
from sqlfix.sql.tokens import DdlError, has_words


def statement(schema: Schema, change: Change) -> str:
    """The one statement that makes a change.

    REINDEX is of a table, all its indexes, since one that is wrong is seldom alone.
    """
    if change.kind == "reindex":
        return f"REINDEX {quote(change.table)}"
    if change.kind == "delete":
        return f"DELETE FROM {quote(change.table)} AS c WHERE {change.where}"
    if change.kind == "insert":
        columns = tuple(change.set)
        or_abort = " OR ABORT" if has_words(schema.known_table(change.table).sql, "on", "conflict") else ""
        begin = f"INSERT{or_abort} INTO {quote(change.table)} ({names(columns)})"
        return f"{begin} SELECT {', '.join(change.set.values())} {change.source} WHERE {change.where}"
    if change.source:
        written = f"({names(tuple(change.set))}) = (SELECT {', '.join(change.set.values())} {change.source})"
    else:
        written = ", ".join(f"{quote(name)} = {value}" for name, value in change.set.items())
    to_null = all(value == "NULL" for value in change.set.values())
    begin = update_of(schema.known_table(change.table), tuple(change.set), to_null)
    return f"{begin} SET {written} WHERE {change.where}"


def update_of(table: Table, written: Sequence[str], to_null: bool = False) -> str:
    """The beginning of an UPDATE that fails where it collides, whatever the table itself says.

    A constraint with ON CONFLICT REPLACE would delete the sound row that is in the way, without a word, and one with
    IGNORE would pass the row over. OR ABORT keeps both from it; but it also overrules what the file's own triggers say
    of their statements (https://www.sqlite.org/lang_createtrigger.html), so it is written only where it is needed.

    Args:
        written: the columns that the UPDATE sets, all of them to NULL if ``to_null``.
    """
    or_abort = " OR ABORT" if can_be_overruled(table, written, to_null) else ""
    return f"UPDATE{or_abort} {quote(table.name)} AS c"


def gather(table: str, query: str, keys: str) -> tuple[str, ...]:
    """The statements that write the rows of a query down in a temporary table, by some of its columns."""
    return (
        f"DROP TABLE IF EXISTS temp.{table}",
        f"CREATE TEMP TABLE {table} AS {query}",
        f"CREATE INDEX temp.{table}_key ON {table} ({keys})",
    )


def can_be_overruled(table: Table, written: Sequence[str], to_null: bool = False) -> bool:
    """True if an ON CONFLICT clause of the table decides over a collision that an UPDATE of these columns can meet.

    SQLite looks only at the constraints of columns that are written, or computed; but at all of them where the row's
    primary key is written. NULLs collide with nothing.
    """
    if not has_words(table.sql, "on", "conflict"):
        return False
    try:
        conflicts = read_create_table(table.sql).conflicts
    except DdlError:
        return True
    mine = {folded(name) for name in written}
    computed = {folded(column.name) for column in table.columns if column.generated}
    moves = not mine.isdisjoint(map(folded, table.primary_key))
    for conflict in conflicts:
        columns = {folded(name) for name in conflict.columns}
        free = to_null and conflict.unique and columns & mine and folded(table.integer_key or "") not in columns
        if conflict.word != "abort" and (moves or columns & (mine | computed)) and not free:
            return True
    return False
