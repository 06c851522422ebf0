"""How a database differs from an older copy, put before a person."""

from collections.abc import Iterator

from sqlfix.model.differences import Difference, DifferentRow, LostParents, TableDifference
from sqlfix.prose.format import DifferentRows, View
from sqlfix.prose.page import BOLD, GREEN, Page
from sqlfix.prose.report import relationship
from sqlfix.text import pairs_text, plural

MARKS = {"added": "+", "removed": "-", "changed": "~"}


def difference(found: Difference, view: View) -> Iterator[str]:
    """A line for each table that differs, what only one of the two has, and which missing parents could come back."""
    page = Page(view)
    same = not found.differs and found.complete
    names = f"{page.shown(found.database)} compared with {page.shown(found.older)}"
    total = plural(len(found.tables), "table")
    if same:
        page.title(f"{names}: the same rows in {total}", GREEN)
    else:
        differ = sum(table.differs for table in found.tables)
        page.title(f"{names}: {differ:,} of {total} differ", BOLD)
    if found.kind == "record":
        page.say("It is a record, which holds only rows that were deleted: rows added or changed are unknown.")
    page.notes(found.notes)
    with_rows = (table for table in found.tables if table.added or table.removed or table.changed)
    page.items("Rows:", (_table(page, table) for table in with_rows))
    columns = (_columns(page, table) for table in found.tables if table.only_here or table.only_older)
    page.items("Columns:", columns)
    page.items("Tables only in the database:", map(page.name, found.only_here))
    page.items("Tables only in the older copy:", map(page.name, found.only_older))
    missed = (f"{page.name(t.table)}: {page.shown(t.reason)}" for t in found.tables if t.reason)
    page.items("Not compared:", missed)
    page.items("Missing parents that the older copy has:", (_parents(page, lost) for lost in found.parents))
    yield from page.lines


def _table(page: Page, table: TableDifference) -> str:
    figures = ((table.added, "added"), (table.removed, "removed"), (table.changed, "changed"))
    said = ", ".join(f"{number:,} {word}" for number, word in figures if number is not None)
    by = f"by {', '.join(map(page.name, table.key))}" if table.key else "by all values"
    return f"{page.name(table.table)}: {said} ({by})"


def _columns(page: Page, table: TableDifference) -> str:
    sides = ((table.only_here, "only in the database"), (table.only_older, "only in the older copy"))
    said = (f"{', '.join(map(page.name, columns))} {where}" for columns, where in sides if columns)
    return f"{page.name(table.table)}: {'; '.join(said)}"


def _parents(page: Page, lost: LostParents) -> str:
    link = relationship(lost.foreign_key.subject, page.view.unicode)
    if lost.reason and not lost.found:
        return f"{link}: {lost.missing:,} missing; {page.shown(lost.reason)}"
    more = " or more" if lost.capped else ""
    said = f"{link}: {lost.found:,} of the {lost.missing:,}{more} missing"
    return f"{said}; {page.shown(lost.reason)}" if lost.reason else said


def rows(found: DifferentRows, view: View) -> Iterator[str]:
    """A line for each row: ``+`` added, ``-`` removed, ``~`` changed."""
    page, last = Page(view), None
    names = f"{page.shown(found.database)} compared with {page.shown(found.older)}"
    for row in found.rows:
        if last is None:
            page.title(f"{names}: rows", BOLD)
        if row.table != last:
            page.heading(f"{page.name(row.table)}")
            last = row.table
        page.say(f"{MARKS[row.what]} {_row(row, view.unicode)}", "  ", "      ")
        yield from page.taken()
    if last is None:
        page.title(f"{names}: the same rows", GREEN)
    yield from page.lines


def _row(row: DifferentRow, unicode: bool) -> str:
    if row.what != "changed":
        return pairs_text(row.here or row.older, unicode)
    older, here = pairs_text(row.older, unicode), pairs_text(row.here, unicode)
    return f"{pairs_text(row.key, unicode)}: {older} is now {here}"
