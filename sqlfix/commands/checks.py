"""`sqlfix checks`: what a scan looks for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import click

from sqlfix.commands.options import option, view_of
from sqlfix.errors import Refused
from sqlfix.scan.check import check_names, rule_of


@click.command("checks")
@click.argument("name", required=False)
@option(
    "--format",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How to write the list or the page.",
)
def command(name: str | None, format: str) -> None:
    """List the checks of a scan, or print the page of one.

    The page of a check says what it finds, why that matters, how it is repaired and what a repair loses. The names are
    those that --select and --ignore take.

    Exit code: 0; 2 there is no check of that name.
    """
    if name is not None:
        _require_known(name)
    if format == "json":
        found: object = _facts(name, True) if name else [_facts(each, False) for each in check_names()]
        click.echo(json.dumps({"format_version": 1, "check" if name else "checks": found}, indent=2))
    elif name:
        for line in _page(name, view_of(0).width):
            click.echo(line)
    else:
        for line in _lines(view_of(0).width):
            click.echo(line)


def _require_known(name: str) -> None:
    """Raise Refused, with the names that are near, where there is no such check."""
    if name in check_names():
        return
    import difflib

    plain = name.lower().replace("_", "-")
    close = difflib.get_close_matches(plain, check_names(), n=3, cutoff=0.5)
    known = f"did you mean {' or '.join(close)}?" if close else f"the checks are {', '.join(check_names())}"
    raise Refused(f"there is no check called {name}", known)


def _facts(name: str, whole: bool) -> dict[str, object]:
    facts: dict[str, object] = {"name": name, "severity": _severity(name), "summary": _summary(name)}
    return {**facts, "page": rule_of(name).doc.strip()} if whole else facts


def _severity(name: str) -> str:
    return rule_of(name).severity.name.lower()


def _summary(name: str) -> str:
    """What the check finds: the first sentence of its page, without marks."""
    match = re.search(r"\*\*What it finds\.\*\*\s+(.*?)(?:\n\n|\Z)", rule_of(name).doc, re.DOTALL)
    text = re.sub(r"[`*]", "", " ".join(match[1].split())) if match else ""
    return re.split(r"(?<=[\w)\"])(?:\. |: |\.$|; )", text, maxsplit=1)[0] + "."


def _page(name: str, width: int) -> Iterator[str]:
    """The page of a check, its paragraphs broken anew for the screen."""
    from sqlfix.text import wrapped

    for paragraph in rule_of(name).doc.strip().split("\n\n"):
        yield from wrapped(" ".join(paragraph.split()), width)
        yield ""
    yield f"Severity: {_severity(name)}."


def _lines(width: int) -> list[str]:
    """A line for each check where there is room for it; what is too long goes on below."""
    from sqlfix.text import wrapped

    names = max(map(len, check_names()))
    lines: list[str] = []
    for name in check_names():
        first = f"{name:<{names}}  {_severity(name):<7}  "
        lines += wrapped(_summary(name), width, first, " " * len(first))
    return lines
