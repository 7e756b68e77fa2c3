"""Which expressions of a function can have to do with shared places, so that the rest need not be evaluated."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from flake8_asyncio.state.attributes import ASKING
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.syntax.graph import Event, Kind
from flake8_asyncio.syntax.nodes import SCOPES, children

_CHILDLESS = frozenset({*SCOPES, ast.Name, ast.Constant})  # or apart
_ALWAYS = frozenset({Kind.AWAIT, Kind.YIELD, Kind.ENTER, Kind.EXIT, Kind.HANDLE})
_BOUND = frozenset({Kind.EVALUATE, Kind.STORE, Kind.DELETE})


class Telling(NamedTuple):
    """The expressions whose values can depend on a place, and the locals that can hold such values."""

    nodes: set[ast.AST]
    names: set[str]

    def events(self, events: Iterable[Event]) -> list[Event]:
        """Those that can change what is known."""
        return [event for event in events if self._tells(event)]

    def _tells(self, event: Event) -> bool:
        kind, node = event.kind, event.node
        if kind in _BOUND:
            if kind is Kind.STORE and isinstance(node, ast.Name):
                return node.id in self.names
            return node in self.nodes
        return kind in _ALWAYS or event.is_async


def telling(function: Function, relevant: frozenset[Place]) -> Telling:
    """What a function's reads of the relevant places flow into, whatever the order of its statements."""
    parents: dict[ast.AST, ast.AST] = {}
    nodes = function.nodes
    for kind, group in nodes.by_type.items():
        if kind not in _CHILDLESS:
            for node in group:
                parents.update(dict.fromkeys(children(node), node))
    loads: dict[str, list[ast.AST]] = {}
    for name in nodes.of(ast.Name):
        loads.setdefault(name.id, []).append(name)
    found = Telling(set(), {name for name, _ in _outer(function, relevant)})
    pending = list(_starts(function, relevant))
    while pending:
        node = pending.pop()
        if node in found.nodes:
            continue
        found.nodes.add(node)
        parent = parents.get(node)
        if parent is None:
            continue
        if not isinstance(parent, ast.stmt):
            pending.append(parent)
        for target in _targets(parent):
            for each in ast.walk(target):
                if isinstance(each, ast.Name) and each.id not in found.names:
                    found.names.add(each.id)
                    pending += loads[each.id]
    return found


def _starts(function: Function, relevant: frozenset[Place]) -> Iterator[ast.AST]:
    owner = function.owner
    for node, place in function.places.items():
        if place in relevant or (
            owner is not None and place[0] in ("self", "class") and owner.method(place[1]) is not None
        ):
            yield node
    yield from (call for call, _ in function.own_calls)
    for call in function.nodes.of(ast.Call):
        match call.func:
            case ast.Attribute(attr="release"):
                yield call
            case ast.Name(id=name) if name in ASKING:
                yield call


def _outer(function: Function, relevant: frozenset[Place]) -> Iterator[tuple[str, Place]]:
    for name, scope in function.outer_names.items():
        if (scope, name) in relevant:
            yield name, (scope, name)


def _targets(parent: ast.AST) -> Iterator[ast.expr]:
    """What is bound by a statement or expression to a value that is part of it."""
    match parent:
        case ast.Assign(targets=targets):
            yield from targets
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target) | ast.NamedExpr(target=target):
            yield target
        case ast.withitem(optional_vars=ast.expr() as target):
            yield target
