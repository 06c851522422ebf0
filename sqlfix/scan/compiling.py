"""Whether the views and triggers of a schema still compile: their statements are prepared, and none of them is run.

SQLite looks at the text of a view or a trigger only when a statement needs it. Which of several triggers does not
compile it does not say: that is found out in an empty database in memory, which has the same tables and one trigger.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlfix.model.schema import Schema, Table, Trigger
from sqlfix.model.values import Fact, folded
from sqlfix.sql.create_trigger import read_trigger
from sqlfix.sql.create_virtual_table import module_of
from sqlfix.sql.literals import quote
from sqlfix.sql.tokens import DdlError, Token, names_in, tokens
from sqlfix.sqlite.connect import empty_database
from sqlfix.sqlite.deadline import stop_if_interrupted
from sqlfix.sqlite.failures import NO_COLUMN_NAMED, NOT_THERE, is_lacking
from sqlfix.sqlite.trust import HARMLESS_MODULES, authorize

MOST_PARTS, DEEPEST = 10_000, 100
"""Of what a view is made at most, views in views, to be compiled: SQLite copies each as often as it is named."""
NOT_TOLD = (
    r"not authorized|access to .* is prohibited|unsafe use of|vtable constructor failed|no such module|.*malformed"
    r"|.*not a function|.*may not be used as a"
)
"""What SQLite says where something else than the text is at fault, or may be."""


def missing_of(error: sqlite3.Error) -> dict[str, Fact]:
    """Why a text does not compile, as facts: SQLite's message, and the kind and name of what is not there, if any."""
    text = str(error)
    for kind, before in NOT_THERE.items():
        if text.startswith(before):
            name = text.removeprefix(before)
            return {"error": text, "kind": kind, "missing": name.removeprefix("main.") if kind == "table" else name}
    table, said, name = text.partition(NO_COLUMN_NAMED)
    if said and table.startswith("table "):
        return {"error": text, "kind": "column", "missing": f"{table.removeprefix('table ')}.{name}"}
    return {"error": text, "kind": None, "missing": None}


def failure(connection: sqlite3.Connection, statement: str) -> sqlite3.DatabaseError | None:
    """Why a statement does not compile; None if it does."""
    try:
        connection.execute(f"EXPLAIN {statement}").close()
    except sqlite3.DatabaseError as error:
        stop_if_interrupted(error)
        return error
    return None


def is_told(error: sqlite3.Error) -> bool:
    """True if it is the text that is at fault, and nothing that the application may bring or that is refused here."""
    return not is_lacking(error) and not re.match(NOT_TOLD, str(error))


def needs(facts: Mapping[str, Fact]) -> str:
    """The same in words, after the name of the view or trigger."""
    if facts["kind"] is None:
        return f"does not compile: {facts['error']}"
    return f"needs the {facts['kind']} {facts['missing']}, which does not exist"


# -- what to compile ----------------------------------------------------------------------------------------------


def reading_of(view: Table) -> str:
    """A statement that reads a view."""
    return f"SELECT * FROM main.{quote(view.name)}"


def setting_off(connection: sqlite3.Connection, table: Table, event: str) -> str:
    """A statement that sets off all triggers of a table or view for one event."""
    name = f"main.{quote(table.name)}"
    if event == "insert":
        return f"INSERT INTO {name} DEFAULT VALUES"
    if event == "delete":
        return f"DELETE FROM {name}"
    rows = connection.execute(f"PRAGMA main.table_xinfo({quote(table.name)})").fetchall()
    columns = [quote(str(row[1])) for row in rows if row[6] == 0]
    return f"UPDATE {name} SET {', '.join(f'{column} = {column}' for column in columns)}"


def parts_of(schema: Schema, sql: str, known: dict[str, int] | None = None) -> int:
    """How many copies of tables SQLite makes at most of a text that names views and common table expressions.

    It is an estimate from above; a text that doubles itself step by step would never be compiled.
    """
    known = {} if known is None else known
    try:
        cut = tokens(sql)
    except DdlError:
        return MOST_PARTS + 1
    if len(known) > DEEPEST:
        return MOST_PARTS + 1
    named: dict[str, int] = {}
    for token, following in zip(cut, [*cut[1:], None], strict=False):
        if token.name is not None and (following is None or following.word != "."):
            named[folded(token.name)] = named.get(folded(token.name), 0) + 1
    parts, times = 1, 1
    for name in _common(cut):
        times = min(times * max(1, named.get(name, 1) - 1), MOST_PARTS + 1)
    for name, number in named.items():
        view = schema.table(name)
        if view is None or view.kind != "view":
            continue
        if name not in known:
            known[name] = 1  # one that is made of itself SQLite refuses at once
            known[name] = parts_of(schema, view.sql, known)
        parts = min(parts + number * known[name], MOST_PARTS + 1)
    return min(parts * times, MOST_PARTS + 1)


def _common(cut: Sequence[Token]) -> set[str]:
    """The names of the common table expressions of a text: `x AS (` and `x (a, b) AS (`."""
    found = set()
    for at in range(1, len(cut) - 1):
        if cut[at].word != "as" or cut[at + 1].word not in ("(", "not", "materialized"):
            continue
        back = at - 1
        if cut[back].word == ")":
            while back > 0 and cut[back].word != "(":
                back -= 1
            back -= 1
        if back >= 0 and (name := cut[back].name) is not None:
            found.add(folded(name))
    return found


# -- which trigger it is ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Bare:
    """An empty database in memory with the tables, indexes and views of another one, and without its triggers.

    ``lacking`` are the names, in lower case, of what could not be made there. ``brought`` are functions that the
    application brings: others of these names stand in for them, and nothing ever calls those.
    """

    connection: sqlite3.Connection
    lacking: frozenset[str] = frozenset()
    brought: set[str] = field(default_factory=set)

    def failure(self, statement: str) -> tuple[sqlite3.DatabaseError | None, list[str]]:
        """Why a statement does not compile even with all functions there; and the messages about those it lacks."""
        said: list[str] = []
        while (error := failure(self.connection, statement)) is not None:
            lacks = re.fullmatch(r"no such function: (.+)", str(error), re.DOTALL)
            if lacks is None or lacks[1] in self.brought:
                break
            said.append(str(error))
            self.brought.add(lacks[1])
            self.connection.set_authorizer(None)
            self.connection.create_function(lacks[1], -1, _stand_in)
            authorize(self.connection, functions=frozenset(name.lower() for name in self.brought))
        return error, said


def _stand_in(*arguments: object) -> None:
    raise AssertionError("nothing is run")


def bare(connection: sqlite3.Connection, schema: Schema) -> Bare:
    """Make such a database; whoever asked for it closes it."""
    indexes = connection.execute(
        "SELECT tbl_name, sql FROM main.sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    )
    empty = empty_database()
    lacking = {
        folded(table.name)
        for table in schema.tables  # those in which a virtual table keeps its content come with it
        if table.kind != "shadow" and not made(empty, "view" if table.kind == "view" else "table", table.sql)
    }
    for name, sql in indexes.fetchall():
        try:
            empty.execute(sql)
        except (sqlite3.Error, TypeError):
            lacking.add(folded(str(name)))
    authorize(empty)
    return Bare(empty, frozenset(lacking))


def made(empty: sqlite3.Connection, kind: str, text: str) -> bool:
    """Make a table, index, view or trigger by its text; False where that fails, or might run something."""
    try:
        words = [token.word for token in tokens(text)[:4]]
        if kind == "table" and words[:2] == ["create", "virtual"]:
            if module_of(text) not in HARMLESS_MODULES:
                return False
            empty.set_authorizer(None)
        elif kind == "table" and (words[:2] != ["create", "table"] or words[3:4] != ["("]):
            return False  # SQLite writes it so; anything else might run a query
        else:
            authorize(empty)
        empty.execute(text)
    except (sqlite3.Error, DdlError):
        return False
    return True


def tried_alone(
    empty: Bare, table: Table, triggers: list[Trigger], statement: str
) -> Iterator[tuple[Trigger, sqlite3.DatabaseError | None, list[str]]]:
    """For each trigger, tried by itself, why the statement that sets it off fails, and what is said of functions.

    Raises:
        sqlite3.DatabaseError: where the statement fails without any of them.
    """
    if folded(table.name) in empty.lacking:
        raise sqlite3.OperationalError(f"could not rebuild {table.name} to find out which of its triggers it is")
    error, said = empty.failure(statement) if table.kind != "view" else (None, [])  # one is written by triggers alone
    if error is not None or said:
        raise error or sqlite3.OperationalError(said[0])
    for trigger in triggers:
        if lacks := names_in(trigger.sql) & empty.lacking:
            yield trigger, sqlite3.OperationalError(f"not authorized: {min(lacks)} could not be rebuilt"), []
            continue
        empty.connection.execute(trigger.sql)
        before = set(empty.brought)
        error, said = empty.failure(statement)
        known = names_in(trigger.sql) & {folded(name) for name in before}
        yield trigger, error, said + [f"no such function: {name}" for name in known]
        empty.connection.execute(f"DROP TRIGGER {quote(trigger.name)}")


def triggers_by_event(table: Table) -> dict[str, list[Trigger]]:
    """The triggers of a table by the event that sets them off.

    Raises:
        sqlite3.DatabaseError: where the text of one cannot be read.
    """
    found: dict[str, list[Trigger]] = {}
    for trigger in table.triggers:
        if not trigger.sql:
            raise sqlite3.DataError(f"the trigger {trigger.name} cannot be read: its name or its text is not UTF-8")
        try:
            found.setdefault(read_trigger(trigger.sql).event, []).append(trigger)
        except DdlError as error:
            raise sqlite3.DataError(f"the text of the trigger {trigger.name} cannot be read: {error}") from error
    return found
