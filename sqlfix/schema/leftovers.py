"""Tables that the rebuild of another one has left behind, told by their names and columns.

To change a table in SQLite, a migration builds it anew: it makes a table under another name, copies the rows, drops the
old one and gives the new one its name. One that dies half way leaves both, or only the one with the other name, and
that may hold the only copy of the rows. This is the one list of such names.

The rule. A table is a leftover of x if it is called as a rebuild of x calls it, and

* x is there, the two have most of their columns in common (two thirds of those of the one with fewer, half of those of
  the other), and the primary key of x is among these; or
* nothing is called x, and the name is one that only a migration gives, or a foreign key refers to x by columns which
  the leftover has.

Some tools give a name that says nothing of the table: it is of the one that it has most columns in common with.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from sqlfix.frozen import frozen
from sqlfix.model.findings import Finding
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import Severity, Subject, folded
from sqlfix.sql.create_trigger import set_off
from sqlfix.sql.literals import quote
from sqlfix.sql.tokens import has_words

OF_TOOLS = (
    "_alembic_tmp_*",  # Alembic
    "new__*",  # Django
    "*__old",  # Django 1.x, SQLAlchemy-Migrate
    "_south_new_*",  # South
    "__old_push_*",  # drizzle-kit push
    "__new_*",  # Drizzle
    "_new_*",
    "__temp__*",  # Doctrine, Laravel
    "ef_temp_*",  # Entity Framework Core
    "*__temp_alter",  # MikroORM
    "*_temp_alter",  # SQL::Translator, DBIx::Class
    "*__temp",  # GORM
    "*__tmp__",  # peewee
    "*_new_#",  # sqlite-utils
    "tmp_recreate__*",  # Gitea, Forgejo
    "*_dg_tmp",  # DataGrip
    "_*_old_#",  # Navicat
    "oXHFcGcd04oXHFcGcd04_*",  # SQLite Manager
)
"""Names that only a migration gives; the asterisk stands for the table's own, and ``#`` for a date or random digits."""
OF_PEOPLE = (
    "temporary_*",  # TypeORM
    "*_temporary",  # Liquibase
    "*_temp",  # Sonarr and its kin
    "tmp_*",  # Phinx, CakePHP
    "adminer_*",  # Adminer
    "*_backup",  # Sequelize
    "new_*",  # Prisma, Atlas, SQLite's own recipe
    "*_old",
    "*_bak",
    "*__new",
    "*_new",
)
"""Names that migrations give, and people as well."""
SUGGESTED = ("old_*", "temp_*", "_*", "*_tmp", "*_copy", "*_")
"""Further names that a missing table may be found under; for more than a suggestion they are too common."""
IN_MESSAGES = ("a*", "*_backup0")
"""Names of Rails and of Sequel that are only taken for such where a message names a table which is not there."""
_AROUND = frozenset({
    "backup", "bak", "copy", "migrate", "migrated", "migration", "new", "next", "old", "orig", "original", "prev",
    "previous", "rebuild", "recreate", "staging", "table", "temp", "temporary", "tmp", "v",
})  # fmt: skip
"""Words that people put around a table's name for the time of a migration, with numbers or not."""
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
NAMELESS = re.compile(
    r"_knex_temp_alter\d*|\d+_knex_temp_alter"
    r"|migration_tmp"  # SQLAlchemy-Migrate
    r"|sqlitestudio_temp_table\d*"  # SQLiteStudio
    r"|sqlb_temp_table_\d+"  # DB Browser for SQLite
)
"""Names of tools that do not say which table it is."""


@cache
def _form(pattern: str) -> str:
    """A name as a pattern has it; its one group is the table's own."""
    return re.escape(folded(pattern)).replace(r"\*", "(.+)").replace(r"\#", r"(?:\d{8}(?:_\d+)?|[0-9a-f]{12})")


_LEFT = re.compile("|".join((NAMELESS.pattern, *map(_form, (*OF_TOOLS, *OF_PEOPLE)))), re.DOTALL)
OF_OLD = "__old"
"""How the old name of a table ends: a rename draws its foreign keys, views, triggers and indexes there."""
CHECK = "unfinished-migration"
FINISH = "finish the migration first; if this is not a migration: --ignore unfinished-migration"


@frozen
class Leftover:
    """What the rebuild of a table has left.

    ``original`` is the name of the table that it is of, empty where nobody knows; ``exists`` says whether that is
    there. A ``copy`` has neither keys nor constraints while the table has some: ``CREATE TABLE … AS`` made it.
    """

    table: Table
    original: str
    exists: bool
    copy: bool = False


@frozen
class Alone:
    """A table that a repair leaves alone, and why; with ``only_deletes``, no row of it is deleted."""

    reason: str
    only_deletes: bool = False

    def holds(self, name: str, child: str, parent: str | None, fix: str | None) -> bool:
        """True if a fix of that relationship would touch the table of that name, or rows by reason of it."""
        if self.only_deletes:
            return fix == "delete-rows" and folded(child) == name
        return name in (folded(child), None if parent is None else folded(parent))


def leftover_of(schema: Schema, table: Table) -> Leftover | None:
    """What the table is a leftover of; None if it is none."""
    if table.kind != "table" or table.unreadable or not may_be_left(table.name):
        return None
    if NAMELESS.fullmatch(folded(table.name)):
        return _of_nameless(schema, table)
    tries = (
        _of(schema, table, bare, pattern in OF_TOOLS)
        for pattern in (*OF_TOOLS, *OF_PEOPLE)
        if (bare := _without(table.name, pattern))
    )
    return next((found for found in tries if found is not None), None)


def left_alone(schema: Schema, findings: Iterable[Finding]) -> dict[str, Alone]:
    """The tables that are not to be touched, by their names in lower case, as a scan of everything has found them.

    A leftover that could not be looked at may hold the only copy of rows.
    """
    seen = {folded(finding.table): finding for finding in findings if finding.check == CHECK and finding.parent is None}
    found: dict[str, Alone] = {}
    for leftover in (left for table in schema.tables if (left := leftover_of(schema, table))):
        name, finding = leftover.table.name, seen.get(folded(leftover.table.name))
        of = f"a rebuild of {leftover.original}" if leftover.original else "a migration"
        found[folded(name)] = Alone(f"{name} was left behind by {of}, and is never changed")
        if not leftover.exists:
            continue
        original, rows = leftover.original, finding.facts["rows"] if finding else None
        if finding is None or finding.severity == Severity.ERROR:
            reason = (
                f"{name}, left behind by {of}, has rows that are missing from {original}: the migration comes first"
            )
            found[folded(original)] = Alone(reason)
        elif rows and not leftover.copy and folded(original) not in found:
            reason = f"{name}, left behind by {of}, has the same rows, and would be the only table that has them"
            found[folded(original)] = Alone(reason, only_deletes=True)
    return found


def why_no_trigger(schema: Schema, alone: Mapping[str, Alone], table: str, event: str) -> str:
    """Why no rows of a table are deleted or updated: for a trigger that would write to what is left alone, or empty.

    A row that is only added to the table that a leftover is of takes nothing away: many triggers keep a log.
    """
    for statement in set_off(schema, table, event):
        written = schema.table(statement.table or "")
        spared = alone.get(folded(written.name)) if written else None
        if written is None or spared is None:
            continue
        only_adds = statement.verb == "insert" and statement.conflict != "replace"
        only_adds = only_adds and not any(has_words(text, "on", "conflict") for text in (statement.text, written.sql))
        harmless = only_adds and leftover_of(schema, written) is None
        if not harmless and not (spared.only_deletes and statement.verb == "update"):
            return f"a trigger would write to {written.name}; {spared.reason}"
    return ""


def may_be_left(name: str) -> bool:
    """True if a table is called as a rebuild of another one calls it."""
    return _LEFT.fullmatch(folded(name)) is not None


def is_of_tool(name: str) -> bool:
    """True if only a migration calls a table so."""
    bare = folded(name)
    return NAMELESS.fullmatch(bare) is not None or any(_without(name, pattern) for pattern in OF_TOOLS)


def parents_elsewhere(findings: Iterable[Finding]) -> dict[Subject, str]:
    """The relationships of which a scan has found orphans that have their parents in a leftover alone, and in which."""
    return {f.subject: str(f.facts["leftover"]) for f in findings if f.check == CHECK and f.parent}


def without_fixes(schema: Schema, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of a scan, without the fixes that a repair holds back for the sake of leftovers."""
    found = tuple(findings)
    if not any(finding.check == CHECK for finding in found):
        return found
    alone, elsewhere = left_alone(schema, found).items(), parents_elsewhere(found)

    def why(f: Finding) -> str | None:
        if f.subject in elsewhere:
            return f"some of their parents are only in {elsewhere[f.subject]}"
        return next((table.reason for name, table in alone if table.holds(name, f.table, f.parent, f.fix)), None)

    def held(f: Finding) -> Finding:
        reason = why(f) if f.fix else None
        return replace(f, fix=None, facts={**f.facts, "held_back": reason, "way_out": FINISH}) if reason else f

    return tuple(map(held, found))


def stem(name: str) -> str:
    """A table's name, in lower case, without what migrations and people put before and after it."""
    patterns = sorted((*OF_TOOLS, *OF_PEOPLE, *SUGGESTED), key=lambda pattern: -len(pattern))
    bare = name
    before, behind = [p for p in patterns if p[-1] == "*"], [p for p in patterns if p[0] == "*"]
    for some in ([p for p in patterns if "*" not in (p[0], p[-1])], before, behind):
        bare = next((found for pattern in some if (found := _without(bare, pattern))), bare)
    return bare.strip("_") or name


Stems = Mapping[str | None, Sequence[tuple[int, Table]]]
"""Tables with their places, by their names and the `stem` of these; under None those whose name says nothing."""


def by_stem(tables: Iterable[Table]) -> Stems:
    """The tables in which `may_have_become` looks."""
    found: dict[str | None, list[tuple[int, Table]]] = {}
    for place, table in enumerate(tables):
        name = folded(table.name)
        if table.kind == "table":
            for key in {None if NAMELESS.fullmatch(name) else stem(name), name}:
                found.setdefault(key, []).append((place, table))
    return found


def may_have_become(fk: ForeignKey, tables: Stems) -> tuple[str, ...]:
    """Tables that the missing parent of a key may have become: called nearly so, or as nothing, and with such a key."""
    alike = dict((*tables.get(stem(folded(fk.parent)), ()), *tables.get(None, ())))
    return tuple(table.name for _, table in sorted(alike.items(), key=lambda found: found[0]) if _has_key(table, fk))


def built_from(schema: Schema, name: str, columns: Iterable[str] = ()) -> Table | None:
    """The table that a migration builds anew under a name, whether that half-built one is in the file or not.

    A half-built one that is in the file has most of the table's columns.

    Args:
        columns: some that the half-built table has; where nothing but these tells, there must be one table with them.
    """
    table = schema.table(name)
    left = leftover_of(schema, table) if table is not None else None
    if left is not None:
        return schema.table(left.original) if left.exists else None
    tables = [t for t in schema.tables if t.kind == "table" and t is not table]
    if table is not None:
        tables = [t for t in tables if not t.unreadable and _are_alike(table, t)]
    bare = stem(folded(name))
    alike = [t for t in tables if stem(folded(t.name)) == bare]
    alike = [t for t in alike if folded(t.name) == bare] or (alike if len(alike) == 1 else [])
    for pattern in IN_MESSAGES if table is None and not alike else ():
        alike += [t for t in tables if folded(t.name) == folded(_without(name, pattern) or "")]
    alike = alike or sorted((t for t in tables if _among_words(name, t.name)), key=lambda t: -len(t.name))
    if not alike and NAMELESS.fullmatch(folded(name)):
        having = [t for t in tables if columns and all(t.column(column) for column in columns)]
        alike = having if len(having) == 1 else []
    return next(iter(alike), None)


def to_be_renamed(schema: Schema, missing: str, candidates: Iterable[str]) -> str | None:
    """The one table, of some, that a missing one has become by the rebuild that was to change it; None if not so.

    Its name is that of the missing one with something around it, and so that is to be given back. Where it is the other
    way round (a key refers to ``x__old``, and ``x`` is there), the key is at fault.
    """
    names = list(candidates)
    table = schema.table(names[0]) if len(names) == 1 else None
    if table is None:
        return None
    patterns = (*OF_TOOLS, *OF_PEOPLE, *SUGGESTED)
    is_called_so = any(folded(_without(table.name, pattern) or "") == folded(missing) for pattern in patterns)
    left = leftover_of(schema, table)
    is_left = left is not None and not left.exists and folded(left.original) == folded(missing)
    return table.name if is_called_so or is_left else None


def rename_back(schema: Schema, leftover: str, original: str) -> str:
    """The statements that give a table its name again.

    SQLite refuses the rename where a view or trigger speaks of the missing name, unless it is told to do as it did
    before 3.26; but then it does not change the keys that refer to the leftover
    (https://www.sqlite.org/pragma.html#pragma_legacy_alter_table).
    """
    statement = f"ALTER TABLE {quote(leftover)} RENAME TO {quote(original)}"
    texts = [t.sql for t in schema.tables if t.kind == "view"] + [x.sql for t in schema.tables for x in t.triggers]
    spoken_of = any(folded(original) in folded(text) for text in texts)
    followed = bool(schema.references_to(leftover))
    return f"PRAGMA legacy_alter_table = ON; {statement}" if spoken_of and not followed else statement


def _without(name: str, pattern: str) -> str | None:
    """What stands for the asterisk of a pattern in a name; None if it is not of the pattern."""
    found = re.fullmatch(_form(pattern), folded(name), re.DOTALL)
    return name[found.start(1) : found.end(1)] if found else None


def _among_words(name: str, table: str) -> bool:
    """True of a name that is a table's, with words of a migration around it, and numbers."""
    at = folded(name).find(folded(table))
    before, after = name[: max(at, 0)], name[at + len(table) :]
    apart = not (before[-1:].isalnum() and not name[at].isupper()) and not (after[:1].isalpha() and after[0].islower())
    words, others = _WORDS.findall(f"{before} {after}"), _WORDS.sub("", before + after).replace("_", "")
    known = [word for word in words if folded(word) in _AROUND]
    return at >= 0 and apart and not others and bool(known) and all(w in known or w.isdigit() for w in words)


def _of(schema: Schema, table: Table, bare: str, of_tool: bool) -> Leftover | None:
    original = schema.table(bare)
    if original is not None:
        alike = original.kind == "table" and not original.unreadable and _are_alike(table, original)
        return Leftover(table, original.name, True, _is_copy(table, original)) if alike else None
    keys = [fk for fk in schema.references_to(bare) if _has_key(table, fk)]
    return Leftover(table, keys[0].parent if keys else bare, False) if keys or of_tool else None


def _of_nameless(schema: Schema, table: Table) -> Leftover:
    """The table with most columns in common, if there is one such; else the missing one that is referred to."""
    alike = [t for t in schema.tables if t is not table and t.kind == "table" and _are_alike(table, t)]
    alike = [t for t in alike if not may_be_left(t.name)]
    most = max((len(_common(table, other)) for other in alike), default=0)
    best = [other for other in alike if len(_common(table, other)) == most]
    if len(best) == 1:
        return Leftover(table, best[0].name, True, _is_copy(table, best[0]))
    gone = {folded(fk.parent): fk.parent for fk in schema.foreign_keys if not schema.table(fk.parent)}
    missing = [name for name in gone.values() if any(_has_key(table, fk) for fk in schema.references_to(name))]
    return Leftover(table, missing[0] if len(missing) == 1 and not best else "", False)


def _has_key(table: Table, fk: ForeignKey) -> bool:
    wanted = fk.parent_columns or table.primary_key[:1]
    return all(table.column(column) for column in wanted)


def _are_alike(table: Table, other: Table) -> bool:
    common = _common(table, other)
    fewer, more = sorted((len(table.columns), len(other.columns)))
    key = {folded(name) for name in other.primary_key}
    return bool(common) and 3 * len(common) >= 2 * fewer and 2 * len(common) >= more and key <= common


def _common(table: Table, other: Table) -> set[str]:
    return {folded(column.name) for column in table.columns} & {folded(column.name) for column in other.columns}


def _is_copy(table: Table, original: Table) -> bool:
    """True of a table without any key or constraint, where the original has some."""
    plain, other = ((t.primary_key, t.foreign_keys, any(i.unique for i in t.indexes)) for t in (table, original))
    return not any(plain) and any(other)
