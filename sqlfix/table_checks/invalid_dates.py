"""# invalid-dates

**What it finds.** Values in columns declared DATE, DATETIME or TIMESTAMP that are no date: `''`, `'0000-00-00'`, a
month 13, the 30th of February, `'CURRENT_TIMESTAMP'` as a word, `'02/01/2024'` (the second of January or the first of
February?), BLOBs.

**Why it matters.** The application reads the row and dies, or gets no date at all; SQLite's own functions give NULL,
or, for the 30th of February, silently the first of March. Another database refuses the value.

**Example.** `person.born` is DATE, and row 7 holds `'1981-02-30'`.

**How it is repaired and what that loses.** It is reported: which day was meant, nobody but you can say.
`--set person.born=value:NULL`, or another value, is written into all of them.

All usual spellings pass: `2024-01-31`, `2024/1/31`, `2024-01`, `20240131`, with or without a time after a blank or a T
(`10:30`, `10:30:00`, `10:30:00.123`, `103000`, `24:00`), and with a zone (`Z`, `UTC`, `+02:00`, `+0200`, `+02`,
`+0000 UTC`). Numbers are seconds, milliseconds or Julian days, and pass. Columns of other types, TIME among them, are
not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from sqlfix.display import plural
from sqlfix.model import Column, Fact, Finding, Schema, Severity, Table
from sqlfix.registry import TABLE_CHECKS, Ask, TableRule
from sqlfix.sql import quote
from sqlfix.sweep import Suspects
from sqlfix.table_probe import TableProbe
from sqlfix.tokens import expression

_TYPE = re.compile(r"(?:DATE|SMALLDATETIME|DATETIME(?:2|TZ|OFFSET)?|TIMESTAMP(?:TZ)?)(?![A-Z0-9_]).*", re.DOTALL)
_DIGITS, _DIGIT = "'0123456789'", "[0-9]"


def is_date_column(column: Column) -> bool:
    """True if the declared type says that the column holds days, with or without a time."""
    return _is_date(column.type)


@lru_cache(maxsize=1024)
def _is_date(declared: str) -> bool:
    return _TYPE.fullmatch(expression(declared).upper()) is not None


def ask(schema: Schema, table: Table) -> Iterator[Ask]:
    """A condition for each column of dates."""
    for column in table.columns:
        if is_date_column(column) and not column.generated:
            yield Ask((column.name,), no_date(f"c.{quote(column.name)}"), {"declared": column.type})


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


def more(probe: TableProbe, asked: Ask) -> Mapping[str, Fact]:
    """How many of the values are empty, or nothing but zeros: those stand for "none"."""
    name = f"c.{quote(asked.columns[0])}"
    empty = f"trim({name}, ' 0-:./TZ+') = '' AND typeof({name}) = 'text'"
    found = probe.answer("invalid-dates", asked)
    both = Ask(asked.columns, f"({asked.condition}) AND {empty}")
    return {"empty": sum(probe.numbers("count(*)", both, found if isinstance(found, Suspects) else None))}


def message(finding: Finding) -> str:
    """How many values are no dates."""
    values = f"{plural(finding.count, 'value')} of {finding.table}.{finding.columns[0]}, declared"
    empty = finding.facts.get("empty")
    some = f" ({empty:,} empty or zero)" if isinstance(empty, int) and empty else ""
    return f"{values} {finding.facts.get('declared')}, {'is' if finding.count == 1 else 'are'} no date{some}"


def hint(finding: Finding) -> str | None:
    """What can be done."""
    if finding.facts.get("empty") == finding.count:
        return 'they seem to stand for "none", for which NULL is the value that every reader knows'
    return "what is to stand there has to be decided"


TABLE_CHECKS.add(
    "invalid-dates", TableRule("invalid-dates", Severity.WARNING, message, hint, __doc__, ask=ask, more=more)
)
