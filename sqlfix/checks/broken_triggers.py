"""# broken-triggers

**What it finds.** Triggers that SQLite can no longer compile, and what is missing: a table or a column that was dropped
or renamed, `NEW.x` for a column that is gone, an INSERT with more values than there are columns. Also triggers on an
UPDATE of columns that are all gone, which therefore never run. sqlfix compiles the statements that set a trigger off,
and runs none. A trigger that needs a function, a collation or a module that only the application provides is not called
broken but listed as not checked. The only exceptions are the few functions that the GeoPackage standard requires every
program to provide.

**Why it matters.** SQLite compiles a trigger with every statement that sets it off. So each of these statements fails,
with `no such table` for a table that the statement does not name. `integrity_check` says ok.

**Example.** `jobs_status_history` runs after each UPDATE of `jobs.status` and writes to `job_events_legacy`, which was
dropped: no job can change its status any more.

**How it is repaired and what that loses.** If it speaks of a table by the name that a rename has taken from it,
`sqlfix repair-schema` writes the one that it has now. Otherwise by hand: rewrite the trigger, or drop it if you no
longer need what it did.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping

from sqlfix.model.findings import Finding
from sqlfix.model.schema import Table, Trigger
from sqlfix.model.values import Fact, Severity, folded
from sqlfix.scan import compiling
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.table_reader import TableReader
from sqlfix.sql.create_trigger import read_trigger, set_off
from sqlfix.sql.literals import quote
from sqlfix.sqlite.failures import in_words

_OF_GEOPACKAGE = re.compile(r"no such function: st_(isempty|min[xyzm]|max[xyzm])", re.IGNORECASE)
"""What the triggers of a GeoPackage call by its standard; https://www.geopackage.org/spec/#r77 has the programs bring
them."""


def inspect(reader: TableReader) -> Iterator[Finding]:
    """A finding for each trigger of the table that does not compile, or never runs.

    Raises:
        sqlite3.DatabaseError: where that cannot be told here of some; the findings come first.
    """
    table, connection, untold = reader.table, reader.connection, []
    if not table.triggers:
        return
    if table.kind == "view" and compiling.failure(connection, compiling.reading_of(table)) is not None:
        return  # a view that does not compile is a finding of its own
    for event, triggers in compiling.triggers_by_event(table).items():
        texts = [trigger.sql for trigger in triggers]
        texts += (part.text for part in set_off(reader.schema, table.name, event))
        if sum(compiling.parts_of(reader.schema, text) for text in texts) > compiling.MOST_PARTS + len(texts):
            untold.append("its triggers involve too many views to be compiled")
            continue
        statement = compiling.setting_off(connection, table, event)
        error = compiling.failure(connection, statement)
        if error is not None and not compiling.is_told(error) and not str(error).startswith("no such function"):
            untold.append(str(error))
        elif error is not None:
            yield from _tried(reader, event, triggers, statement, untold)
        if event == "update":
            yield from _never_run(reader, triggers)
    if untold:
        raise sqlite3.OperationalError("; ".join(dict.fromkeys(untold)))


def _tried(
    reader: TableReader, event: str, triggers: list[Trigger], statement: str, untold: list[str]
) -> Iterator[Finding]:
    """The triggers that are broken themselves; one that only sets a broken one off is none of them."""
    look, is_geopackage = reader.look, reader.schema.table("gpkg_contents") is not None
    if look.bare is None:
        look.bare = compiling.bare(reader.connection, reader.schema)
    for trigger, error, said in compiling.tried_alone(look.bare, reader.table, triggers, statement):
        if not (is_geopackage and all(map(_OF_GEOPACKAGE.fullmatch, said))):
            untold += (f"the trigger {trigger.name}: {in_words(sqlite3.OperationalError(text))}" for text in said)
        if error is not None and not compiling.is_told(error):
            untold.append(f"the trigger {trigger.name}: {error}")
        elif error is not None:
            yield _finding(reader.table, trigger, event, compiling.missing_of(error))


def _finding(table: Table, trigger: Trigger, event: str, facts: Mapping[str, Fact]) -> Finding:
    columns = ", ".join(read_trigger(trigger.sql).columns)
    return Finding(
        "broken-triggers", Severity.ERROR if facts["error"] else Severity.WARNING, table.name,
        facts={"trigger": trigger.name, "event": event, "of": columns or None, **facts},
    )  # fmt: skip


def _never_run(reader: TableReader, triggers: list[Trigger]) -> Iterator[Finding]:
    """The triggers on an UPDATE of columns of which the table has none."""
    rows = reader.connection.execute(f"PRAGMA main.table_xinfo({quote(reader.table.name)})").fetchall()
    there = {folded(str(row[1])) for row in rows}
    for trigger in triggers:
        columns = read_trigger(trigger.sql).columns
        if columns and not there & {folded(name) for name in columns}:
            facts: dict[str, Fact] = {"error": None, "kind": "column", "missing": ", ".join(columns)}
            yield _finding(reader.table, trigger, "update", facts)


def message(finding: Finding) -> str:
    """What the trigger needs."""
    facts = finding.facts
    text = f"the trigger {facts['trigger']} on {finding.table}"
    if facts["error"] is None:
        return f"{text} never runs: it is for an UPDATE of {facts['of']}, but {finding.table} has no such column"
    return f"{text} {compiling.needs(facts)}"


def hint(finding: Finding) -> str | None:
    """Which statements fail, and what can be done."""
    facts = finding.facts
    what = f"rewrite it, or drop it: DROP TRIGGER {quote(str(facts['trigger']))}"
    if facts["error"] is None:
        return what
    doing = {"insert": "INSERT into", "update": "UPDATE of", "delete": "DELETE from"}[str(facts["event"])]
    of = f" that sets {facts['of']}" if facts["of"] else ""
    return f"every {doing} {finding.table}{of} fails with: {facts['error']}; {what}"


CHECKS.add(
    "broken-triggers", Check(Severity.ERROR, __doc__, message, hint, inspect=inspect, kinds=("table", "view", "shadow"))
)
