"""The records of the repairs of a database, put before a person."""

from __future__ import annotations

from collections.abc import Iterator

from sqlfix.prose.documents import History
from sqlfix.prose.format import View
from sqlfix.text import plural, shown


def history(history: History, view: View) -> Iterator[str]:
    """Two or three lines for each record, and one for each file that is none."""
    name, total = shown(history.database, view.unicode), len(history.records)
    if not history.records and not history.unreadable:
        yield f"{name}: no records\n"
        return
    yield f"{name}: {plural(total, 'record')}\n\n"
    for record in history.records:
        state = "" if record.state == "applied" else " (cut off: it may not have been committed)"
        undoes = f"undo of {shown(record.undoes or '', view.unicode)}"
        what = {"undo": undoes, "schema": "change of the schema"}.get(record.kind, "repair")
        rows = "" if record.about.get("objects") else f", {plural(record.rows, 'row')}"
        yield f"{shown(record.name, view.unicode)}  {what}{rows}{state}\n"
        yield f"    {shown(record.path.name, view.unicode)}\n"
        if record.backup:
            gone = "" if record.backup.exists() else " (no longer there)"
            yield f"    backup: {shown(record.backup.name, view.unicode)}{gone}\n"
    for broken in history.unreadable:
        yield f"{shown(broken.name, view.unicode)}  unreadable: {shown(broken.problem, view.unicode)}\n"
