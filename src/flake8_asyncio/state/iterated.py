"""What a loop iterates live, so that it notices changes: a collection, a view of it, a generator over it."""

from __future__ import annotations

import ast

from flake8_asyncio.state.functions import Function, Place

_VIEWS = ("items", "values", "keys")
_LAZY = ("enumerate", "reversed", "iter", "zip", "groupby", "islice", "chain")
_LAST = ("filter", "map")


def live(node: ast.expr) -> ast.expr | None:
    """The collection that is iterated live; None for a copy and for what a call gives."""
    while True:
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=view), args=[]) if view in _VIEWS:
                node = value
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[first, *_]) if name in _LAZY:
                node = first
            case ast.Call(func=ast.Name(id=name), args=[_, last]) if name in _LAST:
                node = last
            case ast.Call(func=ast.Attribute(attr="get"), args=[_] | [_, ast.Constant(value=None)]):
                return node
            case ast.Call(func=ast.Attribute(attr="get" | "setdefault"), args=[_, fallback]) if _is_nothing(fallback):
                return node
            case ast.BoolOp(op=ast.Or(), values=[first, fallback]) if _is_nothing(fallback):
                node = first
            case ast.Name() | ast.Attribute() | ast.Subscript():
                return node
            case _:
                return None


def _is_nothing(node: ast.expr) -> bool:
    match node:
        case ast.Tuple(elts=[]) | ast.List(elts=[]) | ast.Dict(keys=[]) | ast.Call(args=[], keywords=[]):
            return True
    return False


def generated(node: ast.expr, function: Function) -> Place | None:
    """The place that a method of the object goes through as its items are asked for, or gives a view of."""
    callee = function.callee(node.func) if isinstance(node, ast.Call) else None
    if callee is None or callee.is_async or not callee.self_name:
        return None
    for loop in callee.nodes.of(ast.For):
        iterated = live(loop.iter)
        place = callee.place(iterated) if iterated is not None else None
        if place is not None and any(isinstance(each, ast.Yield) for each in ast.walk(loop)):
            return place
    for passing in callee.nodes.of(ast.YieldFrom):
        iterated = live(passing.value)
        place = callee.place(iterated) if iterated is not None else None
        if place is not None:
            return place
    returns = callee.nodes.of(ast.Return)
    value = returns[0].value if len(returns) == 1 else None
    if isinstance(value, ast.GeneratorExp):
        value = value.generators[0].iter
    iterated = live(value) if value is not None and not isinstance(value, ast.Subscript) else None
    return callee.place(iterated) if iterated is not None else None
