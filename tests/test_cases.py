"""The golden cases: a folder each in tests/cases, and all that must hold of every one of them.

A case is ``before.sql`` (or ``before.py`` with ``build(path)``, for what SQL alone cannot make), and three files of
what is expected: ``findings.txt`` of the scan, ``script.sql`` of export-sql, ``after.sql`` with the rows after the
repair.
The first lines of the case say in words what has to happen. Lines that begin so steer the test:

* ``options:`` what the user chooses, for repair and export-sql; a word ``older….sql`` is a dump in the case's folder;
* ``query:`` a SELECT whose rows are shown in after.sql as well (for what a plain dump does not show);
* ``integrity:`` what integrity_check says afterwards, where that is not "ok";
* ``search: out of step`` where the full-text indexes of the file disagree with their tables before and after, or are
  damaged; of that the integrity check of newer versions speaks as well;
* ``repairs: 2`` where a damaged index hides part of the truth, and only the second repair finishes;
* ``reason: of SQLite 3.40`` where other versions do something else on the copy, of which nothing comes either;
* ``needs:`` a module that SQLite may lack, or its oldest version (``sqlite 3.37``).

``pytest tests/test_cases.py --rewrite-goldens`` writes the expected files anew; the diff is then to be reviewed.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import runpy
import shlex
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from support import Ran, build, contents, counts_for_repair, fingerprint, old, run_script, sqlfix, together, violations

from sqlfix.plan.repaired_checks import REPAIRED

pytestmark = pytest.mark.oracle

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir())
DIRECTIVE = re.compile(r"(?:-- )?(options|query|integrity|search|repairs|reason|needs): (.+)")


@dataclass(frozen=True)
class Case:
    """A case as it is written down."""

    folder: Path
    words: str
    directives: tuple[tuple[str, str], ...]
    make: Callable[[Path], object]
    prepare: Callable[[sqlite3.Connection], object]

    def all(self, name: str) -> list[str]:
        """What the directives of a name say."""
        return [text for key, text in self.directives if key == name]

    @property
    def options(self) -> list[str]:
        """What the user chooses."""
        words = [word for text in self.all("options") for word in shlex.split(text)]
        return [str(self.folder / word) if word.startswith("older") else word for word in words]

    @property
    def scope(self) -> list[str]:
        """Of these, what a scan knows as well."""
        pairs = zip(self.options, self.options[1:], strict=False)
        return [word for pair in pairs if pair[0] in ("--select", "--ignore") for word in pair]

    def database(self, folder: Path) -> Path:
        """The file of the case, built anew in a folder of its own."""
        folder.mkdir()
        path = folder / "case.db"
        self.make(path)
        return path

    @contextlib.contextmanager
    def open(self, path: Path) -> Iterator[sqlite3.Connection]:
        """A connection with what only the application brings."""
        with contextlib.closing(sqlite3.connect(path)) as connection:
            self.prepare(connection)
            yield connection


def read_case(folder: Path) -> Case:
    """The case in a folder."""
    sql = folder / "before.sql"
    if sql.exists():
        text = sql.read_text(encoding="utf-8")
        head = []
        for line in text.splitlines():
            if not line.startswith("--"):
                break
            head.append(line.removeprefix("-- "))

        def make(path: Path) -> object:
            return build(path, text)

        prepare: Callable[[sqlite3.Connection], object] = lambda connection: None  # noqa: E731
    else:
        module = runpy.run_path(str(folder / "before.py"))
        head = str(module["__doc__"]).splitlines()
        make, prepare = module["build"], module.get("prepare", lambda connection: None)
    directives = tuple((m[1], m[2]) for line in head if (m := DIRECTIVE.fullmatch(line.strip())))
    words = " ".join(line.strip() for line in head if not DIRECTIVE.fullmatch(line.strip()))
    return Case(folder, words, directives, make, prepare)


def repaired_once(case: Case, folder: Path, shared: Path) -> tuple[Path, Ran]:
    """The file of a case after a repair with a backup, and what was said of it.

    It is carried out once in a run, for whichever test asks first, and copied into a folder of its own.
    """
    kept = shared / case.folder.name
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=shared) as name:
            made = Path(name) / "made"
            made.mkdir()
            ran = sqlfix("repair", case.database(made / "files"), "--yes", "--format", "json", *case.options)
            (made / "ran.json").write_text(json.dumps(asdict(ran)), encoding="utf-8")
            with contextlib.suppress(OSError):  # another process was first
                made.rename(kept)
    shutil.copytree(kept / "files", folder)
    ran = Ran(**json.loads((kept / "ran.json").read_text(encoding="utf-8")))
    assert ran.code in (0, 1), ran.err
    return folder / "case.db", ran


# -- the expected files -------------------------------------------------------------------------------------------


def shown(name: str) -> str:
    """A name as it is, or in JSON's quotes if it is not a plain word."""
    return name if re.fullmatch(r"\w+", name, re.ASCII) else json.dumps(name, ensure_ascii=False)


def ends(table: str, columns: list[str], parent: str, parent_columns: list[str]) -> str:
    """A relationship in a line."""
    ours, theirs = (", ".join(map(shown, names)) for names in (columns, parent_columns))
    return f"{shown(table)} ({ours}) -> {shown(parent)} ({theirs})"


def findings_text(scanned: Ran) -> str:
    """A report in short: no prose but the reasons."""
    report = scanned.json
    lines = [f"exit {scanned.code}", ""]
    for seen in report["relationships"]:
        where = ends(seen["child"], seen["child_columns"], seen["parent"], seen["parent_columns"])
        found = (
            f"{seen['orphans']} orphans of {seen['rows']} rows" if seen["checked"] else f"not checked: {seen['reason']}"
        )
        lines.append(f"{where}, ON DELETE {seen['on_delete']}: {found}")
    for join in report["join_tables"]:
        sides = [f"({', '.join(map(shown, join[s]['columns']))}) {shown(join[s]['parent'])}" for s in ("left", "right")]
        lines.append(f"join table {shown(join['table'])}: {', '.join(sides)}{', carries data' * join['carries_data']}")
    for finding in report["findings"]:
        where = ends(finding["table"], finding["columns"], finding["parent"], finding["parent_columns"])
        lines += ["", f"{finding['check']}: {where}"]
        lines.append(f"  count {finding['count']}, distinct {finding['distinct']}, fix {finding['fix']}")
        lines += [f"  {name}: {value}" for name, value in finding["facts"].items() if value]
        lines += [f"  row {compact(row['key'])} holds {compact(row['values'])}" for row in finding["sample"]]
    if report["not_checked"]:
        lines += ["", *(f"not checked: {shown(entry['subject'])}" for entry in report["not_checked"])]
    return "\n".join(lines) + "\n"


def compact(values: dict[str, Any]) -> str:
    """Values by column, on one line."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def quoted(name: str) -> str:
    """A name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(kind: str, value: Any) -> str:
    """A value for SQL that tells its type; text comes as its bytes."""
    match kind:
        case "null":
            return "NULL"
        case "text" if b"\x00" in value or not is_utf8(value):
            return f"CAST(x'{value.hex()}' AS TEXT)"
        case "text":
            return "'" + value.decode().replace("'", "''") + "'"
        case "blob":
            return f"x'{value.hex()}'"
        case "real" if value in (float("inf"), float("-inf")):
            return "9e999" if value > 0 else "-9e999"
        case _:
            return repr(value)


def is_utf8(value: bytes) -> bool:
    """True if the bytes of a text can be read."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def typed_rows(connection: sqlite3.Connection, columns: list[str], source: str) -> list[list[str]]:
    """Rows as SQL literals, in an order that depends on nothing but their values."""
    parts = [f"typeof({quoted(c)}), {quoted(c)}" for c in columns]
    connection.text_factory = bytes
    rows = connection.execute(f"SELECT {', '.join(parts)} FROM {source}").fetchall()
    connection.text_factory = str
    order = ["null", "integer", "real", "text", "blob"]
    pairs = [[(row[i].decode(), row[i + 1]) for i in range(0, len(row), 2)] for row in rows]
    pairs.sort(key=lambda row: [(order.index(kind), 0 if value is None else value) for kind, value in row])
    return [[literal(kind, value) for kind, value in row] for row in pairs]


def dump(case: Case, path: Path) -> str:
    """Every row of every table with the types of its values; not the tables behind a virtual table."""
    lines = []
    with case.open(path) as connection:
        tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        virtual = [name for name, sql in tables if sql.upper().startswith("CREATE VIRTUAL")]
        for name, _ in tables:
            if any(name.startswith(f"{owner}_") for owner in virtual) or name == "sqlite_stat4":
                continue  # statistics of that kind are gathered by some builds of SQLite only
            info = table_info(connection, name)
            stored = [row[1] for row in info if row[6] == 0]
            computed = [row[1] for row in info if row[6] in (2, 3)]
            if name in virtual and not info:
                continue  # a virtual table of a module that is not there
            rows = typed_rows(connection, stored + computed, quoted(name))
            into = f"{shown_in_sql(name)} ({', '.join(map(shown_in_sql, stored))})"
            lines += [f"-- {json.dumps(name, ensure_ascii=False)}: {len(rows)} rows"]
            for row in rows:
                more = [f"{c} = {v}" for c, v in zip(computed, row[len(stored) :], strict=True)]
                comment = f" -- {', '.join(more)}" if more else ""
                lines.append(f"INSERT INTO {into} VALUES ({', '.join(row[: len(stored)])});{comment}")
        for query in case.all("query"):
            columns = [row[0] for row in connection.execute(query).description]
            lines.append(f"-- {query}")
            lines += [f"--   {', '.join(row)}" for row in typed_rows(connection, columns, f"({query})")]
    return "\n".join(lines) + "\n"


def table_info(connection: sqlite3.Connection, name: str) -> list[Any]:
    """What SQLite says of a table's columns; nothing where a module is missing."""
    try:
        return connection.execute(f"PRAGMA table_xinfo({quoted(name)})").fetchall()
    except sqlite3.OperationalError:
        return []


def shown_in_sql(name: str) -> str:
    """A name for SQL, with quotes only where they are needed."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else quoted(name)


def compare(request: pytest.FixtureRequest, case: Case, name: str, found: str) -> None:
    """Compare with the expected file, or write it anew."""
    expected = case.folder / name
    if request.config.getoption("--rewrite-goldens"):
        expected.write_bytes(found.encode())
    assert expected.exists(), f"no {name} yet: run with --rewrite-goldens, and review what it says"
    assert found == expected.read_bytes().decode()


# -- the schema ---------------------------------------------------------------------------------------------------

OF_SCHEMA = re.compile(rf"^({'|'.join(REPAIRED)}): ", re.MULTILINE)


def schema_plan_text(planned: Ran) -> str:
    """The plan that repairs a schema, in short."""
    plan = planned.json
    lines = [f"exit {planned.code}"]
    for step in plan["steps"]:
        to = f" to {shown(step['to'])}" if step["to"] else ""
        lines += ["", f"{step['deed']} {step['kind']} {shown(step['name'])}{to}"]
        lines += [f"  {' '.join(step['text'].split())}"] if step["text"] else []
    for left in plan["left"]:
        where = ends(left["table"], left["columns"], left["parent"] or "", left["parent_columns"])
        lines += ["", f"left {left['check']}: {where}", f"  {left['reason']}"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "name", [n for n in NAMES if OF_SCHEMA.search((CASES / n / "findings.txt").read_text(encoding="utf-8"))]
)
def test_the_schema_of_a_case(
    name: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found is gone or listed, nothing new is found, every row is as it was, and undo gives the file back."""
    case = read_case(CASES / name)
    require(case)
    path = case.database(tmp_path / "files")
    monkeypatch.chdir(path.parent)
    before, found = contents(path), schema_findings()
    planned = sqlfix("repair-schema", "case.db", "--yes", "--format", "json")
    assert planned.code in (0, 1), planned.err
    compare(request, case, "schema.txt", schema_plan_text(planned))
    left = {(part["check"], part["table"], tuple(part["columns"]), part["parent"]) for part in planned.json["left"]}
    now = schema_findings()
    assert now <= found and {one for one in now if one[0] != "unfinished-migration"} <= left
    again = sqlfix("repair-schema", "case.db", "--yes", "--format", "json")
    assert not again.json["steps"]
    renamed = {step["to"]: step["name"] for step in planned.json["steps"] if step["deed"] == "rename"}
    aside = ("schema", "sqlite_sequence")
    rows = {renamed.get(table, table): rows for table, rows in contents(path).items() if table not in aside}
    assert rows == {table: rows for table, rows in before.items() if table not in aside}
    if planned.json["applied"]:
        assert sqlfix("undo", "case.db", "--yes").code == 0
    assert contents(path) == before


def schema_findings() -> set[tuple[str, str, tuple[str, ...], str | None]]:
    """What a scan finds wrong with the schema of the case."""
    findings = sqlfix("scan", "case.db", "--format", "json").json["findings"]
    return {(f["check"], f["table"], tuple(f["columns"]), f["parent"]) for f in findings if f["check"] in REPAIRED}


# -- what must hold -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_case(
    name: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, shared: Path
) -> None:
    case = read_case(CASES / name)
    require(case)
    look_at_scan(case, tmp_path / "scan", request, monkeypatch)
    script = look_at_script(case, tmp_path / "export", request, monkeypatch)
    repaired = look_at_repair(case, tmp_path / "repair", request, shared)
    after = contents(repaired)
    look_at_scripted(case, tmp_path, script, after)


def require(case: Case) -> None:
    """Skip the case where SQLite lacks a module that it needs."""
    for module in case.all("needs"):
        if version := re.fullmatch(r"sqlite (\d+)\.(\d+)", module):
            if sqlite3.sqlite_version_info < (int(version[1]), int(version[2])):
                pytest.skip(f"this SQLite is older than {module}")
            continue
        with contextlib.closing(sqlite3.connect(":memory:")) as connection:
            if not connection.execute("SELECT 1 FROM pragma_module_list WHERE name = ?", (module,)).fetchone():
                pytest.skip(f"this SQLite has no {module}")


def look_at_scan(case: Case, folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """It finds what is expected, and leaves no trace."""
    path = case.database(folder)
    monkeypatch.chdir(folder)
    before = fingerprint(path)
    scanned = sqlfix("scan", "case.db", "--format", "json", *case.scope)
    assert scanned.code in (0, 1, 3), scanned.err
    compare(request, case, "findings.txt", findings_text(scanned))
    assert fingerprint(path) == before
    assert [entry.name for entry in folder.iterdir()] == ["case.db"]


def look_at_script(case: Case, folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The script is what is expected, and writing it leaves no trace either."""
    path = case.database(folder)
    monkeypatch.chdir(folder)
    before = fingerprint(path)
    exported = sqlfix("export-sql", "case.db", *case.options)
    assert exported.code in (0, 1), exported.err
    if not case.all("reason") or sqlite3.sqlite_version_info < (3, 41):
        compare(request, case, "script.sql", exported.out.replace(f"{case.folder}{os.sep}", ""))
    assert fingerprint(path) == before
    assert [entry.name for entry in folder.iterdir()] == ["case.db"]
    return exported.out


def look_at_repair(case: Case, folder: Path, request: pytest.FixtureRequest, shared: Path) -> Path:
    """It gives the rows that are expected and a backup of those before; the second run has nothing to do."""
    was = before = contents(case.database(folder.with_name("before")))
    path, repaired = repaired_once(case, folder, shared)
    once = folder / "once.db"
    backups = 0
    for number in range(1, 1 + int((case.all("repairs") or ["1"])[0])):
        if number > 1:
            was = contents(path)
            repaired = sqlfix("repair", path, "--yes", "--format", "json", *case.options)
            assert repaired.code in (0, 1), repaired.err
        plan = repaired.json
        assert repaired.code == (1 if plan["left"] else 0)
        assert plan["applied"] == bool(plan["fixes"])
        if plan["fixes"]:
            backups += 1
            assert contents(folder / Path(plan["backup"]).name) == was
            look_at_totals(path, plan)
        if number == 1:
            shutil.copy(path, once)
    assert len(list(folder.glob("case.db*"))) == 1 + 2 * backups  # and with each backup its record
    compare(request, case, "after.sql", dump(case, path))
    assert contents(path)["schema"] == before["schema"]
    with case.open(path) as connection:
        verdict = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        if case.all("search"):
            verdict = [line for line in verdict if "inverted index for FTS" not in line] or ["ok"]
        assert case.all("integrity") in ([], ["skip"], verdict)
        assert case.all("integrity") or verdict == ["ok"]
        if not case.all("search"):
            check_search_indexes(connection)
    look_at_second_run(case, path, plan)
    return once


def look_at_totals(path: Path, plan: dict[str, Any]) -> None:
    """Each row counts once, however many steps met it: as many as the record holds, which sees each as SQLite does."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'trigger'").fetchone():
            return  # these may change more
        counted = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone()
    newest = max(sqlfix("history", path, "--format", "json").json["records"], key=lambda record: record["name"])
    rows = sum(total["deleted"] + total["changed"] + total["added"] for total in plan["totals"])
    added = {total["table"] for total in plan["totals"] if total["added"]}
    assert rows <= newest["rows"] <= rows + (len(added) if counted else 0)  # SQLite counts on in a table of its own


def check_search_indexes(connection: sqlite3.Connection) -> None:
    """Every FTS5 index agrees with the rows that it is of; integrity_check does not look at that."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5%'").fetchall()
    for (name,) in rows:
        connection.execute(f"INSERT INTO {quoted(name)}({quoted(name)}, rank) VALUES ('integrity-check', 1)")
    connection.rollback()


def look_at_second_run(case: Case, path: Path, plan: dict[str, Any]) -> None:
    """A scan finds what the repair has listed as left and nothing else; neither command has anything to do."""
    clean = fingerprint(path)
    scanned = sqlfix("scan", path, "--format", "json", *case.scope).json
    listed: dict[str, int] = {}
    for left in plan["left"]:
        if left["check"] != "not-checked":
            where = f"{left['check']} {ends(left['table'], left['columns'], left['parent'], left['parent_columns'])}"
            listed[where] = listed.get(where, 0) + left["count"]
    found = {
        f"{f['check']} {ends(f['table'], f['columns'], f['parent'], f['parent_columns'])}": f["count"]
        for f in scanned["findings"]
        if counts_for_repair(f)
    }
    assert found == listed
    again = sqlfix("repair", path, "--yes", "--format", "json", *case.options)
    assert again.json["fixes"] == []
    assert again.code == (1 if plan["left"] else 0)
    exported = sqlfix("export-sql", path, *case.options)
    assert "\n-- There is nothing to do" in exported.out or "\n-- Nothing is done; see" in exported.out
    assert "BEGIN" not in exported.out
    assert fingerprint(path) == clean


def look_at_scripted(case: Case, tmp_path: Path, script: str, after: dict[str, Any]) -> None:
    """The script gives the same database as the repair, and run once more it changes nothing."""
    path = case.database(tmp_path / "script")
    for _ in range(2):
        run_script(path, script)
        assert contents(path) == after
    shell = shutil.which("sqlite3")
    if shell is None or old(shell):
        return
    path = case.database(tmp_path / "shell")
    for _ in range(2):
        ran = subprocess.run(
            [shell, "-batch", "-bail", str(path)],
            input=script.encode(),
            capture_output=True,
            env={**os.environ, "HOME": str(tmp_path)},
        )
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")
        assert contents(path) == after


@pytest.mark.parametrize("name", [name for name in NAMES if (CASES / name / "messages.txt").exists()])
def test_what_is_said_of_messages(
    name: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = read_case(CASES / name)
    require(case)
    path = case.database(tmp_path / "why")
    monkeypatch.chdir(path.parent)
    before = fingerprint(path)
    answers = []
    for message in (case.folder / "messages.txt").read_text(encoding="utf-8").split("\n----\n"):
        said = sqlfix("why", "case.db", "--error", message.strip())
        answers.append(f"==== {message.strip()}\nexit {said.code}\n{said.out}{said.err}")
    found = "\n".join(answers).replace(f"({sqlite3.sqlite_version})", "(3.x)")
    compare(request, case, "answers.txt", found)
    assert fingerprint(path) == before


@together
@pytest.mark.parametrize("name", NAMES)
def test_case_says_in_words_what_has_to_happen(name: str) -> None:
    case = read_case(CASES / name)
    assert len(case.words) > 40
    assert "Expected: " in case.words


def test_a_damaged_index_of_the_child_is_no_damage_of_the_rows(tmp_path: Path) -> None:
    """All orphans are found in the table itself; the index is built anew before they are deleted."""
    path = build(
        tmp_path / "x.db",
        """
        CREATE TABLE parents (id INTEGER PRIMARY KEY);
        CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parents (id));
        CREATE INDEX children_parent ON children (parent_id) WHERE id <> 2;
        INSERT INTO parents VALUES (1);
        INSERT INTO children VALUES (1, 1), (2, 8), (3, 9);
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE INDEX children_parent ON children (parent_id)'
          WHERE name = 'children_parent';
        PRAGMA writable_schema = RESET;
        """,
    )
    assert sqlfix("scan", path, "--format", "json").json["findings"][0]["count"] == 2
    first = sqlfix("repair", path, "--yes")
    assert first.code == 1, first.err
    assert "rebuild the indexes of children" in first.out
    assert violations(path) == {("children", 0): 2}
    assert sqlfix("repair", path, "--yes").code == 0
    assert sqlfix("scan", path).code == 0
