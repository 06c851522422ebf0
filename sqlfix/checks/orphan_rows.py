"""# orphan-rows

**What it finds.** Rows whose foreign key has no parent row, by SQLite's own rule: all key columns are non-NULL, and
under the parent's affinity and collation no parent row has that key. Before a row is reported, its parent is searched
for in the parent table itself, not only in its index. Where [days or keys](scan.md#when-it-happened) tell it, the
finding says when it happened.

**Why it matters.** SQLite enforces foreign keys only while a program asks for it, and never checks what is already
stored. Such rows stay unseen until a migration, a full save of the row, or a delete fails with `FOREIGN KEY constraint
failed`, which names neither the table nor the row.

**Example.** `orders` row 17 has `customer_id` 5, and there is no customer 5.

**How it is repaired and what that loses.** As the schema's own ON DELETE would have done: CASCADE deletes the row, SET
NULL and SET DEFAULT change its key. Without one, a link row of a join table is deleted, a key that may be NULL is set
to NULL (`set-null`), which keeps the row, and a row whose key is NOT NULL is deleted (`delete-rows`). Before all that,
a row that matches one parent except for the spelling of its key (spaces, letter case, a GUID's hyphens and braces or
the order of its bytes, leading zeros, and the like) gets the key as the parent spells it (`relink`), which loses
nothing. Where most of the orphans hold the name of a parent instead of its key (text that is the value of another
UNIQUE column), they get that parent's key likewise. Three kinds are held back. First, a row that matches several
parents except for spelling. Second, a relationship whose parent table is empty, or that has 10 rows or more left of
which not one has its parent: the parents may be what was lost. Third, a relationship over the table's own key of which
more than half is orphaned: the foreign key looks wrong. `--allow-mass-delete` repairs the second and the third all the
same.
"""

from collections.abc import Iterator

from sqlfix.model.findings import Finding, number_of
from sqlfix.model.values import Fact, Severity
from sqlfix.scan.check import CHECKS, Check
from sqlfix.scan.occurrence import when
from sqlfix.scan.orphans import Probe
from sqlfix.sql.key_spelling import SPELLINGS
from sqlfix.text import plural, typed_address


def orphans(probe: Probe) -> Iterator[Finding]:
    """The orphans of one relationship that are no placeholders, as one finding."""
    fk = probe.foreign_key
    if not (figures := probe.figures).orphans:
        return
    yield Finding(
        "orphan-rows",
        Severity.ERROR,
        *fk.subject,
        count=figures.orphans,
        distinct=figures.orphans_distinct,
        sample=probe.sample("orphan-rows"),
        facts={
            "spelling_matches": figures.misspelled - figures.ambiguous,
            "spelling_matches_several": figures.ambiguous,
            "suspicion": probe.suspicion,
            **probe.doubt,
            **_named(probe),
            **_told_apart(probe),
        },
    )


def _named(probe: Probe) -> dict[str, Fact]:
    """By which column of the parents most of the orphans name them, and how many do; or nothing."""
    return {"named_by": probe.named[0], "named_rows": probe.named[1]} if probe.named else {}


def _told_apart(probe: Probe) -> dict[str, Fact]:
    """The spelling in which alone many keys of parents differ, if any orphans are held back; or nothing."""
    accidental = probe.accidental if probe.figures.differing else SPELLINGS
    return {"parents_differ_in": SPELLINGS[len(accidental)].name} if accidental != SPELLINGS else {}


def message(finding: Finding) -> str:
    """How many rows have no parent, and how many only seem to."""
    rows = f"{plural(finding.count, 'row')} of {finding.table} {'references' if finding.count == 1 else 'reference'}"
    many = "many" if finding.distinct is None else f"{finding.distinct:,}"
    keys = "1 missing key" if finding.distinct == 1 else f"{many} missing keys"
    text = (
        f"{rows} {keys} of {finding.parent} ({', '.join(finding.parent_columns)}) through {', '.join(finding.columns)}"
    )
    one, several = number_of(finding, "spelling_matches"), number_of(finding, "spelling_matches_several")
    if one:
        text += f"; {one:,} of {finding.count:,} match a parent except for spelling"
    if several:
        text += f"; {several:,} of {finding.count:,} match several parents except for spelling"
    if spelling := finding.facts.get("parents_differ_in"):
        text += f", or one while many keys of parents differ in nothing else ({spelling})"
    if column := finding.facts.get("named_by"):
        text += f"; {number_of(finding, 'named_rows'):,} of {finding.count:,} hold the {column} of a parent instead"
    match finding.facts.get("suspicion"):
        case "parent-empty":
            text += f"; {finding.parent} is empty"
        case "wholly-orphaned":
            text += "; no row has its parent"
        case "own-key":
            text += f"; these columns are the key of {finding.table} itself"
    text += when(finding.facts)
    if reason := finding.facts.get("held_back"):
        text += f"; held back: {reason}"
    return text


def hint(finding: Finding) -> str | None:
    """Why rows are held back, or what can be done with them."""
    if finding.facts.get("held_back"):
        way_out = finding.facts.get("way_out")
        return str(way_out) if way_out else None
    if finding.facts.get("suspicion") == "own-key":
        place = typed_address(finding.table, finding.columns)
        return (
            "the foreign key looks wrong, not the rows, so repair holds this back; sqlfix alter with"
            f" {place} --no-references removes it"
        )
    if finding.facts.get("suspicion"):
        return "it looks as if the parents were lost, so repair holds this back; are they in an older copy of the file?"
    if finding.facts.get("named_by"):
        return "rows that hold the name of a parent get the key of that parent: the link is not lost"
    if finding.facts.get("spelling_matches_several") and not finding.facts.get("spelling_matches"):
        return "these are held back because nobody can tell which parent is meant (`scan --rows` lists them)"
    if finding.facts.get("spelling_matches"):
        return "rows that match one parent except for spelling get the parent's spelling: the link is not lost"
    return None


CHECKS.add("orphan-rows", Check(Severity.ERROR, __doc__, message, hint, orphans=orphans))
