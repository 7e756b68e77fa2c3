"""Loops over a collection inside loops over the same one: their time grows with the square of its size."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from flake8_asyncio.syntax.nodes import children

_SUSPENDS = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield, ast.YieldFrom)
_APART = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_VIEWS = {"items", "keys", "values", "copy"}
_COPIES = {"list", "tuple", "sorted", "reversed", "enumerate", "set", "iter"}
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def quadratic(function: ast.AST) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    """The outermost such loops of a body that let no other task run, with the collection as it is written."""
    for node in _within(function):
        if isinstance(node, ast.For | _Comprehension):
            collection = _repeated(node)
            if collection and not any(
                isinstance(each, _SUSPENDS) or (isinstance(each, ast.comprehension) and each.is_async)
                for each in (node, *_within(node))
            ):
                yield node, collection


def _repeated(node: ast.For | _Comprehension) -> str:
    """The collection that a loop and one inside it go through; empty if there is none."""
    if isinstance(node, ast.For):
        own = _collection(node.iter)
        inner = [each for statement in node.body for each in (statement, *_within(statement))]
    else:
        names = [_collection(generator.iter) for generator in node.generators]
        if same := next((one for one, other in pairwise(names) if one and one == other), ""):
            return same
        own, inner = names[0], list(_within(node))
    for each in inner if own else ():
        match each:
            case ast.For(iter=iterable) | ast.comprehension(iter=iterable) if each not in getattr(
                node, "generators", ()
            ):
                if _collection(iterable) == own:
                    return own
    return ""


def _collection(node: ast.expr) -> str:
    """The collection behind `list(rooms)`, `enumerate(rooms)` and `rooms.items()`."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in _COPIES:
            return _collection(inner)
        case ast.Call(func=ast.Attribute(value=inner, attr=name), args=[]) if name in _VIEWS:
            return _collection(inner)
        case ast.Name() | ast.Attribute():
            return ast.unparse(node)
    return ""


def _within(node: ast.AST) -> Iterator[ast.AST]:
    pending = list(children(node))
    while pending:
        each = pending.pop()
        if not isinstance(each, _APART):
            yield each
            pending.extend(children(each))
