"""Which methods are made tasks, and how often."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from flake8_asyncio.state import vocabulary
from flake8_asyncio.state.functions import Function
from flake8_asyncio.state.vocabulary import last_name


def spawned(functions: Iterable[Function]) -> dict[str, int]:
    """In how many places each method of a class is made a task by one of its functions; one in a loop counts twice."""
    found: dict[str, int] = {}
    for function in functions:
        for call in function.nodes.of(ast.Call):
            if last_name(call.func) not in vocabulary.SPAWNING:
                continue
            for argument in call.args:
                match argument:
                    case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
                        if name == function.self_name:
                            found[method] = found.get(method, 0) + (2 if _is_repeated(call, function) else 1)
    return found


def _is_repeated(call: ast.Call, function: Function) -> bool:
    """Whether a call stands in a loop over something; `while` starts again what has ended."""
    loops: list[ast.For | ast.ListComp] = [*function.nodes.of(ast.For), *function.nodes.of(ast.ListComp)]
    return any(each is call for loop in loops for each in ast.walk(loop))
