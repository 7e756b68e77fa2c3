"""What storing, suspending, and entering and leaving locks do to the state."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from flake8_asyncio.state import vocabulary
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.lattice import NO_ORIGINS, Guard, Origins, State
from flake8_asyncio.state.nodes import awaited_calls
from flake8_asyncio.state.summaries import Written, outermost
from flake8_asyncio.state.values import classify
from flake8_asyncio.state.vocabulary import last_name
from flake8_asyncio.syntax.graph import Event, Kind

if TYPE_CHECKING:
    from flake8_asyncio.state.flow import Flow

_LOOKUPS = frozenset({"KeyError", "LookupError", "IndexError"})


def store(flow: Flow, state: State, event: Event) -> None:
    """A target is bound."""
    target, statement, value = event.node, event.statement, event.value
    origins = _stored(state, event)
    if isinstance(target, ast.Name):
        place = flow.place(target) if target.id in flow.function.outer_names else None
        if place is None:
            if isinstance(statement, (ast.For, ast.AsyncFor)) or (
                value is None and not isinstance(statement, ast.Assign)
            ):
                origins = NO_ORIGINS if not isinstance(statement, ast.AugAssign) else origins
            state.names[target.id] = origins
            return
        _bind(flow, state, place, event, origins)
    elif isinstance(target, ast.Attribute):
        place = flow.place(target)
        if place is not None:
            _bind(flow, state, place, event, origins)
    elif isinstance(target, ast.Subscript):
        place, is_inner = flow.place(outermost(target.value)), isinstance(target.value, ast.Subscript)
        if place is not None:
            key = ast.unparse(target.slice)
            if isinstance(statement, ast.AugAssign) and not _is_stale(state.values.get(target, NO_ORIGINS)):
                written = Written(target, "augment", "fresh", key=key, is_inner=is_inner)
            else:
                written = Written(target, "item", classify(value), key=key, is_inner=is_inner)
            flow.write(state, place, written, origins)


def _stored(state: State, event: Event) -> Origins:
    """The origins of what a target is given."""
    statement = event.statement
    if isinstance(statement, ast.AugAssign) and event.node is statement.target:
        before = state.values.get(statement.target, NO_ORIGINS)
        return frozenset(
            each._replace(kind="arithmetic") if each.kind in ("value", "element", "copy") else each for each in before
        ) | state.values.get(statement.value, NO_ORIGINS)
    if event.value is not None:
        return state.values.get(event.value, NO_ORIGINS)
    if isinstance(statement, ast.Assign):
        return state.values.get(statement.value, NO_ORIGINS)
    return NO_ORIGINS


def _bind(flow: Flow, state: State, place: Place, event: Event, origins: Origins) -> None:
    statement, target = event.statement, event.node
    assert isinstance(target, ast.expr)
    if isinstance(statement, ast.AugAssign):
        if flow.is_container(place):
            flow.write(state, place, Written(target, "grow", "fresh"), origins)
            return
        if not _is_stale(state.values.get(target, NO_ORIGINS)):
            flow.write(state, place, Written(target, "augment", "fresh"), state.values.get(statement.value, NO_ORIGINS))
            return
    value = classify(event.value)
    stored = ast.unparse(event.value) if value == "const" and event.value is not None else ""
    flow.write(state, place, Written(target, "bind", value, stored=stored), origins)


def _is_stale(origins: Origins) -> bool:
    return any(each.stale is not None for each in origins)


def delete(flow: Flow, state: State, event: Event) -> None:
    """`del` of an element can raise, of an attribute it unbinds."""
    target = event.node
    if isinstance(target, ast.Subscript):
        place = flow.place(target.value)
        if place is not None:
            is_slice = isinstance(target.slice, ast.Slice)
            operation, key = ("discard", "") if is_slice else ("remove", ast.unparse(target.slice))
            flow.write(state, place, Written(target, operation, "fresh", key=key), NO_ORIGINS)
    elif isinstance(target, ast.Attribute):
        place = flow.place(target)
        if place is not None:
            flow.write(state, place, Written(target, "bind", "absent"), NO_ORIGINS)


def wait(flow: Flow, state: State, event: Event) -> None:
    """`await`: a lock, coroutines of this file, or something else that may suspend."""
    node = event.node
    assert isinstance(node, ast.Await)
    operand = node.value
    match operand:
        case ast.Call(func=ast.Attribute(value=owner, attr="acquire")) if (found := flow.lock(owner)) is not None:
            _acquire(flow, state, node, found[0])
            return
        case ast.Call(func=ast.Attribute(attr="enter_async_context"), args=[manager]) if (
            found := flow.lock(manager)
        ) is not None:
            flow.stacked.add(found[0])
            _acquire(flow, state, node, found[0])
            return
        case ast.Call(func=ast.Attribute(value=owner, attr="wait" | "wait_for")):
            found = flow.lock(owner)
            if found is not None and found[0] in state.held:  # a condition gives its lock away while it waits
                state.release(found[0])
                state.suspend(node)
                state.held |= {found[0]}
                return
    callees = list(_callees(flow.function, operand))
    for callee in callees:
        _late_writes(flow, state, node, callee)
    if flow.summaries.await_suspends(operand, flow.function):
        state.suspend(node)
    for callee in callees:
        effect = flow.summaries.effect(callee)
        if flow.effect is not None and flow.observe is not None:
            for place, written in effect.late.items():
                if place not in state.checked:
                    flow.effect.late.setdefault(place, written)
        if flow.effect is not None:
            flow.effect.setting |= effect.setting
        for place in effect.writes:
            state.forget(place, "" if place in effect.setting else "missing")
            state.checked |= {place}


def _callees(function: Function, operand: ast.expr) -> Iterator[Function]:
    for each in awaited_calls(operand):
        if isinstance(each, ast.Call):
            callee = function.callee(each.func)
            if callee is not None and callee.is_async and not callee.is_property:
                yield callee


def _late_writes(flow: Flow, state: State, node: ast.Await, callee: Function) -> None:
    """What the awaited coroutine writes after its own suspensions, without testing it, meets our tests of it."""
    if flow.observe is None:
        return
    for place, written in flow.summaries.effect(callee).late.items():
        if place not in flow.relevant:
            continue
        guards = [guard for guard in state.guards.values() if guard.place == place]
        if not guards or any(guard.locks & state.held for guard in guards):
            continue
        caller = state.copy()
        for site, guard in caller.guards.items():
            if guard.place == place and guard.stale is None:
                caller.guards[site] = guard._replace(stale=node)
        flow.observe(flow, caller, place, written._replace(node=node, via=callee.name), NO_ORIGINS)


def _acquire(flow: Flow, state: State, node: ast.AST, key: tuple[str, ...]) -> None:
    flow.acquired.add(node)
    state.suspend(node)
    state.held |= {key}


def give_way(flow: Flow, state: State, event: Event) -> None:
    """`yield` of an async generator: its consumer runs, and so may others."""
    if flow.function.is_async:
        state.suspend(event.node)


def step(flow: Flow, state: State, event: Event) -> None:
    """A step of `async for`."""
    if event.is_async:
        node = event.node
        state.suspend(node.iter if isinstance(node, (ast.comprehension, ast.AsyncFor)) else node)


def enter(flow: Flow, state: State, event: Event) -> None:
    """`with` and `async with` of a lock hold it; of anything else, `async with` suspends."""
    manager = event.node
    assert isinstance(manager, ast.expr)
    found = flow.lock(manager)
    if event.is_async:
        if found is not None:
            _acquire(flow, state, manager, found[0])
        elif _may_suspend(flow, manager):
            state.suspend(manager)
    elif found is not None:
        state.held |= {found[0]}


def leave(flow: Flow, state: State, event: Event) -> None:
    """The end of a `with`."""
    manager = event.node
    assert isinstance(manager, ast.expr)
    found = flow.lock(manager)
    if found is not None:
        state.release(found[0])
    elif event.is_async and _may_suspend(flow, manager):
        state.suspend(manager)
    if flow.stacked and last_name(manager) in ("AsyncExitStack", "ExitStack"):
        for key in flow.stacked & state.held:
            state.release(key)


def _may_suspend(flow: Flow, manager: ast.expr) -> bool:
    if last_name(manager) in vocabulary.NEVER_SUSPENDING:
        return False
    return flow.oracle.suspends(manager, flow.function.node) is not False


def handle(flow: Flow, state: State, event: Event) -> None:
    """`try: return pool[key]` / `except KeyError:` is a test whether the key is there."""
    handler, statement = event.node, event.statement
    assert isinstance(handler, ast.ExceptHandler)
    if handler.name:
        state.names.pop(handler.name, None)
    if not isinstance(statement, (ast.Try, ast.TryStar)) or len(statement.body) > 2 or handler.type is None:
        return
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    if not any(last_name(each) in _LOOKUPS for each in types):
        return
    for node in _until_await(statement.body):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            place = flow.place(node.value)
            if place is not None:
                state.forget(place)
                key = ast.unparse(node.slice)
                state.guards[place, handler] = Guard(place, node, "missing", "element", None, state.held, key=key)
                state.checked |= {place}


def _until_await(body: list[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Await):
                return
            yield node


EVENTS: dict[Kind, Callable[[Flow, State, Event], None]] = {
    Kind.STORE: store,
    Kind.DELETE: delete,
    Kind.AWAIT: wait,
    Kind.YIELD: give_way,
    Kind.NEXT: step,
    Kind.ENTER: enter,
    Kind.EXIT: leave,
    Kind.HANDLE: handle,
}
