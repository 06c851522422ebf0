"""Which rows of a table its triggers put into a full-text index, and which they leave out of it on purpose.

An application that marks rows as deleted keeps them out of the search: the trigger that indexes a new row has a WHEN,
or a SELECT with a WHERE. Such a condition is read by its tokens and asked of the rows as they are now. A part of it
that these do not tell (what the row was before, another table, the time) may be true or false: then each row that it
may have kept out is taken for one that was left out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise, product

from sqlfix.frozen import frozen
from sqlfix.model.schema import Schema
from sqlfix.model.values import folded
from sqlfix.scan.full_text.steps import CLOSE, IndexOf, Part, Step, Steps, steps_of
from sqlfix.sql.literals import quote
from sqlfix.sql.tokens import DdlError, tokens

NEVER, ALWAYS = "0", "1"
MOST_UNTOLD = 4
"""Parts of conditions that no row tells, at most: each may be true or false."""


@frozen
class Taking:
    """A trigger that takes a row out of the index, without asking whether it is in there.

    ``event`` is delete or update; ``where`` is SQL over the row ``old``, for which it does so.
    """

    trigger: str
    event: str
    where: str


@frozen
class Keeping:
    """What triggers do to keep a full-text index of a table in step.

    Conditions are SQL over a row ``new`` of the table, NEVER or ALWAYS.

    Attributes:
        fills: whether a trigger puts new rows in.
        leaves_out: true of the rows that may have been left out on purpose.
        may_hold: true of the rows that the index may hold.
        untold: why it cannot be told which rows are left out; empty if it can.
        takings: the triggers that take rows out.
        texts: the SQL of what is indexed of a row, by the index's columns in lower case; None where it is the columns.
        untold_text: why it cannot be told what is indexed of a row; empty if it can.
        when: true of the rows that are put in; None where that is not all told by the row.
        old_when: the same of a row ``old``.
        put: what stands after INSERT INTO and the index's name to put all rows in that belong there, if that is told.
    """

    fills: bool = False
    leaves_out: str = NEVER
    may_hold: str = ALWAYS
    untold: str = ""
    takings: tuple[Taking, ...] = ()
    texts: Mapping[str, str] | None = None
    untold_text: str = ""
    when: str | None = None
    old_when: str | None = None
    put: str | None = None


def keeping_of(schema: Schema, index: IndexOf) -> Keeping:
    """What the triggers of a schema do for an index."""
    steps = steps_of(schema, index)
    puts, changed, taken = steps.of("insert", True), steps.of("update", True), steps.of("update", False)
    texts, untold_text = _texts(index, steps)
    takings = tuple(_takings(steps))
    if untold := _untold(index, steps):
        return Keeping(bool(puts), ALWAYS, ALWAYS, untold, takings, texts, untold_text)
    known = {part.cut for step in (*puts, *changed) for part in step.parts}
    out = [_without_mirrors(step, known) for step in taken]
    try:
        lost = _ever([*taken, *changed], lambda told: _both(_either(taken, told), negated(_either(changed, told))))
        left = _ever(puts, lambda told: negated(_either(puts, told))) if puts else NEVER
        stays = _ever([*out, *changed], lambda told: _or((_either(changed, told), negated(_either(out, told)))))
        held = _or((_ever(puts, lambda told: _either(puts, told)), stays))
    except DdlError as error:
        return Keeping(bool(puts), ALWAYS, ALWAYS, str(error), takings, texts, untold_text)
    leaves_out = _or((left, lost))
    return Keeping(
        bool(puts),
        leaves_out,
        held if puts and not any(step.puts for step in steps.others) else ALWAYS,
        _why_any(steps) if leaves_out == ALWAYS else "",
        takings,
        texts,
        untold_text,
        *(_replayed(index, puts[0], leaves_out) if len(puts) == 1 and leaves_out in (NEVER, left) else ()),
    )


def _untold(index: IndexOf, steps: Steps) -> str:
    """Why it cannot be told which rows are left out, whatever the conditions are."""
    if steps.untold:
        return "; ".join(steps.untold)
    for step in steps.others:
        back = any(other.puts and other.trigger == step.trigger for other in steps.others)
        if (not step.puts and not back) or (step.puts and step.parts and index.content.kind == "view"):
            return f"the trigger {step.trigger} of another table decides"
    return ""


def _why_any(steps: Steps) -> str:
    """The triggers whose conditions no row tells."""
    names = dict.fromkeys(step.trigger for step in steps.own if not all(part.of_new() for part in step.parts))
    if not names:
        names = dict.fromkeys(step.trigger for step in steps.of("update", False))
    return f"it depends on more than the row itself ({', '.join(names)})"


# -- conditions -------------------------------------------------------------------------------------------------------


def _without_mirrors(step: Step, known: set[tuple[str, ...]]) -> Step:
    """A step without its conditions that say of the old row what decides of a new one: then it was in the index."""
    of_old = [part for part in step.parts if part.told and part.rows == {"old"}]
    mirrored = [part for part in of_old if tuple("new" if word == "old" else word for word in part.cut) in known]
    return replace(step, parts=tuple(part for part in step.parts if part not in mirrored))


_Told = Mapping[tuple[str, ...], bool]


def _either(steps: Iterable[Step], told: _Told) -> str:
    """True of the rows for which one of the steps is taken, where ``told`` says what no row does."""
    return _or(
        " AND ".join(_is_true(part) for part in step.parts if part.of_new()) or ALWAYS
        for step in steps
        if all(part.of_new() or told[part.cut] for part in step.parts)
    )


def _is_true(part: Part) -> str:
    return f"({part.text}) IS TRUE"


def _or(conditions: Iterable[str]) -> str:
    some = [one for one in dict.fromkeys(conditions) if one != NEVER]
    if ALWAYS in some or not some:
        return ALWAYS if some else NEVER
    return " OR ".join(f"({one})" for one in some) if len(some) > 1 else some[0]


def _both(one: str, other: str) -> str:
    if NEVER in (one, other):
        return NEVER
    if ALWAYS in (one, other):
        return one if other == ALWAYS else other
    return f"({one}) AND ({other})"


def negated(condition: str) -> str:
    """True where a condition is not, which may be NEVER or ALWAYS."""
    return {ALWAYS: NEVER, NEVER: ALWAYS}.get(condition, f"NOT ({condition})")


def _ever(steps: Iterable[Step], condition: Callable[[_Told], str]) -> str:
    """A condition, whatever is true of what no row tells.

    Raises:
        DdlError: there is too much of that.
    """
    untold = [*dict.fromkeys(part.cut for step in steps for part in step.parts if not part.of_new())]
    if len(untold) > MOST_UNTOLD:
        raise DdlError("its triggers have too many conditions that no row decides")
    every = product((False, True), repeat=len(untold))
    return _or(condition(dict(zip(untold, values, strict=True))) for values in every)


# -- what comes of it ---------------------------------------------------------------------------------------------


def _takings(steps: Steps) -> Iterator[Taking]:
    """The triggers that take out a row whether it is in or not, where the row itself tells when."""
    for event in ("delete", "update"):
        for step in steps.of(event, False):
            if step.is_blind and all(part.told and part.rows <= {"old"} for part in step.parts):
                yield Taking(step.trigger, event, " AND ".join(map(_is_true, step.parts)) or ALWAYS)


def _texts(index: IndexOf, steps: Steps) -> tuple[Mapping[str, str] | None, str]:
    """What is indexed of a row where it is not the columns themselves, and why that cannot be told."""
    others = [f"the trigger {step.trigger} of another table adds text" for step in steps.others if step.puts]
    if untold := "; ".join(dict.fromkeys([*steps.untold, *others])):
        return None, untold
    found: dict[str, str] = {}
    for step in (*steps.of("insert", True), *steps.of("update", True)):
        given = dict(zip(step.columns, step.values, strict=True))
        for name in map(folded, index.columns):
            value = given.get(name, "NULL")
            if value is None or found.setdefault(name, value) != value:
                return None, f"the trigger {step.trigger} adds a text other than that of the column"
    is_plain = all(folded(value) == f"new.{quote(name)}" for name, value in found.items())
    return (None if is_plain else found), ""


def _replayed(index: IndexOf, step: Step, leaves_out: str) -> tuple[str | None, str | None, str | None]:
    """The condition for a row new and for a row old to be put in, and the end of the INSERT that puts all in."""
    when, old = "", None
    if leaves_out != NEVER:
        if not all(part.of_new() for part in step.parts):
            return None, None, None
        texts = [part.text for part in step.parts]
        when = texts[0] if len(texts) == 1 else " AND ".join(f"({text})" for text in texts)
        old = _of_old(when)
    if None in step.values:
        return when or ALWAYS, old, None
    values = ", ".join(value or "" for value in step.values)
    where = f" WHERE {when}" if when else ""
    columns = ", ".join(map(quote, step.columns))
    return when or ALWAYS, old, f"({columns}) SELECT {values} FROM {quote(index.content.name)} AS new{where}"


def _of_old(when: str) -> str:
    """The same condition of the row old."""
    cut = tokens(when)
    sided = [
        "old" if folded(token.name or "") == "new" and following.word == "." else token.text
        for token, following in zip(cut, [*cut[1:], CLOSE], strict=True)
    ]
    gaps = [when[a.end : b.start] for a, b in pairwise(cut)]
    return "".join(text + gap for text, gap in zip(sided, [*gaps, ""], strict=True))
