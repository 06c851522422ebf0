"""The contract of a format, and how a person looks at the output.

A format is a file in `sqlfix/formats` that files, under its name, a function for each kind of document that it can
write. The kinds are `Report`, `Plan` and those of `sqlfix.prose.documents`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.registry import Registry

LISTED_FIRST = ("table", "json", "jsonl", "csv", "markdown")
"""The order in which --format lists the formats; those that are not named here follow by name."""


@frozen
class View:
    """How a person looks at the output: columns of the screen, colour, characters beyond ASCII, and how much detail."""

    width: int = 80
    colour: bool = False
    unicode: bool = True
    verbose: int = 0


Writer = Callable[[Any, View], Iterator[str]]
"""Gives a document as text in pieces; of a stream nothing is held back but the one row."""

FORMATS: Registry[Mapping[type, Writer]] = Registry("sqlfix.formats")


def written(format: str, document: object, view: View) -> Iterator[str]:
    """A document as a format writes it, in pieces.

    Raises:
        Refused: where the format cannot write a document of this kind.
    """
    return writer(format, type(document))(document, view)


def writer(format: str, kind: type) -> Writer:
    """The function by which a format writes documents of a kind.

    Raises:
        Refused: where it cannot, with the formats that can.
    """
    found = FORMATS[format].get(kind) if format in FORMATS.names() else None
    if found is None:
        raise Refused(f"{format!r} is not one of {', '.join(map(repr, formats_of(kind)))}")
    return found


def formats_of(kind: type) -> tuple[str, ...]:
    """The formats that can write documents of a kind, in the order in which they are listed."""
    found = [name for name, writers in FORMATS.all().items() if kind in writers]
    return tuple(sorted(found, key=lambda n: LISTED_FIRST.index(n) if n in LISTED_FIRST else len(LISTED_FIRST)))


def later(module: str, function: str) -> Writer:
    """A writer in a module of `sqlfix.prose` that is imported when it is needed, since most runs need none of them."""

    def write(document: object, view: View) -> Iterator[str]:
        found: Writer = getattr(importlib.import_module(f"sqlfix.prose.{module}"), function)
        return found(document, view)

    return write
