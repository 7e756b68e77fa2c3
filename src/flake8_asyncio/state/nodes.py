"""What the statements of a body do, as far as their form tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state.vocabulary import AWAITING, last_name
from flake8_asyncio.syntax.nodes import Nodes


def awaited_calls(operand: ast.expr) -> Iterator[ast.expr]:
    """What is awaited when `operand` is."""
    yield operand
    if isinstance(operand, ast.Call) and last_name(operand.func) in AWAITING:
        yield from (each for each in operand.args if isinstance(each, ast.Call))


def acquired(node: ast.expr) -> ast.expr | None:
    """The lock of `await lock.acquire()`."""
    match node:
        case ast.Await(value=ast.Call(func=ast.Attribute(value=owner, attr="acquire"), args=[])):
            return owner
    return None


def assignments(nodes: Nodes) -> Iterator[tuple[ast.expr, ast.expr | None, ast.expr | None]]:
    """Each target that is bound, with its value where it has one of its own, and its annotation."""
    for node in nodes.of(ast.Assign):
        for target in node.targets:
            if isinstance(target, (ast.Tuple, ast.List)):
                yield from ((each, None, None) for each in target.elts)
            else:
                yield target, node.value, None
    for annotated in nodes.of(ast.AnnAssign):
        yield annotated.target, annotated.value, annotated.annotation
    for augmented in nodes.of(ast.AugAssign):
        yield augmented.target, augmented.value, None


def bindings(nodes: Nodes) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each target that is assigned a value of its own, `a, b = c, d` being two."""
    for node in nodes.of(ast.Assign):
        for target in node.targets:
            if isinstance(target, (ast.Tuple, ast.List)) and isinstance(node.value, ast.Tuple):
                yield from zip(target.elts, node.value.elts, strict=False)
            else:
                yield target, node.value
    for annotated in nodes.of(ast.AnnAssign):
        if annotated.value is not None:
            yield annotated.target, annotated.value
    for walrus in nodes.of(ast.NamedExpr):
        yield walrus.target, walrus.value


def items(nodes: Nodes) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each target that a loop gives the values of a collection to, with an item of the collection for all of them."""
    for loop in nodes.of(ast.For):
        view = loop.iter
        match view:
            case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted"), args=[copied]):
                view = copied
        match view, loop.target:
            case ast.Call(func=ast.Attribute(value=collection, attr="values"), args=[]), ast.Name() as target:
                pass
            case ast.Call(func=ast.Attribute(value=collection, attr="items"), args=[]), ast.Tuple(elts=[_, target]):
                pass
            case _:
                continue
        yield target, ast.Subscript(collection, ast.Name("_", ast.Load()), ast.Load())


def bodies(outermost: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """A body and those nested in its statements, each a list of statements that follow each other."""
    pending = [outermost]
    while pending:
        body = pending.pop()
        yield body
        for statement in body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            for name in ("body", "orelse", "finalbody"):
                inner = getattr(statement, name, None)
                if isinstance(inner, list) and inner:
                    pending.append(inner)
            for branch in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
                pending.append(branch.body)
