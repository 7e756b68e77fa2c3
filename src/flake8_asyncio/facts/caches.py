"""Caches written by hand: what a function does only while an attribute has not got its value yet.

`if self.settings is None: self.settings = load()` comes to `load` once, as under `functools.cache`.
"""

from __future__ import annotations

import ast
from collections.abc import Container

from flake8_asyncio.facts.forms import last_name


def fills(node: ast.If, names: Container[str]) -> bool:
    """Whether the body of an `if` runs to fill what its test has found empty; `names` are those of the module."""
    kept = _missing(node.test, names)
    if kept is None:
        return False
    match node.body:
        case [ast.Expr(value=ast.Call(func=ast.Attribute(value=owner)))] if isinstance(kept, ast.Attribute):
            if _same(owner, kept.value):  # `if not self.names: self.read_names()`
                return True
    targets = [each for part in node.body for each in ast.walk(part) if isinstance(each, ast.Assign | ast.AnnAssign)]
    return any(
        _same(target, kept) or (isinstance(target, ast.Subscript) and _same(target.value, kept))
        for each in targets
        for target in (each.targets if isinstance(each, ast.Assign) else [each.target])
    )


def answers(node: ast.If, names: Container[str]) -> bool:
    """Whether an `if` gives back what is there already, so that what follows runs before that."""
    kept = _missing(ast.UnaryOp(ast.Not(), node.test), names)
    match node.body:
        case [*_, ast.Return(value=value)] if kept is not None and value is not None:
            return _same(value, kept) or (isinstance(value, ast.Subscript) and _same(value.value, kept))
    return False


def looks_up(node: ast.Try | ast.TryStar) -> bool:
    """Whether a `try` gives back what is there already: `try: return texts[name]`, `except KeyError:`."""
    match node.body:
        case [ast.Return(value=ast.Subscript(value=ast.Name() | ast.Attribute(value=ast.Name())))]:
            return all(each.type is not None and last_name(each.type) == "KeyError" for each in node.handlers)
    return False


def _missing(test: ast.expr, names: Container[str]) -> ast.expr | None:
    """The attribute, or the name of the module, that has no value where `test` is true."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=ast.UnaryOp(op=ast.Not(), operand=inner)):
            return _missing(inner, names)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(left=left, ops=[ast.IsNot()], comparators=[nothing])):
            return _kept(left, names) if isinstance(nothing, ast.Constant) and nothing.value is None else None
        case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(ops=[ast.In()], comparators=[held])):
            return _kept(held, names)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name() | ast.Attribute() as operand):
            return _kept(operand, names)
        case ast.Compare(left=left, ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            return _kept(left, names)
        case ast.Compare(left=ast.Call(func=ast.Name(id="len"), args=[held]), comparators=[ast.Constant(value=0)]):
            return _kept(held, names) if isinstance(test.ops[0], ast.Eq) else None
        case ast.Compare(ops=[ast.NotIn()], comparators=[held]):
            return _kept(held, names)
    return None


def _kept(node: ast.expr, names: Container[str]) -> ast.expr | None:
    match node:
        case ast.Attribute(value=ast.Name()):
            return node
        case ast.Name(id=name) if name in names:
            return node
    return None


def _same(one: ast.expr, other: ast.expr) -> bool:
    match one, other:
        case ast.Name(), ast.Name():
            return one.id == other.id
        case ast.Attribute(value=ast.Name()), ast.Attribute(value=ast.Name()):
            return last_name(one) == last_name(other) and _same(one.value, other.value)
    return False
