"""Running a command in a child, and sending it a signal at a random moment of a stage."""

from __future__ import annotations

import os
import random
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from forked import fork
from support import Ran

from faults.stages import tell
from faults.world import Lost, World, check, check_told, check_way_back, one_at_a_time

KILLS = int(os.environ.get("SQLFIX_FAULTS") or 0)
"""How many kills in the long form; 0 is the short form."""
SEED = int(os.environ.get("SQLFIX_FAULTS_SEED") or 1)
Tell = Callable[[str, int, list[str]], None]
"""Says of a kind of fault how many were tried, and what was lost; it fails if anything was."""
LIMIT = 120.0
"""Seconds after which a child counts as hanging."""


@dataclass
class Child:
    """A running command."""

    process: subprocess.Popen[str]
    pipe: int
    stages: list[tuple[str, float]] = field(default_factory=list)

    def until(self, wanted: str | None) -> bool:
        """Wait until the wanted stage begins (None: until it has told all); True if it did."""
        while select.select([self.pipe], [], [], LIMIT)[0]:
            told = os.read(self.pipe, 1).decode()
            if not told:
                return False
            self.stages.append((told, time.monotonic()))
            if told == wanted:
                return True
        self.process.kill()
        raise Lost("it hangs")

    def end(self) -> Ran:
        """Wait for its end; what it said."""
        try:
            out, err = self.process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise Lost("it hangs") from None
        finally:
            os.close(self.pipe)
        return Ran(self.process.returncode, out, err)


def start(arguments: list[str], temporary: Path, limit: Callable[[], None] | None = None) -> Child:
    """Start a command; its temporary files go into a folder of their own. ``limit`` is called in the child."""
    reader, writer = os.pipe()

    def first() -> None:
        if limit:
            limit()
        tell(writer)

    process = fork(
        *arguments,
        first=first,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=[writer],
        env={**os.environ, "TMPDIR": str(temporary), "NO_COLOR": "1"},
    )
    os.close(writer)
    return Child(process, reader)


def arguments_of(world: World, path: Path) -> list[str]:
    """The command line of a world's command."""
    return [world.command[0], str(path), *world.command[1:]]


def stages_of(world: World) -> set[str]:
    """The stages of a world's command; that of closing, which a file in WAL mode may have, is not among them."""
    if world.command[0] == "scan":
        return set("sc")
    if world.command[0] == "repair":
        return set("spcbvawkf")
    if world.command[0] in ("alter", "repair-schema", "backfill", "unpark"):
        return set("sbvawkf")
    return set("sbvrwkf" if world.by_rows else "sbvwuf")


def lengths(world: World, folder: Path) -> dict[str, float]:
    """How long each stage of a command takes that nobody disturbs; every stage that it has must be told."""
    path = world.copy(folder / "app")
    temporary = folder / "tmp"
    temporary.mkdir()
    child = start(arguments_of(world, path), temporary)
    child.until(None)
    end = time.monotonic()
    ran = child.end()
    assert ran.code == (1 if world.command[0] == "scan" else world.code), ran.err
    told = {stage for stage, _ in child.stages}
    assert told - {"e"} == stages_of(world), f"{world.command} in {world.folder.name} told {sorted(told)}"
    found: dict[str, float] = {}
    for (stage, begun), (_, until) in zip(child.stages, [*child.stages[1:], ("", end)], strict=True):
        found[stage] = max(found.get(stage, 0.0), until - begun)
    shutil.rmtree(folder)
    return found


def strike(world: World, lengths: dict[str, float], number: signal.Signals, dice: random.Random, folder: Path) -> str:
    """One trial: a signal at a random moment of a random stage; the state that it left.

    Raises:
        Lost: where it left anything else.
    """
    folder.mkdir(parents=True)
    path = world.copy(folder / "app")
    temporary = folder / "tmp"
    temporary.mkdir()
    stage = dice.choice(sorted(lengths))
    wait = dice.uniform(0, 1.1 * lengths[stage])
    with one_at_a_time:
        child = start(arguments_of(world, path), temporary)
    try:
        if child.until(stage):
            time.sleep(wait)
            child.process.send_signal(number)
        ran = child.end()
        with one_at_a_time:
            now = _judge(world, path, number, ran, temporary)
    except Lost as lost:
        where = f"{number.name} {wait:.4f} s into stage {stage} of {' '.join(world.command)} ({world.folder.name})"
        raise Lost(f"{lost} [{where}; {folder}]") from None
    shutil.rmtree(folder)
    return now


def _judge(world: World, path: Path, number: signal.Signals, ran: Ran, temporary: Path) -> str:
    if number == signal.SIGKILL:
        now, records = check(world, path)
        if ran.code != -number or world.command[0] == "scan":
            return now
        check_way_back(world, path, now, records)
        return now
    code = 128 + number
    normal = (0, 1)
    if world.command[0] == "scan":
        if ran.code not in (code, *normal) or (ran.code == code and not ran.err.strip()):
            raise Lost(f"exit code {ran.code}: {ran.err}")
        now = check_told(world, path, ran, (code, *normal)) if ran.err else "before"
    else:
        now = check_told(world, path, ran, (code,))
        if now == "after" and ran.code not in (code, *normal):
            raise Lost(f"exit code {ran.code}: {ran.err}")
    if left := [file.name for file in temporary.iterdir()]:
        raise Lost(f"left in the temporary folder: {left}")
    return now


def kill_at(world: World, folder: Path, places: Iterable[int], put: Callable[[int], object]) -> list[str]:
    """Kill a world's command at some of its steps, one after the other; what was lost.

    Args:
        put: called in the child with the place of the step that kills it.
    """
    lost = []
    for place in places:
        path = world.copy(folder / f"at-{place}" / "app")
        temporary = folder / f"at-{place}" / "tmp"
        temporary.mkdir()
        child = start(arguments_of(world, path), temporary, lambda place=place: put(place))  # type: ignore[misc]
        child.until(None)
        try:
            _judge(world, path, signal.SIGKILL, child.end(), temporary)
        except Lost as error:
            lost.append(f"{error} [killed at step {place}, {world.command}, {world.folder.name}]")
        shutil.rmtree(folder / f"at-{place}")
    return lost


LENGTHS: dict[tuple[Path, tuple[str, ...]], dict[str, float]] = {}
"""What `lengths` has found of each world, which is the same for all kinds of signals."""


def strikes(
    worlds: list[World], number: signal.Signals, times: int, seed: int, workers: int = 2
) -> tuple[dict[str, int], list[str]]:
    """So many trials, by turns in each world: how many left each state, and what was lost."""
    counts: dict[str, int] = {}
    lost: list[str] = []
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        base = Path(name)
        for world in worlds:
            place = (world.folder, world.command)
            if place not in LENGTHS:
                LENGTHS[place] = lengths(world, base / f"length-{len(LENGTHS)}")
        known = [LENGTHS[world.folder, world.command] for world in worlds]

        def one(place: int) -> None:
            dice = random.Random(f"{seed} {place}")
            turn = place % len(worlds)
            try:
                now = strike(worlds[turn], known[turn], number, dice, base / f"{number.name}-{place}")
                counts[now] = counts.get(now, 0) + 1
            except Lost as error:
                lost.append(str(error))

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(one, range(times)))
    return counts, lost


def every(count: int, most: int) -> Iterator[int]:
    """The places of so many that are tried: all, or ``most`` of them spread evenly, the last always among them."""
    if count <= most:
        yield from range(count)
    else:
        yield from sorted({round(place * (count - 1) / (most - 1)) for place in range(most)})
