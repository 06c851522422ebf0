"""Sums over the bytes of files, by which an undo knows the backup and the file that a change left."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

Over = Callable[[], bool]
"""Says whether what is being worked out is not wanted any more."""


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
    digest = hashlib.blake2b(digest_size=32)
    _add(digest, file, is_over)
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        with wal.open("rb") as side:
            _add(digest, side, is_over)
    return digest.hexdigest()


def _add(digest: hashlib.blake2b, file: BinaryIO, is_over: Over) -> None:
    file.seek(0)
    while not is_over() and (block := file.read(1 << 20)):
        digest.update(block)


def file_sum(path: Path, is_over: Over = never) -> str:
    """A sum over the bytes of a file that no connection of this process has open."""
    with path.open("rb") as file:
        digest = hashlib.blake2b(digest_size=32)
        _add(digest, file, is_over)
        return digest.hexdigest()


@contextmanager
def meanwhile(work: Callable[[Over], str]) -> Iterator[Callable[[], str]]:
    """Work a sum out in a thread of its own while the block does something else: hashing lets others run.

    Args:
        work: is told how to ask whether the block has ended; then nobody wants the sum any more.

    Yields:
        what waits for the sum, and raises what went wrong with it.
    """
    over = threading.Event()
    told: list[str] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            told.append(work(over.is_set))
        except BaseException as error:  # it is raised where the sum is wanted
            failed.append(error)

    def wait() -> str:
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
