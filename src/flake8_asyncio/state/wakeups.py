"""Events that are cleared, or replaced by new ones, when they may have been set again since they were waited for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flake8_asyncio.state.functions import Function
from flake8_asyncio.state.holding import suspension_in
from flake8_asyncio.state.nodes import bodies
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.state.vocabulary import last_name
from flake8_asyncio.syntax.nodes import own

_LIMITS = frozenset({"timeout", "timeout_at", "move_on_after", "fail_after"})


class _Wait(NamedTuple):
    """A statement that ends with a wait for an event; `after` is what of it may still run when the wait is over."""

    event: str
    node: ast.expr
    after: list[ast.stmt]
    is_limited: bool


def races(function: Function, summaries: Summaries) -> Iterator[Race]:
    """The wake-ups that one coroutine function loses."""
    if not any(last_name(each.func) == "wait" for each in function.nodes.of(ast.Call)):
        return
    loops = function.nodes.of(ast.While)
    repeated = {each for loop in loops for each in own(loop.body)}
    for body in bodies(function.node.body):
        yield from _cleared_late(body, function, summaries, repeated)
    for loop in loops:
        yield from _cleared_before(loop, function, summaries)


def _cleared_late(
    body: list[ast.stmt], function: Function, summaries: Summaries, repeated: set[ast.AST]
) -> Iterator[Race]:
    """The wait, then other suspensions, then the clearing: what was set meanwhile is forgotten."""
    waits: list[tuple[int, _Wait]] = []
    for position, statement in enumerate(body):
        found = _wait(statement)
        if found is not None:
            waits.append((position, found))
            event = _cleared_finally(statement, found.event)
            if event is not None and statement in repeated:
                yield from _lost(function, summaries, event, found, found.after)
            continue
        event = _cleared(statement)
        before = [each for each in waits if event is not None and each[1].event == ast.unparse(event)]
        if event is not None and before and (isinstance(statement, ast.Expr) or statement in repeated):
            index, found = before[-1]
            yield from _lost(function, summaries, event, found, [*found.after, *body[index + 1 : position]])


def _cleared_before(loop: ast.While, function: Function, summaries: Summaries) -> Iterator[Race]:
    """A loop that clears right before it waits, and suspends after the wait: what was set by then is forgotten.

    Unless anything is tested between the suspension and the clearing.
    """
    body = loop.body
    while len(body) == 1 and isinstance(body[0], ast.Try):
        body = body[0].body
    for position, statement in enumerate(body[:-1]):
        event, found = _cleared(statement), _wait(body[position + 1])
        if event is None or found is None or found.event != ast.unparse(event) or found.is_limited:
            continue
        if not isinstance(body[position + 1], ast.Expr) or not _is_set_elsewhere(event, function):
            continue
        last = next(
            (each for each in reversed([*body[position + 2 :], *body[:position]]) if not _is_simple(each)), None
        )
        if last is None:
            yield from _lost(function, summaries, event, found, [*body[position + 2 :], *body[:position]], "before")


def _is_simple(statement: ast.stmt) -> bool:
    """Whether a statement tests nothing."""
    return isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign | ast.AnnAssign) and not any(
        isinstance(each, ast.IfExp | ast.BoolOp | ast.Compare) for each in ast.walk(statement)
    )


def _is_set_elsewhere(event: ast.expr, function: Function) -> bool:
    """Whether another function of the file sets an event of this name."""
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "set"
        and last_name(call.func.value) == last_name(event)
        for other in function.file.all
        if other is not function
        for call in other.nodes.of(ast.Call)
    )


def _lost(
    function: Function,
    summaries: Summaries,
    event: ast.expr,
    wait: _Wait,
    between: Sequence[ast.stmt],
    form: str = "",
) -> Iterator[Race]:
    suspension = suspension_in(list(between), function, summaries)
    if suspension is None or not _is_event(event, function):
        return
    source = function.file.source
    span = source.span(event)
    yield Race(
        "lost-wakeup",
        ast.unparse(event),
        function.label,
        span,
        source.span(wait.node),
        source.span(suspension),
        span,
        form=form,
    )


def _cleared(statement: ast.stmt) -> ast.expr | None:
    """The event that a statement clears, or puts a new one in the place of."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=event, attr="clear"), args=[])):
            return event
        case ast.Assign(targets=[event], value=ast.Call(func=made, args=[])) if last_name(made) == "Event":
            return event
    return None


def _cleared_finally(statement: ast.stmt, event: str) -> ast.expr | None:
    for each in statement.finalbody if isinstance(statement, ast.Try) else ():
        found = _cleared(each)
        if found is not None and ast.unparse(found) == event:
            return found
    return None


def _wait(statement: ast.stmt) -> _Wait | None:
    """The wait that a statement ends with."""
    match statement:
        case ast.Expr(value=value) | ast.Assign(value=value):
            return _awaited(value)
        case ast.Try(body=[*_, last]):
            inner = _wait(last)
            after = [each for handler in statement.handlers for each in handler.body if not _leaves(handler.body)]
            return inner and inner._replace(after=[*inner.after, *after, *statement.orelse])
        case ast.AsyncWith(items=[ast.withitem(context_expr=ast.Call(func=limit))], body=[*_, last]):
            inner = _wait(last) if last_name(limit) in _LIMITS else None
            return inner and inner._replace(is_limited=True)
    return None


def _leaves(body: list[ast.stmt]) -> bool:
    return isinstance(body[-1], ast.Return | ast.Raise | ast.Break)


def _awaited(value: ast.expr) -> _Wait | None:
    match value:
        case ast.Await(value=ast.Call(func=ast.Attribute(value=event, attr="wait"), args=[])):
            return _Wait(ast.unparse(event), value, [], False)
        case ast.Await(value=ast.Call(func=limit, args=[ast.Call(func=ast.Attribute(value=event, attr="wait")), *_])):
            if last_name(limit) == "wait_for":
                return _Wait(ast.unparse(event), value, [], True)
    return None


def _is_event(event: ast.expr, function: Function) -> bool:
    place = function.place(event)
    if place is not None:
        return "Event" in function.made(place)
    return isinstance(event, ast.Name) and "Event" in function.file.names.get(event.id, set())
