"""Changing a file for a command: the options for its backup, the question before, and what is said of it all."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar

import click

from sqlfix.commands.complaint import complain, if_it_can_be_told
from sqlfix.commands.options import FileOptions, option, several
from sqlfix.commands.screen import write
from sqlfix.commands.script_output import write_script
from sqlfix.errors import Malformed, Refused, SqlfixError
from sqlfix.frozen import frozen
from sqlfix.model.plans import Fix, Plan, SchemaPlan
from sqlfix.model.values import grouped
from sqlfix.prose.format import Script, View, written
from sqlfix.prose.plan import rows_of
from sqlfix.prose.schema_plan import outcome
from sqlfix.repair.backup import Early, early
from sqlfix.repair.change import ChangeOptions, Watcher
from sqlfix.repair.run import require_repairable
from sqlfix.scan.check import DAMAGED
from sqlfix.schema.database import Database
from sqlfix.sqlite import interrupts
from sqlfix.sqlite.files import unfinished
from sqlfix.text import plural, shown, shown_name, typed_path, typed_words

Planned = TypeVar("Planned", Plan, SchemaPlan)
Run = Callable[[Path, Planned, ChangeOptions], Planned]
"""What carries a plan out, after a backup; the plan as applied."""

backup_options: Callable[[Any], Any] = several(
    option("--backup/--no-backup", default=True, show_default=True, help="Make a verified backup first."),
    option("--backup-to", type=click.Path(path_type=Path), metavar="PATH", help="Where to put the backup."),
)


@frozen
class WritingOptions:
    """Whether a backup is made, and where; and whether it is asked for before anything is written.

    ``dry_run`` and ``sql``: the plan is only shown, or written as a script. ``early``: see `beginning`.
    """

    backup: bool
    yes: bool
    backup_to: Path | None = None
    dry_run: bool = False
    sql: bool = False
    early: Early | None = None

    def as_script(self, file: FileOptions) -> bool:
        """True if a script is written instead, which ``--format sql`` asks for as well."""
        return self.sql or file.format == "sql"

    @contextlib.contextmanager
    def beginning(self, file: FileOptions) -> Iterator[Self]:
        """The same for a block that plans a change and carries it out: `begin` makes the backup early, see `Early`."""
        with early(file.path, self.backup_to) as backup:
            certain = self.yes and self.backup and not self.dry_run and not self.as_script(file)
            yield replace(self, early=backup if certain else None)

    def begin(self, database: Database) -> None:
        """Begin to make the backup, now that something may be changed, if it is certain that it is asked for."""
        if self.early:
            self.early.begin(database)

    def require_consistent(self) -> None:
        """Raise Refused for a place for a backup that is not to be made."""
        if self.backup_to is not None and not self.backup:
            raise Refused("--no-backup and --backup-to contradict each other")

    def change(self, file: FileOptions) -> ChangeOptions:
        """The same for what changes the file, with the line of progress."""
        progress = file.progress

        def copied(remaining: int, total: int) -> None:
            progress.say(f"backup: {100 * (total - remaining) // max(total, 1)} %")

        def fixing(place: int, fix: Fix) -> None:
            progress.say(f"fix {place + 1}: {fix.name} on {fix.table}")

        watcher = Watcher(copied, fixing, progress.sign)
        return ChangeOptions(self.backup, self.backup_to, timeout=file.timeout, watcher=watcher, early=self.early)


def require_agreed(question: str) -> None:
    """Raise Refused unless it is agreed to."""
    if not click.confirm(f"\n{question}", err=True):
        raise Refused("not carried out; nothing was changed")


def carried_out(file: FileOptions, plan: Planned, how: WritingOptions, run: Run[Planned]) -> Planned:
    """Carry a plan out, where it does anything; or show it if that is all that is asked for. The plan, as it is then.

    Raises:
        SqlfixError: where the file could not be changed; nothing was.
    """
    does, as_script = bool(plan.fixes if isinstance(plan, Plan) else plan.steps), how.as_script(file)
    if does and not (how.dry_run or as_script):
        return carry_out(file, plan, how, run)
    if does or (plan.left and isinstance(plan, SchemaPlan)):
        require_repairable(file.path, file.timeout)
    elif plan.left:
        plan = _as_of_damaged(file, plan)
    if as_script:
        write_script(written("sql", Script(plan) if isinstance(plan, Plan) else plan, View()))
    else:
        file.write(plan)
    return plan


def _as_of_damaged(file: FileOptions, plan: Planned) -> Planned:
    """The plan; where the file is damaged, what it leaves is told with what comes first, and not with a repair."""
    try:
        require_repairable(file.path, file.timeout)
    except Malformed as damaged:
        return replace(plan, left=tuple(replace(part, reason=DAMAGED, hint=damaged.hint) for part in plan.left))
    return plan


def carry_out(
    file: FileOptions, plan: Planned, how: WritingOptions, run: Run[Planned], look: str = "see the plan with --dry-run"
) -> Planned:
    """Show a plan, ask, carry it out after a backup, and say so; the plan as applied.

    Args:
        look: what to do instead where there is nobody to ask.

    Raises:
        SqlfixError: and nothing was changed.
    """
    what = "repair" if isinstance(plan, Plan) else "change of the schema"
    as_table = file.format == "table"
    # where the plan goes elsewhere, nobody would know what the question is about
    can_ask = sys.stdin.isatty() and (sys.stdout if as_table else sys.stderr).isatty()
    if as_table:
        file.write(plan)
    if not (how.yes or can_ask):
        asks = f"a {what} asks before it writes, and there is no terminal to ask at"
        raise Refused(asks, f"use --yes, or {look}")
    if not how.yes:
        if not as_table:
            write(written("table", plan, file.view), sys.stderr)
        require_agreed(f"Carry this out{', after a backup' if how.backup else ''}?")
    if interrupts.pending():  # it came as the plan was made, and SQLite made another error of it, which was overlooked
        raise KeyboardInterrupt
    with telling_of_what_was_left(file):
        plan = run(file.path, plan, how.change(file))
    with committed(what):
        if as_table:
            _tell(plan)
        else:
            file.write(plan)
    return plan


@contextlib.contextmanager
def committed(what: str) -> Iterator[None]:
    """What is told of a change at last; that it cannot be told is no reason to end as if it had not been made."""
    try:
        yield
        sys.stdout.flush()
    except KeyboardInterrupt:
        with if_it_can_be_told():
            click.echo(f"interrupted; the {what} had already been committed", err=True)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        why = error.strerror or error
        complain(SqlfixError(f"the output cannot be written: {why}; the {what} had already been committed"))


@contextlib.contextmanager
def telling_of_what_was_left(file: FileOptions) -> Iterator[None]:
    """Clear the line of progress after a change, and tell of files that a killed run has left beside the database."""
    path = file.path.resolve() if file.path.is_symlink() else file.path
    before = unfinished(path)
    try:
        yield
    finally:
        file.progress.clear()
    for left in sorted(before & unfinished(path)) if not file.quiet else ():
        told = (
            "is what a run left that was killed, unless another one is planning right now; nobody needs it: remove it"
        )
        with if_it_can_be_told():
            click.echo(f"note: {shown(str(left))} {told}", err=True)


def _tell(plan: Plan | SchemaPlan) -> None:
    """Say what was done, what is left, and what to do next."""
    tell_backup(plan.backup, plan.unverified)
    if isinstance(plan, SchemaPlan) and plan.exported:
        click.echo(f"Exported: {shown(plan.exported)}")
    click.echo(f"Record:   {shown(plan.record or '')}")
    rows_left = 0
    if isinstance(plan, Plan):
        rows, steps = plural(sum(rows_of(plan).values()), "row"), plural(len(plan.fixes), "step")
        click.echo(f"Repaired: {rows} in {steps}, verified and committed.")
        rows_left = sum(part.count for part in plan.left)
    else:
        click.echo(f"Changed:  {outcome(plan)}")
    if plan.left:
        told = f" ({plural(rows_left, 'row')})" if rows_left else ""
        click.echo(f"Left:     {plural(len(plan.left), 'finding')}{told}, listed above.")
    click.echo(f"Undo:     sqlfix undo {typed_words([typed_path(plan.database)])}")
    for command in () if isinstance(plan, Plan) else plan.next:
        click.echo(f"Next:     {shown(command)}")


def tell_backup(backup: str | None, unverified: Iterable[tuple[str, str]]) -> None:
    """After an empty line, where the backup is, if one was made; and which of its tables could not be checked, why."""
    click.echo()
    by_reason = grouped((reason, shown_name(table)) for table, reason in unverified)
    if backup:  # what the output cannot spell, it replaces
        click.echo(f"Backup:   {shown(backup)} (verified{', except for what is listed below' if by_reason else ''})")
    for reason, tables in by_reason.items():
        click.echo(f"          not verified: {', '.join(tables)}: {shown(reason)}")
