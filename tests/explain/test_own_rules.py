"""What an application refuses by a rule of its own: the texts of the ORMs, and the rows that they are about."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import build, sqlfix, together

from sqlfix.explain.errors.message import Kind
from sqlfix.explain.errors.own_rules import MEANINGS
from sqlfix.explain.errors.recognise import recognise

SHOP = """
    CREATE TABLE gallery_image (id INTEGER PRIMARY KEY, file TEXT);
    CREATE TABLE blog_somepage (id INTEGER PRIMARY KEY, image_id INT REFERENCES gallery_image (id), author_id INT
      REFERENCES people (id) ON DELETE CASCADE);
    CREATE TABLE people (id INTEGER PRIMARY KEY); CREATE TABLE campaigns (id INTEGER PRIMARY KEY);
    CREATE TABLE activity_budgets (id INTEGER PRIMARY KEY, campaign_id INT REFERENCES campaigns ON DELETE CASCADE);
    CREATE TABLE addresses (id INTEGER PRIMARY KEY, person_id INT REFERENCES people ON DELETE SET NULL);
    CREATE TABLE shift (id INTEGER PRIMARY KEY);
    CREATE TABLE shift_entry (shift_id INT REFERENCES shift, n INT, PRIMARY KEY (shift_id, n));
    INSERT INTO gallery_image VALUES (1, 'a'), (2, 'b'); INSERT INTO people VALUES (1);
    INSERT INTO campaigns VALUES (4);
    INSERT INTO blog_somepage VALUES (1, 1, 1), (2, 1, NULL), (3, NULL, 1); INSERT INTO activity_budgets VALUES (1, 4);
    INSERT INTO addresses VALUES (8, 1); INSERT INTO shift VALUES (3); INSERT INTO shift_entry VALUES (3, 1), (3, 2);
"""
PROTECTED = "Cannot delete some instances of model 'Image' because they are referenced through "
TEXTS = {
    "Django to 3.0": (
        "django.db.models.deletion.ProtectedError: (\"" + PROTECTED
        + "a protected foreign key: 'SomePage.image'\", <QuerySet [<SomePage: Tand des tijds>]>)",
        "Django",
        "PROTECT",
        "2 rows of blog_somepage reference rows of gallery_image through image_id",
        "sqlfix why shop.db gallery_image 1",
    ),
    "Django": (
        PROTECTED + "protected foreign keys: 'Other.x',\n'SomePage.image'.",
        "Django",
        "PROTECT",
        "2 rows of blog_somepage reference rows of gallery_image through image_id",
        "sqlfix why shop.db gallery_image 1",
    ),
    "Django's RESTRICT": (
        PROTECTED.replace("Image", "Gone") + "restricted foreign keys: 'SomePage.author'.",
        "Django",
        "RESTRICT",
        "2 rows of blog_somepage reference rows of people through author_id",
        "sqlfix why shop.db people 1",
    ),
    "Rails": (
        "An ActiveRecord::DeleteRestrictionError occurred in campaigns#destroy:\n\n"
        "  Cannot delete record because of dependent activity_budgets\n  config/initializers/apartment.rb:52:in `call'",
        "Rails",
        ":restrict_with_exception",
        "1 row of activity_budgets references rows of campaigns through campaign_id",
        "sqlfix why shop.db campaigns 4",
    ),
    "Rails, an error of the record": (
        "Cannot delete record because a dependent address exists",
        "Rails",
        ":restrict_with_error",
        "1 row of addresses references rows of people through person_id",
        "sqlfix why shop.db people 1",
    ),
    "Rails, several": (
        "Failed to destroy: Cannot delete record because dependent activity budgets exist (RuntimeError)",
        "Rails",
        ":restrict_with_error",
        "1 row of activity_budgets references rows of campaigns through campaign_id",
        "sqlfix why shop.db campaigns 4",
    ),
    "SQLAlchemy": (
        "AssertionError: Dependency rule tried to blank-out primary key column 'shift_entry.shift_id' on instance "
        "'<ShiftEntry at 0x7f464228ad60>'",
        "SQLAlchemy",
        "delete-orphan",
        "2 rows of shift_entry reference rows of shift through shift_id",
        "sqlfix why shop.db shift 3",
    ),
    "SQLAlchemy from 2.0.24": (
        "Dependency rule on column 'shift.id' tried to blank-out primary key column 'shift_entry.shift_id' on instance "
        "'<ShiftEntry at 0x7f464228ad60>'",
        "SQLAlchemy",
        "delete-orphan",
        "2 rows of shift_entry reference rows of shift through shift_id",
        "sqlfix why shop.db shift 3",
    ),
    "EF Core": (
        "System.InvalidOperationException: The association between entity types 'Campaign' and 'ActivityBudget' has"
        " been severed, but the relationship is either marked as required or is implicitly required because the foreign"
        " key is not nullable.",
        "EF Core",
        "DeleteBehavior.Cascade",
        "1 row of activity_budgets references rows of campaigns through campaign_id",
        "sqlfix why shop.db campaigns 4",
    ),
    "EF Core with the key": (
        "The association between entities 'People' and 'Address' with the key value '{Id: 40}' has been severed but the"
        " relationship is either marked as 'Required'",
        "EF Core",
        "DeleteBehavior.Cascade",
        "1 row of addresses references rows of people through person_id",
        "sqlfix why shop.db people 1",
    ),
    "Prisma": (
        "The change you are trying to make would violate the required relation 'CampaignToBudget' between the "
        "`ActivityBudget` and `Campaign` models.\n  code: 'P2014', PrismaClientKnownRequestError",
        "Prisma",
        "its schema requires",
        "1 row of activity_budgets references rows of campaigns through campaign_id",
        "sqlfix why shop.db campaigns 4",
    ),
}  # fmt: skip


@together
@pytest.mark.parametrize("name", TEXTS)
def test_a_refusal_of_the_application_names_the_rows_that_it_is_about(tmp_path: Path, name: str) -> None:
    text, framework, rule, said, command = TEXTS[name]
    path = build(tmp_path / "shop.db", SHOP)
    found = recognise(text)
    assert found is not None and (found.kind, found.framework) == (Kind.OWN_RULE, framework)
    ran = sqlfix("why", path, "--error", text)
    words = " ".join(ran.out.split())
    assert ran.code == 1 and said in words and rule in words and "no row is at fault" in words, ran.out
    assert command.replace("shop.db", str(path)) in words
    assert "2. " not in ran.out  # no other relationship is meant


@together
@pytest.mark.parametrize("name", TEXTS)
def test_where_no_row_is_left_that_is_said(tmp_path: Path, name: str) -> None:
    path = build(tmp_path / "shop.db", SHOP.partition("INSERT")[0])
    ran = sqlfix("why", path, "--error", TEXTS[name][0])
    assert ran.code == 0 and "No row stored in" in ran.out, ran.out


def test_a_model_that_the_file_does_not_know_is_not_guessed(tmp_path: Path) -> None:
    path = build(tmp_path / "shop.db", SHOP)
    for text in (
        PROTECTED.replace("Image", "Gone") + "protected foreign keys: 'Lost.found'.",
        "Cannot delete record because of dependent variants",
        "The association between entity types 'A' and 'B' has been severed",
    ):
        ran = sqlfix("why", path, "--error", text)
        assert ran.code == 2 and "no foreign key that this file declares" in " ".join(ran.out.split()), ran.out


def test_each_rule_has_its_meaning() -> None:
    known = {found.what for text, *_ in TEXTS.values() if (found := recognise(text))}
    assert known == {*MEANINGS}


def test_sqlalchemy_itself_says_so(tmp_path: Path) -> None:
    sa, orm = pytest.importorskip("sqlalchemy"), pytest.importorskip("sqlalchemy.orm")
    path, base = build(tmp_path / "shop.db", SHOP), orm.declarative_base()
    entry = type("ShiftEntry", (base,), {
        "__tablename__": "shift_entry", "shift_id": sa.Column(sa.ForeignKey("shift.id"), primary_key=True),
        "n": sa.Column(sa.Integer, primary_key=True),
    })  # fmt: skip
    shift = type("Shift", (base,), {
        "__tablename__": "shift", "id": sa.Column(sa.Integer, primary_key=True), "entries": orm.relationship(entry),
    })  # fmt: skip
    engine = sa.create_engine(f"sqlite:///{path}")
    with orm.Session(engine) as session, pytest.raises(AssertionError) as refused:
        session.delete(session.get(shift, 3))
        session.commit()
    engine.dispose()
    ran = sqlfix("why", path, "--error", f"AssertionError: {refused.value}")
    assert ran.code == 1 and "2 rows of shift_entry" in ran.out
