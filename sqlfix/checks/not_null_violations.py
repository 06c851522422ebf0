"""# not-null-violations

**What it finds.** Rows that hold NULL in a column declared NOT NULL. SQLite lets nobody write such a row. It comes from
a schema that was changed under the rows (`writable_schema`, an `ALTER TABLE` of an old version), or from a damaged
file.

**Why it matters.** The application relies on a value and fails, and a migration that copies the table fails with `NOT
NULL constraint failed`, which names no row.

**Example.** `person.email` is NOT NULL, and row 7 has none.

**How it is repaired and what that loses.** If the column has a DEFAULT, the DEFAULT is written (`set-default`): nothing
is lost. Otherwise choose the right value: `--set person.email=update:VALUE` writes it. If the column is a foreign key,
`sqlfix backfill` makes a parent for each row. A DEFAULT that is not a constant, such as `CURRENT_TIMESTAMP`, is not
written: nobody can say what it was at the time.
"""

import re
from collections.abc import Iterator, Sequence

from sqlfix.model.findings import Finding, Mend
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import Severity
from sqlfix.scan.check import CHECKS, Check, Condition
from sqlfix.sql.declared_types import usual
from sqlfix.sql.literals import default_expression, quote
from sqlfix.sql.predicates import affinity
from sqlfix.text import plural, typed_address

CONSTANT = re.compile(
    r"[(\s]*([-+]?\s*(0x[0-9a-f]+|\d[\d.]*(e[-+]?\d+)?|\.\d+(e[-+]?\d+)?)|x?'([^']|'')*')[)\s]*", re.I
)


def conditions(schema: Schema, table: Table) -> Iterator[Condition]:
    """A condition for each column that is NOT NULL, by its declaration or as a part of a WITHOUT ROWID table's key.

    The rowid itself is never NULL, and in any other primary key NULL is allowed.

    SQLite folds IS NULL to false on such a column. What is short is compared with a NULL that SQLite has to work out,
    which is the fastest; long text is asked for its type, for which it need not be read from its overflow pages. The
    type is selected, so that SQLite keeps it in a register of its own. In any other there is a text now and then, whose
    memory typeof() gives back; to allocate it anew for each row has several threads wait for one another.
    """
    for column in table.columns:
        if column.not_null and column.name != table.integer_key:
            default = default_expression(column) if column.default is not None else None
            name = f"c.{quote(column.name)}"
            short = "(" in column.type or affinity(column, table.strict) in ("INTEGER", "REAL", "NUMERIC")
            keys = schema.keys_with(table.name, column.name)
            yield Condition(
                (column.name,),
                f"{name} IS nullif(1, 1) COLLATE BINARY" if short else f"(SELECT typeof({name})) = 'null'",
                {"default": default, "generated": int(column.generated)} | ({"key": 1} if _is_alone(keys) else {}),
                untrusted=column.generated,
                unless="" if keys else usual(table, column),
            )


def _is_alone(keys: Sequence[ForeignKey]) -> bool:
    """True where the column is a foreign key by itself, one that SQLite can use, to another table.

    A parent that is made in the table itself would lack one.
    """
    return len(keys) == 1 and len(keys[0].child_columns) == 1 and not keys[0].fault and keys[0].parent != keys[0].child


def message(finding: Finding) -> str:
    """How many rows hold NULL where they may not."""
    rows = f"{plural(finding.count, 'row')} of {finding.table} {'holds' if finding.count == 1 else 'hold'}"
    return f"{rows} NULL in {finding.columns[0]}, which is NOT NULL"


def hint(finding: Finding) -> str | None:
    """The column's DEFAULT, if it has one."""
    if finding.facts.get("generated"):
        return "the column is computed; change a column that it is computed from"
    default = str(finding.facts.get("default"))
    if not CONSTANT.fullmatch(default):
        none = "no DEFAULT" if default.upper() in ("NONE", "(NULL)") else "a DEFAULT that is not a constant"
        place, value = (typed_address(finding.table, finding.columns, more) for more in ("", "=update:VALUE"))
        parents = f", or make a parent for each row: sqlfix backfill DATABASE {place}"
        return (
            f"the column has {none}; choose the right value: --set {value}{parents if finding.facts.get('key') else ''}"
        )
    return f"repair writes the column's DEFAULT: {default}"


def mend(table: Table, condition: Condition) -> Mend | None:
    """The column's DEFAULT, as SQLite itself would have written it; none that is another one at another time."""
    default = condition.facts.get("default")
    if condition.facts.get("generated") or not isinstance(default, str) or not CONSTANT.fullmatch(default):
        return None
    where = f"typeof(c.{quote(condition.columns[0])}) = 'null'"
    return Mend("set-default", where, default, default, "it holds NULL, and is NOT NULL")


CHECKS.add("not-null-violations", Check(Severity.ERROR, __doc__, message, hint, conditions=conditions, mend=mend))
