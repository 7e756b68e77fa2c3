"""How functions change collections, bind attributes and names, and forget what attributes hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from flake8_asyncio.state import vocabulary
from flake8_asyncio.state.functions import Function
from flake8_asyncio.state.nodes import assignments
from flake8_asyncio.state.values import classify
from flake8_asyncio.syntax.nodes import own_statements


class Change(NamedTuple):
    """A collection is changed, or a name bound: `operation` is a method's name, `del`, `setitem` or `bind`."""

    function: Function
    operation: str
    node: ast.expr | ast.stmt
    value: str = ""


def ending(collection: ast.expr) -> str:
    """The attribute or constant key that a collection is reached by; `rooms[]` for any item of `rooms`."""
    match collection:
        case ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return f"[{key!r}]"
        case ast.Subscript(value=value) | ast.Call(func=ast.Attribute(value=value, attr="get" | "setdefault")):
            within = value.id if isinstance(value, ast.Name) else ending(value)
            return f"{within}[]" if within else ""
    return ""


def collection_changes(function: Function) -> Iterator[tuple[ast.expr, Change]]:
    """Each collection that a function changes, whatever it is reached through, and how."""
    for collection, change in _changes_by_name(function):
        if isinstance(collection, ast.Name) and collection.id in function.local_names:
            yield function.aliases.get(collection.id, collection), change
        else:
            yield collection, change


def _changes_by_name(function: Function) -> Iterator[tuple[ast.expr, Change]]:
    for node in function.nodes.of(ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(value=collection, attr=method)) if method in vocabulary.MUTATING:
                yield collection, Change(function, method, node)
    for deleting in function.nodes.of(ast.Delete):
        for target in deleting.targets:
            if isinstance(target, ast.Subscript):
                yield target.value, Change(function, "del", deleting)
    for bound, _, _ in assignments(function.nodes):
        if isinstance(bound, ast.Subscript):
            yield bound.value, Change(function, "setitem", bound)


def forgotten(function: Function) -> Iterator[str]:
    """The attributes of the object that a function sets to `None`."""
    for node in own_statements(function.node).of(ast.Assign):
        value = node.value
        if isinstance(value, ast.Constant) and value.value is None:
            targets = node.targets
        elif isinstance(value, ast.Tuple) and isinstance(node.targets[0], ast.Tuple):
            pairs = zip(node.targets[0].elts, value.elts, strict=False)
            targets = [target for target, each in pairs if isinstance(each, ast.Constant) and each.value is None]
        else:
            continue
        for target in targets:
            match target:
                case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == function.self_name:
                    yield attribute


def attribute_changes(function: Function) -> Iterator[tuple[str, Change]]:
    if not function.self_name:
        return
    for target, value, _ in assignments(function.nodes):
        match target:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == function.self_name:
                yield attribute, Change(function, "bind", target, classify(value))
    for collection, change in collection_changes(function):
        match collection:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == function.self_name:
                yield attribute, change


def name_changes(function: Function) -> Iterator[tuple[str, Change]]:
    for collection, change in collection_changes(function):
        if isinstance(collection, ast.Name) and (
            collection.id not in function.local_names or _encloses(function, collection.id)
        ):
            yield collection.id, change
    for target, value, _ in assignments(function.nodes):
        if isinstance(target, ast.Name) and target.id in function.outer_names:
            yield target.id, Change(function, "bind", target, classify(value))


def _encloses(function: Function, name: str) -> bool:
    """Whether functions nested in this one may share its local."""
    return any(each.parent is function and name in each.captured for each in function.file.all)
