"""How the databases are damaged. What was before, and where it is still to be had, is known to the score alone."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass

from bench.repairs.forms import FORMS, any_form, guid
from bench.repairs.scoring import HOLD, HOLD_WITH_DONOR, NOWHERE
from bench.repairs.states import ForeignKey, Raw, address_of, primary_key, quoted
from bench.repairs.work import Form, Key, Work


@dataclass(frozen=True)
class Recipe:
    """A way in which links get lost. ``also`` are contestants that run on it, beside those that always do."""

    group: str
    name: str
    damage: Callable[[Work], None]
    also: tuple[str, ...] = ()


# -- keys that are spelled otherwise ------------------------------------------------------------------------------


def _respelled(form: Form, share: float = 0.03) -> Callable[[Work], None]:
    def damage(work: Work) -> None:
        for fk in work.keys:
            if not work.is_key_too(fk):
                work.respell(fk, form, share)

    return damage


def _whole_relationship(work: Work) -> None:
    """Not one row of a relationship is spelled as its parent is; of each table one relationship."""
    done: set[str] = set()
    for fk in work.keys:
        if fk.child in done or fk.child == fk.parent or work.is_key_too(fk):
            continue
        for name in ("GUID hyphens", "case", "leading zeros", "no-break space"):
            if work.respell(fk, FORMS[name], 1.0):
                done.add(fk.child)
                break


def _key_of_a_parent(work: Work) -> None:
    """Columns that are a key of their own table, and reference another one: then its own children lose it, too."""
    for fk in work.keys:
        if work.is_key_too(fk) and fk.child != fk.parent:
            work.respell(fk, FORMS["case"])


def _links_twice(work: Work) -> None:
    """Links of a join table that are there once more, spelled otherwise."""
    for table in {fk.child: None for fk in work.keys}:
        ends = [fk for fk in work.keys if fk.child == table]
        if len(ends) != 2 or set(work.kind.identity[table]) - {"id"}:
            continue
        columns = [row[1] for row in work.damaged.execute(f"PRAGMA table_info({quoted(table)})")]
        for row in work.damaged.execute(f"SELECT * FROM {quoted(table)}").fetchall()[:200:7]:
            values = dict(zip(columns, row, strict=True))
            values.pop("id", None)
            for name in ends[0].columns:
                values[name] = FORMS["no-break space"](values[name], work.rng)
            marks = ", ".join("?" * len(values))
            work.damaged.execute(
                f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, values))}) VALUES ({marks})",
                tuple(values.values()),
            )


# -- other values in place of the key -----------------------------------------------------------------------------


def _names_for_keys(work: Work) -> None:
    """The child holds the parent's name, which is unique, in place of its key."""
    for fk in work.keys:
        column = _unique_text(work, fk)
        if column and not work.is_key_too(fk) and fk.child != fk.parent:
            query = f"SELECT {quoted(column)} FROM {quoted(fk.parent)} WHERE {quoted(fk.parent_columns[0])} = ?"

            def name(part: object, rng: random.Random, query: str = query) -> object:
                return work.damaged.execute(query, (part,)).fetchone()[0]

            work.respell(fk, name)


def _unique_text(work: Work, fk: ForeignKey) -> str | None:
    """A column of text of the parent beside its key that is UNIQUE and NOT NULL."""
    if len(fk.parent_columns) > 1:
        return None
    info = {row[1]: row for row in work.damaged.execute(f"PRAGMA table_info({quoted(fk.parent)})")}
    for name in _unique_columns(work, fk.parent):
        kind, required = info[name][2].lower(), info[name][3]
        if name != fk.parent_columns[0] and required and ("text" in kind or "char" in kind):
            return name
    return None


def _unique_columns(work: Work, table: str) -> list[str]:
    """The columns that are UNIQUE by themselves."""
    found = []
    for index in work.damaged.execute(f"PRAGMA index_list({quoted(table)})").fetchall():
        columns = [row[2] for row in work.damaged.execute(f"PRAGMA index_info({quoted(index[1])})")]
        if index[2] and len(columns) == 1:
            found.append(str(columns[0]))
    return found


def _placeholders(work: Work) -> None:
    """Where there was no parent, a value that means "none" in place of NULL."""
    for fk in work.keys:
        if not fk.optional or len(fk.columns) > 1:
            continue
        column = quoted(fk.columns[0])
        names = address_of(work.damaged, fk.child)
        listed = ", ".join(n if n == "rowid" else quoted(n) for n in names)
        rows = work.damaged.execute(f"SELECT {listed} FROM {quoted(fk.child)} WHERE {column} IS NULL").fetchall()
        value = work.rng.choice(("", "NULL", "N/A", "\\N", "none") if _is_text(work, fk) else (0, -1, "", "NULL"))
        for address in rows[::4]:
            work.rewrite(fk, address, (value,))


def _placeholders_required(work: Work) -> None:
    """The same over keys that may not be NULL: nobody knows what they were."""
    for fk in work.keys:
        if not fk.optional and len(fk.columns) == 1 and not work.is_key_too(fk) and fk.child != fk.parent:
            value = "" if _is_text(work, fk) else 0
            work.respell(fk, lambda part, rng, value=value: value, hold=HOLD)


def _is_text(work: Work, fk: ForeignKey) -> bool:
    kinds = {row[1]: row[2].lower() for row in work.damaged.execute(f"PRAGMA table_info({quoted(fk.child)})")}
    return "int" not in kinds[fk.columns[0]]


# -- parents that are gone ----------------------------------------------------------------------------------------


def _delete_parents(work: Work, share: float = 0.04) -> list[tuple[str, Raw]]:
    """Delete some parents of each table; the tables and the addresses of the rows that are gone."""
    gone = []
    for table in {fk.parent: None for fk in work.keys}:
        rows = _some_rows(work, table, share)
        for address in rows:
            work.delete(table, address)
        gone += [(table, address) for address in rows]
    return gone


def _some_rows(work: Work, table: str, share: float) -> list[Raw]:
    names = address_of(work.damaged, table)
    listed = ", ".join(n if n == "rowid" else quoted(n) for n in names)
    rows = work.damaged.execute(f"SELECT {listed} FROM {quoted(table)} ORDER BY {listed}").fetchall()
    work.rng.shuffle(rows)
    return rows[: max(round(len(rows) * share), 1)]


def _deleted(work: Work) -> None:
    work.answer = NOWHERE
    _delete_parents(work)


def _deleted_with_donor(work: Work) -> None:
    work.answer = "donor"
    work.older_copy("older.db").close()
    _delete_parents(work)


def _deleted_with_older_schema(work: Work) -> None:
    """The older copy lacks columns and rows, has a column more, and other values in rows that still stand."""
    work.answer = "donor"
    work.unknown = dict(work.kind.newer)
    gone = set(_delete_parents(work))
    donor = work.older_copy("older.db")
    for table, column in work.kind.newer:
        donor.execute(f"ALTER TABLE {quoted(table)} DROP COLUMN {quoted(column)}")
    for statement in work.kind.older:
        donor.execute(statement)
    parents = {fk.parent for fk in work.keys}
    for table in work.kind.identity:
        rows = [row for row in _some_rows(work, table, 0.1) if (table, row) not in gone]
        if table not in parents:
            for address in rows:
                work.delete(table, address, donor)
    donor.close()


def _deleted_with_two_donors(work: Work) -> None:
    """The newest copy has a half of the parents, an older one all of them."""
    work.answer = "donor"
    newest = work.older_copy("yesterday.db")
    work.older_copy("older.db").close()
    for table, address in _delete_parents(work)[::2]:
        work.delete(table, address, newest)
    newest.close()


def _deleted_on_purpose(work: Work) -> None:
    """Beside those that are missed, rows of the donor that were deleted rightly, with all that hung on them."""
    work.answer = "donor"
    work.older_copy("older.db").close()
    for connection in (work.sound, work.damaged):
        connection.execute("PRAGMA defer_foreign_keys = ON")
    for fk in work.keys:
        keys = ", ".join(map(quoted, fk.columns))
        theirs = ", ".join(map(quoted, fk.parent_columns))
        unused = f"({theirs}) NOT IN (SELECT {keys} FROM {quoted(fk.child)} WHERE {quoted(fk.columns[0])} IS NOT NULL)"
        if sum(other.parent == fk.parent for other in work.keys) == 1:
            work.both(f"DELETE FROM {quoted(fk.parent)} WHERE {unused}")
    _delete_parents(work)


def _unique_taken(work: Work) -> None:
    """Another row has the unique name of the parent that is gone: it cannot come back, and its orphans are left."""
    work.answer = NOWHERE
    work.older_copy("older.db").close()
    for fk in {fk.parent: fk for fk in work.keys if _unique_text(work, fk)}.values():
        (key,) = fk.parent_columns
        for address in _some_rows(work, fk.parent, 0.03)[:3]:
            names = address_of(work.damaged, fk.parent)
            where = " AND ".join(f"{n if n == 'rowid' else quoted(n)} IS ?" for n in names)
            old = work.damaged.execute(
                f"SELECT {quoted(key)} FROM {quoted(fk.parent)} WHERE {where}", address
            ).fetchone()
            new = _new_key(old[0], work.rng)
            work.damaged.execute(f"UPDATE {quoted(fk.parent)} SET {quoted(key)} = ? WHERE {where}", (new, *address))
            for other in work.keys:
                if other.parent == fk.parent:
                    work.holding.append((other, old, HOLD_WITH_DONOR))


# -- parents that have other keys ---------------------------------------------------------------------------------


def _new_key(part: object, rng: random.Random) -> object:
    if isinstance(part, int):
        return part + 1_000_000
    if found := guid(part):
        other = type(found)(int=rng.getrandbits(128), version=4)
        return other.bytes if isinstance(part, bytes) else str(other)
    text = str(part)
    return str(int(text) + 5_000_000) if text.isdigit() else f"N.{text}"


def _rekeyed(work: Work) -> None:
    """All parents got other keys, and a part of their children was forgotten; a file says which became which."""
    work.answer = "map"
    became: dict[str, dict[Key, Key]] = {}
    for table in {fk.parent: None for fk in work.keys}:
        columns = primary_key(work.damaged, table)
        own = {name for fk in work.keys if fk.child == table for name in fk.columns}
        free = [name for name in columns if name not in own]
        if free and not any(fk.parent == table and work.is_key_too(fk) and fk.child != table for fk in work.keys):
            became[table] = _rekey(work, table, columns, free)
    for fk in work.keys:
        if fk.parent in became and not work.is_key_too(fk):
            before = {new: old for old, new in became[fk.parent].items()}
            for address, key in list(work.some(fk, 0.2)):
                work.rewrite(fk, address, before[key])
            _write_map(work, fk, became[fk.parent])


def _rekey(work: Work, table: str, columns: tuple[str, ...], free: list[str]) -> dict[Key, Key]:
    """Give all rows of a table other keys, and their children with them; which became which."""
    listed = ", ".join(map(quoted, columns))
    became: dict[Key, Key] = {}
    for old in work.damaged.execute(f"SELECT {listed} FROM {quoted(table)}").fetchall():
        became[old] = tuple(
            _new_key(part, work.rng) if name in free else part for name, part in zip(columns, old, strict=True)
        )
    for fk in work.keys:
        if fk.parent == table:
            _follow(work, fk, became)
    given = ", ".join(f"{quoted(name)} = ?" for name in columns)
    where = " AND ".join(f"{quoted(name)} IS ?" for name in columns)
    for old, new in became.items():
        work.both(f"UPDATE {quoted(table)} SET {given} WHERE {where}", (*new, *old))
    return became


def _follow(work: Work, fk: ForeignKey, became: dict[Key, Key]) -> None:
    given = ", ".join(f"{quoted(name)} = ?" for name in fk.columns)
    where = " AND ".join(f"{quoted(name)} IS ?" for name in fk.columns)
    used = work.damaged.execute(
        f"SELECT DISTINCT {', '.join(map(quoted, fk.columns))} FROM {quoted(fk.child)}"
    ).fetchall()
    for old in used:
        if old in became:
            work.both(f"UPDATE {quoted(fk.child)} SET {given} WHERE {where}", (*became[old], *old))


def _write_map(work: Work, fk: ForeignKey, became: dict[Key, Key]) -> None:
    if any(isinstance(part, bytes) for key in became for part in key):
        shown: Callable[[object], str] = lambda part: f"x'{part.hex()}'" if isinstance(part, bytes) else str(part)  # noqa: E731
    else:
        shown = str
    endings = [""] if len(fk.columns) == 1 else [f"_{name}" for name in fk.columns]
    path = work.folder / f"{fk.child}-{'-'.join(fk.columns)}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"old{end}" for end in endings] + [f"new{end}" for end in endings])
        for old, new in became.items():
            writer.writerow([shown(part) for part in (*old, *new)])
    work.maps[f"{fk.child}.{','.join(fk.columns)}"] = path


# -- deletions that were not finished -----------------------------------------------------------------------------


def _delete_rightly(work: Work, table: str, rows: list[Raw]) -> None:
    """Delete rows of the sound database as its application would: ON DELETE, and the link rows with them."""
    for address in rows:
        work.delete(table, address, work.sound)
    for _ in range(40):
        changed = 0
        for fk in work.keys:
            found = " AND ".join(
                f"p.{quoted(theirs)} = c.{quoted(ours)}"
                for ours, theirs in zip(fk.columns, fk.parent_columns, strict=True)
            )
            there = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in fk.columns)
            orphan = f"{there} AND NOT EXISTS (SELECT 1 FROM {quoted(fk.parent)} AS p WHERE {found})"
            empty = ", ".join(f"{quoted(name)} = NULL" for name in fk.columns)
            deed = (
                f"UPDATE {quoted(fk.child)} AS c SET {empty}"
                if fk.optional and fk.on_delete != "CASCADE"
                else (f"DELETE FROM {quoted(fk.child)} AS c")
            )
            changed += work.sound.execute(f"{deed} WHERE {orphan}").rowcount
        if not changed:
            return


def _links_hanging(work: Work) -> None:
    """Rows at the ends of join tables were deleted, and the links to them forgotten."""
    joins = [table for table, columns in work.kind.identity.items() if columns in ((), ("id",))]
    ends = {fk.parent for fk in work.keys if fk.child in joins}
    for table in sorted(ends):
        if {fk.child for fk in work.keys if fk.parent == table} <= set(joins):
            rows = _some_rows(work, table, 0.1)
            for address in rows:
                work.delete(table, address)
            _delete_rightly(work, table, rows)


def _cascade_interrupted(work: Work) -> None:
    """Of the rows that ON DELETE CASCADE or SET NULL would have reached, a part was not."""
    for table in {fk.parent: None for fk in work.keys if fk.on_delete in ("CASCADE", "SET NULL")}:
        of_it = [fk for fk in work.keys if fk.parent == table]
        if any(fk.on_delete not in ("CASCADE", "SET NULL") or fk.child == table for fk in of_it):
            continue
        rows = _some_rows(work, table, 0.05)
        for address in rows:
            work.delete(table, address)
        _delete_rightly(work, table, rows)
        for child in {fk.child: None for fk in of_it if fk.on_delete == "CASCADE"}:
            names = address_of(work.sound, child)
            query = f"SELECT {', '.join(n if n == 'rowid' else quoted(n) for n in names)} FROM {quoted(child)}"
            stay = set(work.sound.execute(query).fetchall())
            for address in sorted(set(work.damaged.execute(query).fetchall()) - stay)[::2]:
                work.delete(child, address)


# -- twins: parents whose keys differ in their spelling only ------------------------------------------------------


def _twin_by_case(key: str) -> str:
    return (key.lower() if key.lower() != key else key.upper()) if key.isascii() else key


def _twin_by_zeros(key: str) -> str:
    return f"0{key}" if key.isdigit() else key


def _twin_by_hyphen(key: str) -> str:
    return key.replace("-", "") if guid(key) is None and not key.replace("-", "").isdigit() else key


def _with_twins(work: Work, twin: Callable[[str], str], most: int) -> list[tuple[ForeignKey, str, str]]:
    """Give parents a twin of another key, with other values in unique columns, and half of their children."""
    made = []
    for table in {fk.parent: None for fk in work.keys if len(fk.parent_columns) == 1}:
        of_it = [fk for fk in work.keys if fk.parent == table and len(fk.columns) == 1]
        columns = [row[1] for row in work.damaged.execute(f"PRAGMA table_info({quoted(table)})")]
        key = of_it[0].parent_columns[0]
        used = f"SELECT 1 FROM {quoted(of_it[0].child)} AS c WHERE c.{quoted(of_it[0].columns[0])} = p.{quoted(key)}"
        rows = work.damaged.execute(f"SELECT * FROM {quoted(table)} AS p WHERE EXISTS ({used})").fetchall()
        unique = _unique_columns(work, table)
        for row in rows[:most]:
            values = dict(zip(columns, row, strict=True))
            old = values[key]
            if not isinstance(old, str) or twin(old) == old:
                continue
            for name in {*work.kind.identity[table], *unique} - {key}:
                values[name] = f"{values[name]} II" if isinstance(values[name], str) else values[name] + 100_000
            for name, value in values.items():
                if value == old:
                    values[name] = twin(old)
            marks = ", ".join("?" * len(columns))
            work.both(f"INSERT INTO {quoted(table)} VALUES ({marks})", tuple(values.values()))
            made.append((of_it[0], old, twin(old)))
    return made


def _several_meant(work: Work) -> None:
    """Keys that are spelled like two parents alike, and as neither of them."""
    for fk, old, new in _with_twins(work, _twin_by_case, 4):
        third = "".join(b if place % 2 else a for place, (a, b) in enumerate(zip(old, new, strict=True)))
        if third not in (old, new) and not work.is_key_too(fk):
            for address, key in work.rows(fk):
                if key == (old,) and work.rewrite(fk, address, (third,)):
                    work.holding.append((fk, (third,), HOLD))


def _mildest_meant(work: Work) -> None:
    """Keys that are spelled like two parents, but with a blank at the end only like one."""
    for fk, old, _ in _with_twins(work, _twin_by_case, 4):
        if not work.is_key_too(fk):
            for address, key in work.rows(fk)[:400]:
                if key == (old,):
                    work.rewrite(fk, address, (f"{old} ",))


def _twin_remains(twin: Callable[[str], str], with_donor: bool = False) -> Callable[[Work], None]:
    """The parent is gone, another one remains whose key looks like it; so do many that are both there."""

    def damage(work: Work) -> None:
        work.answer = "donor" if with_donor else NOWHERE
        made = _with_twins(work, twin, 20)
        if with_donor:
            work.older_copy("older.db").close()
        for fk, old, _ in made[::7]:
            work.damaged.execute(f"DELETE FROM {quoted(fk.parent)} WHERE {quoted(fk.parent_columns[0])} = ?", (old,))

    return damage


DONOR, MAP, DESPERATE = ("donor",), ("map",), ("stand-in", "park")

RECIPES = (
    *(Recipe("spelling", name, _respelled(form)) for name, form in FORMS.items()),
    Recipe("spelling", "all of these", _respelled(any_form, 0.2)),
    Recipe("spelling", "a whole relationship", _whole_relationship),
    Recipe("spelling", "the key of a parent", _key_of_a_parent),
    Recipe("spelling", "links there twice", _links_twice),
    Recipe("spelling", "nearest of two parents", _mildest_meant),
    Recipe("name in place of the key", "name in place of the key", _names_for_keys),
    Recipe("placeholders", "in place of NULL", _placeholders),
    Recipe("placeholders", "where NULL is not allowed", _placeholders_required, DESPERATE),
    Recipe("unfinished deletions", "link rows left hanging", _links_hanging),
    Recipe("unfinished deletions", "cascade interrupted", _cascade_interrupted),
    Recipe("parents deleted, older copy", "same schema", _deleted_with_donor, DONOR),
    Recipe("parents deleted, older copy", "older schema", _deleted_with_older_schema, DONOR),
    Recipe("parents deleted, older copy", "in two copies", _deleted_with_two_donors, DONOR),
    Recipe("parents deleted, older copy", "others deleted on purpose", _deleted_on_purpose, DONOR),
    Recipe(
        "parents deleted, older copy", "a parent that looks alike is there", _twin_remains(_twin_by_case, True), DONOR
    ),
    Recipe("parents deleted, older copy", "unique value taken since", _unique_taken, DONOR),
    Recipe("parents re-keyed, mapping", "parents re-keyed, mapping", _rekeyed, MAP),
    Recipe("parents deleted, nothing left", "parents deleted", _deleted, DESPERATE),
    Recipe("traps", "several parents alike", _several_meant, DESPERATE),
    Recipe("traps", "keys told apart by case", _twin_remains(_twin_by_case)),
    Recipe("traps", "keys told apart by zeros", _twin_remains(_twin_by_zeros)),
    Recipe("traps", "keys told apart by a hyphen", _twin_remains(_twin_by_hyphen)),
)
