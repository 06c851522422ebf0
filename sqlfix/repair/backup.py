"""The backup that every repair makes first: whole, verified, on the disk, and never in the way of another file."""

from __future__ import annotations

import os
import re
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from sqlfix.errors import Malformed, SqlfixError
from sqlfix.frozen import frozen
from sqlfix.model.schema import Schema
from sqlfix.plan.apply import table_sizes
from sqlfix.repair.sums import Over, Pieces, copy_file, file_pieces, meanwhile, never
from sqlfix.schema.database import Database
from sqlfix.sql.literals import quote
from sqlfix.sqlite import interrupts
from sqlfix.sqlite.connect import beside, looking_at
from sqlfix.sqlite.deadline import TURN, stop_if_interrupted, watch
from sqlfix.sqlite.failures import UnreadableSchema, error_name, explain, in_words, is_of_whole_file
from sqlfix.sqlite.files import elsewhere, new_file, stamped
from sqlfix.sqlite.integrity import NO_DAMAGE, bytes_of
from sqlfix.sqlite.snapshot import LARGE, MOST_MAPPED, cores
from sqlfix.sqlite.stamps import stamp_of

OF_SCHEMA = ("SQLITE_ERROR", "SQLITE_AUTH", "SQLITE_TOOBIG")
"""Errors of a computed column that SQLite cannot compile, or that fails for a row."""
PAGES_A_STEP = 4096
"""16 MB with the usual page size: large enough to copy at the disk's speed, small enough for progress to move."""

Unverified = tuple[str, str]
"""A table, and why SQLite cannot tell whether it is whole."""
T = TypeVar("T")
Progress = Callable[[int, int], object]
"""Called with how many pages are still to be copied, and how many there are."""


def place_of_backup(database: Path, wanted: Path | None) -> Path:
    """Where the backup of a database goes: beside it, with the time in UTC; or where it is wanted.

    A folder gets the usual name in it.
    """
    usual = stamped(database, ".backup-{}")
    if wanted is None:
        return usual
    return wanted / usual.name if wanted.is_dir() else wanted


@frozen
class Backup:
    """The backup of a change, or None where none was made; and the tables of it that may not be whole.

    ``pieces`` are the sums of the file, where they are known already.
    """

    path: Path | None = None
    unverified: tuple[Unverified, ...] = ()
    pieces: Pieces | None = None

    def told(self) -> dict[str, str | None]:
        """What a record says of it."""
        path = str(self.path.resolve()) if self.path else None
        return {"backup": path, "backup_sum": self.pieces.sum if self.pieces else None}

    @contextmanager
    def summed(self) -> Iterator[Callable[[], Backup]]:
        """The same as a function, with the sums, which are worked out while the block does something else."""
        if self.path is None or self.pieces:
            yield lambda: self
            return
        with meanwhile(partial(file_pieces, self.path), size=self.path.stat().st_size) as wait:
            yield lambda: replace(self, pieces=wait())


@frozen
class Making:
    """A backup whose copy is made and is being verified; the functions wait for what they give.

    ``same_bytes``: it is known already that the copy holds the same bytes as the file.
    """

    verified: Callable[[], tuple[Unverified, ...]] = tuple
    done: Callable[[], Backup] = Backup
    same_bytes: bool = False


def make_backup(
    database: Path, target: Path, schema: Schema, progress: Progress | None = None, raw: BinaryIO | None = None
) -> Backup:
    """Copy a database, verify the copy, and only then give it its name.

    The caller holds the write lock, so nobody can write between the backup and the repair.

    Args:
        raw: the file, where the bytes of it are all of the database. Otherwise it is copied through SQLite's backup
            API, so that what stands in a WAL is in it.

    Raises:
        SqlfixError: where the copy cannot be written, or is not what it should be; nothing is left of it then.
    """
    with new_file(target, database, "backup") as made, _failures(database, target):
        copy_database(database, made, progress, raw)
        unverified = _verify(database, made, None if raw else schema)
    return Backup(target, unverified)


@contextmanager
def being_made(
    database: Path, target: Path, schema: Schema, progress: Progress | None = None, raw: BinaryIO | None = None
) -> Iterator[Making]:
    """Copy a database; while the block does something else, the copy is verified, and then its sums are worked out.

    One thread after the other does so: where there are two cores, the block has one of its own.

    It gets its name when it is verified and the block is over: only then may what the block did be committed.

    Raises:
        SqlfixError: as `make_backup`. What is wrong with the copy goes before what the block raises, since that may
            come of it; but for Ctrl-C.
    """
    with new_file(target, database, "backup") as made:
        with _failures(database, target):
            copy_database(database, made, progress, raw)
        copied = threading.Event()
        copied.set()
        with _being_judged(database, (made, target), None if raw else schema, copied) as making:
            yield making


@contextmanager
def _being_judged(
    database: Path, places: tuple[Path, Path], schema: Schema | None, copied: threading.Event
) -> Iterator[Making]:
    """Verify a copy, sum it up, and have it on the disk, while the block does something else: see `being_made`.

    Args:
        places: the copy, and the name that it is to get.
        schema: as `_verify`.
        copied: is set once the copy is made.
    """
    made, target = places
    judged, size = threading.Event(), database.stat().st_size
    with (
        meanwhile(partial(_after, copied, partial(_verify, database, made, schema)), judged, size) as unverified,
        meanwhile(partial(_after, judged, partial(file_pieces, made, threads=1)), size=size) as summed,
        # what the disk is given to write, the journal of the block would have to wait for: at first it only reads
        meanwhile(partial(_after, judged, partial(_flush, made)), size=size) as flushed,
    ):

        def verified() -> tuple[Unverified, ...]:
            with _failures(database, target):
                return unverified()

        def done() -> Backup:
            backup = Backup(target, verified(), replace(summed(), path=target))
            flushed()
            return backup

        making = Making(verified, done, schema is None)
        try:
            yield making
        except Exception:
            verified()
            raise
        making.done()


@contextmanager
def _failures(database: Path, target: Path) -> Iterator[None]:
    """Say of an error of SQLite's what it means for a backup."""
    try:
        yield
    except sqlite3.Error as error:
        stop_if_interrupted(error)
        if "full" in str(error) or "disk I/O" in str(error):
            hint = f"nothing was changed; free some space, or {elsewhere(database, target)}"
            raise SqlfixError(f"the backup {target} cannot be written: {error}", hint) from error
        if is_of_whole_file(error) or isinstance(error, UnreadableSchema):
            raise explain(database, error) from error
        raise SqlfixError(f"the backup {target} failed: {in_words(error)}; nothing was changed") from error


def copy_database(database: Path, partial: Path, progress: Progress | None = None, raw: BinaryIO | None = None) -> None:
    """Copy a database, with what stands in its WAL, into an empty file.

    Args:
        raw: as `make_backup`.
    """
    if raw is not None:
        if not copy_file(raw, partial, progress):
            raise SqlfixError("the backup does not hold the same bytes as the database; nothing was changed")
        return

    def step(status: int, remaining: int, total: int) -> None:
        if progress:
            progress(remaining, total)

    with beside(database) as source, beside(partial, write=True) as copy:
        copy.execute("PRAGMA synchronous = OFF")  # it is fsynced once, below
        copy.execute("PRAGMA journal_mode = OFF")
        source.backup(copy, pages=PAGES_A_STEP, progress=step)


def _after(event: threading.Event, work: Callable[[Over], T], is_over: Over) -> T:
    """Do something with a copy once it is made, or once it is known whether it is whole."""
    while not event.wait(TURN):
        if is_over():
            raise KeyboardInterrupt
    return work(is_over)


def _flush(made: Path, is_over: Over) -> None:
    """Have a disk write what it was given. An error of that is told but once, so whoever asks for it has to wait."""
    with made.open("r+b") as file:
        os.fsync(file.fileno())


def _verify(database: Path, partial: Path, schema: Schema | None, is_over: Over = never) -> tuple[Unverified, ...]:
    """What of a copy cannot be verified.

    Args:
        schema: the tables of which the rows are counted in both; None where the bytes are known to be the same.
    """

    def stop() -> None:
        if is_over():
            raise KeyboardInterrupt

    with looking_at(partial) as copy:
        watch(copy, stop)
        copy.execute(f"PRAGMA mmap_size = {MOST_MAPPED}")
        unverified = require_sound(copy, database)
        if schema is not None:
            with beside(database) as source:
                watch(source, stop)
                if table_sizes(copy, schema) != table_sizes(source, schema):
                    raise SqlfixError("the backup does not have as many rows as the database; nothing was changed")
        return unverified


# -- while the change is still being planned ----------------------------------------------------------------------


class _NotWanted(BaseException):
    """Ends the making of a backup that is thrown away."""


@dataclass
class Early:
    """A backup that is made while a change is still being planned, so that nobody waits for it; see `early`.

    It is verified and of the very state that is changed, as any other. It is taken only where the stamp of the locked
    file is that of the file before the plan: then nobody has written to it in between, and what was copied at any
    moment of that time is what is locked. Else, and where anything at all went wrong with it, nothing is left of it,
    and the backup is made under the lock.

    ``last`` ends after every connection to the file: to close the file drops the locks that they hold.
    """

    path: Path
    wanted: Path | None
    last: ExitStack
    _stamp: str | None = None
    _begun: tuple[ExitStack, Callable[[], object], Making] | None = None

    @interrupts.held()
    def begin(self, database: Database) -> None:
        """Begin to make it in threads of its own, where the state can be told by a stamp, and it is worth them."""
        if self._begun or database.stamp is None or cores() < 2:
            return
        with suppress(SqlfixError, OSError), ExitStack() as stack:
            if self.path.stat().st_size < LARGE:
                return
            path = self.path.resolve()
            target = place_of_backup(path if self.path.is_symlink() else self.path, self.wanted)
            file = self.last.enter_context(path.open("rb", buffering=0))
            if stamp_of(file, path) != database.stamp:  # another one has its name by now
                return
            raw = whole(file, database.connection)
            self.last.callback(self.discard)
            made, copied = stack.enter_context(new_file(target, path, "backup")), threading.Event()
            wait = stack.enter_context(meanwhile(partial(_copied, path, made, raw), copied))
            judged = _being_judged(path, (made, target), None if raw else database.schema, copied)
            making = stack.enter_context(judged)
            self._stamp, self._begun = database.stamp, (stack.pop_all(), wait, making)

    def taken(self, stamp: str | None, until: ExitStack) -> Making | None:
        """Its copy, of a file that is locked and has a stamp; it gets its name as ``until`` ends, see `being_made`.

        None where it has to be made anew.
        """
        try:
            if self._begun and stamp == self._stamp:
                stack, wait, making = self._begun
                with suppress(SqlfixError, sqlite3.Error, OSError):
                    wait()
                    until.enter_context(stack)
                    self._begun = None
                    return making
            return None
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave nothing of it, unless it was taken."""
        begun, self._begun = self._begun, None
        if begun:
            with suppress(_NotWanted), begun[0]:
                raise _NotWanted


@contextmanager
def early(database: Path, wanted: Path | None) -> Iterator[Early]:
    """What can make a backup early in the block, in which it is to be taken.

    Args:
        wanted: where it is to go, as for `place_of_backup`.
    """
    with interrupts.giving_back() as last:
        yield Early(database, wanted, last)


def _copied(database: Path, made: Path, raw: BinaryIO | None, is_over: Over) -> None:
    """Copy a database into a file, for as long as anybody wants it."""

    def step(remaining: int, total: int) -> None:
        if is_over():
            raise _NotWanted

    copy_database(database, made, step, raw)


def whole(file: BinaryIO, connection: sqlite3.Connection) -> BinaryIO | None:
    """The file of a connection, if its bytes are all of the database: in WAL mode some may stand elsewhere.

    In any other mode nobody may write to it while the connection is in a transaction, and has written nothing itself.
    """
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    size = os.fstat(file.fileno()).st_size
    # on Windows, a lock keeps others from reading what stands at its place in the file
    can_be_read = mode != "wal" and sys.platform != "win32"
    return file if can_be_read and 0 < size == bytes_of(connection) else None


def require_sound(connection: sqlite3.Connection, path: Path) -> tuple[Unverified, ...]:
    """Raise Malformed if the file's structure is damaged; ``path`` is what it is called.

    Returns:
        the tables that cannot be checked, since SQLite would have to run what it lacks or what fails for a row.
    """
    unverified: dict[Unverified, None] = {}
    connection.execute("PRAGMA ignore_check_constraints = ON")  # they say nothing of the file, and may fail
    try:
        damage = _damage(connection, "1000000000")
    except sqlite3.DatabaseError as error:
        _require_of_schema(error)
        tables = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
        damage = None
        for (name,) in tables:
            try:
                damage = damage or _damage(connection, quote(name))
            except sqlite3.DatabaseError as error:
                _require_of_schema(error)
                unverified[str(name), in_words(error)] = None
    finally:
        connection.execute("PRAGMA ignore_check_constraints = OFF")
    if damage:
        raise Malformed(
            f"{path} is damaged ({damage.splitlines()[0]}): a damaged file is not repaired",
            f"work on a copy; `sqlite3 {path} .recover` can save the rows that are left",
        )
    return tuple(unverified)


def _require_of_schema(error: sqlite3.DatabaseError) -> None:
    """Raise the error again unless it comes of what the schema calls: then each table is checked by itself."""
    stop_if_interrupted(error)
    if not error_name(error).startswith(OF_SCHEMA):
        raise error


def _damage(connection: sqlite3.Connection, what: str) -> str | None:
    lines = (str(row[0]) for row in connection.execute(f"PRAGMA quick_check({what})"))
    return next((line for line in lines if line != "ok" and not re.match(NO_DAMAGE, line)), None)
