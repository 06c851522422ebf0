"""The order in which tables are worked on: parents before children, those that refer to one another together."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
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
    known = {name: place for place, name in enumerate(tables)}
    found: list[tuple[T, ...]] = []
    number: dict[T, int] = {}  # in the order in which they were met
    low: dict[T, int] = {}  # the least number that each is known to reach
    waiting: dict[T, None] = {}  # those that are in no component yet

    def visit(table: T) -> Iterator[T]:
        """Visit a table; it goes on when each parent that it gives has been visited."""
        number[table] = low[table] = len(number)
        waiting[table] = None
        for parent in parents.get(table, ()):
            if parent in known and parent not in number:
                yield parent
                low[table] = min(low[table], low[parent])
            elif parent in waiting:
                low[table] = min(low[table], number[parent])
        if low[table] == number[table]:
            component: list[T] = []
            while table in waiting:
                component.append(waiting.popitem()[0])
            found.append(tuple(sorted(component, key=known.__getitem__)))

    work: list[Iterator[T]] = [(root for root in known if root not in number)]
    while work:
        for table in work[-1]:
            work.append(visit(table))
            break
        else:
            work.pop()
    return found
