"""Several databases in one scan: side by side or one after the other, and none stops another."""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from support import build, sqlfix

from sqlfix.fleet import processes
from tests.commands.test_cli import environment

ORPHAN = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p (id));"
    "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (2, {});"
)


@pytest.fixture
def tenants(tmp_path: Path) -> list[Path]:
    """Six databases: every second one has an orphan; and a file that is none."""
    paths = [build(tmp_path / f"{n}.db", ORPHAN.format(7 if n % 2 else 1)) for n in range(6)]
    bad = tmp_path / "3b.db"
    bad.write_bytes(b"no database" * 100)
    return sorted([*paths, bad])


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_one_bad_file_never_stops_the_rest(tenants: list[Path], jobs: int) -> None:
    ran = sqlfix("scan", "--jobs", jobs, "--format", "jsonl", *tenants)
    assert ran.code == 2
    reports = [json.loads(line) for line in ran.out.splitlines()]
    found = {Path(r["database"]).name: sum(f["count"] for f in r["findings"]) for r in reports}
    assert found == {f"{n}.db": n % 2 for n in range(6)}
    assert "3b.db is a text file, not an SQLite database" in ran.err
    assert "7 databases: 3 clean, 3 with findings, 1 could not be scanned." in ran.err


def test_what_a_person_reads_is_the_same_however_many_are_scanned_at_a_time(tenants: list[Path]) -> None:
    one, three = (sqlfix("scan", "--jobs", jobs, *tenants) for jobs in (1, 3))
    assert one.out == three.out
    assert one.code == three.code == 2
    assert one.out.rstrip().endswith("7 databases: 3 clean, 3 with findings, 1 could not be scanned.")


@pytest.mark.parametrize(("options", "code"), [((), 1), (("--fail-on", "never"), 0), (("--ignore", "c"), 0)])
def test_the_worst_exit_code_counts(tenants: list[Path], options: tuple[str, ...], code: int) -> None:
    sound = [path for path in tenants if path.name != "3b.db"]
    assert sqlfix("scan", "--jobs", 2, *options, *sound).code == code


def test_quiet_says_nothing_of_all(tenants: list[Path]) -> None:
    assert "databases:" not in sqlfix("scan", "-q", "--jobs", 2, *tenants[:2]).out


def test_rows_of_several_are_streamed_one_after_the_other(tenants: list[Path]) -> None:
    ran = sqlfix("scan", "--rows", "--format", "jsonl", *tenants)
    assert [Path(json.loads(line)["database"]).name for line in ran.out.splitlines()] == ["1.db", "3.db", "5.db"]


@pytest.mark.parametrize("options", [("--jobs", 1), ("--jobs", 2), ("--rows",)])
def test_csv_of_several_is_one_table(tenants: list[Path], options: tuple[object, ...]) -> None:
    bad = tenants.pop(4)
    header, *records = csv.reader(sqlfix("scan", *options, "--format", "csv", bad, *tenants).out.splitlines())
    assert header[:2] == ["database", "check"]
    assert [(Path(record[0]).name, record[1]) for record in records] == [(f"{n}.db", "orphan-rows") for n in (1, 3, 5)]


def test_jobs_below_one_are_refused(tenants: list[Path]) -> None:
    ran = sqlfix("scan", "--jobs", 0, *tenants)
    assert ran.code == 2
    assert ran.err.count("\n") <= 2


SLOW = """
import signal, sys, time
import sqlfix.schema.database as database
from sqlfix.cli import main
real = database.read_schema
def slow(connection):
    print("reading", file=sys.__stdout__, flush=True)
    time.sleep(30)
    return real(connection)
database.read_schema = slow
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup
main(sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals work in another way on Windows")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_ends_all_of_them_and_leaves_no_trace(tmp_path: Path, number: int) -> None:
    """In WAL mode reading makes side files, which each process has to take away again."""
    paths = [build(tmp_path / f"{n}.db", "PRAGMA journal_mode = WAL; CREATE TABLE t (a)") for n in range(4)]
    before = sorted(tmp_path.iterdir())
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, "scan", "--jobs", "2", *map(str, paths)],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for _ in range(2):
            assert process.stdout.readline() == "reading\n"
        begun = time.monotonic()
        if number == signal.SIGTERM:
            process.send_signal(number)
        else:
            os.killpg(process.pid, number)  # as a terminal does
        _, errors = process.communicate(timeout=20)
        assert time.monotonic() - begun < 10
    assert process.returncode == 128 + number
    assert "nothing was changed" in errors
    assert "Traceback" not in errors
    assert sorted(tmp_path.iterdir()) == before
    for path in paths:
        sqlite3.connect(path).execute("SELECT * FROM t").fetchall()


def test_a_process_that_dies_over_a_database_is_told_and_stops_no_other(
    tenants: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def job(path: Path, early: object) -> str:
        if path.name in ("1.db", "4.db"):
            os.kill(os.getpid(), signal.SIGKILL)
        return path.name

    done = list(processes.side_by_side(job, tenants, processes.Team(2)))
    assert [d.path for d in done] == tenants
    assert [d.path.name for d in done if d.error] == ["1.db", "4.db"]
    assert all("died (exit code -9)" in d.error.message for d in done if d.error)
    assert [d.found for d in done if not d.error] == ["0.db", "2.db", "3.db", "3b.db", "5.db"]


@pytest.mark.skipif(sys.platform == "win32", reason="a process of a test cannot be made anew there")
def test_a_process_that_dies_amid_its_answer_or_before_its_task_stops_no_other(
    tenants: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = processes._Worker.begin

    def begin_late(worker: processes._Worker[int], task: tuple[int, Path]) -> None:
        if task[1].name in ("1.db", "4.db"):
            worker.process.kill()
            worker.process.join()
        begin(worker, task)

    def job(path: Path, early: object) -> int:
        if path.name == "2.db":  # what it writes is more than a pipe takes
            os.write(pipes[-1], struct.pack("!i", 1 << 20) + b"x" * 1000)
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    pipes: list[int] = []
    work = processes._work

    def note_pipe(job: processes.Job[int], pipe: Connection, copies: list[Connection], early: bool) -> None:
        pipes.append(pipe.fileno())
        work(job, pipe, copies, early)

    monkeypatch.setattr(processes, "_work", note_pipe)
    monkeypatch.setattr(processes._Worker, "begin", begin_late)
    done = list(processes.side_by_side(job, tenants, processes.Team(2)))
    assert [d.path for d in done] == tenants
    assert [d.path.name for d in done if d.error] == ["1.db", "2.db", "4.db"]
    assert all("died (exit code -9)" in d.error.message for d in done if d.error)


def broken_job(path: Path, early: object) -> int:
    raise LookupError("no such thing")


def test_a_fault_of_our_own_is_told_and_where_it_was_if_that_is_wanted(
    tenants: list[Path], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (done,) = processes.side_by_side(broken_job, tenants[:1], processes.Team(1))
    assert done.error is not None and done.error.message == "internal error: LookupError: no such thing"
    assert done.error.hint == "SQLFIX_DEBUG=1 shows where" and capfd.readouterr().err == ""
    monkeypatch.setenv("SQLFIX_DEBUG", "1")
    (died,) = processes.side_by_side(broken_job, tenants[:1], processes.Team(1))
    assert died.error is not None and died.error.message.endswith("died (exit code 1)")
    assert "in broken_job" in (said := capfd.readouterr().err) and "LookupError: no such thing" in said


def test_ending_never_hangs(tenants: list[Path]) -> None:
    for number in range(60):
        team = processes.Team(1 + number % 4, in_order=bool(number % 2))
        results = processes.side_by_side(len_of_name, tenants, team)
        if number % 3:
            assert sorted(d.found or 0 for d in results) == [4, 4, 4, 4, 4, 4, 5]
        else:
            next(results)
            results.close()


def len_of_name(path: Path, early: object) -> int:
    return len(path.name)


def test_progress_goes_on_while_the_first_databases_are_scanned(tenants: list[Path]) -> None:
    signs: list[float] = []
    results = processes.side_by_side(
        slow_job, tenants[:2], processes.Team(2, sign=lambda: signs.append(time.monotonic()))
    )
    next(results)
    assert len(signs) > 2
    results.close()


def slow_job(path: Path, early: object) -> int:
    time.sleep(1)
    return 0
