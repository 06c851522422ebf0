"""Which rows of a table cannot be deleted or edited, grouped by the relationship that keeps them. Read only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlfix.explain.answers import DELETE, EDIT, Group, WhyTable
from sqlfix.explain.rules import prepared, sets_for_certain, why_unusable
from sqlfix.model.findings import Row
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.plan.delete_closure import child_match
from sqlfix.plan.row_deletion import by_cascade, on_delete
from sqlfix.scan.run import count_rows
from sqlfix.schema.database import Database
from sqlfix.schema.names import require_table
from sqlfix.sql.literals import free_name, names, quote
from sqlfix.sql.predicates import comparable, is_row, is_row_of, match_parent, orphan
from sqlfix.sql.tokens import has_words
from sqlfix.sqlite.deadline import stop_if_interrupted
from sqlfix.sqlite.failures import in_words, require_refusal
from sqlfix.sqlite.row_sets import RowSet

SAMPLES = 5


def explain_table(database: Database, table: str) -> closing[BlockedRows]:
    """The rows of a table that cannot be deleted or edited, for as long as the block lasts.

    Raises:
        Refused: where there is no such table.
    """
    return closing(BlockedRows(database, require_table(database.schema_with_text, table)))


class BlockedRows:
    """The rows of a table that cannot be deleted, gathered in temporary tables, one for each relationship.

    Args:
        database: its connection gets temporary tables, which `close` drops.
    """

    def __init__(self, database: Database, table: Table) -> None:
        self._connection = database.connection
        self._schema = database.schema_with_text
        self._table = table
        self._made: list[RowSet] = []
        self._between: dict[str, RowSet] = {}
        self._lists: list[tuple[Group, RowSet]] = []
        self._notes: list[str] = []

    def explain(self) -> WhyTable:
        """Gather the rows and count them."""
        table = self._table
        total = count_rows(self._connection, table.name)
        faulty, statements = prepared(self._schema, table.name, None)
        whole = [_whole(self._schema, fk, total) for fk in faulty]
        touched = self._touched()
        for fk in self._schema.foreign_keys:
            if fk.fault is None and fk not in faulty and folded(fk.parent) in touched and not by_cascade(fk):
                with self._looking_at(fk):
                    self._keep(fk, touched)
        for fk in table.foreign_keys:
            if fk.fault is None:
                with self._looking_at(fk):
                    self._orphans(fk)
        self._look_at_triggers({name for name, _ in statements})
        kept = total if whole else self._kept()
        return WhyTable(table.name, total, kept, (*whole, *(group for group, _ in self._lists)), tuple(self._notes))

    def rows(self) -> Iterator[tuple[Group, Row]]:
        """Every row that was found, group by group, as it comes."""
        for group, found in self._lists:
            for row in self._listed(found):
                yield group, row

    def close(self) -> None:
        """Drop the temporary tables."""
        for rows in self._made:
            rows.drop()

    # -- gathering ------------------------------------------------------------------------------------------------

    def _touched(self) -> set[str]:
        """The table, and those from which rows go with its own."""
        found, todo = {folded(self._table.name)}, [folded(self._table.name)]
        while todo:
            for fk in self._schema.references_to(todo.pop()):
                if self._cascades(fk) and folded(fk.child) not in found:
                    found.add(folded(fk.child))
                    todo.append(folded(fk.child))
        return found

    def _cascades(self, fk: ForeignKey) -> bool:
        return fk.fault is None and by_cascade(fk) and bool(self._schema.known_table(fk.child).row_id)

    @contextmanager
    def _looking_at(self, fk: ForeignKey) -> Iterator[None]:
        """Note that a relationship could not be looked at, where SQLite fails in the block."""
        try:
            yield
        except sqlite3.OperationalError as error:
            require_refusal(error)
            self._notes.append(f"{fk.child}.{', '.join(fk.child_columns)} could not be checked: {in_words(error)}")

    def _keep(self, fk: ForeignKey, touched: set[str]) -> None:
        child, parent = self._schema.known_table(fk.child), self._schema.known_table(fk.parent)
        if child.unreadable:
            raise sqlite3.OperationalError(child.unreadable)
        reason, condition = self._why(fk)
        match = child_match(self._schema, fk) or match_parent(fk)
        if fk.on_delete in ("SET NULL", "SET DEFAULT") and not sets_for_certain(self._schema, fk):
            sql = f"SELECT 1 FROM {quote(child.name)} AS c CROSS JOIN {quote(parent.name)} AS p ON {match} LIMIT 1"
            if self._connection.execute(sql).fetchone():
                what = f"what ON DELETE {fk.on_delete} of {fk.child}.{', '.join(fk.child_columns)} would do"
                self._notes.append(f"cannot tell {what}; ask about one row to try it")
        if condition is None:
            return
        itself = ""
        if folded(fk.child) == folded(fk.parent):  # a row that refers to itself is in nobody's way
            itself = f" AND NOT ({is_row(parent, 'c', [f'+p.{quote(n)}' for n in parent.row_id])})"
            if fk.on_delete == "RESTRICT" or child_match(self._schema, fk):
                self._note_selves(fk)
        lists = {folded(parent.name): self._list_of(parent)}
        lists[folded(parent.name)].add(
            f"SELECT {names(parent.row_id, 'p')} FROM {quote(child.name)} AS c CROSS JOIN {quote(parent.name)} AS p"
            f" ON {match} WHERE {condition}{itself}"
        )
        self._propagate(lists)
        kept = lists.get(folded(self._table.name))
        count = kept.count() if kept else 0
        if kept and count:
            again = any(self._cascades(key) and folded(key.parent) in touched for key in self._table.foreign_keys)
            own = folded(fk.child) == folded(self._table.name)
            certain = folded(fk.child) not in touched or (own and not again)
            through = "" if folded(fk.parent) == folded(self._table.name) else f" through rows of {fk.parent}"
            message = f"{fk.child}.{', '.join(fk.child_columns)} references them{through}, ON DELETE {fk.on_delete}"
            group = Group(
                "reference", *fk.subject, DELETE, count, message + reason, fk.on_delete, self._sample(kept),
                certain=certain,
            )  # fmt: skip
            self._lists.append((group, kept))

    def _note_selves(self, fk: ForeignKey) -> None:
        """Say so if rows refer to themselves in a way of which the rules cannot tell whether it is in their way."""
        itself = match_parent(fk, "c")
        if self._connection.execute(f"SELECT 1 FROM {quote(fk.child)} AS c WHERE {itself} LIMIT 1").fetchone():
            columns = ", ".join(fk.child_columns)
            self._notes.append(f"{fk.child}.{columns}: some rows reference themselves; ask about one row to try it")

    def _propagate(self, lists: dict[str, RowSet]) -> None:
        """From rows that are kept to those whose delete would take them along, until there are no more."""
        fresh = set(lists)
        while fresh:
            reached = set()
            keys = [fk for name in fresh for fk in self._schema.known_table(name).foreign_keys if self._cascades(fk)]
            for fk in keys:
                child, parent = self._schema.known_table(fk.child), self._schema.known_table(fk.parent)
                if not parent.row_id:
                    continue
                if folded(parent.name) not in lists:
                    lists[folded(parent.name)] = self._list_of(parent)
                same = is_row_of(child, "c", "d")
                added = lists[folded(parent.name)].add(
                    f"SELECT {names(parent.row_id, 'p')}"
                    f" FROM {lists[folded(child.name)].source} AS d JOIN {quote(child.name)} AS c ON {same}"
                    f" CROSS JOIN {quote(parent.name)} AS p ON {child_match(self._schema, fk) or match_parent(fk)}"
                )
                if added > 0:
                    reached.add(folded(parent.name))
            fresh = reached

    def _why(self, fk: ForeignKey) -> tuple[str, str | None]:
        """Why a relationship keeps the rows that are referred to, and which ones as SQL; None: it keeps none."""
        parent = self._schema.known_table(fk.parent)
        if not parent.row_id:
            return "", None
        itself = is_row(parent, "q", [f"+p.{quote(n)}" for n in parent.row_id])
        does = on_delete(self._schema, fk, f" AND NOT ({itself})")
        if does.forbids_null:
            return f", but {does.reason}", does.keeps
        if does.sets:
            return f", but no other row has the default {', '.join(does.sets)}", does.keeps or None
        return f": {does.reason}" if does.reason else "", does.keeps

    def _orphans(self, fk: ForeignKey) -> None:
        """The rows of the table that are orphans themselves: those cannot be edited."""
        orphans = self._make(self._table)
        orphans.add(
            f"SELECT {names(self._table.row_id, 'c')} FROM {quote(fk.child)} AS c WHERE {orphan(self._schema, fk)}"
        )
        if count := orphans.count():
            columns = ", ".join(fk.child_columns)
            message = f"they have no parent in {fk.parent}; writing {columns} fails even if the value stays the same"
            group = Group("own-orphan", *fk.subject, EDIT, count, message, fk.on_delete, self._sample(orphans))
            self._lists.append((group, orphans))

    def _look_at_triggers(self, touched: set[str]) -> None:
        unread = [x.name for t in self._schema.tables if folded(t.name) in touched for x in t.triggers if not x.sql]
        if unread:
            self._notes.append(f"the trigger {unread[0]} cannot be read: its name or its text is not UTF-8")
            return
        for table in self._schema.tables:
            for trigger in table.triggers:
                if folded(table.name) in touched and has_words(trigger.sql, "raise", "("):
                    self._notes.append(
                        f"the trigger {trigger.name} on {table.name} may refuse a delete; ask about one row to try it"
                    )
        try:
            self._connection.execute(f"EXPLAIN DELETE FROM {quote(self._table.name)} WHERE 0").close()
        except sqlite3.OperationalError as error:
            stop_if_interrupted(error)
            self._notes.append(f"SQLite cannot prepare any DELETE from this table: {in_words(error)}")

    # -- small questions ------------------------------------------------------------------------------------------

    def _kept(self) -> int:
        """How many rows are kept by anything at all; a row may be kept by several."""
        lists = [kept for group, kept in self._lists if group.blocks == DELETE]
        if len(lists) < 2:
            return lists[0].count() if lists else 0
        together = self._make(self._table)
        return sum(together.add(f"SELECT * FROM {kept.source}") for kept in lists)

    def _list_of(self, table: Table) -> RowSet:
        """An empty list for one relationship: of the table itself a new one, which stays; of another one the same."""
        name = folded(table.name)
        if name == folded(self._table.name):
            return self._make(table)
        if name in self._between:
            self._between[name].clear()
        else:
            self._between[name] = self._make(table)
        return self._between[name]

    def _make(self, table: Table) -> RowSet:
        name = free_name(self._schema, f"sqlfix_kept_{len(self._made)}")
        self._made.append(RowSet(self._connection, table, name))
        return self._made[-1]

    def _sample(self, rows: RowSet) -> tuple[Row, ...]:
        return tuple(self._listed(rows, f" LIMIT {SAMPLES}"))

    def _listed(self, rows: RowSet, limit: str = "") -> Iterator[Row]:
        key = self._table.known_by
        same = is_row_of(self._table, "c", "d")
        order = ", ".join(comparable(self._table, name, "c") for name in key)
        sql = (
            f"SELECT {names(key, 'c')} FROM {rows.source} AS d JOIN {quote(self._table.name)} AS c ON {same}"
            f" ORDER BY {order}{limit}"
        )
        for row in self._connection.execute(sql):
            yield Row.of(key, (), row)


def _whole(schema: Schema, fk: ForeignKey, rows: int) -> Group:
    kind, reason = why_unusable(schema, fk)
    message = f"{fk.child}.{', '.join(fk.child_columns)} {reason}: no row can be deleted, and no row is at fault"
    return Group(kind, *fk.subject, DELETE, rows, message, fk.on_delete, whole=True)
