"""# mixed-formats

**What it finds.** Columns of dates and times that hold two or more formats that SQLite cannot compare with each other:
text and numbers of seconds (`'2021-05-03 10:00:00'` and `1620036000`), seconds and milliseconds, a blank and a T, a
date and a date with a time in a column declared DATE, `2021-05-03` and `2021/5/3`, times with an offset and times
without a zone. It checks columns declared DATE, DATETIME or TIMESTAMP, and others whose DEFAULT is the time of writing
(`CURRENT_TIMESTAMP`, `datetime('now')`, `unixepoch()`).

**Why it matters.** To SQLite a text is greater than every number, and texts are compared character by character. So
ORDER BY puts the rows in a wrong order, a range leaves out rows that belong to it, and nothing reports it. A reader
that was written for one format (Django, SQLAlchemy) fails on the other.

**Example.** `event.at` is DATETIME; an import wrote 40 rows as `2021-05-03T10:00:00Z` into a table whose other rows
read `2021-05-03 10:00:00`. Within one day, all imported events are sorted behind all others.

**How it is repaired and what that loses.** It is reported, with the rows of the rarer formats: only you know whether a
time without a zone is meant in UTC. Once you are sure, an UPDATE of these rows loses nothing but fractions of a second:
`datetime(at)` writes a text with a T as `2021-05-03 10:00:00`, and `datetime(at, 'unixepoch')` does the same for a
number of seconds.

Nothing is said about formats that compare well, or break no reader: times with and without fractions of a second, a
date without a time in a column of times, NULL, an empty text. Values that are not dates at all are for `invalid-dates`,
and texts in columns of numbers for `type-mismatches`. Units of numbers are told apart only if all numbers lie between
2001 and 2103, in seconds, milli-, micro- or nanoseconds, or as Julian days with a fraction. If some times are marked as
UTC and others have no zone, that is only a hint.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice

from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding, Row
from sqlfix.model.schema import Column, Schema, Table
from sqlfix.model.values import Fact, Severity
from sqlfix.scan.check import CHECKS, Check, Condition
from sqlfix.scan.pieces import Piece, pieces_of
from sqlfix.scan.table_reader import SAMPLE_ROWS, TableReader
from sqlfix.sql.dates import AsFirst, no_date, of_first
from sqlfix.sql.declared_types import is_date_column, kind_of
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.predicates import affinity, stored
from sqlfix.sql.tokens import expression
from sqlfix.text import plural

NAME = "mixed-formats"
NEAR_ZERO = 1_000_000
"""Numbers up to here stand for "none", or for a time that no unit can be told from."""
UNITS = {"seconds": 1, "milliseconds": 1000, "microseconds": 1000**2, "nanoseconds": 1000**3}
LEAST, MOST = 1_000_000_000, 4_200_000_000
"""Seconds from 2001 to 2103; by such a number the units of a time can be told apart."""

WORDS = {
    "blank": "like 2021-05-03 10:00:00",
    "blank-utc": "like 2021-05-03 10:00:00Z",
    "blank-offset": "like 2021-05-03 10:00:00+02:00",
    "t": "like 2021-05-03T10:00:00",
    "t-utc": "like 2021-05-03T10:00:00Z",
    "t-offset": "like 2021-05-03T10:00:00+02:00",
    "date": "like 2021-05-03",
    "unpadded": "like 2021-5-3 or 2021-05-03 9:00",
    "slashes": "like 2021/05/03",
    "dots": "like 2021.05.03",
    "compact": "like 20210503",
    "half-days": "like 2021-05-03 10:00 PM",
    "year-last": "like 03/05/2021",
    "digits": "in Unix time as text",
    "other-text": "in another format",
    **{unit: f"in Unix {unit}" for unit in UNITS},
    "julian": "as a Julian day",
    "number": "as a number",
    "near-zero": "as a number near 0",
}
"""What each format is called. Of those that are equally frequent the first is the one that the others differ from."""
NUMBERS = frozenset((*UNITS, "julian", "number", "near-zero"))
LEAST_DAY, MOST_DAY = 2_451_910, 2_489_165
"""The same times as Julian days; with a fraction, none is meant as seconds: it would be in January 1970."""
_D, _USUAL, _SHORT = "[0-9]", "'????-??-?? *'", "'????-??-?? ??:??:??'"
_NOW = re.compile(r"\b(?:CURRENT_TIMESTAMP|CURRENT_DATE|(?:DATETIME|DATE|UNIXEPOCH|JULIANDAY)\s*\()")
_PARTS = re.compile(r"STRFTIME\s*\(\s*'[^']*(?:%s|%F|%Y-%m-%d)", re.IGNORECASE)


@frozen
class Dates:
    """A column of dates: ``days`` if no times belong into it; ``texts`` and ``odd`` say which texts are looked at.

    ``odd`` are those of which `invalid-dates` would say that they are no dates, if the column were declared as one.
    """

    column: Column
    days: bool
    texts: bool
    odd: bool

    @property
    def facts(self) -> dict[str, Fact]:
        """What is known of it by its declaration."""
        known: dict[str, Fact] = {"declared": self.column.type}
        if self.odd:
            known["default"] = self.column.default
        return known | ({"days": 1} if self.days else {})


@lru_cache(maxsize=1024)
def dates_of(column: Column) -> Dates | None:
    """How a column holds dates; None if its declaration does not say that it does."""
    if column.generated:
        return None
    if is_date_column(column):
        return Dates(column, re.match(r"DATE(?![A-Z0-9_])", expression(column.type).upper()) is not None, True, False)
    default = column.default or ""
    now = _NOW.search(re.sub(r"'[^']*'", "''", default).upper())
    if now is None and not _PARTS.search(default):
        return None
    days = now is not None and re.match(r"CURRENT_DATE|DATE\s*\(", now[0]) is not None
    return Dates(column, days, kind_of(column) is None, True)


# -- what one reading of the table can tell -----------------------------------------------------------------------


def clues(schema: Schema, table: Table) -> Iterator[Condition]:
    """A condition for each column of dates: a value is not written as one of the first is."""
    for column in table.columns:
        if dates := dates_of(column):
            sound = AsFirst(table, column.name) if dates.texts else ""
            yield Condition((column.name,), differs(table, dates), dates.facts, unless=sound)


def differs(table: Table, dates: Dates) -> str:
    """True of values that may have another format than one of the first, and of some wherever there are two formats.

    A sound column has almost none of them, so that it has not to be read again. What is compared is found out by
    queries that SQLite runs once for a statement.
    """
    x = f"c.{quote(dates.column.name)}"

    def first(what: str, otherwise: str) -> str:
        return f"ifnull({of_first(table, dates.column.name, what)}, {otherwise})"

    number = f"+{x} NOT BETWEEN {first(_end('v', 0), '1')} AND {first(_end('v', 1), '0')}"
    if not dates.texts:
        return f"+{x} < '' COLLATE BINARY AND {number}"
    zoned, days = _may_have_zone("v"), "'????-??-??'"
    timed = f"v GLOB {days} || '[ Tt]*' AND substr(v, 13, 1) <> ':' AND substr(v, -1) NOT IN ('M', 'm')"
    mark = "CASE substr(v, 11, 1) WHEN ' ' THEN ' ' ELSE '[Tt]' END"
    short = f"CASE WHEN {timed} AND NOT {zoned} THEN {days} || {mark} || '??:??:??' ELSE '' END"
    form = f"CASE WHEN {timed} THEN {days} || {mark} || '*' WHEN v GLOB {days} THEN {days} ELSE '' END"
    beside = f"CASE WHEN {timed} THEN {days} ELSE '' END"
    odd = (
        f"{x} NOT GLOB {first(form, _USUAL)} OR {_may_have_zone(x)} <> {first(zoned, '0')}"
        f" OR substr({x}, 13, 1) = ':' OR substr({x}, -1) IN ('M', 'm')"
    )
    # what a sound value meets comes first, and is one comparison; no CASE: in one SQLite works out both sides of an AND
    alike = f"{x} NOT GLOB {first(_shape('v'), _SHORT)} AND {x} NOT GLOB {first(short, _SHORT)}"
    text = f"+{x} >= '' COLLATE BINARY AND ({odd})"
    if not dates.days:  # a date goes with dates that have times
        text += f" AND {x} NOT GLOB {first(beside, days)}"
    unlike = f"({text}) OR (+{x} < '' COLLATE BINARY AND {number})"
    found = f"{alike} AND +{x} <> '' COLLATE BINARY AND ({unlike})"
    if affinity(dates.column) == "BLOB":  # there a number and a text can look the same
        found += f" OR typeof({x}) NOT IN ('null', {first('typeof(v)', 'NULL')})"
    return found


def _shape(v: str) -> str:
    """A pattern for the texts that are written as this one is, to the digit; an empty one where it is not usual.

    The patterns are constants: SQLite would copy one that it had to put together for each row that is compared.
    """
    cases = " ".join(f"WHEN {v} GLOB '{shape}' THEN '{shape}'" for shape in _shapes())
    return f"CASE {cases} ELSE '' END"


def _shapes() -> Iterator[str]:
    """Patterns, each of one format; a digit is asked for only where a zone could stand in its place."""
    yield from ("????-??-??", "????/??/??", _D * 10, _D * 13)
    for mark in " T":
        for zone in ("", "Z", "[-+]??:??"):
            for fraction in ("", ".???", ".??????") if zone else ("", f".??{_D}", f".?{_D}?{_D}?{_D}"):
                yield f"????-??-??{mark}??:??:??{fraction}{zone}"


def _may_have_zone(x: str) -> str:
    return f"(substr({x}, 14) GLOB '*[-+A-Za-z]*')"


def _end(v: str, place: int) -> str:
    """The least or the greatest of the numbers that go with a value: those of its unit, or all that are of none."""
    units = ""
    for factor in UNITS.values():
        low, high = _range(factor)
        units += f" WHEN {v} BETWEEN {low} AND {high} THEN {(-NEAR_ZERO if factor == 1 else low, high)[place]}"
    none, other = ((1, -9e99), (0, LEAST - 1))[place]
    return f"CASE WHEN typeof({v}) NOT IN ('integer', 'real') THEN {none}{units} ELSE {other} END"


def _range(factor: int) -> tuple[int, int]:
    return LEAST * factor, MOST * factor


# -- the formats --------------------------------------------------------------------------------------------------


def format_of(x: str, dates: Dates) -> str:
    """The name of the format of a value, one of WORDS; NULL for what is none, or is for another check to report."""
    date = f"{_D * 4}-{_D * 2}-{_D * 2}"
    other = "NULL"
    if dates.odd:
        ends = " OR ".join(
            f"{x} GLOB '{day}[-/.]{month}[-/.]{_D * 4}*'" for day in (_D, _D * 2) for month in (_D, _D * 2)
        )
        digits = " OR ".join(f"{x} GLOB '{_D * many}'" for many in (10, 13))
        other = f"CASE WHEN {ends} THEN 'year-last' WHEN {digits} THEN 'digits' END"
    text = (
        f"CASE WHEN {no_date(x)} THEN {other}"
        f" WHEN {x} GLOB '{date}' OR {x} GLOB '{_D * 4}-{_D * 2}' THEN 'date'"
        f" WHEN {x} GLOB '{date}[ Tt]*' THEN CASE WHEN substr({x}, 13, 1) = ':' THEN 'unpadded'"
        f" WHEN substr({x}, -2) IN ('AM', 'PM', 'am', 'pm') THEN 'half-days'"
        f" ELSE CASE substr({x}, 11, 1) WHEN ' ' THEN 'blank' ELSE 't' END || {_zone(f'substr({x}, 14)')} END"
        f" WHEN {x} GLOB '{_D * 8}*' THEN 'compact' WHEN {x} GLOB '{_D * 4}/*' THEN 'slashes'"
        f" WHEN {x} GLOB '{_D * 4}.*' THEN 'dots' WHEN {x} GLOB '{_D * 4}-*' THEN 'unpadded' ELSE 'other-text' END"
    )
    units = " ".join(
        f"WHEN +{x} BETWEEN {low} AND {high} THEN '{unit}'"
        for unit, factor in UNITS.items()
        for low, high in [_range(factor)]
    )
    number = f"CASE {units} WHEN +{x} BETWEEN {-NEAR_ZERO} AND {NEAR_ZERO} THEN 'near-zero' ELSE 'number' END"
    day = f"CASE WHEN +{x} BETWEEN {LEAST_DAY} AND {MOST_DAY} THEN 'julian' ELSE {number} END"
    texts = f" WHEN 'text' THEN {text}" if dates.texts else ""
    return f"CASE typeof({x}){texts} WHEN 'integer' THEN {number} WHEN 'real' THEN {day} END"


def _zone(tail: str) -> str:
    """What is added to the name of a format for the zone: that of UTC, an offset, or none."""
    left = f"upper(trim({tail}, '0123456789:., '))"
    utc = " OR ".join(f"{tail} GLOB '*[-+]{zero}'" for zero in ("00:00", "0000", "00"))
    return (
        f"CASE WHEN {left} = '' THEN '' WHEN {left} IN ('Z', 'UTC', 'GMT') OR {left} = '+0000 UTC' OR {utc}"
        " THEN '-utc' ELSE '-offset' END"
    )


@frozen
class Family:
    """Formats whose values SQLite compares as what they mean, the most frequent first; how many values have them."""

    formats: tuple[str, ...]
    rows: int


def families(counts: Mapping[str, int], days: bool) -> tuple[list[Family], Severity]:
    """What cannot be compared with each other in a column, the most frequent first, and how much that matters.

    Args:
        counts: how many values there are of each format.
        days: no times belong into the column.
    """
    there = [name for name in WORDS if counts.get(name)]
    groups: list[list[str]] = []
    timed: list[list[str]] = []
    for mark in ("blank", "t"):
        offset = [f"{mark}-offset"]
        # a time without a zone goes with one in UTC, as which SQLite takes it, and with no other
        for some in ([mark], [f"{mark}-utc", *offset]) if counts.get(offset[0]) else ([mark, f"{mark}-utc"],):
            timed.append([name for name in some if name in there])
    if "date" in there and not days and any(timed):
        max(timed, key=lambda group: sum(counts[name] for name in group)).append("date")
    units = [name for name in (*UNITS, "julian") if name in there]
    if len(units) < 2 or "number" in there:  # where one number is of none of them, the others may be so by chance
        groups.append([name for name in there if name in NUMBERS])
    else:
        groups += [[unit] for unit in units]
    grouped = {name for group in (*timed, *groups) for name in group} | NUMBERS
    groups += [*timed, *([name] for name in there if name not in grouped)]
    found = [_family(group, counts) for group in groups if group]
    found.sort(key=lambda family: (-family.rows, list(WORDS).index(family.formats[0])))
    if len(found) == 1:
        both = [name for name in found[0].formats if name.endswith("-utc") or name in ("blank", "t")]
        if len(both) == 2:
            return [_family([name], counts) for name in both], Severity.HINT
    return (found if len(found) > 1 else []), Severity.WARNING


def _family(group: list[str], counts: Mapping[str, int]) -> Family:
    ordered = sorted(group, key=lambda name: (-counts[name], list(WORDS).index(name)))
    return Family(tuple(ordered), sum(counts[name] for name in group))


# -- looking ------------------------------------------------------------------------------------------------------


def inspect(reader: TableReader) -> Iterator[Finding]:
    """A finding for each column of dates of which the one reading has told that there may be two formats.

    Raises:
        sqlite3.DatabaseError: where one of them could not be read; it comes after the findings of the others.
    """
    errors = []
    for clue in reader.clues(NAME):
        column = reader.table.column(clue.columns[0])
        dates = dates_of(column) if column else None
        answer = reader.answer(clue)
        if answer is None and reader.size is None:
            answer = sqlite3.DatabaseError("its rows could not be counted")
        if isinstance(answer, sqlite3.DatabaseError):
            errors.append(answer)
        elif dates and answer is not None and answer.count:
            reader.read_again()
            yield from _look_at(reader, dates)
    if errors:
        raise errors[0]


def _look_at(reader: TableReader, dates: Dates) -> Iterator[Finding]:
    counts = _count(reader, dates)
    found, severity = families(counts, dates.days)
    if found:
        yield Finding(
            NAME, severity, reader.table.name, (dates.column.name,),
            count=sum(family.rows for family in found[1:]), sample=_sample(reader, dates, found[1:]),
            facts={**dates.facts, **counts},
        )  # fmt: skip


def _count(reader: TableReader, dates: Dates) -> dict[str, int]:
    """How many values a column has of each format."""
    form = format_of(f"c.{quote(dates.column.name)}", dates)
    query = f"SELECT {form}, count(*) FROM {stored(reader.table, 'c')} WHERE 1"

    def count(connection: sqlite3.Connection, piece: Piece) -> list[tuple[str | None, int]]:
        return connection.execute(f"{query}{piece.condition} GROUP BY 1", piece.values).fetchall()

    total: Counter[str] = Counter()
    for part in reader.look.readers.run(count, pieces_of(reader.look.readers, reader.table, reader.size or 0)):
        total.update({name: rows for name, rows in part if name is not None})
    return {name: total[name] for name in WORDS if total[name]}


def _sample(reader: TableReader, dates: Dates, rarer: list[Family]) -> tuple[Row, ...]:
    """A few rows of each of the rarer formats."""
    form = format_of(f"c.{quote(dates.column.name)}", dates)
    each = max(SAMPLE_ROWS // len(rarer), 1)
    rows: list[Row] = []
    for family in rarer[:SAMPLE_ROWS]:
        condition = f"{form} IN ({', '.join(map(literal, family.formats))})"
        rows += islice(reader.rows((dates.column.name,), condition, each), each)
    return tuple(rows)


# -- words --------------------------------------------------------------------------------------------------------


def _families_of(finding: Finding) -> list[Family]:
    counts = {name: int(finding.facts[name] or 0) for name in WORDS if name in finding.facts}
    return families(counts, "days" in finding.facts)[0]


def message(finding: Finding) -> str:
    """Which formats there are, and how many values of each."""
    declared = finding.facts.get("declared")
    how = f"declared {declared}" if declared else "without a type"
    if "default" in finding.facts:
        how += f" with DEFAULT {finding.facts['default']}"
    first, *others = _families_of(finding)
    told = [f"{plural(first.rows, 'value')} {WORDS[first.formats[0]]}"]
    told += [f"{family.rows:,} {WORDS[family.formats[0]]}" for family in others]
    return f"{finding.table}.{finding.columns[0]}, {how}, mixes {len(told)} formats: {', '.join(told)}"


def hint(finding: Finding) -> str | None:
    """What goes wrong, and what has to be known first."""
    first, *others = _families_of(finding)
    names = {name for family in (first, *others) for name in family.formats}
    if finding.severity is Severity.HINT:
        return "readers have to guess the zone of a time without one: some assume UTC, others their own zone"
    if names & NUMBERS and names - NUMBERS:
        why = "a text is greater than every number, so sorting and ranges go wrong"
    elif names <= NUMBERS:
        why = "one unit is compared with another, so sorting and ranges go wrong"
    elif finding.facts.get("days") and "date" in names:
        why = "a day is not equal to a day with a time, so searches and ranges miss rows"
    else:
        why = "they are compared as text, character by character, so sorting and ranges go wrong"
    return f"{why}; the rarer ones can be rewritten once you know which moment they mean"


CHECKS.add(NAME, Check(Severity.WARNING, __doc__, message, hint, inspect=inspect, clues=clues))
