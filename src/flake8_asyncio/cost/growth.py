"""How long a loop or a recursion takes as a function of the parameters that say how often it runs.

`def total(count): for number in range(count): …` takes a time for which callers are to blame. Loops are tried with two
values of the parameters: how much longer the greater one takes tells the power in which they count.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from flake8_asyncio.cost.constants import Number
from flake8_asyncio.cost.loops import heavy, nanoseconds
from flake8_asyncio.cost.trips import SUPPOSED, Trips

_LEAST = 50_000  # nanoseconds, for the greater of the values
_CALL = 100  # nanoseconds of one call of a recursion, with what it tests and adds
_MOST = 512  # more than that is for ever
_MOST_POWERS = 4


class Growth(NamedTuple):
    """A time in nanoseconds: `unit` times the parameters in `by`, or times `base` to the power of the one in `by`."""

    node: ast.stmt | ast.expr
    unit: float
    by: tuple[str, ...]
    base: float = 0.0


def growing(node: ast.stmt | ast.expr, trips: Trips) -> Iterator[Growth]:
    """The outermost loops in `node` whose length parameters tell."""
    less, more = (trips.supposing(each) for each in SUPPOSED)
    for each in heavy(node, more, _LEAST):
        power = round(math.log(each.nanoseconds / max(nanoseconds(each.node, less), 1), SUPPOSED[1] / SUPPOSED[0]))
        names = sorted(trips.by)
        if 1 <= power <= _MOST_POWERS and len(names) in (1, power):
            by = tuple(names) if len(names) == power else (names[0],) * power
            yield Growth(each.node, each.nanoseconds / SUPPOSED[1] ** power, by)


def recursion(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Growth | None:
    """`return fib(n - 1) + fib(n - 2)`: every call makes two, and their number doubles with every step or two."""
    positional = [*function.args.posonlyargs, *function.args.args]
    nodes = list(ast.walk(function))
    if not positional or function.decorator_list or any(map(_is_kept, nodes)):
        return None
    values = [node.value for node in nodes if isinstance(node, ast.Return | ast.Assign) and node.value is not None]
    is_method = positional[0].arg == "self"
    for arm in (each for value in values for each in _arms(value)):
        for position, parameter in enumerate(positional[is_method : is_method + 2]):
            steps = list(_steps(arm, function.name, position, parameter.arg))
            if len(steps) > 1 and min(steps) > 0:
                return Growth(arm, _CALL, (parameter.arg,), _base(steps))
    return None


def _is_kept(node: ast.AST) -> bool:
    """Whether something is stored under a key, as a function does that keeps what it has worked out."""
    return isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)


def _arms(value: ast.expr) -> Iterator[ast.expr]:
    """The parts of an expression that are evaluated as a whole, of which one may leave the others out."""
    match value:
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*_arms(body), *_arms(orelse))
        case ast.BoolOp(values=values):
            yield from (each for one in values for each in _arms(one))
        case _ if not any(isinstance(each, ast.IfExp | ast.BoolOp | ast.Lambda) for each in ast.walk(value)):
            yield value


def lasting(unit: float, by: tuple[str, ...], base: float, values: Mapping[str, Number]) -> int:
    """The milliseconds that it takes for some values of parameters; none where one is not known."""
    if not values.keys() >= set(by) or any(values[name] <= 0 for name in by):
        return 0
    if base:
        return int(unit * base ** min(values[by[0]], _MOST / math.log2(max(base, 1.1)))) // 1_000_000
    return int(unit * math.prod(values[name] for name in by)) // 1_000_000


def _steps(value: ast.expr, function: str, position: int, parameter: str) -> Iterator[int]:
    """By how much less the calls of a function in an expression are given for a parameter."""
    for call in ast.walk(value):
        match call:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name)) if (
                name == function and position < len(call.args)
            ):
                match call.args[position]:
                    case ast.BinOp(left=ast.Name(id=left), op=ast.Sub(), right=ast.Constant(value=int() as step)):
                        if left == parameter:
                            yield step


def _base(steps: list[int]) -> float:
    """The base of the power in which calls grow that make as many, each with so much less."""
    low, high = 1.0, float(len(steps))
    for _ in range(40):
        middle = (low + high) / 2
        if sum(middle**-each for each in steps) > 1:
            low = middle
        else:
            high = middle
    return high
