"""The walkthroughs of docs/frameworks.md: what stands there is run, line by line, and the framework agrees."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import Ran, build, contents, sqlfix

FRAMEWORKS = Path(__file__).parent / "frameworks"
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
        ran = subprocess.run(
            [sys.executable, *self.programs[begin], *shlex.split(line[len(begin) :])],
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
