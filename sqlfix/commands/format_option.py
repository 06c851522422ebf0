"""`--format`: its choices are the formats that can write what a command writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from sqlfix.commands.options import option
from sqlfix.errors import Refused
from sqlfix.prose.format import formats_of, writer


def format_option(kind: type, help: str) -> Callable[[Any], Any]:
    """Add ``--format`` for documents of a kind."""
    return option("--format", type=_FormatOf(kind), default="table", show_default=True, help=help)


class _FormatOf(click.Choice[str]):
    """The name of a format that can write documents of a kind; without a need, no other format is loaded."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self.case_sensitive = True

    @property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override]
        return formats_of(self._kind)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            writer(value, self._kind)
        except Refused as refused:
            self.fail(refused.message, param, ctx)
        return str(value)
