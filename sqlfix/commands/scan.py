"""`sqlfix scan`: what is wrong, and where."""

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

import click

from sqlfix.commands import options
from sqlfix.commands.complaint import complain
from sqlfix.commands.options import FileOptions, filling, opened, option, refuse_beside, refuse_typed, tell_note
from sqlfix.errors import SqlfixError
from sqlfix.fleet.processes import Team, attempted, side_by_side
from sqlfix.frozen import frozen
from sqlfix.model.findings import NotChecked, Report
from sqlfix.model.values import Severity
from sqlfix.plan.repaired_checks import REPAIRED
from sqlfix.plan.scanning import Asked, scan, scan_file
from sqlfix.prose.format import FaultyRows
from sqlfix.prose.report import so_far
from sqlfix.scan.check import is_held_for_damage
from sqlfix.sql.parked_table import NAME
from sqlfix.sqlite.odd_files import copies_beside
from sqlfix.sqlite.snapshot import cores
from sqlfix.text import command_line, plural, shown, typed_path, typed_words

FROM_GOOD_TO_BAD = (0, 3, 1, 2)
"""The exit codes: all is well, something was not checked, findings, it could not be scanned."""
LEVELS = {"error": Severity.ERROR, "warning": Severity.WARNING, "hint": Severity.HINT, "never": None}


@frozen
class ScanOptions:
    """All that `scan` takes; ``threads`` is how many connections read one large file."""

    file: FileOptions
    databases: tuple[str, ...]
    rows: bool
    jobs: int | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    unique: tuple[str, ...]
    fast: bool
    fail_on: str
    threads: int = 1

    def asked(self) -> Asked:
        """What is asked of each file."""
        texts = self.file.format != "table" or self.file.verbose > 0
        scope = replace(options.scope_of(self.select, self.ignore), fast=self.fast)
        return Asked(scope, self.unique, texts)

    def of(self, path: Path) -> Self:
        """The same for one of the files."""
        return replace(self, file=replace(self.file, database=str(path)))

    @property
    def after_one(self) -> Self:
        """The same once something was written about one of the files."""
        return replace(self, file=replace(self.file, follows=True))


@click.command("scan")
@click.argument("databases", nargs=-1, metavar="[DATABASE]...", type=options.database_type)
@options.format_option(Report, "Format of the report.")
@option("--rows", is_flag=True, help="List the key of every faulty row instead of the report.")
@option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many databases to scan at a time; by default the number of cores.",
)
@options.scope_options
@option(
    "--unique",
    multiple=True,
    metavar="TABLE.COLUMN[,COLUMN]",
    help="Also find duplicate-keys for a UNIQUE constraint that you want to add; can be repeated.",
)
@option(
    "--fast",
    is_flag=True,
    help="Leave out the checks that would sort the rows of a large table or read them twice; they are listed.",
)
@option(
    "--fail-on",
    type=click.Choice(list(LEVELS)),
    default="warning",
    show_default=True,
    help="The lowest severity that makes the exit code 1.",
)
@options.timeout_option
@option("-v", "--verbose", count=True, help="Show more: all relationships, and sample rows.")
@options.quiet_option
@filling
def command(context: click.Context, asked: ScanOptions) -> None:
    """Find every row that breaks a promise of the schema. Never writes.

    It finds rows without a parent by SQLite's own rule, foreign keys that SQLite cannot use, and rows that break other
    promises of the schema: NOT NULL, UNIQUE, CHECK, types, dates. `sqlfix checks` lists everything it checks. Without
    a DATABASE it scans $SQLFIX_DATABASE, or the only SQLite file in this folder. Several databases are scanned
    separately, and the worst of their exit codes is used: 2, then 1, then 3.

    Exit code: 0 everything was checked and nothing was found; 1 there are findings; 2 the job could not be done;
    3 nothing was found, but something could not be checked.
    """
    if asked.rows:
        refuse_beside(context, "--rows", ["unique"], "compares rows with each other, and --rows lists them one by one")
        refuse_typed(context, ["jobs"], "has no effect with --rows, which lists one database after the other")
    paths = options.find_databases(asked.databases)
    workers = 1 if asked.rows else min(asked.jobs or cores(), len(paths))
    asked = replace(asked, threads=max(cores() // workers, 1))
    if len(paths) == 1:
        context.exit(_scan_one(asked.of(paths[0])))
    codes = list(_scan_several(paths, asked, workers))
    as_table = asked.file.format == "table"
    if not asked.file.quiet:
        click.echo(("\n" if as_table else "") + _summary(codes), err=not as_table)
    context.exit(max(codes, key=FROM_GOOD_TO_BAD.index))


def _summary(codes: list[int]) -> str:
    """One line on what came of all databases."""
    parts = [
        f"{codes.count(code):,} {words}"
        for code, words in ((0, "clean"), (1, "with findings"), (3, "not fully checked"), (2, "could not be scanned"))
        if code in codes
    ]
    return f"{len(codes):,} databases: {', '.join(parts)}."


# -- one file -----------------------------------------------------------------------------------------------------


def _scan_one(asked: ScanOptions) -> int:
    """Scan one database, write what was found, and give the exit code.

    Raises:
        SqlfixError: where it cannot be scanned.
    """
    file = asked.file
    with opened(file, asked.threads, noted=not file.quiet) as database:
        found = scan(database, asked.asked(), file.progress.part, _early(asked))
        if asked.rows:
            if sys.stdout.isatty():
                file.progress.end()
            file.progress.say("writing the rows")
            unlisted: list[NotChecked] = []
            file.write(FaultyRows(database.name, found.rows(unlisted.append)))
            for one in unlisted:
                place = shown(one.subject)
                click.echo(f"note: not all rows of {place} could be listed: {shown(one.reason)}", err=True)
    if not asked.rows:
        return _tell(asked, found.report)
    if (missed := len(found.report.not_checked)) and not file.quiet:
        click.echo(f"note: {plural(missed, 'thing')} could not be checked; scan without --rows to see why", err=True)
    return _exit_code(asked, found.report)


def _early(asked: ScanOptions) -> Callable[[Report], None] | None:
    """Tells what is known of the keys while the slower checks go on; a person is told only if these take long."""
    file = asked.file
    if asked.rows or not (file.format == "jsonl" or (file.format == "table" and sys.stdout.isatty())):
        return None
    if file.format == "jsonl":
        return file.write
    return lambda report: file.progress.meanwhile(list(so_far(report, file.view.unicode)))


def _tell(asked: ScanOptions, report: Report) -> int:
    """Write a report, and what to do next; the exit code."""
    report, of_copies = (report, None) if asked.file.quiet else _with_copies(report)
    asked.file.write(report)
    if asked.file.format == "table" and not asked.file.quiet:
        if any(map(is_held_for_damage, report.findings)):
            name = typed_words([typed_path(report.database)])
            click.echo(f"\nnext, on a copy, to save the rows that are left:  sqlite3 {name} .recover")
            return _exit_code(asked, report)
        _advise(asked, report)
        if of_copies:
            click.echo(f"\n{of_copies}")
        if report.parked:
            rows = plural(report.parked, "row is", "rows are")
            words = command_line(("unpark", "--dry-run"), report.database)
            click.echo(f"\n{rows} parked in {NAME}; to bring back those whose parents are there again:  {words}")
    return _exit_code(asked, report)


def _with_copies(report: Report) -> tuple[Report, str | None]:
    """What copies beside the file have of the parents that it misses; only here the code for that is loaded."""
    orphans = any(f.check == "orphan-rows" and f.count and not is_held_for_damage(f) for f in report.findings)
    if not orphans or not copies_beside(Path(report.database).resolve()):
        return report, None
    found: tuple[Report, str | None] = importlib.import_module("sqlfix.commands.planning").with_copies(report)
    return found


def _advise(asked: ScanOptions, report: Report) -> None:
    """The next command to type, with the same scope."""
    held = any(finding.count and finding.check in ("orphan-rows", "placeholder-values") for finding in report.findings)
    fixed = any(finding.fix for finding in report.findings)
    of_schema = any(f.check in REPAIRED and f.severity > Severity.HINT for f in report.findings)
    scope = asked.asked().scope
    words = [*(w for n in scope.select for w in ("--select", n)), *(w for n in scope.ignore for w in ("--ignore", n))]
    rest, begin = typed_words([*words, typed_path(report.database)]), "then" if of_schema else "next"
    lines = []
    if of_schema:
        lines.append(("next, to repair the schema:", f"repair-schema {typed_words([typed_path(report.database)])}"))
    if fixed:
        lines.append((f"{begin}, to read the repair:", f"export-sql {rest}"))
        lines.append(("or to carry it out:", f"repair {rest}"))
    elif held:
        lines.append((f"{begin}, to see your choices:", f"repair --dry-run {rest}"))
    width = max((len(said) for said, _ in lines), default=0)
    if lines:
        click.echo()
    for said, command in lines:
        click.echo(f"{said:{width}}  sqlfix {command}")


def _exit_code(asked: ScanOptions, report: Report) -> int:
    """0, 1 or 3, as the command's help says."""
    fail_on = LEVELS[asked.fail_on]
    if fail_on is not None and any(finding.severity >= fail_on for finding in report.findings):
        return 1
    return 3 if report.not_checked else 0


# -- several ------------------------------------------------------------------------------------------------------


def _scan_one_of(asked: ScanOptions, path: Path, early: object) -> int:
    return _scan_one(asked.of(path))


def _scan_several(paths: list[Path], asked: ScanOptions, workers: int) -> Iterator[int]:
    """Scan one database after the other, or some at a time; the exit code of each, as they come."""
    apart = asked.file.format in ("table", "markdown")
    if workers == 1:
        for place, path in enumerate(paths):
            if place and apart:
                click.echo()
            done = attempted(partial(_scan_one_of, asked), path)
            yield _failed(done.error) if done.found is None else done.found
            asked = asked if done.found is None else asked.after_one
        return
    progress = asked.file.progress
    progress.part(0, f"0 of {len(paths):,} databases scanned")
    # a person reads them in the order that was asked for; a program takes each line as it comes
    team = Team(workers, asked.file.format != "jsonl", progress.sign)
    job = partial(scan_file, asked=asked.asked(), timeout=asked.file.timeout, threads=asked.threads)
    results, place = side_by_side(job, paths, team), 0
    try:
        for result in results:
            progress.clear()
            if place and apart:
                click.echo()
            if result.found is None:
                yield _failed(result.error)
            elif not result.whole:
                asked.file.write(result.found[0])
                continue
            else:
                report, note = result.found
                tell_note(report.database, None if asked.file.quiet else note)
                yield _tell(asked, report)
                asked = asked.after_one
            place += 1
            progress.part(place / len(paths), f"{place:,} of {len(paths):,} databases scanned")
    finally:
        results.close()
        progress.clear()


def _failed(error: SqlfixError | None) -> int:
    """Say why a database could not be scanned; the exit code."""
    assert error is not None
    complain(error)
    return error.exit_code
