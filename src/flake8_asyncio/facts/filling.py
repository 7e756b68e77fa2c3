"""Containers that are built up: what is appended, added or stored under a key is what they hold."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from flake8_asyncio.facts.model import UNKNOWN, Ref
from flake8_asyncio.facts.references import split, step, union
from flake8_asyncio.facts.scopes import Scope

TAKES = {"append": 0, "appendleft": 0, "add": 0, "insert": 1, "extend": 0, "update": 0, "setdefault": 1}
_MANY = frozenset({"extend", "update"})
_LISTS = ("builtins.list", "builtins.set", "collections.deque")
_DICTS = ("builtins.dict", "collections.defaultdict", "collections.OrderedDict")
_LONGEST = 200


def fill(node: ast.expr, given: Sequence[Ref], scope: Scope) -> None:
    """Note what a call of a container's method puts into it."""
    match node:
        case ast.Attribute(value=ast.Name() | ast.Attribute() as container, attr=method) if method in TAKES:
            position = TAKES[method]
            item = given[position] if position < len(given) else UNKNOWN
            _put(container, step(item, "*") if method in _MANY else item, scope, method)


def store(target: ast.Subscript, ref: Ref, scope: Scope) -> None:
    """Note what is stored under a key or index."""
    if isinstance(target.value, ast.Name | ast.Attribute):
        _put(target.value, ref, scope, "")


def _put(container: ast.Name | ast.Attribute, item: Ref, scope: Scope, method: str) -> None:
    if isinstance(container, ast.Name):
        held = scope.values.get(container.id)
        if held is not None and held not in scope.declared and (filled := _filled(held, item, method)):
            scope.bind(container.id, filled)
        return
    record = scope.owner
    if record is None or not isinstance(container.value, ast.Name) or container.attr in record.declared:
        return
    if not scope.is_own(container.value.id):
        return
    for held in tuple(record.attributes.get(container.attr, ())):
        if filled := _filled(held, item, method):
            record.refine(container.attr, held, filled)


def _filled(held: Ref, item: Ref, method: str) -> Ref | None:
    """A container with one more thing in it; None for what is none, or has its own idea of the method."""
    head, _, rest = held.partition("<")
    inside = _held(rest) if rest else ""
    head = head if rest else held.removesuffix("()")
    if inside is None or held[0] == "(":
        return None
    if head in _LISTS and method != "setdefault":
        keys, known = "", [inside] if inside else []
    elif head in _DICTS and method in ("", "setdefault", "update"):
        keys, known = f"{UNKNOWN},", split(inside, ",")[-1:]
        item = item if method != "update" else UNKNOWN
    else:
        return None
    made = f"{head}<{keys}{union((*known, item))}>()"
    return made if len(made) <= _LONGEST else f"{head}<{keys}{UNKNOWN}>()"


def _held(rest: str) -> str | None:
    """What stands between the brackets of a generic, of which this is the rest; None where it goes on after them."""
    depth = 1
    for index, letter in enumerate(rest):
        depth += (letter == "<") - (letter == ">")
        if depth == 0:
            return rest[:index] if rest[index:] == ">()" else None
    return None
