"""Loops that take items out of the collection that they iterate, and go on."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import vocabulary
from flake8_asyncio.state.changes import Change, collection_changes
from flake8_asyncio.state.functions import Function
from flake8_asyncio.state.iteration import Loop
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.vocabulary import last_name
from flake8_asyncio.syntax.builder import build
from flake8_asyncio.syntax.graph import Block, Graph, Kind
from flake8_asyncio.syntax.nodes import own_nodes


def races(function: Function, loops: list[Loop]) -> Iterator[Race]:
    """`for peer in peers: if not await peer.ping(): peers.remove(peer)`: the next one is skipped, or the loop fails."""
    graph: Graph | None = None
    for loop in loops:
        if not isinstance(loop.node, ast.For) or last_name(loop.node.iter) == "reversed":
            continue
        removals = list(_removals(function, loop.node, ast.unparse(loop.iterated)))
        if not removals:
            continue
        if graph is None:
            graph = build(function.node)
        for change in removals:
            if _goes_on(graph, loop, change):
                source = function.file.source
                yield Race(
                    "iterate-across-suspension",
                    ast.unparse(loop.iterated),
                    function.label,
                    source.span(loop.node),
                    source.span(loop.node.iter),
                    source.span(change.node),
                    source.span(change.node),
                    form="itself",
                )
                break


def _removals(function: Function, loop: ast.For, iterated: str) -> Iterator[Change]:
    nodes = own_nodes(loop.body)
    inside = {*nodes.of(ast.Call), *nodes.of(ast.Delete)}
    bound = {ast.unparse(target) for node in nodes.of(ast.Assign) for target in node.targets}
    if iterated in bound:
        return
    for collection, change in collection_changes(function):
        if change.node in inside and change.operation in vocabulary.SHRINKING:
            if ast.unparse(collection) == iterated or _names(change) == iterated:
                yield change


def _names(change: Change) -> str:
    match change.node:
        case ast.Call(func=ast.Attribute(value=collection)):
            return ast.unparse(collection)
        case ast.Delete(targets=[ast.Subscript(value=collection)]):
            return ast.unparse(collection)
    return ""


def _goes_on(graph: Graph, loop: Loop, change: Change) -> bool:
    """Whether the loop asks for another item after the change, unless something is raised."""
    head = _block(graph, loop.node, Kind.NEXT)
    before = _block(graph, loop.iterated, Kind.EVALUATE)
    block = _block(graph, change.node, Kind.EVALUATE)
    if block is None and isinstance(change.node, ast.Delete):
        block = _block(graph, change.node.targets[0], Kind.DELETE)
    if head is None or block is None:
        return False
    seen, pending = {block.index}, [block]
    while pending:
        for edge in pending.pop().edges:
            if edge.target is head:
                return True
            if not edge.is_exceptional and edge.target is not before and edge.target.index not in seen:
                seen.add(edge.target.index)
                pending.append(edge.target)
    return False


def _block(graph: Graph, node: ast.AST, kind: Kind) -> Block | None:
    return next((b for b in graph.blocks if any(e.node is node and e.kind is kind for e in b.events)), None)
