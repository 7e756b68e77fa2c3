"""What the private functions of a file are given by their callers, all of whom are in the file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeGuard

from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.nodes import bindings
from flake8_asyncio.state.values import COLLECTIONS, Made, constructed
from flake8_asyncio.state.vocabulary import GATHERING, SPAWNING, last_name

if TYPE_CHECKING:
    from flake8_asyncio.state.index import File

_STARTING = (GATHERING | SPAWNING) - {"wait", "as_completed", "TaskGroup", "create_task_group"}
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def given(file: File) -> dict[tuple[Function, str], set[Made]]:
    """What each parameter of a private function is given, with None for what is not known."""
    found: dict[tuple[Function, str], set[Made]] = {}
    for caller in file.all:
        for call, callee in caller.own_calls:
            if _is_private(callee):
                for name, value in _passed(call, callee):
                    found.setdefault((callee, name), set()).update(_values(value, caller))
    return found


def handed(file: File) -> dict[tuple[Function, str], Place]:
    """The collections of an object that its own methods are given as they are, be it through one another."""
    found: dict[tuple[Function, str], Place] = {}
    passing: list[tuple[Function, str, Function, str]] = []
    for caller in file.all:
        if caller.owner is None or not caller.self_name:
            continue
        for call, callee in caller.own_calls:
            if callee.owner is not caller.owner:
                continue
            for name, value in _passed(call, callee):
                place = caller.place(value)
                if place is not None and place[0] == "self" and caller.made(place) & COLLECTIONS:
                    found.setdefault((callee, name), place)
                elif isinstance(value, ast.Name) and value.id in caller.parameters - caller.stored_names:
                    passing.append((caller, value.id, callee, name))
    for _ in range(2):
        for caller, given_name, callee, name in passing:
            if (caller, given_name) in found:
                found.setdefault((callee, name), found[caller, given_name])
    return found


def met(file: File) -> set[tuple[Function, str]]:
    """The parameters that several tasks of a file are given one object for: `gather(pay(account), pay(account))`."""
    found: set[tuple[Function, str]] = set()
    for caller in file.all:
        together: dict[ast.AST, ast.Call | None] = {}  # what is started, with the `gather` that waits for it
        for start in caller.nodes.of(ast.Call):
            if (name := last_name(start.func)) in _STARTING:
                together.update(dict.fromkeys(ast.walk(start), start if name == "gather" else None))
        if not together:
            continue
        given: dict[tuple[str, ast.Call | None], list[tuple[Function, str]]] = {}
        loops = [node for kind in _LOOPS for node in caller.nodes.by_type.get(kind, ())]
        for call, callee in caller.own_calls:
            if call not in together or not callee.is_async:
                continue
            around = [each for each in loops if any(call is inner for inner in ast.walk(each))]
            own = {each.id for loop in around for each in ast.walk(loop) if _is_stored(each)}
            for name, value in _passed(call, callee):
                if isinstance(value, ast.Name) and value.id not in own:
                    times = 2 if around else 1
                    given.setdefault((value.id, together[call]), []).extend([(callee, name)] * times)
        found.update(each for group in given.values() if len(group) > 1 for each in group)
    return found


def _is_stored(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _is_private(function: Function) -> bool:
    name, owner = function.name, function.owner
    if not name.startswith("_") or name.startswith("__"):
        return False
    return owner is None or name not in owner.escaping


def _passed(call: ast.Call, callee: Function) -> Iterator[tuple[str, ast.expr]]:
    arguments = callee.node.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    if callee.self_name and names[:1] == [callee.self_name]:
        names = names[1:]
    yield from zip(names, call.args, strict=False)
    for keyword in call.keywords:
        if keyword.arg is not None:
            yield keyword.arg, keyword.value


def _values(value: ast.expr, function: Function) -> set[Made]:
    place = function.place(value)
    if place is not None:
        return function.made(place) or {None}
    if isinstance(value, ast.Name) and value.id in function.local_names - function.parameters:
        bound = [each for target, each in bindings(function.nodes) if _is(target, value.id)]
        return {constructed(each, function.file.imports) for each in bound} or {None}
    return {constructed(value, function.file.imports)}


def _is(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name
