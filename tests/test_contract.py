"""What holds of the source as a whole: who imports whom, what each part must say of itself, and what is shipped."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from support import build, together

import sqlfix.cli
from sqlfix.model.graph import parents_first
from sqlfix.plan.fix import FIXES
from sqlfix.prose.format import FORMATS
from sqlfix.scan.check import CHECKS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "sqlfix"
FILES = sorted(PACKAGE.rglob("*.py"))

LAYERS = (
    (1, "errors frozen registry text model"),
    (2, "sqlite sql"),
    (3, "schema"),
    (4, "checks scan"),
    (5, "fixes plan"),
    (6, "repair explain"),
    (7, "__main__ cli commands fleet api formats prose"),
)
"""The seven layers, from the bottom up, each with its packages; `docs/architecture.md` says what each is for."""

ALONG = (
    *("__main__ cli", "cli commands", "commands fleet", "fleet api", "api formats", "formats prose"),
    *("fixes plan", "checks scan", "sqlite sql", "text model", "model frozen"),
)
"""The arrows inside a layer, one after another; what a package reaches along them it may import."""

PLUGINS = ("checks", "fixes", "formats")
"""Folders of which no module imports another one: each is loaded by its name."""

HEADINGS_OF_A_CHECK = ("What it finds.", "Why it matters.", "Example.", "How it is repaired and what that loses.")
HEADINGS_OF_A_FIX = ("*What it does*:", "*What that loses*:")
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 40
MOST_PARAMETERS = 5
TOO_LONG: dict[str, str] = {}
"""What is longer than that (``scan/run.py``, or ``scan/run.py: scan``), each with its reason: ten entries at most."""


# -- reading the source -------------------------------------------------------------------------------------------


def name_of(file: Path) -> str:
    """A file as tests name it: ``checks/orphan_rows.py``."""
    return file.relative_to(PACKAGE).as_posix()


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def unit_of(file: Path) -> str:
    """The name in LAYERS: the folder of a file in a folder, the module otherwise."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


@cache
def nodes_of(file: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree_of(file)))


def for_types_only(file: Path) -> set[ast.AST]:
    """All that stands under ``if TYPE_CHECKING``: it is never run."""
    blocks = [n for n in nodes_of(file) if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    return {node for block in blocks for statement in block.body for node in ast.walk(statement)}


@cache
def imports(file: Path) -> tuple[str, ...]:
    """What a module imports when it runs, at its top or in a function, by full name."""
    return tuple(_imports(file))


def _imports(file: Path) -> Iterator[str]:
    skipped = for_types_only(file)
    for node in nodes_of(file):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            # of the package itself it is modules that are imported by name
            yield from (
                [f"sqlfix.{alias.name}" for alias in node.names] if node.module == "sqlfix" else [node.module or ""]
            )


def own_imports(file: Path) -> Iterator[str]:
    """The packages, or modules beside them, that a file imports from."""
    for name in imports(file):
        if name.startswith("sqlfix."):
            yield name.split(".")[1]


def importers(package: str) -> set[str]:
    """The files that import a third party's package."""
    return {name_of(f) for f in FILES if any(name.split(".")[0] == package for name in imports(f))}


def definitions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    """Public functions and classes, and the public methods of such classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            for inner in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                    yield f"{node.name}.{inner.name}", inner


# -- who imports whom ---------------------------------------------------------------------------------------------


LAYER_OF = {name: number for number, listed in LAYERS for name in listed.split()}


def may_import(mine: str, other: str) -> bool:
    """True if a package may import another one: of a lower layer, or along the arrows of its own."""
    if LAYER_OF[other] != LAYER_OF[mine]:
        return LAYER_OF[other] < LAYER_OF[mine]
    following = [arrow.split()[1] for arrow in ALONG if arrow.split()[0] == mine]
    return mine == other or other in following or any(may_import(one, other) for one in following if one != other)


def test_every_package_has_its_layer() -> None:
    assert {unit_of(file) for file in FILES} - {"__init__"} <= set(LAYER_OF)


def test_imports_point_down() -> None:
    """No file imports what does not lie below it."""
    up = set()
    for file in FILES:
        mine = unit_of(file)
        others = {other for other in own_imports(file) if other in LAYER_OF}
        up |= {(name_of(file), o) for o in others if not may_import(mine, o) or o == mine in PLUGINS}
    assert up == set()


def test_no_imports_go_around_in_a_circle() -> None:
    names = {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in FILES}
    # a package that is imported for one of its modules is named with it
    needs = {name: [other for other in imports(file) if other in names] for name, file in names.items()}
    assert [group for group in parents_first(names, needs) if len(group) > 1] == []


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("sqlglot", {"sql/tokens.py"}),
        ("tabulate", {"formats/table.py"}),
    ],
)
def test_a_dependency_is_imported_in_one_place(package: str, allowed: set[str]) -> None:
    assert importers(package) == allowed


def test_only_the_command_line_imports_click() -> None:
    found = importers("click")
    assert "cli.py" in found
    assert {name for name in found if name != "cli.py" and not name.startswith("commands/")} == set()


def test_nothing_else_is_imported_but_the_standard_library() -> None:
    roots = {name.split(".")[0] for file in FILES for name in imports(file)}
    assert roots - set(sys.stdlib_module_names) == {"sqlfix", "click", "sqlglot", "tabulate"}


LATE = {
    *("sqlglot", "tabulate"),
    *("sqlfix.sqlite.odd_files", "sqlfix.text", "pathlib"),  # `--version`, and what is mistyped, is answered without
    *("difflib", "multiprocessing", "shutil", "tempfile"),  # slow to load, and most runs need none of them
    "fcntl",  # not there on Windows
}
"""What functions import, for the time that a start takes: a list that may only become shorter."""


def test_functions_import_little() -> None:
    inner = [
        each
        for file in FILES
        for node in nodes_of(file)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for each in ast.walk(node)
    ]
    found = {str(each.module) for each in inner if isinstance(each, ast.ImportFrom)}
    found |= {alias.name for each in inner if isinstance(each, ast.Import) for alias in each.names}
    assert {name if name.startswith("sqlfix") else name.partition(".")[0] for name in found} == LATE


def test_one_module_connects() -> None:
    found = {
        name_of(file)
        for file in FILES
        for node in nodes_of(file)
        if isinstance(node, ast.Attribute) and node.attr == "connect"
    }
    assert found == {"sqlite/connect.py"}


OF_THE_PROCESS = {"sqlfix.sqlite.interrupts._state"}
"""Which signals have come."""


def test_no_module_keeps_anything_about_a_file() -> None:
    """Else two threads with a file each would disturb one another."""
    kept = set()
    for file in FILES:
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for key, value in vars(importlib.import_module(name)).items() if file.stem != "__main__" else ():
            kind = type(value)
            of_fields = is_dataclass(value) or (kind.__module__.startswith("sqlfix.") and vars(kind).get("__slots__"))
            changing = of_fields and kind.__setattr__ is object.__setattr__
            if changing or (isinstance(value, list | set) and not key.startswith("__") and not key.isupper()):
                kept.add(f"{name}.{key}")
    assert kept == OF_THE_PROCESS
    rebound = {name_of(file) for file in FILES for node in nodes_of(file) if isinstance(node, ast.Global)}
    assert rebound == set()


# -- what is loaded when ------------------------------------------------------------------------------------------


def loaded_by(*arguments: str) -> tuple[int, set[str]]:
    """The exit code of a run in a process of its own, and which of the costly modules it loaded."""
    costly = {
        "click",
        "sqlglot",
        "tabulate",
        "pathlib",
        "tempfile",
        "shutil",
        "json",
        "multiprocessing",
        "asyncio",
        "concurrent.futures",
    }
    code = (
        "import sys\nfrom sqlfix.cli import run\n"
        "code = run(sys.argv[1:])\n"
        f"print('loaded:', *{costly} & set(sys.modules), file=sys.stderr)\n"
        "sys.exit(code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    last = ran.stderr.splitlines()[-1]
    assert last.startswith("loaded:"), ran.stderr
    return ran.returncode, set(last.split()[1:])


def test_the_version_is_told_without_the_heavy_dependencies() -> None:
    assert loaded_by("--version") == (0, {"click"})


def test_a_healthy_database_is_scanned_without_the_heavy_dependencies(tmp_path: Path) -> None:
    path = build(
        tmp_path / "healthy.db",
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p);"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
    )
    assert loaded_by("scan", str(path)) == (0, {"click", "pathlib"})


def test_a_broken_one_is_scanned_without_the_sql_parser(tmp_path: Path) -> None:
    path = build(
        tmp_path / "broken.db",
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p);"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1), (2);",
    )
    ended, loaded = loaded_by("scan", str(path))
    assert (ended, loaded - {"tempfile", "shutil"}) == (1, {"click", "pathlib", "tabulate"})  # these tabulate may load


# -- what each part says of itself --------------------------------------------------------------------------------


@cache
def all_tests() -> str:
    """The text of all tests and golden cases, but for the two files that are about the documentation."""
    tests = ROOT / "tests"
    files = [*tests.rglob("*.py"), *tests.glob("cases/*/*.txt"), *tests.glob("cases/*/*.sql")]
    own = {"test_contract.py", "test_docs.py"}
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.name not in own)


def mentioned(name: str, text: str) -> bool:
    """True if a text holds a name as a word of its own."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


@pytest.mark.parametrize("name", CHECKS.names())
def test_a_check_explains_itself_and_is_tested(name: str) -> None:
    rule = CHECKS[name]
    assert rule.doc.startswith(f"# {name}\n")
    assert tuple(re.findall(r"^\*\*(.+?)\*\*", rule.doc, re.MULTILINE)) == HEADINGS_OF_A_CHECK
    assert not rule.clues or rule.inspect, "a clue is for the look at the table that follows"
    assert not (rule.details or rule.mend) or rule.conditions, "both are for what a condition finds"
    parts = (rule.conditions, rule.inspect, rule.orphans, rule.declared)
    assert any(parts), "it never looks for anything"
    assert mentioned(name, all_tests()), f"no test speaks of {name}"


@pytest.mark.parametrize("name", FIXES.all())
def test_a_fix_explains_itself_and_is_tested(name: str) -> None:
    rule = FIXES[name]
    assert rule.name == name
    assert all(heading in rule.doc for heading in HEADINGS_OF_A_FIX)
    assert rule.checks and rule.checks <= set(CHECKS.names())
    assert (PACKAGE / "fixes" / f"{name.replace('-', '_')}.py").is_file()
    assert mentioned(name, all_tests()), f"no test speaks of {name}"


def test_one_file_for_each_check_fix_and_format() -> None:
    folders = (("checks", CHECKS), ("fixes", FIXES), ("formats", FORMATS))
    for folder, registry in folders:
        assert tuple(registry.all()) == registry.names()
        files = {f.stem for f in (PACKAGE / folder).glob("*.py")} - {"__init__"}
        assert {name.replace("-", "_") for name in registry.all()} == files


def commands() -> dict[str, click.Command]:
    context = click.Context(sqlfix.cli.group)
    found = {name: sqlfix.cli.group.get_command(context, name) for name in sqlfix.cli.group.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def test_every_command_can_be_loaded() -> None:
    assert list(commands()) == list(sqlfix.cli.COMMANDS)


@together
@pytest.mark.parametrize("name", sqlfix.cli.COMMANDS)
def test_a_command_and_all_its_options_have_help(name: str) -> None:
    command = commands()[name]
    assert command.name == name
    assert command.help and "Exit code:" in command.help
    short = command.get_short_help_str(limit=66)  # what an 80 column list of commands has room for
    assert not short.endswith("..."), short
    without = [option.name for option in command.params if isinstance(option, click.Option) and not option.help]
    assert not without


def test_all_that_is_public_has_a_docstring() -> None:
    public = [(file, *found) for file in FILES for found in [("", tree_of(file)), *definitions(tree_of(file))]]
    assert [(name_of(file), name) for file, name, node in public if ast.get_docstring(node) is None] == []


def test_nothing_is_too_long() -> None:
    found = set()
    for file in FILES:
        if len(file.read_text(encoding="utf-8").splitlines()) > MOST_LINES_OF_A_FILE:
            found.add(name_of(file))
        for function in nodes_of(file):
            if isinstance(function, ast.FunctionDef):
                given = function.args
                names = {a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)} - {"self", "cls"}
                lines = (function.end_lineno or function.lineno) - function.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION or len(names) > MOST_PARAMETERS:
                    found.add(f"{name_of(file)}: {function.name}")
    assert found == set(TOO_LONG)
    assert len(TOO_LONG) <= 10


# -- what is shipped ----------------------------------------------------------------------------------------------


def shipped() -> set[str]:
    """Every file that belongs into the wheel: the sources, the mark that they are typed, and the JSON Schemas."""
    kinds = ("*.py", "py.typed", "*.schema.json", "not_explained.txt")
    return {file.relative_to(ROOT).as_posix() for kind in kinds for file in PACKAGE.rglob(kind)}


def test_the_package_holds_nothing_that_is_not_shipped() -> None:
    there = {f.relative_to(ROOT).as_posix() for f in PACKAGE.rglob("*") if f.is_file() and f.suffix != ".pyc"}
    assert there == shipped()
    schemas = {f"sqlfix/formats/{name}.schema.json" for name in ("diff", "history", "plan", "report")}
    assert {"sqlfix/py.typed", *schemas} <= there


def test_the_wheel_is_the_package_alone(tmp_path: Path) -> None:
    if find_spec("hatchling") is None or find_spec("pip") is None:
        pytest.skip("pip or hatchling is not installed, and this test fetches nothing")
    quick = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *quick, "--wheel-dir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        info = next(name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = archive.read(info).decode()
    assert {name for name in names if ".dist-info/" not in name} == shipped()
    assert re.findall(r"^Requires-Dist: (\w+)[^;\n]*$", metadata, re.MULTILINE) == ["click", "sqlglot", "tabulate"]
    assert "# sqlfix" in metadata, "the README is the description of the package"


def test_the_names_that_packaging_relies_on_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, function = project["scripts"]["sqlfix"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))
    assert all((ROOT / name).is_file() for name in (project["readme"], *project["license-files"]))
