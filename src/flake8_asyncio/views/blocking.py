"""What stops the event loop in a file: the calls, loops and chains of calls in the code that a loop runs.

Looked for once per file, whichever rules ask. Direct calls and chains are told apart; of the chains in a file to one
cause all count where they are no more than three, else one of each function where no more than three come to it, else
the first; and none to a cause that the file shows itself in code on the loop.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from flake8_asyncio import cost
from flake8_asyncio.facts import guards
from flake8_asyncio.facts.model import Function, Loop
from flake8_asyncio.knowledge import Effect
from flake8_asyncio.project.branches import takes
from flake8_asyncio.project.chains import Cause, Chain, Query
from flake8_asyncio.syntax.source import Span
from flake8_asyncio.views.calls import AccessView, CallView, UseView
from flake8_asyncio.views.entries import Entry
from flake8_asyncio.views.functions import FunctionView
from flake8_asyncio.views.loops import own_waits
from flake8_asyncio.views.modules import ModuleView

_WAITS = frozenset({"", "sleep", "network", "database", "process", "wait", "input", "cpu"})
_FEW = 3  # entries that are worth naming one by one; from more it is the cause that wants mending
_SPINS = frozenset({"empty", "endless", "clock", "state"})


@dataclass(frozen=True)
class Blocking:
    """All that stops the event loop in one file."""

    direct: dict[str, list[Entry]] = field(default_factory=dict)
    chains: list[Entry] = field(default_factory=list)
    file_chains: list[Entry] = field(default_factory=list)
    loop_chains: list[Entry] = field(default_factory=list)
    metadata_chains: list[Entry] = field(default_factory=list)


@functools.lru_cache(maxsize=1)
def blocking(module: ModuleView) -> Blocking:
    """What stops the event loop in a file."""
    found = Blocking()
    waits, files, heavy, metadata = _queries(module)
    deadlocks = own_waits(module)  # which are worse, and have a rule of their own
    for entry in sorted(_entries(module), key=lambda entry: entry.span):
        if (entry.chain.cause or (entry.function.fact.path, entry.span)) in deadlocks:
            continue
        kind = entry.chain.claim.kind
        if entry.chain.is_direct:
            found.direct.setdefault(kind, []).append(entry)
        elif kind == "heavy" or kind in _SPINS:
            found.loop_chains.append(entry)
        elif kind == "file":
            found.file_chains.append(entry)
        elif kind == "metadata":
            found.metadata_chains.append(entry)
        else:
            found.chains.append(entry)
    own = {(each.function.fact.path, each.span) for group in found.direct.values() for each in group}
    own |= {(function.fact.path, loop.span) for function, loop in loops(module)}
    groups = (found.chains, found.file_chains, found.loop_chains, found.metadata_chains)
    for group, query in zip(groups, (waits, files, heavy, metadata), strict=True):
        group[:] = _once(group, own, query)
    return found


def loops(module: ModuleView) -> Iterator[tuple[FunctionView, Loop]]:
    """The loops in a file's code on the event loop that hold it for long, or for good."""
    for function in module.on_loop:
        for loop in function.fact.loops:
            if loop.by:  # which the defaults of an endpoint tell as well as a caller
                given = {each.name: each.default for each in function.fact.parameters}
                loop = loop._replace(kind="heavy", milliseconds=takes(loop, given))
            if loop.kind != "heavy" or loop.milliseconds >= module.options.cpu_ms:
                yield function, loop


def quadratic_loops(module: ModuleView) -> Iterator[tuple[Span, str]]:
    """The loops over a collection inside loops over the same one, in code on the event loop."""
    bodies = {function.span for function in module.on_loop}
    for node in ast.walk(module.source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and module.source.span(node) in bodies:
            for loop, collection in cost.quadratic(node):
                yield module.source.span(loop), collection


def _queries(module: ModuleView) -> tuple[Query, Query, Query, Query]:
    return (
        Query(Effect.BLOCKS, _WAITS),
        Query(Effect.BLOCKS, frozenset({"file"})),
        Query(Effect.BLOCKS, frozenset({"heavy"}), module.options.cpu_ms),
        Query(Effect.BLOCKS, frozenset({"metadata"})),
    )


def _entries(module: ModuleView) -> Iterator[Entry]:
    anything = Query(Effect.BLOCKS, milliseconds=module.options.cpu_ms)
    queries = _queries(module)
    for function in module.functions:
        yield from _handed(function)
    for function in module.on_loop:
        yield from _lengthened(function, queries[2])
        for start in _starts(function):
            chain = _chain(start, anything)
            if chain is None:
                continue
            if chain.is_direct:
                yield Entry(function, start, chain)
                continue
            *others, metadata = queries
            chains = [each for query in others if (each := _chain(start, query)) is not None]
            if not chains and (chain := _chain(start, metadata)) is not None:
                chains.append(chain)  # which is worth a word where nothing worse is
            for chain in chains:
                yield Entry(function, start, chain)


def _handed(function: FunctionView) -> Iterator[Entry]:
    """What the event loop is given to call: `call_later(1, time.sleep, 5)`."""
    module = function.module
    for call in function.calls:
        for chain in module.effects.handed_to_loop(call.fact, Query(Effect.BLOCKS)):
            yield Entry(function, call, chain)


def _lengthened(function: FunctionView, query: Query) -> Iterator[Entry]:
    """The calls of coroutine functions whose loops are as long as these calls say."""
    effects = function.module.effects
    for call in function.calls:
        for target in effects.world.certain(call.fact.callee) if call.fact.arguments.all() else ():
            if isinstance(target, Function) and target.is_async and any(loop.by for loop in target.loops):
                known = effects.branches.known(target, target, call.fact)
                chain = effects.of_function(target, query, known) if known else None
                if chain is not None and effects.of_function(target, query) is None:
                    yield Entry(function, call, chain)


def _starts(function: FunctionView) -> Iterator[CallView | UseView | AccessView]:
    for call in function.calls:
        if guards.ELSEWHERE.isdisjoint(call.guards):
            yield call
    yield from function.uses
    yield from function.accesses


def _chain(start: CallView | UseView | AccessView, query: Query) -> Chain | None:
    effects = start.function.module.effects
    match start:
        case CallView(fact=call):
            return effects.chain(call, start.function.fact, query)
        case UseView(fact=use):
            return effects.of_use(use, query)
        case AccessView(fact=access):
            return effects.of_access(access, query)


def _once(entries: list[Entry], own: set[Cause], query: Query) -> Iterator[Entry]:
    """The entries to each cause that are worth naming.

    One that comes to other causes as well is an entry to those.
    """
    found: dict[Cause, list[Entry]] = {}
    called = set[Function]()
    for entry in entries:
        first = entry.chain.steps[0].function
        if (entry.chain.cause in found or entry.chain.cause in own) and first not in called:
            seen = frozenset(path for path, _ in (*own, *found))
            chain = _chain(entry.start, query._replace(apart=seen))
            if chain is not None and not chain.is_direct:
                entry = replace(entry, chain=chain)
        cause = entry.chain.cause
        if cause is not None and cause not in own:
            called.add(first)
            found.setdefault(cause, []).append(entry)
    for group in found.values():
        yield from _worth_naming(group)


def _worth_naming(entries: list[Entry]) -> list[Entry]:
    """All entries to a cause if they are few, else one of each function, and if those are many the first."""
    if len(entries) <= _FEW:
        return entries
    by_function: dict[Function, Entry] = {}
    for entry in entries:
        by_function.setdefault(entry.function.fact, entry)
    return list(by_function.values()) if len(by_function) <= _FEW else entries[:1]


def reported(module: ModuleView) -> frozenset[Span]:
    """Where something in a file is known to stop the event loop."""
    found = blocking(module)
    groups = (*found.direct.values(), found.chains, found.file_chains, found.loop_chains, found.metadata_chains)
    return frozenset(entry.span for group in groups for entry in group)
