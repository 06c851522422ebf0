"""Rows that are parked: a table of the file that holds each as JSON, from which it can come back as it was.

JSON has no BLOBs, no infinity, and no text that is not Unicode, and SQLite writes a REAL with 15 digits. So a value
that JSON would not give back is an object that says how it is written: ``{"blob": "00ff"}``, ``{"text": "80"}`` with
its bytes, ``{"real": "4503599627370497p-52"}`` with a whole number and a power of two.
"""

import json
import math
from collections.abc import Mapping

from sqlfix.model.schema import Schema, Table
from sqlfix.model.values import Value, decode
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.parked_table import NAME, is_ours

CREATE = (
    f"CREATE TABLE {NAME} (id INTEGER PRIMARY KEY, table_name TEXT NOT NULL, row_key TEXT NOT NULL,"
    " row TEXT NOT NULL, parked_at TEXT NOT NULL, why TEXT NOT NULL)"
)
LONGEST = 2000
"""Characters of a text beyond ASCII that is looked at one by one to see whether all of them are Unicode."""
_LEAST, _MOST = "4503599627370496.0", "9007199254740992.0"


def parked(table: Table, why: str) -> dict[str, str]:
    """What stands in each column for a row ``c`` that is parked, as SQL; what is computed comes back by itself."""
    return {
        "table_name": literal(table.name),
        "row_key": as_json({name: f"c.{quote(name)}" for name in table.known_by}),
        "row": as_json({name: f"c.{quote(name)}" for name in table.writable}),
        "parked_at": "datetime('now')",
        "why": literal(why),
    }


def as_json(values: Mapping[str, str]) -> str:
    """SQL for a JSON object of some columns of a row, by the SQL of their values."""
    pairs = (f"{literal(json.dumps(name) + ': ')} || {_value(value)}" for name, value in values.items())
    return "'{' || " + " || ', ' || ".join(pairs) + " || '}'" if values else "'{}'"


def _value(x: str) -> str:
    """A value as JSON that loses nothing of it."""
    bytes_of = f"hex(CAST({x} AS BLOB))"
    return (
        f"CASE typeof({x}) WHEN 'null' THEN 'null' WHEN 'integer' THEN CAST({x} AS TEXT)"
        f" WHEN 'blob' THEN '{{\"blob\": \"' || hex({x}) || '\"}}'"
        f" WHEN 'text' THEN CASE WHEN {_is_unicode(x)} THEN json_quote({x}) ELSE"
        f" '{{\"text\": \"' || {bytes_of} || '\"}}' END ELSE {_real(x)} END"
    )


def _is_unicode(x: str) -> str:
    """True of a text of which JSON gives back every byte: without NUL, and the same once each character is read."""
    again = (
        f"(WITH RECURSIVE s(n, t) AS (SELECT 0, '' UNION ALL SELECT n + 1, t || char(unicode(substr({x}, n + 1, 1)))"
        f" FROM s WHERE n < length({x})) SELECT t FROM s WHERE n = length({x}))"
    )
    return (
        f"instr({x}, char(0)) = 0 AND CASE WHEN {x} NOT GLOB '*[^ -~]*' THEN 1 WHEN length({x}) > {LONGEST} THEN 0"
        f" ELSE CAST({again} AS BLOB) = CAST({x} AS BLOB) END"
    )


def _real(x: str) -> str:
    """A REAL as the few digits that any reader makes the same number of, or else as a whole number and an exponent."""
    short = f"printf('%!.15g', {x})"
    plain = f"({x} = 0 OR abs({x}) > 1e-15 AND abs({x}) < 1e15) AND CAST({short} AS REAL) = {x}"
    halved = (
        f"(WITH RECURSIVE s(m, e) AS (SELECT abs({x}), 0 UNION ALL SELECT CASE WHEN m < {_LEAST} THEN m * 2 ELSE m / 2"
        f" END, CASE WHEN m < {_LEAST} THEN e - 1 ELSE e + 1 END FROM s WHERE m < {_LEAST} OR m >= {_MOST})"
        f" SELECT CAST(m AS INTEGER) || 'p' || e FROM s WHERE m >= {_LEAST} AND m < {_MOST})"
    )
    sign = f"CASE WHEN {x} < 0 THEN '-' ELSE '' END"
    return (
        f'CASE WHEN {plain} THEN {short} ELSE \'{{"real": "\' || {sign} ||'
        f" CASE WHEN {x} * 2 = {x} THEN 'inf' ELSE {halved} END || '\"}}' END"
    )


def read_row(text: str, encoding: str) -> dict[str, Value]:
    """The columns of a parked row.

    Args:
        encoding: that of the file, for text that is not Unicode: ``PRAGMA encoding``.

    Raises:
        ValueError: the text is none that a row was parked as.
    """
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("that is not a row")
    return {name: _read(value, encoding) for name, value in found.items()}


def _read(value: object, encoding: str) -> Value:
    if isinstance(value, dict) and len(value) == 1:
        ((kind, text),) = value.items()
        if kind == "blob" and isinstance(text, str):
            return bytes.fromhex(text)
        if kind == "text" and isinstance(text, str):
            return decode(bytes.fromhex(text), encoding.lower().replace("utf-16", "utf-16-"))
        if kind == "real" and isinstance(text, str):
            mantissa, sign, exponent = text.partition("p")
            return math.ldexp(int(mantissa), int(exponent)) if sign else float(text)
    if value is None or (isinstance(value, int | float | str) and not isinstance(value, bool)):
        return value
    raise ValueError("a value is none that a row was parked with")


def conflict(schema: Schema) -> str | None:
    """Why no rows can be parked in a database, or None."""
    table = schema.table(NAME)
    other = table is not None and not is_ours(table)
    if other or (table is None and schema.has(NAME)):
        return f"{NAME} is there already, and is not the table in which sqlfix parks rows"
    return None
