"""# invalid-dates

**What it finds.** Values in columns declared DATE, DATETIME or TIMESTAMP that are not dates: `''`, `'0000-00-00'`, a
month 13, the 30th of February, `'CURRENT_TIMESTAMP'` as a word, `'02/01/2024'` (the second of January or the first of
February?), BLOBs.

**Why it matters.** The application reads the row and fails, or gets no date at all. SQLite's own functions give NULL
or, for the 30th of February, silently the first of March. Another database refuses the value.

**Example.** `person.born` is DATE, and row 7 holds `'1981-02-30'`.

**How it is repaired and what that loses.** It is reported: only you can say which day was meant. `--set
person.born=value:NULL`, or another value, is written into all of them.

All usual formats pass: `2024-01-31`, `2024/1/31`, `2024-01`, `20240131`, with or without a time after a blank or a T
(`10:30`, `10:30:00`, `10:30:00.123`, `103000`, `24:00`), and with a zone (`Z`, `UTC`, `+02:00`, `+0200`, `+02`, `+0000
UTC`). Numbers are seconds, milliseconds or Julian days, and pass. Columns of other types, including TIME, are not
checked.
"""

from collections.abc import Iterator, Mapping

from sqlfix.model.findings import Finding, number_of
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import Fact, Severity
from sqlfix.scan.check import CHECKS, Check, Condition
from sqlfix.scan.table_pass import Suspects
from sqlfix.scan.table_reader import TableReader
from sqlfix.sql.dates import no_date
from sqlfix.sql.declared_types import is_date_column, usual
from sqlfix.sql.literals import quote
from sqlfix.text import plural, typed_address


def conditions(schema: Schema, table: Table) -> Iterator[Condition]:
    """A condition for each column of dates."""
    for column in table.columns:
        if is_date_column(column) and not column.generated:
            facts, sound = {"declared": column.type}, usual(table, column)
            yield Condition((column.name,), no_date(f"c.{quote(column.name)}"), facts, unless=sound)


def details(reader: TableReader, condition: Condition, found: Suspects) -> Mapping[str, Fact]:
    """How many of the values are empty, or nothing but zeros: those stand for "none"."""
    name = f"c.{quote(condition.columns[0])}"
    empty = f"trim({name}, ' 0-:./TZ+') = '' AND typeof({name}) = 'text'"
    return {"empty": sum(reader.numbers("count(*)", f"({condition.where}) AND {empty}", found))}


def message(finding: Finding) -> str:
    """How many values are no dates."""
    values = f"{plural(finding.count, 'value')} of {finding.table}.{finding.columns[0]}, declared"
    empty, what = number_of(finding, "empty"), "is not a date" if finding.count == 1 else "are not dates"
    return f"{values} {finding.facts.get('declared')}, {what}" + (f" ({empty:,} empty or zero)" if empty else "")


def hint(finding: Finding) -> str | None:
    """What can be done."""
    if finding.facts.get("empty") == finding.count:
        return 'they seem to mean "none"; every reader understands NULL for that'
    return f"choose the right value: --set {typed_address(finding.table, finding.columns, '=update:VALUE')}"


CHECKS.add("invalid-dates", Check(Severity.WARNING, __doc__, message, hint, conditions=conditions, details=details))
