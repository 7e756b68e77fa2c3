"""Under which conditions code runs, as far as rules care.

`main`           under `if __name__ == "__main__"`
`no loop`        where a test has shown that no event loop runs in this thread
`loop`           where a test has shown that one does
`done x`         after a test that looks whether `x` would wait (`x.done()`, `x.empty()` …), unless it says so
`if p`, `not p`  under the truth or falsehood of the parameter `p`
`none p`         where the parameter `p` is None
`if p == 'a'`    where it has one of some values; `not p == 'a'` where it has none of them
`if p ^ 'a'`     where it begins with a text
`if p is t.C`    where it is an instance of one of some classes
`try`            inside a `try` that has handlers
`expects e`      inside a `try` that is ready for an error that tells what its calls do
`would block`    inside a `try` that is ready to hear that a call would block
`branch`         inside an `if` or `else`
`handler`        inside an `except`
`finally`        inside a `finally`
`repeated`       inside a loop
`sync f`         where `f` has been seen to be no coroutine function
`first`          before an attribute that is kept has its value, which is got there
`later`          inside a generator expression that nothing goes through at once
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from flake8_asyncio.facts.forms import last_name
from flake8_asyncio.facts.model import UNKNOWN, Ref
from flake8_asyncio.facts.references import alternatives, written
from flake8_asyncio.facts.scopes import Scope

MAIN, NO_LOOP, LOOP = "main", "no loop", "loop"
TRY, HANDLER, FINALLY, REPEATED, BRANCH = "try", "handler", "finally", "repeated", "branch"
LATER = "later"
FIRST = "first"
WOULD_BLOCK = "would block"
SYNC = "sync "
ELSEWHERE = frozenset({MAIN, NO_LOOP, LATER})  # what runs only so does not run on a loop, or not now
TESTS_LOOP = "tests loop"  # a flag of functions that look whether a loop runs

Guards = tuple[str, ...]

_WOULD_WAIT = {"done", "empty", "qsize", "full", "locked", "is_set", "poll", "is_alive", "cancelled", "running"}
_WHILE_TRUE, _ONCE_TRUE = {"is_alive"}, {"poll"}  # what says for sure that a wait would be one
_MODES = {"asynchronous", "is_async", "async_mode", "is_asynchronous", "in_async"}  # by which objects serve both ways
_SAME = (".replace()", ".strip()", ".lower()", ".upper()", ".removeprefix()", ".removesuffix()")
_MAYBE_LOOP = {"get_running_loop", "_get_running_loop", "current_task"}  # a project's own may give `None`
_WOULD_BLOCK_ERRORS = frozenset({"BlockingIOError", "SSLWantReadError", "SSLWantWriteError"})
_ASKS_ASYNC = re.compile(
    r"_?is_?(an?_)?(async|awaitable|coro|coroutine)_?(call|callable|callback|func|function|handler|method)?"
)
_LOOP_GETTERS = {"get_running_loop", "_get_running_loop", "get_event_loop", "current_task", "current_async_library"}


def guards(test: ast.expr, scope: Scope) -> tuple[Guards, Guards]:
    """What holds where `test` was true, and what where it was false."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            true, false = guards(operand, scope)
            return false, true
        case ast.BoolOp(op=ast.And(), values=values):
            ways = [guards(each, scope) for each in values]
            return _joined(true for true, _ in ways), _told(false for _, false in ways)
        case ast.BoolOp(op=ast.Or(), values=values):
            ways = [guards(each, scope) for each in values]
            return _told(true for true, _ in ways), _joined(false for _, false in ways)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(left, op, right, scope)
        case ast.Name(id=name):
            if name in scope.parameters:
                return _still(f"if {name}", name, scope), _still(f"not {name}", name, scope)
            if _is_maybe_loop(scope.lookup(name)):
                return (LOOP,), (NO_LOOP,)
        case ast.Attribute(attr=attr) if attr.lstrip("_") in _MODES:
            return (LOOP,), (NO_LOOP,)
        case ast.Call(func=ast.Attribute(attr="is_running", value=value)) if "loop" in written(value).lower():
            return (LOOP,), (NO_LOOP,)
        case ast.Call(func=ast.Name() | ast.Attribute() as callee, args=[]) if last_name(callee) in _MAYBE_LOOP:
            return (LOOP,), (NO_LOOP,)
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), kind]) if _is_given(name, scope):
            return _either(f"{name} is {' '.join(_named(kind, scope))}")
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="startswith"), args=[start]):
            texts = _literals(start)
            return _either(f"{name} ^ {' '.join(texts)}") if texts and _is_given(name, scope) else ((), ())
        case ast.Call(func=ast.Name() | ast.Attribute() as callee, args=[asked]) if _ASKS_ASYNC.fullmatch(
            last_name(callee)
        ):
            return (), (f"{SYNC}{written(asked)}",)
        case ast.Call(func=ast.Attribute(attr=attr, value=value)) if attr in _WOULD_WAIT:
            guard = (f"done {written(value)}",)
            return () if attr in _WHILE_TRUE else guard, () if attr in _ONCE_TRUE else guard
        case ast.NamedExpr(value=value) | ast.Await(value=value):
            return guards(value, scope)
    return (), ()


def _compared(left: ast.expr, op: ast.cmpop, right: ast.expr, scope: Scope) -> tuple[Guards, Guards]:
    match left, op, right:
        case (ast.Name(id="__name__"), ast.Eq(), ast.Constant(value="__main__")) | (
            ast.Constant(value="__main__"),
            ast.Eq(),
            ast.Name(id="__name__"),
        ):
            return (MAIN,), ()
        case ast.Name(id=name), ast.Is() | ast.Eq(), ast.Constant(value=None) if name in scope.parameters:
            true, false = guards(left, scope)
            return (*false, *_still(f"none {name}", name, scope)), true
        case _, ast.Is() | ast.Eq(), ast.Constant(value=None | False):
            true, false = guards(left, scope)
            return false, true
        case _, ast.IsNot() | ast.NotEq(), ast.Constant(value=None | False):
            return guards(left, scope)
        case ast.Name(id=name), ast.Eq() | ast.NotEq() | ast.In() | ast.NotIn(), _ if _is_given(name, scope):
            texts = _literals(right)
            true, false = _either(f"{name} == {' '.join(texts)}") if texts else ((), ())
            return (true, false) if isinstance(op, ast.Eq | ast.In) else (false, true)
        case ast.Call(func=ast.Attribute() | ast.Name() as callee), _, _ if last_name(callee) in _LOOP_GETTERS:
            return (), ()
        case ast.Call(func=ast.Attribute(attr=attr)), _, _ if attr in _WOULD_WAIT:
            return guards(left, scope)
    return (), ()


def _is_given(name: str, scope: Scope) -> bool:
    """Whether a name is a parameter that still is what the caller gave, or a part of that."""
    return name in scope.parameters and all(each.endswith(_SAME) for each in scope.every.get(name, [])[1:])


def _still(guard: str, name: str, scope: Scope) -> Guards:
    """A guard about what the caller gave, unless that was replaced where the guard did not hold.

    After `if p is None: p = default` a caller who left `p` out comes to what stands under `if p`.
    """
    return (guard,) if _is_given(name, scope) or all(guard in each for each in scope.rebound.get(name, ())) else ()


def _either(test: str) -> tuple[Guards, Guards]:
    return (f"if {test}",), (f"not {test}",)


def _literals(node: ast.expr) -> list[str]:
    """The plain words that an expression is or holds; none where it holds anything else."""
    many = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    texts = [each.value for each in many if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return [repr(each) for each in texts] if len(texts) == len(many) and not any(" " in each for each in texts) else []


def _named(node: ast.expr, scope: Scope) -> Iterator[str]:
    """What the classes of an `isinstance` are called; `?` for what has no name."""
    match node:
        case ast.Tuple(elts=many):
            for each in many:
                yield from _named(each, scope)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            yield from _named(left, scope)
            yield from _named(right, scope)
        case ast.Name(id=name):
            yield scope.lookup(name)
        case ast.Attribute(value=value, attr=attr):
            yield f"{next(_named(value, scope), UNKNOWN)}.{attr}"
        case _:
            yield UNKNOWN


def _joined(many: Iterator[Guards]) -> Guards:
    return tuple(dict.fromkeys(guard for each in many for guard in each))


def _told(many: Iterator[Guards]) -> Guards:
    """What is meant by all of a test: `loop and loop.is_running()` is false where no loop runs, whichever said so."""
    told = [each for guards in many for each in guards if each == NO_LOOP or each.startswith(SYNC)]
    return tuple(dict.fromkeys(told))


def _is_maybe_loop(ref: Ref) -> bool:
    ways = alternatives(ref)
    return "=None" in ways and any(each.endswith(f".{getter}()") for each in ways for getter in _LOOP_GETTERS)


def asks_for_loop(body: list[ast.stmt]) -> bool:
    """Whether a `try` begins by asking for the running loop, so that its handler runs where there is none."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and last_name(node.func) in _LOOP_GETTERS - {"get_event_loop"}:
                return True
    return False


def of_try(handlers: list[ast.ExceptHandler]) -> Guards:
    """What holds in the body of a `try` with these handlers."""
    if any(each.type is not None and catches(each, _WOULD_BLOCK_ERRORS) for each in handlers):
        return TRY, WOULD_BLOCK
    return (TRY,) if handlers else ()


def is_type_checking(test: ast.expr) -> bool:
    """Whether code under this test is for type checkers only."""
    return last_name(test) == "TYPE_CHECKING"


def catches(handler: ast.ExceptHandler, names: frozenset[str]) -> bool:
    """Whether a handler is bare or names one of these exceptions."""
    match handler.type:
        case None:
            return True
        case ast.Tuple(elts=elts):
            return any(last_name(each) in names for each in elts)
    return last_name(handler.type) in names


def unlike(arm: ast.expr, other: ast.expr) -> tuple[str, ...]:
    """What one arm of a conditional expression says of a call in the other: `await x.f() if … else x.f()` is plain."""
    match arm, other:
        case ast.Await(value=ast.Call(func=awaited)), ast.Call(func=called) if written(awaited) == written(called):
            return (f"{SYNC}{written(called)}",)
    return ()
