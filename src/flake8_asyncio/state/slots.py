"""Futures and events that a coroutine keeps in one attribute while it waits for them.

`self._reply = loop.create_future()`, then `await self._reply`: a second task that comes meanwhile puts its own future
there, and nobody sets the first one any more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.locks import guarded
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.state.vocabulary import last_name
from flake8_asyncio.syntax.nodes import own

_SETTING = frozenset({"set_result", "set_exception", "set"})


def races(function: Function, summaries: Summaries) -> Iterator[Race]:
    """The slots of one coroutine function that a second call overwrites."""
    if not function.self_name or not function.file.settles:
        return
    made = [each for each in function.nodes.of(ast.Assign) if _makes(each.value)]
    if not made or _begins(function):
        return
    looped = {each for loop in function.nodes.of(ast.While) for each in own(loop.body)}
    locked = guarded(function, summaries.oracle)
    for assign in made:
        target = next((each for each in assign.targets if isinstance(each, ast.Attribute)), None)
        place = function.place(target) if target is not None else None
        if target is None or place is None or place[0] != "self" or assign in locked or assign in looped:
            continue
        wait = _waited(function, assign, place)
        if wait is None or _is_asked(function, assign, place) or not _is_set_elsewhere(function, place):
            continue
        if sharing.is_exempt(place, function, summaries.oracle) or not _is_called_at_will(function):
            continue
        source = function.file.source
        yield Race(
            "lost-wakeup",
            ast.unparse(target),
            function.label,
            source.span(assign),
            suspension=source.span(wait),
            write=source.span(assign),
            form="slot",
        )


def _makes(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and last_name(value.func) in ("create_future", "Future")


def _begins(function: Function) -> bool:
    """Whether it is named for what is done once to an object: two at a time would fail in other ways."""
    words = (vocabulary.BEGINS, vocabulary.TEARDOWN, vocabulary.STARTUP)
    return function.name in vocabulary.ONCE or any(each.search(function.name) for each in words)


def _waited(function: Function, assign: ast.Assign, place: Place) -> ast.Await | None:
    """The wait for what was stored."""
    locals_ = {each.id for each in assign.targets if isinstance(each, ast.Name)}
    for node in function.nodes.of(ast.Await):
        if node.lineno <= assign.lineno:
            continue
        for each in (node.value, *(node.value.args if isinstance(node.value, ast.Call) else ())):
            if function.place(each) == place or (isinstance(each, ast.Name) and each.id in locals_):
                return node
    return None


def _is_asked(function: Function, assign: ast.Assign, place: Place) -> bool:
    """Whether the function looks into the slot before it puts something there, or keeps callers in a queue."""
    return any(
        found == place and isinstance(node.ctx, ast.Load) and node.lineno <= assign.lineno
        for node, found in function.places.items()
    )


def _is_set_elsewhere(function: Function, place: Place) -> bool:
    owner = function.owner
    return owner is not None and any(
        isinstance(call.func, ast.Attribute) and call.func.attr in _SETTING and other.place(call.func.value) == place
        for other in owner.functions
        if other is not function and other.parent is not function
        for call in other.nodes.of(ast.Call)
    )


def _is_called_at_will(function: Function) -> bool:
    """Whether it is for anybody who has the object: public, or called by several methods."""
    owner = function.owner
    if owner is None or owner.spawned.get(function.name, 0):
        return False
    callers = {each for each in owner.callers.get(function.name, ()) if not vocabulary.CONSTRUCTION.match(each)}
    return not function.name.startswith("_") or len(callers) > 1
