"""# duplicate-keys

**What it finds.** Rows with the same values in columns that a PRIMARY KEY, a UNIQUE constraint or a unique index
declares to be unique. The index's collation, its condition if it is partial, and its expressions are respected. sqlfix
searches the table itself whenever the index does not have as many entries as there are rows, does not find some of the
rows, or holds the same key twice. A few outdated entries among many are seen by `PRAGMA integrity_check` alone. With
`scan --unique table.column` it also tests a constraint before you add it. Rows that share a value that means "none"
(`''`, `'-'`, `'NULL'`, 0, -1, an all-zero GUID, …) are not unique, but they are not the same either.

**Why it matters.** SQLite refuses such rows, so they got past a damaged index. `REINDEX`, `VACUUM INTO` another file
and every migration that copies the table then fail with `UNIQUE constraint failed`.

**Example.** Rows 3 and 8 of `person` have the email `ann@example.org`; they differ in `name`.

**How it is repaired and what that loses.** `repair` alone leaves them: you have to decide which row is the right one,
and the message says in which columns they differ. `sqlfix repair --merge person.email` decides by a rule. It keeps one
row of each group (`--keep first`, `last` or, by default, `most-referenced`; the first of several) and moves the
references to the others to it. It deletes the links of join tables that the kept row already has, and then the other
rows. What they held in their other columns is lost, except in the backup and the record. `sqlfix export-sql --merge`
writes the same as a script. Rows whose value means "none" are not merged unless you name the value (`--merge
person.code=0`): set it to NULL, of which a UNIQUE takes any number. A merge is refused for columns that are only a part
of what has to be unique (one of two columns of a UNIQUE, those of a partial index), if another UNIQUE constraint is in
the way, for a constraint inside a CREATE TABLE, whose index cannot be dropped, and for tables without rowid. For an
index over expressions or over a part of the rows there is a script in `facts.merge` of `--format json`.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import field, replace

from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding, Row, SameRows
from sqlfix.model.schema import Index, Table
from sqlfix.model.values import Severity, folded
from sqlfix.scan.access_paths import Question
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.pieces import pieces_of, shares_of
from sqlfix.scan.same_rows import by_twos, count_groups, of_none, only_part, values_for_none, without_none
from sqlfix.scan.table_reader import SAMPLE_ROWS, TableReader
from sqlfix.scan.trees import agrees, distinct_in_order, is_computed, terms_of
from sqlfix.sql.literals import names, quote
from sqlfix.sql.predicates import affinity, stored
from sqlfix.sqlite.deadline import limited, stop_if_interrupted
from sqlfix.text import typed_address

MOST_COMPARED = 100
"""Columns that are looked at for differences."""


@frozen
class UniqueKey:
    """What has to be unique: its terms in SQL, of which rows, by which index; without one it is only asked about.

    ``computed`` says that expressions of the schema's own are run for it; ``own`` that it is the key by which the table
    itself is ordered.
    """

    table: Table = field(compare=False, repr=False)
    columns: tuple[str, ...]
    terms: tuple[str, ...]
    where: str = ""
    index: Index | None = None
    computed: bool = False
    own: bool = False

    @property
    def exists(self) -> bool:
        """True if the file has such a constraint; else it is one that is to be added."""
        return self.own or self.index is not None

    @property
    def labels(self) -> tuple[str, ...]:
        """What each term is called: the name of a column, or the text of an expression."""
        if self.index is None:
            return self.columns
        return tuple(column.name or term for column, term in zip(self.index.columns, self.terms, strict=True))


def inspect(reader: TableReader) -> Iterator[Finding]:
    """A finding for each key that has duplicates; a key that cannot be looked at hides no other."""
    known: dict[tuple[tuple[str, ...], str], UniqueKey] = {}
    rows = reader.size
    for key in unique_keys(reader.table) if rows else ():
        known.setdefault((key.terms, key.where), key)  # what is asked about may be declared already
    keys = list(known.values())
    left_out = [key for key in keys if key.index] if reader.reads_once else []  # not what --unique asks for
    keys = [key for key in keys if key not in left_out]
    if rows and not reader.look.tables.is_in_order(reader.table):
        yield from _held_twice(reader)
    if not keys and not left_out:
        return
    plain = [key for key in keys if not key.computed]
    answers = reader.look.readers.run(lambda connection, key: _doubt(connection, reader, key), plain)
    doubts = dict(zip(plain, answers, strict=True))
    failed: sqlite3.DatabaseError | None = None
    for key in keys:
        try:
            if key.computed:
                yield from _computed(reader, key)
            elif (doubt := doubts[key]) is True:
                yield from _duplicates(reader, key)
            elif doubt:
                raise doubt
        except sqlite3.DatabaseError as error:
            stop_if_interrupted(error)
            failed = failed or error
    if failed:
        raise failed
    if left_out:
        reader.read_again()


def unique_keys(table: Table) -> Iterator[UniqueKey]:
    """All that has to be unique in a table, or is to become so, but for the key by which the table itself is ordered.

    Raises:
        sqlite3.DataError: where the text of a CREATE INDEX statement cannot be read.
    """
    for index in table.indexes:
        if index.unique and not (table.without_rowid and index.origin == "pk"):
            columns = tuple(c.name for c in index.columns if c.name)
            terms, where = terms_of(index)
            yield UniqueKey(table, columns, terms, where, index, is_computed(table, index))
    for columns in table.wanted_keys:
        found = [column for name in columns if (column := table.column(name))]
        terms = tuple(f"{quote(column.name)} COLLATE {quote(column.collation)}" for column in found)
        yield UniqueKey(table, columns, terms, computed=any(column.generated for column in found))


def _computed(reader: TableReader, key: UniqueKey) -> Iterator[Finding]:
    """The findings of a key that has an expression of the schema's own in it, which need not end."""
    with limited(reader.size or 0, *reader.look.readers.connections):
        doubt = _doubt(reader.connection, reader, key)
        if isinstance(doubt, sqlite3.DatabaseError):
            raise doubt
        yield from list(_duplicates(reader, key)) if doubt else ()


def _doubt(connection: sqlite3.Connection, reader: TableReader, key: UniqueKey) -> bool | sqlite3.DatabaseError:
    """False if the index has an entry for every row, and no two that are equal beside one another; or an error.

    A duplicate got into the table either past the index, which then lacks a row, or while the index was not yet unique
    (or was made so by hand): then the two stand side by side in it.
    """
    try:
        if key.index is None:  # to sort the keys alone takes a part of what it takes to compare the rows as well
            return _is_twice(connection, reader, key)
        table, rows = reader.table, reader.look.sizes[reader.table.name]
        if key.computed:
            if not agrees(connection, table, key.index, rows):
                reader.look.tables.note_disagreement(table, key.index)
                return True
        elif not reader.look.tables.agrees(table, key.index, connection):
            return True
        by = f"{quote(table.name)} AS c INDEXED BY {quote(key.index.name)}"
        if not key.computed and rows == _count_distinct(connection, reader, key, by):
            return False  # of several NULLs only one is distinct, so without this nothing is known yet
        where = f" WHERE {key.where}" if key.where else ""
        twice = f"SELECT 1 FROM {by}{where}{by_twos(key.terms)} LIMIT 1"
        return connection.execute(twice).fetchone() is not None
    except sqlite3.DatabaseError as error:
        return error


def _is_twice(connection: sqlite3.Connection, reader: TableReader, key: UniqueKey) -> bool:
    """True if a key that no index keeps unique is there more than once; sorted by all connections, if none is at work.

    Rows that share a key have the same first column, so that they are in one range of it. With a NULL there, they share
    none.
    """
    readers, column = reader.look.readers, key.table.column(key.columns[0])
    if readers.is_at_work or not reader.size or not column or column.generated or key.where:
        return connection.execute(f"SELECT 1{groups(key)} LIMIT 1").fetchone() is not None
    query = f"SELECT 1 FROM {stored(key.table, 'c')} WHERE 1"
    twice = f"{by_twos(key.terms)} LIMIT 1"
    found = readers.run(
        lambda each, share: each.execute(f"{query}{share.condition}{twice}", share.values).fetchone(),
        shares_of(readers, key.table, column),
    )
    return any(found)


def _count_distinct(connection: sqlite3.Connection, reader: TableReader, key: UniqueKey, by: str) -> int:
    """How many keys there are in an index; by all connections, if none is at work and the index can be shared out."""
    query = f"SELECT count(*) FROM ({distinct_in_order([f'c.{term}' for term in key.terms], by)}"
    readers = reader.look.readers
    if readers.is_at_work or not _can_be_shared(reader, key):
        return int(connection.execute(f"{query})").fetchone()[0])
    pieces = pieces_of(readers, reader.table, reader.size or 0, Question(reader.table, "1", index=key.index))
    counts = readers.run(
        lambda each, piece: each.execute(f"{query}{piece.condition})", piece.values).fetchone(), pieces
    )
    return sum(count for (count,) in counts)


def _can_be_shared(reader: TableReader, key: UniqueKey) -> bool:
    """True if several connections read an index faster than one, each a range of its first column.

    A range is in that column's own order; NULL is in none. To compare a text with the one before, SQLite allocates
    memory for a copy.
    """
    columns = [reader.table.column(name) for name in key.columns]
    first = columns[0] if columns else None
    if key.index is None or first is None or folded(first.collation) != folded(key.index.columns[0].collation):
        return False
    numbers = all(column and affinity(column, reader.table.strict) == "INTEGER" for column in columns)
    return numbers or not reader.look.readers.share_memory


def _held_twice(reader: TableReader) -> Iterator[Finding]:
    """The finding of a table that itself holds a key twice.

    Raises:
        sqlite3.DatabaseError: where it only holds or leads to its rows in a wrong way, so that some cannot be found.
    """
    found = list(_duplicates(reader, own_key(reader.table)))
    if not found:
        raise sqlite3.DatabaseError(
            "the table, or an index of it, is damaged: rows stand in a wrong order, or are not found where they are"
        )
    yield from found


def own_key(table: Table) -> UniqueKey:
    """The key by which a table itself is ordered: its rowid, or the primary key of a table without one."""
    columns = table.primary_key if table.without_rowid else table.row_id
    index = next((index for index in table.indexes if index.origin == "pk"), None) if table.without_rowid else None
    # the plus has SQLite sort the rows, in place of taking them for sorted
    keys = terms_of(index)[0] if index else tuple(map(quote, columns))
    return UniqueKey(table, columns, tuple(f"+{term}" for term in keys), own=True)


def _duplicates(reader: TableReader, key: UniqueKey) -> Iterator[Finding]:
    table = reader.table
    own = {*table.primary_key, *table.row_id, *key.columns}
    others = [c.name for c in table.columns if c.name not in own and not c.generated][:MOST_COMPARED]
    differ = "".join(f", max(d{place})" for place in range(len(others)))
    number, rows, *found = reader.connection.execute(
        f"SELECT count(*), total(n){differ} FROM (SELECT count(*) AS n{_differences(others)}{groups(key)})"
    ).fetchone()
    if not number:
        return
    same = SameRows(table, key.columns, key.terms, key.where)
    nones, rows_of_none = (0, 0) if key.own else count_groups(reader.connection, of_none(same))
    told = nones and len(key.columns) == len(key.terms)
    values, advice = values_for_none(reader.connection, same) if told else (None, None)
    part = only_part(table, key.columns) if key.index is None and not key.own else None
    mergeable = not key.own and not part and nones < number and not (nones and key.index)
    yield Finding(
        "duplicate-keys", Severity.ERROR, table.name, key.columns, None, (),
        count=int(rows), distinct=number, sample=_sample(reader, key),
        facts={
            "groups": number,
            "differ": ", ".join(name for name, flag in zip(others, found, strict=True) if flag) or None,
            "index": key.index.name if key.index else None,
            "terms": None if len(key.columns) == len(key.terms) else ", ".join(key.terms),
            "where": key.where or None,
            "exists": int(key.exists),
            "own": int(key.own),
            "disagrees": int(key.index is not None and not reader.look.tables.agrees_as_far_as_known(table, key.index)),
            "none": rows_of_none,
            "values_for_none": values,
            "advice_for_none": advice,
            "part": part,
            "merge": None,
        },
        same=_mergeable(without_none(same) if nones else same, key.index) if mergeable else None,
    )  # fmt: skip


def _mergeable(same: SameRows, known: Index | None) -> SameRows | None:
    """The rows with what a merge has to know; None where it would stumble over a damaged index.

    An index that was made by CREATE INDEX is dropped before; one of a UNIQUE constraint cannot be.
    """
    if known is None:
        return same
    return replace(same, index=known.created_by) if known.created_by else None


def groups(key: UniqueKey) -> str:
    """SQL of the groups of rows that have the same key, what is selected of them left out."""
    where = f" WHERE {key.where}" if key.where else ""
    return f" FROM {stored(key.table)}{where}{by_twos(key.terms)}"


def _differences(columns: list[str]) -> str:
    """For each column whether its values differ within a group; a NULL differs from a value."""
    return "".join(
        f", min({quote(c)} COLLATE BINARY) IS NOT max({quote(c)} COLLATE BINARY)"
        f" OR count({quote(c)}) NOT IN (0, count(*)) AS d{place}"
        for place, c in enumerate(columns)
    )


def _sample(reader: TableReader, key: UniqueKey) -> tuple[Row, ...]:
    """Two rows of each of the first groups, where rows have an id; else one row of each."""
    table = reader.table
    if len(table.row_id) != 1 or table.without_rowid:
        own = table.known_by
        query = f"SELECT {names((*own, *key.columns))}{groups(key)} LIMIT {SAMPLE_ROWS}"
        return tuple(Row.of(own, key.columns, values) for values in reader.connection.execute(query))
    rowid = quote(table.row_id[0])
    ids = reader.connection.execute(
        f"SELECT min({rowid}), max({rowid}){groups(key)} ORDER BY 1 LIMIT {SAMPLE_ROWS // 2}"
    )
    numbers = dict.fromkeys(number for pair in ids for number in pair)
    plus = "+" if key.own else ""  # all the rows of that number, and not the first that is found by it
    return tuple(row for number in numbers for row in reader.rows(key.columns, f"{plus}c.{rowid} = {number}"))


def message(finding: Finding) -> str:
    """How many rows share a key, in how many groups, in what they differ, and how many only stand for "none"."""
    facts = finding.facts
    columns = facts["terms"] or ", ".join(finding.columns)
    groups = f"{finding.distinct:,} group{'s' * (finding.distinct != 1)}"
    text = f"{finding.count:,} rows of {finding.table} are not unique in ({columns}): {groups}"
    if facts["where"]:
        text += f" of the rows where {facts['where']}"
    text += f"; they differ in {facts['differ']}" if facts["differ"] else "; they differ in nothing else"
    if facts["none"]:
        rows = "they" if facts["none"] == finding.count else f"{facts['none']:,} of them"
        value = facts["values_for_none"] or "a value"
        text += f'; {rows} have {value}, which means "none", and are not the same'
    return text if facts["exists"] else f"{text}; no such constraint exists yet"


def hint(finding: Finding) -> str | None:
    """What keeps a repair from being made, and where there is a script for it."""
    facts = finding.facts
    if facts["own"]:
        return "the table itself is damaged; work on a copy: the sqlite3 shell's `.recover` saves what is in it"
    if facts["part"]:
        return f"{facts['part']}: such rows are not the same and must not be merged"
    none = facts["advice_for_none"] or "set the values that mean none to NULL, or give each row its own value"
    if facts["none"] == finding.count:
        return f"{none}"
    text = "decide which row of each group stays before you add the constraint"
    if facts["exists"]:
        text = f"decide which row of each group stays; until then REINDEX of {facts['index']} fails"
    if facts["merge"]:
        place = typed_address(finding.table, finding.columns)
        keeps = "and keeps the row that most rows reference"
        if facts["terms"] or facts["where"]:
            text += f"; facts.merge of --format json is a script that merges them, {keeps}"
        else:
            text += f"; sqlfix repair with --merge {place} merges them, {keeps}"
    return f"{text}. Those that mean none are left out: {none}" if facts["none"] else text


CHECKS.add("duplicate-keys", Check(Severity.ERROR, __doc__, message, hint, inspect=inspect))
