"""# suspicious-declarations

**What it finds.** Columns whose declared type contains a misspelled keyword: `INTEGER NON NULL`, `TEXT UNIQE`, `INTEGER
REFERENCE customers`, `AUTO_INCREMENT`. SQLite accepts any words as a type and says nothing. And foreign keys whose ON
DELETE or ON UPDATE is SET NULL although the column may not be NULL (or SET DEFAULT, without another default).

**Why it matters.** The schema does not promise what its author meant: the column takes NULLs or duplicates, has no
foreign key or no default, or is not a primary key. Nobody finds out until such rows exist. A key that should become
NULL and may not be NULL blocks every row that it references: deleting that row fails with `NOT NULL constraint failed`,
which names another table.

**Example.** `customer_id INTEGER REFERENCE customers` makes a column of the type "INTEGER REFERENCE customers", without
a foreign key. `customer_id INTEGER NOT NULL REFERENCES customers ON DELETE SET NULL` contradicts itself.

**How it is repaired and what that loses.** `sqlfix repair-schema` writes the keyword as it was meant, if no row breaks
it, and names the rows that do. Which side of a contradiction has to give way you say with `sqlfix alter`: another ON
DELETE, or a column that may be NULL. Neither touches a row.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from sqlfix.model.findings import Finding
from sqlfix.model.schema import Column, Table
from sqlfix.model.values import Fact, Severity, folded
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.table_reader import TableReader
from sqlfix.sql.literals import default_expression
from sqlfix.sql.tokens import known_tokens
from sqlfix.text import words_of

KEYWORDS = (
    *("PRIMARY", "UNIQUE", "DEFAULT", "REFERENCES", "CHECK", "COLLATE", "CONSTRAINT", "AUTOINCREMENT", "GENERATED"),
    *("FOREIGN", "DEFERRABLE", "CASCADE"),
)
_MISSPELLED = {
    "NOT": "NON NOTT NTO",
    "NULL": "NUL NULLL",
    "NOT NULL": "NOT_NULL NONNULL NON_NULL NOTNUL REQUIRED",
    "PRIMARY KEY": "KEY PRIMARYKEY PRIMARY_KEY PRIMAYKEY",
    "FOREIGN KEY": "FOREIGNKEY FOREIGN_KEY",
    "AUTOINCREMENT": "AUTO_INCREMENT AUTO_INCREMENTS",
}
MEANT = {word: keyword for keyword, words in _MISSPELLED.items() for word in words.split()}
"""Words that are no near misses of one keyword, and what is meant by them."""
KNOWN = words_of(
    "BIG BINARY BIT BLOB BOOL BOOLEAN BYTE BYTEA CHAR CHARACTER CLOB CURRENCY DATE DATETIME DECIMAL DOUBLE ENUM FIXED"
    " FLOAT GEOMETRY GUID IDENTITY INT INTEGER INTERVAL JSON LARGE LOCAL LONG MEDIUM MONEY NATIONAL NATIVE NCHAR"
    " NUMBER NUMERIC NVARCHAR OBJECT POINT PRECISION REAL SERIAL SET SHORT SIGNED SMALL STRING TEXT TIME TIMESTAMP"
    " TINY TYPE UNSIGNED UUID VARCHAR VARYING WITH WITHOUT XML YEAR ZEROFILL ZONE DEFAULTS UNIQUEIDENTIFIER CHECKED"
    " REFERENCE"
)
"""Words of types; REFERENCE alone is one, too, but not after another word."""

EMPTY = '""'
"""How a table with the empty name is spoken of."""


def inspect(reader: TableReader) -> Iterator[Finding]:
    """A finding for each column whose type has such a word, and for each foreign key that contradicts its column."""
    for subject, facts in dict(_contradictions(reader.table)).items():
        yield Finding("suspicious-declarations", Severity.WARNING, reader.table.name, subject[0], facts=facts)
    for column in reader.table.columns:
        if found := meant(column.type):
            word, keyword = found
            yield Finding(
                "suspicious-declarations", Severity.WARNING, reader.table.name, (column.name,),
                facts={"type": column.type, "word": word, "meant": keyword},
            )  # fmt: skip


def _contradictions(table: Table) -> Iterator[tuple[tuple[tuple[str, ...], str, str], Mapping[str, Fact]]]:
    """The foreign keys that are to write NULL where it may not be, by what tells one from another."""
    for fk in table.foreign_keys:
        for event, action in (("DELETE", fk.on_delete), ("UPDATE", fk.on_update)):
            if action in ("SET NULL", "SET DEFAULT"):
                columns = [column for name in fk.child_columns if (column := table.column(name))]
                barred = next((c.name for c in columns if _may_not_be_null(table, c, action)), None)
                if barred is not None:
                    facts = {"action": f"ON {event} {action}", "barred": barred, "parent": fk.parent}
                    yield (fk.child_columns, fk.parent, event), facts


def _may_not_be_null(table: Table, column: Column, action: str) -> bool:
    """True of a column that may not be NULL, where an action would write that."""
    if action != "SET NULL" and default_expression(column).strip("() ").upper() != "NULL":
        return False
    own_key = table.integer_key is not None and folded(column.name) == folded(table.integer_key)
    return column.not_null or own_key or (table.without_rowid and bool(column.primary_key))


@lru_cache(maxsize=1024)
def meant(declared: str) -> tuple[str, str] | None:
    """The first misspelled keyword of a declared type, and the keyword; None if there is none."""
    if declared.upper() in KNOWN:  # of what most columns are declared as, no text has to be read
        return None
    depth, words = 0, []
    for token in known_tokens(declared):
        depth += (token.word == "(") - (token.word == ")")
        if not depth and token.word and token.name:
            words.append(token.text)
    for place, word in enumerate(words):
        upper = word.upper()
        if upper in KNOWN and not (place and upper == "REFERENCE"):
            continue
        if upper in MEANT and (place or upper not in ("KEY", "NON", "REQUIRED")):
            return word, MEANT[upper]
        if keyword := next((k for k in KEYWORDS if _is_near(upper, k) and (place or upper != k)), None):
            return word, keyword
    return None


def _is_near(word: str, keyword: str) -> bool:
    """True for a word that is the keyword but for one letter more, less or other, or two that changed places.

    In a keyword of nine letters or more two such slips are allowed.
    """
    most = 2 if len(keyword) >= 9 else 1
    return abs(len(word) - len(keyword)) <= most and _distance(word, keyword) <= most


def _distance(one: str, other: str) -> int:
    """How many letters have to be put in, taken out, changed or swapped with their neighbour."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]


def message(finding: Finding) -> str:
    """Which word SQLite takes for a part of the type, and what it was meant to be."""
    facts = finding.facts
    if "action" in facts:
        default = "" if str(facts["action"]).endswith("NULL") else f", and {facts['barred']} has no DEFAULT"
        key = ", ".join(finding.columns)
        return f"{finding.table}.{key} is declared {facts['action']}{default}, but {facts['barred']} may not be NULL"
    return (
        f"{finding.table}.{finding.columns[0]} is declared {facts['type']}: {facts['word']} looks like"
        f" {facts['meant']}, but SQLite reads it as part of the type"
    )


def hint(finding: Finding) -> str | None:
    """What does not hold."""
    if "action" in finding.facts:
        does = "deleted" if " DELETE " in str(finding.facts["action"]) else "given another key"
        parent = finding.facts["parent"] or EMPTY
        kept = f"no row of {parent} that it references can be {does} while foreign keys are enforced"
        return f"{kept}; sqlfix alter gives it another action, or lets the column be NULL"
    return f"{finding.facts['meant']} does not apply to this column; sqlfix repair-schema corrects its declaration"


CHECKS.add("suspicious-declarations", Check(Severity.WARNING, __doc__, message, hint, inspect=inspect))
