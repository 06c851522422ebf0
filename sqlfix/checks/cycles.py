"""# cycles

**What it finds.** Rows that are their own ancestors, in a table that references itself (a tree): 4 is below 7, and 7 is
below 4. A row that references itself counts if other rows are roots because they hold NULL. If no row holds NULL, that
is how this application marks a root. References whose names say that they form no tree (spouse, next, …) are skipped.

It finds the same in a table of links, whose two foreign keys reference one table and whose names tell above from below
(`parent_id` and `child_id`, `group_id` and `subgroup_id`, `assembly` and `component`): the links on a path that leads
from a row through other rows back to itself. A link from a row directly to itself counts unless most rows have one.
Some tables are skipped: those whose links may well form circles (friends, followers, page links), those that may hold
links of several kinds or times (a column `type` or `valid_to`), those that hold nearly all links in both directions,
and those of ancestors and descendants, which follow from other tables. So are tables of links whose names do not tell
above from below (`a_id` and `b_id`, `from_id` and `to_id`), because most of them may well form circles. The names that
do tell are those of its columns: parent, super, container, assembly, whole, composite, broader, upper, inherits or
extends in one, or child, sub, component, part, ingredient, contained, nested, narrower, lower or included in the other;
member, if the other table holds groups, roles, teams or the like; and from and to, if the table is called
`group_parents` or the like.

**Why it matters.** No foreign key is broken, so nothing reports it. But a program that walks up or down the tree never
ends, and the rows of the cycle and everything below them hang from no root: they are shown nowhere.

**Example.** `category.parent_id` of 4 is 7, and that of 7 is 4. Group 4 is a member of group 7, and group 7 of group 4.

**How it is repaired and what that loses.** One link of each cycle has to be cut, and only a person knows which one.
This version of sqlfix reports the rows.
"""

import sqlite3
from collections.abc import Iterator

from sqlfix.model.findings import Finding, Row, number_of
from sqlfix.model.schema import ForeignKey
from sqlfix.model.values import Severity, folded
from sqlfix.scan.access_paths import Question, index_over_key, looked_up, lookups, refers_to_ids
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.link_cycles import cycles_of
from sqlfix.scan.pieces import Piece, piece_by_piece, pieces_of
from sqlfix.scan.table_pass import probing
from sqlfix.scan.table_reader import SAMPLE_ROWS, TableReader
from sqlfix.scan.trees import distinct_in_order
from sqlfix.schema.hierarchies import is_tree, links_of
from sqlfix.sql.literals import free_name, names, quote
from sqlfix.sql.predicates import affinity, key_types, match_parent, stored
from sqlfix.sqlite.deadline import stop_if_interrupted
from sqlfix.text import plural

NODES, EDGES, ROUNDS = "sqlfix_nodes", "sqlfix_edges", ("sqlfix_round_0", "sqlfix_round_1")
"""Temporary tables, where no table of the file is called so."""
TOO_MANY, MANY = 50, 4
"""If more than one row in so many has a greater key above it, fewer may stand before what is above them; and if that is
not so, fewer may have a lesser key above them."""
FEW_ROWS, FEW_ABOVE = 50_000, 3
"""Rows from which on it is asked first which have others below them, and of how many one at most may have some."""


def inspect(reader: TableReader) -> Iterator[Finding]:
    """A finding for each reference of the table to itself that has cycles, and for its links."""
    own = (fk for fk in reader.table.foreign_keys if folded(fk.parent) == folded(fk.child) and not fk.fault)
    trees = list({fk.subject: fk for fk in own if is_tree(reader.table, fk)}.values())
    if trees and reader.size:
        reader.read_again()
        for fk, (upwards, loops) in zip(trees, _turning(reader, trees), strict=True):
            yield from _look_at(reader, fk, upwards, loops)
    if (links := links_of(reader.schema, reader.table)) is None:
        return
    reader.read_again()
    if found := cycles_of(reader, links):
        yield Finding(
            "cycles", Severity.WARNING, reader.table.name, links.columns,
            count=found.links + found.loops, sample=found.sample,
            facts={"themselves": found.loops, "links": found.links, "of": links.above.parent,
                   **({"between": 1} if found.between else {})},
        )  # fmt: skip


def _turning(reader: TableReader, trees: list[ForeignKey]) -> Iterator[tuple[int, int]]:
    """For each tree how many rows have a greater key above them, and how many beside those are their own parents."""
    asked = [condition for fk in trees for condition in (_up(fk), _itself(fk))]
    try:
        counts = _count(reader, asked)
    except sqlite3.DatabaseError as error:
        stop_if_interrupted(error)
        if len(trees) == 1:
            raise
        for fk in trees:  # one that cannot be compared hides none before it
            yield from _turning(reader, [fk])
        return
    for ups, loops in zip(counts[::2], counts[1::2], strict=True):
        yield ups - loops, loops


def _look_at(reader: TableReader, fk: ForeignKey, upwards: int, loops: int) -> Iterator[Finding]:
    """The rows on a cycle; a tree whose every row is younger than its parent is known to have none by one look.

    A walk along parents that always comes to a lesser key never comes back. So a cycle has a row with a greater one
    above it, and all of its rows are among the ancestors of such rows. The same is true of lesser ones, and of the
    places at which the rows stand: random keys have no order, but what is above is mostly written first.
    """
    rows = reader.size or 0
    turns = f"{_up(fk)} AND NOT ifnull({_itself(fk)}, 0)"
    if upwards > rows // TOO_MANY and (before := _count_before(reader, fk, rows)) is not None and before < upwards:
        upwards, turns = before, _before(reader, fk)
    if upwards > rows // MANY and (downwards := _count(reader, [f"NOT {_up(fk)}"])[0]) < upwards:
        upwards, turns = downwards, f"NOT {_up(fk)}"
    if loops and not _has_roots(reader, fk):
        loops = 0
    if not upwards and not loops:
        return
    _clear(reader)
    try:
        found = _on_cycles(reader, fk, turns) if upwards else 0
        if found or loops:
            yield Finding(
                "cycles", Severity.WARNING, reader.table.name, fk.child_columns,
                count=found + loops, sample=_sample(reader, fk, bool(found), bool(loops)),
                facts={"themselves": loops},
            )  # fmt: skip
    finally:
        _clear(reader)


def _clear(reader: TableReader) -> None:
    for word in (NODES, EDGES, *ROUNDS):
        reader.connection.execute(f"DROP TABLE IF EXISTS temp.{free_name(reader.schema, word)}")


def _own(fk: ForeignKey, place: int) -> str:
    """A column of the key of ``c`` itself, with the collation by which parents are looked up."""
    collation = fk.parent_collations[place] if fk.parent_collations else None
    return f"c.{quote(fk.parent_columns[place])}{f' COLLATE {quote(collation)}' if collation else ''}"


def _up(fk: ForeignKey) -> str:
    """True where the key of ``c`` is no greater than its parent's, column by column as in an index."""
    last = len(fk.child_columns) - 1
    pairs = [(_own(fk, place), f"+c.{quote(name)}") for place, name in enumerate(fk.child_columns)]
    ways = []
    for place, (own, other) in enumerate(pairs):
        same = [f"{a} = {b}" for a, b in pairs[:place]]
        ways.append(" AND ".join([*same, f"{own} {'<=' if place == last else '<'} {other}"]))
    return f"({' OR '.join(ways)})"


def _itself(fk: ForeignKey) -> str:
    return match_parent(fk, "c")


def _count(reader: TableReader, conditions: list[str]) -> list[int]:
    """For how many rows each condition holds, all counted in one reading."""
    shown = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in conditions)
    query = f"SELECT {shown} FROM {stored(reader.table, 'c')} WHERE 1"
    parts = piece_by_piece(reader.look.readers, reader.table, reader.size or 0, query)
    return [sum(counts) for counts in zip(*parts, strict=True)]


def _before(reader: TableReader, fk: ForeignKey) -> str:
    """True of a row ``c`` that stands before one that is above it."""
    rowid = quote(reader.table.row_id[0])
    there = f"FROM {looked_up(reader.schema, fk, 'p')} WHERE {match_parent(fk)} AND p.{rowid} > c.{rowid}"
    return f"EXISTS (SELECT 1 {there})"


def _count_before(reader: TableReader, fk: ForeignKey, rows: int) -> int | None:
    """How many rows stand before one that is above them; None where they stand in the order of the key.

    Where few rows have others below them, as an index tells, only those are asked: no other is on a cycle.
    """
    table, look = reader.table, reader.look
    if table.without_rowid or len(table.row_id) != 1 or refers_to_ids(reader.schema, fk):
        return None
    before = _before(reader, fk)
    above = _rows_above(reader, fk, rows)
    with probing(look.readers, lookups(reader.schema, fk), look.sizes, table.name):
        if above:
            query, pieces = above
            theirs = f"CROSS JOIN {looked_up(reader.schema, fk, 'c')} ON {_own(fk, 0)} = +d.k0 WHERE {before}"
            return sum(_of_each(reader, f"SELECT count(*) FROM ({query}", f") AS d {theirs}", pieces))
        query = f"SELECT count(*) FROM {stored(table, 'c')} WHERE {before}"
        return sum(_of_each(reader, query, "", pieces_of(look.readers, table, rows)))


def _rows_above(reader: TableReader, fk: ForeignKey, rows: int) -> tuple[str, list[Piece]] | None:
    """The rows that have others below them, if an index tells them quickly and they are few; None where it does not.

    It is a query for the keys ``k0`` that rows refer to, each of them once, to be asked of the ranges that follow it.
    Texts that are told apart byte by byte are told apart as well by whatever finds the parents; two numbers are not.
    """
    table, look, index = reader.table, reader.look, index_over_key(reader.schema, fk)
    column = table.column(fk.child_columns[0])
    if not index or not column or len(fk.child_columns) > 1 or rows < FEW_ROWS or affinity(column) != "TEXT":
        return None
    if folded(column.collation) != "binary" or not look.tables.agrees_as_far_as_known(table, index):
        return None
    name, child = f"c.{quote(column.name)}", f"{quote(table.name)} AS c INDEXED BY {quote(index.name)}"
    if reader.connection.execute(f"SELECT 1 FROM {child} WHERE {name} < '' LIMIT 1").fetchone():
        return None
    pieces = pieces_of(look.readers, table, rows, Question(table, "1", index=index))
    query = distinct_in_order([f"{name} AS k0"], child)
    found = sum(_of_each(reader, f"SELECT count(*) FROM ({query}", ")", pieces))
    return (query, pieces) if found <= rows // FEW_ABOVE else None


def _of_each(reader: TableReader, query: str, rest: str, pieces: list[Piece]) -> list[int]:
    """The number that a query gives for each piece, whose condition stands before the rest of it."""
    return reader.look.readers.run(
        lambda connection, piece: int(
            connection.execute(f"{query}{piece.condition}{rest}", piece.values).fetchone()[0]
        ),
        pieces,
    )


def _has_roots(reader: TableReader, fk: ForeignKey) -> bool:
    """True if some row has no parent by NULL."""
    null = " OR ".join(f"typeof(c.{quote(name)}) = 'null'" for name in fk.child_columns)
    query = f"SELECT 1 FROM {stored(reader.table, 'c')} WHERE {null} LIMIT 1"
    return reader.connection.execute(query).fetchone() is not None


def _on_cycles(reader: TableReader, fk: ForeignKey, turns: str) -> int:
    """Put the rows on cycles of two rows or more into NODES; how many there are.

    First NODES are the ancestors of the rows where ``turns`` holds, EDGES the same as numbers. What can be reached from
    a root goes; of the rest each row leads to a cycle, and by jumping twice as far each time all come to stand on it.
    """
    run, table = reader.connection.execute, quote(reader.table.name)
    nodes, edges, above = (free_name(reader.schema, word) for word in (NODES, EDGES, "above"))
    width = range(len(fk.parent_columns))
    keys, ups = (", ".join(f"{letter}{place}" for place in width) for letter in "kp")
    typed = [f"{kind} COLLATE {quote(by)}" for kind, by in key_types(reader.schema, fk)]
    declared = ", ".join(f"{letter}{place} {typed[place]}" for letter in "kp" for place in width)
    values = ", ".join(f"+c.{quote(name)} COLLATE BINARY" for name in fk.child_columns)
    listed = names((*fk.parent_columns, *fk.child_columns), "c")
    met = " AND ".join(f"{_own(fk, place)} = +a.k{place}" for place in width)
    run(f"CREATE TEMP TABLE {nodes} (id INTEGER PRIMARY KEY, {declared})")
    run(
        f"WITH RECURSIVE {above}({keys}) AS (SELECT {values} FROM {stored(reader.table, 'c')} WHERE {turns}"
        f" UNION SELECT {values} FROM {above} AS a CROSS JOIN {table} AS c ON {met})"
        f" INSERT INTO temp.{nodes} ({keys}, {ups})"
        f" SELECT {listed} FROM {above} AS a CROSS JOIN {table} AS c ON {met}"
    )
    run(f"CREATE INDEX temp.{nodes}_key ON {nodes} ({keys})")
    leads = " AND ".join(f"q.k{place} = s.p{place}" for place in width)
    run(f"CREATE TEMP TABLE {edges} (id INTEGER PRIMARY KEY, up INTEGER)")
    run(f"INSERT OR IGNORE INTO temp.{edges} SELECT s.id, q.id FROM temp.{nodes} s LEFT JOIN temp.{nodes} q ON {leads}")
    run(f"CREATE INDEX temp.{edges}_up ON {edges} (up)")
    run(
        f"WITH RECURSIVE ok(id) AS (SELECT id FROM temp.{edges} WHERE up IS NULL OR up = id"
        f" UNION SELECT e.id FROM ok CROSS JOIN temp.{edges} AS e ON e.up = ok.id)"
        f" DELETE FROM temp.{edges} WHERE id IN (SELECT id FROM ok)"
    )
    return _jump(reader)


def _jump(reader: TableReader) -> int:
    """Leave only those of NODES that are on cycles; each of EDGES leads to another one. How many there are.

    Where twice as many steps lead to as many rows, these steps only change the places of rows: they are on cycles.
    """
    run = reader.connection.execute
    nodes, edges, here, there = (free_name(reader.schema, word) for word in (NODES, EDGES, *ROUNDS))
    run(f"CREATE TEMP TABLE {here} AS SELECT id, up FROM temp.{edges}")
    before = -1
    while True:
        (reached,) = run(f"SELECT count(DISTINCT up) FROM temp.{here}").fetchone()
        if reached == before:
            run(f"DELETE FROM temp.{nodes} WHERE id NOT IN (SELECT up FROM temp.{here})")
            return int(reached)
        before = reached
        run(f"CREATE INDEX temp.{here}_id ON {here} (id)")
        run(f"CREATE TEMP TABLE {there} AS SELECT a.id, b.up FROM temp.{here} a JOIN temp.{here} b ON b.id = a.up")
        run(f"DROP TABLE temp.{here}")
        here, there = there, here


def _sample(reader: TableReader, fk: ForeignKey, found: bool, loops: bool) -> tuple[Row, ...]:
    conditions = [f"({_itself(fk)})"] if loops else []
    if found:
        same = " AND ".join(f"n.k{place} = c.{quote(name)}" for place, name in enumerate(fk.parent_columns))
        conditions.append(f"EXISTS (SELECT 1 FROM temp.{free_name(reader.schema, NODES)} AS n WHERE {same})")
    return tuple(reader.rows(fk.child_columns, " OR ".join(conditions), SAMPLE_ROWS))


def message(finding: Finding) -> str:
    """How many rows are their own ancestors, and how many of them their own parents."""
    themselves, columns = number_of(finding, "themselves"), ", ".join(finding.columns)
    if "of" in finding.facts:
        return _message_of_links(finding, themselves, columns)
    if themselves == finding.count:
        rows = f"{plural(themselves, 'row')} of {finding.table}"
        return f"{rows} {'is its' if themselves == 1 else 'are their'} own parent through {columns}"
    more = f", {themselves:,} of them also their own parent" if themselves else ""
    return f"{finding.count:,} rows of {finding.table} are their own ancestors through {columns}{more}"


def _message_of_links(finding: Finding, themselves: int, columns: str) -> str:
    said = []
    if links := number_of(finding, "links"):
        where = "on cycles, or between two of them" if finding.facts.get("between") else "on cycles"
        said.append(f"{plural(links, 'link is', 'links are')} {where}")
    if themselves:
        said.append(f"{plural(themselves, 'link leads', 'links lead')} from a row to itself")
    return f"{finding.table} ({columns}) places rows of {finding.facts['of']} below others: {' and '.join(said)}"


def hint(finding: Finding) -> str | None:
    """What to do."""
    if "of" in finding.facts:
        return "break each cycle: delete one of its links"
    return "break each cycle: give one of its rows another parent, or none"


CHECKS.add("cycles", Check(Severity.WARNING, __doc__, message, hint, inspect=inspect))
