"""Which values a function gives to a name that no path from there reads.

Reaching definitions, forward: a read of a name marks every value that may be there. What is left is never read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.bindings.functions import Body
from flake8_asyncio.syntax.dataflow import NoFixpoint, forward
from flake8_asyncio.syntax.graph import Block, Edge, Kind
from flake8_asyncio.syntax.source import Span

_State = dict[str, frozenset[int]]


def unread(body: Body) -> dict[Span, str]:
    """The expressions whose values end in a name that nobody reads, or in a collection that is dropped, by name."""
    if body.graph is None or body.is_open:
        return {}
    reading = _Reading()
    try:
        forward(body.graph, {}, reading)
    except NoFixpoint:
        return {}
    found: dict[Span, str] = {}
    for number, (name, value) in reading.stores.items():
        if number not in reading.read and name not in body.shared:
            found.update((body.source.span(each), name) for each in _members(value))
    for value in reading.dropped:
        found.update((body.source.span(each), "") for each in _members(value))
    return found


class _Reading:
    """The values that each name may have, and which of them are read; a value is the number of its store."""

    def __init__(self) -> None:
        self.stores: dict[int, tuple[str, ast.expr]] = {}
        self.read: set[int] = set()
        self.dropped: list[ast.expr] = []

    def transfer(self, block: Block, state: _State) -> _State:
        after = dict(state)
        for event in block.events:
            node = event.node
            if isinstance(node, ast.Name):
                if event.kind is Kind.EVALUATE:
                    self.read.update(after.get(node.id, ()))
                elif event.kind is Kind.STORE:
                    after[node.id] = frozenset()
                    if event.value is not None:
                        self.stores[id(node)] = (node.id, event.value)
                        after[node.id] = frozenset({id(node)})
                elif event.kind is Kind.DELETE:
                    after.pop(node.id, None)
            elif event.kind is Kind.DISCARD and isinstance(node, ast.List | ast.Tuple | ast.ListComp | ast.SetComp):
                self.dropped.append(node)
        return after

    def follow(self, edge: Edge, state: _State) -> _State:
        return state

    def join(self, known: _State, new: _State) -> _State:
        joined = dict(known)
        has_grown = False
        for name, values in new.items():
            both = joined.get(name, frozenset()) | values
            if both != joined.get(name):
                joined[name] = both
                has_grown = True
        return joined if has_grown else known


def _members(value: ast.expr) -> Iterator[ast.expr]:
    """The expressions whose values `value` is, or collects."""
    match value:
        case ast.IfExp(body=body, orelse=orelse):
            yield from _members(body)
            yield from _members(orelse)
        case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
            for each in elts:
                yield from _members(each)
        case ast.Dict(values=values):
            for each in values:
                yield from _members(each)
        case ast.ListComp(elt=elt) | ast.SetComp(elt=elt) | ast.DictComp(value=elt):
            yield from _members(elt)
        case ast.BoolOp(values=[*_, last]):
            yield from _members(last)
        case _:
            yield value
