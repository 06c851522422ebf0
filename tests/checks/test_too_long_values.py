"""The check too-long-values: where it finds nothing, and what it finds elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import OF_ROWS, Stored, build, check_finds, scan_rows, sqlfix, together

from sqlfix.sql.literals import literal

CLEAN_VALUES: tuple[tuple[str, Stored], ...] = (
    *(("VARCHAR(3)", value) for value in ("abc", "äöü", b"abcdef", None)),
    *((of, "abcdef") for of in ("VARCHAR", "VARCHAR(0)", "TEXT", "BLOB(3)")),
    *((of, 123456) for of in ("INTEGER(3)", "DECIMAL(3, 1)", "CHARINT(3)")),
)
TOO_LONG: tuple[tuple[str, Stored, int], ...] = (
    ("VARCHAR(3)", "abcd", 4),
    ("varchar ( 3 )", "äöüß", 4),
    ("CHAR(3)", "\U0001f41d" * 5, 5),
    ("NATIONAL CHARACTER VARYING(3)", "abc ", 4),
    ("VARCHAR2(3)", "abcd", 4),
    ("NVARCHAR(3)", 1234, 4),
    ("TEXT(3)", "abcd", 4),
)


def made(declared: str, value: Stored) -> str:
    """The SQL of a table with one value, as its affinity makes it."""
    return f"CREATE TABLE t (a {declared}); INSERT INTO t VALUES ({literal(value)})"


CLEAN = {f"{of} {value!r}": made(of, value) for of, value in CLEAN_VALUES}
FOUND = {f"{of} {value!r}": (made(of, value), [("t.a", 1, "hint")]) for of, value, _ in TOO_LONG}

test_too_long_values = check_finds("too-long-values", CLEAN, FOUND, OF_ROWS)


@together
@pytest.mark.parametrize(("declared", "value", "longest"), TOO_LONG)
def test_how_long_the_longest_is(declared: str, value: Stored, longest: int, tmp_path: Path) -> None:
    ran = scan_rows(build(tmp_path / "t.db", made(declared, value)))
    assert (ran.code, ran.json["findings"][0]["facts"]["longest"]) == (0, longest)


def test_a_text_that_is_too_long_is_a_hint_in_one_line(tmp_path: Path) -> None:
    path = build(tmp_path / "t.db", "CREATE TABLE t (a VARCHAR(2)); INSERT INTO t VALUES ('abc')")
    assert "1 hint: scan -v shows it." in sqlfix("scan", path).out
    assert "1 value of t.a is longer than VARCHAR(2) allows: up to 3 characters" in " ".join(
        sqlfix("scan", path, "-v").out.split()
    )
    assert sqlfix("scan", path, "--fail-on", "hint").code == 1
