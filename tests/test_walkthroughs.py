"""The walkthroughs of docs/frameworks.md: what stands there is run, line by line, and the framework agrees."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from forked import forked_python
from support import Ran, build, contents, sqlfix

from tests.test_frameworks import OF_DJANGO

FRAMEWORKS = Path(__file__).parent / "frameworks"
OF_ALEMBIC = ("alembic.command", "alembic.autogenerate", "sqlalchemy.dialects.sqlite")
PAGE = Path(__file__).parent.parent / "docs" / "frameworks.md"
SAME_NAMES = """
INSERT INTO {groups} (name) VALUES ('Editors'), ('Clock Admin');
INSERT INTO {widgets} (name) VALUES ('Widget'), ('Widget'), ('Clock'), ('Widget 1'),
    ('A widget with a name that is longer than anybody would have thought it could ever be');
"""
UNIQUE_NAMES = ["Widget Admin", "Widget 2 Admin", "Clock 1 Admin", "Widget 1 Admin"]
LONG = "A widget with a name that is longer than anybody would have thought it could ever be Admin"
CUT = "A widget with a name that is longer than anybody would have thought it cou Admin"


def steps(heading: str) -> list[list[str]]:
    """The lines of each shell example beneath a heading of the page, without their comments."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [[line.split("  # ")[0].rstrip() for line in block.splitlines() if line] for block in found]


class Project:
    """A folder with a project in it; ``programs`` are the words that begin a command, and what is run for them."""

    def __init__(self, folder: Path, database: str, programs: dict[str, list[str]], **environment: str) -> None:
        self.folder, self.database, self.programs = folder, folder / database, programs
        self.imported: tuple[str, ...] = ()
        path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.environment = {
            **os.environ, **environment, "DATABASE": str(self.database), "PYTHONPATH": path,
            "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    def run(self, line: str) -> Ran:
        """Run a line of an example."""
        if line.startswith("sqlfix "):
            words = shlex.split(line)[1:]
            writes = words[0] in ("backfill", "alter", "undo", "repair") and "--dry-run" not in words
            with contextlib.chdir(self.folder):
                return sqlfix(*words, *(["--yes"] if writes and "--yes" not in words else []))
        begin = next(word for word in self.programs if line.startswith(word))
        ran = forked_python(
            *self.programs[begin], *shlex.split(line[len(begin) :]), imported=self.imported,
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def must(self, lines: list[str]) -> str:
        """Run lines that have to succeed; what the last one says."""
        for line in lines:
            ran = self.run(line)
            assert ran.code == 0, (line, ran.out, ran.err)
        return ran.out

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(query).fetchall()


def declared(project: Project, table: str) -> list[Any]:
    """What SQLite says of the columns, the keys and the unique columns of a table."""
    unique = f"SELECT group_concat(i.name) FROM pragma_index_list('{table}') AS l, pragma_index_info(l.name) AS i"
    return [
        project.rows(f"SELECT * FROM pragma_table_xinfo('{table}')"),
        project.rows(f"SELECT * FROM pragma_foreign_key_list('{table}')"),
        project.rows(f'{unique} WHERE l."unique" GROUP BY l.name'),
    ]


# -- Django ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def django(tmp_path: Path) -> Project:
    """A project whose widgets have no group, and whose models say by now that they need one."""
    pytest.importorskip("django")
    shutil.copyfile(FRAMEWORKS / "settings.py", tmp_path / "settings.py")
    shutil.copytree(FRAMEWORKS / "widgets", tmp_path / "widgets", ignore=shutil.ignore_patterns("__pycache__"))
    apps = "django.contrib.contenttypes django.contrib.auth widgets"
    programs = {"python manage.py": ["-m", "django"], "python -c": ["-c"]}
    project = Project(tmp_path, "db.sqlite3", programs, DJANGO_SETTINGS_MODULE="settings", APPS=apps)
    project.imported = OF_DJANGO
    project.must(["python manage.py makemigrations widgets", "python manage.py migrate"])
    build(project.database, SAME_NAMES.format(groups="auth_group", widgets="widgets_widget"))
    models = tmp_path / "widgets" / "models.py"
    models.write_text(models.read_text().replace("null=True, ", ""))
    return project


ORM = """python -c "
import django; django.setup()
from widgets.models import Widget
for widget in Widget.objects.order_by('id'): print(widget.group.name)
try: Widget.objects.create(name='x')
except django.db.IntegrityError as error: print(error)
" """


def test_django_goes_the_whole_way_and_back(django: Project) -> None:
    begin, by_django, by_sqlfix, back = steps("Django")
    django.must(begin)
    refused = django.run("python manage.py migrate")
    assert refused.code != 0 and "NOT NULL constraint failed" in refused.err
    twin = Path(f"{django.database}.twin")
    shutil.copyfile(django.database, twin)

    django.must(by_django)
    wanted = declared(django, "widgets_widget")
    assert django.must(["python manage.py makemigrations --check"]) == "No changes detected\n"
    said = django.must([ORM]).splitlines()
    assert said == [*UNIQUE_NAMES, LONG, "NOT NULL constraint failed: widgets_widget.group_id"]

    for record in django.folder.glob("db.sqlite3.*Z*"):
        record.unlink()
    shutil.copyfile(twin, django.database)
    before = contents(django.database)
    assert "No changes detected" in django.must(by_sqlfix)
    assert declared(django, "widgets_widget") == wanted
    assert django.must([ORM]).splitlines() == said
    assert "No migrations to apply" in django.must(["python manage.py migrate"])

    django.must(back)
    after = contents(django.database)
    assert after == {**before, "sqlite_sequence": after["sqlite_sequence"]}
    assert django.run("python manage.py migrate").err.count("NOT NULL constraint failed")


# -- Alembic --------------------------------------------------------------------------------------------------------


@pytest.fixture
def alembic(tmp_path: Path) -> Project:
    """A project of Alembic's at its first revision, whose widgets have no group."""
    pytest.importorskip("alembic")
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(FRAMEWORKS / "alembic_project", tmp_path, dirs_exist_ok=True, ignore=skipped)
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = .\n")
    project = Project(tmp_path, "app.db", {"alembic": ["-m", "alembic.config"]})
    project.imported = OF_ALEMBIC
    project.must(["alembic upgrade 0001"])
    build(project.database, SAME_NAMES.format(groups="groups", widgets="widgets"))
    return project


def test_alembic_goes_the_whole_way(alembic: Project) -> None:
    by_alembic, by_sqlfix = steps("Alembic")
    refused = alembic.run("alembic upgrade head")
    assert refused.code != 0 and "NOT NULL constraint failed" in refused.err
    twin = Path(f"{alembic.database}.twin")
    build(alembic.database, "DROP TABLE IF EXISTS _alembic_tmp_widgets")
    shutil.copyfile(alembic.database, twin)
    names = "SELECT g.name FROM widgets AS w JOIN groups AS g ON g.id = w.group_id ORDER BY w.id"
    wanted = []
    for lines in (by_alembic, by_sqlfix):
        shutil.copyfile(twin, alembic.database)
        assert "No new upgrade operations detected." in alembic.must(lines)
        assert [name for (name,) in alembic.rows(names)] == [*UNIQUE_NAMES, CUT]
        assert alembic.rows("SELECT version_num FROM alembic_version") == [("0002",)]
        wanted.append(declared(alembic, "widgets"))
    assert wanted[0] == wanted[1]


# -- Rails and Prisma, which do not run here ------------------------------------------------------------------------


class ByHand(Project):
    """A project of a framework that does not run here: for each of its commands there is the SQL that it writes.

    A command of which nothing is known is an error, so that no line of the page goes untried.
    """

    def __init__(self, folder: Path, database: str, written: dict[str, str]) -> None:
        super().__init__(folder, database, {})
        self.written = written
        self.database.parent.mkdir(parents=True)

    def run(self, line: str) -> Ran:
        if line.startswith("sqlfix "):
            return super().run(line)
        shell = f"sqlite3 {self.database.relative_to(self.folder)} "
        script = shlex.split(line)[2] if line.startswith(shell) else self.written[line]
        with contextlib.closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            try:
                connection.executescript(script)
            except sqlite3.Error as error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                return Ran(1, "", str(error))
        return Ran(0, "", "")


RAILS = """
CREATE TABLE "schema_migrations" ("version" varchar NOT NULL PRIMARY KEY);
CREATE TABLE "ar_internal_metadata" ("key" varchar NOT NULL PRIMARY KEY, "value" varchar,
  "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL);
CREATE TABLE "groups" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" varchar(80) NOT NULL,
  "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL);
CREATE UNIQUE INDEX "index_groups_on_name" ON "groups" ("name");
CREATE TABLE "widgets" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" varchar NOT NULL,
  "group_id" integer, CONSTRAINT "fk_rails_0a47e5c1d3" FOREIGN KEY ("group_id") REFERENCES "groups" ("id"));
CREATE INDEX "index_widgets_on_group_id" ON "widgets" ("group_id");
INSERT INTO schema_migrations VALUES ('20251201000000');
INSERT INTO ar_internal_metadata VALUES ('environment', 'development', '2025-12-01', '2025-12-01');
INSERT INTO groups (name, created_at, updated_at)
  VALUES ('Editors', '2025-12-01', '2025-12-01'), ('Clock Admin', '2025-12-01', '2025-12-01');
INSERT INTO widgets (name) VALUES ('Widget'), ('Widget'), ('Clock'), ('Widget 1'),
  ('A widget with a name that is longer than anybody would have thought it could ever be');
"""
RAILS_MIGRATION = """
BEGIN;
CREATE TEMPORARY TABLE "awidgets" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" varchar NOT NULL,
  "group_id" integer NOT NULL, CONSTRAINT "fk_rails_0a47e5c1d3" FOREIGN KEY ("group_id") REFERENCES "groups" ("id"));
CREATE INDEX "temp_index_awidgets_on_group_id" ON "awidgets" ("group_id");
INSERT INTO "awidgets" ("id", "name", "group_id") SELECT "id", "name", "group_id" FROM "widgets";
DROP TABLE "widgets";
CREATE TABLE "widgets" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" varchar NOT NULL,
  "group_id" integer NOT NULL, CONSTRAINT "fk_rails_0a47e5c1d3" FOREIGN KEY ("group_id") REFERENCES "groups" ("id"));
CREATE INDEX "index_widgets_on_group_id" ON "widgets" ("group_id");
INSERT INTO "widgets" ("id", "name", "group_id") SELECT "id", "name", "group_id" FROM "awidgets";
DROP TABLE "awidgets";
INSERT INTO "schema_migrations" ("version") VALUES ('20260102030405');
COMMIT;
"""


def test_rails_goes_the_whole_way(tmp_path: Path) -> None:
    """The SQL is that of Rails 7; a migration whose number is written down is not run again."""
    commands = {
        "bin/rails generate migration RequireGroupOfWidgets": "",
        "bin/rails db:schema:dump": "",
        "bin/rails db:migrate": RAILS_MIGRATION,
    }
    rails = ByHand(tmp_path, "storage/development.sqlite3", commands)
    build(rails.database, RAILS)
    begin, by_rails, by_sqlfix, has_one = steps("Rails")
    rails.must(begin)
    refused = rails.run("bin/rails db:migrate")
    assert refused.code and "NOT NULL constraint failed" in refused.err
    names = "SELECT g.name FROM widgets AS w JOIN groups AS g ON g.id = w.group_id ORDER BY w.id"
    known = "SELECT version FROM schema_migrations"
    twin = Path(f"{rails.database}.twin")
    shutil.copyfile(rails.database, twin)
    ends = []
    for lines in (by_rails, by_sqlfix):
        shutil.copyfile(twin, rails.database)
        for line in lines:
            if line == "bin/rails db:migrate" and ("20260102030405",) in rails.rows(known):
                continue
            rails.must([line])
        assert [name for (name,) in rails.rows(names)] == [*UNIQUE_NAMES, CUT]
        dates = rails.rows("SELECT created_at, updated_at FROM groups WHERE id > 2")
        assert {*dates} == {("1970-01-01", "1970-01-01")}  # by the rule for a date that is required
        ends.append((declared(rails, "widgets"), rails.rows(known)))
    assert ends[0] == ends[1]
    rails.must(has_one)
    (unique,) = rails.rows("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'widgets'")
    assert unique == ('CREATE UNIQUE INDEX "index_widgets_on_group_id" ON "widgets" ("group_id")',)


PRISMA = """
CREATE TABLE "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME,
  "migration_name" TEXT NOT NULL, "logs" TEXT, "rolled_back_at" DATETIME,
  "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0);
CREATE TABLE "Group" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL);
CREATE UNIQUE INDEX "Group_name_key" ON "Group"("name");
CREATE TABLE "Widget" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "groupId" INTEGER,
  CONSTRAINT "Widget_groupId_fkey" FOREIGN KEY ("groupId") REFERENCES "Group" ("id") ON DELETE SET NULL
    ON UPDATE CASCADE);
"""
PRISMA_MIGRATION = """
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
BEGIN;
CREATE TABLE "new_Widget" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL,
  "groupId" INTEGER NOT NULL, CONSTRAINT "Widget_groupId_fkey" FOREIGN KEY ("groupId") REFERENCES "Group" ("id")
    ON DELETE RESTRICT ON UPDATE CASCADE);
INSERT INTO "new_Widget" ("groupId", "id", "name") SELECT "groupId", "id", "name" FROM "Widget";
DROP TABLE "Widget";
ALTER TABLE "new_Widget" RENAME TO "Widget";
COMMIT;
PRAGMA foreign_keys=ON;
"""
APPLIED = """
INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
VALUES ('0c0b', 'a sum', 1767323045000, '20260102030405_required', 1);
"""


def test_prisma_goes_the_whole_way(tmp_path: Path) -> None:
    """The SQL is that of Prisma 5 and 6; a migration that is noted as finished is not run again."""
    commands = {
        "npx prisma migrate dev --create-only --name required": "",
        "npx prisma migrate deploy": PRISMA_MIGRATION + APPLIED,
        "npx prisma migrate resolve --applied 20260102030405_required": APPLIED,
    }
    prisma = ByHand(tmp_path, "prisma/dev.db", commands)
    build(prisma.database, PRISMA + SAME_NAMES.format(groups='"Group"', widgets="Widget"))
    begin, by_prisma, by_sqlfix = steps("Prisma")
    prisma.must(begin)
    twin = Path(f"{prisma.database}.twin")
    shutil.copyfile(prisma.database, twin)
    refused = prisma.run("npx prisma migrate deploy")
    assert refused.code and "NOT NULL constraint failed" in refused.err
    names = 'SELECT g.name FROM Widget AS w JOIN "Group" AS g ON g.id = w.groupId ORDER BY w.id'
    known = "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL"
    ends = []
    for lines in (by_prisma, by_sqlfix):
        shutil.copyfile(twin, prisma.database)
        for line in lines:
            if not (line.endswith("deploy") and prisma.rows(known)):
                prisma.must([line])
        assert [name for (name,) in prisma.rows(names)] == [*UNIQUE_NAMES, LONG]
        ends.append((declared(prisma, "Widget"), prisma.rows(known)))
    assert ends[0] == ends[1]


# -- a cycle of keys, with peewee -----------------------------------------------------------------------------------


@pytest.fixture
def cycle(tmp_path: Path) -> Iterator[Any]:
    """Two tables of peewee's whose rows need one another; with foreign keys enforced."""
    peewee = pytest.importorskip("peewee")
    database = peewee.SqliteDatabase(str(tmp_path / "app.db"), pragmas={"foreign_keys": 1})

    class Author(peewee.Model):
        best = peewee.DeferredForeignKey("Book", null=False)

        class Meta:
            table_name = "author"

    class Book(peewee.Model):
        author = peewee.ForeignKeyField(Author)

        class Meta:
            table_name = "book"

    database.bind([Author, Book])
    build(
        tmp_path / "app.db",
        "CREATE TABLE author (id INTEGER NOT NULL PRIMARY KEY, best_id INTEGER NOT NULL REFERENCES book (id));"
        "CREATE TABLE book (id INTEGER NOT NULL PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES author (id));"
        "INSERT INTO author VALUES (1, 1), (2, 2); INSERT INTO book VALUES (1, 1), (2, 2);",
    )
    yield tmp_path, database, Author, Book, peewee
    database.close()


def test_a_cycle_of_keys_is_deleted_once_they_are_deferred(cycle: Any) -> None:
    folder, database, author, book, peewee = cycle
    ((*lines,),) = steps("A cycle of foreign keys")

    def delete() -> None:
        with database, database.atomic():
            author.get_by_id(1).delete_instance()
            book.get_by_id(1).delete_instance()

    with pytest.raises(peewee.IntegrityError):
        delete()
    Project(folder, "app.db", {}).must(lines)
    delete()
    with database:
        assert [row.id for row in author.select()] == [row.id for row in book.select()] == [2]
    with pytest.raises(peewee.IntegrityError), database:  # at COMMIT
        author.get_by_id(2).delete_instance()
