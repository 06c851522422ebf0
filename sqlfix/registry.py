"""Where checks, fixes and formats are found by name: a dict each, filled by their modules."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Named things from the modules of a folder or two, which are imported when first asked for."""

    def __init__(self, *packages: str) -> None:
        self._packages = packages
        self._things: dict[str, T] = {}
        self._modules: dict[str, str] = {}
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
                self[name]
            self._loaded = True
            self._things = dict(sorted(self._things.items()))
        return self._things

    def names(self) -> tuple[str, ...]:
        """The names of all that there is, in alphabetical order, without importing any of it."""
        if self._names is None:
            self._modules = {
                module.name.replace("_", "-"): f"{package}.{module.name}"
                for package in self._packages
                for module in pkgutil.iter_modules(importlib.import_module(package).__path__)
            }
            self._names = tuple(sorted(self._modules))
        return self._names

    def __getitem__(self, name: str) -> T:
        if name not in self._things:  # a thing is in the module of its name, and the others are not needed for it
            if name not in self.names():
                raise KeyError(name)
            importlib.import_module(self._modules[name])
        return self._things[name]
