"""What is in scope, of many names and many tables."""

from __future__ import annotations

import pytest

from sqlfix.scan import scope as module
from sqlfix.scan.check import CHECKS
from sqlfix.scan.scope import Scope

NAMES = (
    "orders",
    "Orders.customer_id",
    '"a.b"',
    '"a.b".c',
    "a.b",
    "a.b.c",
    "orphan-rows",
    "x,y",
    "t.c , d",
    "T.c,d",
    "",
)
PLACES = [
    ("orders", ()), ("ORDERS", ("customer_id",)), ("orders", ("a", "b")), ("a.b", ()), ("a", ("b",)), ("a.b", ("c",)),
    ("a", ("b.c",)), ("orphan-rows", ()), ("x,y", ("z",)), ("t", ("c", "d")), ("t", ("d", "c")), ("", ()), ("", ("c",)),
]  # fmt: skip


EVERY_COLUMN = [columns for _, columns in PLACES]


def test_a_scope_holds_what_each_of_its_names_says() -> None:
    """It looks names up by the table, and passes over none that `names_place` would take."""
    check = "not-null-violations"
    for name in NAMES:
        for table, columns in PLACES:
            named = module.names_place(name, table, columns)
            at = (check, table, columns)
            assert Scope(select=(name, check)).has_at(*at) is (named or name in CHECKS.names()), at
            assert Scope(ignore=("other", name)).has_at(*at) is not named, at
            whole = named or any(module.names_place(name, table, some) for some in EVERY_COLUMN)
            assert Scope(select=(name, check)).concerns(check, table) or not whole, at


def test_a_name_is_compared_with_no_table_that_it_cannot_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def names_place(name: str, table: str, columns: tuple[str, ...]) -> bool:
        asked.append((name, table))
        return name == table

    monkeypatch.setattr(module, "names_place", names_place)
    tables = [f"t{place}" for place in range(200)]
    for scope in (Scope(ignore=(*CHECKS.names(), *tables)), Scope(select=tuple(tables))):
        asked.clear()
        held = [table for table in tables if scope.has_at("orphan-rows", table, ("k",))]
        assert held == (list(tables) if scope.select else [])
        assert asked == ([(table, table) for table in tables] if scope.select else [])
    scope = Scope(ignore=tuple(tables))
    assert not any(scope.has_at("orphan-rows", table, ("k",)) for table in tables)
    assert asked == [(table, table) for table in tables] * 2
