"""What stands in the columns of rows that are made: keys that no row has, and for the rest the rule for each type.

A key is the next number, a word, or a random one of the form of the others. It is none that rows reference either: an
orphan of another relationship would get a parent that it never had.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from sqlfix.model.plans import Fix
from sqlfix.model.schema import Column, Schema, Table
from sqlfix.model.values import Value, folded
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.declared_types import DECIMAL, REAL, TRUTH, WHOLE, is_date_column, kind_of, most_characters
from sqlfix.sql.literals import compound, free_name, literal, quote
from sqlfix.sql.predicates import affinity
from sqlfix.sql.tokens import DdlError, Token, expression, split, tokens
from sqlfix.text import address

MOST_TRIED = 100
"""How many texts are tried for a key that no row has."""
LARGEST = 2**63 - 1
_DIGIT = "[0-9a-fA-F]"
_DASHED = "-".join(_DIGIT * long for long in (8, 4, 4, 4, 12))
_HEX, _DASHES, _BYTES = "hex", "dashed", "bytes"
_FORMS: Mapping[str, str] = {
    _HEX: f"typeof(v) = 'text' AND v GLOB '{_DIGIT * 32}'",
    _DASHES: f"typeof(v) = 'text' AND v GLOB '{_DASHED}'",
    _BYTES: "typeof(v) = 'blob' AND length(v) = 16",
}
"""The forms of random keys, and when a value ``v`` has one."""
_DECLARED = {"char(32)": _HEX, "char(36)": _DASHES, "uuid": _DASHES, "guid": _DASHES, "uniqueidentifier": _DASHES}
"""What a type says of the keys of a table that has no rows yet."""


class CannotMake(Exception):
    """A row cannot be made; the message says why, and ``places`` are columns to give values for, if that helps."""

    def __init__(self, reason: str, *places: tuple[str, str]) -> None:
        super().__init__(reason)
        self.places = places


@dataclass(slots=True)
class NewKeys:
    """Finds keys in a database, and notes what has to run before rows can get them.

    ``made`` numbers its temporary tables; ``before`` are the statements that made those of one step, and ``tables``
    their names. ``shared`` are the keys of one row that all rows have as their parent, by its table and column: there
    is one of it in a plan, and the temporary table that holds its key stays until the end.
    """

    connection: sqlite3.Connection
    schema: Schema
    made: int = 0
    before: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    shared: dict[tuple[str, str], tuple[str, str | None]] = field(default_factory=dict)

    def temporary(self, word: str) -> str:
        """The name of one more temporary table."""
        self.made += 1
        self.tables.append(free_name(self.schema, f"{word}_{self.made}"))
        return self.tables[-1]

    def run(self, statements: Iterable[str]) -> None:
        """Run statements, and note them."""
        for statement in statements:
            self.connection.execute(statement)
            self.before.append(statement)

    def around(self, fixes: Iterable[Fix]) -> list[Fix]:
        """Some fixes with what was noted before the first, and the tables dropped after the last; then note anew."""
        found = list(fixes)
        found[0] = found[0].between(self.before, ())
        found[-1] = found[-1].between((), [f"DROP TABLE temp.{name}" for name in self.tables])
        self.before, self.tables = [], []
        return found

    def of_one(self, table: Table, column: Column, place: tuple[str, str]) -> str:
        """The key of one more row that all others share, as SQL.

        Args:
            place: the column that a value has to be given for where no key can be made.

        Raises:
            CannotMake: where there is no rule for it.
        """
        if (table.name, column.name) not in self.shared:
            key, name = self.find(table, column, place)
            self.shared[table.name, column.name] = (key, name)
            if name is not None:
                self.tables.remove(name)
        return self.shared[table.name, column.name][0]

    def find(self, table: Table, column: Column, place: tuple[str, str]) -> tuple[str, str | None]:
        """A value that no row has in a column, as SQL, and the temporary table that it stands in, if it is a number.

        Args:
            place: the column that a value has to be given for where there is none.

        Raises:
            CannotMake: where there is no rule for it.
        """
        kind = affinity(column, table.strict)
        if is_counted(column) or kind == "INTEGER":
            name = self.free_number(table, column.name)
            return f"(SELECT free FROM temp.{name})", name
        if kind == "TEXT":
            known = [f"SELECT {quote(c)} FROM {quote(t)}" for t, c in self._places(table, column.name)]
            if (word := self._new_word(compound(known), most_characters(column))) is not None:
                return word, None
        raise CannotMake(f"no new key can be made for {address(table.name, (column.name,))}", place)

    def forget(self, known: Iterable[tuple[str, str]]) -> None:
        """Note nothing, and share only the keys of before, since what came after was taken back."""
        self.before, self.tables = [], []
        self.shared = {place: self.shared[place] for place in known}

    def _places(self, table: Table, column: str) -> list[tuple[str, str]]:
        """A column, and those that reference it."""
        places = [(table.name, column)]
        for fk in self.schema.references_to_column(table.name, column):
            at = [folded(parent) for parent in fk.parent_columns].index(folded(column))
            places.append((fk.child, fk.child_columns[at]))
        return list(dict.fromkeys(places))

    def free_number(self, table: Table, column: str) -> str:
        """A temporary table with a number ``free`` that no row has in a column, nor any row that references it."""
        name = self.temporary("sqlfix_free")
        highest = [
            f"SELECT max({quote(c)}) AS m FROM {quote(t)} WHERE typeof({quote(c)}) = 'integer'"
            for t, c in self._places(table, column)
        ]
        if column == table.integer_key and "autoincrement" in folded(table.sql):
            highest.append(f"SELECT max(seq) FROM sqlite_sequence WHERE name = {literal(table.name)}")
        query = f"SELECT ifnull(max(m), 0) + 1 AS free FROM (SELECT 0 AS m UNION ALL {compound(highest)})"
        self.run((f"DROP TABLE IF EXISTS temp.{name}", f"CREATE TEMP TABLE {name} AS {query}"))
        return name

    def _new_word(self, there: str, most: int | None) -> str | None:
        """A text as SQL that is none of those that a query gives; None where there is none that is short enough."""
        for number in range(1, MOST_TRIED):
            word = literal(WORD if number == 1 else f"{WORD} {number}")
            if len(word) - 2 <= (most or len(word)) and not self.is_there(f"SELECT 1 WHERE {word} IN ({there})"):
                return word
        return None

    def is_there(self, query: str) -> bool:
        """True if a query gives a row."""
        return self.connection.execute(f"SELECT 1 FROM ({query}) LIMIT 1").fetchone() is not None


# -- a key for each of many rows ------------------------------------------------------------------------------------


def new_key(keys: NewKeys, table: Table, name: str, rows: int) -> str:
    """SQL over ``r`` of a key that no row has, for each of some rows, which are numbered by ``r.n`` from 1.

    Args:
        name: the column of the key.
        rows: how many there are.

    Raises:
        CannotMake: where there is no rule for it.
    """
    column = table.column(name)
    if column is None or column.generated:
        raise CannotMake(f"{address(table.name, (name,))} cannot be written")
    own = f"SELECT {quote(name)} AS v FROM {quote(table.name)} WHERE {quote(name)} IS NOT NULL"
    numbers = not keys.is_there(f"SELECT 1 FROM ({own}) WHERE typeof(v) <> 'integer'")
    if name == table.integer_key or (numbers and (is_counted(column) or affinity(column, table.strict) == "INTEGER")):
        return _next_number(keys, table, column, rows)
    if form := _form(keys, column, own):
        return form
    there = "those that are there have no form that sqlfix knows" if keys.is_there(own) else "there are none to go by"
    place = address(table.name, (name,))
    raise CannotMake(f"no new key can be made for {place}: {there}", (table.name, name))


def _next_number(keys: NewKeys, table: Table, column: Column, rows: int) -> str:
    made = keys.free_number(table, column.name)
    first = keys.connection.execute(f"SELECT free FROM temp.{made}").fetchone()[0]
    if not isinstance(first, int) or first > LARGEST - rows:
        place = address(table.name, (column.name,))
        raise CannotMake(f"no greater number is left for {place}", (table.name, column.name))
    return f"(SELECT free FROM temp.{made}) + r.n - 1"


def _form(keys: NewKeys, column: Column, own: str) -> str | None:
    """SQL of a random key of the form of those that are there; None where they are not all of one form."""
    if not keys.is_there(own):
        declared = re.sub(r"\s", "", expression(column.type).lower())
        form = next((form for type_, form in _DECLARED.items() if declared.endswith(type_)), None)
    else:
        form = next(
            (f for f, of in _FORMS.items() if not keys.is_there(f"SELECT 1 FROM ({own}) WHERE NOT ({of})")), None
        )
    if form is None:
        return None
    if form == _BYTES:
        return "randomblob(16)"
    upper = "SELECT 1 FROM ({}) WHERE v GLOB '*[{}]*'"
    case = "lower"
    if keys.is_there(upper.format(own, "A-F")) and not keys.is_there(upper.format(own, "a-f")):
        case = "upper"
    return _version_4(case, "-" if form == _DASHES else "")


def _version_4(case: str, mark: str) -> str:
    """A random GUID (RFC 9562, section 5.4), in either case."""
    between = f" || '{mark}' || " if mark else " || "
    parts = (
        "hex(randomblob(4))",
        "hex(randomblob(2))",
        "'4' || substr(hex(randomblob(2)), 2)",
        "substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2)",
        "hex(randomblob(6))",
    )
    return f"{case}({between.join(parts)})"


# -- what stands in the other columns of a row that is made for a key without a parent ----------------------------
# The row is there so that others keep their link. So its values say that it is a stand-in where they can, and nothing
# that could be taken for a fact: the number 0, the first day of 1970. What no rule is right for has to be given by
# hand.

WORD = "stand-in"
"""The text of a column that has to have one."""
EPOCH = "1970-01-01"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?P<time>[T ][0-9:.]{1,20}(?:Z|[+-][0-9:]{1,6})?)?", re.ASCII)
_WITH_TIME = ("DATETIME", "TIMESTAMP", "SMALLDATETIME")
_BY_NAME = {"STRING": literal(WORD), "JSON": "'{}'", "JSONB": "'{}'", "TIME": "'00:00:00'", "MONEY": "0"}
"""Types that no rule of SQLite knows, and that mean one thing to all programs."""


def plain_values(column: Column, strict: bool = False, like: Value = None) -> tuple[str, ...]:
    """Values for a column of which several rows may have the same, as SQL, the best first; none where no rule is right.

    Args:
        strict: its table is.
        like: a value that the column has in another row: days are written as that one is.
    """
    if is_date_column(column):
        return (_first_day(column, like),)
    kind, own = kind_of(column), affinity(column, strict)
    if kind in (TRUTH, WHOLE, REAL, DECIMAL):
        return ("0", "1")
    named = _BY_NAME.get(expression(column.type).upper())
    if named is not None:
        return (named,)
    if own == "TEXT" or (strict and folded(column.type) == "any"):
        most = most_characters(column)
        return tuple(dict.fromkeys(literal(text[:most]) for text in (WORD, "-", "0")))
    if own == "BLOB":
        return ("x''",) if column.type else (literal(WORD), "0")
    return ()


def unique_values(column: Column, key: Sequence[str], number: str, strict: bool = False) -> tuple[str, ...]:
    """Values for a column that has to tell the rows apart, as SQL over each row's key, the best first.

    Whether they do so, and whether other rows have them already, is for the data to say.

    Args:
        key: the SQL of the text of each column of the key.
        number: SQL that gives each row another whole number: 1, 2, …
    """
    own, kind = affinity(column, strict), kind_of(column)
    if is_date_column(column) or kind in (TRUTH, WHOLE, REAL, DECIMAL):
        return ()
    text = as_text(key)
    text = f"CAST({text} AS TEXT)" if len(key) == 1 and text.startswith("k.") and own == "BLOB" else text
    if own == "TEXT" or column.type == "" or (strict and folded(column.type) == "any"):
        most = most_characters(column)
        short = () if most is None or most >= len(WORD) + 2 else (f"'-' || {number}", f"CAST({number} AS TEXT)")
        return (f"'{WORD} ' || {text}", text, f"'{WORD} ' || {number}", *short)
    if own == "BLOB":
        return (f"CAST('{WORD} ' || {text} AS BLOB)", f"CAST('{WORD} ' || {number} AS BLOB)")
    return ()


def is_counted(column: Column) -> bool:
    """True of a column of whole numbers, for which a number can be found that no row has."""
    return kind_of(column) in (WHOLE, DECIMAL, REAL)


def as_text(key: Sequence[str]) -> str:
    """The text of a key, a composite one with a hyphen between its parts."""
    return " || '-' || ".join(key)


def key_text(column: Column, value: str) -> str:
    """SQL for the text of a value of a column; of the bytes of a BLOB, as digits."""
    if kind_of(column) is WHOLE:
        return value
    return f"CASE typeof({value}) WHEN 'blob' THEN hex({value}) ELSE CAST({value} AS TEXT) END"


def _first_day(column: Column, like: Value) -> str:
    """The first of January 1970 as other rows write their days, or else as the type says."""
    if isinstance(like, int):
        return "0"
    if isinstance(like, float):
        return "2440587.5"  # as julianday() counts
    with_time = expression(column.type).upper().startswith(_WITH_TIME)
    match = _DAY.fullmatch(like) if isinstance(like, str) else None
    if match is not None:
        return literal(EPOCH + re.sub("[0-9]", "0", match["time"] or ""))
    return literal(f"{EPOCH} 00:00:00" if with_time else EPOCH)


# -- what a CHECK lists ---------------------------------------------------------------------------------------------


def listed_values(table: Table, column: str) -> tuple[str, ...]:
    """The values of a CHECK (column IN (…)) as SQL, in their order; none without one, or where it is not read."""
    if "check" not in folded(table.sql):
        return ()
    try:
        checks = [tokens(f"({check.text}\n)")[1:-1] for check in read_create_table(table.sql).checks]
    except DdlError:
        return ()
    return tuple(dict.fromkeys(value for check in checks for value in _listed(check, folded(column))))


def _listed(check: Sequence[Token], column: str) -> Iterator[str]:
    """The literals of the first such list; a name, NULL or an expression among them is passed over."""
    for at, token in enumerate(check[:-3]):
        if folded(token.name or "") == column and [other.word for other in check[at + 1 : at + 3]] == ["in", "("]:
            inside = takewhile(lambda other: other.word != ")", check[at + 3 :])
            yield from filter(None, map(_literal_of, split(inside, ",")))
            return


def _literal_of(part: Sequence[Token]) -> str | None:
    sign = "".join(token.word for token in part[:-1])
    if not part or len(part) > 2 or sign not in ("", "-", "+"):
        return None
    last = part[-1]
    if last.name is None:
        return f"{sign}{last.text}" if not last.word else None
    return literal(last.name) if last.text[0] in "'\"" and not sign else None


# -- what was typed -------------------------------------------------------------------------------------------------

KEY = "{key}"


def from_template(text: str, key: Sequence[str]) -> str:
    """The SQL of a text with ``{key}`` in it, over the key of each row; what else stands in braces stays as it is."""
    parts = [literal(part) for part in text.split(KEY)]
    joined = f" || {as_text(key)} || ".join(parts)
    return joined.removeprefix("'' || ").removesuffix(" || ''")
