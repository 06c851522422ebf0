"""What SQLite's errors about a file as a whole mean, and what can be done about them."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlfix.errors import Locked, Malformed, NotADatabase, Refused, SqlfixError
from sqlfix.model.values import NotUtf8
from sqlfix.sqlite.deadline import stop_if_interrupted
from sqlfix.sqlite.lacking import UnreadableSchema, in_words

RECOVER = "work on a copy; `sqlite3 {path} .recover` can save the rows that are left"


@contextlib.contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file as a whole into errors that say what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(path, error) from error
    except UnicodeDecodeError as error:  # what SQLite said names something
        if error.object.startswith(b"malformed"):
            raise Malformed(
                f"{path} is malformed: its schema holds text that cannot be read", RECOVER.format(path=path)
            ) from error
        said = str(NotUtf8(bytes(error.object))).removeprefix("access to ").removesuffix(" is prohibited")
        raise Refused(
            f"a name in {path} is not UTF-8, so this cannot be done: {said}",
            "the sqlite3 shell can rename it: ALTER TABLE … RENAME, with the bytes as they are",
        ) from error


def explain(path: Path, error: sqlite3.Error) -> SqlfixError:
    """The SqlfixError for an error of SQLite that concerns the whole file."""
    stop_if_interrupted(error)
    if isinstance(error, UnreadableSchema):
        return SqlfixError(f"{path} {error.what}", error.hint)
    text, name = str(error), error_name(error)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "locked" in text:
        return Locked(
            f"{path} is locked: another program is using it",
            "close the application that uses it, or wait longer with --timeout SECONDS",
        )
    if name.startswith("SQLITE_NOTADB") or "not a database" in text:
        return NotADatabase(f"{path} is not an SQLite database (it may be encrypted, or damaged)")
    if name == "SQLITE_CORRUPT_INDEX":
        return Malformed(
            f"an index of {path} disagrees with its table; nothing was changed",
            f"an index can be rebuilt without loss: sqlite3 {path} REINDEX",
        )
    if name.startswith("SQLITE_CORRUPT") or text.endswith("disk image is malformed"):
        return Malformed(f"{path} is malformed: {text}", RECOVER.format(path=path))
    if name.startswith("SQLITE_FULL"):
        return SqlfixError(f"no room left on the disk while working on {path}", "free some space; nothing was changed")
    if name.startswith("SQLITE_IOERR"):
        return SqlfixError(f"the disk failed while working on {path}: {text}", "is it full? nothing was changed")
    if name.startswith("SQLITE_READONLY"):
        return SqlfixError(f"{path} cannot be written: {text}", "check the permissions of the file and its folder")
    if name.startswith("SQLITE_CANTOPEN"):
        return SqlfixError(f"{path} cannot be opened: {text}", "check the permissions of the file and its folder")
    return SqlfixError(f"SQLite cannot work with {path}: {in_words(error)}")


def error_name(error: sqlite3.Error) -> str:
    """SQLite's name of an error, such as ``SQLITE_BUSY``; empty for one that Python itself has raised."""
    return getattr(error, "sqlite_errorname", None) or ""


def is_of_whole_file(error: sqlite3.Error) -> bool:
    """True for an error that is no matter of the one table or check that met it first."""
    whole = ("SQLITE_BUSY", "SQLITE_CORRUPT", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_NOTADB")
    return error_name(error).startswith(whole)


def require_refusal(error: sqlite3.Error) -> None:
    """Raise an error that says nothing of the statement: Ctrl-C, or the disk. All others are a refusal."""
    stop_if_interrupted(error)
    if is_of_the_disk(error):
        raise error


def is_of_the_disk(error: sqlite3.Error) -> bool:
    """True for an error that says nothing of a table or a statement: a full or failing disk, a locked file."""
    name = error_name(error)
    return name.startswith(("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_NOMEM"))
