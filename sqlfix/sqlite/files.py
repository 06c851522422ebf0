"""Files that sqlfix makes beside a database: whole under their final name, private, and never in another's way."""

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlfix.errors import SqlfixError
from sqlfix.sqlite import interrupts

SIDES = ("", "-journal", "-wal", "-shm")


def stamped(database: Path, pattern: str, now: datetime | None = None) -> Path:
    """A path beside the database that is not there yet.

    Args:
        pattern: the end of the name, in which ``{}`` stands for the time in UTC, as in ``20260102T030405Z``.
    """
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    path = database.with_name(database.name + pattern.format(stamp))
    number = 1
    while os.path.lexists(path) or os.path.lexists(path.with_name(path.name + ".partial")):
        number += 1
        path = database.with_name(database.name + pattern.format(f"{stamp}-{number}"))
    return path


@contextlib.contextmanager
def new_file(target: Path, like: Path, what: str) -> Iterator[Path]:
    """Make a file that appears under its final name only when it is whole and on the disk.

    The block fills the path that it is given, ``target`` with ``.partial`` after it. The file is readable by nobody
    who could not read ``like``, a link that was put in its place is not followed, and a file that is there already is
    never overwritten. If the block fails, nothing is left of it.

    Args:
        like: the file whose owner and permissions it gets.
        what: what to call it in an error, such as ``backup``.

    Raises:
        SqlfixError: where it cannot be made.
    """
    partial = target.with_name(target.name + ".partial")
    other = f", or {elsewhere(like, target)}" if what == "backup" else ""
    no_room = f"nothing was changed; free some space{other}"
    with interrupts.giving_back() as stack:
        with interrupts.held():
            _create(like, partial, target, what, other)
            stack.callback(_remove_partial, partial)
        try:
            yield partial
            with interrupts.held():  # a signal between the two would leave the file under both names
                _give_name(like, partial, target)
                _remove_partial(partial)
        except OSError as error:
            raise SqlfixError(f"the {what} {target} cannot be written: {error.strerror or error}", no_room) from error


@interrupts.held()
def unfinished(database: Path) -> frozenset[Path]:
    """The files beside a database that a run is making, or that one left as it was killed.

    They are made by who holds the write lock of the database, but for the backup of a large one, which a run may make
    while it is still planning. So one that was there before the lock was had, and is there still, was left, or is that
    of such a run. Nothing removes it: whose it is, only its name says.
    """
    own = re.compile(rf"{re.escape(database.name)}\.(backup-|sqlfix-|dropped-)\d{{8}}T\d{{6}}Z.*\.partial")
    with contextlib.suppress(OSError):
        return frozenset(path for path in database.parent.iterdir() if own.fullmatch(path.name))
    return frozenset()


def _remove_partial(partial: Path) -> None:
    for suffix in SIDES:
        with contextlib.suppress(OSError):
            partial.with_name(partial.name + suffix).unlink()


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that only this user can look into, and that goes away with all that is in it.

    Raises:
        SqlfixError: where it cannot be made.
    """
    import tempfile  # with what it loads it takes 2 ms, and most runs make no folder

    with interrupts.giving_back() as stack:
        try:
            with interrupts.held():
                made = tempfile.TemporaryDirectory(prefix="sqlfix-", ignore_cleanup_errors=True)
                stack.callback(made.cleanup)
        except OSError as error:
            raise SqlfixError(
                f"cannot create a temporary folder: {error.strerror or error}",
                "nothing was changed; free some space, or name another folder with TMPDIR",
            ) from error
        yield Path(made.name)


def _create(like: Path, partial: Path, target: Path, what: str, other: str) -> None:
    place = target.parent.resolve() / target.name
    for suffix in SIDES[1:]:
        if place == like.with_name(like.name + suffix):
            raise SqlfixError(
                f"{target} is a name that SQLite itself uses for a file beside the database", "name another path"
            )
        stray = target.with_name(target.name + suffix)  # SQLite would take it for the new file's own
        if os.path.lexists(stray):
            raise SqlfixError(f"{stray} is in the way: it belongs to another database", "name another path")
    if os.path.lexists(target):
        raise SqlfixError(f"{target} exists already, and a {what} never overwrites a file", "name another path")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600))
    except FileExistsError:
        raise SqlfixError(
            f"{partial} is in the way: another {what} is running, or one was cut off", "remove it"
        ) from None
    except OSError as error:
        is_gone = isinstance(error, FileNotFoundError)
        do = "make that folder first" if is_gone else "check the permissions of the folder"
        raise SqlfixError(
            f"the {what} cannot be written to {target.parent}: {error.strerror or error}",
            f"nothing was changed; {do}{other}",
        ) from None


def elsewhere(database: Path, backup: Path) -> str:
    """How to put a backup elsewhere than beside its database; where that was done, it is said no more how."""
    beside = backup.parent.resolve() == database.parent.resolve()
    is_usual = beside and backup.name.startswith(f"{database.name}.backup-")
    return "put the backup elsewhere with --backup-to PATH" if is_usual else "name another place for the backup"


def _give_name(like: Path, partial: Path, target: Path) -> None:
    status = like.stat()
    descriptor = os.open(partial, os.O_RDWR)
    try:
        if hasattr(os, "fchmod"):
            with contextlib.suppress(OSError):
                os.fchown(descriptor, status.st_uid, status.st_gid)
            same_group = os.fstat(descriptor).st_gid == status.st_gid
            os.fchmod(descriptor, stat.S_IMODE(status.st_mode) & (0o666 if same_group else 0o606))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(partial, target)  # unlike a rename, it never replaces a file that came into being meanwhile
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(target):
            raise
        partial.rename(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that a new name in a folder is on the disk, where the system knows such a thing."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
