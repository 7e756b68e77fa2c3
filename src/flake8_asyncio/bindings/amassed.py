"""Which values a function puts into a collection of its own that nobody looks into."""

from __future__ import annotations

import ast

from flake8_asyncio.bindings.functions import Body
from flake8_asyncio.bindings.unread import members
from flake8_asyncio.syntax.nodes import children, own_body
from flake8_asyncio.syntax.source import Span

GROWING = frozenset({"add", "append", "appendleft", "extend", "insert"})
_COUNTING = frozenset({"bool", "len"})
_COLLECTIONS = ast.List | ast.Set | ast.ListComp | ast.SetComp


def amassed(body: Body) -> dict[Span, str]:
    """The expressions whose values go into such a collection, by its name; at most, somebody counts what is in it."""
    if body.is_open:
        return {}
    every = list(own_body(body.node))
    stored = _stored(every)
    names = {
        name for name, values in stored.items() if values and None not in values and name not in body.shared
    } - _parameters(body.node)
    if not names:
        return {}
    parents = {child: node for node in every for child in children(node)}
    found: dict[str, list[ast.expr]] = {name: [each for each in stored[name] if each is not None] for name in names}
    for node in every:
        if isinstance(node, ast.Name) and node.id in found and isinstance(node.ctx, ast.Load):
            grown = _grown(node, parents)
            if grown is not None:
                found[node.id] += grown
            elif not _is_counted(node, parents):
                del found[node.id]
    return {
        body.source.span(each): name for name, values in found.items() for value in values for each in members(value)
    }


def _stored(every: list[ast.AST]) -> dict[str, list[ast.expr | None]]:
    """What each name is given: collections as they are written, and None for anything else."""
    found: dict[str, list[ast.expr | None]] = {}
    given: dict[ast.Name, ast.expr | None] = {}
    for node in every:
        match node:
            case (
                ast.Assign(targets=[ast.Name() as target], value=value)
                | ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value)
            ):
                given[target] = value if isinstance(value, _COLLECTIONS) or _is_empty(value) else None
            case ast.AugAssign(target=ast.Name() as target, op=ast.Add(), value=value):
                given[target] = value if isinstance(value, _COLLECTIONS) else None
    for node in every:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.setdefault(node.id, []).append(given.get(node))
    return found


def _is_empty(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Name(id="list" | "set" | "deque"), args=[], keywords=[]):
            return True
    return False


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    given = function.args
    every = (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg)
    return {each.arg for each in every if each is not None}


def _grown(node: ast.Name, parents: dict[ast.AST, ast.AST]) -> list[ast.expr] | None:
    """What a statement adds to a collection; None if it does something else with it."""
    attribute = parents.get(node)
    call = parents.get(attribute) if attribute is not None else None
    match attribute, call:
        case ast.Attribute(attr=name), ast.Call(func=callee, args=[*_, last], keywords=[]) if (
            name in GROWING and callee is attribute and isinstance(parents.get(call), ast.Expr)
        ):
            return [last]
    return None


def _is_counted(node: ast.Name, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether somebody only asks how many things are in a collection, or whether any are."""
    match parents.get(node):
        case ast.Call(func=ast.Name(id=name), args=[_]) if name in _COUNTING:
            return True
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.If(test=test) | ast.While(test=test):
            return test is node
    return False
