"""`sqlfix repair`: mend it, after a backup, in one transaction."""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

import click

from sqlfix.commands import options
from sqlfix.commands.carrying_out import WritingOptions, backup_options, carried_out
from sqlfix.commands.options import FileOptions, filling, hint_where_from, opened, option, refuse_beside, refuse_both
from sqlfix.commands.planning import PlanOptions, advice_beside_plan, choice_of, plan_options, planned
from sqlfix.commands.screen import write
from sqlfix.errors import Refused
from sqlfix.model.plans import Plan
from sqlfix.plan.questions import USUAL, Question, questions, require_usable
from sqlfix.plan.scanning import Asked, scan
from sqlfix.prose.questions import help_page, question
from sqlfix.repair.run import repair
from sqlfix.text import command_line, plural, shown


@click.command("repair", short_help="Repair what scan finds, after a verified backup.")
@click.argument("database", required=False, type=options.database_type)
@backup_options
@option("--dry-run", is_flag=True, help="Show the plan and change nothing.")
@option("-i", "--interactive", is_flag=True, help="Ask about each finding what to do with it, then show the plan.")
@option("-y", "--yes", is_flag=True, help="Do not ask.")
@plan_options
@options.output_options(Plan, "Format of the plan.", "what each step promises about the data")
@filling
def command(
    context: click.Context, file: FileOptions, chosen: PlanOptions, writing: WritingOptions, interactive: bool
) -> None:
    """Repair the rows that scan finds, after a verified backup, in one transaction.

    By default it does what the schema's own ON DELETE would have done. Without an ON DELETE, it deletes link rows of
    join tables, sets keys that may be NULL to NULL, and deletes rows whose key is NOT NULL. It shows the plan and asks
    before it writes anything. If anything differs from the plan, everything is rolled back.

    With --merge it merges duplicates instead: it keeps one row of each group, moves all references from the others to
    it, and deletes the others. A column that nobody needs any more becomes NULL in every row with --empty.

    Exit code: 0 everything is done and nothing is left; 1 something is left (and listed); 2 the job could not be done,
    and nothing was changed. A dry run has the exit code that the real run would have.
    """
    policy = chosen.policy(writing.backup)
    writing.require_consistent()
    if interactive:
        chosen = with_answers(context, file, chosen)
        policy = chosen.policy(writing.backup)
    with writing.beginning(file) as begun:
        plan = planned(context, file, chosen, policy, begun.begin)
        told = interactive or chosen.donor or chosen.merge or chosen.empty or file.quiet
        if not told and (advice := advice_beside_plan(plan)):
            click.echo(f"note: {advice}", err=True)
        plan = carried_out(file, plan, begun, repair)
    context.exit(1 if plan.left else 0)


# -- --interactive: question by question, what is done with each finding ------------------------------------------
# The answers become ``--set`` options, from which the plan is made as from those that were typed: nothing here plans or
# writes. While somebody thinks, the file is not open, so that no other program has to wait.

NOT_BESIDE = ("merge", "empty", "on_orphan", "only")
REPEATED, FLAGS = ("select", "ignore", "map", "donor", "set", "stand_in"), ("with_children", "allow_mass_delete")
"""The other options of a plan, which the command that is shown has as well."""
ANSWER = re.compile(r"(?P<which>[0-9]{1,4}|[a-z][a-z-]+)?(?P<all> ?a)?")
"""An answer by its number or its name; with an ``a`` it is meant for all questions that are alike."""


def with_answers(context: click.Context, file: FileOptions, chosen: PlanOptions) -> PlanOptions:
    """The options with a ``--set`` more for each question that was answered otherwise than is usual.

    Raises:
        Refused: where there is nobody to ask, or who was asked quits.
        click.Abort: at the end of the input.
    """
    for name in NOT_BESIDE:
        if context.params[name]:
            refuse_beside(context, _option(name), ["interactive"])
    refuse_both(context, "interactive", "yes")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        theirs = hint_where_from(context, "interactive")
        raise Refused("--interactive asks, and there is no terminal to ask at", theirs or "choose with --set")
    policy = chosen.policy()
    file.progress.say("scanning")
    with opened(file, noted=not file.quiet) as database:
        asked = questions(scan(database, Asked(policy.scope, texts=False), file.progress.part), policy)
    _say("there is nothing to decide" if not asked else f"{plural(len(asked), 'question')}; ? shows what you can type")
    answered = replace(chosen, set=(*chosen.set, *_Dialog(file, asked).answers()))
    file.progress.begin_again()
    _say(f"\nthe same without questions:\n{_typed(file, answered)}\n")
    return answered


def _typed(file: FileOptions, chosen: PlanOptions) -> str:
    words = [w for name in REPEATED for value in getattr(chosen, name) for w in (_option(name), str(value))]
    words += [_option(name) for name in FLAGS if getattr(chosen, name)]
    return command_line(("repair", *words), str(file.path))


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _say(text: str) -> None:
    click.echo(text, err=True)


class _Dialog:
    """The questions, and the answers so far: of each question the place of the answer, and what it is as ``--set``."""

    def __init__(self, file: FileOptions, asked: Sequence[Question]) -> None:
        self.file = file
        self.asked = asked
        self.given: dict[int, tuple[int, str | None]] = {}

    def answers(self) -> Iterable[str]:
        """Ask all; what is to be set, in the order of the questions."""
        place: int | None = 0 if self.asked else None
        while place is not None:
            self._show(place)
            place = self._next(place)
        return [text for _, (_, text) in sorted(self.given.items()) if text is not None]

    def _marked(self, place: int) -> int:
        return self.given[place][0] if place in self.given else self.asked[place].usual

    def _show(self, place: int) -> None:
        shown_as = question(self.asked[place], (place + 1, len(self.asked)), self._marked(place), self.file.view)
        write(shown_as, sys.stderr)
        if place in self.given and (text := self.given[place][1]):
            _say(f"  you chose {shown(text)}")

    def _next(self, place: int) -> int | None:
        """Ask until one of the answers is given; the place of the question to go on with, None at the end."""
        offers = len(self.asked[place].offers)
        while True:
            said = _read(f"{f'1-{offers}' if offers > 1 else '1'}, a, b, d, q, ? [{self._marked(place) + 1}] ")
            if not said and place in self.given:  # back here, and nothing else is meant
                return self._after(place)
            if said == "q":
                raise Refused("not carried out; nothing was changed")
            if said == "d":
                return None
            if said == "b" and place:
                return place - 1
            if said == "?":
                write(help_page(self.file.view), sys.stderr)
            elif said == "b":
                _say("this is the first question")
            elif (match := ANSWER.fullmatch(said)) and (number := self._number(place, match["which"])) is not None:
                if self._take(place, number, bool(match["all"])):
                    return self._after(place)
            else:
                _say(f"{shown(said[:20])} is none of the answers; ? shows what you can type")

    def _number(self, place: int, which: str | None) -> int | None:
        """The place of an answer among the offers; without a number or a name that of the one that is marked."""
        if which is None:
            return self._marked(place)
        offers = self.asked[place].offers
        if which.isdigit():
            return int(which) - 1 if int(which) in range(1, len(offers) + 1) else None
        return next((at for at, offer in enumerate(offers) if which in (offer.fix, offer.word)), None)

    def _after(self, place: int) -> int | None:
        """The next question that has no answer."""
        return next((later for later in range(place + 1, len(self.asked)) if later not in self.given), None)

    def _take(self, place: int, number: int, all_alike: bool) -> bool:
        """Note an answer, of all later questions that are alike if it is meant so; False if it was not given whole."""
        one = self.asked[place]
        offer = one.offers[number]
        needs_value = offer.word == "update" and number != one.usual
        if needs_value and all_alike:
            _say("a value can only be given for one question at a time")
            return False
        places = [place]
        if all_alike:
            places += [p for p in range(place + 1, len(self.asked)) if self.asked[p].kind == one.kind]
            _say(f"this answer is for {plural(len(places), 'question')}")
        value = self._value(one) if needs_value else ""
        if value is None:
            return False
        for each in places:
            word = one.offers[number].word + value
            text = None if number == one.usual or word == USUAL else f"{self.asked[each].place}={word}"
            self.given[each] = (number, text)
        return True

    def _value(self, one: Question) -> str | None:
        """A value that can be written, as it stands behind ``update``; None if none is given."""
        parent, columns = one.findings[0].parent, one.findings[0].parent_columns
        what = f"key of a row in {parent} ({', '.join(columns)})" if one.of_key else "value"
        while text := _read(f"{shown(what)}, or nothing to go back: "):
            try:
                choice = choice_of(f"{one.place}=update:{text}")
                with opened(self.file, noted=False) as database:
                    require_usable(database, choice)
            except Refused as refused:
                _say(f"{shown(refused.message)}{f' ({shown(refused.hint)})' if refused.hint else ''}")
            else:
                return f":{text}"
        return None


def _read(prompt: str) -> str:
    """A line that is typed, without blanks around it.

    Raises:
        click.Abort: at the end of the input.
    """
    sys.stderr.write(prompt)
    sys.stderr.flush()
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        return "\ufffd"
    if not line:
        raise click.Abort
    return line.strip(" \t\r\n")
