"""Numbers that are counted up for a call, and read again when another call may have counted on.

`self._id += 1`, a suspension, then `self._replies[self._id] = …`: a second call that came meanwhile has the number now.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.holding import suspension_in
from flake8_asyncio.state.locks import guarded
from flake8_asyncio.state.nodes import bodies
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.syntax.nodes import own

_STATISTICS = vocabulary.Words(r"(?i)total|stat|metric|num_|_count$|count(er)?s?$|retr(y|ies)|attempt|fail|error|depth")


def races(function: Function, summaries: Summaries) -> Iterator[Race]:
    """The numbers of one coroutine function that are no longer its own when it reads them again."""
    if ast.AugAssign not in function.nodes and ast.BinOp not in function.nodes:
        return
    for body in bodies(function.node.body):
        for position, statement in enumerate(body):
            place = _counted(statement, function)
            if place is not None:
                yield from _read_late(statement, place, body[position + 1 :], function, summaries)


def _counted(statement: ast.stmt, function: Function) -> Place | None:
    match statement:
        case ast.AugAssign(target=target, op=ast.Add(), value=ast.Constant(value=1)):
            place = function.place(target)
        case ast.Assign(targets=[target], value=ast.BinOp(left=left, op=ast.Add(), right=ast.Constant(value=1))):
            place = function.place(target) if ast.unparse(left) == ast.unparse(target) else None
        case _:
            return None
    is_number = place is not None and place[0] != "nonlocal" and not _STATISTICS.search(place[-1])
    return place if is_number else None


def _read_late(
    counted: ast.stmt, place: Place, following: list[ast.stmt], function: Function, summaries: Summaries
) -> Iterator[Race]:
    suspension: ast.expr | None = None
    for statement in following:
        if _is_written(statement, place, function) and suspension is not None:
            return
        read = _identifies(statement, place, function) if suspension is not None else None
        if read is not None and suspension is not None:
            if (
                counted not in guarded(function, summaries.oracle)
                and not sharing.is_exempt(place, function, summaries.oracle)
                and not sharing.is_single_loop(place, function)
                and _only_counts(place, function)
            ):
                source = function.file.source
                yield Race(
                    "lost-update",
                    ast.unparse(read),
                    function.label,
                    source.span(read),
                    source.span(counted),
                    source.span(suspension),
                    form="counted",
                )
            return
        if suspension is None:
            suspension = suspension_in([statement], function, summaries)


def _is_written(statement: ast.stmt, place: Place, function: Function) -> bool:
    return any(
        isinstance(each, ast.Attribute | ast.Name) and isinstance(each.ctx, ast.Store) and function.place(each) == place
        for each in own([statement])
    )


def _identifies(statement: ast.stmt, place: Place, function: Function) -> ast.expr | None:
    """Where the number stands for the call: as a key, as what is stored or sent; not where it is compared or told."""
    for node in own([statement]):
        match node:
            case ast.Subscript(slice=index):
                values = [index]
            case ast.Dict(values=values):
                pass
            case ast.Assign(value=value):
                values = [value]
            case ast.Await(value=ast.Call(args=args, keywords=keywords)):
                values = [*args, *(each.value for each in keywords)]
            case ast.Call(func=ast.Attribute(attr=method), args=[key, *_]) if method in vocabulary.ELEMENT:
                values = [key]
            case _:
                continue
        for value in values:
            if isinstance(value, ast.Attribute | ast.Name) and function.place(value) == place:
                return value
    return None


def _only_counts(place: Place, function: Function) -> bool:
    """Whether nothing takes the number back, as for what is counted while it lasts."""
    return all(
        not (isinstance(node.op, ast.Sub) and other.place(node.target) == place)
        for other in function.file.all
        for node in other.nodes.of(ast.AugAssign)
    )
