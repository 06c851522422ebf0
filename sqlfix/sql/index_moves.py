"""The statements that change the indexes of a table whose rows stay where they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlfix.frozen import frozen
from sqlfix.sql.literals import literal, quote
from sqlfix.sql.own_names import free_of
from sqlfix.sql.rebuild_statements import Moved, dropped, noticed, text_for_now


@frozen
class IndexMoves:
    """Indexes of constraints that come, go or get another name with the text of their table; and others made again.

    ``made`` and ``gone`` are the terms of the former by their names, ``renamed`` the new names by the old ones, and
    ``again`` the names and texts of indexes that are dropped before, and made after the text is another one. ``taken``
    are names that something has.
    """

    table: str
    made: Mapping[str, str]
    renamed: Mapping[str, str]
    gone: Mapping[str, str]
    again: Sequence[tuple[str, str]]
    taken: Sequence[str]

    @property
    def places(self) -> int:
        """How many of the table of what was done `statements` fill."""
        return 2 if self.again else 1

    def statements(self, done: str, place: int, text: str, free: str) -> Iterator[str]:
        """All statements that give the table another text.

        Args:
            done: the table of what was done, in which they fill places from this one on.
            free: a name that nothing has.
        """
        yield from self._before(done, place)
        yield from text_for_now(done, place + self.places - 1, self.table, text, self._moved)
        yield from noticed(free)
        yield from self._after()

    @property
    def _moved(self) -> Mapping[str, Moved]:
        """What each index becomes in the moment in which the table gets its text."""
        moved: dict[str, Moved] = {
            aside: (name, None) for aside, name in zip(self._asides("come"), self.made, strict=True)
        }
        moved.update({old: (new, None) for old, new in self.renamed.items()})
        for aside, (name, terms) in zip(self._asides("go"), self.gone.items(), strict=True):
            moved[name] = (aside, self._unique(aside, terms))
        return moved

    def _before(self, done: str, place: int) -> Iterator[str]:
        """Under the old text; a place of the table of what was done is filled where some are made again."""
        for aside, terms in zip(self._asides("come"), self.made.values(), strict=True):
            yield self._unique(aside, terms)
        yield from (dropped("index", name) for name, _ in self.again)
        if self.again:
            there = f"type = 'index' AND name IN ({', '.join(literal(name) for name, _ in self.again)})"
            count = f"SELECT {place}, count(*) FROM main.sqlite_master WHERE {there}"
            yield f"INSERT INTO temp.{done} (place, at_fault) {count}"

    def _after(self) -> Iterator[str]:
        """Under the new text."""
        yield from (dropped("index", aside) for aside in self._asides("go"))
        yield from (text for _, text in self.again)

    def _asides(self, what: str) -> list[str]:
        """The names of the indexes of constraints while they are none: of those that come, or go."""
        number = len(self.made if what == "come" else self.gone)
        return [free_of(f"sqlfix_{what}{place}", self.taken) for place in range(number)]

    def _unique(self, name: str, terms: str) -> str:
        return f"CREATE UNIQUE INDEX {quote(name)} ON {quote(self.table)} ({terms})"
