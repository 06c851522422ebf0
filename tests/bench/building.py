"""How a database of the benchmark is built: seeded, of any scale, by set-based SQL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PAD = "x" * 70
"""What stands beside the keys in a row, so that some 16 of them fit a page."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One database to measure: ``keys`` non-NULL foreign key values are in it, all told, at scale 1.

    Of a shape at a limit ``keys`` are the relationships or rows of which it has so many; ``least`` are the fewest.
    """

    name: str
    keys: int
    build: Callable[[sqlite3.Connection, int, int], None]
    about: str
    least: int = 2000


def build(shape: Shape, path: Path, scale: float, seed: int) -> None:
    """Make the database of a shape anew."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -400000")
    connection.execute("BEGIN")
    shape.build(connection, max(round(shape.keys * scale), shape.least), seed)
    connection.execute("COMMIT")
    connection.close()
    os.sync()  # what the system still writes later would slow down what is measured


def some(number: int, seed: int, salt: int) -> str:
    """SQL for a number below ``number`` that depends on ``i`` as if by chance."""
    return f"((i * 48271 + {seed * 7919 + salt}) % 2147483647 * 16807 % 2147483647) % {number}"


def fill(connection: sqlite3.Connection, table: str, rows: int, values: str, where: str = "1") -> None:
    """Insert a row for each ``i`` from 1 to ``rows`` for which ``where`` holds."""
    connection.execute(
        f"WITH RECURSIVE counter(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counter WHERE i < {rows})"
        f" INSERT INTO {table} SELECT {values} FROM counter WHERE {where}"
    )


def guid(number: str) -> str:
    """SQL for a UUID as text, made from a number; the numbers' order is not that of the texts."""
    mixed = f"(({number}) * 2654435761 % 4294967296)"
    return f"printf('%08x-%04x-4%03x-8%03x-%012x', {mixed}, {mixed} % 65521, {mixed} % 4093, {mixed} % 4091, {number})"
