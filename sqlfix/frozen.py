"""Frozen values, made in a quarter of the time that `dataclasses.dataclass(frozen=True, slots=True)` takes.

A scan needs some eighty classes of values. The standard decorator compiles six methods for each of them, which was a
third of the time of a scan of a small file; of these only the constructor needs to be compiled, once it is called.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """The class as a frozen dataclass with slots, which `replace`, `fields` and `pickle` take for one."""
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    told = fields(made)
    compared = [each.name for each in told if each.compare]
    of = attrgetter(*compared) if compared else type
    key: Callable[[object], object] = of if len(compared) > 1 else lambda self: (of(self),)

    def is_equal(self: object, other: object) -> bool:
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    made.__init__ = _made_when_called(made, told)
    if "__eq__" not in cls.__dict__:
        made.__eq__ = is_equal
    if "__hash__" not in cls.__dict__:
        made.__hash__ = lambda self: hash(key(self))
    made.__getstate__, made.__setstate__ = _state, _restore
    made.__setattr__ = made.__delattr__ = _refuse
    if made.__repr__ is object.__repr__:
        made.__repr__ = _shown
    return made  # type: ignore[no-any-return]


def _made_when_called(made: Any, told: tuple[Field[Any], ...]) -> Any:
    """A constructor that puts a compiled one in its place: of most classes a run makes no value at all."""

    def first(self: object, *arguments: object, **named: object) -> None:
        made.__init__ = _constructor(made, told)
        made.__init__(self, *arguments, **named)

    return first


def _constructor(made: type, told: tuple[Field[Any], ...]) -> Any:
    known: dict[str, Any] = {"MISSING": MISSING}
    arguments, body = ["self"], []
    for each in told:
        name = each.name
        if not each.init:
            continue
        known[f"set_{name}"] = getattr(made, name).__set__
        if each.default is not MISSING:
            known[f"default_{name}"] = each.default
            arguments.append(f"{name}=default_{name}")
        elif each.default_factory is not MISSING:
            known[f"make_{name}"] = each.default_factory
            arguments.append(f"{name}=MISSING")
            body.append(f" if {name} is MISSING: {name} = make_{name}()")
        else:
            arguments.append(name)
        body.append(f" set_{name}(self, {name})")
    if hasattr(made, "__post_init__"):
        body.append(" self.__post_init__()")
    exec("\n".join([f"def __init__({', '.join(arguments)}):", *body, " pass"]), known)
    return known["__init__"]


def _shown(self: Any) -> str:
    told = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({told})"


def _state(self: Any) -> list[Any]:
    return [getattr(self, each.name) for each in fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for each, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)


def _refuse(self: object, name: str, *value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")
