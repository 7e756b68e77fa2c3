"""Which coroutine objects are awaited for a second time.

Forward over the control-flow graph: for each name the coroutines it may hold, each with the place that awaited it, if
one did. A second await is certain where every coroutine that the name may hold was awaited, or where a loop comes back
to the same `await` with the same coroutine.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from flake8_asyncio.bindings.functions import Body
from flake8_asyncio.syntax.dataflow import NoFixpoint, forward
from flake8_asyncio.syntax.graph import Block, Edge, Event, Kind
from flake8_asyncio.syntax.source import Span

_Held = frozenset[tuple[int, int]]  # the store, and the place that awaited; 0 for none
_State = dict[str, _Held]


def spent(body: Body, coroutines: Collection[Span], takers: Collection[Span]) -> dict[Span, tuple[str, Span]]:
    """Where a name is awaited again, with the name and the place of the first await; `takers` are calls that await."""
    if body.graph is None or body.is_open:
        return {}
    awaiting = _Awaiting(body, coroutines, takers)
    try:
        states = forward(body.graph, {}, awaiting)
    except NoFixpoint:
        return {}
    awaiting.is_final = True
    for block in body.graph.order():
        if block.index in states:
            awaiting.transfer(block, states[block.index])
    return awaiting.found


class _Awaiting:
    def __init__(self, body: Body, coroutines: Collection[Span], takers: Collection[Span]) -> None:
        self.body = body
        self.coroutines = coroutines
        self.takers = takers
        self.places: dict[int, ast.expr] = {}
        self.is_final = False
        self.found: dict[Span, tuple[str, Span]] = {}

    def transfer(self, block: Block, state: _State) -> _State:
        after = dict(state)
        for event in block.events:
            for name in self._taken(event):
                self._take(name, after)
            if event.kind in (Kind.STORE, Kind.DELETE) and isinstance(event.node, ast.Name):
                after[event.node.id] = frozenset()
                if isinstance(event.value, ast.Call) and self.body.source.span(event.value) in self.coroutines:
                    after[event.node.id] = frozenset({(id(event.node), 0)})
        return after

    def _taken(self, event: Event) -> list[ast.Name]:
        match event.kind, event.node:
            case Kind.AWAIT, ast.Await(value=ast.Name() as name):
                return [name]
            case Kind.EVALUATE, ast.Call(args=args) if self.body.source.span(event.node) in self.takers:
                return [each for each in args if isinstance(each, ast.Name)]
        return []

    def _take(self, name: ast.Name, after: _State) -> None:
        held = after.get(name.id, frozenset())
        if not held or name.id in self.body.shared:
            return
        places = {place for _, place in held}
        if self.is_final and (0 not in places or id(name) in places):
            first = self.places[min(places - {0}, key=lambda each: self.places[each].lineno)]
            self.found.setdefault(self.body.source.span(name), (name.id, self.body.source.span(first)))
        self.places[id(name)] = name
        after[name.id] = frozenset((store, id(name)) for store, _ in held)

    def follow(self, edge: Edge, state: _State) -> _State:
        return state

    def join(self, known: _State, new: _State) -> _State:
        joined = dict(known)
        has_grown = False
        for name in {*known, *new}:
            if name not in known or name not in new:
                both: _Held = frozenset()  # elsewhere it holds something else
            elif not known[name] or not new[name]:
                both = frozenset()
            else:
                both = known[name] | new[name]
            if both != known.get(name):
                joined[name] = both
                has_grown = True
        return joined if has_grown else known
