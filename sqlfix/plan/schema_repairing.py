"""From what is found in a schema to the plan that repairs it: step by step, until nothing more can be mended.

Each repair is asked with the schema as the steps before leave it, and in an order in which none takes for a fault what
another one is about to mend: tables get their names back before anything is said of what speaks of them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding
from sqlfix.model.plans import Left, SchemaPlan, SchemaStep
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import folded
from sqlfix.plan.lost_keys import repaired_key
from sqlfix.plan.old_names import of_leftover, rewritten
from sqlfix.plan.repaired_checks import REPAIRED, WHEN_ASKED
from sqlfix.plan.scanning import Asked, scan
from sqlfix.plan.schema_changes import plan_schema_change
from sqlfix.plan.schema_draft import Draft, draft_of
from sqlfix.plan.schema_repair import Answer, StoredKeys, Task, come_to_light, left
from sqlfix.plan.schema_repairs import (
    keys_in_cycles,
    of_cycle,
    of_missing_column,
    of_missing_table,
    of_misspelled_type,
    of_too_few_columns,
    of_unindexed_key,
)
from sqlfix.scan.scope import Scope
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.database import Database, Met
from sqlfix.schema.names import place_named, require_columns, typed_place
from sqlfix.sql.create_virtual_table import is_virtual
from sqlfix.sql.table_edits import without_column
from sqlfix.sql.tokens import DdlError
from sqlfix.text import command_line, did_you_mean, typed_words

MOST_ROUNDS = 200


@frozen
class SchemaRepair:
    """What mends the findings of one check.

    ``repair`` gives for a finding the steps that mend it, or says why there are none; nothing of both for what another
    repair mends. ``of_file``: the findings are those of the file, with the figures of its rows; else those of the
    draft, which knows what the steps before have done. ``find`` gives them where no check does; they are no faults, and
    are only looked for where the name is selected.
    """

    repair: Callable[[Task, Finding], Iterable[Answer]]
    of_file: bool = False
    find: Callable[[Schema], Iterable[Finding]] | None = None


SCHEMA_REPAIRS = {
    "unfinished-migration": SchemaRepair(of_leftover, of_file=True),
    "missing-parent-table": SchemaRepair(of_missing_table),
    "missing-parent-column": SchemaRepair(of_missing_column),
    "column-count-mismatch": SchemaRepair(of_too_few_columns),
    "parent-key-not-unique": SchemaRepair(repaired_key),
    "suspicious-declarations": SchemaRepair(of_misspelled_type),
    "broken-views": SchemaRepair(lambda task, finding: [rewritten(task, finding, "view", finding.table)]),
    "broken-triggers": SchemaRepair(
        lambda task, finding: [rewritten(task, finding, "trigger", str(finding.facts["trigger"]))]
    ),
    "unindexed-foreign-keys": SchemaRepair(of_unindexed_key, of_file=True),
    "cycles": SchemaRepair(of_cycle, find=keys_in_cycles),
}


@frozen
class Wanted:
    """What is asked for: the checks of which findings are mended (all but those that have to be named, if none is).

    ``drop_leftovers``: tables that a rebuild has left behind, and that are empty, may go. ``tables`` and ``columns``
    are to be dropped, as they were typed; then nothing is mended but what is named.
    """

    select: tuple[str, ...] = ()
    drop_leftovers: bool = False
    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks, in their order."""
        if self.select or self.tables or self.columns:
            return tuple(check for check in (*REPAIRED, *WHEN_ASKED) if check in self.select)
        return REPAIRED


def plan_schema_repair(database: Database, wanted: Wanted, met: Met | None = None) -> SchemaPlan:
    """Plan what repairs the schema of a database; what is to be dropped comes first.

    Raises:
        Refused: what was asked for by name cannot be carried out.
        SqlfixError: the file cannot be read.
    """
    of_file = [check for check in wanted.checks if SCHEMA_REPAIRS[check].of_file]
    found = scan(database, Asked(Scope(tuple(of_file)))).report.findings if of_file else ()
    draft = draft_of(database.connection)
    done: list[SchemaStep] = []
    orphans: list[Left] = []
    try:
        if asked := drops(draft, wanted.tables, wanted.columns):
            draft = _after(draft, asked)
            done += asked
        for _ in range(MOST_ROUNDS):
            steps, lefts = _round(database, draft, found, wanted)
            if not steps:
                break
            draft = _after(draft, steps)
            done += steps
        lefts += _not_seen(database.schema, draft, wanted)
        plan, refused = _planned(database, merged(done), len(asked))
        if met and plan.steps:
            met(database)
        if not refused:  # else the schema is not the one that was worked out
            rows = StoredKeys(database.connection, draft.was)
            orphans = list(come_to_light(rows, database.schema, draft.schema))
    finally:
        draft.connection.close()
    commands = [command_line(("repair",), database.name)] if orphans else []
    return replace(plan, left=(*lefts, *refused, *orphans), next=tuple(commands))


def _not_seen(schema: Schema, draft: Draft, wanted: Wanted) -> Iterator[Left]:
    """The foreign keys of the file that SQLite cannot use, and that are not in the draft."""
    for fk in {fk.subject: fk for fk in schema.foreign_keys if fk.fault}.values():
        check, lacking = fk.fault.check if fk.fault else "", {folded(fk.child), folded(fk.parent)} & draft.lacking
        if lacking and check in wanted.checks:
            yield Left(check, *fk.subject, count=0, reason=f"{min(lacking)} needs what only the application has")


def _after(draft: Draft, steps: Sequence[SchemaStep]) -> Draft:
    with closing(draft.connection):
        return draft.with_steps(steps)


def _round(
    database: Database, draft: Draft, found: Iterable[Finding], wanted: Wanted
) -> tuple[list[SchemaStep], list[Left]]:
    """The steps of the first check that has some; without any, what all of them leave."""
    task = Task(database.name, draft, StoredKeys(database.connection, draft.was), wanted.drop_leftovers)
    lefts: list[Left] = []
    for check in wanted.checks:
        rule, steps, touched = SCHEMA_REPAIRS[check], [], set[tuple[str, str]]()
        for finding in _findings(draft, check, found):
            answers = list(rule.repair(task, finding))
            own = [answer for answer in answers if isinstance(answer, SchemaStep) and draft.is_changed_by(answer)]
            lefts += [answer for answer in answers if isinstance(answer, Left)]
            places = {(step.kind, folded(name)) for step in own for name in (step.name, step.to) if name}
            if not own or places & touched:
                continue  # in the next round
            if len(own) == 1 and own[0].deed == "rebuild" and not draft.takes(own[0]):
                lefts.append(left(finding, f"SQLite does not take the table as {own[0].name} would be"))
                continue
            touched |= places
            steps += own
        if steps:
            return steps, []
    return [], lefts


def _findings(draft: Draft, check: str, of_file: Iterable[Finding]) -> Iterator[Finding]:
    """What a check finds; tables that have another name by now are called so."""
    rule = SCHEMA_REPAIRS[check]
    if rule.find is not None:
        yield from rule.find(draft.schema)
        return
    if not rule.of_file:
        yield from (finding for finding in draft.findings([check]) if not draft.lacks(finding))
        return
    now = {was: name for name, was in ((n, folded(w)) for n, w in draft.was.items())}
    for finding in of_file:
        if finding.check == check:
            name = draft.schema.table(now.get(folded(finding.table), finding.table))
            yield replace(finding, table=name.name) if name else finding


def merged(steps: Iterable[SchemaStep]) -> tuple[SchemaStep, ...]:
    """The steps with one rebuild for each table, and one rewriting for each other object: the last has all edits.

    A table is followed through a rename: after it, rebuilding begins anew.
    """
    done: list[SchemaStep] = []
    for step in steps:
        key = (step.deed, step.kind, folded(step.name))
        same = [old for old in done if step.text and (old.deed, old.kind, folded(old.name)) == key]
        if step.deed in ("rebuild", "rewrite") and same:
            done.remove(same[0])
            checks = tuple(dict.fromkeys((*same[0].checks, *step.checks)))
            step = replace(
                step, why=f"{same[0].why}; {step.why}", checks=checks, values={**same[0].values, **step.values}
            )
        done.append(step)
    return tuple(done)


def _planned(database: Database, steps: Sequence[SchemaStep], asked: int) -> tuple[SchemaPlan, list[Left]]:
    """The plan of those steps that can be carried out, and the others, each with the reason."""
    try:
        return plan_schema_change(database, steps), []
    except Refused:
        if len(steps) <= asked:
            raise
    kept, refused = list(steps[:asked]), list[Left]()
    for step in steps[asked:]:
        try:
            plan_schema_change(database, [*kept, step])
        except Refused as error:
            refused.append(Left(step.checks[0], step.name, (), None, (), 0, error.message, error.hint))
        else:
            kept.append(step)
    return plan_schema_change(database, kept), refused


# -- tables and columns that the application has forgotten, and that are dropped where that is asked for by name ----

ASKED = "it was asked for by name"


def drops(draft: Draft, tables: Sequence[str], columns: Sequence[str]) -> tuple[SchemaStep, ...]:
    """The steps that drop tables and columns, by their names as they were typed.

    Args:
        draft: the schema as it is.

    Raises:
        Refused: one of them is not there, or something else speaks of it.
    """
    schema = draft.schema
    doomed = [_table(schema, text) for text in dict.fromkeys(tables)]
    names = {folded(table.name) for table in doomed}
    places = [require_columns(schema, text, "--drop-column") for text in dict.fromkeys(columns)]
    gone = {(folded(table.name), folded(name)) for table, own in places for name in own}
    for table in doomed:
        _require_unreferenced(schema, table, names, gone)
        _require_unspoken(draft, table.name, [table.name], names)
    steps: list[SchemaStep] = []
    texts: dict[str, tuple[str, list[str]]] = {}
    for table, own in places:
        if folded(table.name) in names:
            continue
        for name in own:
            steps += _indexes_over(draft, table, name)
            text, dropped = texts.get(table.name, (table.sql, []))
            texts[table.name] = (_without(schema, table, text, name), [*dropped, name])
    for name, (text, dropped) in texts.items():
        why = f"{', '.join(f'{name}.{column}' for column in dropped)} goes: {ASKED}"
        steps.append(SchemaStep("rebuild", "table", name, text, why=why))
    ordered = sorted(doomed, key=lambda t: sum(folded(fk.child) in names for fk in schema.references_to(t.name)))
    return (*steps, *(SchemaStep("drop", "table", table.name, why=ASKED) for table in ordered))


def _table(schema: Schema, text: str) -> Table:
    place = place_named(schema, text, "--drop-table")
    if place is None or place[1]:
        known = [table.name for table in schema.tables if table.kind == "table"]
        raise Refused(
            f"--drop-table {text}: there is no such table", did_you_mean(text, known, "sqlfix scan lists them")
        )
    table = place[0]
    if table.kind != "table" or table.unreadable:
        what = {"view": "a view", "virtual": "a virtual table", "shadow": "a part of a virtual table"}
        raise Refused(f"--drop-table {text}: {table.name} is {what.get(table.kind, 'a table that cannot be read')}")
    if is_bookkeeping(table.name):
        raise Refused(f"--drop-table {text}: a framework keeps account of its own doings in {table.name}")
    return table


def _require_unreferenced(schema: Schema, table: Table, names: set[str], gone: set[tuple[str, str]]) -> None:
    """Raise Refused where a foreign key would refer to a table that is gone."""
    for fk in schema.references_to(table.name):
        child = folded(fk.child)
        if child not in names and not any((child, folded(name)) in gone for name in fk.child_columns):
            place = typed_place(schema, fk.child, fk.child_columns)
            raise Refused(
                f"{table.name} cannot be dropped: {place} references it",
                f"drop that as well: --drop-column {typed_words([place])}" if len(fk.child_columns) == 1 else None,
            )


def _require_unspoken(draft: Draft, what: str, words: Sequence[str], going: Collection[str] = ()) -> None:
    """Raise Refused where a view, a trigger or a full-text index has all of some words; none of a table that goes."""
    for name in draft.unread:
        raise Refused(f"{what} cannot be dropped: the text of {name} is not UTF-8, so it may speak of it")
    for one in draft.objects:
        virtual = one.kind == "table" and is_virtual(one.text)
        if (
            (virtual or one.kind in ("view", "trigger"))
            and folded(one.table) not in going
            and one.speaks_of(*words, unread=True)
        ):
            kind = "virtual table" if virtual else one.kind
            raise Refused(f"{what} cannot be dropped: the {kind} {one.name} speaks of it")


def _without(schema: Schema, table: Table, text: str, name: str) -> str:
    place = typed_place(schema, table.name, [name])
    for fk in schema.references_to_column(table.name, name):
        raise Refused(f"{place} cannot be dropped: {fk.child}.{', '.join(fk.child_columns)} references it")
    try:
        return without_column(text, name)
    except DdlError as error:
        raise Refused(f"{place} cannot be dropped: {error}") from error


def _indexes_over(draft: Draft, table: Table, name: str) -> list[SchemaStep]:
    """The steps that drop the indexes over just that column.

    Raises:
        Refused: another index, a view, a trigger or a virtual table speaks of it.
    """
    found: list[SchemaStep] = []
    for index in table.indexes:
        if index.created_by is None:
            continue
        if [folded(column.name or "") for column in index.columns] == [folded(name)] and not index.partial:
            found.append(SchemaStep("drop", "index", index.name, why=f"it is over {table.name}.{name} alone"))
        elif any(folded(column.name or "") == folded(name) for column in index.columns) or (
            (one := draft.object("index", index.name)) and one.speaks_of(name, unread=True)
        ):
            raise Refused(f"{table.name}.{name} cannot be dropped: the index {index.name} speaks of it")
    _require_unspoken(draft, f"{table.name}.{name}", [table.name, name])
    return found
