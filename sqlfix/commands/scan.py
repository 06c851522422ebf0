"""`sqlfix scan`: what is wrong, and where."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from sqlfix.commands.beside import refuse_beside, refuse_typed
from sqlfix.commands.format_option import format_option
from sqlfix.commands.opening import opened
from sqlfix.commands.options import (
    Progress,
    database_type,
    find_databases,
    option,
    quiet_option,
    scope_of,
    scope_options,
    timeout_option,
    verbose_option,
    view_of,
    write,
)
from sqlfix.errors import Refused
from sqlfix.model.findings import NotChecked, Report
from sqlfix.model.schema import Schema
from sqlfix.model.values import Severity
from sqlfix.prose.documents import FaultyRows
from sqlfix.prose.format import View, written
from sqlfix.scan.run import faulty_rows, look_at, scan
from sqlfix.scan.scope import Scope, require_known
from sqlfix.schema.assumptions import with_wanted_keys
from sqlfix.schema.catalogue import with_text
from sqlfix.sqlite.snapshot import cores
from sqlfix.text import address, shown

LEVELS = {"error": Severity.ERROR, "warning": Severity.WARNING, "hint": Severity.HINT, "never": None}


@click.command("scan")
@click.argument("databases", nargs=-1, metavar="[DATABASE]...", type=database_type)
@format_option(Report, "How to write the report.")
@option("--rows", is_flag=True, help="Write the key of every faulty row, one by one, instead of the report.")
@option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many databases to scan at a time; the number of cores if not given.",
)
@scope_options
@option(
    "--unique",
    multiple=True,
    metavar="TABLE.COLUMN[,COLUMN]",
    help="Also the duplicate-keys of a constraint that is yet to be added; may be given several times.",
)
@option(
    "--fail-on",
    type=click.Choice(list(LEVELS)),
    default="warning",
    show_default=True,
    help="The least severity of a finding that makes the exit code 1.",
)
@timeout_option
@verbose_option
@quiet_option
@click.pass_context
def command(
    context: click.Context,
    databases: tuple[str, ...],
    format: str,
    rows: bool,
    jobs: int | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    unique: tuple[str, ...],
    fail_on: str,
    timeout: float,
    verbose: int,
    quiet: bool,
) -> None:
    """Find every row that breaks a promise of the schema. Never writes.

    Finds the rows without a parent by SQLite's own rule, the foreign keys that SQLite cannot use, and the rows that
    break what else a schema promises: NOT NULL, UNIQUE, CHECK, types, dates (`sqlfix checks` lists it all). Without a
    DATABASE it takes $SQLFIX_DATABASE, or the only SQLite file in this folder. Of several, each is scanned for itself,
    and the worst exit code counts.

    Exit code: 0 everything was checked and nothing found; 1 findings; 2 the job could not be done; 3 nothing found,
    but something could not be checked.
    """
    if rows:
        refuse_beside(context, "--rows", ["unique"], "asks about rows together, and --rows lists rows one by one")
        refuse_typed(context, ["jobs"], "means nothing with --rows, which lists one database after the other")
    paths = find_databases(databases)
    workers = 1 if rows else min(jobs or cores(), len(paths))
    asked = Asked(
        format, rows, scope_of(select, ignore), LEVELS[fail_on], timeout, view_of(verbose), quiet,
        threads=max(cores() // workers, 1), unique=unique,
    )  # fmt: skip
    if len(paths) == 1:
        context.exit(scan_one(paths[0], asked))
    from sqlfix.commands.several import sum_up

    codes = list(_scan_several(paths, asked, workers))
    if not quiet:
        click.echo(("\n" if format == "table" else "") + sum_up(codes), err=format != "table")
    context.exit(max(codes, key=_badness))


def _badness(code: int) -> int:
    """The order of exit codes from good to bad: all is well, something unchecked, findings, could not."""
    return [0, 3, 1, 2].index(code)


@dataclass(frozen=True, slots=True)
class Asked:
    """How to scan, and how to say what was found; ``threads`` is how many connections read one large file.

    ``unique`` are the columns of constraints that are yet to be added, as they were typed.
    """

    format: str
    rows: bool
    scope: Scope
    fail_on: Severity | None
    timeout: float
    view: View
    quiet: bool
    threads: int
    unique: tuple[str, ...] = ()


def _scan_several(paths: list[Path], asked: Asked, workers: int) -> Iterator[int]:
    """Scan one database after the other, or some at a time; the exit code of each, as they come."""
    from sqlfix.commands.several import guarded, show, side_by_side

    apart = asked.format in ("table", "markdown")
    if workers == 1:
        for place, path in enumerate(paths):
            if place and apart:
                click.echo()
            yield guarded(partial(scan_one, asked=asked), path)
        return
    progress = Progress(asked.quiet)
    progress.part(0, f"0 of {len(paths):,} databases scanned")
    # a person reads them in the order that was asked for; a program takes each line as it comes
    in_order = asked.format != "jsonl"
    results = side_by_side(partial(scan_one, asked=asked), paths, workers, in_order, progress.sign)
    try:
        for place, done in enumerate(results):
            progress.clear()
            if place and apart:
                click.echo()
            show(done)
            yield done.code
            progress.part((place + 1) / len(paths), f"{place + 1:,} of {len(paths):,} databases scanned")
    finally:
        results.close()
        progress.clear()


def scan_one(path: Path, asked: Asked) -> int:
    """Scan one database, write what was found, and give the exit code.

    Raises:
        SqlfixError: where it cannot be scanned.
    """
    format, view, quiet = asked.format, asked.view, asked.quiet
    progress = Progress(quiet)
    with opened(path, asked.timeout, progress, asked.threads, noted=not quiet) as database:
        require_known(asked.scope, database.schema)
        schema = with_wanted_keys(database.schema, asked.unique)
        _require_in_scope(schema, asked.scope)
        if format != "table" or view.verbose:
            schema = with_text(schema)
        look = look_at(database.crew, schema, asked.scope, progress.part)
        report = scan(database.connection, schema, database.name, asked.scope, look, progress.part)
        if asked.rows:
            if sys.stdout.isatty():
                progress.end()
            progress.say("writing the rows")
            unlisted: list[NotChecked] = []
            found = faulty_rows(database.connection, schema, report, look, unlisted.append)
            write(written(format, FaultyRows(database.name, found), view))
            for one in unlisted:
                place = shown(one.subject)
                click.echo(f"note: the rows of {place} could not all be listed: {shown(one.reason)}", err=True)
    if not asked.rows:
        write(written(format, report, view))
        if format == "table" and not quiet:
            _advise(path, report, asked.scope)
    elif report.not_checked and not quiet:
        click.echo(f"note: {len(report.not_checked)} could not be checked; scan without --rows says why", err=True)
    return exit_code(report, asked.fail_on)


def _require_in_scope(schema: Schema, scope: Scope) -> None:
    """Raise Refused for a ``--unique`` that --select and --ignore leave out."""
    for table in schema.tables:
        for columns in table.wanted_keys:
            if not scope.has_at("duplicate-keys", table.name, columns):
                place = address(table.name, columns)
                raise Refused(f"--unique {place}: --select and --ignore leave out the duplicate-keys of these columns")


def _advise(path: Path, report: Report, scope: Scope) -> None:
    """The next command to type, with the same scope."""
    held = any(finding.count and finding.check in ("orphan-rows", "placeholder-values") for finding in report.findings)
    fixed = any(finding.fix for finding in report.findings)
    if not fixed and not held:
        return
    from sqlfix.text import typed_path, typed_words

    words = [*(w for n in scope.select for w in ("--select", n)), *(w for n in scope.ignore for w in ("--ignore", n))]
    rest = typed_words([*words, typed_path(path)])
    if not fixed:
        click.echo(f"\nnext, to read what can be chosen:  sqlfix repair --dry-run {rest}")
        return
    click.echo(f"\nnext, to read the repair:  sqlfix export-sql {rest}")
    click.echo(f"or to carry it out:        sqlfix repair {rest}")


def exit_code(report: Report, fail_on: Severity | None) -> int:
    """0, 1 or 3, as the command's help says."""
    if fail_on is not None and any(finding.severity >= fail_on for finding in report.findings):
        return 1
    return 3 if report.not_checked else 0
