"""The statements of each step of a change of the schema, written while they are run on an empty copy."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from sqlfix.errors import Refused
from sqlfix.model.plans import SchemaStep
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import folded
from sqlfix.plan.retyped import AtRisk, checks_at_risk
from sqlfix.plan.schema_draft import require_ordinary, require_text
from sqlfix.schema import stored_form
from sqlfix.schema.catalogue import read_schema, read_table
from sqlfix.schema.fingerprint import pragmas_of
from sqlfix.schema.stored_form import IndexChanges
from sqlfix.sql.literals import free_of, quote
from sqlfix.sql.rebuild_statements import (
    DONE,
    OBJECTS,
    AtFault,
    Copying,
    Kept,
    beginning,
    dropped,
    end,
    made_aside,
    noted,
    noticed,
    renamed,
    stale_indexes,
    text_for_now,
)
from sqlfix.sql.short_rows import PLACES, OtherValues, ShortRows
from sqlfix.sql.tokens import DdlError, has_words, tokens
from sqlfix.sqlite.deadline import overlooking
from sqlfix.sqlite.failures import is_lacking, require_refusal

STATISTICS = ("sqlite_stat1", "sqlite_stat2", "sqlite_stat3", "sqlite_stat4")
TRY = "sqlfix_step"
"""The savepoint to which a way to rebuild a table is taken back that SQLite refuses."""

Aside = Callable[[Table, Kept], Table]
"""Puts the rows of a table aside; gives the table in which they stand then."""


class Writer:
    """Runs each statement on the copy as it writes it, so that what follows knows what it led to.

    ``in_place``: where a text is enough, nothing is copied. ``copied`` are the tables whose rows are copied,
    ``written`` those of which rows are written where they stand; ``meanings`` says what it means that one fails.
    """

    def __init__(self, copy: sqlite3.Connection, steps: Iterable[SchemaStep], in_place: bool) -> None:
        names = [str(name) for (name,) in copy.execute("SELECT name FROM main.sqlite_master")]
        names += [name for step in steps for name in (step.name, step.to)]
        self.copy, self.names, self.in_place = copy, names, in_place
        self.done = free_of(DONE, names)
        self._statements: list[str] = []
        self._places = 0
        self._read: Schema | None = None
        self._texts: dict[str, list[tuple[object, ...]]] = {}
        self.copied: list[str] = []
        self.written: list[str] = []
        self.meanings: dict[str, AtFault] = {}
        self._run(beginning(self.done))

    def finish(self) -> tuple[str, ...]:
        """Write and run what comes last; all statements."""
        (objects,) = self.copy.execute(OBJECTS).fetchone()
        self._run(end(self.done, self._places, objects))
        return tuple(self._statements)

    def write(self, step: SchemaStep) -> None:
        """Write and run the statements of a step.

        Raises:
            Refused: it is not to be done.
            sqlite3.Error: SQLite refuses it.
        """
        if step.deed in ("rebuild", "rewrite", "create"):
            require_text(step)
        if step.kind == "table":
            self._of_table(step)
        elif step.deed == "create":
            self._run([step.text])
        elif step.deed == "rewrite" or step.deed == "drop":
            self._of_others(step)
        else:
            raise ValueError(f"{step.deed} of a {step.kind}")

    def _table(self, name: str) -> Table | None:
        """A table of the copy; all of the schema is read again only where what is stored of that table has changed.

        What it refers to may have changed since: nothing here goes by that.
        """
        texts = "SELECT type, name, sql FROM main.sqlite_master WHERE tbl_name = ? COLLATE NOCASE ORDER BY rowid"
        now = self.copy.execute(texts, (name,)).fetchall()
        if self._read is None or now != self._texts.get(folded(name), []):
            self._read, self._texts = read_schema(self.copy), {}
            for on, *text in self.copy.execute("SELECT tbl_name, type, name, sql FROM main.sqlite_master"):
                self._texts.setdefault(folded(str(on)), []).append(tuple(text))
        return self._read.table(name)

    def _run(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self.copy.execute(statement)
            self._statements.append(statement)

    def _of_table(self, step: SchemaStep) -> None:
        if step.deed == "create":
            self._run([step.text])
            return
        table = self._table(step.name)
        if table is None:
            raise Refused(f"there is no table {step.name}", "nothing was changed")
        require_ordinary(table, step)
        if step.deed == "drop":
            self._run([dropped("table", table.name)])
        elif step.deed == "rename":
            self._rename(table, step.to)
        elif step.deed == "rebuild":
            self._rebuild(table, step)
        else:
            raise ValueError(f"{step.deed} of a table")

    # -- tables ---------------------------------------------------------------------------------------------------

    def _rename(self, table: Table, to: str) -> None:
        kept, before = self._kept(), self._constraints_of(table.name)
        self._run([renamed(table.name, to)])
        self._run(kept.statistics_renamed("tbl", table.name, to))
        for old, new in zip(before, self._constraints_of(to), strict=True):
            self._run(kept.statistics_renamed("idx", old, new))
        if any(folded(key.parent) == folded(table.name) for key in table.foreign_keys):
            self._refer_to_itself(table.name, to)

    def _refer_to_itself(self, old: str, name: str) -> None:
        """Let the foreign keys of a table to itself follow its new name."""
        found = read_schema(self.copy).known_table(name)
        text, cut = found.sql, tokens(found.sql)
        for before, token in reversed(list(pairwise(cut))):
            if before.word == "references" and folded(token.name or "") == folded(old):
                text = f"{text[: token.start]}{quote(name)}{text[token.end :]}"
        self._rebuild(found, SchemaStep("rebuild", "table", name, text))

    def _constraints_of(self, table: str) -> list[str]:
        """The indexes that the constraints of a table have made, in order."""
        query = (
            "SELECT name FROM main.sqlite_master WHERE type = 'index' AND sql IS NULL AND tbl_name = ? ORDER BY rowid"
        )
        return [name for (name,) in self.copy.execute(query, (table,))]

    def _rebuild(self, table: Table, step: SchemaStep) -> None:
        """Rebuild a table; where it would be stored as it is, give it the text alone."""
        if table.unreadable:
            raise Refused(f"table {table.name} cannot be rebuilt: {table.unreadable}", "nothing was changed")
        before, in_place = pragmas_of(self.copy, table.name), self.in_place
        try:
            with self._trying() as take_back:
                new = self._made_anew(table, step)
                after, objects = pragmas_of(self.copy, table.name), self._objects()
                changes = stored_form.stored_change(table, new, before, after, step.values) if in_place else None
                at_risk = list(checks_at_risk(table, new, free_of("sqlfix_checked", self._names_now())))
                if changes is None and not at_risk:
                    self.copied.append(step.name)
                    return
                take_back()
        except sqlite3.Error as error:
            require_refusal(error)
            if not (in_place and not step.values and is_lacking(error) and self._keeps_form(table, before, step.text)):
                raise
            return
        self._require_kept(at_risk)
        try:
            with self._trying():
                if changes is not None:
                    self._give_text(table, new, step.text, changes)
                if changes is None or (pragmas_of(self.copy, new.name), self._objects()) != (after, objects):
                    raise sqlite3.OperationalError("the schema would be another one")
        except sqlite3.Error as error:  # also of a SQLite that lets nobody write its catalogue
            require_refusal(error)
            self._made_anew(table, step)
            self.copied.append(step.name)

    def _require_kept(self, at_risk: Iterable[AtRisk]) -> None:
        """Make sure that no row breaks a CHECK by another type or collation, though SQLite is told to let it pass."""
        for each in at_risk:
            with overlooking(sqlite3.OperationalError), self._trying():  # it calls what only its application has
                self._run(each.made)
                self._require_none(each.broken)
                self._run([each.dropped])

    def _require_none(self, at_fault: AtFault) -> None:
        self._places += 1
        statement = at_fault.none(self.done, self._places)
        self.meanings[statement] = at_fault
        self._run([statement])

    def _keeps_form(self, table: Table, before: tuple[object, ...], text: str) -> bool:
        """Give a table that SQLite cannot make here another text, if its rows are stored as that wants them.

        It calls a function of its application, or has a collation of it. What is new in the text must not.
        """
        with self._trying() as take_back:
            self._places += 1
            self._run(text_for_now(self.done, self._places, table.name, text))
            self._run(noticed(self._free_view()))
            new, after = read_table(self.copy, table.name), pragmas_of(self.copy, table.name)
            take_back()
        if new is None or not text.startswith("CREATE TABLE "):
            return False
        changes = stored_form.stored_change(table, new, before, after)
        if changes is None or not stored_form.is_only_a_text(table, new, changes):
            return False
        with self._trying():
            self._give_text(table, new, text, changes)
        return True

    @contextlib.contextmanager
    def _trying(self) -> Iterator[Callable[[], None]]:
        """A block in which what was run and written so far can be taken back."""
        so_far, places = len(self._statements), self._places

        def take_back() -> None:
            self.copy.execute(f"ROLLBACK TO {TRY}")
            del self._statements[so_far:]
            self._places = places

        self.copy.execute(f"SAVEPOINT {TRY}")
        try:
            yield take_back
        except BaseException:
            take_back()
            self.copy.execute("PRAGMA writable_schema = RESET")  # the catalogue is read as it stands there now
            raise
        finally:
            self.copy.execute(f"RELEASE {TRY}")

    def _objects(self) -> list[tuple[object, ...]]:
        """The schema as it is now, in no order."""
        return sorted(self.copy.execute("SELECT type, name, tbl_name, sql FROM main.sqlite_master"), key=repr)

    def _give_text(self, table: Table, new: Table, text: str, changes: IndexChanges) -> None:
        """Give a table another text, once its rows are known to keep to it."""
        if defaults := stored_form.other_defaults(table, new):
            aside = [free_of(name, self._names_now()) for name in ("sqlfix_short", "sqlfix_values")]
            self._write_in_full(ShortRows(table, defaults, stored_form.stored_columns(table.sql, table.sql), *aside))
        if (rows := stored_form.at_fault_by(table, new, changes.values)) is not None:
            self._require_none(rows)
        own, kept = self._belongings(table.name, "index") if changes.again else [], self._kept()
        name = free_of("sqlfix_values", self._names_now())
        others = [OtherValues(table, new.known_column(c), value, name) for c, value in changes.values.items()]
        for one in others:
            self._places += 1
            self._run(one.noted(self.done, self._places))
        moves = changes.moves(table.name, own, self._names_now())
        self._run(each for index, _ in moves.again for each in kept.statistics_aside("idx", index))
        self._run(moves.statements(self.done, self._places + 1, text, self._free_view()))
        self._places += moves.places
        for one in others:
            self._places += 1
            self._run(one.written(self.done, self._places, self._belongings(table.name, "trigger")))
            self.written.append(table.name)
        self._run(text for _, text in moves.again)
        self._run(kept.statistics_back() if moves.again else ())
        self._run(each for index in stale_indexes(table, new) for each in kept.without_statistics(index))

    def _write_in_full(self, short: ShortRows) -> None:
        """Store the rows in full that would get another value by the DEFAULT of a new text.

        Raises:
            sqlite3.OperationalError: that cannot be done.
        """
        try:
            self._run(short.statements(self.done, self._places + 1, self._belongings(short.table.name, "trigger")))
        except DdlError as error:
            raise sqlite3.OperationalError("the text cannot be edited") from error
        self._places += PLACES

    def _free_view(self) -> str:
        return free_of("sqlfix_new", self._names_now())

    def _made_anew(self, table: Table, step: SchemaStep) -> Table:
        """Rebuild a table by renaming the old one, or where SQLite refuses that, by moving its rows."""
        with self._trying() as take_back:
            try:
                return self._rebuild_by(self._put_aside, table, step)
            except sqlite3.Error as error:
                require_refusal(error)
            take_back()
            return self._rebuild_by(self._move_aside, table, step)

    def _rebuild_by(self, aside: Aside, table: Table, step: SchemaStep) -> Table:
        kept, belongings = self._kept(), self._belongings(table.name)
        self._run(kept.sequence_aside(table.name))
        old = aside(table, kept)
        self._run([step.text])
        new = read_table(self.copy, table.name)
        if new is None:
            raise Refused(f"the new text of table {table.name} is that of another one", "nothing was changed")
        checked = stored_form.checks_of(table.sql) != stored_form.checks_of(new.sql)
        copying = Copying(old, new, step.values, checked, stored_form.stored_columns(table.sql, new.sql))
        self._run(copying.insert())
        self._note(copying)
        self._run([dropped("table", old.name)])
        self._run(text for _, text in belongings)
        same = has_words(table.sql, "autoincrement") == has_words(new.sql, "autoincrement")
        self._run(kept.sequence_back(new.name, same))
        if aside == self._move_aside:
            self._run(kept.statistics_back())
        for index in stale_indexes(table, new):
            self._run(kept.without_statistics(index))
        return new

    def _put_aside(self, table: Table, kept: Kept) -> Table:
        """Rename the table; its indexes and triggers go with it."""
        name = free_of("sqlfix_old", self._names_now())
        self._run([renamed(table.name, name)])
        return self._made(name)

    def _move_aside(self, table: Table, kept: Kept) -> Table:
        """Move the rows into a table of ours, and drop the one that they were in."""
        name = free_of("sqlfix_old", self._names_now())
        self._run([made_aside(table, name)])
        moved = self._made(name)
        self._run(Copying(table, moved).insert())
        self._note(Copying(moved, table))
        self._run(kept.statistics_aside("tbl", table.name))
        self._run([dropped("table", table.name)])
        return moved

    def _made(self, name: str) -> Table:
        """A table of ours."""
        table = read_table(self.copy, name)
        assert table is not None
        return table

    def _note(self, copying: Copying) -> None:
        """Compare what was copied."""
        self._places += 1
        self._run(noted(self.done, self._places, copying.comparison()))

    # -- what belongs to a table ----------------------------------------------------------------------------------

    def _names_now(self) -> list[str]:
        return [*self.names, *(str(name) for (name,) in self.copy.execute("SELECT name FROM main.sqlite_master"))]

    def _kept(self) -> Kept:
        tables = [name for (name,) in self.copy.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        name = free_of("sqlfix_kept", self._names_now())
        return Kept(name, self.done, "sqlite_sequence" in tables, tuple(t for t in STATISTICS if t in tables))

    def _belongings(self, table: str, *kinds: str) -> list[tuple[str, str]]:
        """The names and texts of the indexes and triggers of a table, in the order of the schema."""
        kinds = kinds or ("index", "trigger")
        query = (
            "SELECT name, sql FROM main.sqlite_master WHERE sql IS NOT NULL AND tbl_name = ? COLLATE NOCASE"
            " AND type IN (?, ?) ORDER BY rowid"
        )
        found = self.copy.execute(query, (table, kinds[0], kinds[-1])).fetchall()
        if not all(isinstance(word, str) for row in found for word in row):
            raise Refused(f"an index or a trigger of {table} is not UTF-8, so it cannot be made again")
        return found

    # -- indexes, triggers and views ------------------------------------------------------------------------------

    def _of_others(self, step: SchemaStep) -> None:
        query = "SELECT name, tbl_name, rowid, sql FROM main.sqlite_master WHERE type = ? AND name = ? COLLATE NOCASE"
        found = self.copy.execute(query, (step.kind, step.name)).fetchone()
        if found is None or found[3] is None:
            raise Refused(f"there is no {step.kind} {step.name}", "nothing was changed")
        name, table, place, _ = found
        rewritten = step.deed == "rewrite"
        again = list(self._triggers_after(table, place) if step.kind == "trigger" else self._triggers_after(name, 0))
        kept = self._kept()
        if rewritten and step.kind == "index":
            self._run(kept.statistics_aside("idx", name))
        self._run([dropped(step.kind, name)])
        if rewritten:
            if step.kind == "trigger":
                self._run(dropped("trigger", other) for other, _ in again)
            self._run([step.text])
            if step.kind != "index":
                self._run(text for _, text in again)
            else:
                self._run(kept.statistics_back())

    def _triggers_after(self, table: str, place: int) -> Iterator[tuple[str, str]]:
        """The triggers of a table that come after a place in the schema: SQLite fires them in that order."""
        query = (
            "SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE"
            " AND rowid > ? ORDER BY rowid"
        )
        yield from self.copy.execute(query, (table, place))
