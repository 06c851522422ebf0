"""The options by which a repair is chosen, and the plan for them: what `repair` and `export-sql` both begin with."""

import contextlib
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click

from sqlfix.commands.options import (
    FileOptions,
    opened,
    option,
    refuse_beside,
    refuse_both,
    refuse_typed,
    scope_of,
    scope_options,
    several,
    tell_note,
)
from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding, Report
from sqlfix.model.plans import Choice, KeyMap, Plan
from sqlfix.model.values import Fact, Subject, Value
from sqlfix.plan.merging import empty, merge
from sqlfix.plan.policy import FIX_NAMES, PARK, STAND_INS, Policy, idle_choices
from sqlfix.plan.stages import make_plan
from sqlfix.plan.stand_ins import wants_stand_ins
from sqlfix.repair.donors import Copy, Wanted, copies_with_parents, open_donor
from sqlfix.schema.database import Database, Donor, Met
from sqlfix.schema.leftovers import CHECK
from sqlfix.sql.typed_values import is_text, parts
from sqlfix.sqlite import interrupts
from sqlfix.text import command_line, plural, shown

plan_options: Callable[[Any], Any] = several(
    scope_options,
    option(
        "--on-orphan",
        type=click.Choice(["delete", "set-null", "set-default", "stand-in", "park", "keep"]),
        help="One fix for all orphans; rows that lose their parent through a delete follow their ON DELETE.",
    ),
    option(
        "--set",
        multiple=True,
        metavar="TABLE.COLUMN=FIX",
        help="The fix for one relationship: delete, set-null, set-default, stand-in[:one], park, keep, update:VALUE.",
    ),
    option(
        "--stand-in",
        multiple=True,
        metavar="TABLE.COLUMN=VALUE",
        help="A value for a column of the rows that stand-in makes; {key} in it is the key of the row.",
    ),
    option(
        "--map",
        multiple=True,
        metavar="TABLE.COLUMN=FILE",
        help="Parents that got new keys: a CSV file with the columns old,new gives orphans the new one.",
    ),
    option(
        "--donor",
        multiple=True,
        type=click.Path(readable=False, path_type=Path),
        metavar="OLDER",
        help="Bring back the missing parents that this older copy has; can be repeated: the first that has one.",
    ),
    option(
        "--with-children",
        is_flag=True,
        help="With --donor: also bring back the other rows that referenced these parents and are gone.",
    ),
    option(
        "--only",
        type=click.Choice(["lossless", "declared"]),
        help="Leave out fixes that promise less: lossless loses nothing, declared does what the schema itself says.",
    ),
    option(
        "--allow-mass-delete",
        is_flag=True,
        help="Also apply fixes held back because the parents look lost, or because most of a table would be deleted.",
    ),
    option(
        "--merge",
        metavar="TABLE.COLUMN[,COLUMN][=VALUE]",
        help="Merge the rows that have the same values in these columns, or only this value; repair nothing else.",
    ),
    option(
        "--keep",
        type=click.Choice(["first", "last", "most-referenced"]),
        default="most-referenced",
        show_default=True,
        help="With --merge: which of the rows with the same values to keep.",
    ),
    option(
        "--empty",
        multiple=True,
        metavar="TABLE.COLUMN",
        help="Make this column NULL in every row, and repair nothing else; can be repeated.",
    ),
)


@frozen
class PlanOptions:
    """What is repaired, and how: the values of `plan_options`."""

    select: tuple[str, ...]
    ignore: tuple[str, ...]
    on_orphan: str | None
    set: tuple[str, ...]
    stand_in: tuple[str, ...]
    map: tuple[str, ...]
    donor: tuple[Path, ...]
    with_children: bool
    only: str | None
    allow_mass_delete: bool
    merge: str | None
    keep: str
    empty: tuple[str, ...]

    def policy(self, backup: bool = True) -> Policy:
        """The policy that the options make up.

        Raises:
            Refused: for a ``--set`` or ``--map`` that cannot be understood.
        """
        choices = tuple(choice_of(text) for text in self.set)
        scope = scope_of(self.select, self.ignore)
        maps = tuple(_map(text) for text in self.map)
        policy = Policy(scope, self.on_orphan, choices, self.allow_mass_delete, backup, self.only, maps=maps)
        return replace(policy, with_children=self.with_children, stand_in_values=self.stand_in)


def _map(text: str) -> tuple[str, KeyMap]:
    target, sign, file = text.rpartition("=")
    if not sign or "." not in target:
        raise Refused(f"--map {text}: that is not TABLE.COLUMN=FILE", "for example --map orders.customer_id=ids.csv")
    path = Path(file)
    if not path.is_file():
        raise Refused(f"--map {text}: there is no file {file}")
    try:
        return target, read_map(f"--map {text}", path.read_bytes())
    except OSError as error:
        raise Refused(f"--map {text}: {file} cannot be read: {error.strerror}") from error


def choice_of(text: str) -> tuple[str, Choice]:
    """What a ``--set`` names, and what it chooses for it.

    Raises:
        Refused: where it cannot be understood.
    """
    if not is_text(text):
        raise Refused(f"--set {text}: that is not valid text", "write bytes that are not text as a BLOB: x'…'")
    words = "|".join([*FIX_NAMES, *STAND_INS, PARK, "keep", "value"])
    match = re.fullmatch(rf"(?s)(?P<target>.+?\..+?)=(?P<word>{words})(?::(?P<value>.*))?", text)
    if match is None:
        target, _, fix = text.rpartition("=")
        unknown = f"there is no fix {fix}" if "." in target else "that is not TABLE.COLUMN=FIX"
        raise Refused(
            f"--set {text}: {unknown}",
            "for example --set orders.customer_id=update:42; or =delete, =set-null, =set-default, =stand-in, =keep",
        )
    word, value = match["word"], match["value"]
    word = "update" if word == "value" else word  # of a column that refers to nothing, it says it better
    if (word == "update") != (value is not None):
        raise Refused(
            f"--set {text}: {'update needs the key of a parent' if word == 'update' else f'{word} takes no value'}",
            "for example --set orders.customer_id=update:42",
        )
    return match["target"], Choice(word, tuple(parts(value)) if value is not None else ())


def planned(
    context: click.Context, file: FileOptions, asked: PlanOptions, policy: Policy, met: Met | None = None
) -> Plan:
    """The plan for one database, read only; ``met`` as for `make_plan`.

    Raises:
        SqlfixError: where the file cannot be read, a choice cannot be carried out, or options do not go together.
    """
    progress = file.progress
    if asked.merge is not None or asked.empty:
        return _asked_by_name(context, file, asked, policy)
    refuse_typed(context, ["keep"], "has no effect without --merge")
    if not wants_stand_ins(policy):
        refuse_typed(context, ["stand_in"], "has no effect without --on-orphan stand-in, or --set …=stand-in")
    progress.say("scanning and planning")
    if not asked.donor:
        refuse_typed(context, ["with_children"], "has no effect without --donor")
    with opened(file) as database, interrupts.giving_back() as stack:
        policy = replace(policy, donors=opened_donors(stack, file, database, asked.donor))
        made = make_plan(database, policy, progress.part, met)
    for target in idle_choices(policy, made) if not file.quiet else ():
        click.echo(f"note: --set {shown(target)}: there is nothing that it could repair", err=True)
    return made


def _asked_by_name(context: click.Context, file: FileOptions, asked: PlanOptions, policy: Policy) -> Plan:
    """The plan of a deed that is no repair of what a scan finds: to merge rows, or to empty columns."""
    typed = "--empty" if asked.empty else "--merge"
    if asked.empty:
        refuse_both(context, "merge", "empty")
        refuse_typed(context, ["keep"], "has no effect without --merge")
    finished = asked.ignore == (CHECK,)
    # what chooses a repair means nothing where something else is asked for by name
    beside = ("merge", "keep", "empty", *(["ignore"] if finished else []))
    others = [field.name for field in fields(PlanOptions) if field.name not in beside]
    refuse_beside(context, typed, others, f"is for other repairs, not for {typed}")
    if asked.merge is None:
        file.progress.say("looking for what is to be emptied")
        with opened(file) as database:
            return empty(database, asked.empty, finished)
    file.progress.say("looking for rows that are the same, and for rows that reference them")
    with opened(file) as database:
        return merge(database, asked.merge, asked.keep, finished, policy.backup)


# -- opening donors, and telling of copies beside a file that have missing parents --------------------------------

ORPHANS = "orphan-rows"
MOST_ROWS = 200_000
"""Of a table with more rows only the keys of the finding's sample are looked up: it is not read a second time."""


def opened_donors(
    stack: contextlib.ExitStack, file: FileOptions, database: Database, paths: Iterable[Path]
) -> tuple[Donor, ...]:
    """The donors that are named, open for as long as the stack.

    Raises:
        SqlfixError: where one cannot be read.
    """
    wanted = Wanted.of(file.path, database, file.timeout, file.progress.sign)
    donors = tuple(stack.enter_context(open_donor(path, wanted)) for path in paths)
    for donor in donors if not file.quiet else ():
        for note in donor.notes:
            tell_note(donor.name, note)
    return donors


def with_copies(report: Report) -> tuple[Report, str | None]:
    """A report that says which missing parents a copy beside the file has, and what to type; None if there is none."""
    large = {each.foreign_key.subject for each in report.relationships if (each.rows or 0) > MOST_ROWS}
    missed: dict[Subject, tuple[tuple[Value, ...], ...]] = {}
    for finding in report.findings:
        if finding.check == ORPHANS and finding.count:
            sample = {tuple(dict(row.values).get(name) for name in finding.columns) for row in finding.sample}
            missed[finding.subject] = tuple(sample) if finding.subject in large else ()
    copies = copies_with_parents(Path(report.database), missed)
    if not copies:
        return report, None
    findings = tuple(_with_copy(finding, copies[0]) for finding in report.findings)
    return replace(report, findings=findings), _advice(report.database, copies)


def _with_copy(finding: Finding, copy: Copy) -> Finding:
    """A finding of orphans with what a copy has of their parents."""
    found, asked = copy.parents.get(finding.subject, (0, 0))
    if finding.check != ORPHANS or not found:
        return finding
    facts: dict[str, Fact] = {"restorable": found, "restorable_of": asked, "restorable_from": copy.path.name}
    return replace(finding, facts={**finding.facts, **facts})


def advice_beside_plan(plan: Plan) -> str | None:
    """What to type for the orphans that a plan deletes, changes or leaves; None where no copy has their parents."""
    fixed = [fix.subject for fix in plan.fixes if ORPHANS in fix.checks and fix.parent]
    left = [part.subject for part in plan.left if part.check == ORPHANS]
    copies = copies_with_parents(Path(plan.database), dict.fromkeys([*fixed, *left], ()))
    return _advice(plan.database, copies) if copies else None


def _advice(database: str, copies: Sequence[Copy]) -> str:
    best, others = copies[0], len(copies) - 1
    has = "the missing parent" if best.asked == 1 else f"{best.found:,} of {plural(best.asked, 'missing parent')}"
    more = f" ({plural(others, 'other copy has', 'other copies have')} some, too)" if others else ""
    typed = str(Path(database).with_name(best.path.name))
    words = command_line(("repair", "--dry-run", "--donor", typed), database)
    return f"{shown(best.path.name)} has {has}{more}; to bring them back:  {words}"


# -- the file of `--map`: which keys of parents became which ------------------------------------------------------

FORM = (
    "the file is a CSV: its first line is old,new, and each further line has a key and its new key (of several columns:"
    " old_a,old_b,new_a,new_b)"
)


def read_map(option: str, data: bytes) -> KeyMap:
    """What the bytes of a CSV file say.

    Args:
        option: the option with what it got, for messages.

    Raises:
        Refused: for a line that cannot be understood, by its number.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(f"{option}: line {line:,} is not UTF-8", FORM) from None
    rows = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        width, columns, old_first = _header(option, next(rows, []))
        lines = tuple(_lines(option, rows, width, old_first))
    except csv.Error as error:
        raise Refused(f"{option}: line {rows.line_num:,} is no CSV: {error}", FORM) from None
    return KeyMap(columns, lines)


def _header(option: str, row: list[str]) -> tuple[int, tuple[str, ...], list[int]]:
    """How many columns a key has, their names, and where the old ones stand, followed by where the new ones do."""
    names = [name.strip() for name in row]
    if sorted(names) == ["new", "old"]:
        return 1, (), [names.index("old"), names.index("new")]
    old = [name[4:] for name in names if name.startswith("old_")]
    wanted = [f"old_{name}" for name in old] + [f"new_{name}" for name in old]
    if not old or sorted(names) != sorted(wanted):
        raise Refused(f"{option}: its first line does not say which column is which", FORM)
    return len(old), tuple(old), [names.index(name) for name in wanted]


def _lines(
    option: str, rows: Iterator[list[str]], width: int, places: list[int]
) -> Iterator[tuple[int, tuple[str, ...], tuple[str, ...]]]:
    met: dict[tuple[str, ...], tuple[int, tuple[str, ...]]] = {}
    for row in rows:
        number = rows.line_num  # type: ignore[attr-defined]  # of a csv.reader
        if not row:
            continue
        if len(row) != len(places):
            raise Refused(f"{option}: line {number:,} has {len(row)} values, and {len(places)} are needed", FORM)
        values = [row[place] for place in places]
        if "" in values:
            raise Refused(f"{option}: line {number:,} has an empty value", FORM)
        old, new = tuple(values[:width]), tuple(values[width:])
        first, other = met.setdefault(old, (number, new))
        if other != new:
            lines = f"lines {first:,} and {number:,}"
            raise Refused(f"{option}: {lines} give {', '.join(old)} different new keys")
        if first == number:
            yield number, old, new
