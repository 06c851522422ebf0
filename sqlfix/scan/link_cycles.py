"""The cycles in a table of links, each of which puts one row of another table beneath another row of the same table.

A link to what has nothing beneath it is on no cycle, and when it is taken away, neither may be the next. So links are
peeled off from below, and what is left, from above; each is touched a few times, however many rounds it takes, and a
chain without branches is peeled in one. What remains are the cycles and the links from one to another, which alone are
few enough to be looked at one by one.
"""

from itertools import count

from sqlfix.frozen import frozen
from sqlfix.model.findings import Row
from sqlfix.model.graph import parents_first
from sqlfix.model.values import Value, folded
from sqlfix.scan.pieces import piece_by_piece
from sqlfix.scan.table_reader import SAMPLE_ROWS, TableReader
from sqlfix.schema.hierarchies import Links
from sqlfix.sql.literals import free_name, quote
from sqlfix.sql.predicates import affinity, key_types, stored

MOST_LEFT = 100_000
"""Links that are told from those between two cycles; where more are left, all of them are counted."""
FEW_PAIRS = 10
"""If more links than these, and more than half of all, stand there in both directions, they were meant so."""


@frozen
class Found:
    """How many links are on cycles, and how many go from a row to itself; a few of them.

    ``between`` is true where those are counted as well that lead from one cycle to another.
    """

    links: int
    loops: int
    between: bool
    sample: tuple[Row, ...]


def cycles_of(reader: TableReader, links: Links) -> Found | None:
    """The links of a table that are on cycles, each link a row; None where there are none.

    Raises:
        sqlite3.DatabaseError: where SQLite cannot compare the keys.
    """
    if not reader.size:
        return None
    look = Look(reader, links)
    if look.has_none():
        return None
    try:
        return look.found()
    finally:
        for table in look.tables:
            reader.connection.execute(f"DROP TABLE IF EXISTS temp.{table}")


class Look:
    """A look at one table of links; it keeps its temporary tables: the links, those to themselves, and keys of rows."""

    def __init__(self, reader: TableReader, links: Links) -> None:
        self.reader, self.of = reader, links
        self.tables = [
            free_name(reader.schema, f"sqlfix_{word}") for word in ("links", "loops", "ends", "peeled", "next")
        ]
        self.links, self.loops, self.ends, self.peeled, self.next = self.tables
        self._types = key_types(reader.schema, links.above)

    @property
    def width(self) -> range:
        """The places of the columns of a key."""
        return range(len(self.of.above.parent_columns))

    def names(self, letter: str, alias: str = "") -> str:
        """The columns of a key: ``u0, …`` above, ``d0, …`` below, ``k0, …`` of one row."""
        prefix = f"{alias}." if alias else ""
        return ", ".join(f"{prefix}{letter}{place}" for place in self.width)

    def same(self, one: str, other: str) -> str:
        """True where two keys are the same, each given as alias and letter: ``l.u``."""
        return " AND ".join(f"{one}{place} = {other}{place}" for place in self.width)

    def has_none(self) -> bool:
        """True if there are no cycles, as far as that is seen without temporary tables: nearly always.

        There are none if each link leads to a greater key, or each to a lesser one. Else, where the columns compare as
        the parents' do and the links are not too many, they are followed one by one.
        """
        own, names = self.reader.table, zip(self.of.above.child_columns, self.of.below.child_columns, strict=True)
        pairs = []
        for (kind, collation), pair in zip(self._types, names, strict=True):
            columns = [own.column(name) for name in pair]
            if any(column is None or affinity(column, own.strict) != kind for column in columns):
                return False
            pairs.append([f"c.{quote(name)} COLLATE {quote(collation)}" for name in pair])
        same = [f"{above} = {below}" for above, below in pairs]
        greater, lesser = (
            " OR ".join(
                f"({' AND '.join([*same[:place], f'{above} {sign} {below}'])})"
                for place, (above, below) in enumerate(pairs)
            )
            for sign in "><"
        )
        query = f"SELECT total({greater}), total({lesser}), total({' AND '.join(same)}) FROM {stored(own, 'c')} WHERE 1"
        parts = piece_by_piece(self.reader.look.readers, own, self.reader.size or 0, query)
        ups, downs, loops = (sum(part[place] for part in parts) for place in range(3))
        few = (self.reader.size or 0) <= MOST_LEFT and all(folded(by) == "binary" for _, by in self._types)
        return not loops and (not (ups and downs) or (few and self._ends_everywhere()))

    def _ends_everywhere(self) -> bool:
        ups, downs = ([f"c.{quote(n)}" for n in fk.child_columns] for fk in (self.of.above, self.of.below))
        beneath: dict[tuple[Value, ...], list[tuple[Value, ...]]] = {}
        for row in self.reader.connection.execute(
            f"SELECT {', '.join((*ups, *downs))} FROM {stored(self.reader.table, 'c')}"
        ):
            if None not in row:
                beneath.setdefault(row[: len(ups)], []).append(row[len(ups) :])
        return all(len(some) == 1 for some in parents_first(beneath, beneath))

    def found(self) -> Found | None:
        """What is on cycles: nothing of a table that holds each link in both directions."""
        run = self.reader.connection.execute
        declared = {
            letter: ", ".join(f"{letter}{n} {kind} COLLATE {quote(by)}" for n, (kind, by) in enumerate(self._types))
            for letter in "udk"
        }
        run(f"CREATE TEMP TABLE {self.links} (id INTEGER PRIMARY KEY, {declared['u']}, {declared['d']})")
        for table in (self.loops, self.ends, self.peeled, self.next):
            run(f"CREATE TEMP TABLE {table} ({declared['k']})")
        columns = [*self.of.above.child_columns, *self.of.below.child_columns]
        there = " AND ".join(f"typeof(c.{quote(name)}) <> 'null'" for name in columns)
        values = ", ".join(f"+c.{quote(name)}" for name in columns)
        target = f"temp.{self.links} ({self.names('u')}, {self.names('d')})"
        run(f"INSERT INTO {target} SELECT {values} FROM {stored(self.reader.table, 'c')} WHERE {there}")
        itself = f"temp.{self.links} WHERE {self.same('u', 'd')}"
        run(f"INSERT INTO temp.{self.loops} SELECT DISTINCT {self.names('u')} FROM {itself}")
        loops = run(f"DELETE FROM {itself}").rowcount > 0
        run(f"CREATE INDEX temp.{self.links}_up ON {self.links} ({self.names('u')}, {self.names('d')})")
        run(f"CREATE INDEX temp.{self.links}_down ON {self.links} ({self.names('d')}, {self.names('u')})")
        again = f"{self.same('x.u', 'l.u')} AND {self.same('x.d', 'l.d')} AND x.id < l.id"
        twice = f"temp.{self.links} AS l WHERE EXISTS (SELECT 1 FROM temp.{self.links} AS x WHERE {again})"
        run(f"DELETE FROM temp.{self.links} WHERE id IN (SELECT l.id FROM {twice})")
        if loops and self._marks_all():
            loops = False
        (total,) = run(f"SELECT count(*) FROM temp.{self.links}").fetchone()
        for up, down in (("u", "d"), ("d", "u")):
            rounds_of_peeling(self, up, down)
        (left,) = run(f"SELECT count(*) FROM temp.{self.links}").fetchone()
        if left and self._is_of_pairs(total):
            return None
        if 0 < left <= MOST_LEFT:
            self._take_those_between()
        is_left, is_loop = self._is_in(self.links, "u", "d"), self._is_in(self.loops, "k", "k")
        where = [condition for there, condition in ((left, is_left), (loops, is_loop)) if there]
        if not where:
            return None
        counts = [self._count(condition) for condition in (is_left, is_loop)]
        sample = tuple(self.reader.rows(self.of.columns, " OR ".join(where), SAMPLE_ROWS))
        return Found(counts[0], counts[1] if loops else 0, left > MOST_LEFT, sample) if sample else None

    def _marks_all(self) -> bool:
        """True if most rows that the links lead to have a link to themselves: that is how the table is kept."""
        run = self.reader.connection.execute
        (count,) = run(f"SELECT count(*) FROM ({self._all_ends()})").fetchone()
        (loops,) = run(f"SELECT count(*) FROM temp.{self.loops}").fetchone()
        return 2 * int(loops) > int(count)

    def _all_ends(self) -> str:
        return f"SELECT {self.names('u')} FROM temp.{self.links} UNION SELECT {self.names('d')} FROM temp.{self.links}"

    def _is_of_pairs(self, total: int) -> bool:
        (both,) = self.reader.connection.execute(
            f"SELECT count(*) FROM temp.{self.links} AS l WHERE EXISTS (SELECT 1 FROM temp.{self.links} AS x"
            f" WHERE {self.same('x.u', 'l.d')} AND {self.same('x.d', 'l.u')})"
        ).fetchone()
        return int(both) > max(FEW_PAIRS, total // 2)

    def _take_those_between(self) -> None:
        """Take away the links that lead from one cycle to another."""
        run = self.reader.connection.execute
        run(f"INSERT INTO temp.{self.ends} {self._all_ends()}")
        run(f"CREATE INDEX temp.{self.ends}_key ON {self.ends} ({self.names('k')})")
        numbered = run(
            f"SELECT l.id, a.rowid, b.rowid FROM temp.{self.links} AS l"
            f" JOIN temp.{self.ends} AS a ON {self.same('a.k', 'l.u')}"
            f" JOIN temp.{self.ends} AS b ON {self.same('b.k', 'l.d')}"
        ).fetchall()
        beneath: dict[int, list[int]] = {}
        for _, up, down in numbered:
            beneath.setdefault(up, []).append(down)
        cycle = {end: n for n, some in enumerate(parents_first(beneath, beneath)) for end in some}
        off = [(link,) for link, up, down in numbered if cycle[up] != cycle[down]]
        self.reader.connection.executemany(f"DELETE FROM temp.{self.links} WHERE id = ?", off)

    def _is_in(self, table: str, up: str, down: str) -> str:
        """True of a link ``c`` that is in a temporary table, as the parents' keys are compared."""
        same = [f"l.{up}{n} = +c.{quote(name)}" for n, name in enumerate(self.of.above.child_columns)]
        same += [f"l.{down}{n} = +c.{quote(name)}" for n, name in enumerate(self.of.below.child_columns)]
        return f"EXISTS (SELECT 1 FROM temp.{table} AS l WHERE {' AND '.join(same)})"

    def _count(self, condition: str) -> int:
        query = f"SELECT count(*) FROM {stored(self.reader.table, 'c')} WHERE {condition}"
        return int(self.reader.connection.execute(query).fetchone()[0])


def rounds_of_peeling(look: Look, up: str, down: str) -> int:
    """Take away, again and again, the links to what has no link itself; how many rounds that took.

    In each round whatever has but one other beneath it goes together with that, so that a chain is one round.
    """
    run = look.reader.connection.execute
    k, ups, downs = look.names("k"), look.names(up, "l"), look.names(down, "l")
    has_more = f"EXISTS (SELECT 1 FROM temp.{look.links} AS x WHERE {look.same(f'x.{up}', 'n.k')})"
    other = " OR ".join(f"x.{down}{n} <> l.{down}{n}" for n in look.width)
    run(
        f"INSERT INTO temp.{look.ends} SELECT DISTINCT {downs} FROM temp.{look.links} AS l WHERE NOT EXISTS"
        f" (SELECT 1 FROM temp.{look.links} AS x WHERE {look.same(f'x.{up}', f'l.{down}')})"
    )
    for rounds in count():
        gone = run(
            f"INSERT INTO temp.{look.peeled} WITH RECURSIVE gone({k}) AS (SELECT {k} FROM temp.{look.ends}"
            f" UNION SELECT {ups} FROM gone AS g CROSS JOIN temp.{look.links} AS l"
            f" ON {look.same(f'l.{down}', 'g.k')} WHERE NOT EXISTS (SELECT 1 FROM temp.{look.links} AS x"
            f" WHERE {look.same(f'x.{up}', f'l.{up}')} AND ({other}))) SELECT {k} FROM gone"
        ).rowcount
        if not gone:
            return rounds
        beneath = f"temp.{look.peeled} AS p CROSS JOIN temp.{look.links} AS l ON {look.same(f'l.{down}', 'p.k')}"
        run(f"INSERT INTO temp.{look.next} SELECT DISTINCT {ups} FROM {beneath}")
        run(f"DELETE FROM temp.{look.links} WHERE id IN (SELECT l.id FROM {beneath})")
        run(f"DELETE FROM temp.{look.ends}")
        above = f"EXISTS (SELECT 1 FROM temp.{look.links} AS x WHERE {look.same(f'x.{down}', 'n.k')})"
        run(f"INSERT INTO temp.{look.ends} SELECT * FROM temp.{look.next} AS n WHERE NOT {has_more} AND {above}")
        run(f"DELETE FROM temp.{look.peeled}")
        run(f"DELETE FROM temp.{look.next}")

    raise AssertionError("it ends where no end is left")
