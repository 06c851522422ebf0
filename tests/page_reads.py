"""Counting how often each page of a database file is read from it: a VFS that stands before SQLite's own."""

from __future__ import annotations

import _sqlite3
import contextlib
import ctypes
import sqlite3
from collections import Counter, OrderedDict
from collections.abc import Iterator
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_int64, c_void_p, cast
from pathlib import Path

MAIN_DB = 0x100
"""SQLITE_OPEN_MAIN_DB: https://www.sqlite.org/c3ref/c_open_autoproxy.html."""
READ = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
FETCH = CFUNCTYPE(c_int, c_void_p, c_int64, c_int, POINTER(c_void_p))
OPEN = CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p, c_int, c_void_p)


class Methods(Structure):
    """What can be done with an open file; in its third version it can be mapped into memory.

    https://www.sqlite.org/c3ref/io_methods.html
    """

    _fields_ = [
        ("version", c_int), ("close", c_void_p), ("read", c_void_p), ("others", c_void_p * 14), ("fetch", c_void_p),
        ("unfetch", c_void_p),
    ]  # fmt: skip


class Vfs(Structure):
    """https://www.sqlite.org/c3ref/vfs.html."""

    _fields_ = [
        ("version", c_int), ("file_size", c_int), ("most", c_int), ("next", c_void_p), ("name", c_char_p),
        ("data", c_void_p), ("open", c_void_p), ("others", c_void_p * 17),
    ]  # fmt: skip


def library() -> ctypes.CDLL | None:
    """The SQLite that Python's module is linked with; None where it cannot be reached."""
    try:
        found = ctypes.CDLL(_sqlite3.__file__)
        found.sqlite3_libversion.restype, found.sqlite3_vfs_find.restype = c_char_p, POINTER(Vfs)
        found.sqlite3_vfs_register.argtypes = [POINTER(Vfs), c_int]
        return found if found.sqlite3_libversion().decode() == sqlite3.sqlite_version else None
    except (AttributeError, OSError):
        return None


def trees_of(path: Path, page: int = 4096) -> dict[str, set[int]]:
    """The numbers of the pages of each table and index, without those that hold nothing but a long row.

    https://www.sqlite.org/fileformat2.html#b_tree_pages
    """
    content = path.read_bytes()

    def number(place: int, length: int = 4) -> int:
        return int.from_bytes(content[place : place + length], "big")

    def pages(root: int) -> Iterator[int]:
        start = (root - 1) * page
        yield root
        if content[start] in (2, 5):  # it has children: one before each cell, and one after all
            cells = [number(start + 12 + 2 * place, 2) for place in range(number(start + 3, 2))]
            for child in (*(number(start + cell) for cell in cells), number(start + 8)):
                yield from pages(child)

    with contextlib.closing(sqlite3.connect(path)) as connection:
        roots = connection.execute("SELECT name, rootpage FROM sqlite_master WHERE rootpage").fetchall()
    return {name: set(pages(root)) for name, root in roots}


class Memory:
    """How often each page was read, by its number, where so many others are kept in memory: those used last.

    SQLite's own cache is before it, where a file is not mapped; where it is, this stands for the system's.
    """

    def __init__(self, most: int) -> None:
        self.reads: Counter[int] = Counter()
        self._most = most
        self._kept: OrderedDict[int, None] = OrderedDict()

    def use(self, page: int) -> None:
        """Called when a page is asked for."""
        if page in self._kept:
            self._kept.move_to_end(page)
            return
        self.reads[page] += 1
        if self._most:
            self._kept[page] = None
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)


@contextlib.contextmanager
def counted_reads(most: int = 0, page: int = 4096) -> Iterator[Counter[int]]:
    """While the block runs, how often each page was read of all database files that are opened in it, by its number.

    What is read of a file is no page where it has another length.

    Args:
        most: how many pages are kept in memory of files that are mapped into it; if 0, none is mapped.
    """
    sqlite = library()
    assert sqlite is not None
    own = sqlite.sqlite3_vfs_find(None)
    memory = Memory(most)
    kept: list[object] = []
    open_file = cast(own.contents.open, OPEN)

    def opened(_: int, name: bytes, file: int, flags: int, out: int) -> int:
        result = open_file(cast(own, c_void_p).value, name, file, flags, out)
        if result == 0 and flags & MAIN_DB:
            place = cast(file, POINTER(POINTER(Methods)))
            methods = Methods()
            ctypes.memmove(byref(methods), place[0], ctypes.sizeof(Methods))
            read, fetch = cast(methods.read, READ), cast(methods.fetch, FETCH)

            def reading(which: int, into: int, length: int, offset: int) -> int:
                if length == page:
                    memory.use(offset // page + 1)
                return int(read(which, into, length, offset))

            def fetching(which: int, offset: int, length: int, found: ctypes._Pointer[c_void_p]) -> int:
                result = int(fetch(which, offset, length, found))
                if result == 0 and found[0]:
                    memory.use(offset // page + 1)
                return result

            read_too, fetch_too = READ(reading), FETCH(fetching)
            methods.version = methods.version if most else min(methods.version, 2)
            methods.read, methods.fetch = cast(read_too, c_void_p).value, cast(fetch_too, c_void_p).value
            kept.extend((methods, read_too, fetch_too))
            place[0] = ctypes.pointer(methods)
        return int(result)

    called = OPEN(opened)
    vfs = Vfs()
    ctypes.memmove(byref(vfs), own, ctypes.sizeof(Vfs))
    vfs.name, vfs.open, vfs.next = b"counting", cast(called, c_void_p).value, None
    sqlite.sqlite3_vfs_register(byref(vfs), 1)
    try:
        yield memory.reads
    finally:
        sqlite.sqlite3_vfs_register(own, 1)
        sqlite.sqlite3_vfs_unregister(byref(vfs))
