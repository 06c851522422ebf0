"""Carrying out a change of the schema for a command: what is asked before, and what is said afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from sqlfix.commands.carrying_out import Act, WritingOptions, carry_out_by, tell_backup, tell_undo
from sqlfix.commands.options import FileOptions
from sqlfix.commands.script_output import write_script
from sqlfix.model.schema_plans import SchemaPlan
from sqlfix.prose.format import View, written
from sqlfix.prose.schema_plan import closing
from sqlfix.repair.change import ChangeOptions
from sqlfix.repair.run import require_repairable
from sqlfix.repair.schema_change import change_schema
from sqlfix.text import plural, shown

Change = Callable[[Path, SchemaPlan, ChangeOptions], SchemaPlan]


def carry_out_change(
    file: FileOptions, plan: SchemaPlan, how: WritingOptions, change: Change = change_schema
) -> SchemaPlan:
    """Show a plan, ask, carry it out after a backup, and say so; the plan as applied.

    Args:
        change: carries it out.

    Raises:
        SqlfixError: and nothing was changed.
    """
    return carry_out_by(file, plan, how, Act(change, _tell, "change of the schema", "see the plan with --dry-run"))


def show_change(file: FileOptions, plan: SchemaPlan, script: bool = False) -> None:
    """Show a plan that is not carried out; ``--format sql`` writes its script, as ``script`` does.

    Raises:
        SqlfixError: where the file could not be changed.
    """
    if script or file.format == "sql":
        write_script(written("sql", plan, View()))
        return
    if plan.steps:
        require_repairable(file.path, file.timeout)
    file.write(plan)


def _tell(plan: SchemaPlan) -> None:
    tell_backup(plan.backup, plan.unverified)
    click.echo(f"Record:   {shown(plan.record or '')}")
    click.echo(f"Changed:  {closing(plan)}")
    if plan.left:
        click.echo(f"Left:     {plural(len(plan.left), 'finding')}, listed above.")
    tell_undo(plan.database)
    for command in plan.next:
        click.echo(f"Next:     {shown(command)}")
