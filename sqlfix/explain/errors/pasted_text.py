"""A pasted text without what its way put on it: colours, tags, escapes, the names of containers. Pure."""

from __future__ import annotations

import html
import re

MOST_TEXT = 1_000_000
"""Of a longer text only so many of its last characters are read."""

_COLOURS = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_CONTAINER = re.compile(r"(?m)^[\w.-]{1,60} {1,20}\| ")  # docker compose
_BOX = re.compile(r"(?m)^ {2}SQLSTATE\[[^\n]*(?:\n {2}[^\n]*\S[^\n]*)+")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,15}(?:\s[^<>]{0,500})?/?>")
_END_TAG = re.compile(r"</[A-Za-z][A-Za-z0-9]{0,15}>")
_JSON = re.compile(r"\"\s{0,9}:\s{0,9}\"")
_ESCAPE = re.compile(r"(?<!\\)((?:\\\\){0,50})\\(?:(?P<blank>[nrt])|u00(?P<sign>[2-7][0-9A-Fa-f]))")


def plain(text: str) -> str:
    """The end of a text as its author wrote it, without the carriage returns of Windows and what is no text.

    A web page is told by an end tag, and JSON by two texts with a colon between them: only there is an escape one, and
    a ``<`` no sign of SQL's.
    """
    whole = text[-MOST_TEXT:].encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    whole = _CONTAINER.sub("", _COLOURS.sub("", whole).replace("\r\n", "\n"))
    whole = _BOX.sub(lambda box: _as_one_line(box[0]), whole)
    if _JSON.search(whole):
        whole = _ESCAPE.sub(lambda m: m[1] + ("\n" if m["blank"] else chr(int(m["sign"], 16))), whole)
    if _END_TAG.search(whole):
        whole = html.unescape(_TAG.sub("\n", whole))
    return whole


_IN_VALUES = re.compile(r"(?i)\(SQL: .*? (?:values|set|select|where)\b|, SQL: .*? (?:values|set|select|where)\b")


def _as_one_line(box: str) -> str:
    """A message that Symfony's console has cut at its width, within words as well; a shorter line ends where it ends.

    Each line had two blanks at its end. Where these were lost, others may have been: what follows a cut among the
    values of a statement is left out then.
    """
    lines = [line[2:] for line in box.split("\n")]
    padded = lines[0].endswith("  ")
    lines = [line[:-2] for line in lines] if padded else lines
    width, whole = max(map(len, lines)), "  "
    for line, cut in zip(lines, (*lines[1:], None), strict=True):
        whole += line if cut is None else f"{line}\n" if len(line) < width - 2 else line.ljust(width)
        if len(line) < width - 2:
            continue
        if cut is not None and not padded and _IN_VALUES.search(whole):
            break
    return whole
