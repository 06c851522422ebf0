"""Sentences about a plan: its steps, what they lose, how it ends."""

from sqlfix.model.plans import Fix, Plan
from sqlfix.model.values import Loss
from sqlfix.prose.report import columns_of, relationship
from sqlfix.text import command_line, dots, plural, shown, shown_name

OF_A_PARENT = ("relink", "backfill")
"""The fixes that write the key of a parent."""

# -- the sentences of a plan --------------------------------------------------------------------------------------


def deed(fix: Fix, done: bool = False, unicode: bool = True) -> str:
    """What one step of a plan does, or did, in words."""
    table, parent = (shown_name(name, unicode) for name in (fix.table, fix.parent or ""))
    where, values = columns_of(fix.table, fix.columns, unicode), plural(fix.rows, "value")
    why = shown(fix.why or "", unicode)
    if fix.loss is Loss.ROWS:
        rows = plural(fix.rows, "link row" if fix.link_rows else "row")
        columns = ", ".join(shown_name(column, unicode) for column in fix.columns)
        data = "; carries data beyond the link" if fix.carries_data else ""
        why = why or f"no parent in {parent} ({columns})"
        said = f"{'deleted' if done else 'delete'} {rows} of {table}: {why}{data}"
    elif fix.kind == "update" and (fix.name in OF_A_PARENT or (fix.name == "update" and fix.value is None)):
        key = f"the key of {'its' if fix.rows == 1 else 'their'} parent in {parent}"
        said = f"set {values} of {where} to {key}: {why}"
    elif fix.name == "cast":
        said = f"{'wrote' if done else 'write'} {values} of {where} as {shown(fix.value or '', unicode)}: {why}"
    elif fix.loss is Loss.VALUES or (fix.kind == "update" and fix.value is not None):
        where = columns_of(fix.table, fix.written or fix.columns, unicode)
        # Only the fixes whose name says it all give no value.
        value = shown(fix.value if fix.value is not None else "NULL", unicode)
        they = "it means" if fix.rows == 1 else "they mean"
        none = f'{they} "none"' if fix.checks == ("placeholder-values",) else f"no parent in {parent}"
        said = f"set {values} of {where} to {value}: {why or none}"
    elif fix.kind == "insert":
        said = f"{'added' if done else 'add'} {plural(fix.rows, 'row')} to {table}: {why}"
    elif fix.name == "reindex":
        said = f"{'rebuilt' if done else 'rebuild'} the indexes of {parent}"
    else:
        link = relationship(fix.subject, unicode)
        said = f"{fix.name} {plural(fix.rows, 'row')} of {link}" if fix.rows else f"{fix.name} for {link}"
    follows_by = _decided(fix.follows_by, fix.on_delete)
    if not fix.checks and not fix.why:
        return f"{said}; follows from the above{follows_by}"
    if fix.decided_by == "choice":  # that it is the schema's own way, or the usual one, needs no words
        said += _decided(fix.decided_by)
        follows_by = follows_by if fix.follows_by == "schema" else ""
    lose = "loses" if fix.follows == 1 else "lose"
    return f"{said}; {fix.follows:,} of them {lose} it through this plan{follows_by}" if fix.follows else said


def mark(fix: Fix) -> str:
    """What a step rests on, in words; empty where its sentence says it, or it was asked for as a whole."""
    if fix.rests_on == "schema" and fix.link_rows and fix.on_delete in ("NO ACTION", "RESTRICT"):
        return "a link needs both ends"
    if fix.rests_on == "schema" and fix.follows_by == "schema" and not fix.decided_by:
        return ""
    return {
        "lossless": "lossless",
        "schema": "as the schema says",
        "silent": "the schema is silent",
        "default": f"instead of ON DELETE {fix.on_delete}",
    }.get(fix.rests_on, "")


def step_name(fix: Fix) -> str:
    """The name of a step, and what it rests on."""
    return ", ".join(filter(None, (fix.name, mark(fix))))


def alternatives(fix: Fix, unicode: bool = True) -> str:
    """What to type to lose less than by a step; empty where there is nothing. A place that repeats is written once."""
    said: list[str] = []
    begun = ""
    for typed in fix.alternatives:
        place, _, word = typed.rpartition("=")
        plain = place and begun == place and typed.count("'") + typed.count('"') == 0
        said.append(f"={word}" if plain else shown(typed, unicode))
        begun = place
    return f"to lose less: {' or '.join(filter(None, (', '.join(said[:-1]), said[-1])))}" if said else ""


def preview(fix: Fix, unicode: bool = True) -> tuple[str, ...]:
    """The first rows that a step adds, one for each line, whether there are more, and what stands in each of them."""
    more = len(fix.examples) < fix.rows and fix.examples
    same = f"{'each ' if fix.rows > 1 else ''}with {shown(fix.in_each, unicode)}" if fix.in_each else ""
    lines = (*(shown(text, unicode) for text in fix.examples), dots(unicode) if more else "", same)
    return tuple(filter(None, lines))


def _decided(by: str, on_delete: str = "") -> str:
    return {"choice": ", as you chose", "schema": f", as ON DELETE {on_delete} says"}.get(by, "")


def plan_headline(plan: Plan, unicode: bool = True) -> str:
    """What a plan is about to do, or did, before its steps."""
    if plan.fixes:
        stage = "applied" if plan.applied else "planned, rehearsed on a copy" if plan.rehearsed else "planned"
        said = f"{plural(len(plan.fixes), 'fix', 'fixes')} {stage}"
    else:
        said = "nothing can be repaired as it stands" if plan.left else "nothing to repair"
    return f"{shown(plan.database, unicode)}: {said}"


def totals(plan: Plan, unicode: bool = True) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The headings, and a line for each table that a plan touches; rows are added by few plans."""
    adds = any(total.added for total in plan.totals)
    lines = []
    for total in plan.totals:
        after = total.before - total.deleted + total.added + total.by_triggers
        numbers = (total.before, after, total.deleted, total.changed, *([total.added] if adds else []))
        triggers = f"{total.by_triggers:+,}" if total.by_triggers else "-"
        lines.append((shown_name(total.table, unicode), *(f"{number:,}" for number in numbers), triggers))
    headings = ("table", "before", "after", "deleted", "changed", *(["added"] if adds else []), "by triggers")
    return headings, lines


def rows_of(plan: Plan) -> dict[str, int]:
    """How many rows a plan parks, deletes, and so on: each row once that goes from one table to another."""
    parked = sum(fix.rows for fix in plan.fixes if fix.name == "park")
    back = sum(fix.rows for fix in plan.fixes if fix.name == "unpark" and fix.kind == "insert")
    return {
        "parked": parked,
        "brought back": back,
        "deleted": sum(total.deleted for total in plan.totals) - parked - back,
        "changed": sum(total.changed for total in plan.totals),
        "added": sum(total.added for total in plan.totals) - parked - back,
    }


def plan_closing(plan: Plan) -> str:
    """What a plan does and leaves, in numbers."""
    more = sum(max(total.by_triggers, 0) for total in plan.totals)
    removed = -sum(min(total.by_triggers, 0) for total in plan.totals)
    parts = [plural(len(plan.fixes), "fix", "fixes") if plan.fixes else "nothing planned"]
    done = rows_of(plan)
    done |= {"added by the file's own triggers": more, "removed by the file's own triggers": removed}
    parts += (f"{plural(number, 'row')} {what}" for what, number in done.items() if number)
    parts.append(f"{plural(len(plan.left), 'finding')} left" if plan.left else "nothing left")
    said = ", ".join(parts)
    return f"{said[0].upper()}{said[1:]}."


def plan_beyond(plan: Plan) -> str:
    """How many warnings are not listed, which a repair does not fix by itself, and what shows them; empty without."""
    if not plan.not_repairable:
        return ""
    them = "it" if plan.not_repairable == 1 else "them"
    seen = command_line(("scan",), plan.database)
    return f"{plural(plan.not_repairable, 'warning')} that repair does not fix by itself; to see {them}: {seen}"
