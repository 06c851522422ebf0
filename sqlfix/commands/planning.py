"""Reading a database and planning its repair, as `repair` and `export-sql` both begin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from sqlfix.commands.options import Progress
from sqlfix.model.plans import Plan
from sqlfix.model.schema import Schema
from sqlfix.plan.planner import make_plan
from sqlfix.plan.policy import Policy, idle_choices
from sqlfix.scan.run import look_at
from sqlfix.scan.scope import require_known
from sqlfix.schema.catalogue import read_schema
from sqlfix.sqlite.failures import plain_errors
from sqlfix.sqlite.snapshot import reading
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
    try:
        with reading(path, timeout, progress.sign) as opened, plain_errors(path):
            if opened.note:
                click.echo(f"note: {shown(str(path))}: {opened.note}", err=True)
            schema = read_schema(opened.connection)
            require_known(policy.scope, schema)
            look = look_at(opened.crew, schema, progress=progress.part)
            progress.say("planning")
            plan, _ = make_plan(opened.connection, schema, str(path), policy, look)
    finally:
        progress.clear()
    if not progress.quiet:
        for target in idle_choices(policy, plan):
            click.echo(f"note: --set {shown(target)}: there is nothing that it could mend", err=True)
    return Planned(plan, schema)
