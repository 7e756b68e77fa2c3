"""What a rule may ask about a function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flake8_asyncio.bindings.amassed import amassed
from flake8_asyncio.bindings.attributes import uses_of
from flake8_asyncio.bindings.carried import Returned, carried
from flake8_asyncio.bindings.mixed import mixed
from flake8_asyncio.bindings.origins import origins
from flake8_asyncio.bindings.records import Entry, records
from flake8_asyncio.bindings.spent import spent
from flake8_asyncio.bindings.unread import unread
from flake8_asyncio.facts.model import Class, Function, Kind, Use, ValueUse
from flake8_asyncio.knowledge import Makes
from flake8_asyncio.project import decorators
from flake8_asyncio.project.chains import short
from flake8_asyncio.project.targets import Promise, Target
from flake8_asyncio.syntax.cached import cached_property
from flake8_asyncio.syntax.source import Span
from flake8_asyncio.views.calls import AccessView, CallView, UseView

if TYPE_CHECKING:
    from flake8_asyncio.views.modules import ModuleView


def is_coroutine_property(target: Target) -> bool:
    """Whether an attribute that has this value is a property that is `async def`."""
    match target:
        case Promise(Makes.COROUTINE, Function(decorators=decorators)):
            return bool(decorators)
    return False


def last_names(*paths: str) -> frozenset[str]:
    """The names that end these paths, to look for with `calls_named`."""
    return frozenset(path.rpartition(".")[2] for path in paths)


@dataclass(eq=False)
class FunctionView:
    """A body that runs: of a function, a lambda, a class or the module."""

    fact: Function
    module: ModuleView

    @property
    def name(self) -> str:
        """Its name as people say it."""
        return short(self.fact)

    @property
    def span(self) -> Span:
        """Where it stands, from its `def`."""
        return self.fact.span

    @cached_property
    def is_async(self) -> bool:
        """Whether it is an `async def`."""
        return self.fact.is_async

    @cached_property
    def is_on_loop(self) -> bool:
        """Whether an event loop runs it: a coroutine, or a callback."""
        return self.fact in self.module.loop_functions

    @property
    def is_module(self) -> bool:
        """Whether it is the module's own top level."""
        return self.fact.kind is Kind.MODULE

    @property
    def owner(self) -> Class | None:
        """The class that it is a method of."""
        prefix = f"{self.module.facts.module}."
        return self.module.facts.classes.get(self.fact.owner.removeprefix(prefix)) if self.fact.owner else None

    @property
    def decorators(self) -> tuple[str, ...]:
        """Its decorators, as references."""
        return self.fact.decorators

    @property
    def is_plainly_called(self) -> bool:
        """Whether its decorators leave what a call of it gives as it is."""
        return decorators.made(self.fact, self.module.world.targets) is decorators.Made.ITSELF

    @cached_property
    def calls(self) -> list[CallView]:
        """The calls in it, in evaluation order."""
        return [CallView(each, self) for each in self.fact.calls]

    def calls_named(self, names: frozenset[str]) -> Iterator[CallView]:
        """The calls whose last name is one of these, before it is asked what they mean, which costs more."""
        return (each for each in self.calls if each.fact.callee.rpartition(".")[2] in names)

    @cached_property
    def uses(self) -> list[UseView]:
        """The uses of values that calls made, in order."""
        return [UseView(each, self) for each in (*self.fact.uses, *self._read_coroutines)]

    @cached_property
    def _read_coroutines(self) -> tuple[ValueUse, ...]:
        """How it uses the attributes that are coroutines when they are read: properties that are `async def`."""
        known = self.module.world.certain
        wanted = {
            self.module.source.at(each.span): each.value
            for each in (self.fact.accesses if self.is_async else ())
            if not each.given and any(is_coroutine_property(target) for target in known(each.value))
        }
        body = self.module.bodies.get(self.span) if wanted else None
        return tuple(uses_of(body, wanted)) if body is not None else ()

    @cached_property
    def made(self) -> list[CallView | UseView]:
        """Every place where something becomes of a value that a call makes: at the call, or later under a name."""
        return sorted((*self.calls, *self.uses), key=lambda each: (each.span.line, each.span.column))

    @cached_property
    def made_by_use(self) -> dict[Use, list[CallView | UseView]]:
        """These places by what becomes of the value."""
        found: dict[Use, list[CallView | UseView]] = {}
        for each in self.made:
            found.setdefault(each.use, []).append(each)
        return found

    @cached_property
    def unread(self) -> dict[Span, str]:
        """The expressions whose values go to a local name that nobody reads, or are collected and dropped, by name."""
        body = self.module.bodies.get(self.span)
        return unread(body) if body is not None else {}

    @cached_property
    def amassed(self) -> dict[Span, str]:
        """The expressions whose values go into a local collection that nobody looks into, by its name."""
        body = self.module.bodies.get(self.span)
        return amassed(body) if body is not None else {}

    @cached_property
    def records(self) -> dict[Span, Entry]:
        """The calls that give values of dictionaries that are written out and handed on as a whole."""
        body = self.module.bodies.get(self.span)
        return records(body) if body is not None else {}

    @cached_property
    def _origins(self) -> dict[Span, tuple[Span | None, ...]]:
        body = self.module.bodies.get(self.span)
        return origins(body) if body is not None else {}

    def makers(self, made: CallView | UseView) -> Sequence[CallView | UseView]:
        """The calls that made a value: what a local name holds was made elsewhere; itself where that is not known.

        What a caller gave is nothing that the function made, nor is what an object had.
        """
        spans = {*self._origins.get(made.span, ())} - {None} if isinstance(made, UseView) else ()
        found = [each for each in self.calls if each.span in spans]
        is_whole = len(found) == len(spans) or all(each.value.is_coroutine for each in found)
        return found if found and is_whole else [made]

    def ways(self, use: UseView) -> list[CallView]:
        """The calls that made a value on some of the ways that lead to its use."""
        spans = self._origins.get(use.span, ())
        return [each for each in self.calls if each.span in spans]

    @cached_property
    def mixed(self) -> dict[Span, tuple[str, Span]]:
        """The expressions whose values a name has where it has on another way what an `await` gave, and where."""
        body = self.module.bodies.get(self.span)
        return mixed(body) if body is not None else {}

    @cached_property
    def carried(self) -> list[Returned]:
        """The collections that it returns as it writes them."""
        body = self.module.bodies.get(self.span)
        return carried(body) if body is not None else []

    @property
    def spent(self) -> dict[Span, tuple[str, Span]]:
        """Where a local name's coroutine is awaited again, with the name and the place where it was awaited first."""
        coroutines = {each.span for each in self.calls if each.use is Use.ASSIGNED and each.value.is_coroutine}
        if not coroutines:
            return {}
        body = self.module.bodies.get(self.span)
        takers = {each.span for each in self.calls if self._sees_to_first(each)}
        return spent(body, coroutines, takers) if body is not None else {}

    def _sees_to_first(self, call: CallView) -> bool:
        return call.path != "" and self.module.world.knowledge.awaits(call.path) is not None

    @cached_property
    def accesses(self) -> list[AccessView]:
        """The attributes that it reads from instances, each once."""
        return [AccessView(each, self) for each in self.fact.accesses]
