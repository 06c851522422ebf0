"""Sums over the bytes of files, by which an undo knows the backup and the file that a change left.

A sum is that of the sums of pieces, so that several threads can work at one file. It begins with a letter that no sum
of an older record has: those are over all bytes one after the other, and are compared with such sums.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from sqlfix.sqlite.snapshot import cores

T = TypeVar("T")
Over = Callable[[], bool]
"""Says whether what is being worked out is not wanted any more."""
PIECE, BLOCK = 16 << 20, 1 << 20
"""The bytes of a piece, and how many are read at a time."""
IN_PIECES = "p"
"""The first letter of a sum over pieces."""
DIGITS = 64
"""How long a sum is: those of older records are as long."""


def never() -> bool:
    """Of what is wanted in any case."""
    return False


def content_sum(file: BinaryIO, path: Path, is_over: Over = never) -> str:
    """A sum over the bytes of a database and of what its WAL holds; the same only if all of them are.

    Args:
        file: the database, opened before any connection to it and closed after the last one: closing it earlier
            would drop the locks that this process holds on it.
        is_over: true once nobody wants the sum any more.
    """
    with _with_wal(file, path) as files:
        return _sum_of(files, is_over)


def has_content(file: BinaryIO, path: Path, told: str | None) -> bool:
    """True if a database and its WAL are those of a sum; never of None."""
    if told is None:
        return False
    with _with_wal(file, path) as files:
        return _is_sum_of(files, told)


def file_sum(path: Path, is_over: Over = never) -> str:
    """A sum over the bytes of a file on which no connection of this process holds a lock."""
    with path.open("rb") as file:
        return _sum_of([file], is_over)


def is_file(path: Path, told: str) -> bool:
    """True if such a file is that of a sum."""
    with path.open("rb") as file:
        return _is_sum_of([file], told)


@contextmanager
def _with_wal(file: BinaryIO, path: Path) -> Iterator[list[BinaryIO]]:
    """A database, and its WAL where that holds anything."""
    wal = path.with_name(path.name + "-wal")
    with ExitStack() as stack:
        has_wal = wal.exists() and wal.stat().st_size
        yield [file, stack.enter_context(wal.open("rb"))] if has_wal else [file]


def _is_sum_of(files: Sequence[BinaryIO], told: str) -> bool:
    return told == (_sum_of(files, never) if told.startswith(IN_PIECES) else _sum_of_older(files))


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


def _sum_of(files: Sequence[BinaryIO], is_over: Over) -> str:
    digest = _digest()
    for file in files:
        size = os.fstat(file.fileno()).st_size
        digest.update(size.to_bytes(8, "big"))
        for piece in _sums_of_pieces(file, size, is_over):
            digest.update(piece)
    return (IN_PIECES + digest.hexdigest())[:DIGITS]


def _sums_of_pieces(file: BinaryIO, size: int, is_over: Over) -> list[bytes]:
    """The sum of each piece of a file."""
    starts, lock = range(0, size, PIECE), threading.Lock()
    found = [b""] * len(starts)
    workers = min(cores(), len(starts))

    def work(first: int, is_over: Over) -> None:
        for place in range(first, len(starts), workers):
            found[place] = _sum_of_piece(file, starts[place], lock, is_over)

    with ExitStack() as stack:
        others = [stack.enter_context(meanwhile(partial(work, number))) for number in range(1, workers)]
        if workers:
            work(0, is_over)
        for wait in others:
            wait()
    return found


def _sum_of_piece(file: BinaryIO, start: int, lock: threading.Lock, is_over: Over) -> bytes:
    digest, at, end = _digest(), start, start + PIECE
    while at < end and not is_over():
        with lock:  # the threads share the place at which the file is read
            file.seek(at)
            block = file.read(min(BLOCK, end - at))
        if not block:
            break
        digest.update(block)
        at += len(block)
    return digest.digest()


@contextmanager
def meanwhile(work: Callable[[Over], T]) -> Iterator[Callable[[], T]]:
    """Work something out in a thread of its own while the block does something else: hashing lets others run.

    Args:
        work: is told how to ask whether the block has ended; then nobody wants it any more.

    Yields:
        what waits for the answer, and raises what went wrong with it.
    """
    over = threading.Event()
    told: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            told.append(work(over.is_set))
        except BaseException as error:  # it is raised where the answer is wanted
            failed.append(error)

    def wait() -> T:
        thread.join()
        for error in failed:
            raise error
        return told[0]

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield wait
    finally:
        over.set()
        thread.join()
