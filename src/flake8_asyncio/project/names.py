"""Which definitions a dotted name leads to, through imports and aliases.

Names come before values: "the first base class that has the method" is a sound question only when the base classes are
settled, and they are names.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterator

from flake8_asyncio.facts.model import Class, Facts, Function, Ref
from flake8_asyncio.facts.references import alternatives
from flake8_asyncio.project.equations import Equations, Get
from flake8_asyncio.project.targets import NOBODY, NOTHING, UNKNOWN_TARGETS, External, Target, Targets

FactsOf = Callable[[str], Facts | None]
_MODULES = sys.stdlib_module_names | {"aiohttp", "httpx", "requests"}  # what a name that `*` gives may well stand for
_HIDE_BUILTINS = sys.stdlib_module_names | {"aiofiles", "anyio", "numpy", "pylab", "trio"}  # as `open` and `sum`
_LONGEST = 8  # steps from a module to what it defines


class Names:
    """The equation of a dotted name, in terms of the names it is an alias for."""

    def __init__(self, facts_of: FactsOf) -> None:
        self.facts_of = facts_of

    def __call__(self, path: str, get: Get[str, Target]) -> Targets:
        if not is_dotted(path):
            return UNKNOWN_TARGETS
        facts, parts = located(self.facts_of, path)
        if facts is None:
            return frozenset({External(path)})
        if not parts:
            return frozenset({External(path)})
        if len(parts) > 2 and (len(set(parts)) < len(parts) or len(parts) > _LONGEST):
            return UNKNOWN_TARGETS  # `node = node.next`, again and again
        name = ".".join(parts)
        if definition := defined(facts, name):
            alias = facts.names.get(parts[0])
            if len(parts) > 1 or alias is None or alias == f"{facts.module}.{parts[0]}":
                return frozenset({definition})
        found = self._alias(facts, parts, get)
        return found if found is not None else NOTHING

    def _alias(self, facts: Facts, parts: list[str], get: Get[str, Target]) -> Targets | None:
        first, rest = parts[0], parts[1:]
        alias = facts.names.get(first)
        own = f"{facts.module}.{first}"
        if alias is not None and alias != own:
            found: set[Target] = set()
            for each in (each.removesuffix("[]") for each in alternatives(alias)):
                if each == own:
                    definition = defined(facts, ".".join(parts))
                    found.update((definition,) if definition else ())
                elif is_dotted(each):
                    found.update(get(".".join([each, *rest])))
                elif each[0] != "=":
                    found.add(NOBODY)
            return frozenset(found)
        if alias is None:
            for star in reversed(facts.stars):  # the last one that has a name wins
                exporter = self.facts_of(star)
                if exporter is not None and self._offers(exporter, first, {facts.module}):
                    return get(".".join([star, *parts]))
            if facts.stars and hasattr(builtins, first) and all(map(self._leaves_builtins, facts.stars)):
                return get(".".join(["builtins", *parts]))
            if rest and first in _MODULES and not all(map(self.facts_of, facts.stars)):
                return get(".".join(parts))
        return None

    def _offers(self, module: Facts, name: str, asked: set[str]) -> bool:
        """Whether `*` of a module gives a name, its own or what another `*` gave it; none of those that ask."""
        if module.module in asked or (module.exported is not None and name not in module.exported):
            return False
        if name in module.names:
            return True
        asked.add(module.module)
        found = (self.facts_of(star) for star in module.stars)
        return any(each is not None and self._offers(each, name, asked) for each in found)

    def _leaves_builtins(self, star: str) -> bool:
        """Whether `*` of a module hides no builtin name, as a module that is not there is taken not to."""
        return self.facts_of(star) is not None or star.partition(".")[0] not in _HIDE_BUILTINS


def is_dotted(ref: Ref) -> bool:
    """Whether a reference is a plain dotted name."""
    return not any(letter in ref for letter in "()?=$*!@^[<|")


def defined(facts: Facts, name: str) -> Function | Class | None:
    """The function or class that a module defines under a qualified name."""
    return facts.classes.get(name) or facts.functions.get(name)


def located(facts_of: FactsOf, path: str) -> tuple[Facts | None, list[str]]:
    """The module that a dotted name lies in, as long as possible, and the rest of the name."""
    parts = path.split(".")
    fallback: tuple[Facts | None, list[str]] = (None, [])
    for cut in range(len(parts), 0, -1):
        facts = facts_of(".".join(parts[:cut]))
        if facts is None:
            continue
        rest = parts[cut:]
        if not rest:
            if fallback[0] is None:
                fallback = (facts, rest)
            continue
        if rest[0] in facts.names or rest[0] in facts.functions or facts.stars:
            return facts, rest
        if fallback[0] is None:
            fallback = (facts, rest)
    return fallback


class Ancestry:
    """The classes that a class inherits from, in Python's order."""

    def __init__(self, names: Equations[str, Target]) -> None:
        self.names = names
        self._known: dict[Class, tuple[Class | External, ...]] = {}

    def of(self, owner: Class) -> tuple[Class | External, ...]:
        """The class and its ancestors; `External("?")` stands for a base that is unknown."""
        if owner not in self._known:
            order: dict[Class | External, None] = {}
            for each in self._walk(owner, frozenset()):
                order.pop(each, None)  # the last place counts, so that a shared base comes after all that share it
                order[each] = None
            self._known[owner] = tuple(order)
        return self._known[owner]

    def _walk(self, owner: Class, seen: frozenset[Class]) -> Iterator[Class | External]:
        yield owner
        for base in owner.bases:
            for parent in self.bases_named(base):
                if isinstance(parent, External):
                    yield parent
                elif parent not in seen and parent is not owner:
                    yield from self._walk(parent, seen | {owner})

    def bases_named(self, base: Ref) -> Iterator[Class | External]:
        """What a base in a class statement leads to."""
        for each in alternatives(base):
            found = self.names[each] if is_dotted(each) else UNKNOWN_TARGETS
            for target in found or UNKNOWN_TARGETS:
                yield target if isinstance(target, Class | External) else External("?")
