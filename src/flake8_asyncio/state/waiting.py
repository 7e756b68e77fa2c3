"""Locks that are not given back, and conditions that are waited for or notified in a way that loses wake-ups."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from flake8_asyncio.state.functions import Function
from flake8_asyncio.state.holding import suspension_in
from flake8_asyncio.state.locks import known_lock
from flake8_asyncio.state.nodes import bodies
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.state.vocabulary import HOLDS_LOCK, last_name
from flake8_asyncio.syntax.nodes import own_nodes

_NEEDS_LOCK = frozenset({"notify", "notify_all", "wait_for"})
_TAKES_LOCK = frozenset({"acquire", "locked", "enter_async_context"})


def races(function: Function, summaries: Summaries) -> Iterator[Race]:
    """What one coroutine function waits for wrongly."""
    calls = {name: list(_awaited(function, name)) for name in ("acquire", "wait")}
    if calls["acquire"]:
        yield from _not_released(function, summaries, function.node.body, False)
    if calls["wait"]:
        yield from _wait_once(function, summaries, calls["wait"])


def _awaited(function: Function, method: str) -> Iterator[tuple[ast.Await, ast.expr]]:
    for node in function.nodes.of(ast.Await):
        match node:
            case ast.Await(value=ast.Call(func=ast.Attribute(value=owner, attr=name))) if name == method:
                yield node, owner


def _not_released(
    function: Function, summaries: Summaries, body: Sequence[ast.stmt], is_guarded: bool
) -> Iterator[Race]:
    """`await lock.acquire()`, then a suspension, then `lock.release()` that an exception would skip."""
    for position, statement in enumerate(body):
        match statement:
            case ast.Expr(value=ast.Await(value=ast.Call(func=ast.Attribute(value=owner, attr="acquire")))):
                if not is_guarded:
                    yield from _skipped(function, summaries, statement, owner, body[position + 1 :])
        for name in ("body", "orelse"):
            inner = getattr(statement, name, None)
            if isinstance(inner, list) and not isinstance(
                statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            ):
                final = getattr(statement, "finalbody", [])
                yield from _not_released(function, summaries, inner, is_guarded or _releases(final))


def _skipped(
    function: Function, summaries: Summaries, statement: ast.stmt, owner: ast.expr, rest: Sequence[ast.stmt]
) -> Iterator[Race]:
    lock = known_lock(owner, function, summaries.oracle)
    if lock is None or lock.flavour != "asyncio":
        return
    between: list[ast.stmt] = []
    for each in rest:
        if isinstance(each, ast.Try) and _releases(each.finalbody):
            return
        match each:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=released, attr="release"))):
                if ast.unparse(released) == ast.unparse(owner):
                    suspension = suspension_in(between, function, summaries)
                    if suspension is not None:
                        source = function.file.source
                        yield Race(
                            "lock-not-released",
                            ast.unparse(owner),
                            function.label,
                            source.span(statement),
                            suspension=source.span(suspension),
                            write=source.span(each),
                        )
                    return
        between.append(each)


def _releases(body: Sequence[ast.stmt]) -> bool:
    return any(
        isinstance(call.func, ast.Attribute) and call.func.attr == "release" for call in own_nodes(body).of(ast.Call)
    )


def _wait_once(function: Function, summaries: Summaries, waits: list[tuple[ast.Await, ast.expr]]) -> Iterator[Race]:
    """`if not items: await condition.wait()`, then `items.pop()`: another task may have taken the item first."""
    source = function.file.source
    waiting = dict(waits)
    repeated = {each for loop in function.nodes.of(ast.While) for each in own_nodes(loop.body).of(ast.Await)}
    for body in bodies(function.node.body):
        for position, statement in enumerate(body):
            match statement:
                case ast.If(test=test, body=[ast.Expr(value=ast.Await() as wait)]) if wait in waiting:
                    is_taken = _takes(body[position + 1 :], ast.unparse(test))
                case ast.Expr(value=ast.Await() as wait) if wait in waiting and wait not in repeated:
                    is_taken = _uses_up(body[position + 1 :], ast.unparse(waiting[wait]))
                case _:
                    continue
            if not is_taken:
                continue
            owner = waiting[wait]
            lock = known_lock(owner, function, summaries.oracle)
            if lock is None or (lock.flavour, lock.kind) != ("asyncio", "condition"):
                continue
            span = source.span(statement.body[0] if isinstance(statement, ast.If) else statement)
            yield Race("lost-wakeup", ast.unparse(owner), function.label, span, suspension=source.span(wait))


def unlocked(function: Function, summaries: Summaries) -> Iterator[Race]:
    """`condition.notify()` where nothing of a coroutine function, and nobody who calls it, holds the condition's lock.

    Elsewhere its class or file must take the lock: conditions that are only handed in may come locked.
    """
    if "Condition" not in function.file.source.text:
        return
    calls = [
        (call, call.func)
        for call in function.nodes.of(ast.Call)
        if isinstance(call.func, ast.Attribute) and call.func.attr in _NEEDS_LOCK
    ]
    if not calls or HOLDS_LOCK.search(function.name):
        return
    inside = {call for node in function.nodes.of(ast.AsyncWith) for call in own_nodes(node.body).of(ast.Call)}
    names = {call.func.attr for call in function.nodes.of(ast.Call) if isinstance(call.func, ast.Attribute)}
    others = function.owner.functions if function.owner is not None else function.file.all
    if names & _TAKES_LOCK or _is_called(function, others, {ast.unparse(callee.value) for _, callee in calls}):
        return
    taken = {
        ast.unparse(item.context_expr)
        for each in others
        for node in each.nodes.of(ast.AsyncWith)
        for item in node.items
    }
    for call, callee in calls:
        if call in inside:
            continue
        place = ast.unparse(callee.value)
        lock = known_lock(callee.value, function, summaries.oracle) if place in taken else None
        if lock is not None and (lock.flavour, lock.kind) == ("asyncio", "condition"):
            yield Race("lost-wakeup", place, function.label, function.file.source.span(call), form=callee.attr)


def _is_called(function: Function, others: Sequence[Function], conditions: set[str]) -> bool:
    """Whether one of the others calls what has the function's name, perhaps under the lock; no condition's method."""
    return any(
        isinstance(call.func, ast.Attribute | ast.Name)
        and last_name(call.func) == function.name
        and not (isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in conditions)
        for other in others
        for call in other.nodes.of(ast.Call)
    )


def _uses_up(body: Sequence[ast.stmt], condition: str) -> bool:
    """Whether statements take from what others may have taken first: `self.free -= 1`, `self.items.pop()`."""
    nodes = own_nodes(body)
    if any(isinstance(each.target, ast.Attribute) and isinstance(each.op, ast.Sub) for each in nodes.of(ast.AugAssign)):
        return True
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr in ("pop", "popleft", "popitem", "get_nowait")
        and isinstance(call.func.value, ast.Attribute)
        and ast.unparse(call.func.value) != condition
        for call in nodes.of(ast.Call)
    )


def _takes(body: Sequence[ast.stmt], test: str) -> bool:
    """Whether statements take from what a test is about, or take a flag back that it tests."""
    nodes = own_nodes(body)
    for assign in nodes.of(ast.Assign):
        if isinstance(assign.value, ast.Constant) and not assign.value.value:
            if any(isinstance(each, ast.Attribute) and ast.unparse(each) in test for each in assign.targets):
                return True
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr in ("pop", "popleft", "popitem", "remove", "get_nowait")
        and ast.unparse(call.func.value) in test
        for call in nodes.of(ast.Call)
    )
