"""Where a coroutine keeps its cancellation from its caller.

A handler is judged by how control leaves it. What is awaited matters as much: after `task.cancel()`, `await task`
raises the task's own cancellation, and to drop that one is right.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from flake8_asyncio.lifetime.endings import Bodies, is_over
from flake8_asyncio.lifetime.names import Names, last_name, suspends
from flake8_asyncio.syntax.nodes import own, own_body, own_statements, walk

_CANCELLED = frozenset({"asyncio.CancelledError", "asyncio.exceptions.CancelledError"})
_ASKS = frozenset({"cancelling", "uncancel", "current_task", "cancelled"})
_GROUPS = frozenset({"gather", "wait", "wait_for", "shield", "as_completed", "wrap_future"})
_STARTS = frozenset({"create_task", "ensure_future"})
_LOGS = frozenset(
    {"debug", "info", "warning", "error", "exception", "critical", "log", "print", "str", "repr", "format"}
)
_OTHERS = frozenset({"KeyboardInterrupt", "SystemExit", "GeneratorExit"})
_EXITS = frozenset({"exit", "_exit", "abort"})
_BY_NAME = "CancelledError"
_FALLS, _RETURNS, _RERAISES, _REPLACES = "falls", "returns", "reraises", "replaces"

Swallow = tuple[str, ast.stmt | ast.ExceptHandler, str]  # form, place, what is caught


def swallows(function: ast.AsyncFunctionDef, names: Names, bodies: Bodies) -> Iterator[Swallow]:
    """The handlers and `suppress` blocks in which a cancellation ends; `bodies` are the coroutines of tasks."""
    for form, place, what in _swallows(function, names):
        if what != _BY_NAME or not _is_last(place, function) or function.name not in bodies():
            yield form, place, what


def _is_last(place: ast.AST, function: ast.AsyncFunctionDef) -> bool:
    """Whether a coroutine is over, with nothing to show for it, once the cancellation has ended there."""
    match place:
        case ast.ExceptHandler(body=body):
            attempt = next(each for each in own_statements(function).of(ast.Try) if place in each.handlers)
            return is_over(function, attempt, body)
        case ast.With():
            return is_over(function, place, [])
        case ast.Return(value=None | ast.Constant(value=None)):
            return True
    return False


def _swallows(function: ast.AsyncFunctionDef, names: Names) -> Iterator[Swallow]:
    statements = own_statements(function)
    shielded = {each for node in statements.of(ast.With) if _is_shield(node) for each in own([node])}
    for attempt in statements.of(ast.Try):
        if attempt not in shielded:
            yield from _handler(attempt, function, names)
    for block in statements.of(ast.With):
        if block not in shielded:
            yield from _suppress(block, function, names)


def _is_shield(node: ast.With) -> bool:
    """Whether no cancellation of a surrounding scope comes into a block: `with anyio.CancelScope(shield=True)`."""
    return any(
        isinstance(item.context_expr, ast.Call) and any(each.arg == "shield" for each in item.context_expr.keywords)
        for item in node.items
    )


def _handler(node: ast.Try, function: ast.AsyncFunctionDef, names: Names) -> Iterator[Swallow]:
    handler = next((each for each in node.handlers if _caught(each.type, names)), None)
    if handler is None or not suspends(node.body) or _is_settled(node.body, node, function, names):
        return
    if "KeyboardInterrupt" in (last_name(each) for each in names.types(handler.type)) or _is_passed_on(handler):
        return
    if any(_asks(last_name(each.func)) for each in own(handler.body) if isinstance(each, ast.Call)):
        return
    ways = dict(_outcomes(handler.body, handler))
    what = _caught(handler.type, names)
    if what == _BY_NAME and _RERAISES in ways and _FALLS not in ways:
        return  # it depends, and somebody has thought about it
    if _REPLACES in ways or _RETURNS in ways:
        place = ways.get(_REPLACES) or ways[_RETURNS]
        if not any(_raises_later(each, node, names) for each in own_body(function)):
            yield "replaced" if _REPLACES in ways else "returned", place or handler, what
    elif _FALLS in ways and not any(_raises_later(each, node, names) for each in own_body(function)):
        yield "swallowed", handler, what


def _asks(name: str) -> bool:
    """Whether a function looks who was cancelled, or takes the cancellation back."""
    return name in _ASKS or name.endswith(("_uncancel", "_cancelling"))


def _suppress(node: ast.With, function: ast.AsyncFunctionDef, names: Names) -> Iterator[Swallow]:
    for item in node.items:
        match item.context_expr:
            case ast.Call(func=callee, args=types) if names.path(callee) == "contextlib.suppress":
                what = next((found for each in types if (found := _caught(each, names))), "")
                if what and suspends(node.body) and not _is_settled(node.body, node, function, names):
                    yield "suppressed", node, what


def _types(type_: ast.expr | None) -> list[ast.expr]:
    match type_:
        case None:
            return []
        case ast.Tuple(elts=elts):
            return list(elts)
    return [type_]


def _caught(type_: ast.expr | None, names: Names) -> str:
    """How a handler that catches a cancellation says so; empty if it catches none."""
    if type_ is None:
        return "except:"
    for each in names.types(type_):
        if names.path(each) in _CANCELLED:
            return _BY_NAME
        if isinstance(each, ast.Call) and last_name(each.func) == "get_cancelled_exc_class":
            return _BY_NAME
        if isinstance(each, ast.Name) and each.id == "BaseException":
            return "BaseException"
    return ""


def _is_settled(body: list[ast.stmt], node: ast.stmt, function: ast.AsyncFunctionDef, names: Names) -> bool:
    """Whether all that is awaited are tasks, which may have been cancelled themselves."""
    cancels = [each for each in walk(function) if isinstance(each, ast.Name | ast.Attribute) and _is_cancel(each)]
    has_cancelled = any(each.lineno <= (node.end_lineno or 0) for each in cancels)
    started = _started(function)
    for each in own(body):
        match each:
            case ast.Await(value=ast.Call() as call):
                if last_name(call.func) not in _GROUPS or not (has_cancelled or _is_of_tasks(call)):
                    return False
            case ast.Await(value=ast.Name(id=name)):
                if (name in started and not has_cancelled) or name in ("coro", "coroutine"):
                    return False
            case ast.AsyncWith(items=items) if all("timeout" in names.called(item.context_expr) for item in items):
                continue
            case ast.AsyncFor() | ast.AsyncWith() | ast.Yield():
                return False
    return True


def _is_of_tasks(call: ast.Call) -> bool:
    """Whether a call such as `wait_for(self.task, 1)` waits for what runs already."""
    for each in call.args[:1] if last_name(call.func) != "gather" else call.args:
        value = each.value if isinstance(each, ast.Starred) else each
        if isinstance(value, ast.Call):
            if last_name(value.func) not in _GROUPS or not _is_of_tasks(value):
                return False
        elif not isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
            return False
    return bool(call.args)


def _is_cancel(node: ast.Name | ast.Attribute) -> bool:
    """Whether this is a method such as `task.cancel`, called or handed to what will call it."""
    return "cancel" in last_name(node).lower().split("_")


def _started(function: ast.AsyncFunctionDef) -> set[str]:
    """The locals that tasks are kept in."""
    found = set()
    for node in own_statements(function).of(ast.Assign):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=callee)) if last_name(callee) in _STARTS:
                found.add(name)
    return found


def _is_passed_on(handler: ast.ExceptHandler) -> bool:
    """Whether the exception is kept or handed to something that does more than write it down."""
    if handler.name is None:
        return any(
            last_name(each.func) in ("exc_info", "set_exception")
            for each in own(handler.body)
            if isinstance(each, ast.Call)
        )
    written: set[ast.AST] = set()
    for node in own(handler.body):
        if (
            isinstance(node, ast.Raise | ast.JoinedStr)
            or (isinstance(node, ast.Call) and last_name(node.func) in _LOGS)
            or (isinstance(node, ast.Call) and last_name(node.func) == "isinstance" and _asks_for_others(node))
        ):
            written.update(own([node]))
        elif isinstance(node, ast.Call) and last_name(node.func) in ("isinstance", "type"):
            return True
    uses = (node for node in own(handler.body) if isinstance(node, ast.Name) and node.id == handler.name)
    return any(node not in written for node in uses)


def _asks_for_others(call: ast.Call) -> bool:
    """Whether `isinstance` asks for exceptions that a cancellation certainly is none of."""
    types = _types(call.args[1]) if len(call.args) == 2 else []
    return bool(types) and all(
        isinstance(each, ast.Name) and (each.id in _OTHERS or (each.id.endswith("Error") and "Cancel" not in each.id))
        for each in types
    )


def _raises_later(node: ast.AST, after: ast.stmt, names: Names) -> bool:
    """Whether a statement after the `try`, or its `finally`, raises a cancellation again."""
    if not isinstance(node, ast.Raise) or node.lineno <= (after.lineno or 0):
        return False
    exception = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    is_after = node.lineno > (after.end_lineno or 0)
    return is_after and (
        names.path(exception) in _CANCELLED or (isinstance(exception, ast.Name) and exception.id.islower())
    )


Outcome = tuple[str, ast.stmt | ast.ExceptHandler | None]


def _outcomes(body: Iterable[ast.stmt], handler: ast.ExceptHandler) -> list[Outcome]:
    """The ways in which control leaves a handler's body."""
    found: list[Outcome] = []
    for statement in body:
        match statement:
            case ast.Raise():
                return [*found, (_raised(statement, handler), statement)]
            case ast.Return():
                return [*found, (_RETURNS, statement)]
            case ast.Break() | ast.Continue():
                return [*found, (_FALLS, None)]
            case ast.Expr(value=ast.Call(func=callee)) if last_name(callee) in _EXITS:
                return found
            case ast.If():
                ways = [*_outcomes(statement.body, handler), *_outcomes(statement.orelse, handler)]
            case ast.With() | ast.AsyncWith():
                ways = _outcomes(statement.body, handler)
            case ast.Try():
                ways = _of_try(statement, handler)
            case ast.While(test=ast.Constant(value=True)):
                ways = [*_outcomes(statement.body, handler), (_FALLS, None)]
            case ast.For() | ast.AsyncFor() | ast.While():
                ways = [each for each in _outcomes(statement.body, handler) if each[0] != _FALLS]
                ways.append((_FALLS, None))
            case ast.Match():
                ways = [way for case in statement.cases for way in _outcomes(case.body, handler)]
                ways.append((_FALLS, None))
            case _:
                continue
        found.extend(way for way in ways if way[0] != _FALLS)
        if all(way[0] != _FALLS for way in ways):
            return found
    return [*found, (_FALLS, None)]


def _of_try(statement: ast.Try, handler: ast.ExceptHandler) -> list[Outcome]:
    last = _outcomes(statement.finalbody, handler)
    if statement.finalbody and all(way != _FALLS for way, _ in last):
        return last
    ways = _outcomes([*statement.body, *statement.orelse], handler)
    for each in statement.handlers:
        ways.extend(_outcomes(each.body, handler))
    return ways


def _raised(statement: ast.Raise, handler: ast.ExceptHandler) -> str:
    match statement.exc:
        case None:
            return _RERAISES
        case ast.Name(id=name) if name == handler.name:
            return _RERAISES
        case ast.Call(func=callee) if "Cancel" in last_name(callee):  # a subclass has the name, too
            return _RERAISES
        case ast.Name() | ast.Attribute() if "Cancel" in last_name(statement.exc):
            return _RERAISES
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="with_traceback")) if name == handler.name:
            return _RERAISES
    return _REPLACES
