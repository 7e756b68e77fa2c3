"""What a function returns inside collections."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from flake8_asyncio.bindings.functions import Body
from flake8_asyncio.syntax.nodes import own_body
from flake8_asyncio.syntax.source import Span

_CALLED = ast.Call | ast.Name


class Returned(NamedTuple):
    """A collection that is returned: which calls gave what it holds, each with where that stands in it.

    `has_others` tells whether it holds something that no call gave.
    """

    calls: dict[Span, Span]
    has_others: bool


def carried(body: Body) -> list[Returned]:
    """The collections that a function returns as it writes them, those inside others too."""
    found = []
    for node in own_body(body.node):
        if isinstance(node, ast.Return) and node.value is not None:
            for items, has_others in _collections(node.value):
                calls = {
                    body.source.span(call): body.source.span(item) for item in items for call in source_of(item, body)
                }
                found.append(Returned(calls, has_others or len(calls) < len(items)))
    return found


def _collections(value: ast.expr) -> Iterator[tuple[list[ast.expr], bool]]:
    match value:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            for each in (left, right):
                yield from ((items, True) for items, _ in _collections(each))
        case ast.Dict(values=values) | ast.List(elts=values) | ast.Tuple(elts=values):
            items: list[ast.expr] = [each for each in values if isinstance(each, _CALLED)]
            yield items, len(items) < len(values)
            for each in values:
                yield from _collections(each)
        case ast.DictComp(value=inner) | ast.ListComp(elt=inner):
            yield from _collections(inner)


def source_of(item: ast.expr, body: Body) -> Iterator[ast.expr]:
    """The call that gave an item its value; a name's only if nothing else reads the name."""
    if isinstance(item, ast.Call):
        yield item
    elif isinstance(item, ast.Name) and body.reading is not None and item.id not in body.shared:
        made = list(body.reading.sources(item))
        reads = sum(1 for each in body.reading.reads if each.id == item.id)
        if reads == 1 and len(made) == 1 and isinstance(made[0], ast.Call):
            yield made[0]
