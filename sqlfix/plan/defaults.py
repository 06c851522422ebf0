"""Which fix a relationship gets when nobody says otherwise: pure decisions from the schema alone."""

from dataclasses import replace

from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding, Report, held_for_spelling, number_of
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Applicability, folded
from sqlfix.plan.fix import FIXES
from sqlfix.plan.merge_rows import merge_script
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.leftovers import without_fixes
from sqlfix.schema.writable_keys import why_no_null
from sqlfix.sql.predicates import lookup
from sqlfix.text import typed_address

KEPT = "most-referenced"
"""Which of the rows that are the same stays by the script of a finding: see `sqlfix.plan.merge_rows.KEEP`."""

AMBIGUOUS = "it is declared twice, and SQLite compares the values differently for each"
"""Why nothing is done where two collations decide which parent a key has, one for each declaration."""


@frozen
class Decision:
    """The fix for one class of rows of a relationship; ``fix`` None: they are left, for ``reason``."""

    fix: str | None
    applicability: Applicability
    reason: str = ""
    hint: str | None = None


def decide(schema: Schema, fk: ForeignKey, check: str) -> Decision:
    """The default for the rows that ``check`` (``orphan-rows`` or ``placeholder-values``) finds.

    It finishes what the schema's own ON DELETE would have done. Where that is NO ACTION or RESTRICT: a link row is
    deleted, a key that may be NULL is set to NULL, any other row is deleted. A row that refers to its own table is
    set free rather than deleted, and a placeholder is never deleted.
    """
    if is_bookkeeping(fk.child):
        return _left(f"{fk.child} is a framework's own bookkeeping and is never changed")
    if is_ambiguous(schema, fk):
        return _left(AMBIGUOUS)
    promise = Applicability.DECLARED if fk.on_delete == "SET NULL" else Applicability.CHOICE
    null = None if why_no_null(schema, fk) else Decision("set-null", promise)
    if check == "placeholder-values":
        return null or _left(f'the value means "none", but {why_no_null(schema, fk)}', choose_for(schema, fk))
    return _decide_orphans(schema, fk, null)


def is_ambiguous(schema: Schema, fk: ForeignKey) -> bool:
    """True for a sound relationship that is declared twice, with parent columns and without: see `AMBIGUOUS`."""
    others = schema.keys_with(fk.child, fk.child_columns[0])
    same = [other for other in others if other.fault is None and other.subject == fk.subject]
    return len(same) > 1 and len({lookup(schema, other) for other in same}) > 1


def propose(schema: Schema, report: Report) -> Report:
    """A report with what a repair does about its findings when nobody says otherwise, which no check knows.

    Orphans get their fix, or why nothing is done with them and what can be chosen; rows that are the same get the
    script that merges them (``facts.merge``). What the leftovers of a migration hold back has no fix.
    """
    keys = schema.usable_keys()
    findings = [proposed(schema, keys.get(finding.subject), finding) for finding in report.findings]
    return replace(report, findings=without_fixes(schema, findings))


def proposed(schema: Schema, fk: ForeignKey | None, finding: Finding) -> Finding:
    """One finding likewise, leftovers aside; ``fk`` is the relationship that it is of, if it is of one."""
    if finding.same is not None:
        script = "".join(f"{statement};\n" for statement in merge_script(schema, finding.same, KEPT))
        return replace(finding, facts={**finding.facts, "merge": script or None})
    if fk is None or finding.check not in ("orphan-rows", "placeholder-values") or "held_back" in finding.facts:
        return finding
    decision = decide(schema, fk, finding.check)
    if decision.fix is None:
        return replace(finding, facts={**finding.facts, "held_back": decision.reason, "way_out": decision.hint})
    if finding.facts.get("suspicion"):
        return finding
    named = number_of(finding, "named_rows")
    if held_for_spelling(finding) + named < finding.count:
        return replace(finding, fix=decision.fix)
    return replace(finding, fix="relink") if finding.facts.get("spelling_matches") or named else finding


def _decide_orphans(schema: Schema, fk: ForeignKey, null: Decision | None) -> Decision:
    link = schema.join_table(fk.child)
    if fk.on_delete == "SET DEFAULT":
        if reason := FIXES["set-default"].refusal(schema, fk):
            return _left(f"the schema says SET DEFAULT, but {reason}", choose_for(schema, fk))
        return Decision("set-default", Applicability.DECLARED)
    if fk.on_delete == "SET NULL":
        return null or _left(f"the schema says SET NULL, but {why_no_null(schema, fk)}", choose_for(schema, fk))
    if folded(fk.child) == folded(fk.parent) and null:
        return null
    if fk.on_delete == "CASCADE" or (link and not (link.carries_data and null)):
        return Decision("delete-rows", Applicability.DECLARED)
    if null:
        return null
    child = schema.known_table(fk.child)
    if all((column := child.column(name)) and column.generated for name in fk.child_columns):
        return _left(f"{why_no_null(schema, fk)}: change the values that it is computed from", choose_for(schema, fk))
    return Decision("delete-rows", Applicability.CHOICE)


def _left(reason: str, hint: str | None = None) -> Decision:
    return Decision(None, Applicability.MANUAL, reason, hint)


def choose_for(schema: Schema, fk: ForeignKey) -> str:
    """The hint that names the choices for one relationship; into a computed column nothing can be written."""
    table, delete = schema.table(fk.child), typed_address(fk.child, fk.child_columns, "=delete")
    columns = [table.column(name) for name in fk.child_columns] if table else []
    if any(column is not None and column.generated for column in columns):
        return f"choose a fix: --set {delete}, or =keep"
    return f"choose a fix: --set {delete}, =keep, or =update:KEY of a parent"
