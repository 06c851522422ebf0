"""In how many ways one key can be spelled: the one place that says so, the mildest first.

`SPELLINGS` are cumulative. Each takes away one more accident of spelling, so that two keys which are the same to one of
them are the same to all that come after. Most are plain SQL. Where SQL alone cannot say it (letters beyond ASCII), a
function of ours is called that every connection has, see `register`; a script cannot call it, and carries the keys
concerned: see `Carried`.

What "nearly the same" is decides what is never deleted and never emptied. So it is meant to be wide.
"""

import sqlite3
import unicodedata
from collections.abc import Callable, Sequence
from functools import reduce

from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import Value
from sqlfix.sql.literals import quote, rows_of_literals
from sqlfix.sql.predicates import (
    ALL_ALIVE,
    SPACES,
    Alive,
    as_stored,
    has_values,
    is_placeholder_value,
    without_guid_marks,
)

MOST_CARRIED = 5000
"""Keys that a script carries for one relationship, at most."""


@frozen
class Spelling:
    """An accident of spelling: its name, what does not count in a sentence, and SQL that takes it away.

    ``sql`` gives for an expression, which is text or NULL, the text without the accident, in one step or more; ``s``
    are the characters to trim. With ``once`` it names the expression only once; with ``ours`` it calls a function that
    only our own connections have.
    """

    name: str
    says: str
    sql: tuple[Callable[[str], str], ...]
    once: bool = False
    ours: bool = False


# -- what does not count ------------------------------------------------------------------------------------------


def _as_text(x: str) -> str:
    """A value of any class as text; 16 bytes are the bytes of a GUID."""
    return (
        f"CASE typeof({x}) WHEN 'blob' THEN CASE length({x}) WHEN 16 THEN lower(hex({x})) ELSE CAST({x} AS TEXT) END"
        f" WHEN 'real' THEN CASE WHEN {x} = CAST({x} AS INTEGER) THEN CAST(CAST({x} AS INTEGER) AS TEXT)"
        f" ELSE CAST({x} AS TEXT) END ELSE CAST({x} AS TEXT) END"
    )


def _without_nuls(k: str) -> str:
    """Most functions of SQLite take a text to end at its first NUL; hex() shows what follows it."""
    head = f"substr({k}, 1, length({k}))"
    ends_so = f"instr({k}, char(0)) AND rtrim(hex({k}), '0') = rtrim(hex({head}), '0')"
    return f"CASE WHEN {ends_so} THEN trim({head}, s) ELSE {k} END"


def _unquoted(k: str) -> str:
    quotes = "'\"''`'"
    quoted = f"length({k}) > 1 AND instr({quotes}, substr({k}, 1, 1)) AND substr({k}, 1, 1) = substr({k}, -1)"
    return f"CASE WHEN {quoted} THEN trim({k}, s || {quotes}) ELSE {k} END"


def _with_blanks(*numbers: int) -> Callable[[str], str]:
    """A blank for each character with one of these numbers."""
    return lambda k: reduce(lambda text, number: f"replace({text}, char({number}), ' ')", numbers, k)


def _by_function(name: str) -> Callable[[str], str]:
    """A call of one of our functions for text beyond ASCII, as bytes, and with a text that tells their encoding."""
    return lambda k: (
        f"CASE WHEN {k} GLOB '*[^ -~]*' THEN ifnull({name}(CAST({k} AS BLOB), CAST('a' AS BLOB)), {k}) ELSE {k} END"
    )


def _guid_digits(k: str) -> str:
    bare = without_guid_marks(f"replace(replace({k}, 'urn:uuid:', ''), '0x', '')")
    is_guid = f"length({k}) BETWEEN 32 AND 60 AND length({bare}) = 32 AND {bare} NOT GLOB '*[^0-9a-f]*'"
    return f"CASE WHEN {is_guid} THEN {bare} ELSE {k} END"


def other_order(k: str) -> str:
    """The 32 digits of a GUID with those of its first three groups in the other order: that of .NET, or back."""
    return " || ".join(f"substr({k}, {at}, 2)" for at in (7, 5, 3, 1, 11, 9, 15, 13)) + f" || substr({k}, 17)"


def _one_order(k: str) -> str:
    return f"CASE WHEN length({k}) = 32 AND {k} NOT GLOB '*[^0-9a-f]*' THEN min({k}, {other_order(k)}) ELSE {k} END"


_WHOLE = (
    "{0} GLOB '[-+.0-9]*' AND substr({0}, 2) NOT GLOB '*[^.0-9]*' AND {0} GLOB '*[0-9]*' AND {0} NOT GLOB '*.*.*'"
    " AND ({0} NOT GLOB '*.*' OR rtrim({0}, '0') GLOB '*.') AND length({0}) <> 32"
)
"""True of the digits of a whole number; 32 of them are a GUID."""


def _without_zeros(k: str) -> str:
    digits = f"ltrim({k}, '+-0')"
    sign = f"CASE WHEN {k} GLOB '-*[1-9]*' THEN '-' ELSE '' END"
    zero = f"CASE WHEN {digits} GLOB '[1-9]*' THEN '' ELSE '0' END"
    return f"CASE WHEN {_WHOLE.format(k)} THEN {sign} || {zero} || {digits} ELSE {k} END"


def _without_point(k: str) -> str:
    return f"CASE WHEN {k} GLOB '*.*' AND {_WHOLE.format(k)} THEN rtrim(rtrim({k}, '0'), '.') ELSE {k} END"


def _without_exponent(k: str) -> str:
    """Without that of `1.0e+15`: so SQLite writes a REAL that gets into a TEXT column and has 16 digits or more."""
    rest = f"substr({k}, 2)"
    form = f"{k} GLOB '[-+0-9]*' AND {k} GLOB '*[0-9].[0-9]*e+[0-9]*' AND {rest} NOT GLOB '*[^.0-9e+]*'"
    once = " AND ".join(f"{rest} NOT GLOB '*{mark}*{mark}*'" for mark in ".e+")
    number = f"CAST({k} AS REAL)"
    whole = f"abs({number}) < 9e18 AND {number} = CAST({number} AS INTEGER)"
    return f"CASE WHEN {form} AND {once} AND {whole} THEN CAST(CAST({number} AS INTEGER) AS TEXT) ELSE {k} END"


SPELLINGS = (
    Spelling(
        "white-space",
        "white space and invisible characters at the ends (the no-break space, the byte order mark and the zero-width"
        " space too); whether a number or a text is stored as a number, as text, or as a BLOB",
        (lambda k: f"trim({k}, s)",),
        once=True,
    ),
    Spelling("trailing-nul", "NUL characters at the end", (_without_nuls,)),
    Spelling("quotes", "quotes around the whole key", (_unquoted,)),
    Spelling(
        "inner-space",
        "whether a blank, a tab or a line break stands inside",
        # all that our functions take for white space of ASCII
        (_with_blanks(9, 10, 11), _with_blanks(12, 13, 28), _with_blanks(29, 30, 31)),
    ),
    Spelling(
        "composition",
        "how Unicode composes a letter from its parts (NFC), and invisible characters inside",
        (_by_function("sqlfix_composed"),),
        ours=True,
    ),
    Spelling("case", "the case of the letters A to Z", (lambda k: f"lower({k})",), once=True),
    Spelling("case-beyond-ascii", "the case of all other letters", (_by_function("sqlfix_caseless"),), ours=True),
    Spelling(
        "guid",
        "hyphens, braces and parentheses of a GUID, `urn:uuid:` or `0x` before it, and whether it is stored as text or"
        " as 16 bytes",
        (_guid_digits,),
    ),
    Spelling("guid-byte-order", "the byte order of a GUID: as it is written, or as .NET stores it", (_one_order,)),
    Spelling("leading-zeros", "a plus and leading zeros of a whole number", (_without_zeros,)),
    Spelling("decimal-point", "`.0` at the end of a whole number", (_without_point,)),
    Spelling("exponent", "the exponent of a whole number, as in `1.0e+15`", (_without_exponent,)),
)
"""What does not count, the mildest first; cumulative."""


def spelled(value: str, last: Spelling = SPELLINGS[-1], ours: bool = True) -> str:
    """SQL for the text that is left of a key without the accidents of its spelling; NULL for NULL.

    Args:
        value: an expression that is cheap, such as a column.
        last: the last accident that is taken away, after all those before it.
        ours: whether our own functions may be called; a script has to do without.
    """
    # one step after the other: nested in each other they would be too deep for SQLite's parser; LIMIT keeps SQLite from
    # putting a long expression in wherever its value is used
    wanted = SPELLINGS[: SPELLINGS.index(last) + 1]
    # of our own functions the later does what the earlier does as well
    functions = [each for each in wanted if each.ours][-1:] if ours else []
    steps, form = [f"k0(k, s) AS (SELECT {_as_text(value)}, {SPACES} LIMIT 1)"], "k"
    for each in wanted:
        if each.ours and each not in functions:
            continue
        for sql in each.sql:
            if form != "k" and not each.once:
                steps.append(f"k{len(steps)}(k, s) AS (SELECT {form}, s FROM k{len(steps) - 1} LIMIT 1)")
                form = "k"
            form = sql(form)
    return f"CASE {_at_once(value, last)} ELSE (WITH {', '.join(steps)} SELECT {form} FROM k{len(steps) - 1}) END"


def _at_once(value: str, last: Spelling) -> str:
    """The keys of which it is seen at once what is left of them; a NUL would hide what follows it from GLOB."""
    place, whole = SPELLINGS.index(last), last is SPELLINGS[-1]
    word = (
        f"typeof({value}) = 'text' AND {value} GLOB '[1-9A-Za-z_/#]*' AND {value} NOT GLOB '*[^ -~]*'"
        f" AND {value} NOT GLOB '* ' AND {value} NOT GLOB '[1-9]*.*' AND length({value}) NOT BETWEEN 32 AND 60"
        f" AND instr({value}, char(0)) = 0"
    )
    word_form = f"lower({value})" if any(each.name == "case" for each in SPELLINGS[: place + 1]) else value
    cases = f"WHEN typeof({value}) = 'integer' THEN CAST({value} AS TEXT) WHEN {word} THEN {word_form}"
    if not whole:
        return cases
    for is_guid, digits in (
        (is_guid_text(value), f"replace({value}, '-', '')"),
        (f"typeof({value}) = 'blob' AND length({value}) = 16", f"hex({value})"),
    ):
        in_one_order = f"SELECT min(k, {other_order('k')}) FROM (SELECT lower({digits}) AS k LIMIT 1)"
        cases += f" WHEN {is_guid} THEN ({in_one_order})"
    return cases


def is_guid_text(value: str) -> str:
    """Text that is spelled as 32 hex digits; it has more than the 16 bytes of a key that has another reading."""
    return (
        f"typeof({value}) = 'text' AND length({value}) IN (32, 36) AND {value} NOT GLOB '*[^-0-9A-Fa-f]*'"
        f" AND length(replace({value}, '-', '')) = 32 AND instr({value}, char(0)) = 0"
    )


def other_reading(value: str) -> str:
    """What else a key can be if it is 16 bytes or 16 characters: the text of the bytes, or the bytes of the text.

    NULL for any other key.
    """
    return (
        f"CASE WHEN length(CAST({value} AS BLOB)) = 16 THEN CASE typeof({value}) WHEN 'blob' THEN CAST({value} AS TEXT)"
        f" WHEN 'text' THEN CAST({value} AS BLOB) END END"
    )


# -- what SQL cannot say ------------------------------------------------------------------------------------------


@frozen
class Carried:
    """The keys of children and parents that are nearly the same in a way that SQL alone cannot say.

    Each is a key and a number; those with one number are nearly the same.
    """

    children: tuple[tuple[tuple[Value, ...], int], ...] = ()
    parents: tuple[tuple[tuple[Value, ...], int], ...] = ()


NOTHING_CARRIED = Carried()


def _is_carried(fk: ForeignKey, carried: Carried, alive: Alive) -> str:
    """True where the key of ``c`` is among those carried, and a parent that it nearly names still stands."""
    width = len(fk.child_columns)

    def rows(some: Sequence[tuple[tuple[Value, ...], int]]) -> str:
        return f"VALUES {rows_of_literals((*key, number) for key, number in some)}"

    key, number = ", ".join(f"a.column{place + 1}" for place in range(width)), f"column{width + 1}"
    found = has_values(fk, [f"b.column{place + 1}" for place in range(width)])
    return (
        f"({as_stored(fk)}) IN (SELECT {key} FROM ({rows(carried.children)}) AS a"
        f" JOIN ({rows(carried.parents)}) AS b ON b.{number} = a.{number}"
        f" CROSS JOIN {quote(fk.parent)} AS p ON {found}{alive(fk.parent, 'p')})"
    )


# -- which orphans are only spelled otherwise ---------------------------------------------------------------------


def misspelled(schema: Schema, fk: ForeignKey, alive: Alive = ALL_ALIVE, carried: Carried = NOTHING_CARRIED) -> str:
    """True where an orphan's key would find a parent, or several, but for its spelling; never NULL.

    It is SQL that a script can hold. The parents are read once for the whole statement, and only when a first orphan
    needs it: the inner query does not depend on the child row. CASE, since where a NULL has to be told from false,
    SQLite reads all of a list of pairs for each child row.
    """
    ours = ", ".join(spelled(f"c.{quote(name)}", ours=False) for name in fk.child_columns)
    theirs = ", ".join(spelled(f"p.{quote(name)}", ours=False) for name in fk.parent_columns)
    standing = alive(fk.parent, "p").replace(" AND", " WHERE", 1)
    cases = f"WHEN ({ours}) IN (SELECT {theirs} FROM {quote(fk.parent)} AS p{standing}) THEN 1"
    if carried.children:
        cases += f" WHEN {_is_carried(fk, carried, alive)} THEN 1"
    return in_words(schema, fk, f"CASE {cases} ELSE 0 END")


def can_be_read_otherwise(columns: Sequence[str]) -> str:
    """True where any part of a key has an `other_reading`."""
    return " OR ".join(f"{other_reading(column)} IS NOT NULL" for column in columns)


def spelled_otherwise(columns: Sequence[str]) -> list[str]:
    """The parts of a key as `spelled`, each in its other reading where it has one."""
    readings = (f"SELECT ifnull({other_reading(column)}, {column}) AS k LIMIT 1" for column in columns)
    return [f"(SELECT {spelled('k')} FROM ({reading}))" for reading in readings]


def in_words(schema: Schema, fk: ForeignKey, match: str) -> str:
    """The condition that a key is spelled otherwise, for those keys only that have a spelling.

    A number has none to differ in from an INTEGER PRIMARY KEY.
    """
    if fk.parent_columns == (schema.known_table(fk.parent).integer_key,):
        return f"CASE WHEN typeof(c.{quote(fk.child_columns[0])}) IN ('text', 'blob') THEN {match} ELSE 0 END"
    return match


# -- values that stand for "none" ---------------------------------------------------------------------------------


def placeholder(
    schema: Schema,
    fk: ForeignKey,
    alive: Alive = ALL_ALIVE,
    near: str | None = None,
    carried: Carried = NOTHING_CARRIED,
) -> str:
    """True where an orphan's key stands for "none": no parent has that value, however it is spelled.

    ``near`` is quicker SQL for `misspelled`.
    """
    looks = looks_empty(schema, fk, alive, quick=near is not None)
    return f"({looks} AND NOT {near or misspelled(schema, fk, alive, carried)})"


def looks_empty(schema: Schema, fk: ForeignKey, alive: Alive = ALL_ALIVE, quick: bool = False) -> str:
    """True where an orphan's key looks like one that stands for "none".

    Of a composite key one such column is enough, if no parent row has that value, however it is spelled, in the column
    it refers to: a part that is 0 in sound rows as well is an ordinary value.
    """
    if len(fk.child_columns) == 1:
        return f"({is_placeholder_value(f'c.{quote(fk.child_columns[0])}', quick)})"
    # the parents' placeholders are few, and gathered once: a part of a key has no index of its own
    parts = [
        f"({is_placeholder_value(f'c.{quote(child)}')}) AND {spelled(f'c.{quote(child)}', ours=False)}"
        f" NOT IN (SELECT {spelled(f'p.{quote(parent)}', ours=False)} FROM {quote(fk.parent)} AS p"
        f" WHERE ({is_placeholder_value(f'p.{quote(parent)}')}){alive(fk.parent, 'p')})"
        for child, parent in zip(fk.child_columns, fk.parent_columns, strict=True)
    ]
    return f"({' OR '.join(parts)})"


# -- the functions that our connections have, for what SQL alone cannot say ----------------------------------------

MOST_CHARACTERS = 1000
"""Of a text beyond ASCII that is compared otherwise than it stands; to order its accents takes the square of these."""


def register(connection: sqlite3.Connection) -> None:
    """Give a connection our functions, which `trust` lets a schema call: they are pure, and never fail."""
    connection.create_function("sqlfix_composed", 2, _composed, deterministic=True)
    connection.create_function("sqlfix_caseless", 2, _caseless, deterministic=True)


def _composed(raw: object, letter_a: object) -> str | None:
    """A text in Unicode's composed form, every space of it as a blank, without characters that nobody sees."""
    text = _decoded(raw, letter_a)
    return text and unicodedata.normalize("NFC", text)


def _caseless(raw: object, letter_a: object) -> str | None:
    """The same without case, as Unicode compares it (https://www.unicode.org/versions/latest/, D145), composed."""
    text = _decoded(raw, letter_a)
    return text and unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def _decoded(raw: object, letter_a: object) -> str | None:
    """The text that is seen of some bytes, told the bytes of the letter a; None if there is none, or it is too long."""
    encoding = {b"a": "utf-8", b"a\x00": "utf-16-le", b"\x00a": "utf-16-be"}.get(
        letter_a if isinstance(letter_a, bytes) else b""
    )
    if encoding is None or not isinstance(raw, bytes):
        return None
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    if len(text) > MOST_CHARACTERS:
        return None
    return "".join(" " if c.isspace() else c for c in text if unicodedata.category(c) != "Cf")
