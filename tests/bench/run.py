"""The benchmark: `sqlfix` against SQLite's own check and against reading the data once, side by side, as ratios.

Both sides are whole processes, started in turn, on databases that this builds itself. It fails where the answers
differ. `make bench` runs it; `python tests/bench/run.py --help` says what can be chosen.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.building import Shape, build
from bench.limits import LIMITS
from bench.shapes import REPAIR, SHAPES
from sqlfix.scan.check import CHECKS

ROOT = Path(__file__).parent.parent.parent
SHELL = shutil.which("sqlite3")
SQLFIX = [sys.executable, "-m", "sqlfix"]
CHECK = "PRAGMA foreign_key_check"

OF_TABLES = [name for name, check in CHECKS.all().items() if not check.of_relationships]
LEAST_BY_CHECK = 2
"""How many times the start of the program a scan has to take to be measured check by check."""
KEYS_ALONE = [word for name in OF_TABLES for word in ("--ignore", name)]

Command = list[str]


class Differ(Exception):
    """The two sides do not give the same answer."""


# -- measuring ----------------------------------------------------------------------------------------------------


def run(command: Command, output: int = subprocess.DEVNULL) -> tuple[float, str]:
    """The seconds that a process takes from its start to its end, and what it writes if that is wanted."""
    begun = time.perf_counter()
    done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, cwd=ROOT, text=True, check=False)
    spent = time.perf_counter() - begun
    if done.returncode not in (0, 1, 3):
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return spent, done.stdout or ""


def in_turn(commands: Sequence[Command], runs: int, before: Callable[[], object] | None = None) -> list[float]:
    """The median seconds of some commands, each run once to warm up and then in turn."""
    spent: list[list[float]] = [[] for _ in commands]
    for turn in range(runs + 1):
        for place, command in enumerate(commands):
            if before:
                before()
            seconds = run(command)[0]
            if turn:
                spent[place].append(seconds)
    return [statistics.median(times) for times in spent]


def peak_memory(command: Command) -> float | None:
    """The most MB that a process had for itself, file pages mapped into it aside; None where Linux does not say."""
    if not Path("/proc/self/smaps_rollup").exists():
        return None
    most = 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    while process.poll() is None:
        try:
            text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        except OSError:
            break
        found = [int(line.split()[1]) for line in text.splitlines() if line.startswith("Anonymous:")]
        most = max(most, *found, 0)
        time.sleep(0.002)
    process.wait()
    return most / 1024


# -- the two sides ------------------------------------------------------------------------------------------------


def shell(path: Path, *statements: str) -> Command:
    """A process that runs statements: the sqlite3 shell, or Python where there is none."""
    if SHELL:
        return [SHELL, str(path), *statements]
    code = (
        "import sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\n"
        "for s in sys.argv[2:]:\n for r in d.execute(s): print(*r, sep='|')"
    )
    return [sys.executable, "-c", code, str(path), *statements]


def floor(path: Path) -> Command:
    """Each table that takes part read once by one thread, which counts the keys in it."""
    connection = sqlite3.connect(path)
    keys: dict[str, list[str]] = {}
    parents: dict[str, None] = {}
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in connection.execute(f"PRAGMA foreign_key_list({table})").fetchall():
            keys.setdefault(table, []).append(row[3])
            parents[row[2]] = None
    connection.close()
    counts = [
        f"SELECT {', '.join(f'count({key})' for key in dict.fromkeys(some))} FROM {t}" for t, some in keys.items()
    ]
    return shell(path, "PRAGMA mmap_size = 1099511627776", *counts, *(f"SELECT count(*) FROM {t}" for t in parents))


def require_same_answer(path: Path) -> int:
    """The number of orphans, which both sides count alike for each foreign key of each table."""
    connection = sqlite3.connect(path)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    names: dict[tuple[str, int], list[str]] = {}
    for table in tables:
        for number, _, _, column, *_ in connection.execute(f"PRAGMA foreign_key_list({table})"):
            names.setdefault((table, number), []).append(column)
    connection.close()
    theirs: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for line in run(shell(path, CHECK), subprocess.PIPE)[1].splitlines():
        table, _, _, number = line.split("|")
        theirs[table, tuple(names[table, int(number)])] += 1
    report = json.loads(run([*SQLFIX, "scan", "--format", "json", str(path)], subprocess.PIPE)[1])
    ours = Counter({(r["child"], tuple(r["child_columns"])): r["orphans"] for r in report["relationships"]})
    if +ours != +theirs:
        raise Differ(f"{path.name}: SQLite finds {dict(+theirs)}, sqlfix {dict(+ours)}")
    if not all(r["checked"] for r in report["relationships"]):
        raise Differ(f"{path.name}: not all was checked")
    return theirs.total()


# -- the tables ---------------------------------------------------------------------------------------------------


def scans(folder: Path, shapes: Sequence[Shape], scale: float, runs: int, seed: int) -> dict[str, list[list[str]]]:
    """Scans of every shape, and by the checks that take long."""
    rows: list[list[str]] = []
    by_check: list[list[str]] = []
    start = in_turn([[*SQLFIX, "scan", str(empty_database(folder))]], runs)[0] if shapes else 0.0
    for shape in shapes:
        path = folder / "bench.db"
        build(shape, path, scale, seed)
        orphans = require_same_answer(path)
        scan = [*SQLFIX, "scan", str(path)]
        ours, keys, theirs, least = in_turn([scan, [*scan, *KEYS_ALONE], shell(path, CHECK), floor(path)], runs)
        memory = peak_memory(scan)
        by_check += slow_checks(shape, path, ours, start, runs)
        rows.append(
            [
                shape.name, f"{path.stat().st_size / 1e6:,.0f}", f"{orphans:,}", f"{theirs:.2f}", f"{least:.2f}",
                f"{keys:.2f}", f"{theirs / keys:.1f}", f"{keys / least:.1f}", f"{ours:.2f}", f"{ours / keys:.2f}",
                f"{memory:.0f}" if memory else "-",
            ]
        )  # fmt: skip
        print(" | ".join(rows[-1]), flush=True)
        path.unlink()
    return {"scans": rows, "by check": by_check}


def empty_database(folder: Path) -> Path:
    """A database without a table: the scan of it is what a program needs to begin."""
    path = folder / "empty.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM")
    return path


def slow_checks(shape: Shape, path: Path, whole: float, start: float, runs: int) -> list[list[str]]:
    """Each check of tables which, alone, takes more than a tenth of a whole scan beside the start of the program.

    Of those that a first run does not show to be quick the median is taken. A scan reads a table once for all checks,
    so that the checks alone take longer together than the scan.
    """
    rows = []
    for name in OF_TABLES:
        command = [*SQLFIX, "scan", "--select", name, str(path)]
        if whole > LEAST_BY_CHECK * start and run(command)[0] - start > whole / 10:
            (alone,) = in_turn([command], runs)
            if alone - start > whole / 10:
                rows.append([shape.name, name, f"{alone:.2f}", f"{start:.2f}", f"{whole:.2f}"])
                print(" | ".join(rows[-1]), flush=True)
    return rows


def starts(folder: Path, runs: int, seed: int) -> list[list[str]]:
    """What it costs to begin."""
    path = folder / "small.db"
    build(next(shape for shape in SHAPES if shape.name == "200 tables"), path, 1.0, seed)
    rows = [
        _against("`sqlfix --version`", [*SQLFIX, "--version"], '`python -c "import click"`',
                 [sys.executable, "-c", "import click"], runs)
    ]  # fmt: skip
    other = Path(sys.executable).with_name("sqlite-utils")
    if other.exists():
        size = f"{path.stat().st_size / 1e6:.1f} MB, 200 tables"
        rows.append(
            _against(f"`sqlfix scan`, {size}", [*SQLFIX, "scan", str(path)], "`sqlite-utils tables`",
                     [str(other), "tables", str(path)], runs)
        )  # fmt: skip
    path.unlink()
    return rows


def _against(ours: str, our: Command, theirs: str, their: Command, runs: int) -> list[str]:
    one, other = in_turn([our, their], runs * 2)
    row = [ours, f"{one:.3f}", theirs, f"{other:.3f}", f"{one / other:.2f}"]
    print(" | ".join(row), flush=True)
    return row


BY_HAND = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
backup = sqlite3.connect(sys.argv[1] + ".backup")
database.backup(backup)
backup.close()
database.execute("BEGIN IMMEDIATE")
database.execute(
    "DELETE FROM orders WHERE id IN (SELECT c.id FROM orders c LEFT JOIN customer p ON p.id = c.customer_id"
    " WHERE p.id IS NULL AND c.customer_id IS NOT NULL)"
)
database.execute("COMMIT")
"""


def repairs(folder: Path, scale: float, runs: int, seed: int) -> list[list[str]]:
    """A repair against the same by hand, and the script against a scan."""
    sound, path = folder / "sound.db", folder / "bench.db"
    build(REPAIR, sound, scale, seed)

    def anew() -> None:
        for old in folder.glob("bench.db*"):
            old.unlink()
        shutil.copyfile(sound, path)

    mend, by_hand = [*SQLFIX, "repair", "--yes", str(path)], [sys.executable, "-c", BY_HAND, str(path)]
    anew()
    run(mend)
    if left := run(shell(path, CHECK), subprocess.PIPE)[1]:
        raise Differ(f"the repair left {left}")
    ours, theirs = in_turn([mend, by_hand], runs, anew)
    size = f"{sound.stat().st_size / 1e6:.0f} MB"
    rows = [
        [f"`sqlfix repair`, {size}", f"{ours:.2f}", "by hand, with a backup", f"{theirs:.2f}", f"{ours / theirs:.2f}"]
    ]
    anew()
    script, scan = in_turn([[*SQLFIX, "export-sql", str(path)], [*SQLFIX, "scan", str(path)]], runs)
    rows.append(
        [f"`sqlfix export-sql`, {size}", f"{script:.2f}", "`sqlfix scan`", f"{scan:.2f}", f"{script / scan:.2f}"]
    )
    for row in rows:
        print(" | ".join(row), flush=True)
    for old in folder.glob("*.db*"):
        old.unlink()
    return rows


def several(folder: Path, runs: int, seed: int) -> list[list[str]]:
    """Many databases, one after the other and side by side."""
    one = folder / "tenant.db"
    build(next(shape for shape in SHAPES if shape.name == "200 tables"), one, 1.0, seed)
    paths = [str(one)]
    for number in range(59):
        paths.append(str(folder / f"tenant{number}.db"))
        shutil.copyfile(one, paths[-1])
    together = [*SQLFIX, "scan", *paths]
    row = _against("60 databases of 1 MB", together, "the same with `--jobs 1`", [*together, "--jobs", "1"], runs)
    for path in paths:
        Path(path).unlink()
    return [[*row[:4], f"{1 / float(row[4]):.2f}"]]


CHECK_BY_PYTHON = [
    sys.executable, "-c",
    f"import sqlite3, sys\nfor row in sqlite3.connect(sys.argv[1]).execute({CHECK!r}): print(*row, sep='|')",
]  # fmt: skip
AIM = """The aim is "no more than three times the pragma's time and the start": 1 at most where *3 (check + start)*
divides. Where *3 check + start* does, the start is allowed once, which is the stricter reading of the same words."""
MESSAGE = "sqlite3.IntegrityError: FOREIGN KEY constraint failed\n"


def limits(folder: Path, shapes: Sequence[Shape], scale: float, runs: int, seed: int) -> list[list[str]]:
    """Scans where the tables are very many, or a key is of a kind that SQLite is slow to look up.

    What a program needs to begin is much of the time here, so it is measured too: the scan of a database without a
    table. AIM says which of the last columns is to be 1 at most.
    """
    rows, empty, path = [], empty_database(folder), folder / "bench.db"
    for shape in shapes:
        build(shape, path, scale, seed)
        orphans = require_same_answer(path)
        scan = [*SQLFIX, "scan", str(path)]
        commands = [[*CHECK_BY_PYTHON, str(path)], [*SQLFIX, "scan", str(empty)], [*scan, *KEYS_ALONE], scan]
        check, start, keys, ours = in_turn(commands, runs)
        strict, natural = 3 * check + start, 3 * (check + start)
        rows.append(
            [shape.name, f"{orphans:,}", f"{check:.2f}", f"{start:.2f}", f"{keys:.2f}", f"{ours:.2f}",
             f"{(ours - start) / check:.1f}", f"{keys / natural:.2f}", f"{ours / natural:.2f}",
             f"{keys / strict:.2f}", f"{ours / strict:.2f}"]
        )  # fmt: skip
        print(" | ".join(rows[-1]), flush=True)
        path.unlink()
    return rows


def messages(folder: Path, scale: float, runs: int, seed: int) -> list[list[str]]:
    """A message that stands in a log of megabytes, against the message alone."""
    path, rows = folder / "small.db", []
    build(next(shape for shape in SHAPES if shape.name == "200 tables"), path, 0.1, seed)
    with (folder / "long.txt").open("w", encoding="utf-8") as log:
        for number in range(max(round(5_000_000 * scale / 60), 1)):
            log.write(f"2026-01-02 03:04:05 INFO request {number:>10} took 12 ms\n")
        log.write(MESSAGE)
    (folder / "short.txt").write_text(MESSAGE, encoding="utf-8")
    code = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[2:], stdin=open(sys.argv[1])).returncode)"
    ours, theirs = (
        [sys.executable, "-c", code, str(folder / f"{name}.txt"), *SQLFIX, "why", str(path), "--error", "-"]
        for name in ("long", "short")
    )
    size = (folder / "long.txt").stat().st_size / 1e6
    rows.append(
        _against(f"`sqlfix why --error -`, {size:.1f} MB", ours, "the same with its last line alone", theirs, runs)
    )
    path.unlink()
    return rows


def line(folder: Path, runs: int, seed: int, most: float) -> list[list[str]]:
    """The time per key as the file grows tenfold, and again."""
    rows, shape, scale = [], SHAPES[0], most
    scales = []
    while scale * shape.keys >= 10_000:
        scales.append(scale)
        scale /= 10
    for scale in reversed(scales):
        path = folder / "bench.db"
        build(shape, path, scale, seed)
        (spent,) = in_turn([[*SQLFIX, "scan", str(path)]], runs)
        memory = peak_memory([*SQLFIX, "scan", str(path)])
        keys = shape.keys * scale
        rows.append(
            [f"{path.stat().st_size / 1e6:,.1f}", f"{keys:,.0f}", f"{spent:.2f}", f"{1e9 * spent / keys:,.0f}",
             f"{memory:.0f}" if memory else "-"]
        )  # fmt: skip
        print(" | ".join(rows[-1]), flush=True)
        path.unlink()
    return rows


# -- the page -----------------------------------------------------------------------------------------------------


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """A Markdown table; all columns but the first ones are numbers."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * words}{'---:|' * (len(heads) - words)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def page(parts: dict[str, list[list[str]]], scale: float, runs: int, seed: int) -> str:
    """What is written to docs/benchmark.md."""
    who = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores"
    shape = "\n".join(f"* *{shape.name}*: {shape.about}." for shape in SHAPES)
    text = [
        f"""# Benchmark

Written by `make bench`: {who}; scale {scale:g}, seed {seed}, medians of {runs} runs, all sides in turn, files in the
page cache. Every number is for a whole process, from start to end. The run fails if the two sides do not find the
same orphans.

## Scanning

*check* is `sqlite3 FILE "{CHECK}"`, *floor* one thread that reads each table once and counts the keys in it, *keys* a
scan of the foreign keys alone, which is what the other two check, and *scan* `sqlfix scan` with all its checks.
*memory* is the most that it uses, without the file pages that are mapped.

""",
        table(
            [
                "shape",
                "MB",
                "orphans",
                "check, s",
                "floor, s",
                "keys, s",
                "check / keys",
                "keys / floor",
                "scan, s",
                "scan / keys",
                "memory, MB",
            ],
            parts["scans"],
        ),
        f"\n\n{shape}\n",
    ]
    if parts.get("by check"):
        text.append(_by_check(parts["by check"]))
    heads = ["", "s", "against", "s", "ratio"]
    for key, title in (
        ("repairs", "Repairing"),
        ("starts", "Beginning"),
        ("several", "Many databases"),
        ("messages", "Long messages"),
    ):
        if parts.get(key):
            text.append(f"\n## {title}\n\n{table(heads, parts[key])}\n")
    if parts.get("limits"):
        text.append(_at_limits(parts["limits"]))
    if parts.get("line"):
        text.append(
            "\n## As the file grows\n\nThe shape *forum*, in steps of ten.\n\n"
            + table(["MB", "keys", "s", "ns per key", "memory, MB"], parts["line"], 0)
            + "\n"
        )
    return "".join(text)


def _by_check(rows: Sequence[Sequence[str]]) -> str:
    return f"""
## Check by check

Each check that takes more than a tenth of a scan if it runs alone, beside *start*, a scan of a database without a
table. *scan* is that with all checks, which reads a table once for all of them.

{table(["shape", "check", "alone, s", "start, s", "scan, s"], rows, 2)}
"""


def _at_limits(rows: Sequence[Sequence[str]]) -> str:
    heads = [
        "shape", "orphans", "check, s", "start, s", "keys, s", "scan, s", "(scan - start) / check",
        "keys / 3 (check + start)", "scan / 3 (check + start)", "keys / (3 check + start)", "scan / (3 check + start)",
    ]  # fmt: skip
    about = "\n".join(f"* *{shape.name}*: {shape.about}." for shape in LIMITS)
    return f"""
## At the limits

Tiny tables, but very many of them, and keys that are slow to look up. Here *check* is the same statement by a program
in Python, and *start* a scan of a database without a table: what it takes to begin.

{AIM}

{table(heads, rows)}

{about}
"""


def main() -> int:
    """Run what was chosen, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="how large the databases are; 1 is 8 million keys")
    parser.add_argument("--runs", type=int, default=5, help="of how many runs the median is taken")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--only",
        action="append",
        help="one shape by name, or a part: scans, repairs, starts, several, messages, limits, line",
    )
    parser.add_argument(
        "--largest", type=float, default=0.0, help="the scale up to which the line is drawn; 0 for none"
    )
    parser.add_argument("--to", type=Path, help="the Markdown file to write")
    given = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    compileall.compile_dir(ROOT / "sqlfix", quiet=2)
    wanted = set(given.only or [])

    def is_wanted(part: str) -> bool:
        return not wanted or part in wanted

    shapes = [shape for shape in SHAPES if is_wanted("scans") or shape.name in wanted]
    at_limits = [shape for shape in LIMITS if is_wanted("limits") or shape.name in wanted]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            parts = {
                **scans(folder, shapes, given.scale, given.runs, given.seed),
                "repairs": repairs(folder, given.scale, given.runs, given.seed) if is_wanted("repairs") else [],
                "starts": starts(folder, given.runs, given.seed) if is_wanted("starts") else [],
                "several": several(folder, given.runs, given.seed) if is_wanted("several") else [],
                "messages": messages(folder, given.scale, given.runs, given.seed) if is_wanted("messages") else [],
                "limits": limits(folder, at_limits, given.scale, given.runs, given.seed),
                "line": line(folder, given.runs, given.seed, given.largest)
                if given.largest and is_wanted("line")
                else [],
            }
        except Differ as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    if given.to:
        given.to.write_text(page(parts, given.scale, given.runs, given.seed), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
