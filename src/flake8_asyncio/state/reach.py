"""Which places a function can read before a suspension and write after it, as the order of its lines tells.

Following the flow of a function is dear and most functions give it nothing to find; this looks at line numbers alone.
What stands in a loop counts as standing everywhere in it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.summaries import Summaries, read_nodes, written_nodes

_LOOPS = (ast.While, ast.For, ast.AsyncFor)
_SUSPENSIONS = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield)


def exposed(function: Function, summaries: Summaries) -> set[Place]:
    """The places that are read and written, if one of them is read, then a suspension comes, and then it is written."""
    loops = _outermost(function)
    stops = suspensions(function)
    first: dict[Place, int] = {}
    last: dict[Place, int] = {}

    def read(places: Iterable[Place], node: ast.expr | ast.stmt) -> None:
        line = next((start for start, end in loops if start <= node.lineno <= end), node.lineno)
        for place in places:
            if line < first.get(place, line + 1):
                first[place] = line

    def write(places: Iterable[Place], node: ast.expr | ast.stmt) -> None:
        line = _end(node)
        line = next((end for start, end in loops if start <= line <= end), line)
        for place in places:
            if line > last.get(place, 0):
                last[place] = line

    for node, place in written_nodes(function):
        write((place,), node)
        if isinstance(node, ast.AugAssign):
            read((place,), node)
    for call, callee in function.own_calls:
        if summaries.happens(call, callee, function):
            write(summaries.writes(callee), call)
    if not last:
        return set()
    for reading, place, method in read_nodes(function):
        read((place,) if method is None else summaries.reads(method), reading)
    for call, callee in function.own_calls:
        read(summaries.reads(callee), call)
    found = {place: (start, last[place]) for place, start in first.items() if place in last}
    if any(s <= end and e >= start for start, end in found.values() for s, e in stops):
        return set(found)  # what is tested and set before may be a lock of its own
    return set()


def _outermost(function: Function) -> list[tuple[int, int]]:
    ranges = sorted((node.lineno, _end(node)) for kind in _LOOPS for node in function.nodes.by_type.get(kind, ()))
    found: list[tuple[int, int]] = []
    for start, end in ranges:
        if not found or start > found[-1][1]:
            found.append((start, end))
    return found


def suspensions(function: Function) -> list[tuple[int, int]]:
    """The first and last line of each suspension."""
    nodes = function.nodes
    found: list[tuple[int, int]] = []
    for kind in _SUSPENSIONS:
        found += [(node.lineno, _end(node)) for node in nodes.by_type.get(kind, ())]
    found += [(each.iter.lineno, _end(each.iter)) for each in nodes.of(ast.comprehension) if each.is_async]
    return found


def _end(node: ast.expr | ast.stmt) -> int:
    return node.end_lineno or node.lineno
