"""# too-long-values

**What it finds.** Text with more characters than its column declares: VARCHAR(n), CHAR(n), NVARCHAR(n), CHARACTER
VARYING(n), TEXT(n) and the like. Characters are counted, not bytes, and like SQLite only up to a NUL, if there is one.
BLOBs are not checked.

**Why it matters.** SQLite ignores the number, and nothing breaks as long as the rows stay where they are. PostgreSQL
and most other databases refuse such a value, so a move stops at it; and a form of the application may refuse to save
the row again.

**Example.** `person.name` is VARCHAR(20), and row 7 holds 31 characters.

**How it is repaired and what that loses.** It is a hint and is not repaired: cutting the text would lose a part of it.
Declaring the column longer loses nothing. (`--set person.name=value:VALUE` would write one value into all of them.)
"""

from collections.abc import Iterator, Mapping

from sqlfix.model.findings import Finding, number_of
from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import Fact, Severity
from sqlfix.scan.check import CHECKS, Check, Condition
from sqlfix.scan.table_pass import Suspects
from sqlfix.scan.table_reader import TableReader
from sqlfix.sql.declared_types import most_characters, usual
from sqlfix.sql.literals import quote
from sqlfix.text import plural


def conditions(schema: Schema, table: Table) -> Iterator[Condition]:
    """A condition for each column with a length; that it is text is asked only of what seems too long."""
    for column in table.columns:
        most = most_characters(column)
        if most is not None and not column.generated:
            name = f"c.{quote(column.name)}"
            longer = f"length({name}) > {most} AND typeof({name}) = 'text'"
            facts: dict[str, Fact] = {"declared": column.type, "most": most}
            yield Condition((column.name,), longer, facts, unless=usual(table, column))


def details(reader: TableReader, condition: Condition, found: Suspects) -> Mapping[str, Fact]:
    """The number of characters of the longest."""
    lengths = reader.numbers(f"max(length(c.{quote(condition.columns[0])}))", condition.where, found)
    return {"longest": max(lengths, default=None)}


def message(finding: Finding) -> str:
    """How many values are too long, and how long the longest is."""
    values = f"{plural(finding.count, 'value')} of {finding.table}.{finding.columns[0]}"
    return (
        f"{values} {'is' if finding.count == 1 else 'are'} longer than {finding.facts.get('declared')} allows:"
        f" up to {plural(number_of(finding, 'longest'), 'character')}"
    )


def hint(finding: Finding) -> str | None:
    """Who minds."""
    return "SQLite ignores the length; other databases refuse such a value"


CHECKS.add("too-long-values", Check(Severity.HINT, __doc__, message, hint, conditions=conditions, details=details))
