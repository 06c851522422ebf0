"""The names of new parents, against a few lines of Python that give them one by one; and that nothing else changes."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support import build, contents, run_script, sqlfix

from tests.laws.test_properties import SLOW

FOLD: dict[str, Callable[[str], str]] = {
    "BINARY": lambda text: text,
    "NOCASE": lambda text: "".join(c.lower() if c.isascii() else c for c in text),
    "RTRIM": lambda text: text.rstrip(" "),
}


@dataclass(frozen=True)
class Form:
    """A template: what stands behind the last column that a number goes before, and what parts the two."""

    text: str
    ending: str
    separator: str


FORMS = [
    Form("{name} Admin", " Admin", " "),
    Form("{name}", "", " "),
    Form("{name:.2}-x", "-x", "-"),
    Form("Of {name} ({city})", "", " "),
    Form("{name:*>3}@y", "@y", "-"),
    Form("{id:03} {name}", "", " "),
    Form("all", "", " "),
]


def names_of(
    rows: list[dict[str, Any]], form: Form, there: set[tuple[Any, str]], most: int | None, fold: Callable[[str], str]
) -> dict[int, str] | None:
    """The name for each row by its id; None where one is too long, whatever is cut."""
    taken, given = {(q, fold(name)) for q, name in there}, {}

    def cut(text: str, number: str) -> str | None:
        base = text.removesuffix(form.ending) if form.ending else text
        room = None if most is None else most - len(form.ending) - len(number)
        if room is not None and room < bool(number):
            return None
        return (base if room is None or len(base) <= room else base[:room].rstrip(" ")) + number + form.ending

    rest = []
    for row in rows:
        name = cut(form.text.format(**row), "")
        if name is None:
            return None
        if (row["q"], fold(name)) in taken:
            rest.append(row)
        else:
            taken.add((row["q"], fold(name)))
            given[row["id"]] = name
    for row in rest:
        number = 0
        while row["id"] not in given:
            number += 1
            name = cut(form.text.format(**row), f"{form.separator}{number}")
            if name is None:
                return None
            if (row["q"], fold(name)) not in taken:
                taken.add((row["q"], fold(name)))
                given[row["id"]] = name
    return given


TEXTS = st.sampled_from(
    [
        "a",
        "A",
        "a 1",
        "a 1 Admin",
        "a 2",
        "a-1",
        "aa",
        "aab",
        "aabb",
        "a ",
        "ä",
        "Ä",
        "",
        "b" * 9,
        "b" * 8 + " c",
        "{x}",
        "'\"",
        "\U0001f41d" * 3,
    ]
)


@settings(parent=SLOW, max_examples=settings.default.max_examples * 2 // 3)
@given(
    form=st.sampled_from(FORMS),
    collation=st.sampled_from(list(FOLD)),
    most=st.sampled_from([None, 3, 8, 9, 9, 10, 12]),
    by_tenant=st.booleans(),
    there=st.lists(st.tuples(st.sampled_from([1, 2]), TEXTS), max_size=6),
    rows=st.lists(st.tuples(st.sampled_from([1, 2]), TEXTS, TEXTS, st.booleans()), min_size=1, max_size=25),
    key=st.sampled_from(["id INTEGER PRIMARY KEY AUTOINCREMENT", "id INTEGER PRIMARY KEY", "id CHAR(32) PRIMARY KEY"]),
    child=st.sampled_from(
        ["id INTEGER PRIMARY KEY", "id INT PRIMARY KEY", "id INT NOT NULL, k TEXT, PRIMARY KEY (id)"]
    ),
    unique=st.sampled_from(["", "UNIQUE"]),
    encoding=st.sampled_from(["UTF-8", "UTF-8", "UTF-16le"]),
)
def test_names_are_given_as_one_by_one(
    form: Form, collation: str, most: int | None, by_tenant: bool, there: list[tuple[int, str]],
    rows: list[tuple[int, str, str, bool]], key: str, child: str, unique: str, encoding: str,
) -> None:  # fmt: skip
    fold = FOLD[collation]
    type_ = "TEXT" if most is None else f"VARCHAR({most})"
    limit = "UNIQUE (tenant, name)" if by_tenant else "UNIQUE (name)"
    there = list({(q if by_tenant else 0, fold(n)): (q, n) for q, n in there}.values())
    rest = ") WITHOUT ROWID" if child.endswith(")") else ")"
    name, *more = child.split(", ", 1)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        path = build(
            Path(folder) / "x.db",
            f"PRAGMA encoding = '{encoding}';"
            f"CREATE TABLE p ({key}, name {type_} NOT NULL COLLATE {collation}, tenant INT, {limit});"
            f"CREATE TABLE c ({name}, name TEXT, city TEXT COLLATE NOCASE, q INT, p {unique} REFERENCES p (id)"
            f"{', ' if more else ''}{', '.join(more)}{rest}",
        )
        kept = len(there)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            for number, (tenant, said) in enumerate(there, 1):
                own = f"{number:032x}" if "CHAR" in key else number
                connection.execute("INSERT INTO p (id, name, tenant) VALUES (?, ?, ?)", (own, said, tenant))
            for number, (tenant, said, city, linked) in enumerate(rows, 1):
                own = (f"{number:032x}" if "CHAR" in key else number) if linked and number <= kept else None
                connection.execute(
                    "INSERT INTO c (id, name, city, q, p) VALUES (?, ?, ?, ?, ?)", (number, said, city, tenant, own)
                )
            connection.commit()
            open_ = list(connection.execute("SELECT id, name, city, q FROM c WHERE p IS NULL ORDER BY id"))
        wanted = [
            {"id": number, "name": said, "city": city, "q": tenant if by_tenant else 0}
            for number, said, city, tenant in open_
        ]
        known = {(q if by_tenant else 0, n) for q, n in there}
        expected = names_of(wanted, form, known, most, fold)
        before = contents(path)
        chosen = ["c.p", "--set", f"p.name={form.text}", "--set", "p.tenant={q}"]
        script = sqlfix("backfill", path, *chosen, "--sql")
        ran = sqlfix("backfill", path, *chosen, "--yes", "--no-backup", "--format", "json")
        after = contents(path)
        if expected is None:
            assert (ran.code, after) == (2, before), ran.err
            return
        assert ran.code == 0, ran.err
        with contextlib.closing(sqlite3.connect(path)) as connection:
            query = "SELECT c.id, p.name, p.tenant, c.q FROM c JOIN p ON p.id = c.p WHERE c.id IN ({})"
            made = connection.execute(query.format(", ".join(str(row["id"]) for row in wanted))).fetchall()
            assert {number: said for number, said, *_ in made} == expected
            assert all(tenant == own for *_, tenant, own in made)
            assert connection.execute("SELECT count(DISTINCT p), count(p) FROM c").fetchone()[0] >= len(expected)
            assert connection.execute("SELECT count(*) FROM p").fetchone() == (kept + len(expected),)
            assert not connection.execute("PRAGMA foreign_key_check").fetchall()
        assert set(before["p"]) <= set(after["p"])
        assert sqlfix("backfill", path, *chosen, "--yes").code == 0
        assert contents(path) == after
        if expected:
            assert sqlfix("undo", path, "--yes", "--no-backup").code == 0
            if "AUTOINCREMENT" in key:
                before["sqlite_sequence"] = contents(path)["sqlite_sequence"]
        assert contents(path) == before
        if "CHAR" not in key:
            for _ in range(2):
                run_script(path, script.out)
                assert contents(path)["c"] == after["c"]
                assert contents(path)["p"] == after["p"]
