"""What a method that only stands for others may be: its overrides, where the project shows them and they are few.

They are looked for where they usually are: in the module of the base class, beside it, and in the folders beside it;
and where none are there, in the few files of the project that have methods of the name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from flake8_asyncio.facts.model import Class, Function
from flake8_asyncio.project.modules import named
from flake8_asyncio.project.project import World
from flake8_asyncio.project.targets import External

_MANY = 8  # overrides of one method, of which a caller may mean any
_MODULES = 60  # in which they are looked for
_ABSTRACT = {f"abc.{name}" for name in ("abstractmethod", "abstractproperty", "abstractclassmethod")}
_ABC = "abc.ABC"  # whose classes leave what they do not do themselves to others
_PROTOCOLS = {"typing.Protocol", "typing_extensions.Protocol"}


class Overrides:
    """The overrides of abstract methods, in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[Function, tuple[Function, ...]] = {}
        self._classes: dict[str, tuple[Class, ...]] = {}

    def of(self, method: Function) -> tuple[Function, ...]:
        """The bodies that a call of an abstract method may run; none if they are many, or of different kinds."""
        if not method.owner or "stub" not in method.flags:
            return ()
        if method not in self._known:
            self._known[method] = ()
            owner = self.world.resolve(method.owner)
            if isinstance(owner, Class) and self._is_abstract(method, owner):
                found = tuple(self._overriding(method, owner)) or tuple(self._far(method, owner))
                alike = len({each.kind for each in found}) == 1
                self._known[method] = found if alike and len(found) <= _MANY else ()
        return self._known[method]

    def _is_abstract(self, method: Function, owner: Class) -> bool:
        if not _ABSTRACT.isdisjoint(method.decorators) or "never returns" in method.flags:
            return True
        return self._is_protocol(owner) or External(_ABC) in self.world.ancestry.of(owner)

    def _is_protocol(self, owner: Class) -> bool:
        bases = [each.removesuffix("[]") for each in owner.bases]
        return any(
            isinstance(each, External) and each.path in _PROTOCOLS
            for base in bases
            for each in self.world.ancestry.bases_named(base)
        )

    def _overriding(self, method: Function, owner: Class) -> Iterator[Function]:
        name = method.name.rpartition(".")[2]
        needed = set(owner.methods) if self._is_protocol(owner) else None
        for each in self._around(owner.module):
            if each is owner or name not in each.methods:
                continue
            is_alike = needed is not None and each.module == owner.module and needed <= set(each.methods)
            if owner in self.world.ancestry.of(each) or is_alike:
                found = self.world.members.own_method(each, name)
                if found is not None and found.owner == each.path and "stub" not in found.flags:
                    yield found

    def _far(self, method: Function, owner: Class) -> Iterator[Function]:
        name = method.name.rpartition(".")[2]
        parts = self.world.overrides
        places = [path for part in parts if part is not None for path in part.get(name, ())]
        if name.startswith("__") or None in parts or len(places) > _MANY:
            return
        for path in places:
            facts = self.world.library.facts(path, named(Path(path), self.world.library.folders)[0])
            for each in facts.classes.values() if facts is not None else ():
                if each is not owner and name in each.methods and owner in self.world.ancestry.of(each):
                    found = self.world.members.own_method(each, name)
                    if found is not None and found.owner == each.path and "stub" not in found.flags:
                        yield found

    def _around(self, module: str) -> tuple[Class, ...]:
        """The classes of a module, of those beside it, and of those in the folders beside it."""
        if module not in self._classes:
            self._classes[module] = tuple(
                each
                for name in sorted(self._modules(module))
                if (facts := self.world.facts(name)) is not None
                for each in facts.classes.values()
            )
        return self._classes[module]

    def _modules(self, module: str) -> set[str]:
        path = self.world.modules.find(module)
        if path is None:
            return {module}
        folder, file = os.path.split(path)
        package = module if file.startswith("__init__.") else module.rpartition(".")[0]
        found = {module}
        for name in sorted(self.world.library.folders.names(folder)):
            stem, _, suffix = name.partition(".")
            prefix = f"{package}." if package else ""
            if suffix == "py" and stem.isidentifier():
                found.add(f"{prefix}{stem}" if stem != "__init__" else package)
            elif not suffix and package and name.isidentifier() and name != "__pycache__":
                inside = self.world.library.folders.names(f"{folder}{os.sep}{name}")
                stems = [each[:-3] for each in inside if each.endswith(".py")]
                found.update(f"{package}.{name}.{each}".removesuffix(".__init__") for each in stems)
            if len(found) > _MODULES:
                return {module}
        return found - {""}
