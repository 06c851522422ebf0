"""Signs that the application has forgotten a table: hints, never more."""

import re
from functools import cached_property

from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.database import Database
from sqlfix.schema.leftovers import may_be_left
from sqlfix.schema.names import typed_place
from sqlfix.schema.writable_keys import columns_to_null
from sqlfix.sql.literals import names, quote

STALE_DAYS = 365
DATES = re.compile(r"DATE|TIMESTAMP", re.IGNORECASE)


class StaleTables:
    """The tables of one database that look forgotten; what tells so is read once, and of each table when it matters."""

    def __init__(self, database: Database) -> None:
        self._connection = database.connection
        self._schema = database.schema_with_text
        self._dates: dict[str, float | None] = {}

    def signs(self, name: str, beside: str) -> str | None:
        """Why a table looks forgotten by the application, in words; None if it does not.

        Args:
            name: the table that is asked about.
            beside: a table in use, with whose dates its own are compared.
        """
        table, other = self._schema.table(name), self._schema.table(beside)
        if table is None or other is None or folded(name) == folded(beside) or is_bookkeeping(name):
            return None
        signs = []
        if may_be_left(name):
            signs.append("its name is one that a migration leaves behind")
        if self._explains_some and not self._is_known(name):
            signs.append("django_migrations lists no app that it belongs to")
        ours, theirs = self._newest(table), self._newest(other)
        if ours is not None and theirs is not None and ours < theirs - STALE_DAYS:
            signs.append(f"its newest row is more than a year older than the newest row of {other.name}")
        if not signs:
            return None
        if not any(folded(fk.child) != folded(name) for fk in self._schema.references_to(name)):
            signs.append("no other table references it")
        return f"the application may have forgotten this table: {'; '.join(signs)}"

    def _is_known(self, table: str) -> bool:
        return any(folded(table).startswith(f"{app}_") for app in self._apps)

    @cached_property
    def _explains_some(self) -> bool:
        """True if the apps that Django has migrations of explain tables at all."""
        return any(self._is_known(table.name) for table in self._schema.tables)

    @cached_property
    def _apps(self) -> list[str]:
        """The apps that Django has migrations of."""
        kept = self._schema.table("django_migrations")
        if kept is None or kept.column("app") is None:
            return []
        rows = self._connection.execute(f"SELECT DISTINCT app FROM {quote(kept.name)} LIMIT 1000").fetchall()
        return [folded(app) for (app,) in rows if isinstance(app, str)]

    def _newest(self, table: Table) -> float | None:
        """The newest date in a table, as a Julian day; None without any."""
        columns = [column.name for column in table.columns if DATES.search(column.type) and not column.generated]
        if columns and table.name not in self._dates:
            days = ", ".join(f"max(julianday({names([column], 'c')}))" for column in columns)
            found = self._connection.execute(f"SELECT {days} FROM {quote(table.name)} AS c").fetchone()
            self._dates[table.name] = max((day for day in found if isinstance(day, float)), default=None)
        return self._dates.get(table.name)


def ways_out(schema: Schema, fk: ForeignKey) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """How a foreign key of a forgotten table is kept from blocking a delete: what it is for, and the command."""
    place = typed_place(schema, fk.child, fk.child_columns)
    ways: list[tuple[str, tuple[str, ...]]] = []
    if fk.on_delete in ("NO ACTION", "RESTRICT"):
        ways.append(("to delete its rows along", ("alter", place, "--on-delete", "cascade")))
        columns = [schema.known_table(fk.child).column(name) for name in fk.child_columns]
        if all(column is not None and not column.not_null and not column.primary_key for column in columns):
            ways.append(("to empty its key as a row goes", ("alter", place, "--on-delete", "set-null")))
    if (some := columns_to_null(schema, fk)) and not may_be_left(fk.child):
        ways.append(("to empty its key in all rows now", ("repair", "--empty", typed_place(schema, fk.child, some))))
    others = [other for other in schema.references_to(fk.child) if folded(other.child) != folded(fk.child)]
    if not others:
        ways.append(("to export and drop it", ("repair-schema", "--drop-table", fk.child)))
    return tuple(ways)
