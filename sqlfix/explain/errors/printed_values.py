"""The values of a statement's parameters, as frameworks print them beside it. Pure.

A value that is not printed as it is (cut short, hidden, or an object of the language) is `UNKNOWN`.
"""

import ast
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlfix.frozen import frozen

LONGEST = 10_000
"""Of a list of parameters, as it is printed."""


class Unknown:
    """What is printed is not a value that can be read."""


UNKNOWN: Final = Unknown()
Parameter = int | float | str | bytes | None | Unknown
Parameters = Sequence[Parameter] | Mapping[str, Parameter]


@frozen
class Printed:
    """The parameters of a statement, once for each time that it was to run; ``of`` says how often that was."""

    sets: tuple[Parameters, ...] = ((),)
    of: int = 1


_LIST = re.compile(
    rf"\b(?P<how>(?i:parameters|bindings|arguments|args|params))\"?:? ?\[(?P<list>[^]]{{0,{LONGEST}}})\](?!\])"
)
_NAMED = re.compile(rf"(?:\[PARAMS|\bParamValues): (?P<list>[^]\n]{{0,{LONGEST}}})\]")
_BESIDE = re.compile(
    rf"(?P<hole>\?\d{{0,5}}|[$:@]\w{{1,60}})[^\n?$@[\]]{{0,200}}?\[(?P<list>[^]\n]{{0,{LONGEST}}})\]"
    r"(?=[ \t]*(?:$|[-:)\"'}]))",
    re.MULTILINE,
)
_CUT = re.compile(r" {0,3}\.\.\. displaying \d+ of (?P<of>\d+) total bound parameter sets \.\.\. {0,3}")
_LEFT_OUT = re.compile(r" {0,3}\.\.\. \d+ parameters truncated \.\.\. {0,3}")
_SHORTENED = re.compile(r"\.\.\. ?\(?\d+ characters truncated\)? ?\.\.\.")


def listed(text: str, at: int) -> Printed:
    """The parameters that are printed as a list after the statement that begins at a place, as many libraries do."""
    if match := _LIST.search(text, at):
        return (
            bare_list(match["list"], text[at : match.start()]) if match["how"] == "args" else plain_list(match["list"])
        )
    if match := _NAMED.search(text, at):  # of Perl's each has its number before it
        values = [re.sub(r"^\d{1,5}=", "", part) for part in split_list(match["list"])]
        return Printed(([None if value == "undef" else _bare_value(value) for value in values],))
    match = _BESIDE.search(text, at)
    holes = set(re.findall(r"[$?:@]\w+", text[at : match.end("hole")])) if match else set()
    number = len(holes) + len(re.findall(r"\?(?!\w)", text[at : match.end("hole")])) if match else 0
    if match and number == len(split_list(match["list"])):
        return bare_list(match["list"], "?" * number)
    return Printed()


def split_list(text: str, separator: str = ",") -> list[str]:
    """The parts of a list, cut where a separator stands in no quotes and no parentheses."""
    parts, depth, quote, begin = [], 0, "", 0
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"`":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == separator and depth == 0:
            parts.append(text[begin:place].strip())
            begin = place + 1
    return [*parts, text[begin:].strip()]


# -- the forms ----------------------------------------------------------------------------------------------------


def plain_list(text: str, between: str = "") -> Printed:
    """Values with commas between them."""
    return Printed(([python_value(part) for part in split_list(text) if part],))


def python_list(text: str, between: str) -> Printed:
    """A tuple, a dict, or a list or a tuple of them for a statement that was to run more than once."""
    cut = _CUT.search(text)
    parts = [part for part in split_list(_CUT.sub(", ", text)[1:-1]) if part]
    nested = [part for part in parts if part[0] in "({"]
    if text[0] != "[" and (text[0] == "{" or not parts or len(nested) < len(parts)):
        return Printed((_one(text),))
    sets = tuple(map(_one, nested))
    return Printed(sets or ((),), int(cut["of"]) if cut else max(len(sets), 1))


def _one(text: str) -> Parameters:
    left_out = _LEFT_OUT.search(text)
    if left_out and text[0] == "{":
        return {}
    parts = [part for part in split_list(text[1 : left_out.start() if left_out else -1]) if part]
    if text[0] == "{":
        named = (split_list(part, ":") for part in parts)
        return {str(python_value(pair[0])): python_value(pair[1]) for pair in named if len(pair) == 2}
    return [python_value(part) for part in parts]  # those that are left out are unknown, and all behind them


def bare_list(text: str, statement: str) -> Printed:
    """A list in which text stands without quotes, and may hold a comma: sqflite's and Drizzle's."""
    parts = [part for part in split_list(text) if part]
    values = [_bare_value(part) for part in parts]
    written_bare = any(isinstance(value, Unknown) for value in map(python_value, parts))
    return Printed((() if written_bare and statement.count("?") != len(parts) else values,))


def _bare_value(text: str) -> Parameter:
    value = python_value(text)
    if not isinstance(value, Unknown):
        return value
    return UNKNOWN if text[:1] in ("'", '"', "`", "[", "{", "<") or "..." in text else text


def bare_text(text: str) -> Parameter:
    """A value that stands without quotes; what is empty may be NULL as well."""
    plain = text.strip()
    if re.fullmatch(r"-?\d{1,18}", plain):
        return int(plain)
    if len(plain) > 1 and plain[0] == plain[-1] == "'":
        return plain[1:-1].replace("''", "'")
    return plain or UNKNOWN


def python_value(text: str) -> Parameter:
    """A value as Python, Ruby or JavaScript write it."""
    words = {"nil": None, "null": None, "None": None, "NULL": None, "true": 1, "false": 0}
    if text in words:
        return words[text]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an escape that is none
            value = ast.literal_eval(text)
        if isinstance(value, str):
            value.encode()
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return UNKNOWN
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and _SHORTENED.search(value):
        return UNKNOWN
    return value if isinstance(value, int | float | str | bytes) else UNKNOWN


def known(values: Iterable[tuple[str | None, Parameter]]) -> tuple[tuple[str, int | float | str | bytes | None], ...]:
    """The pairs of a name and a value of which both are known."""
    return tuple((name, value) for name, value in values if name is not None and not isinstance(value, Unknown))
