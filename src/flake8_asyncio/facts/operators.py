"""What an operator makes of two values."""

from __future__ import annotations

import ast

from flake8_asyncio.facts.loops import arithmetic
from flake8_asyncio.facts.model import NONE, UNKNOWN, Ref
from flake8_asyncio.facts.references import step, union

_TEXTS = {"builtins.str()", "builtins.bytes()"}


def combined(left: Ref, operator: ast.operator, right: Ref) -> Ref:
    """What an operation gives, as far as its operands show."""
    match operator:
        case ast.Div():
            if left[0] == "=" and not left.startswith("='"):
                return UNKNOWN
            return step(right, ".__rtruediv__()") if left[0] == "=" else step(left, ".__truediv__()")
        case ast.BitOr():
            return union(each for each in (left, right) if each != NONE)
        case ast.Add() | ast.Mod() if left.startswith("builtins."):
            return step(left, "")
        case ast.Add() | ast.Mod() if left.startswith("='"):
            return "builtins.str()"
        case ast.Add() if right.startswith("='"):
            return "builtins.str()"
        case ast.Add() if right in _TEXTS:
            return right
    return arithmetic(left, operator, right) if left[0] == right[0] == "=" else UNKNOWN
