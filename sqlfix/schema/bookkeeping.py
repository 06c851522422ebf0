"""The tables in which a framework keeps account of its own doings."""

from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import folded
from sqlfix.sql.create_virtual_table import is_known
from sqlfix.text import words_of

BOOKKEEPING = words_of(
    "django_migrations alembic_version __efmigrationshistory schema_migrations ar_internal_metadata sqlite_sequence"
    " knex_migrations knex_migrations_lock sequelizemeta _prisma_migrations __drizzle_migrations room_master_table"
    " android_metadata grdb_migrations"
)
"""Tables in which a framework keeps account of its own doings, in lower case; never written to."""


def is_bookkeeping(table: str) -> bool:
    """True for a table that is never written to."""
    return folded(table) in BOOKKEEPING


def owner(schema: Schema, table: Table) -> Table | None:
    """A virtual table beside which a table stands by its name, and of whose module nobody knows what tables it makes.

    A table that declares foreign keys is none that a module has made.
    """
    if table.foreign_keys:
        return None
    mine = table.name
    beside = (schema.table(mine[:cut]) for cut, character in enumerate(mine) if character == "_")
    return next((other for other in beside if other and other.kind == "virtual" and not is_known(other.sql)), None)
