"""Explaining is scanning under an assumption: each cause that `why --error` names of a message about a constraint is a
finding of a scan of the same place, if the constraint that the message speaks of were declared; and none is missing.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from sqlfix.explain.errors.causes import explain_error
from sqlfix.explain.errors.recognise import recognise
from sqlfix.model.schema import Schema, Table
from sqlfix.scan.run import scan
from sqlfix.scan.scope import Scope
from sqlfix.schema.database import open_database
from sqlfix.schema.names import with_check, with_key, with_not_null, with_table, with_type

TYPES = ("", "INTEGER", "TEXT", "REAL", "BLOB", "NUMERIC", "VARCHAR(9)", "INTEGER NOT NULL", "TEXT COLLATE NOCASE")
VALUES = (None, None, 0, 1, 1, 2.5, 3.0, "a", "A", "b", "1", "1.0", " 7 ", "1e2", "x'", b"", b"\x01", 2**63 - 1, -1.5)
CHECKS = ("{0} > 0", "{0} <> 'a' OR {1} IS NULL", "typeof({0}) <> 'blob'", "length({1}) < 2 AND {0} < {1}")
NAMES = ("plain", "a b", 'q"q', "select", "c.d", "p,q")
MESSAGES = {
    "not-null-violations": "NOT NULL constraint failed: {}",
    "duplicate-keys": "UNIQUE constraint failed: {}",
    "type-mismatches": "cannot store {} value in {} column {}",
    "check-violations": "CHECK constraint failed: {}",
}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def database(path: Path, chosen: random.Random, built_anew: bool) -> tuple[str, ...]:
    """A table ``t`` whose rows keep to nothing, and the names of its columns; also one that is to take its place."""
    names = tuple(chosen.sample(NAMES, 3))
    declared = [f"{quoted(name)} {chosen.choice(TYPES)}" for name in names]
    first, second = quoted(names[0]), quoted(names[1])
    checks = [f"CONSTRAINT k{n} CHECK ({text.format(first, second)})" for n, text in enumerate(CHECKS)]
    rows = [tuple(chosen.choice(VALUES) for _ in names) for _ in range(chosen.randint(0, 12))]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        plain = [one.replace(" NOT NULL", "") for one in declared]
        own = [] if built_anew else checks
        connection.execute(f"CREATE TABLE t(id INTEGER PRIMARY KEY, {', '.join([*plain, *own])})")
        if built_anew:
            connection.execute(f"CREATE TABLE new__t(id INTEGER PRIMARY KEY, {', '.join([*declared, *checks])})")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.executemany(f"INSERT INTO t({', '.join(map(quoted, names))}) VALUES (?, ?, ?)", rows)
        connection.commit()
    return names


def assumed(schema: Schema, names: tuple[str, ...], called: str) -> Iterator[tuple[str, str, Table]]:
    """Each check with a message that speaks of a constraint of a table, and ``t`` as if it had that."""
    t = schema.table("t")
    assert t is not None
    for name in names:
        yield "not-null-violations", f"{called}.{name}", with_not_null(t, (name,))
        for kind in ("INTEGER", "REAL", "TEXT", "BLOB"):
            yield "type-mismatches", f"{kind} {called}.{name}", with_type(t, name, kind)
    for columns in (names[:1], names[1:2], names[:2], names):
        yield "duplicate-keys", ", ".join(f"{called}.{name}" for name in columns), with_key(t, columns)
    for n, text in enumerate(CHECKS):
        yield "check-violations", f"k{n}", with_check(t, f"k{n}", text.format(quoted(names[0]), quoted(names[1])))


@pytest.mark.parametrize("built_anew", [False, True], ids=["the table itself", "the table that it is built from"])
@pytest.mark.parametrize("seed", range(12))
def test_the_causes_are_what_a_scan_finds_under_the_same_assumption(
    tmp_path: Path, seed: int, built_anew: bool
) -> None:
    path, chosen = tmp_path / "x.db", random.Random(seed)
    names = database(path, chosen, built_anew)
    with open_database(path) as opened:
        schema = opened.schema_with_text
        for check, about, table in assumed(schema, names, "new__t" if built_anew else "t"):
            kind, _, place = about.partition(" ") if check == "type-mismatches" else ("", "", about)
            text = MESSAGES[check].format(*(("TEXT", kind, place) if kind else (about,)))
            recognised = recognise(text)
            assert recognised is not None
            explanation = explain_error(opened, recognised)
            mine = table.wanted_keys[0] if table.wanted_keys else None
            # what the table has of its own is found as well, but for what is assumed in its place
            report = scan(opened.connection, with_table(schema, table), path.name, Scope((check, "t")))
            found = {
                (f.check, f.table, f.columns, f.count)
                for f in report.findings
                if (mine is None or f.columns == mine)
                and (check != "not-null-violations" or f.columns == (place.partition(".")[2],))
                and (check != "type-mismatches" or f.columns == (place.partition(".")[2],))
                and (check != "check-violations" or f.facts["constraint"] == about)
            }
            said = {(c.kind, c.table, c.columns, c.count) for c in explanation.causes if c.count}
            assert said == found, text
            assert explanation.not_checked == (), text
