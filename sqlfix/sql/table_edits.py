"""Edits of a CREATE TABLE text: one constraint, type or default put in, changed or taken away.

Each gives the text back with just that changed; `foreign_key_edits` has those of foreign keys. What a text says that is
not meant to change is read again and compared, so that nothing typed can change more than its place.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlfix.frozen import frozen
from sqlfix.model.values import folded
from sqlfix.sql.create_table import read_create_table
from sqlfix.sql.literals import names
from sqlfix.sql.table_text import ClauseText, ColumnText, TableText
from sqlfix.sql.tokens import SPACE, DdlError, Span, Token, names_in, plain, tokens

# -- NOT NULL and the keys ------------------------------------------------------------------------------------------


def with_not_null(sql: str, column: str) -> str:
    """The text with a column NOT NULL; a NULL that stands there becomes it.

    Raises:
        DdlError: the text cannot be read, or has no such column. All of these functions raise that.
    """
    table, found = _column_of(sql, column)
    if found.not_null:
        return sql
    stated = [clause for clause in found.clauses if clause.kind == "null"]
    if stated:
        edits = [Splice((clause.start, clause.span[1]), "NOT NULL") for clause in stated[:1]]
        edits += [removal(sql, clause.span) for clause in stated[1:]]
    else:
        edits = [clause_in_column(found, "NOT NULL", early=True)]
    return edited(sql, table, edits, "not null", "conflicts")


def with_unique(sql: str, columns: Sequence[str]) -> str:
    """The text with a UNIQUE constraint over these columns: on the column if it is one, else of the table."""
    return _with_key(sql, read_create_table(sql), columns, "UNIQUE", "uniques")


def without_unique(sql: str, columns: Sequence[str]) -> str:
    """The text without the UNIQUE constraints over just these columns, in whichever order."""
    table, wanted = read_create_table(sql), sorted(map(folded, columns))
    edits: list[Splice] = []
    for clause in clauses(table):
        if clause.kind == "unique" and sorted(map(folded, clause.columns)) == wanted:
            edits += clause_removal(sql, table, clause)
    return edited(sql, table, edits, "uniques", "conflicts")


def with_primary_key(sql: str, columns: Sequence[str]) -> str:
    """The text with a primary key, of a table that has none: on the column if it is one, else of the table."""
    table = read_create_table(sql)
    if table.primary_key:
        raise DdlError("the table has a primary key")
    return _with_key(sql, table, columns, "PRIMARY KEY", "primary key")


def _with_key(sql: str, table: TableText, columns: Sequence[str], words: str, part: str) -> str:
    own = [column_of(table, name) for name in columns]
    if len(own) == 1:
        return edited(sql, table, [clause_in_column(own[0], words, early=True)], part)
    return edited(sql, table, clause_at_end(sql, table, f"{words} ({names([c.name for c in own])})"), part)


# -- CHECK ----------------------------------------------------------------------------------------------------------


def with_check(sql: str, expression: str, column: str | None = None) -> str:
    """The text with a CHECK constraint, on a column or of the table."""
    table, clause = read_create_table(sql), f"CHECK ({require_expression(expression)})"
    if column is None:
        edits = clause_at_end(sql, table, clause)
    else:
        edits = [clause_in_column(column_of(table, column), clause)]
    return edited(sql, table, edits, "checks")


def without_check(sql: str, number: int) -> str:
    """The text without one of its CHECK constraints, by its place among ``TableText.checks``."""
    table = read_create_table(sql)
    start = table.checks[number].span[0]
    clause = next(one for one in clauses(table) if one.start == start)
    return edited(sql, table, clause_removal(sql, table, clause), "checks")


# -- what a column is declared with -----------------------------------------------------------------------------------


def with_type(sql: str, column: str, type: str) -> str:
    """The text with another type of a column, or with none where that is empty."""
    table, found = _column_of(sql, column)
    type = plain(type, tokens(type))
    if type == found.type:
        return sql
    edit = Splice(found.type_span, type) if type else removal(sql, found.type_span)
    changed = edited(sql, table, [edit], "types")
    if column_of(read_create_table(changed), column).type != type:
        raise DdlError(f"{type} is not a type")
    return changed


def with_default(sql: str, column: str, default: str) -> str:
    """The text with a DEFAULT of a column, in the place of the one that it has; an expression gets parentheses."""
    cut = tokens(default)
    value = require_expression(default)
    return _with_word(sql, column, "default", f"DEFAULT {value if _is_plain(cut) else f'({value})'}", "defaults")


def with_collation(sql: str, column: str, collation: str) -> str:
    """The text with a collation of a column, in the place of the one that it has."""
    cut = tokens(collation)
    word = collation.strip() if len(cut) == 1 and cut[0].name is not None and cut[0].word else names([collation])
    return _with_word(sql, column, "collate", f"COLLATE {word}", "collations")


def _with_word(sql: str, column: str, kind: str, clause: str, part: str) -> str:
    table, found = _column_of(sql, column)
    there = [one for one in found.clauses if one.kind == kind]
    if not there:
        return edited(sql, table, [clause_in_column(found, clause, early=True)], part)
    # of several, SQLite goes by the last
    edits = [removal(sql, one.span) for one in there[:-1]]
    return edited(sql, table, [*edits, Splice((there[-1].start, there[-1].span[1]), clause)], part)


def without_clause(sql: str, column: str, kind: str) -> str:
    """The text without the clauses of a column of one kind: ``not null``, ``default`` or ``collate``."""
    table, found = _column_of(sql, column)
    parts = {"not null": ("not null", "conflicts"), "default": ("defaults",), "collate": ("collations",)}[kind]
    return edited(sql, table, [removal(sql, one.span) for one in found.clauses if one.kind == kind], *parts)


_VALUES = frozenset(("null", "true", "false", "current_date", "current_time", "current_timestamp"))


def _is_plain(cut: Sequence[Token]) -> bool:
    """True for a value that DEFAULT takes without parentheses: a number with its sign, a text, a BLOB, such a word."""
    if len(cut) == 2 and cut[0].word in ("+", "-"):
        return cut[1].name is None and not cut[1].word
    one = cut[0] if len(cut) == 1 else None
    return one is not None and (one.word in _VALUES or (not one.word and one.text[0] not in '"`['))


# -- what they share --------------------------------------------------------------------------------------------------


@frozen
class Splice:
    """One edit: ``text`` in the place of what stands at ``span``, which is empty for what is put in."""

    span: Span
    text: str = ""


def edited(sql: str, wanted: TableText, edits: Iterable[Splice], *parts: str) -> str:
    """The text with these edits.

    Args:
        wanted: what it is to say then.
        parts: what of that may be different, by the words of `_said`.

    Raises:
        DdlError: something else would be.
    """
    changed = spliced(sql, edits)
    before, after = _said(wanted), _said(read_create_table(changed))
    if other := [part for part in before if part not in parts and before[part] != after[part]]:
        raise DdlError(f"the text cannot be changed without changing its {other[0]} too")
    return changed


def _said(table: TableText) -> dict[str, object]:
    return {
        "name": table.name,
        "columns": [(c.name, c.generated) for c in table.columns],
        "types": [c.type for c in table.columns],
        "not null": [c.not_null for c in table.columns],
        "defaults": [c.default for c in table.columns],
        "collations": [c.collation for c in table.columns],
        "uniques": table.uniques,
        "primary key": table.primary_key,
        "checks": [(check.name, check.text) for check in table.checks],
        "foreign keys": [
            (k.columns, k.parent, k.parent_columns, k.on_delete, k.on_update, k.constraint, k.deferrable, k.match)
            for k in table.foreign_keys
        ],
        "conflicts": table.conflicts,
        "options": (table.without_rowid, table.strict),
    }


def clauses(table: TableText) -> tuple[ClauseText, ...]:
    """The constraints of all columns, and those of the table."""
    return (*(clause for column in table.columns for clause in column.clauses), *table.clauses)


def column_of(table: TableText, name: str) -> ColumnText:
    """The column of that name.

    Raises:
        DdlError: there is none.
    """
    found = next((column for column in table.columns if folded(column.name) == folded(name)), None)
    if found is None:
        raise DdlError(f"the text has no column {name}")
    return found


def _column_of(sql: str, name: str) -> tuple[TableText, ColumnText]:
    table = read_create_table(sql)
    return table, column_of(table, name)


# -- a whole column, with the constraints that are about it alone -------------------------------------------------


def without_column(sql: str, name: str) -> str:
    """The text without one of its columns.

    Raises:
        DdlError: the text cannot be read, has no such column or no other one, or says more of it than goes with it.
    """
    table = read_create_table(sql)
    column = column_of(table, name)
    if len(table.columns) == 1:
        raise DdlError("it is the only column")
    if any(folded(key) == folded(name) for key in table.primary_key):
        raise DdlError("it is a part of the primary key")
    _require_unspoken(sql, table, column)
    edits = [Splice(_with_comma(sql, table, column))]
    for clause in table.clauses:
        if not any(folded(named) == folded(name) for named in clause.columns):
            continue
        if len(clause.columns) > 1:
            raise DdlError(f"{' '.join(sql[slice(*clause.span)].split())} is about other columns as well")
        edits += clause_removal(sql, table, clause)
    # a DEFERRABLE may be of the key of a column that went before it
    columns = tuple(other for other in table.columns if other is not column)
    keys = tuple(key for key in table.foreign_keys if folded(name) not in map(folded, key.columns))
    wanted = replace(table, columns=columns, foreign_keys=keys)
    return edited(sql, wanted, edits, "uniques", "checks", "conflicts")


def _with_comma(sql: str, table: TableText, column: ColumnText) -> Span:
    """Where a column stands, with the comma before it or, of the first one, the one behind it."""
    cut = tokens(sql)
    if column is not table.columns[0]:
        comma = next(token for token in reversed(cut) if token.end <= column.span[0] and token.word == ",")
        return comma.start, column.span[1]
    return column.span[0], table.columns[1].span[0]


def _require_unspoken(sql: str, table: TableText, column: ColumnText) -> None:
    """Raise DdlError where a CHECK or a computed column speaks of it; in double quotes it would become a text."""
    own, name = column.span, folded(column.name)
    for check in table.checks:
        if not own[0] <= check.span[0] < own[1] and name in names_in(check.text):
            raise DdlError(f"CHECK ({check.text}) speaks of it")
    for other in table.columns:
        for clause in other.clauses if other is not column else ():
            if clause.kind == "generated" and name in names_in(sql[slice(*clause.span)]):
                raise DdlError(f"{other.name} is computed from it")


# -- edits at places of the tokens: what is put in or taken out, and the blanks and commas around it --------------
# All else of the text stays to the letter, every comment too.


def spliced(sql: str, edits: Iterable[Splice]) -> str:
    """The text with these edits, which do not overlap; a blank is added where two words would become one."""
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        before, after, text = sql[: edit.span[0]], sql[edit.span[1] :], edit.text
        middle = f"{_blank(before, text)}{text}{_blank(text, after)}" if text else _blank(before, after)
        sql = f"{before}{middle}{after}"
    return sql


def _blank(left: str, right: str) -> str:
    """The blank that two neighbours need between them."""
    return "" if not left or not right or left[-1] in f"{SPACE}(," or right[0] in f"{SPACE}(),;" else " "


def removal(sql: str, span: Span) -> Splice:
    """Take out some tokens, and the white space before them unless a comment stands in it."""
    end = _before(tokens(sql), span[0]).end
    return Splice((span[0] if sql[end : span[0]].strip(SPACE) else end, span[1]))


def clause_removal(sql: str, table: TableText, clause: ClauseText) -> list[Splice]:
    """Take out a constraint; of a table, with the comma that it does not leave behind."""
    edits = [removal(sql, clause.span)]
    cut = tokens(sql)
    before, after = _before(cut, clause.span[0]), _after(cut, clause.span[1])
    # without a comma behind it, the one before it is that of the next constraint: SQLite asks for none between two
    if clause in table.clauses and before.word == "," and after.word in (",", ")"):
        edits.append(removal(sql, (before.start, before.end)))
    return edits


def clause_at_end(sql: str, table: TableText, clause: str) -> list[Splice]:
    """Put in a constraint of the table behind all that is there, on a line of its own where the others have one."""
    last = _before(tokens(sql), table.end)
    first = (table.clauses[-1] if table.clauses else table.columns[-1]).span[0]
    line = sql.rfind("\n", 0, first) + 1
    indent = sql[line:first]
    newline = "\r\n" if line > 1 and sql[line - 2] == "\r" else "\n"
    alone = f"{newline}{indent}" if line and not indent.strip(SPACE) else ""
    gap = sql[last.end : table.end]
    if not gap.strip(SPACE):
        return [Splice((last.end, last.end), f",{alone or ' '}{clause}")]
    # a comment about the last definition stays with it
    at = last.end + len(gap.rstrip(SPACE))
    return [Splice((last.end, last.end), ","), Splice((at, at), f"{alone or newline}{clause}")]


def clause_in_column(column: ColumnText, clause: str, *, early: bool = False) -> Splice:
    """Put in a constraint of a column, behind its others; ``early``: behind its type, and NOT NULL and the keys."""
    at = column.span[1]
    if early:
        at = column.type_span[1]
        for other in column.clauses:
            if other.kind not in ("not null", "null", "primary key"):
                break
            at = other.span[1]
    return Splice((at, at), clause)


def require_expression(text: str) -> str:
    """An expression as it can stand in parentheses: without comments, and closing none that it has not opened.

    Raises:
        DdlError: it is none.
    """
    depth, cut = 0, tokens(text)
    for token in cut:
        depth += (token.word == "(") - (token.word == ")")
        if depth < 0 or token.word == ";" or (token.word == "," and not depth):
            raise DdlError("this is not one expression")
    if depth or not cut or "\0" in text:
        raise DdlError("this is not one expression")
    return plain(text, cut)


def _before(cut: list[Token], at: int) -> Token:
    return cut[bisect_right(cut, at, key=lambda token: token.end) - 1]


def _after(cut: list[Token], at: int) -> Token:
    return cut[bisect_left(cut, at, key=lambda token: token.start)]
