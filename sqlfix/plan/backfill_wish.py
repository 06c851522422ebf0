"""What a backfill is to do: which relationship, which of its rows, and what the new parents are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.names import (
    columns_named,
    key_named,
    require_columns,
    require_table,
    typed_place,
    value_for,
    with_table,
)
from sqlfix.schema.writable_keys import why_no_value
from sqlfix.sql.literals import any_of, quote
from sqlfix.sql.predicates import is_placeholder_value, is_there, orphan
from sqlfix.sql.templates import Template, read_template
from sqlfix.text import address, did_you_mean, typed_address

ONE_EACH = "leave out --one and --group-by: one for each row"
"""The advice where rows cannot share a parent."""


@frozen
class Backfill:
    """What was typed: the place ``child.column``, and the options by their names; ``values`` are those of ``--set``."""

    place: str
    references: str | None = None
    values: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    one: bool = False
    match: bool = False
    replace_orphans: bool = False


@frozen
class Wish:
    """The same, understood.

    ``schema`` has the relationship also where the file does not declare it. ``templates`` are by the parent's columns.
    ``group`` are the columns whose values a group shares, none for one parent in all, and None for one for each row.
    """

    schema: Schema
    foreign_key: ForeignKey
    child: Table
    parent: Table
    templates: Mapping[str, Template]
    group: tuple[str, ...] | None
    match: bool = False
    replace_orphans: bool = False

    @property
    def is_tree(self) -> bool:
        """True where the parents are rows of the same table."""
        return folded(self.child.name) == folded(self.parent.name)

    @property
    def one_to_one(self) -> bool:
        """True where no two rows may have the same parent."""
        own = set(map(folded, self.foreign_key.child_columns))
        unique = ({folded(c.name or "") for c in index.columns} for index in self.child.indexes if index.unique)
        keys = [self.child.integer_key] if self.child.integer_key else []
        return any(columns <= own for columns in (*unique, *({folded(key)} for key in keys)))

    @property
    def kept(self) -> tuple[str, ...]:
        """The columns of a composite key that belong to another relationship, too: of an orphan, these stay."""
        fk = self.foreign_key
        return tuple(
            name
            for name in fk.child_columns
            if any(other.subject != fk.subject for other in self.schema.keys_with(fk.child, name))
        )

    def is_null(self, name: str) -> str:
        """True where a column of ``c`` is NULL, whatever it is declared."""
        column = self.child.column(name)
        asked = f"c.{quote(name)}"
        return f"NOT {is_there(asked)}" if column is not None and column.not_null else f"{asked} IS NULL"

    def missing(self, name: str) -> str:
        """True where a column of the key of ``c``, a row without a parent, is to be written."""
        fk = self.foreign_key
        if len(fk.child_columns) == 1:
            return "1"
        asked = [self.is_null(name)]
        has_key = " AND ".join(f"NOT ({self.is_null(each)})" for each in fk.child_columns)
        if self.replace_orphans and name not in self.kept:
            asked.append(has_key)
        asked.append(f"{has_key} AND {is_placeholder_value(f'c.{quote(name)}')}")
        return any_of([f"({part})" for part in asked])

    def wanting(self) -> str:
        """True for the rows ``c`` that are to get a parent: no reference, a placeholder, or as asked any orphan."""
        fk = self.foreign_key
        null = any_of([self.is_null(name) for name in fk.child_columns])
        lost = orphan(self.schema, fk)
        if not self.replace_orphans:
            none = any_of([is_placeholder_value(f"c.{quote(name)}", quick=True) for name in fk.child_columns])
            lost = f"({none}) AND {lost}"
        return f"({null} OR {lost})"


def understood(schema: Schema, asked: Backfill) -> Wish:
    """What was asked for, in the words of the schema.

    Raises:
        Refused: where it cannot be meant, or is not possible as a whole.
    """
    schema, fk = _relationship(schema, asked)
    child, parent = schema.known_table(fk.child), schema.known_table(fk.parent)
    group = None
    if asked.group_by or asked.one:
        group = () if asked.one else tuple(_group(schema, child, asked.group_by))
    templates = _templates(schema, child, parent, asked.values)
    wish = Wish(schema, fk, child, parent, templates, group, asked.match, asked.replace_orphans)
    _require_possible(wish)
    return wish


# -- the relationship -----------------------------------------------------------------------------------------------


def _relationship(schema: Schema, asked: Backfill) -> tuple[Schema, ForeignKey]:
    child, columns = require_columns(schema, asked.place, "the reference")
    child = require_table(schema, child.name)
    wanted = {folded(name) for name in columns}
    found = {fk.subject: fk for fk in reversed(child.foreign_keys) if {*map(folded, fk.child_columns)} == wanted}
    if asked.references is not None:
        parent, key = key_named(schema, asked.references, "--references")
        pairs = {(folded(own), folded(above)) for own, above in zip(columns, key, strict=False)}
        if len(key) != len(columns):
            raise Refused(
                f"--references {asked.references}: the key has {len(key)} columns, {asked.place} another number"
            )
        declared = [
            fk
            for fk in found.values()
            if folded(fk.parent) == folded(parent.name)
            and {(folded(a), folded(b)) for a, b in zip(fk.child_columns, fk.parent_columns, strict=False)} == pairs
        ]
        if not declared:
            if {*map(folded, key)} not in [{*map(folded, known)} for known in parent.keys]:
                raise Refused(f"--references {asked.references}: that is not a primary key, and not UNIQUE")
            return _declaring(schema, child, columns, parent, key)
        found = {fk.subject: fk for fk in declared}
    place = address(child.name, columns)
    if not found:
        wider = [fk for name in columns for fk in schema.keys_with(child.name, name)]
        hint = f"is {typed_place(schema, child.name, wider[0].child_columns)} meant?" if wider else None
        raise Refused(f"{place} references nothing", hint or "say what it is to reference: --references 'parent(key)'")
    if len(found) > 1:
        raise Refused(f"{place} references more than one table", "say which: --references 'parent(key)'")
    (fk,) = found.values()
    if fk.fault is not None:
        raise Refused(f"SQLite cannot use the foreign key of {place} ({fk.fault.check})", "sqlfix scan says why")
    return schema, fk


def _declaring(
    schema: Schema, child: Table, columns: tuple[str, ...], parent: Table, key: tuple[str, ...]
) -> tuple[Schema, ForeignKey]:
    """The schema as it would be with a relationship that the file does not declare."""
    nothing = (None,) * len(key)
    fk = ForeignKey(child.name, columns, parent.name, key, "NO ACTION", "NO ACTION", nothing, origin="wanted")
    return with_table(schema, replace(child, foreign_keys=(*child.foreign_keys, fk))), fk


def _require_possible(wish: Wish) -> None:
    """Raise Refused for what cannot be done whatever the rows are."""
    fk, place = wish.foreign_key, address(wish.child.name, wish.foreign_key.child_columns)
    require_table(wish.schema, wish.parent.name)
    for table in (wish.child, wish.parent):
        if is_bookkeeping(table.name):
            raise Refused(f"{table.name} is a framework's own bookkeeping and is never changed")
    if reason := why_no_value(wish.schema, fk):
        raise Refused(f"{place} cannot be written: {reason}")
    if wish.group is not None and wish.one_to_one:
        raise Refused(f"{place} is UNIQUE, so no two rows can share a parent", ONE_EACH)
    if wish.match and not wish.templates:
        raise Refused(
            "--match has nothing to look for",
            f"give a name: --set {typed_address(wish.parent.name, ['COLUMN'], '={name}')}",
        )
    if wish.replace_orphans and len(wish.kept) == len(fk.child_columns):
        raise Refused(f"every column of {place} belongs to another foreign key, too: none can be replaced")


# -- the columns of the new parents ---------------------------------------------------------------------------------


def _group(schema: Schema, child: Table, texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        names = [text] if child.column(text) else [part.strip(" ") for part in text.split(",")]
        for written in (text, f"{quote(child.name)}.{text}"):
            if (place := columns_named(schema, written, "--group-by")) and place[0].name == child.name:
                names = [*place[1]]
        for name in names:
            column = child.column(name)
            if column is None:
                known = [each.name for each in child.columns]
                otherwise = f"for example --group-by {known[0]}"
                raise Refused(
                    f"--group-by {text}: there is no column {name} in {child.name}",
                    did_you_mean(name, known, otherwise),
                )
            yield column.name


def _templates(schema: Schema, child: Table, parent: Table, texts: Iterable[str]) -> dict[str, Template]:
    found: dict[str, Template] = {}
    for text in texts:
        table, column, value = value_for(schema, text, "--set", typed_address(parent.name, ["name"], "={name} Admin"))
        if table.name != parent.name:
            raise Refused(f"--set {text}: the new rows are made in {parent.name}, not in {table.name}")
        if column.name in found:
            raise Refused(f"--set {text}: {column.name} is given twice")
        found[column.name] = read_template(value, child, f"--set {text}")
    return found
