"""`while` loops that keep the event loop until something happens that cannot happen meanwhile.

Only four forms are taken for certain. A loop whose body changes a name of its condition, or does anything whose
effect on the condition is not known, is none of them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from enum import Enum

from flake8_asyncio.syntax.nodes import children

Resolve = Callable[[ast.expr], str]

_STATES = {"is_set", "done", "empty", "locked", "is_alive", "poll", "qsize", "full", "cancelled", "running"}
_ONLY_OTHERS = {"is_set", "done", "locked"}
_CLOCKS = {
    "time.time", "time.monotonic", "time.perf_counter", "time.time_ns", "time.monotonic_ns", "time.perf_counter_ns",
    "time.process_time", "datetime.datetime.now", "datetime.datetime.utcnow",
}  # fmt: skip
_IDLE = {"time.sleep", "builtins.print", "os.sched_yield"}
_LOGS = {"debug", "info", "warning", "error", "exception"}
_SUSPENDS = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield, ast.YieldFrom)
_LEAVES = (ast.Break, ast.Return, ast.Raise)
_APART = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_ENDS = {"sys.exit", "os._exit", "os.abort", "builtins.exit", "builtins.quit"}


class Spin(str, Enum):
    """In what way a loop spins."""

    EMPTY = "empty"  # nothing in the body, and a condition that only others can change
    ENDLESS = "endless"
    CLOCK = "clock"  # until a time has come
    STATE = "state"  # until an event, task or lock is in some state


def spin(loop: ast.While, resolve: Resolve) -> Spin | None:
    """In what way a loop spins, if it certainly does; `resolve` says what a callee is."""
    body = list(_within(loop.body))
    if any(isinstance(each, _SUSPENDS) for each in (*body, *_within([loop.test]))) or loop.orelse:
        return None
    if any(isinstance(each, ast.comprehension) and each.is_async for each in body):
        return None
    leaves = any(isinstance(each, _LEAVES) for each in body) or any(
        isinstance(each, ast.Call) and resolve(each.func) in _ENDS for each in body
    )
    calls = [each for each in _within([loop.test]) if isinstance(each, ast.Call)]
    if isinstance(loop.test, ast.Constant):
        return Spin.ENDLESS if loop.test.value and not leaves else None
    if _is_clock(loop.test, calls, resolve):
        return None if leaves or _stored(body) & _read(loop.test) else Spin.CLOCK
    if _is_empty(loop.body):
        if any(isinstance(each, ast.NamedExpr | ast.Subscript) for each in _within([loop.test])):
            return None
        return Spin.EMPTY if all(_method(each) in _STATES and not each.args for each in calls) else None
    if not leaves and not _stored(body) & _read(loop.test) and calls and _waits_for_others(loop.test):
        return Spin.STATE if _is_idle(loop.body, resolve) else None
    return None


def _within(nodes: list[ast.stmt] | list[ast.expr]) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _APART):
            pending.extend(children(node))


def _is_empty(body: list[ast.stmt]) -> bool:
    return all(
        isinstance(each, ast.Pass | ast.Continue)
        or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in body
    )


def _is_clock(test: ast.expr, calls: list[ast.Call], resolve: Resolve) -> bool:
    """Whether a comparison with the time is all that is asked."""
    if not isinstance(test, ast.Compare) or not calls:
        return False
    return all(
        resolve(each.func) in _CLOCKS or (_method(each) == "time" and resolve(each.func).endswith("_loop().time"))
        for each in calls
    )


def _is_idle(body: list[ast.stmt], resolve: Resolve) -> bool:
    """Whether the body does nothing that could end the wait, as far as can be told: it prints, logs or sleeps."""
    for node in _within(body):
        if isinstance(node, ast.Call):
            callee = resolve(node.func)
            is_log = _method(node) in _LOGS and callee.rpartition(".")[0].endswith(
                ("log", "logger", "logging", "LOGGER")
            )
            if callee not in _IDLE and not is_log:
                return False
    return True


def _waits_for_others(test: ast.expr) -> bool:
    """`not event.is_set()`, `lock.locked()`, and several of these joined by `and`."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _waits_for_others(operand)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_waits_for_others(each) for each in values)
        case ast.Call(func=ast.Attribute(attr=name), args=[]):
            return name in _ONLY_OTHERS
    return False


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _read(test: ast.expr) -> set[str]:
    return {ast.unparse(each) for each in _within([test]) if isinstance(each, ast.Name | ast.Attribute)}


def _stored(body: list[ast.AST]) -> set[str]:
    return {
        ast.unparse(each)
        for each in body
        if isinstance(each, ast.Name | ast.Attribute | ast.Subscript) and isinstance(each.ctx, ast.Store | ast.Del)
    }
