"""Names of the file that are names of the tool's own: they change no answer.

A file is made twice: once with ordinary names, and once with those that the tool gives to its own temporary tables,
common table expressions, aliases and columns, which are read from its source. All answers have to be the same. In the
second file every table has all of these names as columns as well, so that no own column can be taken for another.
That takes seconds for each naming, so `make fuzz` tries them all; what was once wrong is tried by a small file each.
"""

from __future__ import annotations

import ast
import contextlib
import itertools
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support import build, run_script, sqlfix

from sqlfix.model.schema import Column, Schema, Table
from sqlfix.sql.literals import free_column, free_name, free_of

PACKAGE = Path(__file__).parents[2] / "sqlfix"
ALSO = (
    *(
        "main",
        "temp",
        "rowid",
        "oid",
        "old",
        "new",
        "sqlfix_undo",
        "sqlite3",
        "pragma_foreign_keys",
        "column1",
        "excluded",
    ),
    *("pragma_page_count", "pragma_index_xinfo", "json_each", "select", "values", "NULL", "_", "a_", "sqlfix_nodes_"),
)
"""Names that mean something to SQLite itself, and some of those that the tool would take next."""
NO_TABLE = frozenset(word for word in ALSO if word.startswith(("pragma_", "json_", "sqlite3")))
"""SQLite lets no column be added to a table that is called like one of its own; a message about sqlite3 is Python's."""


# -- the tool's own names, from its source -------------------------------------------------------------------------


def texts() -> Iterator[tuple[str, str]]:
    """The texts of the source that can be SQL, by the file: of an f-string, 0 stands for each thing that is put in."""
    for file in sorted(PACKAGE.rglob("*.py")):
        source = file.read_text(encoding="utf-8")
        if not re.search(r"SELECT|TEMP|WITH |\bAS ", source):
            continue
        tree = ast.parse(source)
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = (str(part.value) if isinstance(part, ast.Constant) else "0" for part in node.values)
                yield file.name, "".join(parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                yield file.name, node.value


NAMED = re.compile(
    r"\bAS ([a-z]\w*)|\bWITH (?:RECURSIVE )?([a-z]\w*)|\b(sqlfix_\w+)|\b([a-z]\w?)\.|"
    r"\b(?:TABLE|TRIGGER|VIEW|INDEX) (?:IF (?:NOT )?EXISTS )?(?:temp\.)?([a-z]\w*)"
)


@cache
def own_words() -> tuple[str, ...]:
    """All names that stand in the SQL of the tool."""
    found = {name for _, text in texts() for match in NAMED.finditer(text) for name in match.groups() if name}
    whole = {f"{word}0" if word.endswith("_") else word for word in found if not word.endswith("_00")}
    return tuple(sorted({*whole, *ALSO} - {"an", "as", "is", "of", "the"}))


# -- one file in two namings ---------------------------------------------------------------------------------------

SQL = """
CREATE TABLE "tab_0" ("col_0" INTEGER PRIMARY KEY, "col_1" TEXT UNIQUE, "col_2" TEXT,
    CHECK ("col_2" <> 'bad' AND "tab_0"."col_2" <> 'worse'));
CREATE TABLE "tab_1" ("col_3" INTEGER PRIMARY KEY, "col_4" INTEGER REFERENCES "tab_0" ("col_0") ON DELETE CASCADE,
    "col_5" TEXT REFERENCES "tab_0" ("col_1") ON DELETE SET NULL, "col_6" DATE);
CREATE TABLE "tab_2" ("col_7" INTEGER PRIMARY KEY, "col_8" INTEGER REFERENCES "tab_2" ON DELETE CASCADE);
CREATE TABLE "tab_3" ("col_9" INTEGER REFERENCES "tab_0", "col_10" INTEGER REFERENCES "tab_1",
    PRIMARY KEY ("col_9", "col_10")) WITHOUT ROWID;
CREATE TABLE "tab_4" ("col_11" INTEGER PRIMARY KEY, "col_12" NOT NULL REFERENCES "tab_5" ON DELETE CASCADE);
CREATE TABLE "tab_5" ("col_13" INTEGER PRIMARY KEY, "col_14" REFERENCES "tab_4" ON DELETE CASCADE);
CREATE TABLE "tab_6" ("col_15" TEXT, "col_16" INTEGER REFERENCES "tab_0");
CREATE UNIQUE INDEX "index_0" ON "tab_2" ("col_7" + 1, "col_8") WHERE "col_8" > 3;
CREATE TRIGGER "trigger_0" AFTER DELETE ON "tab_1" BEGIN UPDATE "tab_6" SET "col_15" = old."col_3"; END;
PRAGMA ignore_check_constraints = ON;
INSERT INTO "tab_0" VALUES (1, 'ann', 'x'), (2, 'bob', 'bad'), (3, 'cy', NULL);
INSERT INTO "tab_1" VALUES (1, 1, 'ann', '2024-01-01'), (2, 9, 'ann', '2024-13-45'), (3, 2, 'Bob', 'x'),
    (4, 2, 'zoe', NULL), (5, 1, '', NULL);
INSERT INTO "tab_2" VALUES (1, NULL), (2, 1), (3, 99), (4, 3), (5, 4), (6, 7), (7, 6);
INSERT INTO "tab_3" VALUES (1, 1), (1, 99), (2, 2), (77, 3);
INSERT INTO "tab_4" VALUES (1, 1), (2, 2), (3, 99);
INSERT INTO "tab_5" VALUES (1, 1), (2, NULL), (3, 3);
INSERT INTO "tab_6" VALUES ('a', 1), ('a', 2), ('b', 66);
PRAGMA ignore_check_constraints = OFF;
"""
TABLES, COLUMNS = 7, 17
PLACE = re.compile(r"\b(?:tab|col)_\d+\b")


def naming(turn: int) -> dict[str, str]:
    """Own names for the tables and the columns: each turn gives every table another one, and every column."""
    words = [word for word in own_words() if word not in NO_TABLE]
    some = itertools.islice(itertools.cycle(words), turn * TABLES, (turn + 1) * TABLES)
    columns = itertools.islice(itertools.cycle(own_words()), turn * COLUMNS, (turn + 1) * COLUMNS)
    return {f"tab_{place}": word for place, word in enumerate(some)} | {
        f"col_{place}": word for place, word in enumerate(columns)
    }


def with_more_columns(path: Path, names: dict[str, str], words: tuple[str, ...]) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for place in range(TABLES):
            table = names[f"tab_{place}"]
            there = {row[1].lower() for row in connection.execute(f'PRAGMA table_info("{table}")')}
            for word in words:
                name = word if word.lower() not in there else f"{word}_there"
                connection.execute(f'ALTER TABLE main."{table}" ADD COLUMN "{name}"')


def rows_of(path: Path, names: dict[str, str]) -> list[list[str]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [
            sorted(
                str([v for v in row if v is not None]) for row in connection.execute(f'SELECT * FROM main."{table}"')
            )
            for table in (names[f"tab_{place}"] for place in range(TABLES))
        ]


def plain(value: Any, names: dict[str, str]) -> Any:
    """An answer with the names put in, what has an order of its own in none, and without SQL and rowids' names."""
    if isinstance(value, dict):
        told = {**value, "key": list(value["key"].values())} if isinstance(value.get("key"), dict) else value
        return {
            plain(key, names): plain(item, names) for key, item in told.items() if key not in ("database", "command")
        }
    if isinstance(value, list):
        return sorted((plain(item, names) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if not isinstance(value, str):
        return value
    if re.match(r"(PRAGMA|CREATE|DROP|INSERT|DELETE|UPDATE|SELECT|COMMIT|BEGIN|REINDEX)\b", value):
        return "SQL"
    stamped = re.sub(r"\S*\d{8}T\d{6}Z\S*", "STAMP", value)
    return PLACE.sub(lambda match: names[match[0]], stamped)


def answers(folder: Path, names: dict[str, str], words: tuple[str, ...]) -> dict[str, Any]:
    """What each command says and does."""
    folder.mkdir()
    path = build(folder / "app.db", PLACE.sub(lambda match: names[match[0]], SQL))
    with_more_columns(path, names, words)
    before, found = rows_of(path, names), {}

    def ask(name: str, *arguments: object) -> None:
        ran = sqlfix(*arguments, "--format", "json")
        found[name] = (ran.code, ran.json if ran.code != 2 else ran.err)

    duplicates = f"{names['tab_6']}.{names['col_15']}"
    ask("scan", "scan", path, "--unique", duplicates)
    ask("why", "why", path, names["tab_0"], 2)
    ask("why in a ring", "why", path, names["tab_4"], 2)
    ask("error", "why", path, "--error", f"UNIQUE constraint failed: {duplicates}")
    ask("merge", "repair", path, "--merge", duplicates, "--keep", "most-referenced", "--dry-run")
    script = sqlfix("export-sql", path, "--on-orphan", "delete", "--allow-mass-delete")
    run_script(Path(shutil.copy(path, folder / "copy.db")), script.out)
    ask("repair", "repair", path, "--on-orphan", "delete", "--allow-mass-delete", "--yes")
    assert rows_of(folder / "copy.db", names) == rows_of(path, names)
    found["repaired"] = rows_of(path, names)
    assert sqlfix("undo", path, "--yes").code == 0
    assert rows_of(path, names) == before
    for how in ("repair", "--no-backup"):  # where it has changed since, or has no backup, row by row
        assert sqlfix("repair", path, "--yes", *(["--no-backup"] if how == "--no-backup" else [])).code == 1
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS quite_another (x)")
        assert rows_of(path, names) != before
        ran = sqlfix("undo", path, "--yes")
        assert ran.code == 0 and "one by one" in ran.out, ran.err
        assert rows_of(path, names) == before
    return found


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    names = {
        f"{kind}_{place}": f"{kind}_{place}"
        for kind, most in (("tab", TABLES), ("col", COLUMNS))
        for place in range(most)
    }
    return answers(tmp_path_factory.mktemp("plain") / "x", names, tuple(f"more_{n}" for n in range(len(extra_words()))))


def extra_words() -> tuple[str, ...]:
    return tuple(word for word in own_words() if word not in ("rowid", "oid"))  # the rows keep their name


@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "fuzz", reason="it takes minutes: make fuzz")
@pytest.mark.parametrize("turn", range(20))
def test_own_names_change_no_answer(tmp_path: Path, ordinary: dict[str, Any], turn: int) -> None:
    names = naming(turn)
    found = answers(tmp_path / "x", names, extra_words())
    for question, answer in ordinary.items():
        assert plain(list(found[question]), {}) == plain(list(answer), names), question


# -- what was once taken for the tool's own ------------------------------------------------------------------------

ONE_PARENT = "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"


def a_tree(name: str) -> str:
    rows = "(1, NULL), (2, 3), (3, 2)"
    return f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, up REFERENCES {name}); INSERT INTO {name} VALUES {rows};"


@pytest.mark.parametrize(
    "table", ["a", "above", "ok", "sqlfix_nodes", "sqlfix_edges", "sqlfix_round_0", "sqlfix_round_1"]
)
def test_cycles_are_found_in_a_tree_of_any_name(tmp_path: Path, table: str) -> None:
    ran = sqlfix("scan", build(tmp_path / "app.db", a_tree(table) + "CREATE TABLE above_ (id);"), "--format", "json")
    assert [(each["check"], each["table"], each["count"]) for each in ran.json["findings"]] == [("cycles", table, 2)]
    assert not ran.json["not_checked"]


def test_orphans_are_counted_by_key_columns_of_any_name(tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db",
        f"""{ONE_PARENT}
        CREATE TABLE child (id INTEGER PRIMARY KEY, sqlfix_n REFERENCES p, "SQLFIX_first" REFERENCES p);
        INSERT INTO child VALUES (1, 1, 7), (2, 8, 1), (3, 8, 9);""",
    )
    found = sqlfix("scan", path, "--format", "json").json["findings"]
    told = {each["columns"][0]: (each["count"], each["distinct"], len(each["sample"])) for each in found}
    assert told == {"sqlfix_n": (2, 1, 1), "SQLFIX_first": (2, 2, 2)}


def test_a_sound_table_is_not_called_damaged_for_its_names(tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db",
        """CREATE TABLE c (id INTEGER PRIMARY KEY, sqlfix_0, sqlfix_1, x UNIQUE);
        INSERT INTO c VALUES (1, NULL, 2, 3), (2, 5, 6, 7);
        CREATE TABLE d (x REFERENCES c (x)); INSERT INTO d VALUES (9);""",
    )
    assert [each["check"] for each in sqlfix("scan", path, "--format", "json").json["findings"]] == ["orphan-rows"]


def test_duplicates_are_told_by_columns_of_any_name(tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db",
        "CREATE TABLE g (id INTEGER PRIMARY KEY, sqlfix_n, sqlfix_k0); INSERT INTO g VALUES (1, 2, 3), (2, 2, 3);",
    )
    ran = sqlfix("why", path, "--error", "UNIQUE constraint failed: g.sqlfix_n, g.sqlfix_k0")
    assert "2 rows of g share 1 value of (sqlfix_n, sqlfix_k0)" in ran.out and ran.code == 1


def test_rows_are_merged_in_tables_of_any_name(tmp_path: Path) -> None:
    path = build(
        tmp_path / "app.db",
        """CREATE TABLE sqlfix_rows (id INTEGER PRIMARY KEY, v); INSERT INTO sqlfix_rows VALUES (1, 'a'), (2, 'a');
        CREATE TABLE sqlfix_merge (r REFERENCES sqlfix_rows); INSERT INTO sqlfix_merge VALUES (2);
        CREATE TABLE sqlfix_check (n); INSERT INTO sqlfix_check VALUES (7);""",
    )
    by_hand = Path(shutil.copy(path, tmp_path / "copy.db"))
    run_script(by_hand, sqlfix("export-sql", path, "--merge", "sqlfix_rows.v", "--keep", "first").out)
    assert sqlfix("repair", path, "--merge", "sqlfix_rows.v", "--keep", "first", "--yes").code == 0
    for each in (path, by_hand):
        with contextlib.closing(sqlite3.connect(each)) as db:
            tables = ("sqlfix_rows", "sqlfix_merge", "sqlfix_check")
            assert [db.execute(f"SELECT * FROM {name}").fetchall() for name in tables] == [[(1, "a")], [(1,)], [(7,)]]


@pytest.mark.parametrize("said", [0, 1])
def test_a_table_named_like_a_pragma_tells_a_script_nothing(tmp_path: Path, said: int) -> None:
    path = build(
        tmp_path / "app.db",
        f"""{ONE_PARENT} CREATE TABLE child (id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO child VALUES (1, 8);
        CREATE TABLE pragma_foreign_keys (foreign_keys); INSERT INTO pragma_foreign_keys VALUES ({said});""",
    )
    script = sqlfix("export-sql", path).out
    enforced = script.replace("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError, match="foreign keys are enforced"):
        run_script(path, enforced)
    assert sqlfix("scan", path).code == 1
    run_script(path, script)
    assert sqlfix("scan", path).code == 0


# -- names that cannot clash ---------------------------------------------------------------------------------------

FIXED = {
    "key_spelling.py": {"k0"},  # no table stands in the query
    "cycles.py": {"ok"},  # all its tables are temporary, and are called so
    "link_cycles.py": {"gone"},
    "differences.py": {"ids"},  # the tables are named with their database
    "archive.py": {"differ"},  # so are these
    "lost_and_found.py": {"s"},  # no table stands in the query, and columns are named with their table
}
"""Common table expressions whose name is a fixed one."""
TEMPORARY = {
    "reversal.py": {"sqlfix_sequences"},
    "integrity.py": {"sqlfix_part"},
}
"""Temporary tables whose name is a fixed one: beside them every table is named with its database."""


def test_no_own_table_has_a_fixed_name() -> None:
    fixed: dict[str, set[str]] = {}
    temporary: dict[str, set[str]] = {}
    for file, text in texts():
        for found, pattern in (
            (fixed, r"\bWITH (?:RECURSIVE )?([a-z_]\w*) ?(?:\(|AS\b)"),
            (temporary, r"\bTEMP TABLE (?:IF NOT EXISTS )?([a-z_]\w*)"),
        ):
            if names := set(re.findall(pattern, text)):
                found.setdefault(file, set()).update(names)
    assert fixed | {"key_spelling.py": {"k0"}} == FIXED
    assert temporary == TEMPORARY


def test_a_name_is_made_so_that_it_is_free() -> None:
    columns = tuple(Column(name, "", False, None, 0, False, "BINARY") for name in ("SQLFIX_N", "sqlfix_n_"))
    table = Table("Link", "table", "", columns=columns)
    schema = Schema((table, Table("link_", "table", "")))
    assert free_name(schema, "link") == "link__" and free_name(schema, "sqlfix_n") == "sqlfix_n"
    assert free_column(table, "sqlfix_n") == "sqlfix_n__" and free_column(table, "link") == "link"
    assert free_of("a", ["A", "b"]) == "a_"
