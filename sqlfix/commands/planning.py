"""Reading a database and planning its repair, as `repair` and `export-sql` both begin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from sqlfix.commands.opening import opened
from sqlfix.commands.options import Progress
from sqlfix.model.plans import Plan
from sqlfix.model.schema import Schema
from sqlfix.plan.planner import make_plan
from sqlfix.plan.policy import Policy, idle_choices
from sqlfix.scan.run import look_at
from sqlfix.scan.scope import require_known
from sqlfix.text import shown


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and the schema that it was made for."""

    plan: Plan
    schema: Schema


def plan_of(path: Path, policy: Policy, timeout: float, progress: Progress) -> Planned:
    """The plan for one database, read only.

    Raises:
        SqlfixError: where the file cannot be read, or a choice cannot be carried out.
    """
    progress.say("scanning and planning")
    with opened(path, timeout, progress) as database:
        require_known(policy.scope, database.schema)
        look = look_at(database.crew, database.schema, progress=progress.part)
        progress.say("planning")
        plan, _ = make_plan(database.connection, database.schema, database.name, policy, look)
    if not progress.quiet:
        for target in idle_choices(policy, plan):
            click.echo(f"note: --set {shown(target)}: there is nothing that it could mend", err=True)
    return Planned(plan, database.schema)
