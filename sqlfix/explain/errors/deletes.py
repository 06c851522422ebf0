"""What holds the rows of a DELETE in place: what refers to them, and to those that go along with them by CASCADE."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from sqlfix.explain.answers import Culprit
from sqlfix.explain.attempts import SMALL, Attempt
from sqlfix.explain.errors.conditions import Condition, DoubleQuoted, column_of, group, literal_of, narrowed
from sqlfix.explain.errors.inquiry import Asked, Found
from sqlfix.explain.errors.names import find_model
from sqlfix.explain.errors.references import blockers, keys_to, reference
from sqlfix.explain.errors.statement import Part, Statement
from sqlfix.explain.rules import Ruling, rule_on_walk
from sqlfix.model.schema import ForeignKey, Table
from sqlfix.model.values import folded
from sqlfix.plan.delete_closure import DeleteClosure, Rows
from sqlfix.plan.row_deletion import by_cascade
from sqlfix.schema.rows import key_word
from sqlfix.sql.literals import names, quote
from sqlfix.sqlite.integrity import bytes_of
from sqlfix.text import address

FREE = "Nothing stored in {} blocks that DELETE: SQLite would delete its rows."
"""What is said where all was looked at that could hold the rows of a DELETE, and nothing does."""
_IN_TURN = (
    "the statement deletes these rows as well, but SQLite meets a row that is referenced first: delete those that"
    " reference before those that are referenced"
)
_DEFERRED = ", or run PRAGMA defer_foreign_keys=ON in the same transaction: then SQLite waits for the COMMIT"


def holding(
    found: Found, table: Table, statement: Statement, attempt: Attempt | None
) -> tuple[list[Culprit], Attempt | None]:
    """What holds the rows of a DELETE or of a DROP TABLE in place, or those that it would take with it.

    Args:
        attempt: what SQLite made of it; None where it was not tried. Where the rules cannot tell, it is tried anyway.

    Returns:
        the culprits, and what SQLite makes of it, if that is known.
    """
    asked = found.asked
    with _walked(found, table, statement) as walk:
        if walk is None:
            return [*blockers(found, table, statement), *_beneath_any(found, table)], attempt
        ruling, whole = rule_on_walk(asked.schema, walk), _is_whole(asked, table, statement)
        # what one of several deletes is not there for the next
        certain = ruling.certain and len(statement.parts) == 1 and not statement.earlier
        if attempt is None and not certain:
            attempt = tried(asked, table, statement, anyway=True)
        if attempt and attempt.possible:
            return [], attempt
        culprits = _held(found, table, statement, walk, whole)
        if attempt is None and statement.verb == "DROP" and not culprits:
            attempt = tried(asked, table, statement, anyway=True)
        if not whole or statement.verb != "DELETE" or not walk.first():
            return culprits, attempt
        if not statement.earlier:  # the rules know nothing of what these have changed
            culprits += _seen_by_sqlite_alone(ruling, culprits)
        if not culprits and attempt and attempt.is_of_keys:
            later = tried(asked, table, statement, anyway=True, deferred=True)
            hint = _IN_TURN + (_DEFERRED if later and later.possible else "")
            culprits = [replace(held, hint=hint) for held in _held(found, table, statement, walk, False)]
        if not culprits and attempt is None and certain and not ruling.blockers and not found.not_checked:
            attempt = Attempt(True, rows=walk.first())
        return culprits, attempt


def _held(found: Found, table: Table, statement: Statement, walk: DeleteClosure, whole: bool) -> list[Culprit]:
    goes = _going(walk, whole)
    return [*blockers(found, table, statement, goes), *_beneath(found, walk, goes)]


def replaced(found: Found, table: Table, statement: Statement) -> list[Culprit]:
    """The references to the rows that a REPLACE deletes, since they have a key that is to be written."""
    uniques = [[column.name or "" for column in index.columns] for index in table.indexes if index.unique]
    uniques += [[table.integer_key]] if table.integer_key else []
    parts = []
    for values in ({folded(name): value for name, value in part.values} for part in statement.parts):
        for columns in uniques:
            if all(values.get(folded(name)) is not None for name in columns):
                same = [Condition(name, "=", (values[folded(name)],)) for name in columns]
                parts.append(Part(group("AND", same)))
    if not parts:
        return []
    delete = Statement("DELETE", table.name, tuple(parts))
    with _walked(found, table, delete) as walk:
        if walk is None:
            return blockers(found, table, delete)
        return blockers(found, table, delete, _going(walk, _is_whole(found.asked, table, delete)))


def _is_whole(asked: Asked, table: Table, statement: Statement) -> bool:
    """True if all of a statement is known: its rows are those that it says, and no others."""
    where = narrowed(statement.where, table, asked.schema)
    return not statement.unread and (statement.where is None or (where is not None and where.whole))


@contextmanager
def _walked(found: Found, table: Table, statement: Statement) -> Iterator[DeleteClosure | None]:
    """The rows of a statement, followed by CASCADE to the end; None where they may be any, or cannot be read."""
    asked = found.asked

    def where(alias: str) -> str:
        rows = narrowed(statement.where, table, asked.schema, alias)
        return rows.sql if rows else "1"

    known = narrowed(statement.where, table, asked.schema) is not None or (
        statement.where is None and not statement.unread
    )
    if not known or table.kind != "table" or table.unreadable:
        yield None
        return
    with closing(DeleteClosure(asked.connection, asked.schema, Rows(table, where), by_cascade)) as walk:
        ran = None
        with found.asking(table.name):
            ran = walk.run()
        for fk in filter(by_cascade, walk.blind.values()) if ran else ():
            found.unknown(address(*fk.subject[:2]), "cannot tell which of its rows are also deleted")
        yield ran


def _going(walk: DeleteClosure, whole: bool) -> Callable[[ForeignKey], str]:
    """True of the rows ``c`` of a relationship that go as well: whether they hold anything, their order decides.

    Where not ``whole``, some of the rows that go may stay.
    """
    return lambda fk: walk.gone_where(fk.child, "c") if whole and walk.reaches(fk.child) else ""


def _beneath(found: Found, walk: DeleteClosure, goes: Callable[[ForeignKey], str]) -> list[Culprit]:
    """The references to the rows that go along with those of the statement, by ON DELETE CASCADE."""
    culprits: list[Culprit] = []
    table = walk.target.table
    for name in walk.gone_tables():
        below, doomed = found.asked.schema.table(name), walk.gone_where(name, "p", along=True)
        own = folded(name) == folded(table.name)
        if below is None or walk.gone(name) == (walk.first() if own else 0):
            continue
        for fk in keys_to(found.asked, below):
            for held in reference(found, fk, doomed=doomed, but_for=goes(fk)):
                rows = f"other rows of {name}" if own else f"rows of {name}"
                said = f"a delete from {table.name} also deletes {rows} (ON DELETE CASCADE); {held.message}"
                culprits.append(replace(held, message=said, command=_command(found, walk) or held.command))
    return culprits


def _command(found: Found, walk: DeleteClosure) -> tuple[str, ...]:
    """The command that follows the one row which a statement is for; empty where it is for several."""
    table = walk.target.table
    key = table.known_by
    if walk.first() != 1 or not key:
        return ()
    query = f"SELECT {names(key, 'c')} FROM {quote(table.name)} AS c WHERE {walk.target.condition('c')}"
    row = found.asked.connection.execute(query).fetchone()
    return ("why", table.name, key_word(tuple(zip(key, row, strict=True))))


def _beneath_any(found: Found, table: Table) -> list[Culprit]:
    """References to rows that a delete may take with it by ON DELETE CASCADE, where its rows may be any."""
    asked, todo, reached = found.asked, [table], {folded(table.name): table}
    while todo:
        for fk in filter(by_cascade, keys_to(asked, todo.pop())):
            child = asked.schema.table(fk.child)
            if child and folded(child.name) not in reached:
                reached[folded(child.name)] = child
                todo.append(child)
    culprits: list[Culprit] = []
    for below in reached.values():
        for fk in keys_to(asked, below) if below is not table else ():
            if folded(fk.child) in reached:
                continue  # its rows may go as well; `sqlfix why TABLE KEY` follows them one by one
            for held in reference(found, fk):
                said = (
                    f"a delete from {table.name} also deletes rows of {below.name} (ON DELETE CASCADE); {held.message}"
                )
                culprits.append(replace(held, message=said))
    return culprits


def _seen_by_sqlite_alone(ruling: Ruling, named: list[Culprit]) -> list[Culprit]:
    """The references that SQLite sees when it deletes, though no row is a child by its rule: see `child_match`."""
    known = {culprit.subject for culprit in named}
    others = [b for b in ruling.blockers if b.kind == "reference" and b.count and b.subject not in known]
    told = (
        f"{address(*b.subject[:2])} references rows of {b.parent} that are to be deleted: {b.message}" for b in others
    )
    return [Culprit("references", said, *b.subject, b.count, b.sample) for b, said in zip(others, told, strict=True)]


# -- what SQLite makes of the statement: it is tried on a private copy that is thrown away ------------------------
# The statement is not run as it was pasted: what was read of it is written anew, with values as literals. Where not all
# of it was read, it is not tried.


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
        written = _written_anew(asked, of, one.with_columns(of.writable)) if of and of.kind == "table" else []
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
