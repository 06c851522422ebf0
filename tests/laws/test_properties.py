"""What must hold for any database: SQLite itself says what an orphan is, and a repair does just what it said.

The databases come from `strategies.cases`. The number of examples is that of the hypothesis profile; HYPOTHESIS_PROFILE
is "fuzz" for a long run. A failing example prints as the script that builds it.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st
from strategies import Case, Key, TableSpec, cases, fold, quoted
from support import Ran, build, contents, fingerprint, run_script, sqlfix, violations

from sqlfix.model.findings import NotChecked
from sqlfix.model.graph import parents_first
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import NotUtf8
from sqlfix.scan.run import check_all, faulty_rows, look_at, scan
from sqlfix.scan.scope import Scope
from sqlfix.schema.catalogue import read_schema
from sqlfix.sqlite.snapshot import Reading, reading

pytestmark = pytest.mark.oracle

Subject = tuple[str, tuple[str, ...], str, tuple[str, ...]]
Rows = Counter[bytes]

SLOW = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[phase for phase in Phase if phase is not Phase.explain],  # explaining takes longer than finding
)
ON_ORPHAN = st.sampled_from([None, None, None, "delete", "set-null", "set-default", "keep"])


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder for one example."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        yield Path(name)


# -- what SQLite says ---------------------------------------------------------------------------------------------


class Oracle:
    """A copy of a database in memory, in which SQLite is asked about one foreign key at a time."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.text_factory = bytes
        with contextlib.closing(sqlite3.connect(path)) as source:
            source.backup(self.connection)
        self.connection.execute("PRAGMA writable_schema = ON")
        self.connection.execute("DELETE FROM sqlite_master WHERE type = 'trigger'")
        self.connection.execute("PRAGMA writable_schema = RESET")

    def close(self) -> None:
        """Forget the copy."""
        self.connection.close()

    def rows(self, table: TableSpec) -> Rows:
        """The rows of a table, each as text that tells their values and storage classes apart."""
        return Counter(row[0] for row in self.connection.execute(f"SELECT {content(table)} FROM {quoted(table.name)}"))

    def violations(self, table: TableSpec, key: Key) -> int | None:
        """How many rows of the child `PRAGMA foreign_key_check` lists, with this key alone; None for a mismatch."""
        self._write_schema(table, [key])
        try:
            return len(self.connection.execute(f"PRAGMA foreign_key_check({quoted(table.name)})").fetchall())
        except sqlite3.OperationalError as error:
            assert "foreign key mismatch" in str(error)
            return None
        finally:
            self._write_schema(table, None)

    def _write_schema(self, table: TableSpec, keys: list[Key] | None) -> None:
        text = table.sql(keys).encode()
        self.connection.execute("PRAGMA writable_schema = ON")
        self.connection.execute(
            "UPDATE sqlite_master SET sql = CAST(? AS TEXT) WHERE type = 'table' AND name = ?", (text, table.name)
        )
        self.connection.execute("PRAGMA writable_schema = RESET")

    def violating(self, table: TableSpec, key: Key) -> Counter[tuple[bytes, tuple[Any, ...]]]:
        """The rows themselves, and their keys. A twin of the child without types has just this key and its rows.

        The child's own types play no part in SQLite's rule, and the twin has a rowid where the child may have none.
        """
        ours = ", ".join(f"c{place}" for place in range(len(key.child_columns)))
        of_parent = f" ({', '.join(map(quoted, key.columns))})" if key.columns else ""
        declared = f"FOREIGN KEY ({ours}) REFERENCES {quoted(key.parent)}{of_parent}"
        self.connection.execute(f"CREATE TABLE twin_of_child (content, {ours}, {declared})")
        try:
            self.connection.execute(
                f"INSERT INTO twin_of_child SELECT {content(table)}, {', '.join(map(quoted, key.child_columns))}"
                f" FROM {quoted(table.name)}"
            )
            every = {
                rowid: (row, tuple(k))
                for rowid, row, *k in self.connection.execute("SELECT rowid, * FROM twin_of_child")
            }
            found = self.connection.execute("PRAGMA foreign_key_check(twin_of_child)").fetchall()
            return Counter(every[rowid] for _, rowid, _, _ in found)
        finally:
            self.connection.execute("DROP TABLE twin_of_child")

    def delete(self, table: TableSpec, doomed: Rows) -> None:
        """Delete rows by their content."""
        for row in doomed:
            self.connection.execute(
                f"DELETE FROM {quoted(table.name)} WHERE {content(table)} = CAST(? AS TEXT)", (row,)
            )

    def concerned(self, case: Case) -> dict[str, Rows]:
        """For each table the orphans, and all rows beneath them should every one of them be deleted."""
        found: dict[str, Rows] = {table.name: Counter() for table in case.tables}
        sound = [(t, k) for t, k in every_key(case) if self.is_sound(case, t, k)]
        again = True
        while again:
            again = False
            for table, key in sound:
                if rows := Counter(row for row, _ in self.violating(table, key).elements()):
                    again = True
                    found[table.name] |= rows
                    self.delete(table, rows)
        return found

    def is_sound(self, case: Case, table: TableSpec, key: Key) -> bool:
        """True if SQLite can use the key and its parent exists."""
        return has_table(case, key.parent) and self.violations(table, key) is not None


def content(table: TableSpec) -> str:
    """SQL that gives all of a row as one text."""
    parts = []
    for column in table.columns:
        name = quoted(column.name)
        parts.append(f"typeof({name}) || CASE typeof({name}) WHEN 'text' THEN hex({name}) ELSE quote({name}) END")
    return " || ' ' || ".join(parts)


def every_key(case: Case) -> list[tuple[TableSpec, Key]]:
    """All foreign keys, in the order of the text."""
    return [(table, key) for table in case.tables for key in table.keys]


def has_table(case: Case, name: str) -> bool:
    return any(fold(table.name) == fold(name) for table in case.tables)


@contextlib.contextmanager
def asking(path: Path) -> Iterator[Oracle]:
    oracle = Oracle(path)
    try:
        yield oracle
    finally:
        oracle.close()


def paired(case: Case, schema: Schema) -> list[tuple[ForeignKey, TableSpec, Key]]:
    """Each foreign key as the tool read it, beside the one that was declared."""
    found = []
    for table in case.tables:
        read = schema.table(table.name)
        assert read is not None
        assert len(read.foreign_keys) == len(table.keys)
        found += [(fk, table, key) for fk, key in zip(read.foreign_keys, table.keys, strict=True)]
    return found


def health(path: Path) -> list[str]:
    """What integrity_check says."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return sorted(row[0] for row in connection.execute("PRAGMA integrity_check"))


# -- scanning -----------------------------------------------------------------------------------------------------


@SLOW
@given(case=cases(nulls=True), form=st.sampled_from(["table", "json", "jsonl", "csv", "markdown"]), rows=st.booleans())
def test_faults_and_orphans_are_what_sqlite_says(case: Case, form: str, rows: bool) -> None:
    """Each relationship and each row; and there is no trace of the scans, whatever is written of them."""
    with folder() as place:
        path = case.build(place / "x.db")
        before = fingerprint(path)
        with reading(path) as opened, asking(path) as oracle:
            schema = read_schema(opened.connection)
            relationships_are_what_sqlite_says(case, opened, schema, oracle)
            findings_and_rows_add_up_to_the_orphans(case, opened, schema, oracle)
        leaves_no_trace(path, before, "scan", path, "--format", form, *(["--rows"] if rows else []))


def relationships_are_what_sqlite_says(case: Case, opened: Reading, schema: Schema, oracle: Oracle) -> None:
    report = scan(opened.connection, schema, "x")
    assert [r.foreign_key for r in report.relationships] == list(schema.foreign_keys)
    seen = {(id(r.foreign_key)): r for r in report.relationships}
    for fk, table, key in paired(case, schema):
        expected = oracle.violations(table, key)
        if not has_table(case, key.parent):
            assert fk.fault is not None
            assert fk.fault.check == "missing-parent-table"
        elif expected is None:
            assert fk.fault is not None, "SQLite says: foreign key mismatch"
            assert fk.fault.check != "missing-parent-table"
            event(f"fault: {fk.fault.check} {fk.fault.detail}")
        else:
            assert fk.fault is None, "SQLite can use this key"
            assert seen[id(fk)].checked
            assert seen[id(fk)].orphans == expected
            event("orphans" if expected else "no orphans")


def findings_and_rows_add_up_to_the_orphans(case: Case, opened: Reading, schema: Schema, oracle: Oracle) -> None:
    scope = Scope(("orphan-rows", "placeholder-values"))
    look = look_at(opened.readers, schema, scope)
    report = check_all(opened.connection, look, "x", scope)
    streamed: Counter[tuple[str, Subject]] = Counter()
    keys: dict[Subject, list[Any]] = {}
    unlisted: list[NotChecked] = []
    for faulty in faulty_rows(opened.connection, schema, report, look, unlisted.append):
        streamed[faulty.check, faulty.subject] += 1
        keys.setdefault(faulty.subject, []).append([value for _, value in faulty.row.values])
    found: Counter[tuple[str, Subject]] = Counter()
    for finding in report.findings:
        subject = (finding.table, finding.columns, finding.parent, finding.parent_columns)
        if finding.check in ("orphan-rows", "placeholder-values"):
            assert (finding.check, subject) not in found
            found[finding.check, subject] = finding.count
            assert 1 <= finding.distinct <= finding.count
            assert 1 <= len(finding.sample) <= min(finding.count, 5)
    assert (found, unlisted) == (streamed, [])
    for fk, table, key in paired(case, schema):
        if fk.fault is None:
            violating = oracle.violating(table, key)
            both = found["orphan-rows", fk.subject] + found["placeholder-values", fk.subject]
            assert both == violating.total()
            expected = Counter(in_words(values) for _, values in violating.elements())
            assert Counter(in_words(values) for values in keys.get(fk.subject, [])) == expected


def leaves_no_trace(path: Path, before: tuple[str, int], *arguments: object) -> None:
    ran = sqlfix(*arguments)
    assert ran.code in (0, 1, 3), ran.err
    assert "internal error" not in ran.err
    assert fingerprint(path) == before
    assert [entry.name for entry in path.parent.iterdir()] == ["x.db"]


def in_words(values: Iterable[Any]) -> str:
    """Values by their content; a number is one, since a computed REAL column gives now 0.0 and now 0."""
    return repr(
        [
            ("number", float(value) + 0.0, int(value) if abs(value) < 2**63 else 0)
            if isinstance(value, int | float)
            else (type(value).__name__, value)
            for value in (v.encode() if isinstance(v, str) else v.raw if isinstance(v, NotUtf8) else v for v in values)
        ]
    )


# -- repairing ----------------------------------------------------------------------------------------------------


@st.composite
def options(draw: st.DrawFn) -> list[str]:
    """The options that choose."""
    chosen = []
    if draw(st.booleans()):
        chosen.append("--allow-mass-delete")
    if on_orphan := draw(ON_ORPHAN):
        chosen += ["--on-orphan", on_orphan]
    return chosen


def repaired(path: Path, chosen: list[str], *more: str) -> Ran:
    return sqlfix("repair", path, "--yes", "--no-backup", "--format", "json", *chosen, *more)


def left_counts(plan: Any) -> Counter[Subject]:
    found: Counter[Subject] = Counter()
    for left in plan["left"]:
        if left["check"] in ("orphan-rows", "placeholder-values"):
            found[left["table"], tuple(left["columns"]), left["parent"], tuple(left["parent_columns"])] += left["count"]
    return found


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(
            """
            CREATE TABLE a (b TEXT, c, PRIMARY KEY (c), FOREIGN KEY (b) REFERENCES a (c) ON DELETE CASCADE);
            INSERT INTO a VALUES ('1', 2), ('x', 1);
            """,
            id="deleted, in a tree",
        ),
        pytest.param(
            """
            CREATE TABLE a (a TEXT NOT NULL, b INTEGER NOT NULL, UNIQUE (b, a),
                FOREIGN KEY (a, b) REFERENCES c (a, b));
            CREATE TABLE c (a, b INTEGER, UNIQUE (a, b), FOREIGN KEY (a, b) REFERENCES a (b, a));
            INSERT INTO a VALUES ('1', 1), ('2', 1);
            INSERT INTO c VALUES (2, 1), (1, 2);
            """,
            id="changed, in a cycle",
        ),
        pytest.param(
            """
            CREATE TABLE a (k UNIQUE, up TEXT NOT NULL REFERENCES a (k) ON DELETE SET NULL);
            INSERT INTO a VALUES ('c', '07'), ('x', 'C');
            """,
            id="deleted, while the schema says nothing that can be done of what follows",
        ),
    ],
)
def test_what_is_spared_for_its_spelling_stays_spared_or_goes_at_once(tmp_path: Path, sql: str) -> None:
    path = build(tmp_path / "x.db", sql)
    chosen = ["--on-orphan", "delete", "--allow-mass-delete"] if "ON DELETE" in sql else []
    first = repaired(path, chosen)
    assert first.code == (1 if first.json["left"] else 0)
    reasons = [left["reason"] for left in first.json["left"]]
    assert any("it would change keys of" in reason for reason in reasons) == ("ON DELETE" not in sql)
    assert repaired(path, chosen).json["fixes"] == []


@SLOW
@given(case=cases(), chosen=options())
def test_a_repair_leaves_what_it_said_and_touches_nothing_else(case: Case, chosen: list[str]) -> None:
    with folder() as place:
        path = case.build(place / "x.db")
        health_before, contents_before = health(path), contents(path)
        with asking(path) as oracle:
            before = {table.name: oracle.rows(table) for table in case.tables}
            violations = [(oracle.violations(t, k), oracle.is_sound(case, t, k)) for t, k in every_key(case)]
            orphans = [
                {row for row, _ in oracle.violating(table, key)} if sound else None
                for (table, key), (_, sound) in zip(every_key(case), violations, strict=True)
            ]
            concerned = oracle.concerned(case)
        copy = place / "copy.db"
        shutil.copyfile(path, copy)
        exported = sqlfix("export-sql", copy, *chosen)
        ran = repaired(path, chosen)
        assert exported.code == ran.code
        if ran.code == 2:
            assert "--on-orphan" in chosen, ran.err  # the only thing here that can be refused
            assert "is not possible for" in ran.err
            assert contents(path) == contents_before
            event("refused")
            return
        assert ran.code in (0, 1), ran.err
        the_script_does_what_repair_did_and_nothing_twice(copy, exported.out, contents(path))
        plan = ran.json
        event(f"{min(len(plan['fixes']), 3)} fixes, {'something' if plan['left'] else 'nothing'} left")
        assert set(health(path)) <= {"ok", *health_before}
        left = left_counts(plan)
        with reading(path) as opened:
            schema = read_schema(opened.connection)
        with asking(path) as oracle:
            for (fk, table, key), (count, sound), old in zip(paired(case, schema), violations, orphans, strict=True):
                now = oracle.violations(table, key)
                if old is not None:  # a row that stands there as it did
                    broken = {row for row, _ in oracle.violating(table, key) if row in before[table.name]} - old
                    assert not broken, f"rows of {table.name} have lost their parent by {fk.subject}"
                if sound:
                    assert now is not None
                    assert now <= (count or 0), f"new orphans of {fk.subject}"
                    assert now == left[fk.subject], f"orphans left of {fk.subject}"
            if not case.late:
                for table in case.tables:
                    after = oracle.rows(table)
                    untouched = Counter(
                        {row: n for row, n in before[table.name].items() if row not in concerned[table.name]}
                    )
                    assert untouched <= after, f"sound rows of {table.name} were touched"
        again = repaired(path, chosen)
        assert again.json["fixes"] == [], "the second repair has something to do"
        assert again.code == (1 if again.json["left"] else 0)
        assert left_counts(again.json) == left


def the_script_does_what_repair_did_and_nothing_twice(copy: Path, script: str, after: dict[str, Any]) -> None:
    for _ in range(2):
        run_script(copy, script)
        assert contents(copy) == after


# -- found once, and kept from coming back ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "orphans"),
    [
        pytest.param(
            """
            CREATE TABLE p (a, b, UNIQUE (a, b));
            CREATE TABLE c (a, FOREIGN KEY (a, a) REFERENCES p (a, b));
            INSERT INTO p VALUES (1, 1), (1, 2);
            INSERT INTO c VALUES (1), (2), (NULL);
            """,
            [1],
            id="a column of the child twice in one key",
        ),
        pytest.param(
            """
            CREATE TABLE doomed (id INTEGER PRIMARY KEY, up NOT NULL REFERENCES link (id) ON DELETE CASCADE);
            CREATE TABLE link (id INTEGER PRIMARY KEY, up NOT NULL REFERENCES doomed (id) ON DELETE CASCADE);
            INSERT INTO doomed VALUES (1, 1), (2, 9), (3, 3);
            INSERT INTO link VALUES (1, 1), (3, 2);
            """,
            [1, 0],
            id="a cycle of tables called as the tool calls its own",
        ),
        pytest.param(
            """
            CREATE TABLE sqlfix_keys (id TEXT UNIQUE);
            CREATE TABLE sqlfix_doomed_0 (id INTEGER PRIMARY KEY, k NOT NULL REFERENCES sqlfix_keys (id));
            CREATE TABLE sqlfix_missing (id INTEGER PRIMARY KEY, k NOT NULL REFERENCES sqlfix_doomed_0 (id));
            CREATE TABLE sqlfix_present (id INTEGER PRIMARY KEY, k NOT NULL REFERENCES sqlfix_missing (id));
            CREATE TABLE SQLFIX_CHECK (id INTEGER PRIMARY KEY, k NOT NULL REFERENCES sqlfix_present (id));
            INSERT INTO sqlfix_keys VALUES ('x');
            INSERT INTO sqlfix_doomed_0 VALUES (1, 'x'), (2, 'y');
            INSERT INTO sqlfix_missing VALUES (1, 1), (2, 2);
            INSERT INTO sqlfix_present VALUES (1, 1), (2, 2);
            INSERT INTO SQLFIX_CHECK VALUES (1, 1), (2, 2), (3, 3);
            """,
            [1, 0, 0, 1],
            id="tables called as the tool's temporary ones",
        ),
        pytest.param(
            """
            CREATE TABLE p (a COLLATE NOCASE, PRIMARY KEY (a COLLATE BINARY));
            CREATE TABLE c (a REFERENCES p (a) REFERENCES p);
            INSERT INTO p VALUES ('ann');
            INSERT INTO c VALUES ('ann'), ('bob');
            """,
            [None, 1],
            id="of two declarations of one relationship only one is at fault",
        ),
        pytest.param(
            """
            CREATE TABLE p (id INTEGER PRIMARY KEY);
            CREATE TABLE q (id INTEGER PRIMARY KEY);
            CREATE TABLE c (a INTEGER NOT NULL REFERENCES p (id), b INTEGER NOT NULL REFERENCES q (id));
            INSERT INTO p VALUES (1);
            INSERT INTO q VALUES (1);
            INSERT INTO c VALUES (1, 1), (0, 9);
            """,
            [1, 1],
            id="what one relationship would leave goes by the other",
        ),
    ],
)
def test_found_once(tmp_path: Path, sql: str, orphans: list[int | None]) -> None:
    path, copy = build(tmp_path / "x.db", sql), build(tmp_path / "copy.db", sql)
    report = sqlfix("scan", path, "--format", "json").json
    assert [relationship["orphans"] for relationship in report["relationships"]] == orphans
    found = [finding["count"] for finding in report["findings"] if finding["count"]]
    assert sum(found) == sum(count or 0 for count in orphans)
    exported = sqlfix("export-sql", copy)
    ran = repaired(path, [])
    assert ran.code == exported.code == (1 if None in orphans else 0), ran.out
    assert left_counts(ran.json).total() == 0
    run_script(copy, exported.out)
    assert contents(copy) == contents(path)
    after = sqlfix("scan", path, "--format", "json").json
    assert [r["orphans"] for r in after["relationships"]] == [None if count is None else 0 for count in orphans]
    if None not in orphans:
        assert violations(path) == {}


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        pytest.param("a INTEGER PRIMARY KEY DEFAULT NULL", "datatype mismatch", id="NULL into the rowid"),
        pytest.param("a INTEGER PRIMARY KEY DEFAULT 1", "UNIQUE constraint failed", id="one rowid for two rows"),
        pytest.param("a INTEGER NOT NULL DEFAULT NULL", "NOT NULL constraint failed", id="NULL into NOT NULL"),
    ],
)
def test_a_default_that_cannot_be_written_is_held_back(tmp_path: Path, column: str, reason: str) -> None:
    sql = f"""
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE c ({column} REFERENCES p (id) ON DELETE SET DEFAULT);
        INSERT INTO p VALUES (1);
        INSERT INTO c VALUES (7), (8);
    """
    path = build(tmp_path / "x.db", sql)
    before = contents(path)
    ran = repaired(path, [])
    assert ran.code == 1, ran.err
    assert ran.json["fixes"] == []
    assert [left["count"] for left in ran.json["left"]] == [2]
    assert reason in ran.json["left"][0]["reason"]
    assert contents(path) == before


def test_two_usable_declarations_of_one_relationship_can_differ(tmp_path: Path) -> None:
    sql = """
        CREATE TABLE p (a TEXT COLLATE NOCASE, PRIMARY KEY (a COLLATE BINARY), UNIQUE (a));
        CREATE TABLE c (a REFERENCES p (a) REFERENCES p);
        INSERT INTO p VALUES ('ann'), ('z');
        INSERT INTO c VALUES ('ANN'), ('z');
    """
    path = build(tmp_path / "x.db", sql)
    assert violations(path) == {("c", 0): 1}
    ran = sqlfix("scan", path, "--format", "json")
    assert [relationship["orphans"] for relationship in ran.json["relationships"]] == [0, 1]
    assert ran.code == 1, "SQLite counts an orphan, and the report is clean"


# -- failing ------------------------------------------------------------------------------------------------------


class Failing(sqlite3.Connection):
    """A connection to the database whose n-th statement after it has the write lock fails.

    ``failed`` is the statement that did.
    """

    path = ""
    fail_at = -1
    count = -1
    failed = ""

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:  # type: ignore[override]
        kind = type(self)
        if kind.count >= 0:
            kind.count += 1
            if kind.count == kind.fail_at and not kind.failed:  # after the commit there is another lock, and a count
                kind.failed = sql
                raise sqlite3.OperationalError("injected")
        cursor = super().execute(sql, *parameters)
        if sql == "BEGIN IMMEDIATE" and self._is_ours():
            kind.count = 0
        return cursor

    def _is_ours(self) -> bool:
        return any(row[2] == self.path for row in super().execute("PRAGMA database_list"))


@contextlib.contextmanager
def failing(path: Path, statement: int) -> Iterator[type[Failing]]:
    """Have the n-th statement fail that runs while the database is locked for the repair."""
    Failing.path, Failing.fail_at, Failing.count, Failing.failed = str(path.resolve()), statement, -1, ""
    connect = sqlite3.connect
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **{**k, "factory": Failing}))
        yield Failing


@settings(SLOW, max_examples=SLOW.max_examples // 2)  # three repairs each
@given(case=cases(), backup=st.booleans(), where=st.integers(0, 999))
def test_a_failure_at_any_statement_changes_nothing(case: Case, backup: bool, where: int) -> None:
    with folder() as place:
        path, original = case.build(place / "x.db"), place / "original.db"
        shutil.copyfile(path, original)
        before = contents(path)
        chosen = ["--yes", "--allow-mass-delete", "--backup" if backup else "--no-backup"]
        with failing(path, -1) as counter:
            repaired = sqlfix("repair", path, *chosen)
        assert repaired.code in (0, 1)
        after, statements = contents(path), counter.count
        assume(statements > 0)
        for statement in {statements - where % statements, statements}:  # the last one is the COMMIT
            for entry in place.iterdir():
                if entry != original:
                    entry.unlink()
            shutil.copyfile(original, path)
            with failing(path, statement) as counter:
                ran = sqlfix("repair", path, *chosen)
            if ran.code != 2:  # what was to be read of many tables at once was asked of each, or in another way
                assert counter.failed.startswith(("SELECT ", "PRAGMA ")), f"{statement}: {counter.failed}"
                assert (ran.code, contents(path)) == (repaired.code, after)
                continue
            assert contents(path) == before
            left = {entry.name for entry in place.iterdir()}
            assert {name for name in left if ".backup-" not in name} == {"original.db", "x.db"}
            assert not any(name.endswith((".partial", "-journal", "-wal", "-shm")) for name in left)


# -- the order of the tables --------------------------------------------------------------------------------------

graphs = st.integers(1, 7).flatmap(
    lambda size: st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size)), max_size=14).map(
        lambda edges: (size, edges)
    )
)


@given(graph=graphs)
def test_parents_come_first(graph: tuple[int, list[tuple[int, int]]]) -> None:
    size, edges = graph
    tables = [f"t{number}" for number in range(size)]
    parents: dict[str, list[str]] = {}
    for child, parent in edges:
        parents.setdefault(f"t{child}", []).append(f"t{parent}")  # the last number is a table that is not there
    reach = {t: {t} for t in tables}
    for _ in tables:
        for child, parent in edges:
            reach[f"t{child}"] |= reach.get(f"t{parent}", set())
    order = parents_first(tables, parents)
    assert sorted(t for component in order for t in component) == sorted(tables)
    place = {t: number for number, component in enumerate(order) for t in component}
    for one in tables:
        for other in tables:
            together = other in reach[one] and one in reach[other]
            assert together == (place[one] == place[other])
            if other in reach[one]:
                assert place[other] <= place[one]
    for component in order:
        assert list(component) == sorted(component, key=tables.index)
