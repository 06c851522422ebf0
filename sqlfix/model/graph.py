"""The order in which tables are worked on: parents before children, those that refer to one another together."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def parents_first(tables: Iterable[T], parents: Mapping[T, Iterable[T]]) -> list[tuple[T, ...]]:
    """The strongly connected components of the graph child → parents, each after all that it refers to.

    Args:
        tables: every table, in the order that decides where nothing else does.
        parents: for a table, those it refers to; tables not named in ``tables`` are passed over.

    Tarjan's algorithm (R. Tarjan, Depth-first search and linear graph algorithms, 1972), without recursion, so that a
    long chain of tables does not exhaust the stack.
    """
    names = list(tables)
    known = {name: place for place, name in enumerate(names)}
    number: dict[T, int] = {}
    low: dict[T, int] = {}
    stack: list[T] = []
    open_still: set[T] = set()
    found: list[tuple[T, ...]] = []
    for root in names:
        if root in number:
            continue
        work = [(root, iter(parents.get(root, ())))]
        number[root] = low[root] = len(number)
        stack.append(root)
        open_still.add(root)
        while work:
            table, rest = work[-1]
            for parent in rest:
                if parent not in known:
                    continue
                if parent not in number:
                    number[parent] = low[parent] = len(number)
                    stack.append(parent)
                    open_still.add(parent)
                    work.append((parent, iter(parents.get(parent, ()))))
                    break
                if parent in open_still:
                    low[table] = min(low[table], number[parent])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[table])
                if low[table] == number[table]:
                    component: list[T] = []
                    while not component or component[-1] != table:
                        component.append(stack.pop())
                    open_still.difference_update(component)
                    found.append(tuple(sorted(component, key=known.__getitem__)))
    return found
