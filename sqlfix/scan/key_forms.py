"""Looking for a parent that is spelled otherwise by an index, where all parents are spelled in one of the usual ways.

`key_spelling.parents_nearby` says what a misspelled key is, and reads all parents to tell. Where all of them are of one
form, the few spellings that a parent of that form can have for a given key can be written down, and looked up.
"""

import re
import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from itertools import count

from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Schema, Table
from sqlfix.model.values import folded
from sqlfix.sql.key_spelling import can_be_read_otherwise, is_guid_text, other_order, spelled, spelled_otherwise
from sqlfix.sql.literals import free_name, quote
from sqlfix.sql.parents_nearby import gather_alike, gather_forms
from sqlfix.sql.predicates import COLLATIONS, is_there


@frozen
class Form:
    """A form of keys of which no two have the same `key_spelling.spelled`, but for the two orders of a GUID's bytes.

    ``holds`` says of a value that it is of the form; ``finds`` gives, for a parent's column and the spelled form of a
    key, what is true of the parents that have that spelled form. ``twin`` is the value of the form, if there can be
    one, that is the same key as another value of the form. ``surely`` holds for many values of the form, and for no
    others, and is worked out much faster. ``never`` holds for many values that no value of the form is the same key as,
    however they are read, and is worked out much faster than `key_spelling.spelled`. ``marks`` stand between the groups
    of the digits of a GUID.
    """

    holds: Callable[[str], str]
    finds: Callable[[str, str], str]
    twin: Callable[[str], str] | None = None
    surely: Callable[[str], str] | None = None
    never: Callable[[str], str] | None = None
    marks: str | None = None


def _is_integer(parent: str, key: str) -> str:
    # the plus takes the affinity of the CAST away, which would keep SQLite from the index of a column without one
    return f"{parent} = +CAST({key} AS INTEGER) AND {key} = CAST(CAST({key} AS INTEGER) AS TEXT)"


def _is_text(value: str, shape: str) -> str:
    """Text of a shape; what follows a NUL is hidden from GLOB."""
    return f"typeof({value}) = 'text' AND {value} GLOB '{shape}' AND instr({value}, char(0)) = 0"


def _is_too_short(value: str) -> str:
    """An integer, or ASCII that is too short for 32 hex digits; of 16 bytes a text can be a GUID."""
    return (
        f"CASE typeof({value}) WHEN 'integer' THEN 1 WHEN 'text' THEN length({value}) < 32"
        f" AND length(CAST({value} AS BLOB)) <> 16 AND {value} NOT GLOB '*[^ -~]*' AND instr({value}, char(0)) = 0"
        f" ELSE 0 END"
    )


def _dashed(key: str) -> str:
    """32 digits as a GUID is written; anything else becomes nothing that looks like one."""
    parts = " || '-' || ".join(f"substr({key}, {at}, {long})" for at, long in ((1, 8), (9, 4), (13, 4), (17, 4)))
    return f"{parts} || '-' || substr({key}, 21)"


def _turned(value: str) -> str:
    """A GUID with its hyphens in the other order of its bytes, as `other_order` of its digits."""
    groups = ((7, 5, 3, 1), (12, 10), (17, 15))
    parts = " || '-' || ".join(" || ".join(f"substr({value}, {at}, 2)" for at in group) for group in groups)
    return f"{parts} || substr({value}, 19)"


def _guid(case: str, dashed: bool) -> Form:
    """32 hex digits, with the hyphens of a GUID or without."""
    digit = "[0-9a-f]" if case == "lower" else "[0-9A-F]"
    # a digit is asked for in each place: to look for what is none takes three times as long
    shape = "-".join(digit * long for long in (8, 4, 4, 4, 12)) if dashed else digit * 32

    def finds(parent: str, key: str) -> str:
        keys = (_dashed(each) if dashed else each for each in (key, other_order(key)))
        return f"{parent} IN ({', '.join(f'{case}({each})' for each in keys)})"

    twin, marks = (_turned, "-") if dashed else (other_order, "")
    return Form(lambda value: _is_text(value, shape), finds, twin, never=_is_too_short, marks=marks)


def _plain(value: str) -> str:
    """Text that is its own spelled form: no rule for quotes, GUIDs or numbers has a hold on it."""
    return _is_word(value, "a-z", "^ -@[-~", "a-f", "urnidx")


def _capital(value: str) -> str:
    """Text whose spelled form is the same in small letters: `_plain`, but for its letters, which are capital."""
    return _is_word(value, "A-Z", "^ -`{-~", "A-F", "URNIDX")


def _is_word(value: str, letters: str, others: str, digits: str, marks: str) -> str:
    """Text of letters of one case that nothing but the rule for the case has a hold on.

    Args:
        letters: as GLOB writes them; ``digits`` are those among them that are hex digits, and ``marks`` those that
            stand around them.
        others: as GLOB writes what is neither such a letter nor a sign.
    """
    return (
        f"{_is_text(value, f'[1-9{letters}_/#]*')} AND {value} NOT GLOB '*[{others}]*' AND {value} NOT GLOB '* '"
        f" AND {value} NOT GLOB '[1-9]*.*' AND (length({value}) < 32 OR length({value}) > 60"
        f" OR {value} GLOB '*[^-0-9{digits}{{}}():{marks}]*')"
    )


def _counted(value: str) -> str:
    """Text that is a whole number above zero, as SQLite writes it; no affinity, which would make numbers of text."""
    return (
        f"+{value} < ':' COLLATE BINARY AND +{value} > '0' COLLATE BINARY"
        f" AND +{value} = CAST(CAST({value} AS INTEGER) AS TEXT) COLLATE BINARY"
    )


_GUID = re.compile("'([0-9a-f]{8})(-?)([0-9a-f]{4})\\2([0-9a-f]{4})\\2([0-9a-f]{4})\\2([0-9a-f]{12})'", re.IGNORECASE)
FORMS = (
    Form(lambda value: f"typeof({value}) = 'integer'", _is_integer, never=is_guid_text),
    _guid("lower", dashed=True),
    _guid("upper", dashed=True),
    _guid("lower", dashed=False),
    _guid("upper", dashed=False),
    Form(_plain, lambda parent, key: f"{parent} = {key}", surely=_counted, never=is_guid_text),
    Form(_capital, lambda parent, key: f"{parent} = upper({key}) AND {key} = lower({key})", never=is_guid_text),
)


def near(fk: ForeignKey, forms: Sequence[Form]) -> str:
    """SQL that is 1 where ``c`` is misspelled, else 0, and looks the parent up by its index.

    It means what `key_spelling.parents_nearby` means, of a row that is an orphan.

    Args:
        forms: those of the parents' key; all parents have them.
    """
    ours = [f"c.{quote(name)}" for name in fk.child_columns]
    same = " AND ".join(f"({form.holds(value)})" for form, value in zip(forms, ours, strict=True))
    twins = [form.twin for form in forms if form.twin]
    if not twins:
        same = f"WHEN {same} THEN 0 "
    elif len(forms) == 1:
        is_twin = f"p.{quote(fk.parent_columns[0])} = {twins[0](ours[0])}"
        same = f"WHEN {same} THEN EXISTS (SELECT 1 FROM {quote(fk.parent)} AS p WHERE {is_twin}) "
    else:
        same = ""

    never = " OR ".join(f"({form.never(value)})" for form, value in zip(forms, ours, strict=True) if form.never)

    def found(keys: Sequence[str]) -> str:
        return f"EXISTS (SELECT 1 {_from_parents(fk, forms, keys)})"

    return (
        f"CASE {same}WHEN {never} THEN 0 WHEN {found([spelled(value) for value in ours])} THEN 1"
        f" WHEN {can_be_read_otherwise(ours)} THEN {found(spelled_otherwise(ours))} ELSE 0 END"
    )


def key_of_parent(fk: ForeignKey, forms: Sequence[Form], keys: Sequence[str]) -> list[str] | None:
    """SQL for each column of the key of the one parent that has a spelled key, looked up by its index; NULL for none.

    Args:
        forms: those of the parents' key; all parents have them.
        keys: the parts of a spelled key, as SQL.

    Returns:
        None where two parents may have the same spelled key.
    """
    if any(form.twin for form in forms):
        return None
    source = _from_parents(fk, forms, keys)
    return [f"(SELECT p.{quote(name)} {source} LIMIT 1)" for name in fk.parent_columns]


def _from_parents(fk: ForeignKey, forms: Sequence[Form], keys: Sequence[str]) -> str:
    """A FROM clause, with its WHERE, for the parents ``p`` that have a spelled key."""
    finds = " AND ".join(
        form.finds(f"p.{quote(name)}", f"k.k{place}")
        for place, (form, name) in enumerate(zip(forms, fk.parent_columns, strict=True))
    )
    # LIMIT keeps SQLite from putting the long expression in wherever its value is used
    listed = ", ".join(f"{key} AS k{place}" for place, key in enumerate(keys))
    return f"FROM (SELECT {listed} LIMIT 1) AS k CROSS JOIN {quote(fk.parent)} AS p WHERE {finds}"


def other_form(key: Sequence[str], forms: Sequence[Form]) -> str:
    """The condition that a row ``c`` of the parents has a key of another form than these; of none, if all are one.

    In the condition of a CASE, SQLite works no more out than it has to.
    """
    columns = [f"c.{quote(name)}" for name in key]
    hold = " AND ".join(f"({_holds(form, column)})" for form, column in zip(forms, columns, strict=True))
    there = " AND ".join(is_there(column) for column in columns)
    return f"CASE WHEN {hold} THEN 0 ELSE {there} END"


def _holds(form: Form, value: str) -> str:
    return f"{form.surely(value)} OR {form.holds(value)}" if form.surely else form.holds(value)


def may_be_one_of(form: Form, column: str, values: Collection[str]) -> str | None:
    """The condition that a parent's key may be the same as one of some values, and is not looked up by its form.

    It holds for all of which that is true, and for all that are not written as GUIDs of that form are, but for their
    digits. Which digits these are is asked of none: only another case can make 32 of them the same key.

    Args:
        column: that of the key, as SQL.
        values: the values, as SQL.

    Returns:
        None where the form is none of GUIDs, or one of the values is not written as a GUID.
    """
    found = [_GUID.fullmatch(value) for value in values]
    if form.marks is None or not all(found):
        return None
    keys: set[str] = set()
    for groups in (match.group(1, 3, 4, 5, 6) for match in found if match):
        turned = ["".join(reversed(re.findall("..", group))) for group in groups[:3]]
        keys.update(form.marks.join(each) for each in (groups, (*turned, *groups[3:])))
    shape = form.marks.join("?" * long for long in (8, 4, 4, 4, 12))
    # no other character takes one byte, so that no letter beyond ASCII can stand for two, nor a NUL hide any
    long = f"length({column}) = {len(shape)} AND length(CAST({column} AS BLOB)) = {len(shape)}"
    plain = f"{long} AND +{column} < x''" + (f" AND {column} GLOB '{shape}'" if form.marks else "")
    listed = ", ".join(f"'{key}'" for key in sorted(keys))
    return f"CASE WHEN {plain} THEN +{column} COLLATE NOCASE IN ({listed}) ELSE {is_there(column)} END"


def first_forms(connection: sqlite3.Connection, table: Table, key: tuple[str, ...]) -> tuple[Form, ...] | None:
    """The form that each column of a key has in the first row of a table; None if one has none of them."""
    if not COLLATIONS.issuperset(folded(column.collation) for name in key if (column := table.column(name))):
        return None
    if key == (table.integer_key,):
        return (FORMS[0],)
    chosen = []
    for name in key:
        value = f"p.{quote(name)}"
        tests = ", ".join(form.holds(value) for form in FORMS)
        query = f"SELECT {tests} FROM {quote(table.name)} AS p WHERE {is_there(value)} LIMIT 1"
        row = connection.execute(query).fetchone()
        form = next((form for form, holds in zip(FORMS, row or (), strict=False) if holds), None)
        if form is None:
            return None
        chosen.append(form)
    return tuple(chosen)


# -- where they are not of one form: temporary tables of them, made once for all relationships with these parents -----

MOST_STANDING = 4
"""Parent tables whose forms stand at a time: each may take as much room as all of its keys."""
_NUMBERS = count()
"""Tell apart the tables of those that share a connection."""

_Parents = tuple[str, tuple[str, ...]]


@dataclass(slots=True, eq=False, repr=False)
class ParentForms:
    """Makes the tables, on whichever connection asks; all that do so see the same state, for as long as this is kept.

    A table has the same name on each connection. What was made longest ago goes first.
    """

    schema: Schema
    _number: int = field(default_factory=lambda: next(_NUMBERS))
    _known: dict[_Parents, str] = field(default_factory=dict)
    _standing: dict[tuple[sqlite3.Connection, _Parents], str | None] = field(default_factory=dict)

    def name(self, fk: ForeignKey) -> str:
        """The name of the table of the forms."""
        place = len(self._known)
        return self._known.setdefault(
            (fk.parent, fk.parent_columns), free_name(self.schema, f"sqlfix_forms_{self._number}_{place}")
        )

    def gather(self, connection: sqlite3.Connection, fk: ForeignKey) -> str | None:
        """Have the tables stand on a connection.

        Returns:
            the table of those parents that are alike but for their spelling; None where there are none.
        """
        parents = (fk.parent, fk.parent_columns)
        if (connection, parents) not in self._standing:
            mine = [key for key in list(self._standing) if key[0] is connection]
            for _, others in mine[: len(mine) - MOST_STANDING + 1]:
                _drop(connection, self._known[others])
                del self._standing[connection, others]
            self._standing[connection, parents] = gather_anew(connection, fk, self.name(fk))
        return self._standing[connection, parents]


def gather_anew(connection: sqlite3.Connection, fk: ForeignKey, forms: str) -> str | None:
    """Make the table of the forms, and that of the parents that are alike, if there are any: its name."""
    _drop(connection, forms)
    for statement in gather_forms(fk, forms):
        connection.execute(statement)
    if connection.execute(f"SELECT 1 FROM temp.{forms} WHERE n > 1 LIMIT 1").fetchone() is None:
        return None
    connection.execute(gather_alike(fk, alike(forms), forms))
    return alike(forms)


def alike(forms: str) -> str:
    """The name of the table of those parents that are alike, beside that of the forms."""
    return f"{forms}_alike"


def _drop(connection: sqlite3.Connection, forms: str) -> None:
    for table in (forms, alike(forms)):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
