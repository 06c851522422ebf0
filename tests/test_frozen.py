"""`sqlfix.frozen`: values as `dataclasses.dataclass(frozen=True, slots=True)` makes them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from sqlfix.frozen import frozen


@frozen
class Point:
    """Has a field of each kind."""

    x: int
    name: str = "a"
    tags: list[str] = field(default_factory=list)
    note: str | None = field(default=None, compare=False)
    _sum: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_sum", self.x + 1)


@frozen
class Named:
    """Says itself how it is shown."""

    name: str

    def __repr__(self) -> str:
        return f"<{self.name}>"


@frozen
class Nothing:
    """Has no field."""


@dataclass(frozen=True, slots=True)
class Other:
    """Has the same fields as `Named`."""

    name: str


def test_it_is_made_of_its_fields_and_their_defaults() -> None:
    first, second = Point(1), Point(x=1, name="b", tags=["t"])
    assert (first.x, first.name, first.tags, first._sum) == (1, "a", [], 2)
    assert (second.name, second.tags) == ("b", ["t"])
    assert first.tags is not Point(1).tags


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: Point(), id="one too few"),  # type: ignore[call-arg]
        pytest.param(lambda: Point(1, "a", [], None, 2), id="one that is worked out"),  # type: ignore[call-arg]
        pytest.param(lambda: Point(1, y=2), id="one that is not there"),  # type: ignore[call-arg]
    ],
)
def test_other_arguments_are_refused(make: Callable[[], Point]) -> None:
    with pytest.raises(TypeError):
        make()


def test_values_are_equal_by_the_fields_that_are_compared() -> None:
    assert Point(1, note="n") == Point(1)
    assert hash(Named("a")) == hash(Named("a"))
    assert {Named("a"), Named("a"), Named("b")} == {Named("a"), Named("b")}
    assert Named("a") != Named("b")
    assert Nothing() == Nothing()
    other: Any = Other("a")
    assert Named("a") != other


def test_a_class_may_say_itself_what_it_is_found_by() -> None:
    @frozen
    class Quick:
        name: str
        others: tuple[str, ...]

        def __hash__(self) -> int:
            return hash(self.name)

    assert hash(Quick("a", ("b",))) == hash("a")
    assert {Quick("a", ("b",)): 1}.get(Quick("a", ("c",))) is None


def test_what_cannot_be_hashed_is_not() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(1))


def test_it_cannot_be_changed() -> None:
    point: Any = Point(1)
    for change in (lambda: setattr(point, "x", 2), lambda: delattr(point, "x"), lambda: setattr(point, "other", 2)):
        with pytest.raises(FrozenInstanceError):
            change()
    assert not hasattr(point, "__dict__")


def test_it_is_shown_by_its_fields_or_as_it_says_itself() -> None:
    assert repr(Point(1, note="n")) == "Point(x=1, name='a', tags=[], note='n')"
    assert repr(Named("a")) == "<a>"


def test_the_standard_library_takes_it_for_a_dataclass() -> None:
    assert [each.name for each in fields(Point)] == ["x", "name", "tags", "note", "_sum"]
    assert replace(Point(1, "b"), x=2) == Point(2, "b")
    for again in (pickle.loads(pickle.dumps(Point(1, "b", ["t"], "n"))), copy.deepcopy(Point(1, "b", ["t"], "n"))):
        assert (again, again.note, again._sum) == (Point(1, "b", ["t"]), "n", 2)
