"""What the analysis knows when a line begins, in words: tests and whether they still hold, locks, and who shares it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import sharing
from flake8_asyncio.state.flow import Flow, in_order
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.index import File
from flake8_asyncio.state.lattice import LockKey, State
from flake8_asyncio.state.summaries import Summaries


def account(file: File, summaries: Summaries, line: int) -> Iterator[str]:
    """What holds before a line of a coroutine function."""
    inside = [each for each in file.all if each.node.lineno <= line <= (each.node.end_lineno or 0)]
    function = max(inside, key=lambda each: each.node.lineno, default=None)
    if function is None or not function.is_async or not function.has_suspension:
        return
    if not summaries.suspends(function):
        yield f"`{function.label}` never suspends: nothing else runs meanwhile"
        return
    places = {place for place in function.places.values() if not _is_method(place, function)}
    flow = Flow(function, summaries, frozenset(places))
    if not flow.run(lambda flow, state, place, written, origins: None):
        return
    for state, event in flow.replay():
        if getattr(event.node, "lineno", 0) == line:
            yield from _known(state, function)
            break
    here = sorted({place for node, place in function.places.items() if node.lineno == line and place in places})
    for place in here:
        yield from _shared(place, function, summaries)


def _is_method(place: Place, function: Function) -> bool:
    return place[0] == "self" and function.owner is not None and function.owner.method(place[1]) is not None


def _known(state: State, function: Function) -> Iterator[str]:
    for key in sorted(state.held):
        yield f"held: {_lock(key, function)}"
    guards = sorted(state.guards.values(), key=lambda guard: (guard.read.lineno, guard.read.col_offset))
    for guard in guards:
        tested = f"tested {guard.polarity} at line {guard.read.lineno}"
        yield f"`{text(guard.place, function)}` {_age(guard.stale)}: {tested}"
    for name, origins in sorted(state.names.items()):
        for origin in in_order(origins):
            what = f"`{name}` comes from `{text(origin.place, function)}` as it was read at line {origin.read.lineno}"
            yield f"{what}, {_age(origin.stale)}"


def _age(stale: ast.AST | None) -> str:
    if stale is None:
        return "still holds"
    return f"may have changed since the suspension at line {getattr(stale, 'lineno', 0)}"


def _lock(key: LockKey, function: Function) -> str:
    kind, *place = key
    if kind == "flag":
        return f"the flag `{text(tuple(place), function)}`, set right after its test"
    return f"`{place[-1] if not place[0] else text(tuple(place), function)}`"


def text(place: Place, function: Function) -> str:
    """How the source writes a place."""
    root, *names = place
    return ".".join([function.self_name or "self", *names] if root == "self" else names)


def _shared(place: Place, function: Function, summaries: Summaries) -> Iterator[str]:
    name = text(place, function)
    if sharing.is_exempt(place, function, summaries.oracle):
        yield f"`{name}` is taken to belong to one task here"
    elif sharing.is_single_loop(place, function):
        yield f"`{name}` is written by one background loop alone"
    elif sharing.has_evidence(place, function, "", is_spawning_enough=True):
        yield f"`{name}` may be used by several tasks at once"
    else:
        yield f"`{name}`: nothing says that several tasks come here"
