"""Which values a name may have where it is read: reaching definitions, forward over the control-flow graph."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.syntax.dataflow import NoFixpoint, forward
from flake8_asyncio.syntax.graph import Block, Edge, Graph, Kind

_State = dict[str, frozenset[int]]
_FARTHEST = 5  # names that are given to names


class Reading:
    """The values that names are given, where they are read, and which are dropped; a value is the number of its store.

    `stores` has the name and the expression of each, `reads` the stores that each read of a name may see.
    """

    def __init__(self) -> None:
        self.stores: dict[int, tuple[str, ast.expr]] = {}
        self.reads: dict[ast.Name, frozenset[int]] = {}
        self.dropped: list[ast.expr] = []

    @property
    def read(self) -> set[int]:
        """The stores that something reads."""
        return {each for stores in self.reads.values() for each in stores}

    def sources(self, name: ast.Name, depth: int = 0) -> Iterator[ast.expr | None]:
        """The expressions whose value a name has where it is read; None for a value that has no expression."""
        stores = self.reads.get(name, frozenset())
        if not stores or depth > _FARTHEST:
            yield None
        for number in stores:
            for each in chosen(self.stores[number][1]):
                if isinstance(each, ast.Name):
                    yield from self.sources(each, depth + 1)
                else:
                    yield each

    def transfer(self, block: Block, state: _State) -> _State:
        after = dict(state)
        for event in block.events:
            node = event.node
            if isinstance(node, ast.Name):
                if event.kind is Kind.EVALUATE:
                    self.reads[node] = self.reads.get(node, frozenset()) | after.get(node.id, frozenset())
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


def reading(graph: Graph) -> Reading | None:
    """What is read in a body; None if that takes too long to find out."""
    found = Reading()
    try:
        forward(graph, {}, found)
    except NoFixpoint:
        return None
    return found


def chosen(value: ast.expr) -> Iterator[ast.expr]:
    """The expressions one of which gives an expression its value."""
    match value:
        case ast.IfExp(body=body, orelse=orelse):
            yield from chosen(body)
            yield from chosen(orelse)
        case ast.BoolOp(op=ast.And(), values=[*_, last]):
            yield from chosen(last)
        case ast.BoolOp(values=values):
            for each in values:
                yield from chosen(each)
        case ast.NamedExpr(value=inner):
            yield from chosen(inner)
        case _:
            yield value
