"""One change of a file, a repair or an undo: under the write lock, after a backup, and with its record on the disk."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import field
from pathlib import Path
from typing import BinaryIO

from sqlfix.errors import SqlfixError
from sqlfix.frozen import frozen
from sqlfix.model.plans import Fix
from sqlfix.model.schema import Schema
from sqlfix.repair.archive import Archive
from sqlfix.repair.backup import (
    Backup,
    Early,
    Making,
    Progress,
    being_made,
    make_backup,
    place_of_backup,
    require_sound,
    whole,
)
from sqlfix.repair.record import finish, new_record, record_path
from sqlfix.repair.sums import Pieces, content_sum
from sqlfix.sqlite import interrupts
from sqlfix.sqlite.connect import data_version, writing
from sqlfix.sqlite.failures import explain
from sqlfix.sqlite.odd_files import require_database
from sqlfix.sqlite.stamps import stamp_of


@frozen
class Watcher:
    """Whom to tell of the progress: of the backup's pages, of the fixes, and ten times a second while SQLite works.

    ``sign`` may raise to stop the work: nothing is changed then.
    """

    backup: Progress | None = None
    fix: Callable[[int, Fix], object] | None = None
    sign: Callable[[], object] | None = None


@frozen
class ChangeOptions:
    """How a file is changed.

    ``backup``: make a verified backup first, at ``backup_to`` (a folder gets the usual name in it) or else beside the
    database; ``record_to`` is where the record goes, if not beside it. ``timeout`` are the seconds to wait for another
    program's lock. ``first`` is called once the file is locked and the backup made, before a change of the schema; it
    may raise to stop it. ``early`` may have made the backup already.
    """

    backup: bool = True
    backup_to: Path | None = None
    record_to: Path | None = None
    timeout: float = 5.0
    watcher: Watcher = Watcher()
    first: Callable[[sqlite3.Connection], object] | None = None
    early: Early | None = None


USUAL = ChangeOptions()
"""After a backup, which lies beside the database as the record does."""


@frozen
class Change:
    """A file that is locked for one change, from before its backup until its record is finished.

    ``raw`` is the file itself, opened before the connection; ``stack`` holds what is to be given back at the end.
    """

    path: Path
    connection: sqlite3.Connection
    raw: BinaryIO
    options: ChangeOptions
    backup_to: Path | None
    record_to: Path
    stack: ExitStack = field(default_factory=ExitStack)

    def stamp(self) -> str | None:
        """What tells whether the file is still as it was when a plan was made, see `stamps`."""
        return stamp_of(self.raw, self.path)

    def back_up(self, schema: Schema) -> Backup:
        """Make the backup, if one is wanted."""
        if self.backup_to is None:
            return Backup()
        with suppress(SqlfixError, sqlite3.Error, OSError), ExitStack() as stack:
            if making := self._begun(stack):
                return making.done()
        raw = whole(self.raw, self.connection)
        return make_backup(self.path, self.backup_to, schema, self.options.watcher.backup, raw)

    def _begun(self, stack: ExitStack) -> Making | None:
        """The backup that was begun before the file was locked, if it is of what is locked."""
        return self.options.early.taken(self.stamp(), stack) if self.options.early else None

    @contextmanager
    def backing_up(self, schema: Schema) -> Iterator[Making]:
        """The same, while the block does what need not wait for it: see `being_made`.

        Without a backup, the file itself is verified first.
        """
        if self.backup_to is None:
            require_sound(self.connection, self.path)
            yield Making()
            return
        with ExitStack() as stack:
            if (making := self._begun(stack)) is None:
                raw = whole(self.raw, self.connection)
                asked = being_made(self.path, self.backup_to, schema, self.options.watcher.backup, raw)
                making = stack.enter_context(asked)
            yield making

    def commit(
        self,
        archive: Archive,
        about: Mapping[str, str | None],
        script: tuple[str, ...],
        made: Backup,
        deed: Callable[[], object],
    ) -> None:
        """Write the record, do what commits the change, and note in the record that it was done.

        Args:
            about: what the record says beside the rows of the archive, and of the backup.
            deed: commits; no signal comes between it and the note.
        """
        version = data_version(self.connection)
        with ExitStack() as late:
            with new_record(archive, self.path, self.record_to, {**about, **made.told()}, script):
                late.enter_context(interrupts.held())
                deed()
            finish(self.record_to, self._sum_after(version, made.pieces))

    def _sum_after(self, version: int, like: Pieces | None) -> str | None:
        """The content sum of the file as a commit has just left it; None if somebody has written to it since.

        Args:
            version: its data version inside the transaction that was committed.
            like: the backup.
        """
        try:
            if self.connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                is_same = data_version(self.connection) == version
                return content_sum(self.raw, self.path, like=like) if is_same else None
            finally:
                self.connection.execute("ROLLBACK")
        except (sqlite3.Error, OSError):
            return None


def begin_to_write(path: Path) -> None:
    """Begin a job; raise SqlfixError for a file that may not be written: SQLite would notice at the first change."""
    interrupts.begin()
    if not os.access(path, os.W_OK):
        raise SqlfixError(
            f"no permission to write {path.resolve()}", "nothing was changed; check the permissions of the file"
        )


@contextmanager
def changing(database: Path, options: ChangeOptions) -> Iterator[Change]:
    """Lock a file for a change; what goes wrong in the block leaves it as it was.

    The write lock is taken first, so that the backup is of the very state that is changed, and nobody can write in
    between.

    Raises:
        SqlfixError: also for an error of SQLite's in the block; nothing was changed.
    """
    beside = database.resolve() if database.is_symlink() else database
    backup_to = place_of_backup(beside, options.backup_to) if options.backup else None
    record_to, path = options.record_to or record_path(beside), database.resolve()
    with interrupts.giving_back() as stack:
        require_database(path)
        raw = stack.enter_context(path.open("rb", buffering=0))  # a buffer would show what stood there before
        connection = stack.enter_context(writing(path, options.timeout, options.watcher.sign))
        try:
            yield Change(path, connection, raw, options, backup_to, record_to, stack)
        except sqlite3.Error as error:
            raise explain(path, error) from error


def commit(connection: sqlite3.Connection) -> None:
    """Commit; from then on a Ctrl-C comes too late, and is not taken for one that stopped it."""
    connection.execute("COMMIT")
    interrupts.note_commit()
