"""SQL text: quoting, literals, and the predicates that checks and fixes share.

In every predicate here the child row stands under the alias ``c`` and the parent row under the alias ``p``.
"""

import sqlite3
import string
from collections.abc import Callable, Iterable, Sequence

from sqlfix.model.schema import Column, ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.sql.literals import all_of, compound, free_name, literal, names, quote
from sqlfix.sql.statements import gather

Alive = Callable[[str, str], str]
"""Given a table and an alias, further SQL beginning with `` AND`` that is true of the rows that still stand."""


def ALL_ALIVE(table: str, alias: str) -> str:
    """All rows of every table stand: there is nothing to say."""
    return ""


COLLATIONS = frozenset(("binary", "nocase", "rtrim"))
"""Those that SQLite brings, in lower case; any other belongs to the application."""


def comparable(table: Table, name: str, alias: str) -> str:
    """A column as SQLite can compare and sort it here: where its collation is missing, by the bytes of its text."""
    column = table.column(name)
    known = column is None or folded(column.collation) in COLLATIONS
    return f"{alias}.{quote(name)}{'' if known else ' COLLATE BINARY'}"


def affinity(column: Column, strict: bool = False) -> str:
    """The affinity of a column by its declared type: https://www.sqlite.org/datatype3.html, section 3.1."""
    kind = folded(column.type)  # SQLite too searches it as characters, comments and all
    if strict and kind == "any":
        return "BLOB"
    if "int" in kind:
        return "INTEGER"
    if any(word in kind for word in ("char", "clob", "text")):
        return "TEXT"
    if "blob" in kind or not kind:
        return "BLOB"
    return "REAL" if any(word in kind for word in ("real", "floa", "doub")) else "NUMERIC"


# -- a table itself, whatever its indexes say ---------------------------------------------------------------------


def stored(table: Table, alias: str = "") -> str:
    """A table for a FROM clause whose rows are read from its own b-tree and from no index, under an alias if given.

    NOT INDEXED does not keep SQLite from an index of a table WITHOUT ROWID: only the index of its primary key, which
    is the table itself, does. And count(*) by itself is the other way round, see `count_stored`.
    """
    named = f"{quote(table.name)} AS {alias}" if alias else quote(table.name)
    key = next((index for index in table.indexes if index.origin == "pk"), None)
    if table.without_rowid and key and COLLATIONS.issuperset(folded(c.collation) for c in key.columns):
        return f"{named} INDEXED BY {quote(key.name)}"
    return f"{named} NOT INDEXED"


def count_stored(name: str) -> str:
    """A query for the number of rows of a table, counted in its own b-tree.

    SQLite answers count(*) without a condition from the smallest index there is, whatever INDEXED BY says.
    """
    return f"SELECT count(*) FROM {quote(name)} NOT INDEXED"


# -- the rule of foreign keys -------------------------------------------------------------------------------------


def is_there(column: str) -> str:
    """True where a stored column is not NULL, also if it is declared NOT NULL.

    ``IS NOT NULL`` on a column declared NOT NULL is folded to true by SQLite's optimiser even where a NULL is stored.
    """
    return f"typeof({column}) <> 'null'"


def has_key(child: Table, fk: ForeignKey) -> str:
    """True for a child row whose key columns are all non-NULL (MATCH SIMPLE: any NULL and nothing is promised).

    A column that is not declared NOT NULL is asked by ``IS NOT NULL``, for which SQLite can use an index.
    """
    parts = []
    for name in fk.child_columns:
        column = child.column(name)
        declared = column is not None and column.not_null
        parts.append(is_there(f"c.{quote(name)}") if declared else f"c.{quote(name)} IS NOT NULL")
    return " AND ".join(parts)


def match_parent(fk: ForeignKey, alias: str = "p") -> str:
    """True where ``p`` (or another alias) is the parent row of ``c``, by SQLite's own rule.

    The parent's affinity and collation decide (https://www.sqlite.org/foreignkeys.html, section 3): so the parent
    stands on the left, and a unary plus takes the child column's affinity away. Where the key is the primary key by
    default, its index's own collation decides.
    """
    return has_values(fk, [f"+c.{quote(child)}" for child in fk.child_columns], alias)


def as_stored(fk: ForeignKey) -> str:
    """The key of a child row ``c``, to be compared as it is stored."""
    return ", ".join(f"+c.{quote(name)} COLLATE BINARY" for name in fk.child_columns)


def has_values(fk: ForeignKey, values: Sequence[str], alias: str = "p") -> str:
    """True where ``p`` is the parent of whatever refers to these values, which are expressions without an affinity.

    Raises:
        sqlite3.OperationalError: where the parent cannot be read, so that nobody knows the columns of its primary key.
    """
    if len(fk.parent_columns) != len(values):
        raise sqlite3.OperationalError(f"{fk.parent} cannot be read")
    collations = fk.parent_collations or (None,) * len(fk.parent_columns)
    return " AND ".join(
        f"{alias}.{quote(parent)}{f' COLLATE {quote(collation)}' if collation else ''} = {value}"
        for value, parent, collation in zip(values, fk.parent_columns, collations, strict=True)
    )


def refers_to_some(schema: Schema, fk: ForeignKey, parents: str) -> str:
    """True where ``c`` refers to one of some parent rows, by SQLite's own rule.

    Args:
        parents: a FROM clause and what may follow it, in which the parent stands under the alias ``p``.
    """
    refers = f"({', '.join(child_key(schema, fk))}) IN (SELECT {names(fk.parent_columns, 'p')} FROM {parents})"
    # where a NULL has to be told from false, SQLite reads all of a list of pairs for each row; in CASE it has not
    return f"CASE WHEN {refers} THEN 1 ELSE 0 END" if len(fk.child_columns) > 1 else refers


def child_key(schema: Schema, fk: ForeignKey) -> list[str]:
    """The columns of the key of ``c`` as expressions that compare with parents as SQLite's own rule does."""
    return [
        f"+c.{quote(name)} COLLATE {quote(collation)}"
        for name, collation in zip(fk.child_columns, lookup(schema, fk), strict=True)
    ]


def lookup(schema: Schema, fk: ForeignKey) -> tuple[str, ...]:
    """The collations by which SQLite looks a parent up, in lower case; two declarations can differ in nothing else."""
    parent = schema.known_table(fk.parent)
    own = [column.collation if (column := parent.column(name)) else "BINARY" for name in fk.parent_columns]
    asked = fk.parent_collations or (None,) * len(own)
    return tuple((collation or default).lower() for collation, default in zip(asked, own, strict=True))


def key_types(schema: Schema, fk: ForeignKey) -> list[tuple[str, str]]:
    """The affinity and the collation by which each column of a parent's key is compared."""
    parent = schema.known_table(fk.parent)
    asked = fk.parent_collations or (None,) * len(fk.parent_columns)
    return [
        (affinity(column, parent.strict), collation or column.collation)
        for name, collation in zip(fk.parent_columns, asked, strict=True)
        if (column := parent.column(name)) is not None
    ]


def orphan(schema: Schema, fk: ForeignKey, alive: Alive = ALL_ALIVE) -> str:
    """True where ``c`` is an orphan of the relationship: the one definition that checks and fixes share.

    ``alive(table, alias)`` gives further SQL, beginning with `` AND``, that is true of the rows that still stand.
    """
    child = schema.known_table(fk.child)
    return (
        f"{has_key(child, fk)} AND NOT EXISTS "
        f"(SELECT 1 FROM {quote(fk.parent)} AS p WHERE {match_parent(fk)}{alive(fk.parent, 'p')})"
    )


# -- one row ------------------------------------------------------------------------------------------------------


def row_key(table: Table, alias: str = "") -> list[str]:
    """The columns that tell one row of a table from another, as expressions that compare as SQLite itself does.

    Of a WITHOUT ROWID table that is the primary key, by the collations of its own index and never by the columns':
    with ``k TEXT COLLATE NOCASE, PRIMARY KEY (k COLLATE BINARY)``, 'a' and 'A' are two rows.
    """
    collations = table.row_collations or (None,) * len(table.row_id)
    prefix = f"{alias}." if alias else ""
    return [
        f"{prefix}{quote(name)}{f' COLLATE {quote(collation)}' if collation else ''}"
        for name, collation in zip(table.row_id, collations, strict=True)
    ]


def is_row(table: Table, alias: str, keys: Sequence[str]) -> str:
    """True of the one row whose `row_key` has these values; it is found by the table's own key.

    Args:
        keys: expressions without an affinity or from the same column, as values of a key that was stored somewhere.
    """
    return " AND ".join(f"{own} = {key}" for own, key in zip(row_key(table, alias), keys, strict=True))


def in_rows(table: Table, alias: str, keys: str) -> str:
    """True of the rows whose `row_key` is among those that a query gives."""
    own = ", ".join(row_key(table, alias))
    return f"({own}) IN ({keys})" if len(table.row_id) > 1 else f"{own} IN ({keys})"


def told_by(table: Table) -> tuple[str, ...]:
    """The columns that tell a row from those that are not the same: all of them where every rowid's name is a column.

    Rows of such a table that have the same values cannot be told apart, and what is true of one is true of all.
    """
    return table.row_id or tuple(column.name for column in table.columns)


def gathered_keys(table: Table, alias: str = "") -> str:
    """The columns of a temporary table that holds keys of rows: ``k0, …``, one for each column of `told_by`."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(f"{prefix}k{place}" for place in range(len(told_by(table))))


def is_gathered(table: Table, gathered: str, alias: str) -> str:
    """True where a row of a table is the one whose key stands in a temporary table, which is looked into.

    The plus takes affinity away: a key is compared as it is stored, byte by byte.
    """
    if not table.row_id:
        pairs = [(f"{gathered}.k{place}", f"{alias}.{quote(name)}") for place, name in enumerate(told_by(table))]
        return all_of([f"{key} IS +{own} AND typeof({key}) = typeof({own})" for key, own in pairs])
    return " AND ".join(f"{gathered}.k{place} = +{alias}.{quote(name)}" for place, name in enumerate(table.row_id))


def is_row_of(table: Table, alias: str, gathered: str) -> str:
    """The same where the temporary table is gone through, and the row is looked up by the table's own key."""
    if not table.row_id:
        return is_gathered(table, gathered, alias)
    return is_row(table, alias, gathered_keys(table, gathered).split(", "))


# -- values that stand for "none" ---------------------------------------------------------------------------------

_UNSEEN = (
    *range(9, 14), *range(28, 33), 133, 160, 173, 5760, 6158, *range(8192, 8208), *range(8232, 8240),
    *range(8287, 8293), *range(8294, 8298), 12288, 65279,
)  # fmt: skip
SPACES = f"char({', '.join(map(str, _UNSEEN))})"
"""What is trimmed: Unicode's white space, and the characters that nobody sees (of no width, of direction, the BOM)."""

PLACEHOLDER_NUMBERS = (0, -1)
PLACEHOLDER_TEXTS = (
    "", "-", "--", "?", "0", "-1", "\\N", "NULL", "(NULL)", "<NULL>", "NONE", "NIL", "UNDEFINED",
    "UNKNOWN", "N/A", "NA", "<NA>", "NAN",
)  # fmt: skip
"""Compared without case, after trimming. To these come all-zero GUIDs, as text or as 16 bytes, and the empty BLOB."""


def without_guid_marks(text: str) -> str:
    """A text without what stands between and around the digits of a GUID."""
    return f"trim(replace({text}, '-', ''), '{{}}()')"


def is_placeholder_value(expression: str, quick: bool = False) -> str:
    """True where a value is one that programs store for "none"; never NULL.

    With ``quick`` it says so at more length, so that most keys are seen to be none by one character.
    """
    trimmed = f"trim({expression}, {SPACES})"
    texts = ", ".join(literal(text) for text in PLACEHOLDER_TEXTS)
    numbers = ", ".join(str(number) for number in PLACEHOLDER_NUMBERS)
    zeros = "0" * 32
    text = f"upper({trimmed}) IN ({texts}) OR {without_guid_marks(trimmed)} = '{zeros}'"
    if quick:
        others = "".join(c for c in string.digits + string.ascii_uppercase if c not in "".join(PLACEHOLDER_TEXTS))
        text = f"CASE WHEN {expression} GLOB '*[{others}{others.lower()}]*' THEN 0 ELSE {text} END"
    return (
        f"CASE typeof({expression}) WHEN 'text' THEN {text}"
        f" WHEN 'blob' THEN hex({expression}) IN ('', '{zeros}')"
        f" WHEN 'null' THEN 0 ELSE {expression} IN ({numbers}) END"
    )


# -- rows beneath rows --------------------------------------------------------------------------------------------


def beneath(schema: Schema, cycle: Sequence[tuple[ForeignKey, str]], alive: Alive = ALL_ALIVE) -> str:
    """A WITH clause whose ``doomed(t, k0, …)`` holds the orphans of a cycle of relationships and all rows beneath.

    Args:
        cycle: relationships whose children are the parents of others among them, each with the condition that picks
            its first orphans.
        alive: as for `orphan`.

    ``t`` is the place of the row's table in `cycle_tables`, ``k0, …`` are the values of its ``row_id``, filled up
    with 0. The links are gathered first, each parent looked up once, so that a chain of any depth costs one step a row.
    Where a table of the file is called doomed or link, the other gets another name: see `free_name`.
    """
    doomed, link = free_name(schema, "doomed"), free_name(schema, "link")
    places = {name: place for place, name in enumerate(cycle_tables([fk for fk, _ in cycle]))}
    width = max(len(schema.known_table(name).row_id) for name in places)

    def key(table: str, alias: str, prefix: str) -> str:
        # neither affinity nor collation: in a compound, those of one table would change or confuse the keys of another
        values = [f"+{alias}.{quote(name)} COLLATE BINARY" for name in schema.known_table(table).row_id]
        values += ["0"] * (width - len(values))
        return ", ".join(f"{value} AS {prefix}{place}" for place, value in enumerate(values))

    links = compound(
        f"SELECT {places[fk.child]} AS ct, {key(fk.child, 'c', 'c')},"
        f" {places[fk.parent]} AS pt, {key(fk.parent, 'p', 'p')}"
        f" FROM {quote(fk.child)} AS c JOIN {quote(fk.parent)} AS p"
        f" ON {match_parent(fk)}{alive(fk.child, 'c')}{alive(fk.parent, 'p')}"
        for fk, _ in cycle
    )
    first = (
        f"SELECT {places[fk.child]} AS t, {key(fk.child, 'c', 'k')} FROM {quote(fk.child)} AS c WHERE {condition}"
        for fk, condition in cycle
    )
    seeds, numbers = compound(first, "UNION"), range(width)
    columns, step = ", ".join(f"k{place}" for place in numbers), ", ".join(f"l.c{place}" for place in numbers)
    join = " AND ".join(f"l.p{place} = d.k{place}" for place in numbers)
    return (
        f"WITH RECURSIVE {link} AS MATERIALIZED ({links}), {doomed}(t, {columns}) AS ({seeds}"
        f" UNION SELECT l.ct, {step} FROM {doomed} AS d JOIN {link} AS l ON l.pt = d.t AND {join})"
    )


def gather_beneath(
    schema: Schema, table: str, cycle: Sequence[tuple[ForeignKey, str]], alive: Alive = ALL_ALIVE
) -> tuple[str, ...]:
    """The statements that write the rows of `beneath` down in a temporary table, by its columns ``t, k0, …``."""
    tables = cycle_tables([fk for fk, _ in cycle])
    width = max(len(schema.known_table(name).row_id) for name in tables)
    keys = ", ".join(f"k{place}" for place in range(width))
    query = f"{beneath(schema, cycle, alive)} SELECT * FROM {free_name(schema, 'doomed')}"
    return gather(table, query, f"t, {keys}")


MOST_IN_TURN = 400
"""How many conditions are told apart for the order of rows."""


def grouped(terms: Iterable[str]) -> str:
    """Terms for GROUP BY, which takes a whole number that stands alone for the place of a result."""
    return ", ".join(f"{term} + 0" if term.strip("+-() ").isdigit() else term for term in terms)


def in_turn(terms: Sequence[str]) -> str:
    """The place of the first term that is true, to order rows by; empty where there is one term, or none."""
    if len(terms) < 2:
        return ""
    places = " ".join(f"WHEN {term} THEN {place}" for place, term in enumerate(terms[:MOST_IN_TURN]))
    return f"CASE {places} ELSE {MOST_IN_TURN} END"


def cycle_tables(cycle: Sequence[ForeignKey]) -> list[str]:
    """The tables of a cycle, each once, in the order in which `beneath` numbers them."""
    return list(dict.fromkeys(name for fk in cycle for name in (fk.child, fk.parent)))


def in_doomed(schema: Schema, table: str, cycle: Sequence[tuple[ForeignKey, str]]) -> str:
    """True where ``c``, a row of ``table``, is among the orphans of a cycle or beneath them."""
    own = schema.known_table(table)
    place = cycle_tables([fk for fk, _ in cycle]).index(table)
    doomed = free_name(schema, "doomed")
    gathered = f"SELECT {gathered_keys(own)} FROM {doomed} WHERE t = {place}"
    return in_rows(own, "c", f"{beneath(schema, cycle)} {gathered}")
