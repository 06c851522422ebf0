"""How much of damaged data a repair gives back: databases are damaged, repaired, and compared with what they were.

`make bench-repair` runs it; `python tests/bench/repairs/run.py --help` says what can be chosen. It fails if a repair of
sqlfix links a row to a wrong parent, changes a row that was sound, or cannot be undone exactly.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from support import contents

from bench.repairs.contestants import CONTESTANTS, Contestant, Deed, is_there, run, unpark
from bench.repairs.kinds import KINDS, Kind
from bench.repairs.page import BY_HAND, SPEED, Result, page, serious, table
from bench.repairs.recipes import RECIPES
from bench.repairs.scoring import score
from bench.repairs.speed import measured
from bench.repairs.states import ORPHAN, State, read
from bench.repairs.work import Case, damaged


def results(kind_name: str, recipe_name: str, seed: int, size: int) -> list[Result]:
    """Damage a database by one recipe, and have all contestants repair a copy of it."""
    kind = next(kind for kind in KINDS if kind.name == kind_name)
    recipe = next(recipe for recipe in RECIPES if recipe.name == recipe_name)
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        case = damaged(kind, folder, seed, size, (recipe.name, recipe.damage))
        if case is None:
            return []
        for contestant in CONTESTANTS:
            if (contestant.always or contestant.key in recipe.also) and is_there(contestant):
                result = Result(kind.name, recipe.name, recipe.group, contestant.name)
                path = folder / contestant.key / "app.db"
                path.parent.mkdir()
                _try_out(contestant, case, path, result, kind)
                found.append(result)
    return found


def _try_out(contestant: Contestant, case: Case, path: Path, result: Result, kind: Kind) -> None:
    shutil.copyfile(case.path, path)
    deed = contestant.repair(path, case)
    if deed.refused:
        result.faults.append(f"refused: {deed.refused}")
    repaired = read(kind, path, case.truth.was)
    if contestant.key == "park":
        later = path.with_name("later.db")
        shutil.copyfile(path, later)
        if said := unpark(later, case):
            result.faults.append(f"unpark: {said}")
        result.score = score(case.truth, read(kind, later, case.truth.was), contestant.sources)
    else:
        result.score = score(case.truth, repaired, contestant.sources)
    if contestant.ours:
        _require_as_told(deed, repaired, result)
        result.undone = _undo(path, case, deed, result)


def _require_as_told(deed: Deed, repaired: State, result: Result) -> None:
    """The orphans that are still there are those that the repair listed as left."""
    there = Counter((link[0], link[2]) for link, parent in repaired.links.items() if parent == ORPHAN)
    if deed.left is not None and +there != +deed.left:
        result.faults.append(f"left {dict(there - deed.left)} and said {dict(deed.left - there)}")


def _undo(path: Path, case: Case, deed: Deed, result: Result) -> bool | None:
    """Whether the undo gives the damaged file back; in half of the cases from the record alone, without the backup."""
    before = contents(case.path)
    if not deed.record:
        return None if contents(path) == before else False
    if zlib.crc32(f"{result.kind} {result.recipe}".encode()) % 2:
        for backup in path.parent.glob("*.backup-*"):
            backup.unlink()
    ran = run("undo", "--yes", str(path))
    if ran.returncode:
        result.faults.append(f"undo: {ran.stderr.strip()[-300:]}")
    after = contents(path)
    if after.get("lost_and_found") == [] and "lost_and_found" not in before:  # it is emptied, and stays
        del after["lost_and_found"]
        after["schema"] = [row for row in after["schema"] if row[2] != b"lost_and_found"]
    return bool(after == before)


# -- all of them --------------------------------------------------------------------------------------------------


def in_parallel(cases: Sequence[tuple[str, str, int, int]], jobs: int) -> Iterator[Result]:
    """The results of cases, in their order."""
    if jobs == 1:
        for case in cases:
            yield from results(*case)
        return
    with ProcessPoolExecutor(jobs) as pool:
        for found in pool.map(results, *zip(*cases, strict=True)):
            yield from found


def show(result: Result) -> None:
    """One line about a result, as the run goes on."""
    s = result.score
    told = (
        f"{s.restored} of {s.broken} links, {s.wrong} wrong, {s.emptied} emptied, {s.left} left,"
        f" {s.stand_ins} stand-ins, {s.finished} of {s.surplus} finished, {s.lost} rows lost"
        f" ({s.lost_needlessly} needlessly), {s.invented} invented, {s.collateral} collateral, undo {result.undone}"
    )
    print(f"{result.kind} | {result.recipe} | {result.contestant} | {told}", flush=True)
    for fault in [*result.faults, *serious(result)]:
        print(f"    {fault}", flush=True)


def main() -> int:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=300, help="rows of the largest tables")
    parser.add_argument("--seed", type=int, action="append", help="can be repeated (default: 1)")
    parser.add_argument("--kind", action="append", help="only this kind of database")
    parser.add_argument("--only", action="append", help="only recipes of which the name or the group contains this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--speed", type=float, metavar="SCALE", help="measure only the speed (1: 2 million rows)")
    parser.add_argument("--runs", type=int, default=3, help="of how many runs of --speed the median is taken")
    parser.add_argument("--to", type=Path, help="where to write the page")
    options = parser.parse_args()
    if options.speed:
        print(table(SPEED, measured(options.speed, options.runs)))
        return 0
    cases = [
        (kind.name, recipe.name, seed, options.size)
        for seed in options.seed or [1]
        for kind in KINDS if not options.kind or kind.name in options.kind
        for recipe in RECIPES
        if not options.only or any(word in f"{recipe.group}: {recipe.name}" for word in options.only)
    ]  # fmt: skip
    for contestant in CONTESTANTS:
        if not is_there(contestant):
            print(f"left out: {contestant.name}, which this version does not have", flush=True)
    found = []
    for result in in_parallel(cases, options.jobs):
        show(result)
        found.append(result)
    wrong = [each for result in found for each in serious(result) if not result.contestant.startswith(BY_HAND)]
    if options.to:
        options.to.write_text(page(found, options.seed or [1], options.size), encoding="utf-8")
    for each in wrong:
        print(f"error: {each}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
