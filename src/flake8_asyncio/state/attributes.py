"""Attributes that are asked for by their names: `hasattr(self, "pool")`, `getattr(app.state, "pool", None)`."""

from __future__ import annotations

import ast

from flake8_asyncio.state.functions import Function, Place

ASKING = frozenset({"getattr", "hasattr"})


def asked(function: Function, call: ast.Call) -> Place | None:
    """The shared place that a call of `hasattr` or `getattr` asks for, if it does."""
    match call:
        case ast.Call(func=ast.Name(id=name), args=[owner, ast.Constant(value=str(attribute)), *_]) if name in ASKING:
            start = function.place(owner)
            if start is None and isinstance(owner, ast.Name):
                start = function.root(owner.id)
            return (*start, attribute) if start is not None else None
    return None
