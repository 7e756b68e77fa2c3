"""What a test says of the types of names, where it is passed and where it is not."""

from __future__ import annotations

import ast
from collections.abc import Callable

from flake8_asyncio.facts.forms import doubted, last_name
from flake8_asyncio.facts.model import UNKNOWN, Ref
from flake8_asyncio.facts.references import step, written
from flake8_asyncio.facts.scopes import Scope

_FUNCTION_TESTS = frozenset({"iscoroutinefunction", "is_coroutine_function", "isasyncgenfunction", "is_async_callable"})

NameOf = Callable[[ast.expr, Scope], Ref]


def refine(test: ast.expr, scope: Scope, name_of: NameOf) -> None:
    """Note what a passed test says."""
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            for each in values:
                refine(each, scope, name_of)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Call() as operand):
            refine_false(operand, scope, name_of)
        case ast.Call(
            func=ast.Name(id="isinstance"),
            args=[ast.Name() | ast.Attribute() as tested, ast.Name() | ast.Attribute() as kind],
        ) if (name := written(tested)).replace(".", "").isidentifier():
            scope.refine(name, step(name_of(kind, scope), "()"))
        case ast.Call(func=ast.Name() | ast.Attribute() as asks, args=[ast.Name() | ast.Attribute() as tested]) if (
            last_name(asks) in _FUNCTION_TESTS
        ):
            name = written(tested)
            if "$" not in scope.lookup(name.partition(".")[0]):  # what callers give is what they give
                scope.doubt(name)
        case ast.Call(func=ast.Name() | ast.Attribute(), args=[ast.Name(id=name), *_]):
            if doubted(test) or last_name(test.func) == "isinstance":
                scope.values[name] = UNKNOWN


def refine_false(test: ast.expr, scope: Scope, name_of: NameOf) -> None:
    """Note what a test says that is not passed: a value that may or may not be awaitable is of neither kind."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            refine(operand, scope, name_of)
        case ast.Call(func=ast.Name() | ast.Attribute() as callee, args=[ast.Name(id=name), *_]):
            if doubted(test) or last_name(callee) == "isinstance":
                scope.values[name] = UNKNOWN
