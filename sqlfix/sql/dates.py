"""When a text is a date in one of the usual spellings."""

from collections.abc import Iterator

from sqlfix.frozen import frozen
from sqlfix.model.schema import Table
from sqlfix.sql.literals import quote
from sqlfix.sql.predicates import stored

_DIGITS, _DIGIT = "'0123456789'", "[0-9]"
_DAY, _MOMENT = "????-??-??", "????-??-?? ??:??:??"


def no_date(x: str) -> str:
    """True where a value is no date in any of the usual spellings; the dearer the test, the fewer values come to it.

    SQLite takes the 30th of February for the first of March, and so what it makes of a text is compared with the text.
    Older versions do that only when they reckon with it, hence the 0 days.
    """
    read = f"date({x}, '+0 days')"
    return (
        f"+{x} >= '' COLLATE BINARY AND (+{x} >= x'' OR ({read} IS NOT substr({x}, 1, 10)"
        f" AND {read} IS NOT substr({x}, 1, 11) AND NOT {_in_other_spelling(x)}))"
    )


@frozen
class AsFirst:
    """Texts in a column of ``c`` that are surely dates, written to the digit as the first value that has one.

    How that is written has to be found out first, so that it need not be asked for each row.
    """

    table: Table
    name: str

    @property
    def asked(self) -> str:
        """A query for the pattern that the first value meets; NULL where it is in no usual format."""
        shapes = " ".join(f"WHEN v GLOB '{shape}' THEN '{shape}'" for shape in _shapes())
        return f"SELECT {of_first(self.table, self.name, f'CASE {shapes} END')}"

    def sql(self, pattern: object) -> str:
        """SQL that is true of them, and NULL for NULL; "" where there is no pattern.

        What SQLite makes of a text is the text itself, or the day before its time. Of one that is not in the calendar,
        or at 24:00, it makes a later day. A year before the first has a sign, and is written otherwise.
        """
        x = f"c.{quote(self.name)}"
        itself = f"+{x} COLLATE BINARY"
        if pattern in (_DAY, _MOMENT):
            return f"{'date' if pattern == _DAY else 'datetime'}({x}, '+0 days') = {itself} AND {itself} > '0'"
        return f"{x} GLOB '{pattern}' AND +{x} < x'' AND date({x}, '+0 days') <= {itself}" if pattern else ""


FIRST = 1000
"""Rows in which a value is looked for that shows how the others may be written."""


def of_first(table: Table, name: str, what: str) -> str:
    """SQL, which SQLite runs once for a statement, over the first value ``v`` of a column that is not empty.

    NULL where there is none among the first rows.
    """
    some = f"SELECT +{quote(name)} AS v FROM {stored(table)} LIMIT {FIRST}"
    return f"(SELECT {what} FROM ({some}) WHERE v <> '' COLLATE BINARY LIMIT 1)"


def _shapes() -> Iterator[str]:
    """Patterns, each of one format without an offset; a digit is asked for wherever one could stand in its place."""
    fractions = (f".??{_DIGIT}", f".?{_DIGIT}?{_DIGIT}?{_DIGIT}", f".?{_DIGIT}?{_DIGIT}{_DIGIT}?{_DIGIT}")
    yield _DAY
    for moment in (_MOMENT, _MOMENT.replace(" ", "T")):
        for end in ("", *fractions, "Z", ".???Z", ".??????Z", ".???????Z"):
            yield f"{moment}{end}"


def _in_other_spelling(x: str) -> str:
    """True where a text is a date in one of the spellings that SQLite itself does not know; never NULL.

    Step by step what was read is taken off the text: the year, the month, the day, the time, the zone. The LIMIT keeps
    SQLite from writing each step out wherever the next one speaks of it, which would double the statement every time.
    """
    four = _DIGIT * 4
    compact = f"t GLOB '{_DIGIT * 8}*' AND substr(t, 9, 1) NOT GLOB '{_DIGIT}'"
    dashed = f"CASE WHEN {compact} THEN substr(t, 1, 4) || '-' || substr(t, 5, 2) || '-' || substr(t, 7) ELSE t END"
    year = f"SELECT {dashed} AS s FROM (SELECT trim({x}) AS t LIMIT 1) LIMIT 1"
    month = f"SELECT s, ltrim(substr(s, 6), {_DIGITS}) AS a FROM ({year}) WHERE s GLOB '{four}[-/.]{_DIGIT}*' LIMIT 1"
    day = (
        f"SELECT substr(s, 1, 4) AS y, substr(s, 6, length(s) - length(a) - 5) AS m, a, substr(a, 2) AS b,"
        f" ltrim(substr(a, 2), {_DIGITS}) AS r FROM ({month}) WHERE a = '' OR substr(a, 1, 1) = substr(s, 5, 1) LIMIT 1"
    )
    whole = (
        "SELECT y, m, CASE a WHEN '' THEN '1' ELSE substr(b, 1, length(b) - length(r)) END AS d,"
        f" CASE WHEN r GLOB '[ Tt]?*' THEN ltrim(substr(r, 2)) WHEN r <> '' THEN '!' ELSE '' END AS w"
        f" FROM ({day}) LIMIT 1"
    )
    written = "y || '-' || substr('0' || m, -2) || '-' || substr('0' || d, -2)"
    real = f"length(m) < 3 AND length(d) BETWEEN 1 AND 2 AND date({written}, '+0 days') = {written}"
    return f"EXISTS (SELECT 1 FROM ({whole}) WHERE {real} AND (w = '' OR {_is_time('w')}))"


def _is_time(w: str) -> str:
    """True where a text is a time of day, perhaps with a zone."""
    four = _DIGIT * 4
    colons = (
        f"CASE WHEN {w} GLOB '{four}*' THEN substr({w}, 1, 2) || ':' || substr({w}, 3, 2) ||"
        f" CASE WHEN substr({w}, 5, 2) GLOB '{_DIGIT * 2}' THEN ':' ELSE '' END || substr({w}, 5)"
        f" WHEN {w} GLOB '{_DIGIT}:*' THEN '0' || {w} ELSE {w} END"
    )
    minute = f"{_DIGIT * 2}:[0-5]{_DIGIT}"
    seconds = (
        f"CASE WHEN substr(g, 6) GLOB ':[0-5]{_DIGIT}*' OR substr(g, 6, 3) = ':60'"
        f" THEN CASE WHEN substr(g, 9) GLOB '[.,]{_DIGIT}*' THEN ltrim(substr(g, 10), {_DIGITS}) ELSE substr(g, 9) END"
        " ELSE substr(g, 6) END"
    )
    hours = f"g GLOB '{minute}*' AND (substr(g, 1, 2) < '24' OR substr(g, 1, 5) = '24:00')"
    zone = f"SELECT upper(trim({seconds})) AS z FROM (SELECT {colons} AS g LIMIT 1) WHERE {hours} LIMIT 1"
    parts = f"SELECT z, substr(z, 1, instr(z || ' ', ' ') - 1) AS o FROM ({zone}) LIMIT 1"
    two = _DIGIT * 2
    offsets = " OR ".join(f"o GLOB '[-+]{form}'" for form in (two, four, f"{two}:{two}", f"{two}:{two}:{two}"))
    named = f"({offsets}) AND substr(z, length(o) + 1) NOT GLOB '*[^-+A-Z0-9=.: ]*'"
    return f"EXISTS (SELECT 1 FROM ({parts}) WHERE z IN ('', 'Z', 'UTC', 'GMT', 'AM', 'PM') OR ({named}))"
