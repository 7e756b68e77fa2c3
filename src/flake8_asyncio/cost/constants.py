"""Numbers that the source says: literals, names that have one value, and arithmetic on these."""

from __future__ import annotations

import ast
from collections.abc import Callable

Number = int | float
Lookup = Callable[[ast.expr], Number | None]

_LARGEST = 10**18  # of what is worked out: `10**10**10` is a number too


def fold(node: ast.expr, known: Lookup) -> Number | None:
    """The number that an expression is; `known` tells those of names and attributes."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            positive = fold(operand, known)
            return None if positive is None else -positive
        case ast.BinOp(left=left, op=op, right=right):
            first = fold(left, known)
            second = None if first is None else fold(right, known)
            return None if first is None or second is None else computed(first, op, second)
        case ast.Call(func=ast.Name(id="int" | "round"), args=[one], keywords=[]):
            number = fold(one, known)
            return None if number is None else int(number)
        case ast.Name() | ast.Attribute():
            return known(node)
    return None


def computed(left: Number, op: ast.operator, right: Number) -> Number | None:
    """What an operator makes of two numbers, if it is of a size that programs mean."""
    value: Number | None = None
    match op:
        case ast.Add():
            value = left + right
        case ast.Sub():
            value = left - right
        case ast.Mult():
            value = left * right
        case ast.FloorDiv() if right:
            value = left // right
        case ast.Div() if right:
            value = left / right
        case ast.Mod() if right:
            value = left % right
        case ast.Pow() if abs(left) <= 10**9 and 0 <= right <= 64:
            value = left**right
        case ast.LShift() if isinstance(left, int) and isinstance(right, int) and 0 <= right <= 64:
            value = left << right
    return value if value is not None and abs(value) <= _LARGEST else None
