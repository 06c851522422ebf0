"""The page of the benchmark: its tables, and how they were made."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.repairs.contestants import CONTESTANTS, is_there
from bench.repairs.kinds import KINDS
from bench.repairs.recipes import RECIPES
from bench.repairs.scoring import Score

BY_HAND = "by hand"
AIM = 0.99


@dataclass
class Result:
    """How one contestant did with one case."""

    kind: str
    recipe: str
    group: str
    contestant: str
    score: Score = field(default_factory=Score)
    undone: bool | None = None
    faults: list[str] = field(default_factory=list)


def serious(result: Result) -> list[str]:
    """What must never be: a wrong link, a changed row that was sound, an undo that is not exact."""
    found = []
    if result.score.wrong or result.score.collateral:
        found += result.score.examples
    if result.undone is False:
        found.append("the undo does not give the file back")
    return [f"{result.kind}, {result.recipe}, {result.contestant}: {each}" for each in found]


INTRODUCTION = """# How much a repair gives back

Written by `make bench-repair`: Python {python}, SQLite {sqlite}; seeds {seeds}, {size:,} rows in the largest tables.

Six kinds of databases are built sound, and a copy of each is damaged by seeded recipes. Only the score knows what was
there before. Each repair works on its own copy: `sqlfix` as a process, with `--yes`, and what people do by hand today.
By hand means: delete every row that `PRAGMA foreign_key_check` names until it names none, or set its key to NULL where
the column allows it. Then each row and each link is compared with what it was, by what the rows are and not by their
keys. Every repair by sqlfix is undone; in every second case its backup is removed first, so that only the record is
left. The run fails if a repair by sqlfix makes a wrong link, changes a row that was not damaged, or cannot be undone
exactly.

* *links*: links that the damage broke, in rows that are still there. Links are not counted if nobody can say what they
  meant: those must be left.
* *restored*: the link leads to the same row as before. If there was no link before, the key is NULL again.
* *wrong*: the link leads to another row than before, or it is a guess that nobody can check.
* *emptied*: the key was set to NULL. *left*: still without a parent.
* *stand-ins*: the link leads to a row that the repair made up.
* *finished*: rows that an unfinished deletion should have deleted, and that are gone now.
* *rows lost*: rows that are gone and should not be. *needlessly*: those of them whose link could have been restored
  with what the repair was given, or that had to be left.
* *changed*: rows that were not damaged, but are changed or gone; and rows that came back with other values.
* *undo*: repairs that were undone exactly. (From the record alone, the empty table of parked rows stays.)

After `--on-orphan park` the missing parents are put back by hand, and `sqlfix unpark` brings the rows back.
"""

COLUMNS = ("links", "restored", "", "wrong", "emptied", "left", "stand-ins", "finished", "rows lost", "needlessly",
           "changed", "undo")  # fmt: skip


SPEED = ("", "", "`sqlfix repair`", "a backup and an UPDATE", "ratio")


def page(results: Sequence[Result], seeds: Sequence[int], size: int) -> str:
    """The whole page as Markdown."""
    parts = [
        INTRODUCTION.format(
            python=platform.python_version(), sqlite=sqlite3.sqlite_version, seeds=", ".join(map(str, seeds)), size=size
        ),
        _by_group(results),
        _aims(results),
        _by_kind(results),
        _by_recipe(results),
    ]
    absent = [contestant.name for contestant in CONTESTANTS if not is_there(contestant)]
    if absent:
        parts.append(f"Left out, because this version does not have them: {', '.join(absent)}.\n")
    return "\n".join(parts)


def _by_group(results: Sequence[Result]) -> str:
    groups = dict.fromkeys(recipe.group for recipe in RECIPES)
    rows = []
    for group in groups:
        for contestant in CONTESTANTS:
            if some := [r for r in results if r.group == group and r.contestant == contestant.name]:
                rows.append([group, contestant.name, *_figures(some)])
    return "## By what was done to the data\n\n" + table(("damage", "repair", *COLUMNS), rows)


def _by_kind(results: Sequence[Result]) -> str:
    rows = []
    for kind in KINDS:
        for contestant in CONTESTANTS:
            if some := [r for r in results if r.kind == kind.name and r.contestant == contestant.name]:
                rows.append([kind.name, contestant.name, *_figures(some)])
    listed = "\n".join(f"* *{kind.name}*: {kind.says}." for kind in KINDS)
    return f"## By the kind of database\n\n{listed}\n\n" + table(("kind", "repair", *COLUMNS), rows)


def _by_recipe(results: Sequence[Result]) -> str:
    """Each recipe alone; of what is done by hand, what keeps more."""
    rows = []
    for recipe in RECIPES:
        of_it = [result for result in results if result.recipe == recipe.name]
        for contestant in CONTESTANTS:
            some = [result for result in of_it if result.contestant == contestant.name]
            if some and contestant.name != CONTESTANTS[-2].name:
                name = recipe.name if recipe.group == recipe.name else f"{recipe.group}: {recipe.name}"
                rows.append([name, contestant.name, *_figures(some)])
    return "## Recipe by recipe\n\n" + table(("recipe", "repair", *COLUMNS), rows)


def _figures(some: Sequence[Result]) -> list[str]:
    total = sum((result.score for result in some), Score())
    undone = [result.undone for result in some if result.undone is not None]
    share = f"{100 * total.restored / total.broken:.1f} %" if total.broken else "-"
    finished = f"{total.finished:,} of {total.surplus:,}" if total.surplus else "-"
    numbers = (total.wrong, total.emptied, total.left, total.stand_ins)
    return [
        f"{total.broken:,}", f"{total.restored:,}", share, *(f"{number:,}" for number in numbers), finished,
        f"{total.lost:,}", f"{total.lost_needlessly:,}", f"{total.collateral:,}",
        f"{sum(undone)} of {len(undone)}" if undone else "-",
    ]  # fmt: skip


def _aims(results: Sequence[Result]) -> str:
    """What is aimed at where the file, the older copy or the mapping still holds the answer."""
    ours = [result for result in results if not result.contestant.startswith(BY_HAND)]
    total = sum((result.score for result in ours), Score())
    undone = [result.undone for result in ours if result.undone is not None]
    there = total.answerable
    restored = sum(min(result.score.restored, result.score.answerable) for result in ours)
    rows = [
        ["links restored, where the answer was given", "99 %", f"{100 * restored / there:.2f} %" if there else "-"],
        ["wrong links", "0", f"{total.wrong:,}"],
        ["rows lost that had another way", "0", f"{total.lost_needlessly:,}"],
        ["rows changed that were not damaged", "0", f"{total.collateral:,}"],
        ["undone exactly", "all", f"{sum(undone)} of {len(undone)}"],
    ]
    text = "## The aims\n\nOf all repairs by sqlfix:\n\n" + table(("", "aim", "measured"), rows)
    missed = list(_missed(ours))
    if missed:
        text += "\nNot reached:\n\n" + "".join(f"* {each}\n" for each in missed)
    return text


def _missed(ours: Iterable[Result]) -> Iterable[str]:
    """The recipes with which an aim was not reached, each with its figures."""
    of_recipe: dict[tuple[str, str], list[Result]] = {}
    for result in ours:
        of_recipe.setdefault((result.recipe, result.contestant), []).append(result)
    for (recipe, contestant), some in of_recipe.items():
        total = sum((result.score for result in some), Score())
        said = []
        if total.answerable and total.restored < AIM * total.answerable:
            said.append(f"{total.restored:,} of {total.answerable:,} links restored")
        said += [f"{number:,} {what}" for number, what in (
            (total.wrong, "wrong links"), (total.lost_needlessly, "rows lost needlessly"),
            (total.collateral, "rows changed"), (sum(r.undone is False for r in some), "not undone exactly"),
        ) if number]  # fmt: skip
        if said:
            kinds = ", ".join(result.kind for result in some if _is_missed(result))
            yield f"{recipe}, {contestant}: {', '.join(said)} ({kinds})"


def _is_missed(result: Result) -> bool:
    score = result.score
    few = score.answerable and score.restored < AIM * score.answerable
    return bool(few or score.wrong or score.lost_needlessly or score.collateral or result.undone is False)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; all but the first two columns are numbers."""
    marks = ["---" if place < 2 else "---:" for place in range(len(head))]
    lines = [head, marks, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
