"""Edits of a CREATE TABLE text: to the letter, and measured against what SQLite makes of the text before and after."""

from __future__ import annotations

import os
import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support import together

from sqlfix.sql import foreign_key_edits, table_edits
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.foreign_key_edits import (
    Reference,
    with_actions,
    with_deferrable,
    with_foreign_key,
    with_parent,
    without_foreign_key,
)
from sqlfix.sql.literals import quote
from sqlfix.sql.table_edits import (
    with_check,
    with_collation,
    with_default,
    with_not_null,
    with_primary_key,
    with_type,
    with_unique,
    without_check,
    without_clause,
    without_unique,
)
from sqlfix.sql.tokens import DdlError

Edit = Callable[[str], str]

P, PAIR = Reference("p", ("id",)), Reference("q", ("x", "y"))
DEFERRED = replace(P, on_delete="SET NULL", on_update="CASCADE", deferrable=True)

TO_THE_LETTER: dict[str, tuple[str, Edit, str]] = {
    "not null behind the type": ("a INTEGER", lambda s: with_not_null(s, "A"), "a INTEGER NOT NULL"),
    "not null without a type": ("a, b", lambda s: with_not_null(s, "a"), "a NOT NULL, b"),
    "null becomes not null": (
        '"a" integer NULL REFERENCES "p" ("id")',
        lambda s: with_not_null(s, "a"),
        '"a" integer NOT NULL REFERENCES "p" ("id")',
    ),
    "before what is generated": (
        "a, b INT GENERATED ALWAYS AS (a) STORED",
        lambda s: with_not_null(s, "b"),
        "a, b INT NOT NULL GENERATED ALWAYS AS (a) STORED",
    ),
    "before what is generated without a type": (
        "a, b GENERATED ALWAYS AS (a)",
        lambda s: with_not_null(s, "b"),
        "a, b NOT NULL GENERATED ALWAYS AS (a)",
    ),
    "not null away": (
        "a INT CONSTRAINT nn NOT NULL ON CONFLICT IGNORE UNIQUE NOT NULL, b",
        lambda s: without_clause(s, "a", "not null"),
        "a INT UNIQUE, b",
    ),
    "a comment between stays": (
        "a INT /* one */ NOT NULL -- two\n UNIQUE",
        lambda s: without_clause(s, "a", "not null"),
        "a INT /* one */  -- two\n UNIQUE",
    ),
    "what touches is parted": (
        "a CHECK(1)NOT NULL CHECK(2)",
        lambda s: without_clause(s, "a", "not null"),
        "a CHECK(1) CHECK(2)",
    ),
    "what would touch is parted": ('"a"', lambda s: with_not_null(s, "a"), '"a" NOT NULL'),
    "unique of a column": (
        "a INT NOT NULL REFERENCES p, b",
        lambda s: with_unique(s, ["a"]),
        "a INT NOT NULL UNIQUE REFERENCES p, b",
    ),
    "unique of two": ("a, b, c", lambda s: with_unique(s, ["C", "a"]), 'a, b, c, UNIQUE ("c", "a")'),
    "on a line of its own": (
        "\n  a INT,\n  b INT\n",
        lambda s: with_unique(s, ["a", "b"]),
        '\n  a INT,\n  b INT,\n  UNIQUE ("a", "b")\n',
    ),
    "with the line ends of the text": (
        "\r\n\ta INT,\r\n\tb INT\r\n",
        lambda s: with_unique(s, ["a", "b"]),
        '\r\n\ta INT,\r\n\tb INT,\r\n\tUNIQUE ("a", "b")\r\n',
    ),
    "a comment at the end stays with its column": (
        "\n  a INT, -- one\n  b INT -- two\n",
        lambda s: with_unique(s, ["a", "b"]),
        '\n  a INT, -- one\n  b INT, -- two\n  UNIQUE ("a", "b")\n',
    ),
    "a comment on the line of the end": (
        "a INT, b INT /* two */",
        lambda s: with_unique(s, ["a", "b"]),
        'a INT, b INT, /* two */\nUNIQUE ("a", "b")',
    ),
    "unique of the table away": (
        "a, b, CONSTRAINT u UNIQUE (b, a) ON CONFLICT ROLLBACK, CHECK (a)",
        lambda s: without_unique(s, ["a", "b"]),
        "a, b, CHECK (a)",
    ),
    "the only one of the table away": ("a, b,\n UNIQUE (b)\n", lambda s: without_unique(s, ["b"]), "a, b\n"),
    "without the commas that may lack": (
        "a, b, UNIQUE (b) CHECK (a) UNIQUE (a)",
        lambda s: without_unique(s, ["b"]),
        "a, b, CHECK (a) UNIQUE (a)",
    ),
    "the last without a comma": (
        "a, b, UNIQUE (b) CHECK (a) UNIQUE (a)",
        lambda s: without_unique(s, ["a"]),
        "a, b, UNIQUE (b) CHECK (a)",
    ),
    "a comment behind a comma stays": (
        "a, b, -- of b\n UNIQUE (b)\n",
        lambda s: without_unique(s, ["b"]),
        "a, b -- of b\n \n",
    ),
    "primary key of a column": (
        '"id" INTEGER, b',
        lambda s: with_primary_key(s, ["id"]),
        '"id" INTEGER PRIMARY KEY, b',
    ),
    "primary key of two": ("a, b", lambda s: with_primary_key(s, ["a", "b"]), 'a, b, PRIMARY KEY ("a", "b")'),
    "check of a column": ("a INT, b", lambda s: with_check(s, "a > 0 -- x", "a"), "a INT CHECK (a > 0), b"),
    "check of the table": ("a, b", lambda s: with_check(s, "a > b"), "a, b, CHECK (a > b)"),
    "check away": (
        "a CONSTRAINT c CHECK (a > 0) NOT NULL, CHECK (a < 9)",
        lambda s: without_check(s, 0),
        "a NOT NULL, CHECK (a < 9)",
    ),
    "check of the table away": (
        "a CHECK (a > 0), CONSTRAINT c CHECK (a < 9)",
        lambda s: without_check(s, 1),
        "a CHECK (a > 0)",
    ),
    "another type": (
        "a VARCHAR(20)NOT NULL, b",
        lambda s: with_type(s, "a", "DECIMAL(10,2)"),
        "a DECIMAL(10,2) NOT NULL, b",
    ),
    "a type where there was none": ('"a"NOT NULL', lambda s: with_type(s, "a", "TEXT"), '"a" TEXT NOT NULL'),
    "no type": ("a LONG INT NOT NULL", lambda s: with_type(s, "a", ""), "a NOT NULL"),
    "the type of what is generated": (
        "a, b INT GENERATED ALWAYS AS (a)",
        lambda s: with_type(s, "b", "TEXT"),
        "a, b TEXT GENERATED ALWAYS AS (a)",
    ),
    "default": ("a INT UNIQUE", lambda s: with_default(s, "a", "-5"), "a INT DEFAULT -5 UNIQUE"),
    "default of an expression": ("a", lambda s: with_default(s, "a", "1 + 2"), "a DEFAULT (1 + 2)"),
    "default of a text": ("a", lambda s: with_default(s, "a", "'x--y'"), "a DEFAULT 'x--y'"),
    "default of a word": ("a", lambda s: with_default(s, "a", "current_timestamp"), "a DEFAULT current_timestamp"),
    "another default, of two": (
        "a DEFAULT 1 NOT NULL CONSTRAINT d DEFAULT (2)",
        lambda s: with_default(s, "a", "3"),
        "a NOT NULL CONSTRAINT d DEFAULT 3",
    ),
    "default away": ("a DEFAULT +1 NOT NULL",
                     lambda s: without_clause(s, "a", "default"), "a NOT NULL"),
    "collation": ("a TEXT NOT NULL CHECK (1)", lambda s: with_collation(s, "a", "nocase"),
                  "a TEXT NOT NULL COLLATE nocase CHECK (1)"),
    "another collation": ("a COLLATE RTRIM", lambda s: with_collation(s, "a", "NOCASE"), "a COLLATE NOCASE"),
    "collation away": ("a COLLATE RTRIM,b", lambda s: without_clause(s, "a", "collate"), "a,b"),
    "key of a column": (
        "a INT,b",
        lambda s: with_foreign_key(s, ["A"], DEFERRED),
        'a INT REFERENCES "p" ("id") ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,b',
    ),
    "key of two columns": (
        "a INT, b",
        lambda s: with_foreign_key(s, ["a", "b"], Reference("q", ("x", "y"))),
        'a INT, b, FOREIGN KEY ("a", "b") REFERENCES "q" ("x", "y")',
    ),
    "no deferral is stolen": (
        "a REFERENCES p, b, c DEFERRABLE INITIALLY DEFERRED",
        lambda s: with_foreign_key(s, ["b"], P),
        'a REFERENCES p, b, c DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY ("b") REFERENCES "p" ("id")',
    ),
    "a key goes with its deferral": (
        "a REFERENCES p, b REFERENCES q NOT NULL, c CONSTRAINT d DEFERRABLE INITIALLY DEFERRED",
        lambda s: without_foreign_key(s, 1),
        "a REFERENCES p, b NOT NULL, c",
    ),
    "a key of the table goes with its comma": (
        "a, b,\n  CONSTRAINT f FOREIGN KEY (a) REFERENCES p,\n  CHECK (b)",
        lambda s: without_foreign_key(s, 0),
        "a, b,\n  CHECK (b)",
    ),
    "another action": (
        "a REFERENCES p ON DELETE CASCADE MATCH FULL ON DELETE RESTRICT NOT NULL",
        lambda s: with_actions(s, 0, on_delete="SET NULL"),
        "a REFERENCES p MATCH FULL ON DELETE SET NULL NOT NULL",
    ),
    "an action where there was none": (
        "a REFERENCES p(id)NOT NULL",
        lambda s: with_actions(s, 0, "CASCADE", "CASCADE"),
        "a REFERENCES p(id) ON DELETE CASCADE ON UPDATE CASCADE NOT NULL",
    ),
    "deferrable": (
        "a REFERENCES p ON DELETE CASCADE NOT NULL",
        lambda s: with_deferrable(s, 0, True),
        "a REFERENCES p ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED NOT NULL",
    ),
    "deferrable where it was not": (
        "a REFERENCES p NOT DEFERRABLE",
        lambda s: with_deferrable(s, 0, True),
        "a REFERENCES p DEFERRABLE INITIALLY DEFERRED",
    ),
    "no longer deferrable": (
        "a REFERENCES p DEFERRABLE INITIALLY DEFERRED, b CONSTRAINT x DEFERRABLE INITIALLY DEFERRED",
        lambda s: with_deferrable(s, 0, False),
        "a REFERENCES p, b",
    ),
    "another parent, in its quotes": (
        'a REFERENCES "p__old" ("id"), b REFERENCES [p__old](id), c REFERENCES `p__old`',
        lambda s: with_parent(with_parent(with_parent(s, 0, "p"), 1, "p"), 2, "p`q"),
        'a REFERENCES "p" ("id"), b REFERENCES [p](id), c REFERENCES `p``q`',
    ),
    "another column of the parent": (
        "a, b, FOREIGN KEY (a, b) REFERENCES q(x /* y */, y)",
        lambda s: with_parent(s, 0, parent_columns=("z", "y")),
        'a, b, FOREIGN KEY (a, b) REFERENCES q("z" /* y */, y)',
    ),
    "columns where there were none": (
        "a REFERENCES p/**/NOT NULL",
        lambda s: with_parent(s, 0, parent_columns=("id",)),
        'a REFERENCES p ("id") /**/NOT NULL',
    ),
}  # fmt: skip


@together
@pytest.mark.parametrize("name", TO_THE_LETTER)
def test_an_edit_is_made_to_the_letter(name: str) -> None:
    body, edit, expected = TO_THE_LETTER[name]
    before, after = f"CREATE TABLE t({body})", f"CREATE TABLE t({expected})"
    for sql in (before, after):
        made(sql).close()
    assert edit(before) == after


REFUSED: dict[str, tuple[str, Edit]] = {
    "no such column": ("a", lambda s: with_not_null(s, "b")),
    "a second primary key": ("a PRIMARY KEY, b", lambda s: with_primary_key(s, ["b"])),
    "a check that closes its parenthesis": ("a", lambda s: with_check(s, "1), CHECK (0", "a")),
    "a check of two expressions": ("a", lambda s: with_check(s, "1, 2", "a")),
    "an empty check": ("a", lambda s: with_check(s, " -- ", "a")),
    "a check that goes on with another statement": ("a", lambda s: with_check(s, "1; DROP TABLE t", "a")),
    "a default that goes on": ("a", lambda s: with_default(s, "a", "1) CHECK (0")),
    "a type that goes on": ("a", lambda s: with_type(s, "a", "INT NOT NULL")),
    "a type that is generated": ("a", lambda s: with_type(s, "a", "INT GENERATED ALWAYS AS (1)")),
    "a type of two columns": ("a", lambda s: with_type(s, "a", "INT, b INT")),
    "a type that opens only": ("a", lambda s: with_type(s, "a", "VARCHAR(3")),
    "as many columns": ("a REFERENCES p(id)", lambda s: with_parent(s, 0, parent_columns=("x", "y"))),
    "no end": ("a", lambda s: with_check(s, "'x", "a")),
    "a comment that does not end": ("a", lambda s: with_type(s, "a", "INT /*")),
}


@together
@pytest.mark.parametrize("name", REFUSED)
def test_an_edit_that_says_something_else_is_refused(name: str) -> None:
    body, edit = REFUSED[name]
    with pytest.raises(DdlError):
        raise AssertionError(edit(f"CREATE TABLE t ({body})"))


# -- every edit on every text, by the pragmas -----------------------------------------------------------------------


def made(sql: str) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.create_function("regexp", 2, lambda pattern, value: True, deterministic=True)
    for name in ("unicode", "de", "nocase_utf8", "utf8", "LOCALIZED", "ICU"):
        db.create_collation(name, lambda a, b: (a > b) - (a < b))
    db.execute(sql)
    return db


@lru_cache(maxsize=1024)  # many an edit finds what it wishes, and leaves the text as it is
def facts(sql: str) -> dict[str, object]:
    """What SQLite says of a table, by what it is called."""
    with closing(made(sql)) as db:
        (name,) = db.execute(
            "SELECT name FROM (SELECT * FROM sqlite_schema UNION ALL SELECT * FROM sqlite_temp_schema)"
            " WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' ESCAPE '^'"
        ).fetchone()
        columns = db.execute("SELECT * FROM pragma_table_xinfo(?)", (name,)).fetchall()
        keys = db.execute("SELECT * FROM pragma_foreign_key_list(?)", (name,)).fetchall()
        uniques = [
            tuple(row[0] for row in db.execute("SELECT name FROM pragma_index_info(?)", (index,)))
            for index, origin in db.execute("SELECT name, origin FROM pragma_index_list(?)", (name,)).fetchall()
            if origin == "u"
        ]
        db.execute(f"CREATE INDEX i ON {quote(name)} ({', '.join(quote(column[1]) for column in columns)})")
        collations = db.execute("SELECT coll FROM pragma_index_xinfo('i') LIMIT ?", (len(columns),)).fetchall()
    text = read_create_table(sql)
    deferred = [(key.columns, key.deferrable) for key in text.foreign_keys]
    return {
        "columns": [(row[1], row[6]) for row in columns],
        "types": [row[2] for row in columns],
        "not null": [row[3] for row in columns],
        "defaults": [row[4] for row in columns],
        "primary key": [row[5] for row in columns],
        "collations": collations,
        "foreign keys": (sorted(map(repr, ((row[2:]) for row in keys))), deferred),
        "uniques": sorted(uniques),
        "checks": [check.text for check in text.checks],
    }


MOST = 4


def edits_of(sql: str) -> Iterator[tuple[str, set[str], Edit]]:
    """Every edit that a text can have: what it is, the facts that may become different, and the edit itself."""
    text = read_create_table(sql)
    names = [column.name for column in text.columns]
    for name, generated in [(column.name, column.generated) for column in text.columns][:MOST]:
        for fact, edit, *arguments in (
            ("not null", with_not_null),
            ("not null", without_clause, "not null"),
            ("uniques", with_unique, [name]),
            ("uniques", without_unique, [name]),
            ("checks", with_check, "1 <> 2", name),
            ("foreign keys", with_foreign_key, [name], DEFERRED),
            ("foreign keys", with_foreign_key, [name], P),
            *(() if text.primary_key or generated else (("primary key", with_primary_key, [name]),)),
            ("types", with_type, "TEXT"),
            *(() if generated else (("defaults", with_default, "'x'"), ("defaults", with_default, "1+1"))),
            ("defaults", without_clause, "default"),
            ("collations", with_collation, "RTRIM"),
            ("collations", without_clause, "collate"),
        ):
            given = arguments or [name]
            if edit in (with_type, with_default, with_collation, without_clause):
                given = [name, *arguments]
            if edit is with_check:
                given = arguments
            yield edit.__name__, {fact}, lambda sql, edit=edit, given=given: edit(sql, *given)  # type: ignore[misc]
    for pair in list(pairwise(names))[:MOST]:
        yield "unique of two", {"uniques"}, partial(with_unique, columns=pair)
        yield "key of two", {"foreign keys"}, partial(with_foreign_key, columns=pair, reference=PAIR)
    yield "check of the table", {"checks"}, partial(with_check, expression="1")
    for number in range(len(text.checks)):
        yield "without_check", {"checks"}, partial(without_check, number=number)
    for unique in text.uniques:
        yield "without_unique", {"uniques"}, partial(without_unique, columns=unique)
    for number, key in enumerate(text.foreign_keys):
        other = "CASCADE" if key.on_delete != "CASCADE" else "SET NULL"
        for more in (
            partial(with_actions, number=number, on_delete=other),
            partial(with_actions, number=number, on_update="RESTRICT"),
            partial(with_deferrable, number=number, deferrable=not key.deferrable),
            partial(with_parent, number=number, parent="other one"),
            partial(with_parent, number=number, parent_columns=[f"x{n}" for n in range(len(key.columns))]),
            partial(without_foreign_key, number=number),
        ):
            yield f"{more.func.__name__}{more.keywords}", {"foreign keys"}, more


REFUSALS = re.compile(
    "PRIMARY KEY|AUTOINCREMENT|generated column|no such collation|unknown datatype|missing datatype|default value"
)
"""What SQLite does not take of an edit that says what was meant."""


def changes_just_that(sql: str) -> list[str]:
    """What an edit of this text changes that it should not, and what it leaves; empty where all is well."""
    before, wrong = facts(sql), []
    for name, meant, edit in edits_of(sql):
        changed = edit(sql)
        try:
            after = facts(changed)
        except sqlite3.Error as error:
            if not REFUSALS.search(str(error)):
                wrong.append(f"{name}: {error}: {changed}")
            continue
        different = {what for what in before if before[what] != after[what]}
        meant = meant | FOLLOWS.get(name, set())
        if not different <= meant:
            wrong.append(f"{name}: {sorted(different)}: {changed}")
        elif not different and not keeps_as_it_is(name, changed, sql):
            wrong.append(f"{name}: nothing became different: {changed}")
    return wrong


FOLLOWS = {
    "with_primary_key": {"not null", "uniques"},
    "with_type": {"not null", "uniques"},
    "with_collation": {"uniques"},
}
"""What SQLite makes of it besides: an index of the key is that of the same UNIQUE too; a key of a STRICT table."""


def keeps_as_it_is(name: str, changed: str, sql: str) -> bool:
    """Some wishes are fulfilled already, and some say again what another clause says."""
    always = ("with_actions", "with_deferrable", "without_foreign_key", "without_check", "key of two", "check of")
    return changed == sql or not name.startswith(always)


TEXTS = (
    "CREATE TABLE t (a)",
    'CREATE TABLE "t"("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,"x" bigint NULL REFERENCES "p"("id")'
    "DEFERRABLE INITIALLY DEFERRED)",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a REFERENCES p ON DELETE CASCADE NOT NULL, b, c "
    "DEFERRABLE INITIALLY DEFERRED)",
    "CREATE TABLE t (a INT DEFERRABLE INITIALLY DEFERRED, b INT)",
    "CREATE TABLE t (a REFERENCES p, b DEFERRABLE, c NOT DEFERRABLE, d REFERENCES q(x) MATCH FULL)",
    "CREATE TABLE t (a CONSTRAINT one CONSTRAINT two UNIQUE CONSTRAINT three, b)",
    "CREATE TABLE t (a, b, UNIQUE (a) UNIQUE (b, a) CHECK (a) CONSTRAINT f FOREIGN KEY (a, b) REFERENCES q)",
    "CREATE TABLE t (a, b, CONSTRAINT x, UNIQUE (b) CONSTRAINT y)",
    "CREATE TABLE t (a -- one, two\n, b /* ) */ INT -- three\n, UNIQUE (a) -- four\n) -- five",
    "CREATE TABLE t (a INT NOT NULL ON CONFLICT IGNORE NOT NULL, b TEXT COLLATE NOCASE COLLATE RTRIM "
    "DEFAULT 1 DEFAULT 2)",
    "CREATE TABLE t (a VARCHAR ( 20 ) , b \"a type\" , c 'x' (3), d DOUBLE PRECISION)",
    "CREATE TABLE t (a INT PRIMARY KEY, b INT AS (a + 1) STORED NOT NULL, c GENERATED ALWAYS AS (b) CHECK (c > 0))",
    "CREATE TABLE t (a TEXT, b INT, PRIMARY KEY (a, b)) WITHOUT ROWID",
    "CREATE TABLE t (a INTEGER, b TEXT DEFAULT 'x' CHECK (b <> 'y')) STRICT",
    'CREATE TABLE "a ""b"" c" ("c ""d""" INT, "e,f" REFERENCES "p q"("r s"), [g], `h`)',
    "CREATE TABLE t (a DEFAULT (1 + (2)) CHECK (a IN (1, 2)), b DEFAULT -1.5, c DEFAULT x'00', d DEFAULT CURRENT_DATE)",
    "CREATE TABLE t (\n\ta INT,\n\tb INT,\n\t-- the key\n\tFOREIGN KEY (a) REFERENCES p (id)"
    "\n\t\tON DELETE SET NULL -- so\n)",
    "CREATE TABLE t\n( a INT\n, b INT CHECK (b > 0)\n, c\n)",
    "CREATE TABLE t (a INT REFERENCES p DEFERRABLE INITIALLY DEFERRED NOT DEFERRABLE, b REFERENCES p)",
    "CREATE TABLE t (generated, always INT, \"check\" INT, 'str' INT)",
    "CREATE TABLE t (a REFERENCES p(id)/**/NOT/**/NULL, b/**/DEFAULT/**/5/**/UNIQUE)",
    "CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES p DEFERRABLE INITIALLY DEFERRED UNIQUE (a))",
    "CREATE TABLE t (a INT NULL NULL, b NULL ON CONFLICT FAIL)",
)


@together
@pytest.mark.parametrize("sql", TEXTS)
def test_each_edit_changes_just_what_is_meant(sql: str) -> None:
    assert changes_just_that(sql) == []


# -- texts that are made -----------------------------------------------------------------------------------------------

GAPS = (" ", "\n\t", " /* , ) ' */ ", " -- it's (\n", "\r\n", "  ")
TYPES = ("", "INT", "VARCHAR(10)", "double precision", "[my type]", "DECIMAL ( 10 , 2 )")
CLAUSES = (
    *("NOT NULL", "NULL", "UNIQUE", "DEFAULT 5", "DEFAULT (1 + 2)", "DEFAULT -1", "COLLATE NOCASE", "CHECK (1 <> 2)"),
    *("REFERENCES p", "REFERENCES q (x) ON DELETE CASCADE", "DEFERRABLE INITIALLY DEFERRED", "NOT DEFERRABLE"),
    *("REFERENCES p ON UPDATE SET NULL MATCH FULL DEFERRABLE", "NOT NULL ON CONFLICT FAIL", "CONSTRAINT only"),
    *('CONSTRAINT "a name" UNIQUE ON CONFLICT IGNORE', "CONSTRAINT c CHECK ('a' = \"b\")", "CONSTRAINT n NOT NULL"),
)
OF_TABLE = (
    *("UNIQUE (a)", "UNIQUE (b, a)", "CHECK (a > 1 OR 1)", "CONSTRAINT u UNIQUE (a COLLATE RTRIM, b) ON CONFLICT FAIL"),
    *("FOREIGN KEY (a) REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED", "FOREIGN KEY (a, b) REFERENCES q"),
    *("CONSTRAINT f FOREIGN KEY (b) REFERENCES p ON DELETE SET DEFAULT NOT DEFERRABLE", "PRIMARY KEY (a, b)"),
)


def made_text(chance: random.Random) -> str:
    """A text that SQLite may take, with comments and odd white space wherever some may stand."""

    def spaced(text: str) -> str:
        return re.sub(r" ", lambda _: chance.choice(GAPS) if chance.random() < 0.3 else " ", text)

    columns = []
    for name in ("a", '"b"', "[c d]"):
        parts = [name, chance.choice(TYPES), *chance.sample(CLAUSES, chance.randrange(4))]
        columns.append(chance.choice(GAPS).join(filter(None, parts)))
    constraints = chance.sample(OF_TABLE, chance.randrange(4))
    body = f",{chance.choice(GAPS)}".join(columns)
    for place, constraint in enumerate(constraints):
        body += (chance.choice((",", " , ", " ")) if place else ",") + chance.choice(GAPS) + constraint
    end = chance.choice(("", "", " WITHOUT ROWID")) if "PRIMARY KEY" in body else ""
    return f"CREATE TABLE t{chance.choice(('', ' '))}({spaced(body)}{chance.choice(GAPS)}){end}"


def test_each_edit_of_texts_that_are_made_changes_just_what_is_meant() -> None:
    chance, wrong, number = random.Random(14), [], 0
    while number < 60:
        sql = made_text(chance)
        try:
            made(sql).close()
        except sqlite3.Error:
            continue
        number += 1
        wrong += [f"{sql!r}: {problem}" for problem in changes_just_that(sql)]
    assert wrong == []


# -- the shared collection ------------------------------------------------------------------------------------------

SHARED = os.environ.get("SQLFIX_SHARED", "")
EACH = 1 if os.environ.get("SQLFIX_CORPUS") == "all" else 25
"""Of so many texts one is edited: of each one in `make corpus`, which takes minutes."""


@pytest.mark.corpus
@pytest.mark.skipif(not SHARED, reason="SQLFIX_SHARED does not name the folder of collected databases")
def test_each_edit_of_each_shared_text_changes_just_what_is_meant() -> None:
    wrong, number = [], 0
    for name, sql in list(dict.fromkeys(shared_texts()))[::EACH]:
        try:
            read_create_table(sql)
            made(sql).close()
        except (DdlError, sqlite3.Error, UnicodeError):
            continue
        number += 1
        if name != "type/generated_always_in_type":  # words that stand there for nothing
            wrong += [f"{name}: {problem}" for problem in changes_just_that(sql)]
    print(f"{number} texts")
    assert wrong == []
    assert number > 500 / EACH


def shared_texts() -> Iterator[tuple[str, str]]:
    cases = (Path(SHARED) / "ddl_cases.sql").read_text(encoding="utf-8").split("\n--@ ")[1:]
    for case in cases:
        name, _, statement = case.partition("\n")
        if not name.startswith(("trigger/", "index/", "view/", "virtual/")) and " AS SELECT" not in statement.upper():
            yield name, statement
    for path in sorted((Path(SHARED) / "corpus" / "db").glob("*.sqlite")):
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as db:
            try:
                rows: list[Any] = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
            except (sqlite3.Error, UnicodeError):
                continue
        yield from (("", sql) for name, sql in rows if sql and not name.startswith("sqlite_"))


def test_every_edit_is_tried() -> None:
    edits = {name for module in (table_edits, foreign_key_edits) for name in vars(module) if name.startswith("with")}
    assert edits == {edit for edit in edits if edit in globals()} | {"without_column"}  # see test_column_removal
