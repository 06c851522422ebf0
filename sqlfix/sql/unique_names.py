"""Names made unique as people do it, set by set: the first row keeps the plain name, the others get a number.

Plain names come first: each goes to the row with the lowest place that has it, unless a row has it already. Then the
rest get the lowest number for which the name is free, in the order of their places: first the numbers of one digit,
then those of two, and so on, since a name of limited length is cut the shorter the longer its number is. Two names with
numbers are the same only if both their cut bases and their numbers are, so no two rounds meet.

Names are compared as the indexes of the column do, and by `normal` of them, which is the same for names that any of
these collations takes for the same.
"""

from collections.abc import Callable, Iterable

from sqlfix.frozen import frozen
from sqlfix.sql.literals import literal
from sqlfix.sql.statements import gather

MOST_DIGITS = 7
"""A number that tells names apart has at most so many digits."""


@frozen
class Naming:
    """How the names of one column are made unique.

    ``source`` is a temporary table with the bases: for each row its place ``n``, the names among which it has to be
    unique ``q``, and its base ``p``. ``taken`` is one with the names that are there, ``q`` and `normal` ones ``x``.
    ``most`` is how many characters a name has at most; ``collations`` are those by which names are compared.
    """

    source: str
    taken: str
    ending: str
    separator: str
    most: int | None
    collations: frozenset[str]

    def normal(self, name: str) -> str:
        """SQL of what is the same for names that are the same to the column's indexes."""
        name = self.same_base(name)
        return f"rtrim({name})" if "rtrim" in self.collations else name

    def same_base(self, base: str) -> str:
        """The same of what a number follows, so that blanks at its end count."""
        return f"lower({base})" if "nocase" in self.collations else base

    def room(self, digits: int) -> int | None:
        """How many characters of the base there is room for, beside a number of so many digits, or none."""
        if self.most is None:
            return None
        number = digits + len(self.separator) if digits else 0
        return self.most - len(self.ending) - number

    def cut(self, digits: int = 0) -> str:
        """SQL of the base ``p`` as far as there is room."""
        room = self.room(digits)
        return "p" if room is None else f"CASE WHEN length(p) > {room} THEN rtrim(substr(p, 1, {room})) ELSE p END"

    def plain(self) -> str:
        """SQL of the name without a number, over the base ``p``."""
        return f"{self.cut()} || {literal(self.ending)}" if self.ending else self.cut()

    def is_free(self, alias: str, name: str, plain: str = "") -> str:
        """SQL that is true where no row has a name, nor any row in the temporary table of plain names."""
        return " AND ".join(
            f"NOT EXISTS (SELECT 1 FROM temp.{table} AS t WHERE t.q = {alias}.q AND t.x = {name}{won})"
            for table, won in ((self.taken, ""), (plain, " AND t.won"))
            if table
        )


def plain_names(naming: Naming, made: str) -> tuple[str, ...]:
    """The statements that make a temporary table of the plain names: ``n, q, p, name, x, won``.

    Args:
        made: its name.
    """
    names = f"SELECT n, q, p, {naming.plain()} AS name FROM temp.{naming.source}"
    ranked = (
        f"SELECT n, q, p, name, x, row_number() OVER (PARTITION BY q, x ORDER BY n) AS place"
        f" FROM (SELECT n, q, p, name, {naming.normal('name')} AS x FROM ({names}))"
    )
    won = f"w.place = 1 AND {naming.is_free('w', 'w.x')}"
    return gather(made, f"SELECT w.n, w.q, w.p, w.name, w.x, ({won}) AS won FROM ({ranked}) AS w", "q, x")


@frozen
class Round:
    """The temporary tables of one round: ``groups`` of rows with the same base, the ``free`` numbers of each."""

    digits: int
    groups: str
    sizes: str
    free: str


def with_numbers(
    naming: Naming, plain: str, rest: str, round_: Round, free_name: Callable[[str], str]
) -> tuple[str, ...]:
    """The statements that give numbers of so many digits to rows.

    Args:
        plain: the table of `plain_names`.
        rest: a query for the rows that are yet without a name: ``n, q, p``.
        free_name: makes a word that no table is called by.
    """
    base = naming.cut(round_.digits)
    ranked = (
        f"SELECT n, q, p, base, g, row_number() OVER (PARTITION BY q, g ORDER BY n) AS place"
        f" FROM (SELECT n, q, p, base, {naming.same_base('base')} AS g"
        f" FROM (SELECT n, q, p, {base} AS base FROM ({rest})))"
    )
    free = _free_numbers(naming, plain, round_, free_name("sqlfix_number"))
    return (
        *gather(round_.groups, ranked, "q, g, place"),
        *gather(round_.sizes, _sizes(naming, plain, round_), "most"),
        *gather(round_.free, free, "q, g, place"),
    )


def _sizes(naming: Naming, plain: str, round_: Round) -> str:
    """A query for how many numbers each group may need: as many as it has rows, and as there are names like it."""
    begun = (f"s.g || {literal(naming.separator)}", f"s.g || {literal(chr(ord(naming.separator) + 1))}")
    there = " + ".join(
        f"(SELECT count(*) FROM temp.{table} AS t WHERE t.q = s.q AND t.x >= {begun[0]} AND t.x < {begun[1]})"
        for table in (naming.taken, plain)
    )
    grouped = f"SELECT q, g, count(*) AS rows FROM temp.{round_.groups} GROUP BY q, g"
    return f"SELECT s.q, s.g, min({9 * 10 ** (round_.digits - 1)}, s.rows + {there}) AS most FROM ({grouped}) AS s"


def _free_numbers(naming: Naming, plain: str, round_: Round, number: str) -> str:
    """A query for the numbers of each group whose names are free, and their places."""
    counted = (
        f"WITH RECURSIVE {number}(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM {number}"
        f" WHERE i < (SELECT max(most) FROM temp.{round_.sizes}))"
    )
    numbers = (
        f"SELECT s.q, s.g, {10 ** (round_.digits - 1) - 1} + {number}.i AS i"
        f" FROM {number} CROSS JOIN temp.{round_.sizes} AS s ON s.most >= {number}.i"
    )
    name = naming.normal(f"f.g || {literal(naming.separator)} || f.i || {literal(naming.ending)}")
    return (
        f"{counted} SELECT f.q, f.g, f.i, row_number() OVER (PARTITION BY f.q, f.g ORDER BY f.i) AS place"
        f" FROM ({numbers}) AS f WHERE {naming.is_free('f', name, plain)}"
    )


def without_number(round_: Round) -> str:
    """A query for the rows that a round has left without a name."""
    return (
        f"SELECT b.n, b.q, b.p FROM temp.{round_.groups} AS b WHERE NOT EXISTS (SELECT 1 FROM temp.{round_.free} AS f"
        " WHERE f.q = b.q AND f.g = b.g AND f.place = b.place)"
    )


def without_name(plain: str) -> str:
    """A query for the rows that do not keep their plain name."""
    return f"SELECT n, q, p FROM temp.{plain} WHERE NOT won"


def all_names(naming: Naming, made: str, plain: str, rounds: Iterable[Round]) -> tuple[str, ...]:
    """The statements that make a temporary table ``n, name`` of what the rounds gave."""
    queries = [f"SELECT n, name FROM temp.{plain} WHERE won"]
    queries += (
        f"SELECT b.n, b.base || {literal(naming.separator)} || f.i || {literal(naming.ending)}"
        f" FROM temp.{round_.groups} AS b JOIN temp.{round_.free} AS f"
        " ON f.q = b.q AND f.g = b.g AND f.place = b.place"
        for round_ in rounds
    )
    return gather(made, " UNION ALL ".join(queries), "n")
