"""What a program calls: the examples of its page run, and nothing that they call prints or asks."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest
from support import build, contents, sqlfix

from sqlfix import api
from tests.test_docs import DOCS, blocks

ORPHAN = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p (id));"
    "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (2, 7);"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return build(tmp_path / "x.db", ORPHAN)


def test_the_examples_of_the_page_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["build.py", "shop.sqlite3"])
    runpy.run_path(str(DOCS / "demo" / "build.py"), run_name="__main__")
    before = contents(tmp_path / "shop.sqlite3")
    capsys.readouterr()
    names: dict[str, object] = {}
    for block in blocks(DOCS / "api.md", "python"):
        exec(block.text, names)
    assert contents(tmp_path / "shop.sqlite3") == before, "it was repaired, and that was undone"
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.startswith("orphan-rows ")
    assert names["text"] == sqlfix("scan", "--format", "json", "shop.sqlite3").out
    assert names["script"] == sqlfix("export-sql", "shop.sqlite3").out
    chosen = names["chosen"]
    assert isinstance(chosen, api.Plan)
    assert [fix.table for fix in chosen.fixes] == ["shop_product"]
    suppliers = names["suppliers"]
    assert isinstance(suppliers, api.Plan)
    assert [(fix.table, fix.rows) for fix in suppliers.fixes] == [("shop_supplier", 10), ("shop_product", 10)]


def test_nothing_is_printed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told: list[float | None] = []
    with api.open_database(path) as database:
        found = api.scan(database)
        assert [row.row.key for row in found.rows(lambda _: None)] == [(("id", 2),)]
        plan = api.make_plan(database, progress=lambda part, now: told.append(part))
    done = api.repair(path, plan, api.ChangeOptions(backup_to=path.parent / "kept.db"))
    assert (done.backup, done.applied) == (str(path.parent / "kept.db"), True)
    records, _ = api.records_beside(path)
    taken_back = api.undo(path, api.choose(records, None), api.ChangeOptions(backup=False))
    assert (taken_back.exact, taken_back.backup) == (True, None)
    assert taken_back.record is not None and taken_back.record.is_file()
    assert told[-1] is None
    assert capsys.readouterr() == ("", "")


def test_a_plan_that_does_not_say_of_which_schema_it_is_is_not_carried_out(path: Path) -> None:
    from dataclasses import replace

    with api.open_database(path) as database:
        plan = api.make_plan(database)
    before = contents(path)
    with pytest.raises(api.SqlfixError, match="schema has changed"):
        api.repair(path, replace(plan, schema=None))
    assert contents(path) == before


def test_what_is_raised_by_a_sign_stops_the_work(path: Path) -> None:
    class Enough(Exception):
        pass

    def stop() -> None:
        raise Enough

    long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e8) SELECT max(i) FROM n"
    with (
        pytest.raises((Enough, KeyboardInterrupt, api.SqlfixError)),
        api.open_database(path, sign=stop) as database,
    ):
        database.connection.execute(long).fetchone()
