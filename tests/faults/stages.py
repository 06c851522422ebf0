"""The stages of a command, which it says on a descriptor as it comes to them: for `faults.trial`.

They are told one by one, a letter each, so that a signal can be sent at a moment of any of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from sqlfix import cli
from sqlfix.commands import planning, scan
from sqlfix.plan import planner
from sqlfix.repair import backup, change, record, schema_change, undo
from sqlfix.repair import run as repair
from sqlfix.sqlite import snapshot

STAGES = {
    "s": "the start",
    "p": "planning",
    "c": "checking",
    "b": "the backup",
    "v": "verifying the backup",
    "a": "the repair's statements",
    "w": "the record",
    "k": "the commit",
    "f": "finishing the record",
    "u": "bringing the backup back",
    "r": "putting rows back",
    "e": "closing",
}


HOOKS: tuple[tuple[Any, str, str], ...] = (
    (cli.group, "main", "s"),
    (planning, "make_plan", "p"),
    (planner, "check_all", "c"),
    (scan, "scan", "c"),
    (backup, "copy_database", "b"),
    (backup, "_verify", "v"),
    (repair, "_run", "a"),
    (schema_change, "carry_out", "a"),
    (schema_change, "commit", "k"),
    (record, "_write", "w"),
    (repair, "commit", "k"),
    (undo, "commit", "k"),
    (change, "finish", "f"),
    (undo, "_bring_back", "u"),
    (undo, "reverse", "r"),
    (undo, "change_back", "r"),
    (snapshot, "_tidy", "e"),
)
"""What begins each stage: the module that calls it, under which name, and the stage's letter."""


def _tell(descriptor: int, module: Any, name: str, letter: str) -> None:
    original: Callable[..., Any] = getattr(module, name)

    def told(*arguments: Any, **options: Any) -> Any:
        os.write(descriptor, letter.encode())
        return original(*arguments, **options)

    setattr(module, name, told)


def tell(descriptor: int) -> None:
    """Let this process tell the stages of the command that it will run."""
    for hook in HOOKS:
        _tell(descriptor, *hook)
