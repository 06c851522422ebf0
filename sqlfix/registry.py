"""Where checks, fixes and formats are found by name: a dict each, filled by their modules."""

import importlib
import pkgutil
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Named things from the modules of one folder, which are imported when first asked for."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._things: dict[str, T] = {}
        self._loaded = False
        self._names: tuple[str, ...] | None = None

    def add(self, name: str, thing: T) -> T:
        """File ``thing`` under ``name`` and return it; a name is given once."""
        if name in self._things:
            raise ValueError(f"{name} is registered twice")
        self._things[name] = thing
        return thing

    def all(self) -> dict[str, T]:
        """Everything registered, by name, in the alphabetical order of the names."""
        if not self._loaded:
            for name in self.names():
                importlib.import_module(f"{self._package}.{name.replace('-', '_')}")
            self._loaded = True
            self._things = dict(sorted(self._things.items()))
        return self._things

    def names(self) -> tuple[str, ...]:
        """The names of all that there is, in alphabetical order, without importing any of it."""
        if self._names is None:
            package = importlib.import_module(self._package)
            found = (module.name.replace("_", "-") for module in pkgutil.iter_modules(package.__path__))
            self._names = tuple(sorted(found))
        return self._names

    def __getitem__(self, name: str) -> T:
        if name not in self._things:  # a thing is in the module of its name, and the others are not needed for it
            if name not in self.names():
                raise KeyError(name)
            importlib.import_module(f"{self._package}.{name.replace('-', '_')}")
        return self._things[name]
