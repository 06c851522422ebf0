"""The order in which tables are worked on: parents before children, those that refer to one another together."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


def parents_first(tables: Iterable[T], parents: Mapping[T, Iterable[T]]) -> list[tuple[T, ...]]:
    """The strongly connected components of the graph child → parents, each after all that it refers to.

    Args:
        tables: every table, in the order that decides where nothing else does.
        parents: for a table, those it refers to; tables not named in ``tables`` are passed over.

    Tarjan's algorithm (R. Tarjan, Depth-first search and linear graph algorithms, 1972), without recursion, so that a
    long chain of tables does not exhaust the stack.
    """
    search = _Search(list(tables), parents)
    for root in search.known:
        if root not in search.number:
            search.visit(root)
    return search.found


class _Search(Generic[T]):
    """The tables that were met, by ``number`` in that order; ``low`` is the least that each is known to reach."""

    def __init__(self, names: list[T], parents: Mapping[T, Iterable[T]]) -> None:
        self.known = {name: place for place, name in enumerate(names)}
        self.found: list[tuple[T, ...]] = []
        self.number: dict[T, int] = {}
        self._parents = parents
        self._low: dict[T, int] = {}
        self._stack: list[T] = []
        self._open: set[T] = set()
        self._work: list[tuple[T, Iterator[T]]] = []

    def visit(self, root: T) -> None:
        self._begin(root)
        while self._work:
            table, rest = self._work[-1]
            for parent in rest:
                if parent in self.known and parent not in self.number:
                    self._begin(parent)
                    break
                if parent in self._open:
                    self._low[table] = min(self._low[table], self.number[parent])
            else:
                self._end(table)

    def _begin(self, table: T) -> None:
        self.number[table] = self._low[table] = len(self.number)
        self._stack.append(table)
        self._open.add(table)
        self._work.append((table, iter(self._parents.get(table, ()))))

    def _end(self, table: T) -> None:
        self._work.pop()
        if self._work:
            child = self._work[-1][0]
            self._low[child] = min(self._low[child], self._low[table])
        if self._low[table] == self.number[table]:
            component: list[T] = []
            while not component or component[-1] != table:
                component.append(self._stack.pop())
            self._open.difference_update(component)
            self.found.append(tuple(sorted(component, key=self.known.__getitem__)))
