"""Counting how often each page of a database file is read from it: a VFS that stands before SQLite's own."""

from __future__ import annotations

import _sqlite3
import contextlib
import ctypes
import sqlite3
from collections import Counter
from collections.abc import Iterator
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_int64, c_void_p, cast

MAIN_DB = 0x100
"""SQLITE_OPEN_MAIN_DB: https://www.sqlite.org/c3ref/c_open_autoproxy.html."""
READ = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
OPEN = CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p, c_int, c_void_p)


class Methods(Structure):
    """What can be done with an open file; in its third version it can be mapped into memory.

    https://www.sqlite.org/c3ref/io_methods.html
    """

    _fields_ = [("version", c_int), ("close", c_void_p), ("read", c_void_p), ("others", c_void_p * 16)]


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


@contextlib.contextmanager
def counted_reads(page: int = 4096) -> Iterator[Counter[int]]:
    """While the block runs, how often each page was read of all database files that are opened in it, by its number.

    They are not mapped into memory then. What is read of a file is no page where it has another length.
    """
    sqlite = library()
    assert sqlite is not None
    own = sqlite.sqlite3_vfs_find(None)
    reads: Counter[int] = Counter()
    kept: list[object] = []
    open_file = cast(own.contents.open, OPEN)

    def opened(_: int, name: bytes, file: int, flags: int, out: int) -> int:
        result = open_file(cast(own, c_void_p).value, name, file, flags, out)
        if result == 0 and flags & MAIN_DB:
            place = cast(file, POINTER(POINTER(Methods)))
            methods = Methods()
            ctypes.memmove(byref(methods), place[0], ctypes.sizeof(Methods))
            read = cast(methods.read, READ)

            def counting(which: int, into: int, length: int, offset: int) -> int:
                if length == page:
                    reads[offset // page + 1] += 1
                return int(read(which, into, length, offset))

            called = READ(counting)
            methods.version, methods.read = min(methods.version, 2), cast(called, c_void_p).value
            kept.extend((methods, called))
            place[0] = ctypes.pointer(methods)
        return int(result)

    called = OPEN(opened)
    vfs = Vfs()
    ctypes.memmove(byref(vfs), own, ctypes.sizeof(Vfs))
    vfs.name, vfs.open, vfs.next = b"counting", cast(called, c_void_p).value, None
    sqlite.sqlite3_vfs_register(byref(vfs), 1)
    try:
        yield reads
    finally:
        sqlite.sqlite3_vfs_register(own, 1)
        sqlite.sqlite3_vfs_unregister(byref(vfs))
