"""`sqlfix history`: the repairs of a database that can be taken back."""

from __future__ import annotations

import json

import click

from sqlfix.commands.options import find_databases, option
from sqlfix.repair.record import Record, records_beside
from sqlfix.sqlite.connect import require_database
from sqlfix.text import count, shown


@click.command("history")
@click.argument("database", required=False)
@option(
    "--format", type=click.Choice(["table", "json"]), default="table", show_default=True, help="How to write the list."
)
def command(database: str | None, format: str) -> None:
    """List the repairs of a database, and what took them back.

    Every repair leaves a record beside the database: one SQLite file, with each row that was removed or changed. The
    name in the first column is what `sqlfix undo DATABASE NAME` takes.

    Exit code: 0; 2 the job could not be done.
    """
    path = find_databases([] if database is None else [database])[0]
    require_database(path)
    records, unreadable = records_beside(path.resolve())
    if format == "json":
        found = [_facts(record) for record in records]
        facts = {"format_version": 1, "database": str(path), "records": found}
        if unreadable:
            facts["unreadable"] = [{"path": str(broken.path), "problem": broken.problem} for broken in unreadable]
        click.echo(json.dumps(facts, indent=2))
        return
    if not records and not unreadable:
        click.echo(f"{shown(str(path))}: no records")
        return
    click.echo(f"{shown(str(path))}: {count(len(records))} record{'s' * (len(records) != 1)}\n")
    for record in records:
        state = "" if record.state == "applied" else " (cut off: it may not have been committed)"
        what = f"undo of {shown(record.undoes or '')}" if record.kind == "undo" else "repair"
        click.echo(f"{shown(record.name)}  {what}, {count(record.rows)} rows{state}")
        click.echo(f"    {shown(record.path.name)}")
        if record.backup:
            gone = "" if record.backup.exists() else " (no longer there)"
            click.echo(f"    backup: {shown(record.backup.name)}{gone}")
    for broken in unreadable:
        click.echo(f"{shown(broken.name)}  unreadable: {shown(broken.problem)}")


def _facts(record: Record) -> dict[str, object]:
    return {
        "name": record.name,
        "path": str(record.path),
        "kind": record.kind,
        "state": record.state,
        "made": record.made,
        "rows": record.rows,
        "backup": str(record.backup) if record.backup else None,
        "undoes": record.undoes,
        "tables": [table.table for table in record.tables],
    }
