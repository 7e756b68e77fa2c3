"""Which values a function gives to a name that no path from there reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.bindings.functions import Body
from flake8_asyncio.bindings.reading import chosen
from flake8_asyncio.syntax.source import Span


def unread(body: Body) -> dict[Span, str]:
    """The expressions whose values end in a name that nobody reads, or in a collection that is dropped, by name."""
    reading = body.reading
    if reading is None or body.is_open:
        return {}
    found: dict[Span, str] = {}
    read = reading.read
    for number, (name, value) in reading.stores.items():
        if number not in read and name not in body.shared:
            found.update((body.source.span(each), name) for each in members(value))
    for value in reading.dropped:
        found.update((body.source.span(each), "") for each in members(value))
    return found


def members(value: ast.expr) -> Iterator[ast.expr]:
    """The expressions whose values `value` is, or collects."""
    match value:
        case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
            for each in elts:
                yield from members(each)
        case ast.Dict(values=values):
            for each in values:
                yield from members(each)
        case ast.ListComp(elt=elt) | ast.SetComp(elt=elt) | ast.DictComp(value=elt):
            yield from members(elt)
        case ast.BoolOp(values=[*_, last]):
            yield from members(last)
        case ast.IfExp():
            for each in chosen(value):
                yield from members(each)
        case _:
            yield value
