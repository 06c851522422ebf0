"""Python's format strings over the columns of a row, as SQL: ``{name:.50} Admin``.

What a field may ask for is what SQL says in the same words: a cut, a width, a fill, zeros before a whole number. All
else (attributes, indexes, conversions, signs, decimals) is refused and never nearly done. The rules of the format are
Python's: https://docs.python.org/3/library/string.html#format-specification-mini-language.
"""

import re
import string

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.schema import Table
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.predicates import affinity
from sqlfix.text import did_you_mean

_SPEC = re.compile(
    r"(?s)(?:(?P<fill>.)?(?P<align>[<>=^]))?(?P<sign>[-+ ])?(?P<other>z?#?)(?P<zero>0)?(?P<width>[0-9]+)?"
    r"(?P<group>[_,]?)(?:\.(?P<cut>[0-9]+))?(?P<type>[a-zA-Z%])?"
)
MOST_WIDE = 1000
"""The greatest width that a field may ask for."""


@frozen
class Field:
    """A column in a template, and how its value is written.

    ``cut`` is how many characters are kept, ``width`` how many there are at least. ``whole``: the value has to be a
    whole number; else, where there is a format at all (``formatted``), a text.
    """

    column: str
    formatted: bool = False
    whole: bool = False
    cut: int | None = None
    width: int = 0
    fill: str = " "
    align: str = "<"

    def sql(self) -> str:
        """Its text, over the row ``c``; NULL where the value is."""
        value = f"c.{quote(self.column)}"
        text = value if self.cut is None else f"substr({value}, 1, {self.cut})"
        if not self.width:
            return text
        text = f"CAST({text} AS TEXT)"
        missing = f"max({self.width} - length({text}), 0)"
        fill = literal(self.fill * self.width)
        match self.align:
            case "<":
                return f"{text} || substr({fill}, 1, {missing})"
            case ">":
                return f"substr({fill}, 1, {missing}) || {text}"
            case "^":
                left = f"substr({fill}, 1, {missing} / 2)"
                return f"{left} || {text} || substr({fill}, 1, {missing} - {missing} / 2)"
        return f"CASE WHEN {value} < 0 THEN '-' ELSE '' END || substr({fill}, 1, {missing}) || ltrim({text}, '-')"


@frozen
class Template:
    """A format string that was read: its literal parts and its fields, in order."""

    parts: tuple[str | Field, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Its fields, in order."""
        return tuple(part for part in self.parts if isinstance(part, Field))

    @property
    def constant(self) -> str | None:
        """Its text where it has no field."""
        return None if self.fields else "".join(map(str, self.parts))

    @property
    def alone(self) -> Field | None:
        """Its one field where there is nothing else in it and nothing is asked of it: the value is taken as it is."""
        (first, *more) = self.parts or ("",)
        return first if isinstance(first, Field) and not more and not first.formatted else None

    @property
    def ending(self) -> str:
        """What stands behind the last field, where it has letters or digits, so that a number belongs before it."""
        last = self.parts[-1] if self.parts and self.fields else ""
        return last if isinstance(last, str) and any(map(str.isalnum, last)) else ""

    @property
    def separator(self) -> str:
        """What parts a number from the name: a hyphen where the template has characters and no space among them."""
        written = "".join(part for part in self.parts if isinstance(part, str))
        return "-" if written and self.fields and not any(map(str.isspace, written)) else " "

    def base(self) -> str:
        """SQL of the text over the row ``c``, but for its `ending`; NULL where one of its columns is."""
        parts = self.parts[:-1] if self.ending else self.parts
        written = (literal(part) if isinstance(part, str) else part.sql() for part in parts)
        return f"CAST({' || '.join(f'({part})' for part in written) or literal('')} AS TEXT)"


def read_template(text: str, table: Table, option: str) -> Template:
    """The template that a text is, over the columns of a table.

    Args:
        option: the option as it was typed, for what is said.

    Raises:
        Refused: where it is none, or asks for what SQL cannot say.
    """
    parts: list[str | Field] = []
    try:
        for before, name, spec, conversion in string.Formatter().parse(text):
            if before:
                parts.append(before)
            if name is not None:
                parts.append(_field(name, spec or "", conversion, table, option))
    except ValueError as error:
        raise Refused(f"{option}: {_plain(error)}", "a brace that is meant as one is written twice: {{ or }}") from None
    joined: list[str | Field] = []
    for part in parts:  # a brace that was written twice ends a part
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return Template(tuple(joined))


def _plain(error: ValueError) -> str:
    said = str(error)
    return f"{said[:1].lower()}{said[1:]}"


def _field(name: str, spec: str, conversion: str | None, table: Table, option: str) -> Field:
    field = f"{{{name}}}"
    column = table.column(name)
    if column is None:
        first = re.split(r"[.\[]", name, maxsplit=1)[0]
        if first != name and table.column(first):
            raise Refused(f"{option}: {field} asks for a part of {first}", f"only whole columns: {{{first}}}")
        known = [each.name for each in table.columns]
        columns = f"the columns of {table.name} are {', '.join(known[:10])}{', …' if len(known) > 10 else ''}"
        what = f"there is no column {name} in {table.name}" if name else "{} names no column"
        raise Refused(f"{option}: {what}", did_you_mean(name, known, columns) if name else columns)
    if conversion is not None:
        raise Refused(f"{option}: {{{name}!{conversion}}} is a conversion of Python's", f"write {field}")
    if not spec:
        return Field(column.name)
    match = _SPEC.fullmatch(spec)
    if match is None:
        raise Refused(f"{option}: {spec} is no format", f"for example {{{name}:.50}}, which cuts")
    whole = match["type"] == "d" or (match["type"] is None and affinity(column, table.strict) == "INTEGER")
    if why := _why_not(match, whole):
        raise Refused(f"{option}: {{{name}:{spec}}}: {why}", "a cut, a width, a fill, and zeros before a whole number")
    zero = match["zero"] is not None
    align = match["align"] or ("=" if zero else ">" if whole else "<")
    fill = match["fill"] or ("0" if zero else " ")
    cut = None if match["cut"] is None else int(match["cut"])
    return Field(column.name, True, whole, cut, int(match["width"] or 0), fill, align)


def _why_not(match: re.Match[str], whole: bool) -> str | None:
    """Why a format cannot be written as SQL; or why Python itself refuses it."""
    if match["other"] or match["group"] or match["sign"] not in (None, "-" if whole else None):
        return "SQL writes no signs and no thousands separators"
    if match["type"] not in (None, "s", "d"):
        return f"SQL cannot write a value by {match['type']}"
    if int(match["width"] or 0) > MOST_WIDE:
        return f"it is wider than {MOST_WIDE} characters"
    if whole and match["cut"] is not None:
        return "a whole number cannot be cut"
    if not whole and (match["zero"] or match["align"] == "="):
        return "zeros are for whole numbers"
    return None
