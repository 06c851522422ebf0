"""What SQLite's pragmas say of tables: asked for all at once where they are many, since one by one takes longer."""

import re
import sqlite3
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from sqlfix.model.values import NotUtf8, folded
from sqlfix.sql.literals import literal, quote
from sqlfix.sqlite.connect import rows_of
from sqlfix.sqlite.deadline import overlooking

Rows = list[tuple[Any, ...]]
"""Answers of a pragma; what stands behind its own columns is of no meaning."""
FEW = 8
"""So many tables are asked about one by one in less time than it takes to compile a question about all of them."""
ROWID = -1
"""The place of the rowid among the columns of an index."""

# temp, since a table of the file may be called pragma_x as well; virtual tables, which may need a module that is not
# there, have no page; and to SQLite a name ends at a NUL
_TABLES = "main.sqlite_master AS t WHERE t.type = 'table' AND t.rootpage > 0 AND instr(t.name, char(0)) = 0"
_OF_TABLE = "SELECT x.*, t.name FROM (SELECT name FROM {}) AS t CROSS JOIN temp.pragma_{}(t.name, 'main') AS x"
_OF_INDEX = (
    "SELECT x.*, i.name FROM (SELECT name FROM {}) AS t CROSS JOIN temp.pragma_index_list(t.name, 'main') AS i"
    " CROSS JOIN temp.pragma_{}(i.name, 'main') AS x"
)
_KEY_OF_COLUMN = re.compile(r"primary[ \t\r\n]+key[ \t\r\n]*[^ \t\r\n(/-]")
_MOST_NAMES = 500_000
"""Characters of names in one statement: SQLite takes a million of all."""


class Pragmas:
    """The pragmas about the tables and indexes of the main database.

    What is not among the answers for all, or where one of these is an error, is asked by itself: then the error of one
    table concerns no other. ``index_texts`` are the CREATE INDEX statements, which say what no pragma does, by the name
    of the index, and ``indexed`` the tables that these are of, as SQLite sees to. ``texts`` are the CREATE TABLE
    statements, by which it is known of many tables that they have no index.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        index_texts: Mapping[str, str | NotUtf8],
        texts: Mapping[str, str] | None = None,
        indexed: Collection[str] = (),
        at_once: bool = True,
    ) -> None:
        """Without ``at_once`` each table is asked about by itself, which is right where it is about few."""
        self.connection, self.index_texts = connection, index_texts
        self._answers: dict[str, dict[str, Rows]] = {}
        self._tables: dict[str, Rows] = {}
        self._indexes: dict[str, Rows] = {}
        if at_once:
            self._ask_at_once(texts or {}, indexed)

    def _ask_at_once(self, texts: Mapping[str, str], indexed: Collection[str]) -> None:
        with overlooking(sqlite3.Error):
            answers = {name: self._all(_OF_TABLE, name) for name in ("table_xinfo", "foreign_key_list")}
            columns = answers["table_xinfo"]
            some = [n for n in columns if n in indexed or _has_index_of_its_own(columns[n], texts.get(n))]
            self._answers = {**answers, **self._about_indexes(some)}
        self._tables = self._answers.get("table_xinfo", {})  # each that was asked about has a column
        self._indexes = self._answers.get("index_xinfo", {})

    def columns(self, table: str) -> Rows:
        """What table_xinfo says."""
        return self._about("table_xinfo", table, self._tables)

    def indexes(self, table: str) -> Rows:
        """What index_list says."""
        return self._about("index_list", table, self._tables)

    def foreign_keys(self, table: str) -> Rows:
        """What foreign_key_list says."""
        return self._about("foreign_key_list", table, self._tables)

    def index_columns(self, index: str) -> Rows:
        """What index_xinfo says."""
        return self._about("index_xinfo", index, self._indexes)

    @cached_property
    def strict(self) -> frozenset[str]:
        """The STRICT tables, as table_list says; versions that know no STRICT know no such pragma."""
        rows = self.connection.execute("PRAGMA main.table_list").fetchall()
        return frozenset(name for _, name, *_, strict in rows if strict)

    def _about(self, pragma: str, name: str, known: Mapping[str, Rows]) -> Rows:
        if name in known:
            return self._answers[pragma].get(name, [])
        return self.connection.execute(f"PRAGMA main.{pragma}({quote(name)})").fetchall()

    def _about_indexes(self, tables: Collection[str]) -> dict[str, dict[str, Rows]]:
        """The answers about the indexes of some tables; to ask of a table that has none takes as long as of others."""
        if not tables:
            return {"index_list": {}, "index_xinfo": {}}
        chosen = f"t.name IN ({', '.join(map(literal, tables))})"
        where = f"{_TABLES} AND {chosen}" if len(chosen) < _MOST_NAMES else _TABLES
        return {
            "index_list": self._all(_OF_TABLE, "index_list", where),
            "index_xinfo": self._all(_OF_INDEX, "index_xinfo", where),
        }

    def _all(self, query: str, pragma: str, of: str = _TABLES) -> dict[str, Rows]:
        """The answers by the name that they are about."""
        answers: dict[str, Rows] = {}
        for row in rows_of(self.connection, query.format(of, pragma)):
            answers.setdefault(row[-1], []).append(row)
        return answers


class DeclaredKey(NamedTuple):
    """A foreign key as it is declared; ``parent_columns`` are empty where the declaration leaves them out."""

    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    on_delete: str
    on_update: str


def declared_keys(rows: Rows) -> list[DeclaredKey]:
    """What foreign_key_list says, in the order of the text: the pragma's ids descend as the text goes on."""
    if len(rows) == 1:
        return [_declared(rows)]
    parts: dict[int, Rows] = {}
    for row in rows:
        parts.setdefault(row[0], []).append(row)
    return [_declared(parts[number]) for number in sorted(parts, reverse=True)]


def _declared(rows: Rows) -> DeclaredKey:
    """The key that these rows are about, one for each of its columns."""
    columns, named = [str(row[3]) for row in rows], [row[4] for row in rows if row[4] is not None]
    _, _, parent, _, _, on_update, on_delete, *_ = rows[0]
    return DeclaredKey(tuple(columns), parent, tuple(named), on_delete, on_update)


def _has_index_of_its_own(columns: Rows, text: str | None) -> bool:
    """True of a table that may have an index by its own declaration; ``columns`` are those of table_xinfo.

    A primary key has none that is declared with one column of type INTEGER: PRIMARY KEY (a, a) has.
    """
    # what a table may have an index by, beside a primary key of another type
    declared, key = folded(text or ""), [folded(str(row[2])) for row in columns if row[5]]
    if not declared or "unique" in declared or "rowid" in declared or "desc" in declared:
        return True
    of_column = _KEY_OF_COLUMN.search(declared) is not None and declared.count("primary") == 1
    return bool(key) and not (key == ["integer"] and of_column)
