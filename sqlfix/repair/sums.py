"""Sums over the bytes of files, by which an undo knows the backup and the file that a change left.

A sum is that of the sums of pieces, so that several threads can work at one file. Left out are the counters in the
header of a database, which go on by each commit, so that the same content has the same sum also where an undo brought
it back. A sum begins with a letter that no sum of an older record has: those are over all bytes, in pieces or one after
the other, and are compared with such sums.

A byte is read far faster than it is summed. So a piece of a changed file that is the same as that of its backup, byte
for byte, has its sum.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from sqlfix.frozen import frozen
from sqlfix.sqlite.odd_files import HEADER
from sqlfix.sqlite.snapshot import cores

T = TypeVar("T")
Over = Callable[[], bool]
"""Says whether what is being worked out is not wanted any more."""
PIECE, BLOCK = 16 << 20, 1 << 17
"""The bytes of a piece, and how many are read at a time: what a core keeps at hand when they are read once more."""
SMALL = 1 << 20
"""Of fewer bytes, an answer is there sooner than a thread has begun."""
OF_CONTENT, IN_PIECES = "q", "p"
"""The first letters of a sum over pieces, without the counters and with them."""
COUNTERS = ((24, 28), (40, 44), (92, 100))
"""The change counter, the schema cookie, the counter for which the size is valid, and the version of SQLite that wrote
last: https://www.sqlite.org/fileformat2.html, section 1.3."""
DIGITS = 64
"""How long a sum is: those of older records are as long."""


def never() -> bool:
    """Of what is wanted in any case."""
    return False


@frozen
class Pieces:
    """The size of a file, and the sums of its pieces in their order."""

    path: Path
    size: int
    sums: tuple[bytes, ...]

    @property
    def sum(self) -> str:
        """The sum of the file."""
        return _sum_of([self])


def content_sum(file: BinaryIO, path: Path, like: Pieces | None = None) -> str:
    """A sum over the bytes of a database and of what its WAL holds; the same only if all of them are.

    Args:
        file: the database, opened before any connection to it and closed after the last one: closing it earlier
            would drop the locks that this process holds on it.
        like: a file in which most of the pieces may stand as they do here.
    """
    with _with_wal(file, path) as files:
        return _sum_of([_pieces_of(path, each, never, like if each is file else None) for each in files])


def has_content(file: BinaryIO, path: Path, told: str | None) -> bool:
    """True if a database and its WAL are those of a sum; never of None."""
    if told is None:
        return False
    with _with_wal(file, path) as files:
        return _is_sum_of(path, files, told)


def file_pieces(path: Path, is_over: Over = never, threads: int | None = None) -> Pieces:
    """The sums of the pieces of a file on which no connection of this process holds a lock.

    Args:
        threads: how many work at it; one for each core if not given.
    """
    with path.open("rb", buffering=0) as file:
        return _pieces_of(path, file, is_over, threads=threads)


def is_file(path: Path, told: str) -> bool:
    """True if such a file is that of a sum."""
    with path.open("rb", buffering=0) as file:
        return _is_sum_of(path, [file], told)


def copy_file(file: BinaryIO, target: Path, progress: Callable[[int, int], object] | None = None) -> bool:
    """Copy a file that nobody may write to into one that is empty.

    Args:
        progress: called with how many bytes are still to be copied, and how many there are.

    Returns:
        True if they hold the same bytes: each block is read again once it is written.
    """
    size, source = os.fstat(file.fileno()).st_size, _Shared(file)
    main, done = threading.current_thread(), [0]
    with target.open("r+b", buffering=0) as made:
        copy = _Shared(made)

        def work(at: int, end: int, is_over: Over) -> bool:
            same = True
            for place, block in source.blocks(at, end, is_over):
                copy.write(place, block)
                same = same and copy.read(place, len(block)) == block
            done[0] += end - at
            if progress and threading.current_thread() is main:
                progress(size - done[0], size)
            return same

        return all(_in_pieces(size, work, never)) and os.fstat(made.fileno()).st_size == size


@contextmanager
def _with_wal(file: BinaryIO, path: Path) -> Iterator[list[BinaryIO]]:
    """A database, and its WAL where that holds anything."""
    wal = path.with_name(path.name + "-wal")
    with ExitStack() as stack:
        has_wal = wal.exists() and wal.stat().st_size
        yield [file, stack.enter_context(wal.open("rb"))] if has_wal else [file]


def _is_sum_of(path: Path, files: Sequence[BinaryIO], told: str) -> bool:
    if told.startswith(OF_CONTENT):
        return told == _sum_of([_pieces_of(path, file, never) for file in files])
    if told.startswith(IN_PIECES):
        return told == _sum_of([_pieces_with_counters(path, file) for file in files], IN_PIECES)
    return told == _sum_of_older(files)


def _sum_of_older(files: Sequence[BinaryIO]) -> str:
    """The sum that records held before there were pieces."""
    digest = _digest()
    for file in files:
        file.seek(0)
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _digest() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=DIGITS // 2)


def _without_counters(first: bytes) -> bytes:
    """The first bytes of a file, of a database with zeros in place of its counters."""
    if not first.startswith(HEADER):
        return first
    kept = bytearray(first)
    for start, end in COUNTERS:
        kept[start:end] = bytes(end - start)
    return bytes(kept)


def _sum_of(files: Sequence[Pieces], letter: str = OF_CONTENT) -> str:
    digest = _digest()
    for file in files:
        digest.update(file.size.to_bytes(8, "big"))
        for piece in file.sums:
            digest.update(piece)
    return (letter + digest.hexdigest())[:DIGITS]


def _pieces_with_counters(path: Path, file: BinaryIO) -> Pieces:
    """The sums of the pieces of a file as older records have them."""
    size, own = os.fstat(file.fileno()).st_size, _Shared(file)
    ends = ((start, min(start + PIECE, size)) for start in range(0, size, PIECE))
    return Pieces(path, size, tuple(_sum_of_piece(own.blocks(*some, never)) for some in ends))


def _sum_of_piece(blocks: Iterable[tuple[int, bytes]]) -> bytes:
    digest = _digest()
    for _, block in blocks:
        digest.update(block)
    return digest.digest()


def _pieces_of(
    path: Path, file: BinaryIO, is_over: Over, like: Pieces | None = None, threads: int | None = None
) -> Pieces:
    """The sums of the pieces of a file; of a piece that stands in another one, the sum that this has."""
    size, own = os.fstat(file.fileno()).st_size, _Shared(file)
    with ExitStack() as stack:
        other: _Shared | None = None
        with suppress(OSError):
            other = _Shared(stack.enter_context(like.path.open("rb", buffering=0))) if like else None

        def work(at: int, end: int, is_over: Over) -> bytes:
            there = like is not None and end == min(at + PIECE, like.size)
            if other and like and there and _are_same(own, other, at, end, is_over):
                return like.sums[at // PIECE]
            blocks = own.blocks(at, end, is_over)
            return _sum_of_piece((place, block if place else _without_counters(block)) for place, block in blocks)

        return Pieces(path, size, tuple(_in_pieces(size, work, is_over, threads)))


def _are_same(one: _Shared, other: _Shared, at: int, end: int, is_over: Over) -> bool:
    """True if two files hold the same bytes from one place to another."""
    return all(block == other.read(place, len(block)) for place, block in one.blocks(at, end, is_over))


class _Shared:
    """A file without a buffer that several threads use, each at its own place."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._lock = file, threading.Lock()

    def read(self, at: int, size: int) -> bytes:
        """So many bytes, or those up to the end of the file."""
        found = []
        while size and (block := self._read(at, size)):
            found.append(block)
            at, size = at + len(block), size - len(block)
        return found[0] if len(found) == 1 else b"".join(found)

    def _read(self, at: int, size: int) -> bytes:
        if sys.platform != "win32":
            return os.pread(self._file.fileno(), size, at)
        with self._lock:
            self._file.seek(at)
            return self._file.read(size)

    def blocks(self, at: int, end: int, is_over: Over) -> Iterator[tuple[int, bytes]]:
        """What stands between two places, in blocks with the place of each; KeyboardInterrupt once it is over."""
        while at < end and (block := self.read(at, min(BLOCK, end - at))):
            if is_over():
                raise KeyboardInterrupt
            yield at, block
            at += len(block)

    def write(self, at: int, block: bytes) -> None:
        """Write all of a block."""
        while block:
            written = self._write(at, block)
            at, block = at + written, block[written:]

    def _write(self, at: int, block: bytes) -> int:
        if sys.platform != "win32":
            return os.pwrite(self._file.fileno(), block, at)
        with self._lock:
            self._file.seek(at)
            return self._file.write(block)


def _in_pieces(size: int, work: Callable[[int, int, Over], T], is_over: Over, threads: int | None = None) -> list[T]:
    """What some work gives for each piece of a file, which threads share out among them.

    Args:
        work: is given where a piece begins and ends, and what says that nobody wants it any more.
    """
    starts = range(0, size, PIECE)
    found: dict[int, T] = {}
    workers = min(threads or cores(), len(starts))

    def share(first: int, is_over_here: Over) -> None:
        for start in starts[first::workers]:
            found[start] = work(start, min(start + PIECE, size), lambda: is_over() or is_over_here())

    with ExitStack() as stack:
        others = [stack.enter_context(meanwhile(partial(share, number))) for number in range(1, workers)]
        if workers:
            share(0, never)
        for wait in others:
            wait()
    return [found[start] for start in starts]


@contextmanager
def meanwhile(
    work: Callable[[Over], T], done: threading.Event | None = None, size: int = SMALL
) -> Iterator[Callable[[], T]]:
    """Work something out in a thread of its own while the block does something else: hashing lets others run.

    Args:
        work: is told how to ask whether the block has ended; then nobody wants it any more.
        done: is set when the answer is there, or that there is none.
        size: the bytes that it is about; where they are few, it is done when the answer is waited for.

    Yields what waits for the answer, and raises what went wrong with it.
    """
    over, told, failed = threading.Event(), list[T](), list[BaseException]()

    def run() -> None:
        try:
            told.append(work(over.is_set))
        except BaseException as error:  # it is raised where the answer is wanted
            failed.append(error)
        if done:
            done.set()

    def wait() -> T:
        if size >= SMALL:
            thread.join()
        elif not told and not failed:
            run()
        if failed:
            raise failed[0]
        return told[0]

    thread = threading.Thread(target=run)
    if size >= SMALL:
        thread.start()
    try:
        yield wait
    finally:
        over.set()
        if size >= SMALL:
            thread.join()
