"""Tests by which a function has nothing to do: they say that it is called again and again.

`if self.started: return` at the start of `start()` is there for whoever calls it a second time, and so is a body that
is one `if not self.started:`.
"""

from __future__ import annotations

import ast

from flake8_asyncio.state import vocabulary
from flake8_asyncio.state.functions import Function
from flake8_asyncio.state.lattice import Guard
from flake8_asyncio.state.summaries import Written
from flake8_asyncio.syntax.nodes import own_nodes


def is_gate(kind: str, function: Function, read: ast.expr) -> bool:
    """Whether the test of `read` decides if the function does anything.

    What is private has callers that may know when to make a value or to begin.
    """
    if function.name.startswith("_"):
        return False
    is_early = kind in ("stale-check-init", "stale-check-flag") and returns_early(function, read)
    return is_early or (kind == "stale-check-flag" and is_all(function, read))


def returns_early(function: Function, read: ast.expr) -> bool:
    """Whether the function gives up after the test of `read`."""
    for node in function.nodes.of(ast.If):
        match node.body[-1]:
            case ast.Return(value=ast.Constant(value=True)) if not _says_alive(read):
                continue  # the answer to a question
            case ast.Return(value=None | ast.Constant(value=None | True) | ast.Name() | ast.Attribute()):
                if _tests(node, read):
                    return True
    return False


def is_answer(read: ast.expr, function: Function) -> bool:
    """Whether the test is for `None`: the flag keeps an answer, yes or no, and to ask twice gives it twice."""
    for node in function.nodes.of(ast.Compare):
        if node.left is read:
            return any(isinstance(each, ast.Constant) and each.value is None for each in node.comparators)
    return False


def is_noted(written: Written, guard: Guard, function: Function) -> bool:
    """Whether it is written down who has been served, for whoever comes next: `self.served.add(user.id)`."""
    match written.node:
        case ast.Call(func=ast.Attribute(attr="add" | "append"), args=[item]) if written.operation == "grow":
            names = {each.id for each in ast.walk(item) if isinstance(each, ast.Name)}
            return ast.unparse(item) == guard.key and not names.isdisjoint(function.parameters - {function.self_name})
    return False


def _says_alive(read: ast.expr) -> bool:
    name = vocabulary.last_name(read)
    return bool(vocabulary.SAYS_ALIVE.search(name)) and not vocabulary.SAYS_DEAD.search(name)


def is_all(function: Function, read: ast.expr) -> bool:
    """Whether all that the function waits for stands under the test of `read`, but for what it gives back."""
    return _is_all(function.node.body, read)


def _is_all(body: list[ast.stmt], read: ast.expr) -> bool:
    for position, node in enumerate(body):
        if isinstance(node, ast.If):
            is_last = not node.orelse and not _waits(body[position + 1 :])
            return is_last and (_tests(node, read) or _is_all(node.body, read))
        if _waits([node]):
            return False
    return False


def _waits(body: list[ast.stmt]) -> bool:
    nodes = own_nodes([each for each in body if not isinstance(each, ast.Return)])
    return any(kind in nodes for kind in (ast.Await, ast.AsyncWith, ast.AsyncFor))


def _tests(node: ast.If, read: ast.expr) -> bool:
    return any(each is read for each in ast.walk(node.test))
