"""# duplicate-links

**What it finds.** The same link twice in a join table that holds nothing but links, if no primary key or unique index
forbids it. A link with a NULL in it does not count. Tables with other columns are skipped. So are tables with a key of
their own, unless their name is made of the names of both ends: a second row may be intended there.

**Why it matters.** The application shows the linked thing twice and counts it twice. Removing the link once does not
end it, or removes more than was asked for. Making the pair unique, as a migration may want to, fails.

**Example.** `books_authors` holds book 1 and author 5 twice.

**How it is repaired and what that loses.** `sqlfix repair --merge books_authors.book_id,author_id` leaves one row of
each: the others say nothing that it does not say. `sqlfix alter books_authors.book_id,author_id --unique` then prevents
new ones. If the parents' keys are compared in another way than the links, or a unique index is over one of the columns,
the hint shows the DELETE instead.
"""

from collections.abc import Iterator

from sqlfix.model.findings import Finding, Row
from sqlfix.model.schema import JoinTable, Schema, Table
from sqlfix.model.values import Severity, folded
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.repeated_pairs import End, Pairs, repeated_pairs
from sqlfix.scan.table_reader import SAMPLE_ROWS, TableReader
from sqlfix.schema.join_tables import named_after_both
from sqlfix.sql.literals import names, quote
from sqlfix.sql.predicates import is_there, lookup, stored
from sqlfix.text import plural, typed_address

SMALL = 50_000
"""Rows up to which SQLite groups the links of a table itself."""
MOST_OTHERS = 1000
"""Rows with something else than ids of the parents up to which the other links are looked at as pairs of ids."""


def inspect(reader: TableReader) -> Iterator[Finding]:
    """The links that are there more than once."""
    join, table = reader.schema.join_table(reader.table.name), reader.table
    if join is None or join.carries_data or not table.row_id:
        return
    if table.primary_key and not named_after_both(table.name, join.left, join.right):
        return  # nothing but the columns says that it is there for the pair: an order may be given twice
    pair = (*join.left.child_columns, *join.right.child_columns)
    collations = _collations(reader.schema, join)
    if _is_unique(table, dict(zip(pair, collations, strict=True))):
        return
    if any((column := table.column(name)) is None or column.generated for name in pair):
        return
    reader.read_again()
    terms = _terms(table, pair, collations)
    key = table.known_by
    there = " AND ".join(is_there(quote(name)) for name in pair)
    source, by = f"FROM {stored(table, 'c')}", f" GROUP BY {terms} HAVING count(*) > 1 AND {there}"
    groups, rows, where = _counted(reader, join, source, by)
    if not groups:
        return
    grouped = f"{source}{where}{by}"
    first = reader.connection.execute(f"SELECT {names((*key, *pair))} {grouped} LIMIT {SAMPLE_ROWS}")
    yield Finding(
        "duplicate-links", Severity.WARNING, table.name, pair, None, (),
        count=int(rows) - groups, distinct=groups,
        sample=tuple(Row.of(key, pair, values) for values in first),
        facts={
            "row_id": names(table.row_id) if len(table.row_id) == 1 else None,
            "mergeable": int(terms == names(pair) and not table.without_rowid and not _is_indexed(table, pair)),
            **({"compared": terms} if terms != names(pair) else {}),
        },
    )  # fmt: skip


def _counted(reader: TableReader, join: JoinTable, source: str, by: str) -> tuple[int, int, str]:
    """How many links are there more than once, how many rows have them, and a WHERE for the first of them at least."""
    asked = _pairs(reader, join)
    repeated = repeated_pairs(reader.look.readers, asked, reader.size or 0) if asked else None
    if asked is None or repeated is None:
        return (*_grouped(reader, source, by), "")
    pairs, rows, first = repeated
    some = [f"{left}, {right}" for left, right in first]
    pair = f"{asked.left.name}, {asked.right.name}"
    chosen = f" WHERE {asked.left_out} OR ({pair}) IN (VALUES ({'), ('.join(some)}))" if some else ""
    groups, others = _grouped(reader, f"{source} WHERE {asked.left_out}", by) if asked.others else (0, 0)
    return pairs + groups, rows + others, chosen or f" WHERE {asked.left_out}"


def _grouped(reader: TableReader, source: str, by: str) -> tuple[int, int]:
    """The same by a GROUP BY, of the rows that the source gives."""
    query = f"SELECT count(*), total(n) FROM (SELECT count(*) AS n {source}{by})"
    groups, rows = reader.connection.execute(query).fetchone()
    return groups, int(rows)


def _pairs(reader: TableReader, join: JoinTable) -> Pairs | None:
    """The links as pairs of the parents' ids; None where that is not what they are, or the table is small.

    By the look at the relationships it is known in which rows there is something else than NULL or such an id.
    """
    look, table, ends = reader.look, reader.table, (join.left, join.right)
    if (reader.size or 0) < SMALL or table.without_rowid or len(table.row_id) != 1:
        return None
    if any(look.ways.get(fk) != "gaps" for fk in ends):
        return None
    ids, suspects = [look.tables.ids_of(fk.parent) for fk in ends], [look.suspects.get(fk) for fk in ends]
    found = [
        End(fk.child_columns[0], some.least, some.greatest)
        for fk, some in zip(ends, ids, strict=True)
        if some.least is not None and some.greatest is not None and some.least >= 0
    ]
    if len(found) < 2:
        return None
    others: set[int] = set()
    for each in suspects:
        if each is None or each.rows is None or len(each.rows) > MOST_OTHERS:
            return None
        others.update(each.rows)
    left, right = found
    return Pairs(table, left, right, tuple(sorted(others)))


def _collations(schema: Schema, join: JoinTable) -> tuple[str, ...]:
    """The collations by which the ends of a link are told apart, in lower case: those of the parents' keys.

    Where the schema keeps SQLite from looking parents up, only what is stored alike is the same.
    """
    return tuple(
        collation
        for fk in (join.left, join.right)
        for collation in (("binary",) * len(fk.child_columns) if fk.fault else lookup(schema, fk))
    )


def _terms(table: Table, pair: tuple[str, ...], collations: tuple[str, ...]) -> str:
    """The columns of a link as SQL, each with its collation where that is not its own."""
    own = [folded(column.collation) if (column := table.column(name)) else "" for name in pair]
    return ", ".join(
        quote(name) + ("" if wanted == kept else f" COLLATE {quote(wanted)}")
        for name, wanted, kept in zip(pair, collations, own, strict=True)
    )


def _is_unique(table: Table, pair: dict[str, str]) -> bool:
    """True if the primary key or a unique index forbids a second link.

    An index whose collation takes more values for the same than BINARY does forbids that as well; any other has to
    compare as the pair does.
    """
    if table.integer_key in pair:
        return True
    return any(
        index.unique
        and not index.partial
        and all(
            column.name in pair and pair[column.name] in ("binary", folded(column.collation))
            for column in index.columns
        )
        for index in table.indexes
    )


def _is_indexed(table: Table, pair: tuple[str, ...]) -> bool:
    """True if a unique index has one of the columns: a merge goes by what the index compares, or is refused."""
    return any(index.unique and any(column.name in pair for column in index.columns) for index in table.indexes)


def message(finding: Finding) -> str:
    """How many links are there again."""
    links, rows = plural(finding.distinct or 0, "link"), plural(finding.count, "row")
    return f"{finding.table} holds {links} ({', '.join(finding.columns)}) more than once: {rows} too many"


def hint(finding: Finding) -> str | None:
    """What leaves one of each, and what keeps them from coming again."""
    if finding.facts["row_id"] is None:
        return None
    if finding.facts["mergeable"]:
        place = typed_address(finding.table, finding.columns)
        return (
            f"one of each is enough: sqlfix repair with --merge {place} keeps one; then sqlfix alter with {place}"
            " --unique prevents new ones"
        )
    table, rowid = quote(finding.table), finding.facts["row_id"]
    pair = finding.facts.get("compared") or names(finding.columns)
    there = " AND ".join(is_there(quote(name)) for name in finding.columns)
    return (
        f"one of each is enough: DELETE FROM {table} WHERE {there} AND {rowid} NOT IN"
        f" (SELECT min({rowid}) FROM {table} GROUP BY {pair}); then a UNIQUE index over ({pair}) prevents new ones"
    )


CHECKS.add("duplicate-links", Check(Severity.WARNING, __doc__, message, hint, inspect=inspect))
