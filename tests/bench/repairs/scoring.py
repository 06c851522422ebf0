"""What a repair did with a damaged database, against the truth: which no repair is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from bench.repairs.states import ORPHAN, LinkName, Raw, RowName, State

NOWHERE, HOLD, HOLD_WITH_DONOR = "nowhere", "hold", "hold with a donor"
"""Of a link whose answer is lost; of one of which nobody can say what is meant, so that it has to stay as it is; and of
one that has to stay where a donor was given: without it nobody would know."""


@dataclass(frozen=True)
class Truth:
    """What was before the damage, what the damage left, and where the answer to each broken link is still to be had.

    ``bare`` are the tables of rows that are links and nothing else. ``holds`` says where the answer is for the links
    that do not have the usual ``answer``. ``unknown`` are the values, by table and column, that an older copy does not
    have: with these a row comes back.
    """

    sound: State
    damaged: State
    was: Mapping[str, Mapping[Raw, Raw]]
    answer: str
    bare: frozenset[str] = frozenset()
    holds: Mapping[LinkName, str] = field(default_factory=dict)
    unknown: Mapping[tuple[str, str], object] = field(default_factory=dict)

    def broken(self) -> list[LinkName]:
        """The links of the rows that are still there which do not lead where they should."""
        return [
            link for link, parent in self.damaged.links.items()
            if link[:2] in self.sound.rows and parent != self.sound.links[link]
        ]  # fmt: skip

    def surplus(self) -> set[RowName]:
        """The rows that should not be there any more."""
        return self.damaged.rows.keys() - self.sound.rows.keys()


@dataclass
class Score:
    """How many links, and how many rows: see the page for what each is."""

    broken: int = 0
    answerable: int = 0
    restored: int = 0
    wrong: int = 0
    stand_ins: int = 0
    emptied: int = 0
    left: int = 0
    surplus: int = 0
    finished: int = 0
    lost: int = 0
    lost_needlessly: int = 0
    invented: int = 0
    collateral: int = 0
    examples: list[str] = field(default_factory=list)

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Score)))

    def note(self, what: str, *about: object) -> None:
        """Keep a few examples of what must not be."""
        if len(self.examples) < 3:
            self.examples.append(f"{what}: {', '.join(map(repr, about))}")


def score(truth: Truth, repaired: State, sources: frozenset[str]) -> Score:
    """Compare a repaired database with the truth.

    Args:
        sources: what the repair was given: "file", and "donor" or "map" with it.
    """
    found, broken = Score(), truth.broken()
    repaired = _known_again(truth, repaired)
    affected = _affected(truth, broken)
    hopeless = _affected(truth, [link for link in broken if not _has_answer(truth, link, sources)])
    _score_broken(truth, repaired, broken, sources, found)
    _score_others(truth, repaired, set(broken), found)
    _score_rows(truth, repaired, affected, hopeless, found)
    _score_changes(truth, repaired, set(broken), affected, found)
    return found


def _known_again(truth: Truth, repaired: State) -> State:
    """The state, with the links that are spelled neither as before the damage nor as after it told by their ends."""

    def by_ends(state: State) -> dict[object, RowName]:
        ends: dict[RowName, list[object]] = {}
        for link, parent in state.links.items():
            if link[0] in truth.bare:
                ends.setdefault(link[:2], []).append((link[2], parent))
        return {(row[0], tuple(found)): row for row, found in ends.items()}

    meant = by_ends(truth.sound)
    names = {
        row: meant[ends] for ends, row in by_ends(repaired).items()
        if row not in truth.damaged.rows and row not in truth.sound.rows
        and ends in meant and meant[ends] not in repaired.rows
    }  # fmt: skip
    rows = {names.get(row, row): values for row, values in repaired.rows.items()}
    links = {(*names.get(link[:2], link[:2]), link[2]): parent for link, parent in repaired.links.items()}
    return State(rows, links, repaired.keys)


def _answer(truth: Truth, link: LinkName, sources: frozenset[str]) -> str:
    answer = truth.holds.get(link, truth.answer)
    if answer == HOLD_WITH_DONOR:
        return HOLD if "donor" in sources else NOWHERE
    return answer


def _has_answer(truth: Truth, link: LinkName, sources: frozenset[str]) -> bool:
    """Whether a link can be restored, or has to be left: in both cases its row may not go."""
    return _answer(truth, link, sources) in {*sources, HOLD}


def _affected(truth: Truth, broken: list[LinkName]) -> set[RowName]:
    """The rows with a broken link, those that should not be there, and all that hang on them."""
    children: dict[RowName, list[RowName]] = {}
    for state in (truth.sound, truth.damaged):
        for link, parent in state.links.items():
            if parent and parent != ORPHAN:
                children.setdefault(parent, []).append(link[:2])
    found, todo = set(), [link[:2] for link in broken] + list(truth.surplus())
    while todo:
        row = todo.pop()
        if row not in found:
            found.add(row)
            todo += children.get(row, [])
    return found


def _score_broken(truth: Truth, repaired: State, broken: list[LinkName], sources: frozenset[str], found: Score) -> None:
    for link in broken:
        answer = _answer(truth, link, sources)
        found.broken += answer != HOLD
        found.answerable += answer in sources
        if link[:2] not in repaired.rows:
            continue
        now, meant = repaired.links[link], truth.sound.links[link]
        if now == meant:
            found.restored += answer != HOLD
            if answer == HOLD:
                found.wrong += 1
                found.note("a guess that happens to be right", link)
        elif now is None:
            found.emptied += 1
        elif now == ORPHAN:
            found.left += 1
        elif now not in truth.sound.rows and now not in truth.damaged.rows:
            found.stand_ins += 1
        else:
            found.wrong += 1
            found.note("wrong link", link, now, meant)


def _score_others(truth: Truth, repaired: State, broken: set[LinkName], found: Score) -> None:
    """The links that were sound, and those of rows that should not be there."""
    for link, now in repaired.links.items():
        if link in broken or link[:2] not in truth.damaged.rows:
            continue
        if now not in (None, ORPHAN, truth.damaged.links[link]):
            if now in truth.sound.rows or now in truth.damaged.rows:
                found.wrong += 1
                found.note("wrong link of a row that was not damaged", link, now)
            else:
                found.stand_ins += 1
        elif now == ORPHAN != truth.damaged.links[link]:
            found.collateral += 1
            found.note("a link that was sound leads nowhere", link)


def _score_rows(truth: Truth, repaired: State, affected: set[RowName], hopeless: set[RowName], found: Score) -> None:
    surplus = truth.surplus()
    found.surplus = len(surplus)
    for row in truth.damaged.rows.keys() - repaired.rows.keys():
        if row in surplus:
            found.finished += 1
        elif row not in affected:
            found.collateral += 1
            found.note("a sound row is gone", row)
        else:
            found.lost += 1
            found.lost_needlessly += row not in hopeless
    for row in repaired.rows.keys() - truth.damaged.rows.keys():
        if row not in truth.sound.rows:
            found.invented += 1
        elif wrong := _not_as_it_was(truth, row, repaired.rows[row]):
            found.collateral += 1
            found.note("a row came back otherwise", row, *wrong)


def _not_as_it_was(truth: Truth, row: RowName, values: dict[str, object]) -> list[str]:
    """The columns in which a row that came back is not what it was."""
    expected = {name: truth.unknown.get((row[0], name), value) for name, value in truth.sound.rows[row].items()}
    return [name for name, value in values.items() if not _same(value, expected.get(name))]


def _score_changes(truth: Truth, repaired: State, broken: set[LinkName], affected: set[RowName], found: Score) -> None:
    """Rows in which something else was changed than the key of a link that was broken, or hangs on such a row."""
    of_row: dict[RowName, list[LinkName]] = {}
    for link in truth.damaged.links:
        of_row.setdefault(link[:2], []).append(link)
    for row, before in truth.damaged.rows.items():
        now = repaired.rows.get(row)
        if now is None or all(_same(before[name], now.get(name)) for name in before):
            continue
        may: set[str] = set()
        for link in of_row.get(row, []):
            parent = truth.damaged.links[link]
            if link in broken or parent == ORPHAN or (parent in affected and repaired.links[link] is None):
                may |= set(link[2])
        changed = [name for name in before if not _same(before[name], now.get(name))]
        if not set(changed) <= may:
            found.collateral += 1
            found.note("a column that was not damaged is changed", row, changed)


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other
