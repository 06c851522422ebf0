"""# type-mismatches

**What it finds.** Values that are not of the declared type. In STRICT tables: every value of another type (error). In
ordinary tables, where SQLite stores anything: text and BLOBs in columns of whole numbers, real numbers and decimals,
and anything except 0 and 1 in BOOLEAN columns (warning); fractions in columns of whole numbers, and numbers too large
for 64 bits (hint).

**Why it matters.** The application reads something other than it expects: an exception in one language, a silent 0 in
another. Any other database refuses the value, so a move to PostgreSQL stops at that row.

**Example.** `item.stock` is INTEGER, and row 7 holds `'n/a'`.

**How it is repaired and what that loses.** If a value says the same in the right type (`'12'` in a STRICT INTEGER
column, `'true'` in a BOOLEAN), it is rewritten in that type (`cast`), and nothing is lost. For any other value, choose
the right one: `--set item.stock=update:VALUE` writes it into all of them. Numbers with a comma (`'1,234.50'`, `'12,5'`)
are counted separately and not changed: only you can say whether it is a decimal comma.

Nothing is said about what applications do on purpose: columns without a type, of type BLOB, ANY, JSON, UUID, text of
any kind, dates (see `invalid-dates`), numbers of any kind in columns of real numbers and decimals, dates in columns
that are just NUMERIC, NULL, and foreign keys, whose values are right if they have a parent.
"""

from collections.abc import Callable, Iterator, Mapping

from sqlfix.model.findings import Finding, Mend, number_of
from sqlfix.model.schema import Column, Schema, Table
from sqlfix.model.values import Fact, Severity, folded
from sqlfix.scan.check import CHECKS, Check, Condition
from sqlfix.scan.table_pass import Suspects
from sqlfix.scan.table_reader import TableReader
from sqlfix.sql.declared_types import DECIMAL, REAL, TRUTH, WHOLE, kind_of, usual
from sqlfix.sql.literals import quote
from sqlfix.sql.statements import can_be_overruled
from sqlfix.sql.type_changes import EXACT_DIGITS, is_spelled
from sqlfix.text import plural, typed_address

YES, NO = ("true", "t", "yes", "y", "on", "1"), ("false", "f", "no", "n", "off", "0")

OfColumn = Callable[[str], str]
"""SQL over a column, which is given as SQL."""

# Text and BLOBs are greater than any number, which a comparison tells three times as fast as typeof. The plus takes
# the column's affinity away, which would read '12' as a number; and the collation must be one that SQLite has.
_NO_NUMBER: OfColumn = lambda x: f"+{x} >= '' COLLATE BINARY"  # noqa: E731
_FRACTION: OfColumn = lambda x: f"+{x} < '' COLLATE BINARY AND +{x} & -1 <> +{x}"  # noqa: E731
_NO_TRUTH: OfColumn = lambda x: f"+{x} <> 0 AND +{x} <> 1"  # noqa: E731


def _not_of(*classes: str) -> OfColumn:
    return lambda x: f"typeof({x}) NOT IN ({', '.join(map(repr, classes))}, 'null')"


STRICT: Mapping[str, OfColumn] = {
    "INT": _not_of("integer"),
    "INTEGER": _not_of("integer"),
    "REAL": _NO_NUMBER,
    "TEXT": _not_of("text"),
    "BLOB": _not_of("blob"),
}
REFUSED: Mapping[str, str] = {
    "INTEGER": "CASE typeof({c}) WHEN 'blob' THEN 1 WHEN 'real' THEN {c} <> CAST({c} AS INTEGER)"
    " WHEN 'text' THEN NOT ({c} = CAST({c} AS NUMERIC)"
    " AND CAST({c} AS NUMERIC) = CAST(CAST({c} AS NUMERIC) AS INTEGER)) ELSE 0 END",
    "REAL": "CASE typeof({c}) WHEN 'text' THEN NOT ({c} = CAST({c} AS NUMERIC)) WHEN 'blob' THEN 1 ELSE 0 END",
    "TEXT": "typeof({c}) = 'blob'",
    "BLOB": "typeof({c}) NOT IN ('blob', 'null')",
}
"""True of a value that a STRICT column of the type refuses to be given, by what its affinity cannot make of it.

A number on one side of a comparison makes SQLite read a text on the other as a number, if it is one to its end.
"""


def conditions(schema: Schema, table: Table) -> Iterator[Condition]:
    """A condition for each column whose declared type leaves no doubt; two for whole numbers.

    A type that is yet to be declared in a STRICT table takes the place of the column's own: see `REFUSED`.
    """
    wanted = dict(table.wanted_types)
    facts: dict[str, Fact]
    keys = {name for fk in table.foreign_keys if not fk.fault for name in fk.child_columns}
    for column in table.columns:
        name = f"c.{quote(column.name)}"
        if refused := REFUSED.get(wanted.get(column.name, "")):
            facts = {"declared": wanted[column.name], "strict": 1}
            yield Condition((column.name,), refused.replace("{c}", name), facts, Severity.ERROR)
            continue
        if column.generated or column.name == table.integer_key:
            continue
        facts = {"declared": column.type}
        if table.strict:
            if other_type := STRICT.get(column.type.upper()):
                yield Condition((column.name,), other_type(name), {**facts, "strict": 1}, Severity.ERROR)
            continue
        kind = kind_of(column)
        if kind is None or column.name in keys:
            continue
        wrong = _NO_TRUTH(name) if kind is TRUTH else _NO_NUMBER(name)
        if kind is DECIMAL and folded(column.type) == "numeric":  # which is also how some declare dates and times
            wrong += f" AND (julianday({name}) IS NULL OR +{name} >= x'' OR +{name} NOT GLOB '*[0-9][-:][0-9]*')"
        sound = usual(table, column)
        yield Condition((column.name,), wrong, facts, unless=sound)
        if kind is WHOLE:
            yield Condition((column.name,), _FRACTION(name), {**facts, "fraction": 1}, Severity.HINT, unless=sound)


# -- what says the same in the right type -------------------------------------------------------------------------


def _texts(texts: tuple[str, ...]) -> str:
    return ", ".join(f"'{text}'" for text in texts)


def lossless(declared: str, strict: bool) -> tuple[OfColumn, OfColumn] | None:
    """Which values can be cast without loss, and the value to write; None where none can."""
    kind = kind_of(Column("", declared, False, None, 0))
    if kind is TRUTH and not strict:
        return (
            lambda x: f"typeof({x}) = 'text' AND lower({x}) IN ({_texts((*YES, *NO))})",
            lambda x: f"lower({x}) IN ({_texts(YES)})",
        )
    if kind is WHOLE:
        return (
            lambda x: (
                f"CASE typeof({x}) WHEN 'real' THEN {x} = CAST({x} AS INTEGER)"
                f" WHEN 'text' THEN {is_spelled(x, 'INTEGER')} ELSE 0 END"
            ),
            lambda x: f"CAST({x} AS INTEGER)",
        )
    if kind is REAL:
        return (
            lambda x: (
                f"typeof({x}) = 'text' AND length({x}) <= {EXACT_DIGITS}"
                f" AND ({is_spelled(x, 'REAL')} OR {is_spelled(x, 'INTEGER')})"
            ),
            lambda x: f"CAST({x} AS REAL)",
        )
    if strict and declared.upper() == "TEXT":
        return (lambda x: f"typeof({x}) = 'integer'", lambda x: f"CAST({x} AS TEXT)")
    if strict and declared.upper() == "BLOB":
        return (lambda x: f"typeof({x}) = 'text'", lambda x: f"CAST({x} AS BLOB)")
    return None


def written_otherwise(x: str) -> str:
    """True where a text is a number with a comma, or with marks between groups of three digits: 1,234.50 or 12,5."""
    digits, three = "[0-9]", "[0-9][0-9][0-9]"
    comma = f"{x} GLOB '*{digits},{digits}*' AND length({x}) - length(replace({x}, ',', '')) = 1"
    groups = " OR ".join(f"{x} GLOB '*{digits}{mark}{three}*'" for mark in (" ", "''", ","))
    return (
        f"typeof({x}) = 'text' AND ltrim({x}, '+- ') NOT GLOB '*[^0-9., '']*'"
        f" AND {x} NOT GLOB '*[., ''][., '']*' AND ({comma} OR (({groups}) AND {x} NOT GLOB '*,{digits}[^0-9]*'))"
    )


def details(reader: TableReader, condition: Condition, found: Suspects) -> Mapping[str, Fact]:
    """How many values can be cast without loss, with the UPDATE that does it, and how many are numbers with commas."""
    if "fraction" in condition.facts:
        return {}
    declared, name = str(condition.facts["declared"]), quote(condition.columns[0])

    def count(which: str) -> int:
        return sum(reader.numbers("count(*)", f"({condition.where}) AND {which}", found))

    facts: dict[str, Fact] = {}
    numbers = kind_of(Column("", declared, False, None, 0)) in (WHOLE, REAL, DECIMAL)
    if numbers and (others := count(written_otherwise(f"c.{name}"))):
        facts["written_otherwise"] = others
    cast = lossless(declared, bool(condition.facts.get("strict")))
    if cast is None or not (castable := count(cast[0](f"c.{name}"))):
        return facts
    same, value = cast
    or_abort = " OR ABORT" if can_be_overruled(reader.table, condition.columns) else ""
    return {
        **facts,
        "lossless": castable,
        "cast": f"UPDATE{or_abort} {quote(reader.table.name)} SET {name} = {value(name)} WHERE {same(name)}",
    }


def mend(table: Table, condition: Condition) -> Mend | None:
    """The same value in the right type, for the values of which there is such a one."""
    cast = lossless(str(condition.facts["declared"]), bool(condition.facts.get("strict")))
    if cast is None or "fraction" in condition.facts:
        return None
    same, value = cast
    name, declared = f"c.{quote(condition.columns[0])}", str(condition.facts["declared"])
    where = f"({condition.where}) AND {same(name)}"
    return Mend("cast", where, value(name), declared, "nothing is lost by it", counted="lossless")


# -- words --------------------------------------------------------------------------------------------------------


def message(finding: Finding) -> str:
    """How many values are not of the declared type."""
    declared = finding.facts.get("declared")
    values = f"{plural(finding.count, 'value')} of {finding.table}.{finding.columns[0]}"
    one = finding.count == 1
    if finding.facts.get("fraction"):
        whole = "is not a whole number" if one else "are not whole numbers"
        return f"{values}, declared {declared}, {whole} of 64 bits"
    strict = " in a STRICT table" if finding.facts.get("strict") else ""
    return f"{values} {'is' if one else 'are'} not of the declared type {declared}{strict}"


def hint(finding: Finding) -> str | None:
    """The UPDATE for what can be cast without loss."""
    if finding.facts.get("fraction"):
        return "SQLite stores it as it is; most other databases refuse it"
    count, cast = finding.facts.get("lossless"), finding.facts.get("cast")
    value = typed_address(finding.table, finding.columns, "=update:VALUE")
    others, right = number_of(finding, "written_otherwise"), f"the right value: --set {value}"
    if not count and others:
        some = "it" if others == finding.count == 1 else f"{others:,} of them"
        some += " is a number" if others == 1 else " are numbers"
        return (
            f"{some} with a comma or with marks between its digits, which SQLite treats as text, greater than every"
            f" number; choose {right}"
        )
    if not count:
        return f"choose {right}"
    whole = count == finding.count
    some = ("it" if count == 1 else "all of them") if whole else f"{count:,} of them"
    return f"{some} can be written in the right type without loss: {cast}"


CHECKS.add(
    "type-mismatches",
    Check(Severity.WARNING, __doc__, message, hint, conditions=conditions, details=details, mend=mend),
)
