"""What ON DELETE of one relationship does: the rows that refer go as well, or are set, or keep the row in its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import build, together

from sqlfix.plan.row_deletion import OnDelete, on_delete
from sqlfix.schema.catalogue import read_schema
from sqlfix.schema.stored_form import with_text
from sqlfix.sqlite.snapshot import reading

DOES = {
    "p REFERENCES p ON DELETE CASCADE": OnDelete(cascades=True),
    "p REFERENCES p": OnDelete(keeps="1"),
    "p REFERENCES p ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED": OnDelete(keeps="1"),
    "p REFERENCES p DEFERRABLE INITIALLY DEFERRED": OnDelete(keeps="1", reason="SQLite complains only at COMMIT"),
    "p REFERENCES p ON DELETE SET NULL": OnDelete(sets=("NULL",)),
    "p NOT NULL REFERENCES p ON DELETE SET NULL": OnDelete(
        sets=("NULL",), keeps="1", reason="p may not be NULL", forbids_null=True
    ),
    "p REFERENCES p ON DELETE SET DEFAULT": OnDelete(sets=("(NULL)",)),
    "p DEFAULT (NULL) REFERENCES p ON DELETE SET DEFAULT": OnDelete(sets=("(NULL)",)),
}


@together
@pytest.mark.parametrize(("column", "does"), DOES.items(), ids=DOES)
def test_what_on_delete_does(tmp_path: Path, column: str, does: OnDelete) -> None:
    path = build(tmp_path / "x.db", f"CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c({column});")
    with reading(path) as opened:
        schema = with_text(read_schema(opened.connection))
        (fk,) = schema.foreign_keys
        assert on_delete(schema, fk) == does


@pytest.mark.parametrize(
    ("default", "gone", "kept"),
    [("7", "", 1), ("2", "", 0), ("2", " AND q.id <> 2", 1), ("nullif(1, 1)", "", 0)],
    ids=["no such parent", "a parent", "a parent that goes as well", "a NULL that has to be worked out"],
)
def test_a_default_keeps_the_row_where_it_has_no_parent(tmp_path: Path, default: str, gone: str, kept: int) -> None:
    path = build(
        tmp_path / "x.db",
        "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);"
        f"CREATE TABLE c(p DEFAULT ({default}) REFERENCES p ON DELETE SET DEFAULT);",
    )
    with reading(path) as opened:
        schema = read_schema(opened.connection)
        does = on_delete(schema, schema.foreign_keys[0], gone)
        assert opened.connection.execute(f"SELECT {does.keeps}").fetchone() == (kept,)
        assert does.reason.endswith("has no row in p")
