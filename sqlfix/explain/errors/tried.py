"""What SQLite makes of the statement beside a message: it is tried on a private copy that is thrown away.

The statement is not run as it was pasted: what was read of it is written anew, with values as literals. Where not all
of it was read, it is not tried.
"""

from __future__ import annotations

from sqlfix.explain.attempts import SMALL, Attempt
from sqlfix.explain.errors.conditions import DoubleQuoted
from sqlfix.explain.errors.inquiry import Asked, stored_columns
from sqlfix.explain.errors.names import find_model
from sqlfix.explain.errors.statement import Part, Statement
from sqlfix.explain.errors.statement_rows import column_of, literal_of, narrowed
from sqlfix.model.schema import Table
from sqlfix.model.values import folded
from sqlfix.sql.literals import names, quote
from sqlfix.sqlite.integrity import bytes_of


def tried(
    asked: Asked, table: Table, statement: Statement, anyway: bool = False, deferred: bool = False
) -> Attempt | None:
    """What becomes of a statement, after those before it, with foreign keys enforced; None where that was not tried.

    Args:
        anyway: try it although the file is large.
        deferred: have all foreign keys checked at COMMIT.
    """
    if table.kind != "table" or table.unreadable or (bytes_of(asked.connection) > SMALL and not anyway):
        return None
    first = ["PRAGMA defer_foreign_keys = ON"] if deferred else []
    runs = []
    for one in (*statement.earlier, statement):
        of = table if one is statement else find_model(asked.schema, one.table)
        written = _written_anew(asked, of, one.with_columns(stored_columns(of))) if of and of.kind == "table" else []
        if not written:
            return None
        runs += written
    return asked.trial().run([*first, *runs])


def _written_anew(asked: Asked, table: Table, statement: Statement) -> list[str]:
    """What is to be run; nothing where not all of the statement is known."""
    wheres = [narrowed(part.where, table, asked.schema) for part in statement.parts]
    known = all((w.whole if w else p.where is None) for p, w in zip(statement.parts, wheres, strict=True))
    if not known or statement.unread or statement.source is not None:
        return []
    if statement.verb == "DROP":
        return [f"DROP TABLE {quote(table.name)}"]
    conditions = [f" WHERE {where.sql}" if where else "" for where in wheres]
    if statement.verb == "DELETE":
        return [f"DELETE FROM {quote(table.name)}{condition}" for condition in conditions]
    columns = [column_of(table, name) for name in statement.written]
    written = [name for name in columns if name is not None]
    rows = [row for part in statement.parts if (row := _values(table, statement, part)) is not None]
    if not written or len(written) < len(columns) or len(rows) < len(statement.parts):
        return []
    return _writes(table, statement, written, rows, conditions) if statement.conflict in _CONFLICTS else []


_CONFLICTS = ("", "ABORT", "FAIL", "ROLLBACK", "REPLACE", "IGNORE")


def _values(table: Table, statement: Statement, part: Part) -> list[str] | None:
    """What a part writes into each of the columns, as SQL; None where that is not known of one."""
    values = {folded(name): value for name, value in part.values}
    if any(isinstance(value, DoubleQuoted) and column_of(table, value) for value in values.values()):
        return None
    if any(folded(name) not in values for name in statement.written):
        return None
    return [literal_of(values[folded(name)]) for name in statement.written]


def _writes(
    table: Table, statement: Statement, written: list[str], rows: list[list[str]], conditions: list[str]
) -> list[str]:
    """An UPDATE or an INSERT of rows, once or several times."""
    verb = f"{statement.verb} OR {statement.conflict}" if statement.conflict else statement.verb
    if statement.verb == "UPDATE":
        sets = (", ".join(f"{quote(n)} = {v}" for n, v in zip(written, row, strict=True)) for row in rows)
        return [f"{verb} {quote(table.name)} SET {row}{where}" for row, where in zip(sets, conditions, strict=True)]
    lines, each = [f"({', '.join(row)})" for row in rows], len(rows) // statement.runs
    into = f"{verb} INTO {quote(table.name)} ({names(written)}) VALUES"
    return [f"{into} {', '.join(lines[at : at + each])}" for at in range(0, len(lines), each)]
