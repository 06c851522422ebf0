"""Every message of SQLite about a constraint, a missing thing or the schema is known to `sqlfix why --error`.

`sqlite_messages.txt` holds those of SQLite's sources. The shared library at hand is read as well; of one that is newer
than the list, what is new is said and is no failure.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from support import build

from sqlfix.errors import Refused
from sqlfix.explain.errors.causes import explain_error
from sqlfix.explain.errors.message import Kind
from sqlfix.explain.errors.recognise import not_explained, recognise
from sqlfix.schema.database import open_database

_FACTS = Path(__file__).with_name("sqlite_messages.txt").read_text(encoding="utf-8")
LISTED, PIECES = (
    [line for line in part.splitlines()[1:] if not line.startswith("#")] for part in _FACTS.split("\n# Pieces", 1)
)


def template(message: str) -> re.Pattern[str]:
    """What a message with its names is, and the format from which SQLite makes it."""
    return re.compile(".*".join(map(re.escape, re.split(r"(?<!\*)\*(?!\*)", message))))


TEMPLATES = [template(message) for message in not_explained()]
WORDS = re.compile(
    r"constraint|foreign key|primary key|unique|not null|no such|unknown|missing|not exist|schema|already|duplicate"
    r"|malformed|corrupt|mismatch|has no|may not|cannot|columns?\b|tables?\b|\bind(?:ex|ices)\b|trigger|\bviews?\b"
    r"|generated|collation|datatype|database|recurs|prohibited|authoriz|unsafe|value in",
    re.IGNORECASE,
)
"""In one of these a text speaks of a constraint, of what is missing or of the schema."""


def filled(message: str) -> str:
    """A message with a name wherever its text has an asterisk; those around ``in database`` are its own."""
    return re.sub(r"(?<!\*)\*(?!\*)", "x", message)


def test_every_message_of_sqlites_sources_is_known() -> None:
    unknown = []
    for message in LISTED:
        said = filled(message)
        for text in (said, f"sqlite3.OperationalError: {said}", f"Error: in prepare, {said} (1)"):
            found = recognise(text)
            known = found is not None and found.kind is not Kind.RAISED and found.message in said
            if not known or (found.kind is Kind.STATEMENT and not any(one.fullmatch(said) for one in TEMPLATES)):
                unknown.append(text)
    assert unknown == []
    assert len(LISTED) > 250


def test_every_message_is_explained_or_said_not_to_be(tmp_path: Path) -> None:
    path = build(tmp_path / "x.db", "CREATE TABLE x(x INTEGER PRIMARY KEY); INSERT INTO x VALUES (1);")
    with open_database(path) as database:
        for message in LISTED:
            found = recognise(filled(message))
            assert found is not None
            if found.kind is Kind.STATEMENT:
                with pytest.raises(
                    Refused, match="does not explain this message of SQLite"
                ) as refused:  # which is exit code 2
                    explain_error(database, found)
                assert refused.value.hint
            else:
                explanation = explain_error(database, found)
                assert explanation.meaning
                assert explanation.exit_code in (0, 1, 2)


# -- the library at hand ------------------------------------------------------------------------------------------

SQL = re.compile(
    r"\s|.*\s$|[-,;(/)]|(?:SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA|REPLACE|ATTACH)[ %]|.*%[qQw]"
)
"""SQL of SQLite's own, and pieces that begin or end with a blank."""


NEWEST_READ = (3, 53)
"""The newest version of SQLite whose texts were compared with the list."""


def library() -> Path | None:
    """The shared library that Python's sqlite3 runs with; None where it is built in, or cannot be found."""
    sqlite3.connect(":memory:").close()
    try:
        mapped = Path("/proc/self/maps").read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r"/\S*libsqlite3\S*\.so\S*", mapped)
    return Path(found[0]) if found else None


def test_no_message_of_the_library_at_hand_is_left_out() -> None:
    path = library()
    if path is None:
        pytest.skip("SQLite is no shared library here")
    texts = [found.decode() for found in re.findall(rb"(?<=\0)[ -~]{9,300}(?=\0)", path.read_bytes())]
    formats = {text for text in texts if WORDS.search(text) and " " in text and not SQL.match(text)}
    assert len(formats) > 150
    known = "\n".join(map(filled, LISTED))
    left_out = []
    for text in formats:
        plain = re.sub(r"%[#+\-!,.*0-9]*l*[a-zA-Z]", "*", text)
        if plain not in PIECES and not re.search(f"^{template(plain).pattern}$", known, re.MULTILINE):
            left_out.append(plain)
    if left_out and sqlite3.sqlite_version_info[:2] > NEWEST_READ:
        pytest.skip(f"texts of SQLite {sqlite3.sqlite_version} that the list does not have: {sorted(left_out)}")
    assert sorted(left_out) == []
