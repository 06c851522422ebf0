"""What is wished for some columns of a table, as it was typed, and what of that is not so yet."""

import re
from collections.abc import Iterable, Iterator

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.schema.bookkeeping import is_bookkeeping
from sqlfix.schema.names import key_named, names_table, names_within, place_named
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.foreign_key_edits import NO_ACTION, Reference
from sqlfix.sql.table_edits import column_of
from sqlfix.sql.table_text import CheckText, TableText
from sqlfix.sql.tokens import DdlError, known_tokens
from sqlfix.text import address, did_you_mean, typed_words

ACTIONS = (NO_ACTION, "RESTRICT", "SET NULL", "SET DEFAULT", "CASCADE")


@frozen
class Wish:
    """What is wished for, as it was typed; None, False or empty for what nothing is said of.

    ``no_check`` is the name or the expression of the CHECK that is to go, empty for the only one.
    """

    not_null: bool | None = None
    is_unique: bool | None = None
    unique_index: bool = False
    references: str | None = None
    no_references: bool = False
    on_delete: str | None = None
    on_update: str | None = None
    deferrable: bool | None = None
    check: tuple[str, ...] = ()
    no_check: str | None = None
    type: str | None = None
    default: str | None = None
    no_default: bool = False
    collate: str | None = None
    no_collate: bool = False

    @property
    def is_none(self) -> bool:
        """True if nothing is wished."""
        return self == Wish()

    @property
    def of_reference(self) -> bool:
        """True if something is wished of a foreign key that there is, or is to be."""
        return any((self.references, self.on_delete, self.on_update, self.deferrable is not None))


@frozen
class Place:
    """The columns that are meant, and the text of their table; ``keys`` are the numbers of their foreign keys."""

    schema: Schema
    table: Table
    columns: tuple[str, ...]
    text: TableText

    @property
    def address(self) -> str:
        """The columns as they are named."""
        return address(self.table.name, self.columns)

    def is_over(self, columns: Iterable[str]) -> bool:
        """True if some columns are just these, in any order."""
        return sorted(map(folded, columns)) == sorted(map(folded, self.columns))

    @property
    def keys(self) -> tuple[int, ...]:
        """The numbers of the foreign keys over just these columns, in any order."""
        return tuple(place for place, key in enumerate(self.table.foreign_keys) if self.is_over(key.child_columns))

    @property
    def key(self) -> ForeignKey | None:
        """The foreign key over these columns; the last, of several."""
        return self.table.foreign_keys[self.keys[-1]] if self.keys else None

    @property
    def checks(self) -> Iterator[tuple[int, CheckText]]:
        """The CHECK constraints that stand on the column, or that name just these columns."""
        spans = [column_of(self.text, name).span for name in self.columns]
        own = {folded(name) for name in self.columns}
        others = {folded(column.name) for column in self.text.columns} - own
        for number, check in enumerate(self.text.checks):
            named = {folded(token.name) for token in known_tokens(check.text) if token.name is not None}
            inside = any(start <= check.span[0] < end for start, end in spans)
            if inside or (own <= named and not named & others):
                yield number, check


def place_of(schema: Schema, text: str) -> Place:
    """The columns of a table that a text names.

    Args:
        schema: with what only the texts say.

    Raises:
        Refused: there are none, or their table cannot be changed.
    """
    found = place_named(schema, text, "alter")
    if found is None or not found[1]:
        known = [address(table.name, [column.name]) for table in schema.tables for column in table.columns]
        within = [table for table in schema.tables if table.kind != "table" and names_within(text, table.name)]
        if within:
            _require_own(within[0])
        if folded(text).startswith("sqlite_"):
            raise Refused(f"{text} belongs to SQLite: its columns are not altered")
        what = f"{text} is a table, not a column" if found else f"there are no such columns: {text}"
        raise Refused(what, did_you_mean(text, known, "name a column: orders.customer_id, or link.book_id,author_id"))
    table, columns = found
    _require_own(table)
    if len({*columns}) < len(columns):
        raise Refused(f"{text} names a column twice")
    if not table.sql:
        raise Refused(f"table {table.name} has a name or a text that is not UTF-8")
    try:
        said = read_create_table(table.sql)
    except DdlError as error:
        raise Refused(f"the text of {table.name} cannot be read: {error}") from error
    if [folded(c.name) for c in said.columns] != [folded(c.name) for c in table.columns] or any(
        key.deferrable is None for key in table.foreign_keys
    ):
        raise Refused(f"the text of {table.name} does not agree with what SQLite enforces, so it is not edited")
    return Place(schema, table, columns, said)


def _require_own(table: Table) -> None:
    """Raise Refused for a table whose text is not the user's to change."""
    if table.kind != "table":
        what = {"view": "a view", "virtual": "a virtual table", "shadow": "a table of a virtual table"}[table.kind]
        raise Refused(f"{table.name} is {what}: its columns cannot be altered")
    if is_bookkeeping(table.name):
        raise Refused(f"{table.name} belongs to the migrations of a framework: its columns are not altered")
    if table.unreadable:
        raise Refused(f"{table.name} cannot be read: {table.unreadable}")


def require_sensible(wish: Wish, place: Place) -> None:
    """Raise Refused for a wish that contradicts itself, or what there is."""
    if wish.is_none:
        raise Refused("nothing says what to change", "for example --not-null, --unique or --references 'parent(key)'")
    column_wishes = {
        "--type": wish.type, "--default": wish.default, "--collate": wish.collate,
        "--no-default": wish.no_default or None, "--no-collate": wish.no_collate or None,
    }  # fmt: skip
    for word, said in column_wishes.items():
        if said is not None and len(place.columns) > 1:
            raise Refused(f"{word} is for one column, not for {place.address}")
    if wish.no_references and wish.of_reference:
        raise Refused("--no-references takes the foreign key away that the other options speak of")
    if wish.unique_index and wish.is_unique is False:
        raise Refused("--unique-index and --no-unique contradict each other")
    if wish.no_check and any(_words(text) == _words(wish.no_check) for text in wish.check):
        raise Refused("--check and --no-check contradict each other")
    named = "--no-references" if wish.no_references else "--on-delete, --on-update and --deferrable"
    if wish.of_reference and wish.references is None and not place.keys:
        raise Refused(
            f"{place.address} references nothing", f"{named} are for a foreign key: --references 'parent(key)'"
        )
    if len(place.keys) > 1 and wish.of_reference:
        raise Refused(f"{place.address} has {len(place.keys)} foreign keys", "take one away first: --no-references")


def action_of(text: str, option: str) -> str:
    """The action that a text means: ``set-null``, ``SET NULL``.

    Raises:
        Refused: it is none.
    """
    words = " ".join(re.split(r"[-_\s]+", text.strip())).upper()
    if words not in ACTIONS:
        raise Refused(f"{option} {text}: that is no action", f"the actions are {', '.join(map(str.lower, ACTIONS))}")
    return words


def reference_of(place: Place, wish: Wish) -> Reference | None:
    """The foreign key that is to be added; None where there is none to add.

    Raises:
        Refused: there is another one over the same columns, or no such parent.
    """
    if wish.references is None:
        return None
    for table in place.schema.tables:
        if table.kind != "table" and names_table(wish.references.partition("(")[0].strip(), table.name):
            raise Refused(f"--references {wish.references}: {table.name} is a {table.kind}, and cannot be a parent")
        if not table.primary_key and table.kind == "table" and names_table(wish.references, table.name):
            raise Refused(
                f"{table.name} has no primary key", f"name the key: --references {typed_words([f'{table.name}(key)'])}"
            )
    parent, columns = key_named(place.schema, wish.references, "--references")
    if len({*columns}) < len(columns):
        raise Refused(f"--references {wish.references}: that names a column twice")
    if len(columns) != len(place.columns):
        number = f"{len(columns)} column{'s' if len(columns) > 1 else ''}"
        raise Refused(
            f"--references {wish.references}: that key has {number}, and {place.address} {len(place.columns)}"
        )
    key = place.key
    if key is not None:
        if _same(place, key, parent, columns):
            return None
        stands = f"{place.address} references {address(key.parent, key.parent_columns)} already"
        raise Refused(stands, "take that away first: --no-references")
    on_delete, on_update = (
        NO_ACTION if said is None else action_of(said, option)
        for said, option in ((wish.on_delete, "--on-delete"), (wish.on_update, "--on-update"))
    )
    said = columns if wish.references.rstrip().endswith(")") else ()
    return Reference(parent.name, said, on_delete, on_update, bool(wish.deferrable))


def _same(place: Place, key: ForeignKey, parent: Table, columns: tuple[str, ...]) -> bool:
    """True if a foreign key refers column by column to this key."""
    wanted = {(folded(own), folded(to)) for own, to in zip(place.columns, columns, strict=True)}
    has = {(folded(own), folded(to)) for own, to in zip(key.child_columns, key.parent_columns, strict=False)}
    return folded(key.parent) == folded(parent.name) and wanted == has


def check_of(place: Place, wish: Wish) -> int | None:
    """The number of the CHECK that is to go; None where there is none at all.

    Raises:
        Refused: there is none of that name or expression, or it is not said which of several.
    """
    found = list(place.checks)
    if wish.no_check:
        wanted = _words(wish.no_check)
        found = [
            (number, check)
            for number, check in enumerate(place.text.checks)
            if folded(check.name or "") == folded(wish.no_check) or _words(check.text) == wanted
        ]
    if not found and wish.no_check:
        raise Refused(f"{place.address} has no such CHECK", _listed(place.text.checks))
    if len(found) > 1:
        raise Refused(f"{place.address} has {len(found)} CHECKs", _listed([check for _, check in found]))
    return found[0][0] if found else None


def has_check(place: Place, expression: str) -> bool:
    """True if the table has a CHECK of this expression."""
    return any(_words(check.text) == _words(expression) for check in place.text.checks)


def _words(text: str) -> list[str]:
    return [token.word or token.text for token in known_tokens(text)]


def _listed(checks: tuple[CheckText, ...] | list[CheckText]) -> str | None:
    said = [typed_words([f"--no-check={check.name or ' '.join(check.text.split())}"]) for check in checks]
    return f"say which: {', '.join(said[:5])}" if said else None
