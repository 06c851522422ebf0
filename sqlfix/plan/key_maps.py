"""The file of ``--map``: which keys of parents became which."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from sqlfix.errors import Refused
from sqlfix.model.plans import KeyMap

FORM = (
    "the file is a CSV: its first line is old,new, and each further line has a key and its new key (of several columns:"
    " old_a,old_b,new_a,new_b)"
)


def read_map(option: str, data: bytes) -> KeyMap:
    """What the bytes of a CSV file say.

    Args:
        option: the option with what it got, for messages.

    Raises:
        Refused: for a line that cannot be understood, by its number.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(f"{option}: line {line:,} is not UTF-8", FORM) from None
    rows = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        width, columns, old_first = _header(option, next(rows, []))
        lines = tuple(_lines(option, rows, width, old_first))
    except csv.Error as error:
        raise Refused(f"{option}: line {rows.line_num:,} is no CSV: {error}", FORM) from None
    return KeyMap(columns, lines)


def _header(option: str, row: list[str]) -> tuple[int, tuple[str, ...], list[int]]:
    """How many columns a key has, their names, and where the old ones stand, followed by where the new ones do."""
    names = [name.strip() for name in row]
    if sorted(names) == ["new", "old"]:
        return 1, (), [names.index("old"), names.index("new")]
    old = [name[4:] for name in names if name.startswith("old_")]
    wanted = [f"old_{name}" for name in old] + [f"new_{name}" for name in old]
    if not old or sorted(names) != sorted(wanted):
        raise Refused(f"{option}: its first line does not say which column is which", FORM)
    return len(old), tuple(old), [names.index(name) for name in wanted]


def _lines(
    option: str, rows: Iterator[list[str]], width: int, places: list[int]
) -> Iterator[tuple[int, tuple[str, ...], tuple[str, ...]]]:
    met: dict[tuple[str, ...], tuple[int, tuple[str, ...]]] = {}
    for row in rows:
        number = rows.line_num  # type: ignore[attr-defined]  # of a csv.reader
        if not row:
            continue
        if len(row) != len(places):
            raise Refused(f"{option}: line {number:,} has {len(row)} values, and {len(places)} are needed", FORM)
        values = [row[place] for place in places]
        if "" in values:
            raise Refused(f"{option}: line {number:,} has an empty value", FORM)
        old, new = tuple(values[:width]), tuple(values[width:])
        first, other = met.setdefault(old, (number, new))
        if other != new:
            lines = f"lines {first:,} and {number:,}"
            raise Refused(f"{option}: {lines} give {', '.join(old)} different new keys")
        if first == number:
            yield number, old, new
