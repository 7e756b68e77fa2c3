"""The races of one file: which functions are worth following, and what following them finds."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import (
    asking,
    consulting,
    departing,
    emptying,
    exchanging,
    futures,
    holding,
    iteration,
    numbering,
    opinions,
    policy,
    readiness,
    restoring,
    sharing,
    slots,
    undermining,
    using,
    waiting,
    wakeups,
)
from flake8_asyncio.state.account import account
from flake8_asyncio.state.dependence import Dependences, is_exempt
from flake8_asyncio.state.flow import Flow
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.index import Class, File
from flake8_asyncio.state.locks import lock_key, takes_lock
from flake8_asyncio.state.oracle import NoOracle, Oracle
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.reach import exposed
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.syntax.cached import cached_property
from flake8_asyncio.syntax.nodes import own_nodes
from flake8_asyncio.syntax.source import Source


class FileRaces:
    """The races of a file, in the order of their places; each part is worked out when first asked for."""

    def __init__(self, analysis: _FileAnalysis | None = None) -> None:
        self._analysis = analysis

    def __iter__(self) -> Iterator[Race]:
        return iter((*self._found, *self._opinions, *self._doubts))

    def __call__(self, kind: str, form: str = "") -> Iterator[Race]:
        """Those of one kind."""
        races = self._opinions if kind in policy.KINDS else self._doubts if kind in opinions.KINDS else self._found
        return (race for race in races if race.kind == kind and (not form or race.form == form))

    def account(self, line: int) -> list[str]:
        """What is known when a line begins: tests and whether they still hold, locks, and who shares what is there."""
        return list(account(self._analysis.file, self._analysis.summaries, line)) if self._analysis else []

    @cached_property
    def _found(self) -> tuple[Race, ...]:
        return _in_order(self._analysis.races()) if self._analysis else ()

    @cached_property
    def _opinions(self) -> tuple[Race, ...]:
        return _in_order(self._analysis.opinions()) if self._analysis else ()

    @cached_property
    def _doubts(self) -> tuple[Race, ...]:
        return _in_order(opinions.races(self._analysis.file, self._analysis.summaries)) if self._analysis else ()


def _in_order(races: Iterator[Race]) -> tuple[Race, ...]:
    try:
        return tuple(sorted(races, key=lambda race: (race.span, race.kind, race.place)))
    except RecursionError:  # nesting that no person wrote
        return ()


def analyse(source: Source, oracle: Oracle | None = None) -> FileRaces:
    """The races of a file, and the wrong uses of locks in it."""
    text = source.text
    if "async def" not in text or not (
        "await" in text or "async with" in text or "async for" in text or "yield" in text
    ):
        return FileRaces()
    try:
        return FileRaces(_FileAnalysis(File(source), oracle or NoOracle()))
    except RecursionError:
        return FileRaces()


class _FileAnalysis:
    def __init__(self, file: File, oracle: Oracle) -> None:
        self.file = file
        self.oracle = oracle
        self.summaries = Summaries(oracle)
        self._calls_held: dict[Class, dict[str, list[bool]]] = {}

    def races(self) -> Iterator[Race]:
        for function in self.file.all:
            if function.is_async:
                yield from waiting.unlocked(function, self.summaries)
            if function.is_async and function.has_suspension:
                yield from holding.races(function, self.summaries)
                yield from waiting.races(function, self.summaries)
                yield from wakeups.races(function, self.summaries)
                yield from self._unlocked(function)

    def _unlocked(self, function: Function) -> Iterator[Race]:
        """What can only go wrong if no caller holds a lock."""
        found = [
            *readiness.races(function, self.summaries),
            *emptying.races(function, self.summaries),
            *departing.races(function, self.summaries),
            *asking.races(function, self.summaries),
            *slots.races(function, self.summaries),
            *exchanging.races(function, self.summaries),
            *consulting.races(function, self.summaries),
            *futures.races(function, self.summaries),
            *restoring.races(function, self.summaries),
            *numbering.races(function, self.summaries),
            *self._followed(function),
        ]
        if found and not self._is_always_locked(function):
            yield from found
        elif found:
            yield from (race for race in found if race.kind == "iterate-across-suspension")

    def _is_always_locked(self, function: Function) -> bool:
        return sharing.is_always_locked(function, self._held_at_calls(function))

    def opinions(self) -> Iterator[Race]:
        for function in self.file.all:
            if function.is_async and function.has_suspension:
                yield from policy.unlocked_mutations(function, self.summaries)
        yield from policy.useless_locks(self.file, self.summaries)

    def _followed(self, function: Function) -> Iterator[Race]:
        """What the flow of a function shows, if it can show anything."""
        relevant = self._relevant(function)
        every = list(iteration.loops(function))
        if every:
            yield from undermining.races(function, every)
        loops = [loop for loop in every if iteration.may_be_disturbed(loop, function)]
        uses = using.used(function)
        if not relevant and not loops and not uses:
            return
        if not self.summaries.suspends(function):
            return
        relevant |= {loop.place for loop in loops if loop.place is not None}
        if loops:
            relevant |= _aliased(function)
        if uses:
            relevant |= using.tested(function)
        flow = Flow(function, self.summaries, frozenset(relevant))
        dependences = Dependences(flow)
        if not flow.run(dependences.observe):
            return
        yield from dependences.found.values()
        if loops:
            yield from iteration.races(flow, self.summaries, lambda: self._is_always_locked(function))
        if uses:
            yield from using.races(flow, uses)

    def _relevant(self, function: Function) -> set[Place]:
        """The places that are written after a suspension after a read, and those compared with what they were.

        Nothing if all of these writes are left alone anyway.
        """
        found = exposed(function, self.summaries)
        if all(is_exempt(place, function, self.oracle) for place in found):
            return set()
        for node in function.nodes.of(ast.Compare):
            for each in (node.left, *node.comparators):
                place = function.place(each)
                if place is not None:
                    found.add(place)
        return found

    def _held_at_calls(self, function: Function) -> dict[str, list[bool]]:
        """For each method of the class, whether its calls are made under a lock."""
        owner = function.owner
        if owner is None:
            return {}
        known = self._calls_held.get(owner)
        if known is None:
            known = self._calls_held[owner] = {}
            for caller in owner.functions:
                locked = self._locked_nodes(caller)
                for call in caller.nodes.of(ast.Call):
                    match call:
                        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
                            if name == caller.self_name and method != caller.name:
                                known.setdefault(method, []).append(call in locked)
        return known

    def _locked_nodes(self, function: Function) -> set[ast.AST]:
        """The calls that stand in the body of a lock, or all of them where something else serialises the function."""
        found: set[ast.AST] = set()
        nodes = function.nodes
        managed: list[ast.AsyncWith | ast.With] = [*nodes.of(ast.AsyncWith), *nodes.of(ast.With)]
        for node in managed:
            if takes_lock(node, function, self.oracle):
                found.update(own_nodes(node.body).of(ast.Call))
        for call in nodes.of(ast.Call):
            match call:
                case ast.Call(func=ast.Attribute(value=owner, attr="acquire")) if lock_key(
                    owner, function, self.oracle
                ):
                    found.update(each for each in nodes.of(ast.Call) if each.lineno > call.lineno)
        return found


def _aliased(function: Function) -> set[Place]:
    """The places that locals are assigned from."""
    found = set()
    for node in function.nodes.of(ast.Assign):
        place = function.place(node.value)
        if place is not None:
            found.add(place)
    return found
