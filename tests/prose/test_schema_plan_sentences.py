"""A change of the schema in words, as JSON and as a script; with names that a stranger chose."""

from __future__ import annotations

import json
import unicodedata

import pytest
from formats.samples import HOSTILE
from support import json_schema, keep_to, together

from sqlfix.model.plans import Left, SchemaFact, SchemaPlan, SchemaStep
from sqlfix.prose.format import View, formats_of, written
from sqlfix.prose.schema_plan import deed, fact_in_words, headline

REBUILD = SchemaStep("rebuild", "table", "orders", "CREATE TABLE orders (a)", why="as you asked", rows=1200)
STEPS = {
    "rebuild table orders, which keeps its 1,200 rows: as you asked": REBUILD,
    "rebuild table t, whose rows stay where they are": SchemaStep("rebuild", "table", "t"),
    "rename table a__old to a: it is gone": SchemaStep("rename", "table", "a__old", to="a", why="it is gone"),
    "make view v anew": SchemaStep("rewrite", "view", "v"),
    "create index i": SchemaStep("create", "index", "i"),
    "drop table t and its 1 row": SchemaStep("drop", "table", "t", rows=1),
    "drop trigger x": SchemaStep("drop", "trigger", "x"),
}
FACTS = {
    "o.c: may be NULL → NOT NULL": ("table", "o", "not null", ("c",), None, "NOT NULL"),
    "o.c: NOT NULL → may be NULL": ("table", "o", "not null", ("c",), "NOT NULL", None),
    "o.(a, b): not unique → UNIQUE": ("table", "o", "unique", ("a", "b"), None, "UNIQUE"),
    "o.c: no foreign key → REFERENCES p(id)": ("table", "o", "foreign key", ("c",), None, "REFERENCES p(id)"),
    "o.c: default: no DEFAULT → 5": ("table", "o", "default", ("c",), None, "5"),
    "o.c: type: INT → TEXT": ("table", "o", "type", ("c",), "INT", "TEXT"),
    "o.c: CHECK (c > 0) → no CHECK": ("table", "o", "check", ("c",), "CHECK (c > 0)", None),
    "o: name: o → p": ("table", "o", "name", (), "o", "p"),
    "index i is new": ("index", "i", "index", (), None, "CREATE INDEX i ON t(a)"),
    "view v is gone": ("view", "v", "view", (), "CREATE VIEW v AS SELECT 1", None),
    "trigger x has another text": ("trigger", "x", "text", (), "CREATE …", "CREATE …"),
}


@together
@pytest.mark.parametrize("words", STEPS)
def test_a_step_says_what_it_does_and_why(words: str) -> None:
    assert deed(STEPS[words]) == words


@together
@pytest.mark.parametrize("words", FACTS)
def test_a_fact_says_what_was_and_what_is(words: str) -> None:
    fact = SchemaFact(*FACTS[words])  # type: ignore[arg-type]
    assert fact_in_words(fact) == words
    assert fact_in_words(fact, unicode=False).isascii() or "…" in words


def test_what_is_done_is_said_as_done() -> None:
    assert deed(REBUILD, done=True) == "rebuilt table orders, which keeps its 1,200 rows: as you asked"
    plan = SchemaPlan("a.db", (REBUILD,))
    assert headline(plan) == "a.db: 1 step planned"
    assert headline(SchemaPlan("a.db", (REBUILD,), applied=True)) == "a.db: 1 step applied"
    assert headline(SchemaPlan("a.db", ())) == "a.db: there is nothing to change"


def hostile(name: str) -> SchemaPlan:
    return SchemaPlan(
        name,
        (SchemaStep("rebuild", "table", name, name, why=name), SchemaStep("rename", "table", name, to=name)),
        tuple(SchemaFact("table", name, what, (name,), name, name) for what in ("unique", "text", "table", name)),
        left=(Left("orphan-rows", name, (name,), name, (name,), 3, name, name),),
        next=(name,),
    )


@together
@pytest.mark.parametrize("name", HOSTILE.values())
def test_no_hostile_name_gets_through(name: str) -> None:
    for format_name in formats_of(SchemaPlan):
        for view in (View(), View(width=40, unicode=False, verbose=2)):
            text = "".join(written(format_name, hostile(name), view))
            if format_name == "sql":  # what is no comment has to name things as they are
                text = "".join(line for line in text.splitlines(keepends=True) if line.startswith("--"))
            assert not {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn")}


@together
@pytest.mark.parametrize("plan", [SchemaPlan("a.db", ()), hostile("x"), hostile("a\nb"), SchemaPlan("a", (REBUILD,))])
def test_the_json_keeps_to_its_schema(plan: SchemaPlan) -> None:
    document = json.loads("".join(written("json", plan, View())))
    keep_to(json_schema("schema_plan"), document)
    assert [step["name"] for step in document["steps"]] == [step.name for step in plan.steps]


def test_the_script_holds_the_statements_in_one_transaction() -> None:
    plan = SchemaPlan("a.db", (REBUILD,), statements=("DROP TABLE x", "CREATE TABLE orders (a -- b\n)"))
    text = "".join(written("sql", plan, View()))
    begin, end = text.index("\nBEGIN;\n"), text.index("\nCOMMIT;\n")
    assert text.index("PRAGMA foreign_keys = OFF;") < begin < text.index("DROP TABLE x;") < end
    assert "CREATE TABLE orders (a -- b\n);\n" in text
    assert "".join(written("sql", SchemaPlan("a.db", ()), View())).endswith("-- There is nothing to change.\n")
