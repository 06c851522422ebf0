"""The benchmark of repairs: its score tells right from wrong, its recipes are what they say, and it runs."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from bench.repairs.kinds import KINDS
from bench.repairs.page import Result
from bench.repairs.recipes import RECIPES
from bench.repairs.scoring import Score, score
from bench.repairs.states import read
from bench.repairs.work import Case, damaged

FILE, DONOR = frozenset({"file"}), frozenset({"file", "donor"})
SIZE = 60


def _case(kind: str, recipe: str, folder: Path) -> Case:
    folder.mkdir()
    damage = next(each.damage for each in RECIPES if each.name == recipe)
    case = damaged(next(each for each in KINDS if each.name == kind), folder, 1, SIZE, (recipe, damage))
    assert case is not None
    return case


def _scored(kind: str, case: Case, *statements: str, sources: frozenset[str] = FILE) -> Score:
    """The score of a repair that is a few statements."""
    with contextlib.closing(sqlite3.connect(case.path, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS sound", (str(case.sound),))
        for statement in statements:
            connection.execute(statement)
    found = score(
        case.truth, read(next(each for each in KINDS if each.name == kind), case.path, case.truth.was), sources
    )
    found.examples.clear()
    return found


RIGHT = "UPDATE item SET invoice_no = (SELECT s.invoice_no FROM sound.item AS s WHERE s.id = item.id)"
WRONG = "UPDATE item SET invoice_no = (SELECT max(no) FROM invoice) WHERE invoice_no LIKE '+%'"
LOST = "DELETE FROM item WHERE invoice_no LIKE '+%'"
BACK = "INSERT INTO category SELECT {} FROM sound.category WHERE id NOT IN (SELECT id FROM category)"
TWICE = "DELETE FROM related WHERE instr(other_vendor, char(160))"
NONE = "UPDATE contact SET customer_no = NULL WHERE customer_no NOT GLOB '0*'"

TOLD: dict[str, tuple[str, str, tuple[str, ...], Callable[[Score], bool]]] = {
    "the right link": ("CSV import", "+5", (RIGHT,), lambda s: s.restored > 5 and not s.wrong),
    "a wrong link": ("CSV import", "+5", (WRONG,), lambda s: s.wrong > 5),
    "rows lost that had another way": (
        *("CSV import", "+5", (LOST,)),
        lambda s: s.lost == s.lost_needlessly > 5 and not s.collateral,
    ),
    "rows that were sound are changed": (
        *("CSV import", "+5", ("UPDATE item SET amount = '0' WHERE id = 1", "DELETE FROM item WHERE id = 2")),
        lambda s: s.collateral == 2,
    ),
    "a row made up": (
        *("CSV import", "+5", ("INSERT INTO country VALUES ('XX', 'x', 1000)",)),
        lambda s: s.invented == 1,
    ),
    "a placeholder is NULL again": ("CSV import", "in place of NULL", (NONE,), lambda s: s.restored > 0 == s.emptied),
    "a parent is back": ("trees", "parents deleted", (BACK.format("*"),), lambda s: s.restored > 0 == s.invented),
    "a stand-in": (
        *("trees", "parents deleted", (BACK.format("id, 'x' || id, NULL"),)),
        lambda s: s.stand_ins > 0 < s.invented and not s.wrong,
    ),
    "a row that came back otherwise": (
        *("trees", "parents deleted", (BACK.format("id, name, 1"),)),
        lambda s: s.restored > 0 < s.collateral,
    ),
    "a link that was there twice": (
        *("shop", "links there twice", (TWICE,)),
        lambda s: s.finished == s.surplus > 0 == s.lost,
    ),
    "a guess": (
        *("Rails", "several parents alike", ("UPDATE orders SET currency_code = upper(currency_code)",)),
        lambda s: s.wrong > 0,
    ),
}


@pytest.mark.parametrize(("kind", "recipe", "statements", "what"), TOLD.values(), ids=TOLD)
def test_the_score_tells(
    kind: str, recipe: str, statements: tuple[str, ...], what: Callable[[Score], bool], tmp_path: Path
) -> None:
    found = _scored(kind, _case(kind, recipe, tmp_path / "x"), *statements)
    assert what(found), found


def test_nothing_done_is_nothing_gained_and_nothing_lost(tmp_path: Path) -> None:
    for number, (kind, recipe) in enumerate((("shop", "blanks"), ("media server", "same schema"), ("trees", "NFC"))):
        if recipe == "NFC":
            damage = next(each.damage for each in RECIPES if each.name == recipe)
            assert damaged(KINDS[-1], tmp_path, 1, SIZE, (recipe, damage)) is None, "nothing in it can be damaged so"
            continue
        found = _scored(kind, _case(kind, recipe, tmp_path / str(number)), sources=DONOR)
        assert found == Score(broken=found.broken, answerable=found.broken, left=found.broken)
        assert found.broken > 20


def test_a_seed_gives_the_same_damage(tmp_path: Path) -> None:
    one, other = (_case("shop", "all of these", tmp_path / name) for name in "ab")
    assert one.truth.damaged == other.truth.damaged
    assert one.truth.damaged.links != one.truth.sound.links


def test_it_runs_and_fails_where_a_link_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bench.repairs import run

    to = tmp_path / "page.md"
    arguments = ["--size", str(SIZE), "--jobs", "1", "--kind", "trees", "--only", "GUID hyphens", "--to", str(to)]
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
    assert run.main() == 0
    text = to.read_text(encoding="utf-8")
    assert "| trees | `sqlfix repair` |" in text
    assert "| trees | by hand: delete |" in text
    wrong = Result("trees", "x", "x", "`sqlfix repair`", Score(wrong=1, examples=["wrong link: x"]))
    monkeypatch.setattr(run, "in_parallel", lambda cases, jobs: [wrong])
    assert run.main() == 1
