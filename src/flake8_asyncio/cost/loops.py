"""Loops whose estimated time is long, and during which nothing else of the event loop can run.

The estimate is the product of trip counts times the sum of what the nodes of a body weigh. `bench/loops.py` measures
those weights, and how well whole loops are estimated: code that allocates takes longer than estimated, so the rule is
rather too quiet than too loud.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from flake8_asyncio.cost.trips import Trips
from flake8_asyncio.syntax.nodes import children

# Nanoseconds, measured with CPython 3.11 on a fast server core; ordinary machines take about twice as long.
WEIGHTS: dict[type[ast.AST], int] = {
    ast.AugAssign: 13,
    ast.Assign: 6,
    ast.BinOp: 12,
    ast.UnaryOp: 6,
    ast.BoolOp: 6,
    ast.Compare: 8,
    ast.Subscript: 14,
    ast.Attribute: 8,
    ast.Call: 30,
    ast.JoinedStr: 60,
    ast.FormattedValue: 20,
    ast.Dict: 30,
    ast.List: 20,
    ast.Tuple: 8,
    ast.If: 4,
    ast.ListComp: 60,
}
_STEP = 9  # to the next item
_MADE = 10  # an item that `sum(range(…))` takes
_COLLECTED = {ast.ListComp: 18, ast.GeneratorExp: 18, ast.SetComp: 60, ast.DictComp: 60}  # one of a comprehension
_SORTED = 20
_CONSUMERS = {"sum", "list", "set", "tuple", "sorted", "min", "max", "any", "all", "frozenset", "deque", "bytearray"}
_SEARCHES = {"any", "all"}  # with a condition they may end at the first item

_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_SUSPENDS = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield, ast.YieldFrom)
_LEAVES = (ast.Break, ast.Return, ast.Raise)
_APART = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Heavy(NamedTuple):
    """A loop that takes long, in nanoseconds by the estimate, and how often its innermost body runs."""

    node: ast.stmt | ast.expr
    nanoseconds: int
    trips: int


def heavy(node: ast.stmt | ast.expr, trips: Trips, least: int) -> Iterator[Heavy]:
    """The outermost loops in `node` that take `least` nanoseconds, and neither suspend nor end early."""
    if isinstance(node, _APART):
        return
    is_loop = isinstance(node, ast.For | ast.While | _Comprehension) and not isinstance(node, ast.GeneratorExp)
    if is_loop and trips.of(node) is not None:
        cost = nanoseconds(node, trips)
        if cost >= least and not _is_interrupted(node):
            yield Heavy(node, cost, _innermost(node, trips))
            return
    if isinstance(node, ast.Call) and (found := consumed(node, trips, least)) is not None:
        yield found
        return
    for child in children(node):
        if isinstance(child, ast.stmt | ast.expr):
            yield from heavy(child, trips, least)
        elif not isinstance(child, ast.expr_context | ast.operator):
            for each in children(child):  # handlers, cases, `with` items
                if isinstance(each, ast.stmt | ast.expr):
                    yield from heavy(each, trips, least)


def consumed(call: ast.Call, trips: Trips, least: int) -> Heavy | None:
    """`sum(range(10**8))` and its kin, where they take `least` nanoseconds."""
    match call:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[argument, *_]) if name in _CONSUMERS:
            count = trips.of(argument)
            if count is None or _is_interrupted(call):
                return None
            if name in _SEARCHES and isinstance(argument, ast.GeneratorExp):
                return None
            cost = nanoseconds(call, trips)
            return Heavy(call, cost, count) if cost >= least else None
    return None


def nanoseconds(node: ast.AST, trips: Trips) -> int:
    """What running `node` once takes; a loop of unknown length counts once."""
    match node:
        case ast.For(body=body, iter=iterable):
            once = _STEP + sum(nanoseconds(each, trips) for each in body)
            return _count(node, trips) * once + nanoseconds(iterable, trips)
        case ast.While(test=test, body=body):
            once = _STEP + nanoseconds(test, trips) + sum(nanoseconds(each, trips) for each in body)
            return _count(node, trips) * once
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            parts += [test for generator in node.generators for test in generator.ifs]
            made = _COLLECTED[type(node)]
            return _count(node, trips) * (made + sum(nanoseconds(each, trips) for each in parts))
        case _ if isinstance(node, _APART):
            return 0
    cost = WEIGHTS.get(type(node), 0)
    match node:
        case ast.Call(func=ast.Name(id=name), args=[argument, *_]) if name in _CONSUMERS:
            cost += _count(argument, trips, 0) * (_SORTED if name == "sorted" else _MADE)
    return cost + sum(nanoseconds(each, trips) for each in children(node))


def _count(node: ast.AST, trips: Trips, otherwise: int = 1) -> int:
    count = trips.of(node)
    return otherwise if count is None else count


def _innermost(node: ast.AST, trips: Trips) -> int:
    """How often the innermost of nested loops runs its body."""
    own = _count(node, trips)
    inner = [_innermost(each, trips) for child in children(node) for each in _loops(child)]
    return own * max(inner, default=1)


def _loops(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.For | ast.While | _Comprehension):
        yield node
    elif not isinstance(node, _APART):
        for child in children(node):
            yield from _loops(child)


def _is_interrupted(node: ast.AST) -> bool:
    """Whether the loop lets others run, or may end before its last item."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, _SUSPENDS) or (isinstance(each, _LEAVES) and each is not node):
            return True
        if isinstance(each, ast.comprehension) and each.is_async:
            return True
        pending.extend(child for child in children(each) if not isinstance(child, _APART))
    return False
