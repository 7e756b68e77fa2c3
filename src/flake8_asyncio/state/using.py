"""Uses of an attribute that was tested before a suspension during which it may be set to `None`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.flow import Flow
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.index import Class
from flake8_asyncio.state.lattice import State
from flake8_asyncio.state.nodes import awaited_calls
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.reach import suspensions
from flake8_asyncio.state.summaries import forgiving_statements
from flake8_asyncio.state.vocabulary import last_name
from flake8_asyncio.syntax.graph import Event, Kind

_TAKEN = frozenset({"AttributeError", "TypeError", "KeyError", "LookupError", "Exception", "BaseException"})
_WAITING = frozenset(
    {"wait_for", "shield", "gather", "wait", "cancel_task", "cancel_and_wait", "run_coroutine_threadsafe"}
)


def used(function: Function) -> dict[ast.AST, Place]:
    """What one coroutine function may use too late: each use after a suspension of what some test spoke of."""
    owner = function.owner
    if owner is None or not function.self_name:
        return {}
    sought = _sought(function)
    if not sought and not owner.forgetting:
        return {}
    own = {place for place in function.places.values() if len(place) == 2 and place[0] == "self"}
    known: set[Place] = {place for place in own if place[1] in owner.forgetting or place in sought}
    if not known:
        return {}
    first = min(end for _, end in suspensions(function))
    uses = [(node, place) for node, place in _uses(function, known) if node.lineno >= first]
    spoken_of = tested(function) if uses else set()
    gone: dict[Place, bool] = {}
    found: dict[ast.AST, Place] = {}
    for node, place in uses:
        is_item = isinstance(node, ast.Subscript) and place in sought
        key = (*place, "[]") if is_item else place
        if key not in gone:
            gone[key] = place in spoken_of and (_loses if is_item else _vanishes)(place[1], function, owner)
        if gone[key]:
            found[node] = place
    return found


def _sought(function: Function) -> set[Place]:
    """The collections of which the function asks whether something is in them."""
    found = set()
    for node in function.nodes.of(ast.Compare):
        if isinstance(node.ops[0], ast.In | ast.NotIn):
            place = function.place(node.comparators[0])
            if place is not None:
                found.add(place)
    return found


def races(flow: Flow, uses: dict[ast.AST, Place]) -> Iterator[Race]:
    """Those uses for which nothing has been tested since the suspension."""
    if sharing.is_exempt(next(iter(uses.values())), flow.function, flow.oracle):
        return
    seen: set[Place] = set()
    forgiven = forgiving_statements(flow.function, _TAKEN)
    for state, event in flow.replay():
        place = uses.get(event.node)
        if place is None or place in seen or event.statement in forgiven:
            continue
        if event.kind is (Kind.AWAIT if isinstance(event.node, ast.Await) else Kind.EVALUATE):
            race = _race(flow, state, event, place)
            if race is not None:
                seen.add(place)
                yield race


def tested(function: Function) -> set[Place]:
    """The attributes of the object of which some test speaks."""
    nodes = function.nodes
    tests = [node.test for node in nodes.of(ast.If)] + [node.test for node in nodes.of(ast.While)]
    tests += [node.test for node in nodes.of(ast.Assert)] + [node.test for node in nodes.of(ast.IfExp)]
    found = {function.place(each) for test in tests for each in ast.walk(test)}
    return {place for place in found if place is not None and place[0] == "self" and len(place) == 2}


def _vanishes(name: str, function: Function, owner: Class) -> bool:
    """Whether a method that is not set-up sets the attribute to None; another one, or this one if two call it."""
    changes = owner.forgetting.get(name, ())
    if any(each is not function for each in changes):
        return True
    return bool(changes) and len(owner.callers.get(function.name, ())) > 1


def _loses(name: str, function: Function, owner: Class) -> bool:
    """Whether another method takes items out of the dict that the attribute holds."""
    return "dict" in owner.made.get(name, ()) and any(
        change.operation in vocabulary.SHRINKING
        and change.function is not function
        and not vocabulary.CONSTRUCTION.match(change.function.name)
        for change in owner.changes.get(name, ())
    )


def _uses(function: Function, known: set[Place]) -> Iterator[tuple[ast.expr, Place]]:
    """What fails where the attribute is None: an attribute of it, waiting for it, handing it to what waits for it.

    Of a dict, what fails where the key is gone.
    """
    named: dict[ast.AST, Place] = {node: place for node, place in function.places.items() if place in known}
    nodes = function.nodes
    held: list[ast.Attribute | ast.Subscript] = [*nodes.of(ast.Attribute), *nodes.of(ast.Subscript)]
    for node in held:
        if node.value in named and isinstance(node.ctx, ast.Load):
            yield node, named[node.value]
    for wait in nodes.of(ast.Await):
        for each in awaited_calls(wait.value):
            if each in named:
                yield wait, named[each]
    for call in nodes.of(ast.Call):
        for argument in call.args:
            if argument in named and last_name(call.func) in _WAITING:
                yield call, named[argument]


def _race(flow: Flow, state: State, event: Event, place: Place) -> Race | None:
    guards = [guard for guard in state.guards.values() if guard.place == place]
    key = ast.unparse(event.node.slice) if isinstance(event.node, ast.Subscript) else ""
    if key:
        guards = [guard for guard in guards if guard.key == key]
    stale = [guard for guard in guards if guard.stale is not None and guard.polarity == "present"]
    if not stale or len(stale) < len(guards):
        return None
    guard = stale[-1]
    source = flow.function.file.source
    suspension = guard.stale
    assert isinstance(event.node, ast.expr)
    return Race(
        "stale-use",
        ".".join((flow.function.self_name, *place[1:])) + (f"[{key}]" if key else ""),
        flow.function.label,
        source.span(event.node),
        source.span(guard.read),
        source.span(suspension) if isinstance(suspension, ast.expr | ast.stmt) else None,
        form="removed" if key else "",
    )
