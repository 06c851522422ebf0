"""An older sqlfix against this one, the same commands on the same databases in turn: is anything slower than it was?

`python tests/bench/before.py FOLDER` has the older one in a checkout with its own environment (`make` there makes it).
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.building import Shape, build
from bench.limits import LIMITS
from bench.run import MESSAGE, ROOT, Command, in_turn, table
from bench.shapes import REPAIR, SHAPES

COMMANDS = {
    "scan": ["scan"],
    "scan, JSON": ["scan", "--format", "json"],
    "export-sql": ["export-sql"],
    "why --error": ["why", "--error", MESSAGE],
}
SMALL = next(shape for shape in SHAPES if shape.name == "200 tables")
ON_SMALL = ("--version", "scan, JSON", "why --error")
"""What is measured on a small file alone, since nearly all of it is the time that a program needs to begin."""


def measured(shapes: tuple[Shape, ...], scale: float) -> Iterator[tuple[str, Shape, float]]:
    """Each command, the shape it runs on and the scale of that."""
    for shape in shapes:
        for command in ("repair", "export-sql") if shape is REPAIR else ("scan",):
            yield command, shape, scale
        for command in ON_SMALL if shape is SMALL else ():
            yield command, shape, scale


def compare(older: Path, shapes: tuple[Shape, ...], scale: float, runs: int, seed: int) -> list[list[str]]:
    """One row for each command and shape: the older one's seconds, this one's, and the ratio."""
    rows = []
    programs = [[str(older)], [str(Path(sys.executable).with_name("sqlfix"))]]
    with tempfile.TemporaryDirectory() as name:
        built, path = Path(name) / "built.db", Path(name) / "bench.db"
        last = None
        for command, shape, size in measured(shapes, scale):
            if last is not shape:
                built.unlink(missing_ok=True)
                build(shape, built, size, seed)
            last = shape
            _anew(built, path)
            anew = partial(_anew, built, path) if command == "repair" else None
            before, now = in_turn([_command(program, command, path) for program in programs], runs, anew)
            rows.append([f"`sqlfix {command}`", shape.name, f"{before:.3f}", f"{now:.3f}", f"{now / before:.2f}"])
            print(" | ".join(rows[-1]), flush=True)
    return rows


def _command(program: Command, command: str, path: Path) -> Command:
    if command == "--version":
        return [*program, command]
    if command == "repair":
        return [*program, "repair", "--yes", str(path)]
    verb, *options = COMMANDS[command]
    return [*program, verb, str(path), *options]


def _anew(built: Path, path: Path) -> None:
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copyfile(built, path)


def main() -> int:
    """Compare, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the older checkout, with its .venv")
    parser.add_argument("--scale", type=float, default=1.0, help="how large the databases are; 1 is 8 million keys")
    parser.add_argument("--runs", type=int, default=5, help="of how many runs the median is taken")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", help="a shape by name; again for more")
    given = parser.parse_args()
    older = given.folder / ".venv" / "bin" / "sqlfix"
    if not older.exists():
        parser.error(f"{older} does not exist; run `make` in that checkout first")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    for root in (ROOT, given.folder):
        compileall.compile_dir(root / "sqlfix", quiet=2)
    shapes = (*SHAPES, *LIMITS, REPAIR)
    if given.only:
        shapes = tuple(shape for shape in shapes if shape.name in given.only)
    rows = compare(older, shapes, given.scale, given.runs, given.seed)
    print(table(["command", "shape", "before, s", "now, s", "now / before"], rows, words=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
