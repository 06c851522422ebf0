"""The documentation is true: its sessions are run, its pages are made from the source, its links and options exist.

``python -m pytest tests/test_docs.py --rewrite-goldens`` rewrites the pages and the sessions; review the diff.
"""

from __future__ import annotations

import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from forked import forked
from support import build, contents, files, sqlfix, together

from sqlfix.cli import COMMANDS, group
from sqlfix.commands import options as command_options
from sqlfix.commands.planning import PlanOptions
from sqlfix.plan.fix import FIXES, by_preference
from sqlfix.plan.repaired_checks import REPAIRED
from sqlfix.prose.lists import loss_of, promise_of, summary_of_fix
from sqlfix.scan.check import CHECKS
from sqlfix.schema.bookkeeping import BOOKKEEPING
from sqlfix.schema.catalogue import read_schema
from sqlfix.sql import predicates as sql
from sqlfix.sqlite.snapshot import reading

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
WALKTHROUGH = DOCS / "walkthrough.md"
REWRITE = "python -m pytest tests/test_docs.py --rewrite-goldens"

HELP = group.context_settings["help_option_names"]
"""A command keeps those that it is first asked with."""
COMMAND_OF_CONTEXT = {name: group.get_command(click.Context(group), name) for name in COMMANDS}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture
def rewrite(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--rewrite-goldens"))


# -- reading a page -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: what stands after the fence, and its text."""

    kind: str
    text: str


def blocks(page: Path, *kinds: str) -> list[Block]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [Block(kind, text) for kind, text in found if kind in kinds]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The places of a page that a link can name, as they are made of its headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# -- the sessions -----------------------------------------------------------------------------------------------------

STAMP = re.compile(r"\S*/?(?:shop|widgets)\.sqlite3\.(backup|sqlfix)-\d{8}T\d{6}Z(-\d+)?(\.sqlite3)?")
LEFT_OUT = "…"


def terminal(command: str, folder: Path) -> str:
    """What a terminal of 80 columns shows when a command is run in a folder."""
    words = shlex.split(command)
    assert words[0] == "sqlfix"
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    shown: bytes = forked(*words[1:], cwd=folder, env={**os.environ, "COLUMNS": "80"}, **streams).stdout
    return shown.decode("utf-8")


def same(written: str, shown: str) -> bool:
    """True if what is written is what was shown, but for the backup's name and the lines marked as left out."""
    parts = re.split(rf"^{LEFT_OUT}\n", STAMP.sub(r"\1", written), flags=re.MULTILINE)
    pattern = r"(?:.*\n)+?".join(map(re.escape, parts))
    return re.fullmatch(pattern, STAMP.sub(r"\1", shown)) is not None


@pytest.mark.parametrize(
    ("page", "commands"),
    [(ROOT / "README.md", 1), (WALKTHROUGH, 7), (DOCS / "backfill.md", 4), (DOCS / "alter.md", 4)],
    ids=["README", "walkthrough", "backfill", "alter"],
)
def test_a_session_is_a_real_one(page: Path, commands: int, tmp_path: Path, rewrite: bool) -> None:
    subprocess.run([sys.executable, str(DOCS / "demo" / "build.py"), "shop.sqlite3"], cwd=tmp_path, check=True)
    build(tmp_path / "widgets.sqlite3", (DOCS / "demo" / "widgets.sql").read_text(encoding="utf-8"))
    found = blocks(page, "console")
    for block in found:
        run_session(page, block, tmp_path, rewrite)
    assert len(found) == commands


def test_a_session_on_a_database_of_its_own_is_a_real_one(tmp_path: Path, rewrite: bool) -> None:
    """Each block of SQL makes a new database, and the commands after it are about that."""
    page, ran = DOCS / "repair-schema.md", 0
    for number, block in enumerate(blocks(page, "sql", "console")):
        if block.kind == "sql":
            folder = tmp_path / str(number)
            folder.mkdir()
            build(folder / "shop.sqlite3", block.text)
        else:
            run_session(page, block, folder, rewrite)
            ran += 1
    assert ran == 3


def run_session(page: Path, block: Block, folder: Path, rewrite: bool) -> None:
    """Run the command of a block, and compare what it shows with what is written."""
    head, *_ = block.text.splitlines()
    assert head.startswith("$ ") and block.text.count("\n$ ") == 0, "one command to a block"
    written, shown = block.text.removeprefix(f"{head}\n"), terminal(head[2:], folder)
    if rewrite and not same(written, shown) and LEFT_OUT not in written.splitlines():
        shown = STAMP.sub(lambda found: Path(found[0]).name, shown)
        text = page.read_text(encoding="utf-8")
        old, new = f"```console\n{block.text}```", f"```console\n{head}\n{shown}```"
        page.write_text(text.replace(old, new, 1), encoding="utf-8")
    else:
        assert same(written, shown), f"{head} shows:\n{shown}"


@pytest.mark.skipif(find_spec("pty") is None, reason="there is no terminal to draw")
def test_the_picture_is_what_a_terminal_shows(tmp_path: Path, rewrite: bool) -> None:
    picture = DOCS / "demo" / "scan.svg"
    made = picture if rewrite else tmp_path / "scan.svg"
    subprocess.run([sys.executable, str(DOCS / "demo" / "picture.py"), str(made)], check=True)
    assert picture.read_text(encoding="utf-8") == made.read_text(encoding="utf-8"), f"to redraw it: {REWRITE}"
    assert "\x1b" not in picture.read_text(encoding="utf-8")


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_a_session_that_is_not_real_is_noticed() -> None:
    shown = "a\nb\nc\nBackup: /x/shop.sqlite3.backup-20260101T000000Z\n"
    assert same("a\n…\nBackup: shop.sqlite3.backup-20201231T235959Z\n", shown)
    assert not same("a\n…\nc\n", shown)
    assert not same("a\nc\nBackup: /x/shop.sqlite3.backup-20260101T000000Z\n", shown)


def test_the_demo_shows_the_same_commands() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    demo = re.findall(r"^\t\$\(call show,(.+)\)$", makefile, re.MULTILINE)
    written = [block.text.splitlines()[0].removeprefix("$ ") for block in blocks(WALKTHROUGH, "console")]
    assert written[: len(demo)] == [command.replace("demo/", "") for command in demo]
    assert len(demo) == 4


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        named = set(re.findall(r"(?:`|^)make ([\w-]+)", text, re.MULTILINE))
        assert named <= targets, name_of(page)
    assert {"demo", "test"} <= set(re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(), re.MULTILINE))


# -- pages that are made from the source --------------------------------------------------------------------------

MADE = f"<!-- Made from the source. Do not edit: `{REWRITE}` rewrites it. -->\n"


def filled(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        " ".join(text.split()),
        118,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=False,
    )


def page_of_commands() -> Iterator[str]:
    yield f"# Commands and options\n\n{MADE}"
    yield filled(
        "You can also give each option through the environment variable named beside it; see"
        " [the environment](environment.md). `sqlfix COMMAND --help` shows the same text."
    )
    yield from _command("sqlfix", group)
    for name, command in COMMAND_OF_CONTEXT.items():
        assert command is not None
        yield from _command(f"sqlfix {name}", command)


def _command(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name, help_option_names=HELP)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"\n\n## {name}\n\n```text\n{name} {usage}\n```\n\n"
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    yield "\n\n".join(
        f"```text\n{text.removeprefix(chr(8)).strip()}\n```" if text.startswith("\b") else filled(text)
        for text in paragraphs
    )
    yield "\n\n" + "\n".join(filled(_option(p, context), "* ", "  ") for p in options(command, context))


def options(command: click.Command, context: click.Context) -> list[click.Option]:
    return [param for param in command.get_params(context) if isinstance(param, click.Option)]


def _option(option: click.Option, context: click.Context) -> str:
    """An option as its help says it: names, value, what it does, default, variable."""
    value = option.metavar or ("|".join(option.type.choices) if isinstance(option.type, click.Choice) else "")
    names = ", ".join([*sorted(option.opts, key=len), *option.secondary_opts])  # the order is not that of all versions
    parts = [f"**`{f'{names} {value}'.strip()}`**: {option.help or 'Show this message and exit.'}"]
    if option.show_default:
        default = option.get_default(context)
        shown = (option.opts if default else option.secondary_opts)[0] if option.is_flag else default
        parts.append(f"Default: `{shown}`.")
    if option.envvar:
        parts.append(f"Variable: `{option.envvar}`.")
    return " ".join(parts)


def page_of_checks() -> Iterator[str]:
    yield f"# The checks\n\n{MADE}"
    yield filled(
        "This is what `sqlfix scan` checks. `--select` and `--ignore` take these names. [Scanning](scan.md) says what"
        " applies to all checks, and [the fixes](fixes.md) what a repair does."
    )
    for name in CHECKS.names():
        rule = CHECKS[name]
        assert rule.doc.startswith(f"# {name}\n\n")
        fixes = [f"[`{fix}`](fixes.md#{fix})" for fix, other in FIXES.all().items() if name in other.checks]
        fixes += ["[`sqlfix repair-schema`](repair-schema.md)"] if name in REPAIRED else []
        yield f"\n\n## {name}\n\n{rule.doc.removeprefix(f'# {name}').strip()}\n\n"
        yield f"Severity: {rule.severity.name.lower()}. Fixes: {', '.join(fixes) or 'none'}."


def page_of_fixes() -> Iterator[str]:
    yield f"# The fixes\n\n{MADE}"
    yield filled(
        "This is what `sqlfix repair` and `sqlfix export-sql` do, by the names that a plan shows."
        " [Repairing](repair.md) says which fix is chosen, and how to choose another. For each step, `sqlfix repair -v`"
        " shows what it promises: `lossless` (no stored information is lost), `declared` (it does what the schema's own"
        " ON DELETE would have done, or removes a link row with a missing end) or `choice` (the schema does not"
        " say)."
    )
    yield "\n\n## The order of preference\n\n"
    yield filled(
        "First come the fixes that are lossless, then those that lose the least. Where the schema's own ON DELETE asks"
        " for a fix, that fix is used (`declared`). `repair --only lossless` and `--only declared` leave out what"
        " promises less. `sqlfix fixes` prints this table."
    )
    yield "\n\n| fix | promise | loses | what it does |\n| --- | --- | --- | --- |"
    for name in by_preference():
        yield f"\n| [`{name}`](#{name}) | {promise_of(name)} | {loss_of(name)} | {summary_of_fix(name)} |"
    for name, rule in FIXES.all().items():
        checks = ", ".join(f"[`{check}`](checks.md#{check})" for check in sorted(rule.checks))
        yield f"\n\n## {name}\n\n{rule.doc.strip()}\n\n"
        yield filled(f"It repairs: {checks}. It removes: {rule.loss.name.lower()}.")


MADE_PAGES = {"cli.md": page_of_commands, "checks.md": page_of_checks, "fixes.md": page_of_fixes}


@pytest.mark.parametrize("name", MADE_PAGES)
def test_a_page_is_as_its_source_says(name: str, rewrite: bool) -> None:
    page, made = DOCS / name, "".join(MADE_PAGES[name]()).replace("-->\n", "-->\n\n") + "\n"
    if rewrite:
        page.write_text(made, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == made, f"to rewrite it: {REWRITE}"


def test_every_command_option_check_and_fix_stands_in_the_docs() -> None:
    cli = (DOCS / "cli.md").read_text(encoding="utf-8")
    for name, command in COMMAND_OF_CONTEXT.items():
        section = cli.split(f"\n## sqlfix {name}\n")[1].split("\n## ")[0]
        ran = sqlfix(name, "--help")
        shown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ran.out.split("Options:")[1]))
        assert "--help" in shown and shown <= set(re.findall(r"--[a-z][a-z-]+", section)), name
        assert command is not None
    assert set(CHECKS.names()) - anchors(DOCS / "checks.md") == set()
    assert set(FIXES.all()) - anchors(DOCS / "fixes.md") == set()
    scanning = (DOCS / "scan.md").read_text(encoding="utf-8")
    without = [name for name in CHECKS.names() if f"](checks.md#{name})" not in scanning]
    assert not without, f"docs/scan.md has no line for {', '.join(without)}"


# -- links, options and variables ---------------------------------------------------------------------------------


@together
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)]+)\)", prose(page))
    for link in links:
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(target), link


def test_every_page_can_be_reached() -> None:
    seen: set[Path] = set()
    todo = [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        seen.add(page)
        linked = [(page.parent / link).resolve() for link in re.findall(r"\]\(([^)#:]+\.md)(?:#[^)]*)?\)", prose(page))]
        todo += [other for other in linked if other not in seen]
    assert set(PAGES) <= seen


def typed_commands() -> Iterator[tuple[str, str]]:
    """Every line of a shell example that runs sqlfix: the page, and the words."""
    for page in PAGES:
        for block in blocks(page, "sh", "bash", "console"):
            for line in block.text.splitlines():
                if match := re.match(r"(?:\$ )?(?:\w+=\S+ )*sqlfix (?P<words>.+)", line):
                    yield name_of(page), re.split(r" \|\|? | > ", match["words"])[0]


@together
@pytest.mark.parametrize(("page", "typed"), [*typed_commands()], ids=lambda text: str(text))
def test_an_example_is_understood(page: str, typed: str) -> None:
    words = shlex.split(typed, comments=True)
    if words[0] not in COMMANDS:
        assert words in (["--help"], ["--version"])
        return
    command = COMMAND_OF_CONTEXT[words[0]]
    assert command is not None
    # raises for an option or a value that is unknown
    context = command.make_context(f"sqlfix {words[0]}", words[1:], help_option_names=HELP)
    if "set" in context.params:
        command_options.filled(PlanOptions, context.params).policy()


def test_there_are_examples() -> None:
    assert len({page for page, _ in typed_commands()}) >= 5


def known_options() -> set[str]:
    found = {"--rewrite-goldens", "--fake", "--rolled-back"}  # of pytest, Django's migrate, and Prisma's
    for command in (group, *COMMAND_OF_CONTEXT.values()):
        assert command is not None
        for option in options(command, click.Context(command, help_option_names=HELP)):
            found |= {*option.opts, *option.secondary_opts}
    return found


@together
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_option_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", prose(page).replace("<!--", "").replace("-->", "")))
    assert named <= known_options()


@together
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_variable_that_is_named_exists(page: Path) -> None:
    commands = [command for command in COMMAND_OF_CONTEXT.values() if command]
    known = {
        o.envvar
        for command in commands
        for o in options(command, click.Context(command, help_option_names=HELP))
        if o.envvar
    }
    known |= {"SQLFIX_DATABASE", "SQLFIX_DEBUG", "SQLFIX_COMPLETE"}
    assert set(re.findall(r"SQLFIX_[A-Z_]+", page.read_text(encoding="utf-8"))) <= known


# -- what the pages promise ---------------------------------------------------------------------------------------


def test_the_placeholders_that_are_listed_are_all() -> None:
    section = " ".join(
        (DOCS / "scan.md").read_text(encoding="utf-8").split("### Placeholders")[1].split("###")[0].split()
    )
    listed = set(re.findall(r"`([^`]+)`", section))
    expected = {str(number) for number in sql.PLACEHOLDER_NUMBERS} | {text for text in sql.PLACEHOLDER_TEXTS if text}
    assert {text.upper() for text in listed} == expected
    assert "an empty text" in section


def test_the_bookkeeping_tables_that_are_listed_are_some() -> None:
    line = next(line for line in (DOCS / "repair.md").read_text().splitlines() if "Bookkeeping" in line)
    named = re.findall(r"`(\w+)`", line)
    assert len(named) >= 3 and set(named) <= BOOKKEEPING


def join_table_examples() -> list[tuple[str, str]]:
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \|", (DOCS / "join-tables.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == 7
    return rows


@together
@pytest.mark.parametrize(("example", "verdict"), join_table_examples())
def test_an_example_of_a_join_table_is_one(tmp_path: Path, example: str, verdict: str) -> None:
    columns = re.findall(r"(\w+)_id\b(?= PRIMARY| NOT|,|\))", re.sub(r"(UNIQUE|PRIMARY KEY)\(.*?\)", "", example))
    parents = list(dict.fromkeys(columns))
    assert len(parents) == 2
    keys = "".join(f", FOREIGN KEY ({parent}_id) REFERENCES {parent}" for parent in parents)
    script = "".join(f"CREATE TABLE {parent}(id INTEGER PRIMARY KEY);" for parent in parents)
    # a column's own PRIMARY KEY and a table constraint both may stand before the foreign keys
    path = build(tmp_path / "x.db", f"{script}CREATE TABLE {example.removesuffix(')')}{keys});")
    with reading(path) as opened:
        found = read_schema(opened.connection).join_table(example.split("(")[0])
    said = "not one" if found is None else f"join table{' that carries data' if found.carries_data else ''}"
    assert said == verdict


def shop(folder: Path) -> Path:
    """A database in WAL mode with one orphan."""
    return build(
        folder / "app.db",
        "PRAGMA journal_mode = WAL; CREATE TABLE customers(id INTEGER PRIMARY KEY);"
        "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers);"
        "INSERT INTO customers VALUES (1); INSERT INTO orders VALUES (1, 1), (2, 7);",
    )


@pytest.mark.skipif(shutil.which("sh") is None, reason="the commands are for a POSIX shell")
def test_a_repair_is_undone_as_the_page_says(tmp_path: Path) -> None:
    path = shop(tmp_path)
    before = contents(path)
    assert sqlfix("repair", "--yes", path).code == 0
    assert contents(path) != before
    for suffix in ("-wal", "-shm"):  # as an application that died leaves them
        (tmp_path / f"app.db{suffix}").write_bytes(b"of the database that is put aside")
    commands = blocks(DOCS / "repair.md", "sh")[-1].text
    assert commands.startswith("mkdir aside\n")
    subprocess.run(["sh", "-e", "-c", commands], cwd=tmp_path, check=True)
    assert not (tmp_path / "app.db-wal").exists()
    assert contents(path) == before


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="there is no sqlite3 shell")
def test_a_script_is_run_as_the_page_says(tmp_path: Path) -> None:
    path = shop(tmp_path)
    before = contents(path)
    assert sqlfix("export-sql", path, "-o", tmp_path / "repair.sql").code == 0
    (commands,) = [
        block.text
        for block in blocks(DOCS / "export-sql.md", "sh")
        if "repair.sql" in block.text and "-bail" in block.text
    ]
    subprocess.run(["sh", "-e", "-c", commands], cwd=tmp_path, check=True)
    assert contents(tmp_path / "app.db.before") == before
    assert sqlfix("scan", path).code == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("sqlfix re", "plain,repair\nplain,repair-schema"),
        ("sqlfix repair --on-", "plain,--on-orphan"),
        ("sqlfix repair --on-orphan ke", "plain,keep"),
        ("sqlfix scan app", "file,app"),
        ("sqlfix repair app", "file,app"),
        ("sqlfix export-sql app", "file,app"),
    ],
)
def test_the_shell_completes(monkeypatch: pytest.MonkeyPatch, words: str, expected: str) -> None:
    monkeypatch.setenv("_SQLFIX_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
    assert completion() == f"{expected}\n"


def completion() -> str:
    """What the completion writes; it ends the process, so it is given one of its own."""
    code = "from sqlfix.cli import main; main([])"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert "Traceback" not in ran.stderr
    return ran.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_of_each_shell_is_written(monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    assert f"_SQLFIX_COMPLETE={shell}_source sqlfix" in (DOCS / "environment.md").read_text(encoding="utf-8")
    monkeypatch.setenv("_SQLFIX_COMPLETE", f"{shell}_source")
    text = completion()
    assert f"_SQLFIX_COMPLETE={shell}_complete" in text and "sqlfix" in text


def test_the_variables_of_the_page_do_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shop(tmp_path)
    monkeypatch.setenv("SQLFIX_DATABASE", str(path))
    assert sqlfix("scan").code == 1
    monkeypatch.setenv("SQLFIX_FAIL_ON", "never")
    assert sqlfix("scan").code == 0
    assert sqlfix("scan", "--fail-on", "error").code == 1  # the command line goes first
    monkeypatch.setenv("SQLFIX_IGNORE", "customers orders.customer_id")
    assert sqlfix("scan", "--fail-on", "error").code == 0
    monkeypatch.delenv("SQLFIX_IGNORE")
    monkeypatch.setenv("SQLFIX_BACKUP", "0")
    assert sqlfix("repair", "--yes").code == 0
    assert {file.name for file in files(tmp_path)} == {"app.db"}


def test_advice_ends_the_table_and_q_leaves_it_away(tmp_path: Path) -> None:
    path = shop(tmp_path)
    ran = sqlfix("scan", path)
    report, advice = ran.out.split("\nnext, ")
    assert "sqlfix export-sql" in advice and "sqlfix repair" in advice
    assert sqlfix("scan", "-q", path).out == report
    assert "next, " not in sqlfix("scan", "--format", "markdown", path).out


@pytest.mark.parametrize(("columns", "width"), [("", 80), ("wide", 80), ("60", 60)])
def test_columns_is_how_wide_the_output_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    path = build(
        tmp_path / "x.db",
        f"CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
        f"CREATE TABLE {'long_' * 12}name(p_id INTEGER REFERENCES p); INSERT INTO {'long_' * 12}name VALUES (0), (1);",
    )
    monkeypatch.setenv("COLUMNS", columns)
    longest = max(len(line) for line in sqlfix("scan", "-q", path).out.splitlines()[1:])
    assert width - 15 < longest <= width


def test_a_finding_names_its_table(tmp_path: Path) -> None:
    path = shop(tmp_path)
    (found,) = sqlfix("scan", "--format", "json", path).json["findings"]
    assert found["message"] == "1 row of orders references 1 missing key of customers (id) through customer_id"


def test_a_finding_says_that_the_parents_look_lost(tmp_path: Path) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE customers(id INTEGER PRIMARY KEY); CREATE TABLE orders(customer_id REFERENCES customers);"
        "INSERT INTO orders VALUES (1), (2);",
    )
    said = " ".join(sqlfix("scan", path).out.split())
    assert "2 missing keys of customers (id) through customer_id; customers is empty" in said
    assert "hint: it looks as if the parents were lost, so repair holds this back" in said
    assert sqlfix("repair", "--dry-run", path).code == 1


def test_what_is_out_of_scope_is_not_said_to_be_missing(tmp_path: Path) -> None:
    ran = sqlfix("scan", "--ignore", "orders", shop(tmp_path))
    said = " ".join(ran.out.split())
    assert said.endswith("app.db: no faults found; no foreign keys are in scope")
    assert ran.code == 0
