"""Which checks and relationships are in scope: the names given with --select and --ignore."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field

from sqlfix.errors import Refused
from sqlfix.frozen import frozen
from sqlfix.model.schema import ForeignKey, Schema
from sqlfix.model.values import folded
from sqlfix.scan.check import CHECKS
from sqlfix.schema.names import names_place, names_table, place_named, tables_within
from sqlfix.text import address, did_you_mean

_ByTable = Mapping[str, Sequence[str]]
"""Names by the folded name of each table that they can name, or something in it."""


@frozen
class Scope:
    """Names of checks, tables (as the child) or ``table.column`` that count; without any, all do.

    ``fast`` leaves out what would sort the rows of a large table, or read them a second time.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fast: bool = False
    _checks: Collection[str] = field(init=False, repr=False, compare=False)
    _without: Collection[str] = field(init=False, repr=False, compare=False)
    _places: _ByTable = field(init=False, repr=False, compare=False)
    _without_places: _ByTable = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        checks = CHECKS.names() if self.select else ()
        object.__setattr__(self, "_checks", frozenset(self.select).intersection(checks))
        object.__setattr__(self, "_without", frozenset(self.ignore))
        object.__setattr__(self, "_places", _by_table(name for name in self.select if name not in checks))
        object.__setattr__(self, "_without_places", _by_table(self.ignore))

    @property
    def is_narrow(self) -> bool:
        """True if not everything is in scope."""
        return bool(self.select or self.ignore)

    def has(self, check: str, fk: ForeignKey) -> bool:
        """True if what ``check`` finds about the relationship is in scope.

        Names of the same kind widen one another, names of both kinds narrow: ``orphan-rows`` and ``orders`` together
        mean the orphan rows of orders.
        """
        return self.has_at(check, fk.child, fk.child_columns)

    def has_at(self, check: str, table: str, columns: Sequence[str]) -> bool:
        """The same of what ``check`` finds in some columns of a table; without columns, in the table as a whole."""
        named = not self._places or _named(self._places, table, columns)
        return self._looks_for(check) and named and not _named(self._without_places, table, columns)

    def concerns(self, check: str, table: str) -> bool:
        """True if anything that ``check`` may find in a table can be in scope, whatever the columns."""
        named = not self._places or folded(table) in self._places
        without = any(names_table(name, table) for name in self._without_places.get(folded(table), ()))
        return self._looks_for(check) and named and not without

    def _looks_for(self, check: str) -> bool:
        return check not in self._without and (not self._checks or check in self._checks)

    def covers(self, fk: ForeignKey) -> bool:
        """True if any check of the relationship is in scope."""
        return not self.is_narrow or any(
            check.of_relationships and self.has(name, fk) for name, check in CHECKS.all().items()
        )


def _by_table(names: Iterable[str]) -> _ByTable:
    found: dict[str, list[str]] = {}
    for name in names:
        for table in tables_within(name):
            found.setdefault(table, []).append(name)
    return found


def _named(names: _ByTable, table: str, columns: Sequence[str]) -> bool:
    """True if one of some names is that of a table, or of the columns."""
    return any(names_place(name, table, columns) for name in names.get(folded(table), ()))


EVERYTHING = Scope()


def require_known(scope: Scope, schema: Schema) -> None:
    """Raise Refused for a name that is neither a check nor a table nor a relationship: a typing error hides faults.

    Also for one that is both selected and ignored.
    """
    both = {folded(name) for name in scope.select} & {folded(name) for name in scope.ignore}
    if both:  # nothing would be looked at, and nothing found
        raise Refused(f"--select and --ignore both name {min(both)}")
    for name in (*scope.select, *scope.ignore):
        if name in CHECKS.names():
            continue
        place = place_named(schema, name, "--select" if name in scope.select else "--ignore")
        if place is None or (len(place[1]) > 1 and all(fk.child_columns != place[1] for fk in place[0].foreign_keys)):
            raise Refused(f"there is no check, table or relationship called {name}", _suggestion(name, schema))


def _suggestion(name: str, schema: Schema) -> str:
    known: Collection[str] = [
        *CHECKS.names(),
        *(t.name for t in schema.tables if t.foreign_keys),
        *(address(fk.child, fk.child_columns) for fk in schema.foreign_keys),
    ]
    return did_you_mean(name, known, f"the checks are {', '.join(CHECKS.names())}")
