"""Where code on the event loop comes to a call that stops it or starts another one."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flake8_asyncio.facts import guards
from flake8_asyncio.facts.model import Facts, Kind
from flake8_asyncio.knowledge import Effect
from flake8_asyncio.project.chains import Chain, short
from flake8_asyncio.syntax.source import Span
from flake8_asyncio.views.calls import AccessView, CallView, UseView
from flake8_asyncio.views.functions import FunctionView
from flake8_asyncio.views.modules import ModuleView

_PATCHES = frozenset({"nest_asyncio.apply", "nest_asyncio2.apply"})


@dataclass(frozen=True)
class Entry:
    """A place in code on the loop from which a chain of calls starts."""

    function: FunctionView
    start: CallView | UseView | AccessView
    chain: Chain

    @property
    def span(self) -> Span:
        """Where the chain starts."""
        return self.start.span

    @property
    def is_inside(self) -> bool:
        """Whether the cause is in the same file."""
        return self.cause_file == self.function.module.facts.module

    @property
    def is_of_own_method(self) -> bool:
        """Whether the cause stands in a method that only the class's own code on the loop calls.

        Such a method is part of that code, and wrong by itself; any other may well be used where no loop runs.
        """
        way = [step.function for step in self.chain.steps]
        texts = [getattr(self.start, "text", ""), *(step.text for step in self.chain.steps[:-1])]
        if not self.is_inside or not all(text.startswith("self.") for text in texts):
            return False
        if any(not each.owner or each.kind is not Kind.PLAIN or each.decorators for each in way):
            return False
        names = {each.name.rpartition(".")[2] for each in way}
        return not any(_mentions(each, names) for each in self.function.module.functions if each.fact not in way)

    @property
    def cause_file(self) -> str:
        """The module in which the chain's cause is called."""
        if not self.chain.steps:
            return self.function.module.facts.module
        function = self.chain.steps[-1].function
        return function.path.removesuffix(f".{function.name}")

    @property
    def steps(self) -> Iterator[tuple[str, Span, str, str]]:
        """The file, place, text and function of each call on the way."""
        for step in self.chain.steps:
            yield self.function.module.path_of(step.function), step.span, step.text, short(step.function)

    @property
    def where(self) -> str:
        """The cause's place in words, as `(store.py:14)` or `(line 14)`."""
        last = self.chain.steps[-1]
        if self.is_inside:
            return f"(line {last.span.line})"
        name = self.function.module.path_of(last.function).replace("\\", "/").rpartition("/")[2]
        return f"({name}:{last.span.line})"


@functools.lru_cache(maxsize=2)
def entries(module: ModuleView, effect: Effect, kinds: frozenset[str] = frozenset()) -> tuple[Entry, ...]:
    """The chains to an effect that start in the file's functions on the loop, direct calls among them."""
    return tuple(_entries(module, effect, kinds))


def _entries(module: ModuleView, effect: Effect, kinds: frozenset[str]) -> Iterator[Entry]:
    for function in module.on_loop:
        starts: list[CallView | UseView | AccessView] = [
            call for call in function.calls if guards.ELSEWHERE.isdisjoint(call.guards)
        ]
        starts.extend([*function.uses, *function.accesses])
        for start in starts:
            chain = start.chain(effect, kinds)
            if chain is not None and not (effect is Effect.RUNS_LOOP and may_nest(module, chain)):
                yield Entry(function, start, chain)


def may_nest(module: ModuleView, chain: Chain) -> bool:
    """Whether the file, its package, or a file on the way patches the loop for good, so that it can run inside itself.

    What patches it just before, in a function, has found out that it is on a loop, and is to await instead.
    """
    packages = module.facts.module.split(".")[:-1]
    around = [module.world.facts(".".join(packages[: depth + 1])) for depth in range(len(packages))]
    on_way = [module.effects.facts_of(step.function) for step in chain.steps]
    return any(_patches(each) for each in (module.facts, *around, *on_way) if each is not None)


def _patches(facts: Facts) -> bool:
    modules = (each for each in facts.functions.values() if each.kind is Kind.MODULE)
    return any(call.callee in _PATCHES for each in modules for call in each.calls)


def _mentions(function: FunctionView, names: set[str]) -> bool:
    """Whether code off the loop calls a method of such a name, or any code hands one over."""
    for call in function.fact.calls:
        if not function.is_on_loop and call.text.rpartition(".")[2] in names:
            return True
        if any(each.rpartition(".")[2] in names for each in call.arguments.all()):
            return True
    return False


def once(found: Iterable[Entry]) -> Iterator[Entry]:
    """The first entry to each cause; direct calls are causes of their own."""
    seen: set[tuple[str, Span] | None] = set()
    for entry in found:
        cause = entry.chain.cause
        if cause is None or cause not in seen:
            seen.add(cause)
            yield entry
