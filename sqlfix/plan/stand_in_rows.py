"""The rows that stand in for missing parents: one for each key, with a value in every column that has to have one.

A stand-in may need a parent itself. Where the column may be NULL it gets none; else one more row is made above it, and
so on. Whether a value is allowed is asked of the data: the CHECKs of its column, and the rows that have it already.
"""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlfix.checks.check_violations import checks_of, condition_of
from sqlfix.frozen import frozen
from sqlfix.model.schema import Column, ForeignKey
from sqlfix.model.values import Subject, folded
from sqlfix.plan.new_keys import (
    KEY,
    CannotMake,
    NewKeys,
    from_template,
    is_counted,
    key_text,
    listed_values,
    plain_values,
    unique_values,
)
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.sql.declared_types import most_characters
from sqlfix.sql.literals import default_expression, free_name, quote
from sqlfix.sql.missing_keys import keys_above
from sqlfix.sql.predicates import affinity, has_values, key_types
from sqlfix.sql.typed_values import as_sql
from sqlfix.sqlite.deadline import overlooking
from sqlfix.text import address

MOST_ABOVE = 10
"""How many rows may have to be made above one another."""
NULL = "NULL"
Templates = Mapping[tuple[str, str], str]
"""What was given for columns, by the folded names of table and column."""


@frozen
class NewRows:
    """The rows of one table that have to be made: the SQL of each column's value, over the rows ``k`` of a query."""

    foreign_key: ForeignKey
    values: Mapping[str, str]
    keys: str

    @property
    def source(self) -> str:
        """The FROM clause of their INSERT."""
        return f"FROM ({self.keys}) AS k"


@dataclass(slots=True)
class Maker:
    """Makes rows for a database, which it reads and does not change, but for temporary tables of its own.

    ``no_defaults`` are relationships in which no new row is to refer to the parent that the DEFAULT names.
    """

    new_keys: NewKeys
    templates: Templates = field(default_factory=dict)
    no_defaults: Collection[Subject] = ()

    def rows(self, fk: ForeignKey, keys: str) -> list[NewRows]:
        """The rows to make for the keys of a relationship that a query gives, those above them first.

        Raises:
            CannotMake: where a row cannot be made.
        """
        return self._rows(fk, keys, ())

    def one(self, fk: ForeignKey, condition: str) -> tuple[list[NewRows], str]:
        """The same for one row with a key that no row has, which is made where a condition holds; and SQL of its key.

        Raises:
            CannotMake: where it cannot be made.
        """
        table = self.new_keys.schema.known_table(fk.parent)
        if len(fk.parent_columns) > 1:
            raise CannotMake("one row for all needs a key of one column")
        column = table.column(fk.parent_columns[0])
        if column is None or column.generated:
            raise CannotMake(f"{address(table.name, fk.parent_columns)} cannot be written")
        place = folded(table.name), folded(column.name)
        if (given := self.templates.get(place)) is not None:
            key = as_sql(given, affinity(column, table.strict))
            if key == NULL:
                raise CannotMake(f"NULL is no key for {address(table.name, (column.name,))}")
            if self.new_keys.is_there(f"SELECT 1 FROM {quote(table.name)} AS p WHERE {has_values(fk, [f'+({key})'])}"):
                raise CannotMake(
                    f"{address(table.name, (column.name,))}={given} is there already: choose update:{given}"
                )
            self.templates = {at: text for at, text in self.templates.items() if at != place}
        else:
            key = self.new_keys.of_one(table, column, (table.name, column.name))
        return self._rows(fk, f"SELECT {key} AS k0 WHERE {condition}", ()), key

    def _rows(self, fk: ForeignKey, keys: str, path: tuple[str, ...]) -> list[NewRows]:
        table = self.new_keys.schema.known_table(fk.parent)
        if table.kind != "table" or table.unreadable:
            raise CannotMake(f"{table.name} is no table that rows can be put into")
        if is_bookkeeping(table.name):
            raise CannotMake(f"{table.name} is a framework's own bookkeeping and is never changed")
        if folded(table.name) in path or len(path) == MOST_ABOVE:
            chain = " → ".join((*path, table.name))
            raise CannotMake(f"each row would need another one above it without end: {chain}")
        row = Row(self, fk, keys)
        row.fill()
        made = []
        for own, values in row.above():
            needed = keys_above(self.new_keys.schema, own, values, row.keys)
            if self.new_keys.is_there(needed):
                made += self._rows(own, needed, (*path, folded(table.name)))
        return [*made, NewRows(fk, row.values, row.keys)]


class Row:
    """What stands in each column of the rows that are made for some keys.

    Args:
        keys: a query for the keys ``k0, …`` of the rows to be made in the parent of ``fk``.
        more: SQL over the rows of the query for further columns, which have no say in what has to be unique any more;
            the query numbers its rows itself then, by ``n``.
    """

    def __init__(self, maker: Maker, fk: ForeignKey, keys: str, more: Mapping[str, str] | None = None) -> None:
        self._keys = maker.new_keys
        self._connection, self._schema = self._keys.connection, self._keys.schema
        self._table = table = self._schema.known_table(fk.parent)
        self._fk = fk
        self._given = {
            column.name: text
            for column in table.columns
            if (text := maker.templates.get((folded(table.name), folded(column.name)))) is not None
        }
        self._no_defaults = maker.no_defaults
        self._unique: dict[str, str] = {}
        self._more = more or {}
        places = range(len(fk.parent_columns))
        self._key = [f"k.k{place}" for place in places]
        self._texts = [key_text(self._column(n), k) for n, k in zip(fk.parent_columns, self._key, strict=True)]
        self.keys = keys
        listed = ", ".join(f"k{place}" for place in places)
        self._numbered = f"SELECT {listed}, row_number() OVER (ORDER BY {listed}) AS n FROM ({keys})"
        if more is not None:
            self._numbered = keys
        self.values: dict[str, str] = {**self._more}

    def fill(self) -> None:
        """Choose the values.

        Raises:
            CannotMake: for a column that there is no value for.
        """
        for name, value in zip(self._fk.parent_columns, self._key, strict=True):
            if self._column(name).generated:
                raise CannotMake(f"{self._table.name}.{name} is computed from other columns")
            self.values[self._column(name).name] = value
        for name, text in self._given.items():
            if name in self.values:
                raise CannotMake(f"{self._table.name}.{name} is the key, which the rows without a parent give")
            kind = affinity(self._column(name), self._table.strict)
            self.values[name] = from_template(text, self._texts) if KEY in text else as_sql(text, kind)
        self._tell_apart()
        own = self._table.integer_key
        if own is not None and own not in self.values:
            self.values[own] = self._counted(own)
        for fk in {fk.subject: fk for fk in self._table.foreign_keys}.values():
            self._refer(fk)
        for column in self._table.columns:
            if column.name not in self.values and not column.generated:
                self._choose(column)
        if any("k.n" in value for value in self.values.values()):
            self.keys = self._numbered

    def above(self) -> Iterator[tuple[ForeignKey, list[str]]]:
        """The relationships in which the new rows may need a parent, each with the SQL of its key.

        Raises:
            CannotMake: where a value that was given has no parent.
        """
        for fk in {fk.subject: fk for fk in self._table.foreign_keys if fk.fault is None}.values():
            names = [self._column(name, fk.child).name for name in fk.child_columns]
            values = [self.values.get(name, NULL) for name in names]
            if NULL in values or self._is_itself(fk, values):
                continue
            if given := next((name for name in names if name in self._given), None):
                if self._keys.is_there(keys_above(self._schema, fk, values, self.keys)):
                    place = address(self._table.name, (given,))
                    raise CannotMake(f"{place}={self._given[given]} has no parent in {fk.parent}")
                continue
            yield fk, values

    # -- small questions ----------------------------------------------------------------------------------------------

    def _column(self, name: str, table: str = "") -> Column:
        column = self._schema.known_table(table or self._table.name).column(name)
        if column is None:
            raise CannotMake(f"{self._table.name} has no column {name}")
        return column

    def _may_be_null(self, name: str) -> bool:
        column = self._column(name)
        return not (column.not_null or column.primary_key or column.generated)

    def _is_itself(self, fk: ForeignKey, values: Sequence[str]) -> bool:
        """True where each new row is its own parent."""
        if folded(fk.parent) != folded(self._table.name):
            return False
        return all(
            self.values.get(self._column(name).name) == value
            for name, value in zip(fk.parent_columns, values, strict=True)
        )

    def _tell_apart(self) -> None:
        """Note which columns have to be different in each row, so that no unique index is in the way."""
        keys = {
            folded(name): by
            for name, (_, by) in zip(self._fk.parent_columns, key_types(self._schema, self._fk), strict=True)
        }
        of_key = {folded(name) for fk in self._table.foreign_keys for name in fk.child_columns}
        for index in self._table.indexes:
            by_name = {folded(c.name or ""): c.collation for c in index.columns}
            if not index.unique or index.partial or "" in by_name:
                continue
            if all(by_name.get(name, "").lower() in ("binary", by.lower()) for name, by in keys.items()):
                continue
            names = [self._column(name).name for name in by_name]
            if not self._more.keys().isdisjoint(names):
                continue
            if self._table.integer_key in names or any(self.values.get(name) == NULL for name in names):
                continue
            open_ = [name for name in names if name not in self.values and not self._column(name).generated]
            if free := next((name for name in open_ if self._may_be_null(name)), None):
                self.values[free] = NULL
            elif open_:
                chosen = min(open_, key=lambda name: (folded(name) in of_key, affinity(self._column(name)) != "TEXT"))
                self._unique[chosen] = by_name[folded(chosen)]

    # -- one column ---------------------------------------------------------------------------------------------------

    def _counted(self, column: str) -> str:
        """A number that no row has in a column, another one for each row."""
        return f"(SELECT free FROM temp.{self._keys.free_number(self._table, column)}) + k.n - 1"

    def _refer(self, fk: ForeignKey) -> None:
        """Choose the columns of a relationship: none, where they may be NULL."""
        pairs = [
            (self._column(own).name, above) for own, above in zip(fk.child_columns, fk.parent_columns, strict=False)
        ]
        missing = {own: above for own, above in pairs if own not in self.values}
        if not missing or any(self.values.get(own) == NULL for own, _ in pairs):
            return
        empty = [own for own in missing if self._may_be_null(own) and self._is_allowed(own, NULL)]
        if empty:
            self.values.update(dict.fromkeys(empty, NULL))
            return
        if fk.fault is not None or len(pairs) != len(fk.child_columns):
            place = next(iter(missing))
            raise self._cannot(place, f"references {fk.parent} by a foreign key that SQLite cannot use")
        defaults = {own: default_expression(self._column(own)) for own in missing}
        if not self._unique.keys() & missing.keys() and self._has_parent(fk, {**self.values, **defaults}):
            self.values.update(defaults)
            return
        parents = {own: self.values.get(self._column(above, fk.parent).name) for own, above in missing.items()}
        if folded(fk.parent) == folded(self._table.name) and all(parents.values()):
            self.values.update({own: value for own, value in parents.items() if value is not None})
            return
        for own, above in missing.items():
            self.values[own] = self._new_key(fk, own, above)

    def _has_parent(self, fk: ForeignKey, values: Mapping[str, str]) -> bool:
        """True if constants have a parent."""
        key = [values[self._column(name).name] for name in fk.child_columns]
        if fk.subject in self._no_defaults or NULL in key or any("k." in value for value in key):
            return False
        rows = f"SELECT 1 FROM {quote(fk.parent)} AS p WHERE {has_values(fk, [f'+({value})' for value in key])}"
        return self._keys.is_there(rows)

    def _new_key(self, fk: ForeignKey, own: str, above: str) -> str:
        """The key of one more row above, for all rows, or for each where they have to be different."""
        parent = self._schema.known_table(fk.parent)
        column, place = self._column(above, fk.parent), (self._table.name, own)
        if own not in self._unique:
            return self._keys.of_one(parent, column, place)
        key, counted = self._keys.find(parent, column, place)
        if counted is None:
            raise self._cannot(own, f"has to reference another row of {fk.parent} in each row")
        return f"{key} + k.n - 1"

    def _choose(self, column: Column) -> None:
        """Choose the value of a column that is part of no relationship; none where its DEFAULT or NULL will do."""
        name, strict = column.name, self._table.strict
        if name in self._unique:
            if is_counted(column):
                self.values[name] = self._counted(name)
                return
            offered = unique_values(column, self._texts, "k.n", strict)
            for value in offered:
                if self._is_allowed(name, value) and self._tells_apart(name, value):
                    self.values[name] = value
                    return
            raise self._cannot(name, "has to be unique, and there is no rule for its values")
        default = default_expression(column)
        nothing = not self._may_be_null(name) and self._keys.is_there(f"SELECT 1 WHERE {default} IS NULL")
        if not nothing and self._is_allowed(name, default):  # it is left out
            return
        query = f"SELECT {quote(name)} FROM {quote(self._table.name)} WHERE {quote(name)} IS NOT NULL LIMIT 1"
        like = self._connection.execute(query).fetchone()
        offered = listed_values(self._table, name) + plain_values(column, strict, like[0] if like else None)
        for value in offered:
            if self._is_allowed(name, value):
                self.values[name] = value
                return
        kind = f"its type {column.type}" if column.type else "a column without a type"
        why = "a CHECK refuses the values that sqlfix has for it" if offered else f"there is no rule for {kind}"
        raise self._cannot(name, f"needs a value, and {why}")

    def _cannot(self, name: str, why: str) -> CannotMake:
        place = address(self._table.name, (name,))
        return CannotMake(f"{place} {why}", (self._table.name, name))

    def _is_allowed(self, name: str, value: str) -> bool:
        """False where a CHECK that is about this column alone refuses the value, as the column stores it."""
        column, failing = self._column(name), []
        with suppress(sqlite3.DatabaseError):  # one that cannot be read, which the trial of the whole row finds out
            asked = [condition_of(self._table, check.text) for check in checks_of(self._table.sql)]
            failing = [f"NOT ({text}\n)" for text, columns, _ in asked if columns == (column.name,)]
        if not failing:
            return True
        table = "temp." + free_name(self._schema, "sqlfix_value")
        self._connection.execute(f"DROP TABLE IF EXISTS {table}")
        declared = f"{quote(name)} {affinity(column, self._table.strict)} COLLATE {quote(column.collation)}"
        self._connection.execute(f"CREATE TEMP TABLE {table.removeprefix('temp.')} ({declared})")
        self._connection.execute(f"INSERT INTO {table} SELECT {value} FROM ({self._numbered}) AS k")
        with overlooking(sqlite3.OperationalError):
            return not self._keys.is_there(f"SELECT 1 FROM {table} AS c WHERE {' OR '.join(failing)}")
        return True

    def _tells_apart(self, name: str, value: str) -> bool:
        """True if a value is another one for each key, one that no row has yet, and as short as its type says."""
        by, most = quote(self._unique[name]), most_characters(self._column(name))
        values = f"SELECT {value} AS v FROM ({self._numbered}) AS k"
        twice = f"SELECT 1 FROM ({values}) GROUP BY v COLLATE {by} HAVING count(*) > 1"
        own = f"p.{quote(name)} COLLATE {by}"
        there = f"SELECT 1 FROM ({values}) AS n JOIN {quote(self._table.name)} AS p ON {own} = n.v"
        too_long = f"SELECT 1 FROM ({values}) WHERE length(v) > {most or 2**31}"
        return not any(map(self._keys.is_there, (twice, there, too_long)))
