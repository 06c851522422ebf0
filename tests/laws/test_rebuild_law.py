"""Every table of a generated database survives a rebuild: to the same text nothing changes, and undo takes all back."""

from __future__ import annotations

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from schema_digest import everything
from strategies import Case, cases
from support import sqlfix

from sqlfix.errors import RolledBack
from sqlfix.model.plans import SchemaStep
from sqlfix.plan.schema_changes import plan_schema_change
from sqlfix.repair.change import ChangeOptions
from sqlfix.repair.schema_change import change_schema
from sqlfix.schema.database import open_database
from tests.laws.test_properties import SLOW, folder

pytestmark = pytest.mark.oracle


@settings(SLOW, max_examples=settings().max_examples // 3)
@given(case=cases(), in_place=st.booleans(), commented=st.booleans())
def test_a_rebuild_keeps_all_that_there_is(case: Case, in_place: bool, commented: bool) -> None:
    with folder() as place:
        path = case.build(place / "x.db")
        before = everything(path)
        with open_database(path) as database:
            tables = [table for table in database.schema.tables if table.kind == "table"]
            cut = [table.sql.rpartition(")") for table in tables]
            texts = [f"{start} /* x */){rest}" if commented else start + sign + rest for start, sign, rest in cut]
            pairs = zip(tables, texts, strict=True)
            steps = [SchemaStep("rebuild", "table", table.name, text) for table, text in pairs]
            plan = plan_schema_change(database, steps, in_place)
        assert {fact.what for fact in plan.facts} == ({"text"} if commented and steps else set())
        try:
            change_schema(path, plan, ChangeOptions(backup=False))
        except RolledBack as refused:
            event("rolled back")
            assert case.null_in_not_null or "would not hold" in refused.message, refused.message
            assert everything(path) == before
            return
        changed = {name: value for name, value in everything(path).items() if name != "schema" or not commented}
        assert changed == {name: before[name] for name in changed}
        if commented and steps:
            assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
            assert everything(path) == before
