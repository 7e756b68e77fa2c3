"""What a reference means if parameters without a type are what those who call give them, or what others are.

A parameter is of the type that the other functions of its file annotate it with, where these agree.
It takes the facts of other files to say so, and holds only as long as nobody calls otherwise: a constructor is followed
to the few files that call its class, a function that is private or defined in another in its own file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from weakref import WeakKeyDictionary

from flake8_asyncio.facts.model import NONE, UNKNOWN, Call, Class, Facts, Function, Ref
from flake8_asyncio.facts.references import alternatives
from flake8_asyncio.facts.references import union as union_of
from flake8_asyncio.knowledge import Knowledge
from flake8_asyncio.project.equations import Equations
from flake8_asyncio.project.names import Ancestry, FactsOf, is_dotted, located
from flake8_asyncio.project.targets import NOBODY, NOTHING, Target, Targets
from flake8_asyncio.project.values import Get, Values, union

Makers = Callable[[str], Iterable[Facts] | None]  # the files that call a class of this name; None if they are many
_CONSTRUCTOR = "__init__"
_ENOUGH = 2  # annotations that agree on a parameter's name; of 65,000 that could be checked, 97 in 100 did


class Callers(Values):
    """The equation of a reference, with what callers give."""

    def __init__(
        self,
        facts_of: FactsOf,
        names: Equations[str, Target],
        ancestry: Ancestry,
        knowledge: Knowledge,
        makers: Makers,
    ) -> None:
        super().__init__(facts_of, names, ancestry, knowledge)
        self.makers = makers

    def parameter(self, ref: Ref, get: Get) -> Targets:
        """A parameter that says nothing itself is what all who call give."""
        known = super().parameter(ref, get)
        path, _, name = ref.partition("$")
        if known or "." in name:
            return known
        facts, parts = located(self.facts_of, path)
        function = facts.functions.get(".".join(parts)) if facts else None
        if facts is None or function is None or function.parameter(name) is None:
            return NOTHING
        if (alike := _annotated_alike(name, facts)) != UNKNOWN:
            return get(alike)
        position = [each.name for each in function.parameters].index(name) - bool(function.owner)
        given: set[Ref] = set()
        for call in self._calls(function, facts):
            if (value := call.arguments.get(position, name)) is not None:
                given.add(value)
        return union(map(get, given)) if UNKNOWN not in given else frozenset({NOBODY})

    def _calls(self, function: Function, facts: Facts) -> Iterator[Call]:
        name = function.name.rpartition(".")[2]
        if function.owner and name == _CONSTRUCTOR:
            owner = function.owner.rpartition(".")[2]
            for each in self.makers(owner) or ():
                yield from (call for call in _called(each, owner) if self._is(call.callee, function.owner))
        elif name.startswith("_") and not name.startswith("__"):
            meant = {function.path, f"{function.owner}().{name}", f"{function.owner}.{name}"}
            found = list(_called(facts, name))
            if all(call.callee in meant for call in found):
                yield from found
        elif function.name.rpartition(".")[0] in facts.functions:  # only its file can name it
            yield from (call for call in _called(facts, name) if call.callee == function.path)

    def _is(self, callee: Ref, path: str) -> bool:
        return is_dotted(callee) and any(isinstance(each, Class) and each.path == path for each in self.names[callee])


_alike: WeakKeyDictionary[Facts, dict[str, Ref]] = WeakKeyDictionary()


def _annotated_alike(name: str, facts: Facts) -> Ref:
    """What the other functions of a file say of a parameter of this name, if they all say the same."""
    known = _alike.setdefault(facts, {})
    if name not in known:
        known[name] = _annotated(name, facts)
    return known[name]


def _annotated(name: str, facts: Facts) -> Ref:
    found = [
        union_of(each for each in alternatives(parameter.annotation) if each != NONE)
        for function in facts.functions.values()
        if (parameter := function.parameter(name)) is not None and parameter.annotation != UNKNOWN
    ]
    return found[0] if len(found) >= _ENOUGH and len(set(found)) == 1 else UNKNOWN


def _called(facts: Facts, name: str) -> Iterator[Call]:
    """The calls of a file that are written with this name."""
    for function in facts.functions.values():
        for call in function.calls:
            if call.text.rpartition(".")[2] == name:
                yield call
