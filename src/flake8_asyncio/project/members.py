"""What an attribute of a class's instances is: the first class in Python's order that has it decides."""

from __future__ import annotations

import builtins

from flake8_asyncio.facts.model import Class, Facts, Function, Ref
from flake8_asyncio.knowledge import Knowledge
from flake8_asyncio.project.names import Ancestry, FactsOf
from flake8_asyncio.project.targets import External

Member = Function | Class | External | Ref

_UNKNOWN_BASE = External("?")
_ENUMS = {f"enum.{name}" for name in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag")}
PLAIN = frozenset({"abc.ABC", "builtins.object", "typing.Generic", "typing_extensions.Generic"})
"""The bases that give instances no methods of their own."""

PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})
_EMPTY = PLAIN | PROTOCOLS
_VARYING = frozenset("=?$[|")  # in references to what a literal, a parameter, an item or one of several things is


class Members:
    """Attribute look-up in classes of the project, and in what they inherit from outside."""

    def __init__(self, facts_of: FactsOf, ancestry: Ancestry, knowledge: Knowledge) -> None:
        self.facts_of = facts_of
        self.ancestry = ancestry
        self.knowledge = knowledge
        self._known: dict[tuple[Class, str, bool], tuple[Member, ...]] = {}

    def find(self, owner: Class, name: str, *, skip_own: bool = False) -> tuple[Member, ...]:
        """What the attribute is: a method, a nested class, a name outside, or a reference to its value."""
        key = (owner, name, skip_own)
        if key not in self._known:
            self._known[key] = self._find(owner, name, skip_own)
        return self._known[key]

    def _find(self, owner: Class, name: str, skip_own: bool) -> tuple[Member, ...]:
        for each in self.ancestry.of(owner)[skip_own:]:
            if each == _UNKNOWN_BASE:
                return (_UNKNOWN_BASE,)
            if isinstance(each, External):
                if self.knowledge.definer(each.path, name) or self.knowledge.attribute(each.path, name) is not None:
                    return (External(f"{each.path}.{name}"),)
                if not _is_without(each.path, name) and not self.knowledge.is_complete(each.path):
                    return (External(f"{each.path}.{name}"),)
                continue
            if (found := self._own(each, name)) is not None:
                return found
        if self.own_method(owner, "__getattribute__"):
            return (_UNKNOWN_BASE,)
        made = self.own_method(owner, "__getattr__")
        return () if made is None else (_made_by(made, name),)

    def _own(self, owner: Class, name: str) -> tuple[Member, ...] | None:
        if name in owner.declared:
            return (owner.declared[name],)
        facts = self.facts_of(owner.module)
        if facts is not None and name in owner.methods:
            found = _definitions(facts, f"{owner.name}.{name}")
            plain = [each for each in found if "typing.overload" not in each.decorators] or found
            if plain:
                return tuple(plain[:1]) if _is_overridden(plain) else tuple(plain)
        if name in owner.attributes:
            return (owner.attributes[name],)
        if facts is not None and (inner := facts.classes.get(f"{owner.name}.{name}")) is not None:
            return (inner,)
        return None

    def own_method(self, owner: Class, name: str) -> Function | None:
        """The method that a class or one of its ancestors in the project defines."""
        for each in self.ancestry.of(owner):
            if isinstance(each, Class) and name in each.methods:
                facts = self.facts_of(each.module)
                return facts.functions.get(f"{each.name}.{name}") if facts else None
        return None

    def is_enumeration(self, owner: Class) -> bool:
        """Whether the attributes of a class are its members."""
        return any(isinstance(each, External) and each.path in _ENUMS for each in self.ancestry.of(owner))

    def is_complete(self, owner: Class) -> bool:
        """Whether all bases are known, so that an attribute that is not found is not there."""
        return all(
            isinstance(each, Class) or each.path in _EMPTY or self.knowledge.is_complete(each.path)
            for each in self.ancestry.of(owner)
        )


def _definitions(facts: Facts, path: str) -> list[Function]:
    """All functions that a file defines under a name: from the second on, their names end in a number."""
    found = []
    name, number = path, 1
    while name in facts.functions or name in facts.classes:
        if name in facts.functions:
            found.append(facts.functions[name])
        number += 1
        name = f"{path}#{number}"
    return found


def _made_by(method: Function, name: str) -> Member:
    """What `__getattr__` gives for a name that nothing else has, where it is the same for all of them."""
    if name.startswith("__") or len(method.returns) != 1 or not _VARYING.isdisjoint(method.returns[0]):
        return _UNKNOWN_BASE
    return method.returns[0]


def _is_without(path: str, name: str) -> bool:
    """Whether instances of a class that no table describes certainly have no such attribute of their own."""
    if path in _EMPTY:
        return True
    module, _, kind = path.rpartition(".")
    return module == "builtins" and hasattr(builtins, kind) and not hasattr(getattr(builtins, kind), name)


def _is_overridden(found: list[Function]) -> bool:
    """Definitions that differ in kind leave open which one is called."""
    return len({each.kind for each in found}) == 1
