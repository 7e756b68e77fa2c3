"""Helpers that look something up: they give an item of a shared place, or what it holds, or `None`."""

from __future__ import annotations

import ast

from flake8_asyncio.state.functions import Function, Place

_ASKING = frozenset({"get", "pop"})


def looked_up(helper: Function, place: Place) -> list[ast.expr | None] | None:
    """The keys under which a helper looks, None for one that is not seen; None if it gives anything else as well."""
    keys: list[ast.expr | None] = []
    for node in helper.nodes.of(ast.Return):
        value = node.value
        if value is None or (isinstance(value, ast.Constant) and value.value is None):
            continue
        key, is_item = _item(value, helper, place)
        if not is_item:
            return None
        keys.append(key)
    return keys or None


def key_of(call: ast.expr, helper: Function, place: Place) -> str:
    """The key under which a call of a helper looks, as the caller writes it; nothing if that is not one and clear."""
    keys = looked_up(helper, place) if isinstance(call, ast.Call) else None
    names = {key.id if isinstance(key, ast.Name) else "" for key in keys or ()}
    if len(names) != 1 or not isinstance(call, ast.Call):
        return ""
    name = names.pop()
    arguments = helper.node.args
    positional = [each.arg for each in (*arguments.posonlyargs, *arguments.args) if each.arg != helper.self_name]
    given = dict(zip(positional, call.args, strict=False)) | {
        each.arg: each.value for each in call.keywords if each.arg is not None
    }
    return ast.unparse(given[name]) if name in given and name not in helper.stored_names else ""


def _item(value: ast.expr, helper: Function, place: Place) -> tuple[ast.expr | None, bool]:
    """The key of an item of the place that an expression gives, and whether it gives one at all."""
    if isinstance(value, ast.Name):
        value = helper.aliases.get(value.id, value)
    match value:
        case ast.Subscript(value=collection, slice=key) if helper.place(collection) == place:
            return key, True
        case ast.Call(func=ast.Attribute(value=collection, attr=method), args=[key, *_]) if method in _ASKING:
            return key, helper.place(collection) == place
    return None, helper.place(value) == place
