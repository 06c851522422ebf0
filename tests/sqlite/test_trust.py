"""What a schema may make SQLite run: its own functions wherever one can stand, and nothing that reaches outside.

An SQLite that brings dangerous functions along is made by registering them on every connection before sqlfix has it:
to sqlfix they look just like those of an SQLite that was built or extended so.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from support import Ran, build, fingerprint, sqlfix, together

from sqlfix.sqlite import trust
from sqlfix.sqlite.connect import attach, detach, memory_copy, open_to_write
from sqlfix.sqlite.failures import in_words, newer_syntax
from sqlfix.sqlite.snapshot import reading

connect = sqlite3.connect  # the true one, whatever a test puts in its place
READ = {name: getattr(trust, name) for name in ("_functions", "strange_modules")}


@pytest.fixture(autouse=True)
def read_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """As everywhere but in the tests: here connections have functions and modules of their own."""
    for name, read in READ.items():
        monkeypatch.setattr(trust, name, read)


PLACES = {
    "a CHECK": "CREATE TABLE item ({key}, a CHECK ({f} IS NOT 'no'));",
    "a CHECK of the table": "CREATE TABLE item ({key}, a, CHECK ({f} IS NOT 'no'));",
    "a DEFAULT": "CREATE TABLE item ({key}, a, b NOT NULL DEFAULT ({g}));",
    "a computed column": "CREATE TABLE item ({key}, a, b AS ({f}));",
    "a stored computed column": "CREATE TABLE item ({key}, a, b AS ({f}) STORED);",
    "a computed column that is NOT NULL": "CREATE TABLE item ({key}, a, b NOT NULL AS (ifnull({f}, 1)));",
    "an index": "CREATE TABLE item ({key}, a); CREATE INDEX item_a ON item ({f});",
    "a unique index": "CREATE TABLE item ({key}, a); CREATE UNIQUE INDEX item_a ON item (id, {f});",
    "the WHERE of an index": "CREATE TABLE item ({key}, a); CREATE INDEX item_a ON item (a) WHERE {f} IS NOT 'no';",
    "a trigger": "CREATE TABLE item ({key}, a); CREATE TRIGGER item_t AFTER UPDATE ON item BEGIN SELECT {f} FROM item;"
    " END; CREATE TRIGGER item_d AFTER DELETE ON item BEGIN SELECT {f} FROM item; END;",
    "the WHEN of a trigger": "CREATE TABLE item ({key}, a); CREATE TRIGGER item_t AFTER UPDATE ON item"
    " WHEN (SELECT {f} FROM item) IS NOT 'no' BEGIN SELECT 1; END;"
    " CREATE TRIGGER item_d BEFORE DELETE ON item WHEN (SELECT {f} FROM item) IS NOT 'no' BEGIN SELECT 1; END;",
    "a view that a trigger reads": "CREATE TABLE item ({key}, a); CREATE VIEW item_v AS SELECT {f} AS x FROM item;"
    " CREATE TRIGGER item_t AFTER UPDATE ON item BEGIN SELECT x FROM item_v; END;"
    " CREATE TRIGGER item_d AFTER DELETE ON item BEGIN SELECT x FROM item_v; END;",
}
"""Where a schema can call a function: ``f`` is a call with the column a, ``g`` one with a constant."""

ROWS = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE plain (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p (id));
INSERT INTO p VALUES (1), (2);
INSERT INTO plain VALUES (1, 1), (2, 9);
INSERT INTO item (id, p_id, a) VALUES (1, 1, '{"k": 1}'), (2, 9, '{"k": 2}'), (3, NULL, NULL);
"""
KEY = "id INTEGER PRIMARY KEY, p_id INTEGER{} REFERENCES p (id)"


def schema(place: str, f: str, g: str, not_null: bool = False) -> str:
    """A table with orphans whose schema calls a function, and one beside it that does not."""
    rows = ROWS.replace("(3, NULL, NULL)", "(3, 1, NULL)") if not_null else ROWS
    return PLACES[place].format(key=KEY.format(" NOT NULL" if not_null else ""), f=f, g=g) + rows


@contextlib.contextmanager
def with_everything(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection on which a schema can call whatever it likes, harmlessly."""
    with contextlib.closing(connect(path)) as connection:
        register(connection, [])
        for name in ("load_extension", "fts3_tokenizer"):
            connection.create_function(name, 1, lambda value: value, deterministic=True)
        yield connection
        connection.commit()


def everything(path: Path) -> Any:
    """All that a file holds, whatever is missing."""
    with with_everything(path) as connection:
        connection.text_factory = bytes
        return [connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in ("p", "plain", "item")]


def commands(path: Path) -> Iterator[Ran]:
    """Every command there is, on one file; the repair and the undo come last, and the file is as it was then."""
    before = everything(path)
    yield sqlfix("scan", path)
    yield sqlfix("scan", path, "--rows", "--format", "jsonl")
    yield sqlfix("export-sql", path)
    yield sqlfix("why", path, "p", "1")
    yield sqlfix("why", path, "item", "2")
    yield sqlfix("why", path, "p", "1", "--sql")
    yield sqlfix("why", path, "p")
    yield sqlfix("why", path, "p", "--rows")
    yield sqlfix("why", path, "--error", "FOREIGN KEY constraint failed")
    dry = sqlfix("repair", path, "--dry-run")
    ran = sqlfix("repair", path, "--yes")
    assert dry.code == ran.code, (dry, ran)
    yield dry
    yield ran
    yield sqlfix("repair", path, "--yes")
    yield sqlfix("history", path)
    if "Undo:" in ran.out:
        yield (undone := sqlfix("undo", path, "--yes"))
        assert undone.code == 0, undone
        assert everything(path) == before
    yield (gone := sqlfix("why", path, "p", "1", "--delete", "--yes"))
    if gone.code == 0:
        with with_everything(path) as connection:  # now it is no longer as it was left
            connection.execute("INSERT INTO plain VALUES (7, 1)")
        yield sqlfix("undo", path, "--yes")


def said_plainly(ran: Ran) -> None:
    """A sound file is never called damaged, and no error is without words."""
    for text in (ran.out, ran.err):
        assert "raised exception" not in text, ran
        assert "malformed" not in text, ran
        assert ".recover" not in text, ran
        assert "damaged (" not in text, ran
        assert "internal error" not in text, ran
        assert "no query solution" not in text, ran


# -- what is harmless ---------------------------------------------------------------------------------------------

HARMLESS = (
    ("json_valid(a)", "json_valid('{}')"),
    ("json_extract(a, '$.k')", "json_extract('[1]', '$[0]')"),
    ("(a ->> '$.k')", "('[1]' ->> 0)"),
    ("json_type(json_set(a, '$.x', json_array(1)))", "json_quote(round(1.5))"),
    ("lower(hex(a))", "lower('X')"),
)
"""Calls with the column a, and with a constant: all of them in one expression, which fails if one of them does."""


@pytest.mark.parametrize("place", PLACES)
def test_sqlites_own_functions_stand_in_no_ones_way(place: str, tmp_path: Path) -> None:
    text = schema(
        place, *(f"({' || '.join(f'ifnull({call}, 0)' for call in calls)})" for calls in zip(*HARMLESS, strict=True))
    )
    path = build(tmp_path / "a.db", text)
    before = everything(path)
    assert sqlfix("scan", path).code == 1
    for ran in commands(path):
        said_plainly(ran)
        assert ran.code in (0, 1), ran
        assert "not checked" not in ran.out.lower(), ran
    # undo gave back what the repair took, so it has it all to do again
    path = build(tmp_path / "b.db", text)
    assert everything(path) == before
    assert sqlfix("repair", path, "--yes").code == 0
    assert sqlfix("scan", path).code == 0
    with contextlib.closing(connect(path)) as connection:
        assert connection.execute("SELECT p_id FROM item ORDER BY id").fetchall() == [(1,), (None,), (None,)]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_djangos_check_of_a_json_field(tmp_path: Path) -> None:
    path = build(
        tmp_path / "a.db",
        """
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE item (id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p (id) DEFERRABLE INITIALLY
            DEFERRED, data TEXT NOT NULL CHECK ((JSON_VALID("data") OR "data" IS NULL)));
        INSERT INTO p VALUES (1); INSERT INTO item VALUES (1, 1, '{"k": 1}'), (2, 7, '{"k": 2}');
        """,
    )
    assert sqlfix("repair", path, "--yes", "--dry-run").code == 0
    assert sqlfix("repair", path, "--yes").code == 0
    assert sqlfix("scan", path).code == 0
    assert sqlfix("undo", path, "--yes").code == 0
    assert sqlfix("scan", path).code == 1
    gone = sqlfix("why", path, "p", "1", "--delete", "--yes")
    assert gone.code == 0, gone


def test_every_function_of_this_sqlite_is_known_or_innocuous() -> None:
    with contextlib.closing(connect(":memory:")) as connection:
        rows = connection.execute("PRAGMA function_list").fetchall()
        assert trust.strange_modules(connection) <= {"sqlite_dbpage", "sqlite_dbdata", "sqlite_dbptr", "carray"}
    assert {str(row[0]) for row in rows} - trust.HARMLESS_FUNCTIONS <= {
        *("load_extension", "fts3_tokenizer", "sqlite_log"),
        *(str(row[0]) for row in rows if row[5] & trust.INNOCUOUS),
    }


# -- what is not --------------------------------------------------------------------------------------------------

DANGEROUS = ("writefile", "readfile", "edit", "eval", "my_extension")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What was called, of an SQLite that has dangerous functions on every connection."""
    calls: list[tuple[str, Any]] = []

    def extended(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        register(connection, calls)
        return connection

    put_before(monkeypatch, extended)
    return calls


def put_before(monkeypatch: pytest.MonkeyPatch, other: Callable[..., sqlite3.Connection]) -> None:
    """Let sqlfix, and nothing else, connect in another way."""
    changed = ModuleType("sqlite3")
    changed.__dict__.update(sqlite3.__dict__)
    changed.__dict__["connect"] = other
    monkeypatch.setattr("sqlfix.sqlite.connect.sqlite3", changed)


def register(connection: sqlite3.Connection, calls: list[tuple[str, Any]]) -> None:
    def function(name: str) -> Callable[[Any], Any]:
        return lambda value: calls.append((name, value)) or value

    for name in DANGEROUS:
        connection.create_function(name, 1, function(name), deterministic=True)


def trap(path: Path, place: str, name: str, not_null: bool) -> list[tuple[str, Any]]:
    """A file whose schema calls the function; and whether any change of it does: what ran on a connection of no one."""
    calls: list[tuple[str, Any]] = []
    with contextlib.closing(connect(path)) as connection:
        register(connection, [])
        connection.executescript(schema(place, f"{name}(a)", f"{name}('x')", not_null))
    with contextlib.closing(connect(path)) as connection:
        register(connection, calls)
        connection.execute("UPDATE item SET a = a, p_id = p_id")
        connection.execute("INSERT INTO item (id, p_id, a) VALUES (10, 1, 1)")
        connection.execute("SELECT * FROM item").fetchall()
        connection.rollback()
    return calls


@pytest.mark.parametrize(
    ("name", "not_null"), [("writefile", False), ("my_extension", True)], ids=["emptied", "deleted"]
)
@pytest.mark.parametrize("place", PLACES)
def test_what_a_schema_smuggles_in_is_never_run(
    place: str, name: str, not_null: bool, ran: list[tuple[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "a.db"
    assert trap(path, place, name, not_null), "the trap is none"
    before = fingerprint(path)
    assert sqlfix("scan", path, "-vv", "--format", "json").code == 1
    assert fingerprint(path) == before
    for done in commands(path):
        said_plainly(done)
        assert done.code in (0, 1, 2), done
        assert ran == []
    path = tmp_path / "b.db"
    trap(path, place, name, not_null)
    repaired = sqlfix("repair", path, "--yes")
    assert repaired.code in (0, 1), repaired
    assert ran == []
    with contextlib.closing(connect(path)) as connection:
        assert connection.execute("SELECT p_id FROM plain").fetchall() == [(1,), (None,)]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["load_extension", "fts3_tokenizer"])
def test_what_is_for_direct_use_only_is_run_for_no_schema(place: str, name: str, tmp_path: Path) -> None:
    # written into the schema by hand: SQLite itself would not let all of them in
    path = build(tmp_path / "a.db", schema(place, "abs(7)", "abs(7)"))
    with contextlib.closing(connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        text = f"{name}('simple')"
        changed = connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'abs(7)', ?)", (text,)).rowcount
        assert changed > 0
        connection.commit()
    for opened in (open_to_write(path, 1.0), memory_of(path)):
        with contextlib.closing(opened) as connection, pytest.raises(sqlite3.Error) as refused:
            # what the function itself says is another thing: it has been run then
            connection.execute("SELECT * FROM item").fetchall()
            connection.execute("UPDATE item SET a = a, p_id = p_id")
            connection.execute("INSERT INTO item (id, p_id, a) VALUES (10, 1, 1)")
            connection.execute("DELETE FROM item")
        assert str(refused.value) in (
            "user-defined function raised exception",
            f"not authorized to use function: {name}",
        )
    done = sqlfix("scan", path)
    said_plainly(done)
    assert done.code == 1
    for done in commands(path):
        said_plainly(done)


def memory_of(path: Path) -> sqlite3.Connection:
    """A copy in memory, as sqlfix makes one."""
    copy = connect(":memory:", isolation_level=None)
    with contextlib.closing(connect(path)) as source:
        source.backup(copy)
    trust.guard(copy)
    return copy


class Foreign(sqlite3.Connection):
    """A connection that says to have a function for texts in UTF-16, which Python cannot replace."""

    def execute(self, sql: str, *arguments: Any) -> Any:
        if sql != "PRAGMA function_list":
            return super().execute(sql, *arguments)
        rows = [*super().execute(sql), ("writefile", 0, "s", "utf16le", 2, 0)]
        return SimpleNamespace(fetchall=lambda: rows)


def test_a_schema_is_not_trusted_with_a_function_that_cannot_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.closing(connect(":memory:")) as connection:
        flags = {row[0]: row[5] for row in connection.execute("PRAGMA function_list")}
    if flags["json_valid"] & trust.INNOCUOUS:
        pytest.skip("a newer SQLite has no function of its own that it does not call innocuous")
    path = build(tmp_path / "a.db", schema("an index", "json_valid(a)", "1"))
    put_before(monkeypatch, lambda *a, **o: connect(*a, **{**o, "factory": Foreign}))
    done = sqlfix("repair", path, "--yes")
    said_plainly(done)
    assert done.code != 0
    assert "json_valid(), which sqlfix never runs for a schema" in done.out + done.err


# -- what is denied -----------------------------------------------------------------------------------------------

DENIED = [
    "ATTACH ':memory:' AS other",
    "DETACH main",
    "ANALYZE",
    "CREATE VIRTUAL TABLE v USING rtree(a, b, c)",
    "SELECT load_extension('x')",
    "SELECT writefile('x')",
    "SELECT my_extension('x')",
    "SELECT fts3_tokenizer('simple')",
    "PRAGMA optimize",
    "PRAGMA writable_schema = ON",
    "SELECT * FROM pragma_optimize(-1)",
    "PRAGMA journal_size_limit = 1",
    "CREATE TEMP VIEW w AS SELECT writefile('x'); SELECT * FROM w",
]


@pytest.mark.parametrize("opened", ["to read", "to write", "in memory", "after an attach"])
def test_every_connection_denies_what_reaches_outside(opened: str, ran: list[tuple[str, Any]], tmp_path: Path) -> None:
    path = build(tmp_path / "a.db", "CREATE TABLE t (a); INSERT INTO t VALUES ('{}')")
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(reading(path)).connection
        if opened == "to write":
            connection = stack.enter_context(contextlib.closing(open_to_write(path, 1.0)))
        if opened == "in memory":
            connection = stack.enter_context(memory_copy(connection))
        if opened == "after an attach":
            attach(connection, build(tmp_path / "b.db", "CREATE TABLE u (a)"), "other")
            connection.execute("SELECT * FROM other.u")
            connection.execute("ROLLBACK")
            detach(connection, "other")
        for script in DENIED:
            first, _, then = script.partition("; ")
            with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|prohibited|raised"):
                connection.execute(first)
                connection.execute(then).fetchall() if then else None
        assert connection.execute("SELECT json_extract(a, '$') FROM t").fetchall() == [("{}",)]
    assert ran == []


def test_all_connections_of_a_large_file_are_guarded(ran: list[tuple[str, Any]], tmp_path: Path) -> None:
    path = build(tmp_path / "a.db", "CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(5000000))")
    with reading(path, threads=3) as opened:
        assert len(opened.readers.connections) == 3
        for connection in opened.readers.connections:
            with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
                connection.execute("SELECT writefile(a) FROM t")
    assert ran == []


MODULES = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE item (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p, a);
CREATE TABLE plain (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p (id));
CREATE VIRTUAL TABLE words USING fts4 (w);
CREATE TRIGGER item_t AFTER UPDATE ON item BEGIN {} END;
INSERT INTO p VALUES (1); INSERT INTO item VALUES (1, 9, '[]'); INSERT INTO plain VALUES (1, 1), (2, 9);
"""


@pytest.mark.parametrize(
    ("module", "deed"),
    [
        ("fts4", "INSERT INTO words VALUES (NEW.a);"),
        ("fts4", "DELETE FROM words;"),
        ("json_each", "DELETE FROM plain WHERE id IN (SELECT key FROM json_each(NEW.a));"),
    ],
)
def test_a_module_of_which_nothing_is_known_is_not_used(
    module: str, deed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.closing(connect(":memory:")) as connection:
        if not connection.execute("SELECT 1 FROM pragma_module_list WHERE name = ?", (module,)).fetchone():
            pytest.skip("this SQLite lists those of its own modules that are tables only once they were used")
    path = build(tmp_path / "a.db", MODULES.format(deed))
    assert sqlfix("repair", path, "--dry-run").code == 0
    monkeypatch.setattr(trust, "HARMLESS_MODULES", trust.HARMLESS_MODULES - {module})
    done = sqlfix("repair", path, "--yes", "--format", "json")
    assert done.code == 1, done
    assert [fix["table"] for fix in done.json["fixes"]] == ["plain"]
    assert [left["table"] for left in done.json["left"]] == ["item"]
    with contextlib.closing(connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM words").fetchone() == (0,)


def test_a_table_that_is_only_called_like_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "HARMLESS_MODULES", trust.HARMLESS_MODULES - {"dbstat"})
    path = build(
        tmp_path / "a.db",
        "CREATE TABLE dbstat (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, d REFERENCES dbstat);"
        "INSERT INTO dbstat VALUES (1); INSERT INTO c VALUES (1, 2), (2, 1)",
    )
    assert sqlfix("repair", path, "--yes").code == 0


# -- a newer SQLite -----------------------------------------------------------------------------------------------

NEWER = {
    "CREATE TABLE t (a INTEGER, b TEXT) STRICT": ("STRICT", "3.37"),
    "CREATE TABLE t (a INTEGER PRIMARY KEY) WITHOUT ROWID, STRICT": ("STRICT", "3.37"),
    "CREATE VIEW v AS SELECT a ->> '$.x' FROM t": ("the operator ->>", "3.38"),
    "CREATE TABLE t (a, b AS (a -> '$'))": ("the operator ->", "3.38"),
    "CREATE VIEW v AS SELECT * FROM a RIGHT JOIN b": ("RIGHT JOIN", "3.39"),
    "CREATE VIEW v AS SELECT * FROM a NATURAL FULL OUTER JOIN b": ("FULL JOIN", "3.39"),
    "CREATE VIEW v AS SELECT a IS NOT DISTINCT FROM b FROM t": ("IS DISTINCT FROM", "3.39"),
    "CREATE VIEW v AS SELECT group_concat(a, ',' ORDER BY b) FROM t": (
        "ORDER BY among the arguments of a function",
        "3.44",
    ),
    "CREATE VIEW v AS SELECT 1_000": ("an underscore in a number", "3.46"),
    "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT RAISE(ABORT, 'a' || NEW.a); END": (
        "an expression in RAISE",
        "3.47",
    ),
}
OLD = [
    "CREATE TABLE strict (strict, right, full)",
    "CREATE VIEW v AS SELECT sum(a) OVER (ORDER BY b), count(DISTINCT a) FROM t WINDOW w AS (ORDER BY a)",
    "CREATE VIEW v AS SELECT * FROM t WHERE a IN (SELECT b FROM u ORDER BY b) AND f((SELECT 1 ORDER BY 1))",
    "CREATE VIEW v AS SELECT x1_000, 'a_1', 1.5e3 FROM t LEFT OUTER JOIN u",
    "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT RAISE(ABORT, 'a->b'), RAISE(IGNORE); END",
    "CREATE TABLE t (a, b",
]


@together
@pytest.mark.parametrize("sql", NEWER)
def test_newer_syntax_is_known_by_its_version(sql: str) -> None:
    assert newer_syntax(sql) == NEWER[sql]


@together
@pytest.mark.parametrize("sql", OLD)
def test_nothing_in_it_is_newer(sql: str) -> None:
    assert newer_syntax(sql) is None


@pytest.mark.parametrize(("kind", "number"), [("view", 7), ("view", 8), ("trigger", 9)])
def test_a_file_for_a_newer_sqlite_is_said_to_be_that(kind: str, number: int, tmp_path: Path) -> None:
    sql = list(NEWER)[number]
    what, version = NEWER[sql]
    if tuple(map(int, version.split("."))) <= sqlite3.sqlite_version_info:
        pytest.skip("this SQLite knows it")
    path = build(tmp_path / "a.db", "CREATE TABLE t (a, b); PRAGMA writable_schema = ON;")
    name = sql.split()[2]
    with contextlib.closing(connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, 0, ?)", (kind, name, "t", sql))
        connection.commit()
    before = fingerprint(path)
    for arguments in (("scan",), ("repair", "--yes"), ("export-sql",), ("why", "t", "1"), ("undo", "--yes")):
        done = sqlfix(arguments[0], path, *arguments[1:])
        assert done.code == 2, done
        if arguments[0] != "undo":
            said_plainly(done)
            assert f"needs SQLite {version} or newer, and this is SQLite {sqlite3.sqlite_version}" in done.err
            assert f"{name} is declared with {what}" in done.err
            assert "the file is not damaged" in done.err
    assert fingerprint(path) == before


def test_a_declaration_that_no_sqlite_can_read(tmp_path: Path) -> None:
    path = build(tmp_path / "a.db", "CREATE TABLE t (a); PRAGMA writable_schema = ON;")
    build(path, "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE t (a) WITH LOVE'")
    done = sqlfix("scan", path)
    assert done.code == 2
    said_plainly(done)
    assert "cannot read the declaration of t: near" in done.err


@together
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "no such function: concat",
            "no such function: concat; SQLite has it since version 3.44, and this is SQLite 3.40.1",
        ),
        ("unknown function: CONCAT()", "SQLite has it since version 3.44"),
        ("no such function: unixepoch", "no such function: unixepoch; it belongs to the application"),
        ("no such function: house", "no such function: house; it belongs to the application"),
        ("no such collation sequence: unicase", "no such collation sequence: unicase; it belongs to the application"),
        ("no such module: house", "no such module: house; it belongs to the application"),
        ("unsafe use of load_extension()", "the schema calls load_extension(), which sqlfix never runs for a schema"),
        (
            "not authorized to use function: writefile",
            "the schema calls writefile(), which sqlfix never runs for a schema",
        ),
        ("UNIQUE constraint failed: a.b", "UNIQUE constraint failed: a.b"),
    ],
)
def test_what_is_lacking_in_words(text: str, words: str) -> None:
    assert words in in_words(sqlite3.OperationalError(text), "3.40.1")
