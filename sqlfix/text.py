"""Words and values put before a person: escaping, plurals, cells, wrapped lines."""

import math
import os
import re
import shlex
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlfix.model.findings import Row
from sqlfix.model.values import NotUtf8, Value, folded

# Characters that str.isprintable lets pass although they leave no mark: two names could differ by them alone.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": "\\\\"}
_LONGEST_TEXT = 40
_LONGEST_BLOB = 16


def shown(text: str, unicode: bool = True) -> str:
    """``text`` on one line, with visible escapes (``\\n``, ``\\x1b``, ``\\u202e``) for what does not print.

    A backslash is escaped only next to another escape, so that plain names stay plain. Without ``unicode`` all that is
    not ASCII is escaped too.
    """
    if (text.isascii() and text.isprintable()) or all(_plain(character, unicode) for character in text):
        return text
    return "".join(c if _plain(c, unicode) and c != "\\" else _escape(c) for c in text)


def words_of(text: str) -> frozenset[str]:
    """The words of a text, where many are written down."""
    return frozenset(text.split())


def typed_path(path: Path | str) -> str:
    """The path as it can be typed on a command line, where one that begins with - would be an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def typed_words(words: Iterable[str]) -> str:
    """Words as they are typed into a shell, without a character that a terminal would act upon.

    What does not print is given by printf, which every POSIX shell has. A line break at the end of a word is lost.
    """

    def typed(word: str) -> str:
        if shown(word) == word:
            return shlex.quote(word)
        plain = (
            chr(b) if (chr(b).isalnum() and b < 0x80) or chr(b) in " -_./=," else f"\\{b:03o}"
            for b in os.fsencode(word)
        )
        return f"\"$(printf '{''.join(plain)}')\""

    return " ".join(map(typed, words))


def command_line(words: tuple[str, ...], database: str) -> str:
    """A command as it is typed: the name of the database follows the name of the command."""
    dashed = words[0] == "why" and any(word.startswith("-") for word in words[1:])
    return f"sqlfix {typed_words((words[0], *(('--',) if dashed else ()), typed_path(database), *words[1:]))}"


def _plain(character: str, unicode: bool) -> bool:
    if character.isascii() or not unicode:
        return " " <= character <= "~"
    return character.isprintable() and not _INVISIBLE.match(character)


def _escape(character: str) -> str:
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shown_name(name: str, unicode: bool = True) -> str:
    """A table or column name; in double quotes where it would otherwise be lost from sight."""
    text = shown(name, unicode)
    return text if text and text == text.strip(" ") else f'"{text}"'


def shown_value(value: Value, unicode: bool = True) -> str:
    """A stored value the way SQL writes it, long ones cut short with an ellipsis after the closing quote."""
    more = dots(unicode)
    if value is None:
        return "NULL"
    if isinstance(value, str):
        text = shown(value[:_LONGEST_TEXT], unicode).replace("'", "''")
        return f"'{text}'{more if len(value) > _LONGEST_TEXT else ''}"
    if isinstance(value, bytes):
        return f"x'{value[:_LONGEST_BLOB].hex()}'{more if len(value) > _LONGEST_BLOB else ''}"
    if isinstance(value, NotUtf8):
        return f"{shown_value(value.raw, unicode)} (text, not UTF-8)"
    return repr(value)


def dots(unicode: bool) -> str:
    """What stands for what is left out."""
    return "…" if unicode else "..."


def json_value(value: Value) -> object:
    """A stored value for JSON; what JSON has no word for becomes an object with one key that says what it is."""
    if isinstance(value, bytes):
        return {"blob": value.hex()}
    if isinstance(value, NotUtf8):
        return {"text_hex": value.raw.hex()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"real": repr(value)}
    return value


def row_text(row: Row, unicode: bool = True) -> str:
    """``id=7 (customer_id=12)``: how to address a row, and the values at fault."""
    key, values = pairs_text(row.key, unicode), pairs_text(row.values, unicode)
    return f"{key} ({values})" if key and values else key or f"({values})"


def pairs_text(pairs: Iterable[tuple[str, Value]], unicode: bool = True) -> str:
    """``a=1, b='x'``."""
    return ", ".join(f"{shown_name(column, unicode)}={shown_value(value, unicode)}" for column, value in pairs)


def address(table: str, columns: Iterable[str]) -> str:
    """A relationship or a column as --select, --set and --unique take it: ``t.a,b``."""
    return f"{table}.{','.join(columns)}"


def typed_address(table: str, columns: Iterable[str], more: str = "") -> str:
    """The same as it is typed into a shell, with ``more`` behind it; in quotes where it could mean something else."""
    names = (table, *columns)
    if any(name != name.strip() or re.search("^-|^$|[].,\"'`[=()]", name) for name in names):
        names = tuple('"' + name.replace('"', '""') + '"' for name in names)
    return typed_words([f"{address(names[0], names[1:])}{more}"])


def near_names(text: str, known: Iterable[str], most: int, cutoff: float = 0.5) -> list[str]:
    """Up to ``most`` known names that are near to a text, whatever the case, the nearest first.

    Args:
        cutoff: how near, from 0 to 1, as `difflib` has it.
    """
    import difflib

    names = {folded(name): name for name in known}
    return [names[near] for near in difflib.get_close_matches(folded(text), names, n=most, cutoff=cutoff)]


def did_you_mean(text: str, known: Iterable[str], otherwise: str) -> str:
    """A hint at up to three known names that are near to what was typed; ``otherwise`` where none is."""
    close = near_names(text, known, 3)
    return f"did you mean {' or '.join(close)}?" if close else otherwise


def plural(number: int, noun: str, many: str | None = None) -> str:
    """``1 row``, ``204,927 rows``; ``many`` where the plural takes more than an s."""
    return f"{number:,} {noun if number == 1 else many or f'{noun}s'}"


# -- the width of a screen ----------------------------------------------------------------------------------------


def cells(text: str) -> int:
    """How many columns of a terminal ``text`` takes at most: a combining mark counts as one."""
    return len(text) if text.isascii() else len(text) + sum(wide(c) for c in text if not c.isascii())


def wide(character: str) -> bool:
    """Whether a terminal gives the character two columns."""
    return unicodedata.east_asian_width(character) in "WF"


def wrapped(text: str, width: int, first: str = "", rest: str = "", whole: bool = False) -> Iterator[str]:
    """``text`` in lines of at most ``width`` columns, broken at blanks, and inside a word only if it must be.

    Args:
        first: what the first line begins with.
        rest: what the others begin with.
        whole: never inside a word: what has a path in it, which is there to be copied.
    """
    if text[:1] != " " and cells(first) + cells(text) <= width:  # most fit
        yield first + text
        return
    prefix, line = first, ""
    for part in text.split(" "):
        word = part
        if line and cells(prefix) + cells(line) + 1 + cells(word) <= width:
            line += f" {word}"
            continue
        if line:
            yield prefix + line
            prefix = rest
        while not whole and cells(prefix) + cells(word) > width:
            head = _head(word, max(width - cells(prefix), 2))
            if len(head) == len(word):
                break
            yield prefix + head
            prefix, word = rest, word[len(head) :]
        line = word
    yield prefix + line


def _head(word: str, room: int) -> str:
    """The beginning of ``word`` that fits, up to a joint between two parts of a name where one is near."""
    end = taken = 0
    while end < len(word) and (taken := taken + 1 + wide(word[end])) <= room:
        end += 1
    joint = max(word.rfind(mark, 0, end) for mark in "._-,(/") + 1
    return word[: joint if end < len(word) and joint > end // 2 else end]
