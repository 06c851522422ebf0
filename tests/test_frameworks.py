"""Databases that real frameworks made through their own migrations, damaged, repaired, and used by them again."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from damages import followed
from forked import forked_python
from support import build, contents, run_script, sqlfix, violations

FRAMEWORKS = Path(__file__).parent / "frameworks"
OF_DJANGO = (
    "django.core.management.commands.makemigrations",
    "django.core.management.commands.migrate",
    "django.db.backends.sqlite3.base",
    "django.db.models",
)
"""What takes most of the time of its commands to import, and needs no settings."""


def repaired_like_the_script(path: Path, expected_left: int = 0) -> dict[str, Any]:
    """Repair a database; the script on a copy does the same, the second scan is clean. The plan as JSON."""
    twin = path.with_name("twin.db")
    shutil.copyfile(path, twin)
    run_script(twin, sqlfix("export-sql", twin).out)
    ran = sqlfix("repair", path, "--yes", "--format", "json")
    assert ran.code == (1 if expected_left else 0), ran.err
    assert contents(path) == contents(twin)
    assert sqlfix("scan", path).code == (1 if expected_left else 0)
    assert len(ran.json["left"]) == expected_left
    return ran.json


# -- Django -------------------------------------------------------------------------------------------------------

DJANGO_DAMAGE = """
DELETE FROM library_author WHERE id = 2;
DELETE FROM library_publisher WHERE id = 1;
DELETE FROM library_tag WHERE id = 3;
DELETE FROM library_book WHERE id = 4;
DELETE FROM library_club WHERE id = 2;
DELETE FROM library_place WHERE id = 2;
DELETE FROM library_country WHERE code = 'se';
DELETE FROM library_reader WHERE card = 'card 3';
DELETE FROM library_branch WHERE id = 1;
"""

DJANGO_AFTERWARDS = {
    "books": {
        "1": {"author": "author 1", "publisher": None, "tags": [1, 2], "related": [3]},
        "3": {"author": "author 3", "publisher": None, "tags": [1], "related": [1]},
        "6": {"author": "author 3", "publisher": "publisher 2", "tags": [1], "related": [7]},
        "7": {"author": "author 1", "publisher": None, "tags": [1, 2], "related": [6]},
        "9": {"author": "author 3", "publisher": None, "tags": [1], "related": []},
    },
    "profiles": ["author 1", "author 3"],
    "clubs": {"1": [1, 3]},
    "roles": [[1, "reader"], [3, "reader"]],
    "places": ["park", "shop 1"],
    "shops": ["shop 1"],
    "shelves": [["shop 1", "shelf 1"], ["shop 1", "shelf 3"]],
    "permits": [["no", "card 1"], ["no", "card 2"], ["no", "card 4"]],
    "branches": {"2": {"from": 2}, "3": {"from": 3}},
    "loans": {
        "1": ["card 2", None, [1, {"late": False}]],
        "3": ["card 4", 2, [3, {"late": False}]],
        "4": ["card 1", 2, [4, {"late": True}]],
        "5": ["card 2", 2, [5, {"late": False}]],
        "7": ["card 4", 3, [7, {"late": False}]],
        "8": ["card 1", 3, [8, {"late": True}]],
    },
    "tagged 1": [1, 3, 6, 7, 9],
}


class DjangoProject:
    """The project of ``tests/frameworks`` in a folder of its own, each command in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "db.sqlite3"
        for name in ("settings.py", "drive.py"):
            shutil.copyfile(FRAMEWORKS / name, folder / name)
        shutil.copytree(FRAMEWORKS / "library", folder / "library", ignore=shutil.ignore_patterns("__pycache__"))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "settings",
            "DATABASE": str(self.database),
            "PYTHONPATH": os.pathsep.join([str(self.folder), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return forked_python(
            *arguments,
            imported=OF_DJANGO,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def must(self, *arguments: str) -> str:
        ran = self.run(*arguments)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def manage(self, *arguments: str) -> str:
        return self.must("-m", "django", *arguments)


@pytest.fixture(scope="module")
def django_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project whose database was made by ``migrate``, filled by Django, and damaged."""
    pytest.importorskip("django")
    project = DjangoProject(tmp_path_factory.mktemp("django"))
    project.manage("makemigrations", "library")
    project.manage("migrate")
    project.must("drive.py", "fill")
    project.must("drive.py", "check")
    build(project.database, DJANGO_DAMAGE)
    return project.folder


@pytest.fixture
def django(django_template: Path, tmp_path: Path) -> DjangoProject:
    folder = tmp_path / "project"
    folder.mkdir()
    project = DjangoProject(folder)
    shutil.copytree(django_template / "library", folder / "library", dirs_exist_ok=True)
    shutil.copyfile(django_template / "db.sqlite3", project.database)
    return project


def add_migration(project: DjangoProject) -> None:
    shutil.copyfile(FRAMEWORKS / "next_migration.py", project.folder / "library" / "migrations" / "0002_later.py")


def test_django_itself_refuses_the_damaged_database(django: DjangoProject) -> None:
    checked = django.run("drive.py", "check")
    assert checked.returncode == 1
    assert "has an invalid foreign key" in checked.stdout
    add_migration(django)
    migrated = django.run("-m", "django", "migrate")
    assert migrated.returncode != 0
    assert "IntegrityError" in migrated.stderr


def test_a_django_database_is_found_to_be_what_it_is(django: DjangoProject) -> None:
    report = sqlfix("scan", django.database, "--format", "json").json
    orphans = {
        (r["child"].removeprefix("library_"), *r["child_columns"]): r["orphans"]
        for r in report["relationships"]
        if r["orphans"]
    }
    assert orphans == {
        ("book", "author_id"): 3,
        ("book", "publisher_id"): 5,
        ("book_tags", "tag_id"): 4,
        ("book_tags", "book_id"): 2,
        ("book_related", "from_book_id"): 1,
        ("book_related", "to_book_id"): 1,
        ("profile", "author_id"): 1,
        ("membership", "author_id"): 1,
        ("membership", "club_id"): 2,
        ("shop", "place_ptr_id"): 1,
        ("permit", "country_id"): 4,
        ("permit", "reader_id"): 2,
        ("branch", "country_id"): 1,
        ("loan", "reader_id"): 2,
        ("loan", "branch_id"): 2,
    }
    assert sum(violations(django.database).values()) == sum(orphans.values())
    joins = {join["table"]: join["carries_data"] for join in report["join_tables"]}
    assert joins["library_book_tags"] is False
    assert joins["library_book_related"] is False
    assert joins["library_permit"] is False


def test_django_migrates_and_finds_everything_after_the_repair(django: DjangoProject) -> None:
    plan = repaired_like_the_script(django.database)
    consequences = {(fix["table"], fix["rows"]) for fix in plan["fixes"] if not fix["checks"]}
    assert ("library_shelf", 1) in consequences  # its shop is an orphan itself, and goes
    django.must("drive.py", "check")
    assert json.loads(django.must("drive.py", "state")) == DJANGO_AFTERWARDS
    add_migration(django)
    django.manage("migrate")
    django.must("drive.py", "check")
    assert json.loads(django.must("drive.py", "state")) == DJANGO_AFTERWARDS


def test_django_saves_and_deletes_every_object_after_the_repair(django: DjangoProject) -> None:
    assert django.run("drive.py", "save").returncode != 0
    assert sqlfix("repair", django.database, "--yes", "--no-backup").code == 0
    django.must("drive.py", "save")
    assert django.must("drive.py", "delete") == "0\n"


def test_django_migrations_are_no_business_of_a_repair(django: DjangoProject) -> None:
    before = contents(django.database)
    sqlfix("repair", django.database, "--yes", "--no-backup")
    after = contents(django.database)
    for name in ("schema", "django_migrations", "sqlite_sequence", "library_author", "library_place"):
        assert after[name] == before[name]


def test_django_works_again_where_references_had_followed_a_rename(django: DjangoProject) -> None:
    """As migrations left them that SQLite 3.25 and earlier Djangos ran; what comes back is the schema to the letter."""
    assert sqlfix("repair", django.database, "--yes", "--no-backup").code == 0
    whole, state = contents(django.database), django.must("drive.py", "state")
    with contextlib.closing(sqlite3.connect(django.database, isolation_level=None)) as connection:
        for table in ("library_author", "library_book", "library_reader"):
            followed(connection, table)
    failed = django.run("drive.py", "save")
    assert failed.returncode != 0 and "__old" in failed.stderr
    assert sqlfix("scan", django.database).code == 1
    assert sqlfix("repair-schema", django.database, "--yes", "--no-backup").code == 0
    assert sqlfix("scan", django.database).code == 0
    assert contents(django.database) == whole
    django.manage("makemigrations", "--check", "--dry-run")
    django.must("drive.py", "check")
    django.must("drive.py", "save")
    add_migration(django)
    django.manage("migrate")
    assert django.must("drive.py", "state") == state
    assert django.must("drive.py", "delete") == "0\n"


# -- SQLAlchemy ---------------------------------------------------------------------------------------------------


@pytest.fixture
def alchemy(tmp_path: Path) -> Iterator[Any]:
    """A filled and damaged database of SQLAlchemy's, its classes, and an engine that enforces foreign keys."""
    sa = pytest.importorskip("sqlalchemy")
    orm = pytest.importorskip("sqlalchemy.orm")

    class Base(orm.DeclarativeBase):
        pass

    class Customer(Base):
        __tablename__ = "customer"
        id = sa.Column(sa.Integer, primary_key=True)

    class Coupon(Base):
        __tablename__ = "coupon"
        id = sa.Column(sa.Integer, primary_key=True)

    link = sa.Table(
        "order_tag",
        Base.metadata,
        sa.Column("order_id", sa.ForeignKey("order.id"), primary_key=True),
        sa.Column("tag_id", sa.ForeignKey("tag.id"), primary_key=True),
    )

    class Tag(Base):
        __tablename__ = "tag"
        id = sa.Column(sa.Integer, primary_key=True)

    class Order(Base):
        __tablename__ = "order"
        id = sa.Column(sa.Integer, primary_key=True)
        customer_id = sa.Column(sa.ForeignKey("customer.id"), nullable=False)
        coupon_id = sa.Column(sa.ForeignKey("coupon.id"))
        customer = orm.relationship(Customer)
        coupon = orm.relationship(Coupon)
        tags = orm.relationship(Tag, secondary=link)

    class Note(Base):
        __tablename__ = "note"
        id = sa.Column(sa.Integer, primary_key=True)
        order_id = sa.Column(sa.ForeignKey("order.id", ondelete="CASCADE"))
        order = orm.relationship(Order, backref=orm.backref("notes", cascade="all, delete-orphan"))

    class Site(Base):
        __tablename__ = "site"
        country = sa.Column(sa.String(2), primary_key=True)
        number = sa.Column(sa.Integer, primary_key=True)

    class Stock(Base):
        __tablename__ = "stock"
        id = sa.Column(sa.Integer, primary_key=True)
        number = sa.Column(sa.Integer, nullable=False)
        country = sa.Column(sa.String(2))
        site = orm.relationship(Site)
        __table_args__ = (sa.ForeignKeyConstraint(["country", "number"], ["site.country", "site.number"]),)

    class Category(Base):
        __tablename__ = "category"
        id = sa.Column(sa.Integer, primary_key=True)
        parent_id = sa.Column(sa.ForeignKey("category.id"))
        parent = orm.relationship("Category", remote_side=[id])

    path = tmp_path / "alchemy.db"
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    Base.metadata.create_all(engine)
    with orm.Session(engine) as session:
        session.add_all([Customer(id=1), Customer(id=2), Coupon(id=1), Coupon(id=2), Tag(id=1), Tag(id=2)])
        session.add_all([Category(id=1), Category(id=2, parent_id=1), Category(id=3, parent_id=2)])
        session.add_all([Site(country="NO", number=1), Site(country="NO", number=2), Site(country="SE", number=1)])
        session.flush()
        tags = {tag.id: tag for tag in session.query(Tag)}
        session.add_all(
            [
                Order(id=1, customer_id=1, coupon_id=1, tags=[tags[1], tags[2]]),
                Order(id=2, customer_id=2, coupon_id=2, tags=[tags[1]]),
                Order(id=3, customer_id=1, coupon_id=2, tags=[tags[2]]),
                Note(id=1, order_id=1),
                Note(id=2, order_id=2),
                Note(id=3, order_id=None),
                Stock(id=1, country="NO", number=1),
                Stock(id=2, country="NO", number=2),
                Stock(id=3, country=None, number=2),
                Stock(id=4, country="SE", number=1),
            ]
        )
        session.commit()
    build(
        path,
        """DELETE FROM customer WHERE id = 2; DELETE FROM coupon WHERE id = 1; DELETE FROM tag WHERE id = 2;
        DELETE FROM site WHERE country = 'NO' AND number = 2; DELETE FROM category WHERE id = 1;""",
    )
    strict = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    sa.event.listen(strict, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))
    yield path, Base, strict, orm, sa
    engine.dispose()
    strict.dispose()


def save_everything(base: Any, engine: Any, orm: Any) -> None:
    """Write every column of every object anew, each object on its own, with enforcement on."""
    for mapper in base.registry.mappers:
        with orm.Session(engine) as session:
            things = session.query(mapper.class_).all()
            for thing in things:
                for column in mapper.column_attrs:
                    orm.attributes.flag_modified(thing, column.key)
                session.flush()
            session.commit()


def test_sqlalchemy_refuses_to_save_the_orphans_and_saves_everything_afterwards(alchemy: Any) -> None:
    path, base, engine, orm, sa = alchemy
    with pytest.raises(sa.exc.IntegrityError):
        save_everything(base, engine, orm)
    repaired_like_the_script(path)
    save_everything(base, engine, orm)


def test_sqlalchemy_finds_what_the_rule_of_least_loss_leaves(alchemy: Any) -> None:
    path, base, engine, orm, _ = alchemy
    repaired_like_the_script(path)
    classes = {mapper.class_.__name__: mapper.class_ for mapper in base.registry.mappers}
    with orm.Session(engine) as session:
        orders = {order.id: order for order in session.query(classes["Order"])}
        # order 2 had no customer and needs one; the coupon of order 1 may be missing
        assert {n: (o.coupon and o.coupon.id, [t.id for t in o.tags]) for n, o in orders.items()} == {
            1: (None, [1]),
            3: (2, []),
        }
        # note 2 fell with its order, by the schema's own CASCADE; note 3 never had one
        assert {note.id: note.order_id for note in session.query(classes["Note"])} == {1: 1, 3: None}
        # one NULL is enough for a key to refer to nothing, and only the country may be NULL
        stock = {s.id: (s.country, s.number) for s in session.query(classes["Stock"])}
        assert stock == {1: ("NO", 1), 2: (None, 2), 3: (None, 2), 4: ("SE", 1)}
        assert {c.id: c.parent_id for c in session.query(classes["Category"])} == {2: None, 3: 2}


def test_sqlalchemy_deletes_every_object_afterwards(alchemy: Any) -> None:
    path, base, engine, orm, _ = alchemy
    repaired_like_the_script(path)
    with orm.Session(engine, autoflush=False) as session:
        for thing in [thing for mapper in base.registry.mappers for thing in session.query(mapper.class_).all()]:
            session.delete(thing)
        session.commit()
        assert [session.query(mapper.class_).count() for mapper in base.registry.mappers] == [0] * 8
    assert violations(path) == {}


# -- peewee -------------------------------------------------------------------------------------------------------


@pytest.fixture
def pee(tmp_path: Path) -> Iterator[Any]:
    """A filled and damaged database of peewee's, opened with foreign keys enforced; its models."""
    peewee = pytest.importorskip("peewee")
    path = tmp_path / "pee.db"
    database = peewee.SqliteDatabase(str(path))  # peewee leaves enforcement off by default

    class Base(peewee.Model):
        class Meta:
            pass

    Base._meta.database = database

    class Band(Base):
        name = peewee.CharField()

    class Label(Base):
        name = peewee.CharField()

    class Record(Base):
        band = peewee.ForeignKeyField(Band, backref="records")
        label = peewee.ForeignKeyField(Label, null=True, backref="records")

    class Genre(Base):
        name = peewee.CharField()
        records = peewee.ManyToManyField(Record, backref="genres")

    through = Genre.records.get_through_model()
    models = [Band, Label, Record, Genre, through]
    database.bind(models)
    database.create_tables(models)
    for n in (1, 2, 3):
        Band.create(name=f"band {n}")
        Label.create(name=f"label {n}")
    for n in range(1, 7):
        Record.create(band=(n - 1) % 3 + 1, label=(n - 1) % 2 + 1)
    for n, records in ((1, [1, 2, 4]), (2, [2, 3]), (3, [1, 6])):
        Genre.create(name=f"genre {n}").records.add(records)
    database.execute_sql("DELETE FROM band WHERE id = 2")
    database.execute_sql("DELETE FROM label WHERE id = 1")
    database.execute_sql("DELETE FROM genre WHERE id = 3")
    database.execute_sql("DELETE FROM record WHERE id = 4")
    database.close()
    strict = peewee.SqliteDatabase(str(path), pragmas={"foreign_keys": 1})
    strict.bind(models)
    yield path, strict, models, peewee
    strict.close()


def test_peewee_finds_what_it_should_after_the_repair(pee: Any) -> None:
    path, database, (band, _, record, genre, through), _ = pee
    joins = sqlfix("scan", path, "--format", "json").json["join_tables"]
    assert [join["table"] for join in joins] == [through._meta.table_name]
    repaired_like_the_script(path)
    with database:
        # records 2 and 5 had no band and need one; record 4 was deleted by hand; label 1 is gone from records 1 and 3
        assert {r.id: (r.band.id, r.label and r.label.id) for r in record.select()} == {
            1: (1, None),
            3: (3, None),
            6: (3, 2),
        }
        assert {g.id: sorted(r.id for r in g.records) for g in genre.select()} == {1: [1], 2: [3]}
        assert [r.id for r in band.get_by_id(3).records.order_by(record.id)] == [3, 6]


def test_peewee_saves_and_deletes_every_object_after_the_repair(pee: Any) -> None:
    path, database, models, peewee = pee
    with database, pytest.raises(peewee.IntegrityError):
        for thing in models[2].select():
            thing.save()
    repaired_like_the_script(path)
    with database:
        for model in models:
            for thing in model.select():
                assert thing.save() == 1
        for model in reversed(models):
            for thing in model.select():
                assert thing.delete_instance() == 1
        assert [model.select().count() for model in models] == [0, 0, 0, 0, 0]
