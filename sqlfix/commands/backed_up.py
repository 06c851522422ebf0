"""The lines that say where the backup is, and of what nobody could tell whether it is whole: of `repair` and `undo`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlfix.text import shown, shown_name


def backup_lines(backup: str, unverified: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Where the backup is; and by reason, which of its tables SQLite could not check."""
    by_reason: dict[str, list[str]] = {}
    for table, reason in unverified:
        by_reason.setdefault(reason, []).append(shown_name(table))
    yield f"Backup:   {shown(backup)} (verified{', but for what is named below' if by_reason else ''})"
    for reason, tables in by_reason.items():
        yield f"          not verified: {', '.join(tables)}: {shown(reason)}"
