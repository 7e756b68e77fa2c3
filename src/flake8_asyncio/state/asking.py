"""Answers that are out of date when they are used: whether a future is done, a lock free, a client connected.

`if not future.done(): await …`, then `future.set_result()`: whoever was faster makes it raise. `if lock.locked():
return`, then a suspension, then `async with lock`: a second task was told that the lock is free as well. `if not
client.is_connected: await client.connect()`: a second task that asks while the first connects does so too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.holding import suspension_in
from flake8_asyncio.state.locks import guarded, known_lock
from flake8_asyncio.state.nodes import bindings, bodies
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries, forgiving_statements
from flake8_asyncio.state.vocabulary import last_name
from flake8_asyncio.syntax.nodes import own

_SETTLES = frozenset({"set_result", "set_exception"})
_MAKES = frozenset({"create_future", "Future", "create_task", "ensure_future"})
_OPENS = frozenset("connect open start login reconnect".split())
_FORGIVES = frozenset({"InvalidStateError", "Exception", "BaseException"})
_GIVES_UP = (ast.Return, ast.Continue, ast.Break, ast.Raise)


def races(function: Function, summaries: Summaries) -> Iterator[Race]:
    """What one coroutine function does on the word of a test that a suspension made old."""
    if ast.If not in function.nodes and ast.While not in function.nodes:
        return
    names = function.called
    if "done" in names and names & _SETTLES:
        yield from _settled(function, summaries)
    if "locked" in names:
        yield from _locked(function, summaries)
    if names & _OPENS:
        yield from _opened(function, summaries)


def _settled(function: Function, summaries: Summaries) -> Iterator[Race]:
    own_futures = {
        ast.unparse(target) for target, value in bindings(function.nodes) if last_name(value) in _MAKES
    }  # what the function made itself it may settle when it likes
    forgiven = forgiving_statements(function, _FORGIVES)
    source = function.file.source
    for test, subject, following in _passed(function, "done"):
        name = ast.unparse(subject)
        if name in own_futures:
            continue
        for position, statement in enumerate(following):
            call = _settling(statement, name)
            if call is None:
                if _asks_again(statement, name) or _stores(statement, name):
                    break
                continue
            suspension = suspension_in([*following[:position], statement], function, summaries)
            if suspension is not None and suspension.lineno <= call.lineno and statement not in forgiven:
                yield Race(
                    "stale-check-flag",
                    name,
                    function.label,
                    source.span(call),
                    source.span(test),
                    source.span(suspension),
                    source.span(call),
                    form="settled",
                    detail=last_name(call.func),
                )
            break


def _settling(statement: ast.stmt, name: str) -> ast.Call | None:
    """`future.set_result(…)`, which may wait for the result itself."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=method)) as call) if method in _SETTLES:
            return call if ast.unparse(owner) == name else None
    return None


def _locked(function: Function, summaries: Summaries) -> Iterator[Race]:
    held = guarded(function, summaries.oracle)
    source = function.file.source
    for test, subject, following in _passed(function, "locked"):
        name = ast.unparse(subject)
        lock = known_lock(subject, function, summaries.oracle)
        if lock is None or lock.flavour != "asyncio" or not lock.is_exclusive or test in held:
            continue
        for position, statement in enumerate(following):
            if _asks_again(statement, name):
                break
            match statement:
                case ast.AsyncWith(items=items) if any(ast.unparse(item.context_expr) == name for item in items):
                    suspension = suspension_in(following[:position], function, summaries)
                    if suspension is not None:
                        yield Race(
                            "stale-check-flag",
                            name,
                            function.label,
                            source.span(statement),
                            source.span(test),
                            source.span(suspension),
                            source.span(statement),
                            form="locked",
                        )
                    break


def _opened(function: Function, summaries: Summaries) -> Iterator[Race]:
    held = guarded(function, summaries.oracle)
    source = function.file.source
    tests: list[ast.If | ast.While] = [*function.nodes.of(ast.If), *function.nodes.of(ast.While)]
    for node in tests:
        subject = _unconnected(node.test)
        place = function.place(subject) if subject is not None else None
        if subject is None or place is None or place[0] == "nonlocal" or node in held:
            continue
        opening = next((each for each in own(node.body) if _opens(each, ast.unparse(subject))), None)
        if not isinstance(opening, ast.Await) or not summaries.await_suspends(opening.value, function):
            continue
        if sharing.is_exempt(place, function, summaries.oracle) or not _is_met(place, function):
            continue
        yield Race(
            "stale-check-flag",
            ast.unparse(subject),
            function.label,
            source.span(opening),
            source.span(node.test),
            source.span(opening),
            form="opened",
        )


def _is_met(place: Place, function: Function) -> bool:
    """Whether several tasks may want what a place holds to be connected."""
    if vocabulary.ENSURES.search(function.name):
        return True
    is_begun = vocabulary.BEGINS.search(function.name) and not sharing.is_set_up_by_use(function)
    return not is_begun and sharing.has_evidence(place, function, "", False)


def _unconnected(test: ast.expr) -> ast.expr | None:
    """What is not connected, open or running if the test holds."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            asked = operand.func if isinstance(operand, ast.Call) and not operand.args else operand
            if isinstance(asked, ast.Attribute) and vocabulary.ALIVE.match(asked.attr):
                return asked.value
        case ast.BoolOp(values=values):
            return next((found for value in values if (found := _unconnected(value)) is not None), None)
    return None


def _opens(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Await(value=ast.Call(func=ast.Attribute(value=owner, attr=method))) if method in _OPENS:
            return ast.unparse(owner) == name
    return False


def _passed(function: Function, method: str) -> Iterator[tuple[ast.expr, ast.expr, list[ast.stmt]]]:
    """Each test that `x.method()` is false, with `x` and the statements that run once it was passed."""
    for body in bodies(function.node.body):
        for position, statement in enumerate(body):
            if not isinstance(statement, ast.If):
                continue
            asked = _asked(statement.test, method)
            if asked is None:
                continue
            subject, is_denied = asked
            if is_denied:
                yield statement.test, subject, statement.body
            elif isinstance(statement.body[-1], _GIVES_UP):
                yield statement.test, subject, body[position + 1 :]


def _asked(test: ast.expr, method: str) -> tuple[ast.expr, bool] | None:
    """What `method` is asked of, and whether the test holds if it is not so."""
    match test:
        case ast.Call(func=ast.Attribute(value=subject, attr=name), args=[]) if name == method:
            return subject, False
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            asked = _asked(operand, method)
            return (asked[0], True) if asked is not None and not asked[1] else None
        case ast.BoolOp(op=ast.And(), values=values):
            every = [asked for value in values if (asked := _asked(value, method)) is not None]
            return every[0] if len(every) == 1 and every[0][1] else None
    return None


def _asks_again(statement: ast.stmt, name: str) -> bool:
    return any(
        isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and each.func.attr in ("done", "locked", "cancelled")
        and ast.unparse(each.func.value) == name
        for each in own([statement])
    )


def _stores(statement: ast.stmt, name: str) -> bool:
    return any(
        isinstance(each, ast.Name | ast.Attribute)
        and isinstance(each.ctx, ast.Store)
        and name.startswith(ast.unparse(each))
        for each in own([statement])
    )
