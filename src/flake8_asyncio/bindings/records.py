"""Which calls give values of a dictionary that is written out under a name, and is only ever handed on as a whole."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from flake8_asyncio.bindings.carried import source_of
from flake8_asyncio.bindings.functions import Body
from flake8_asyncio.syntax.nodes import own_body
from flake8_asyncio.syntax.source import Span

_FEWEST = 2  # values of a record


class Entry(NamedTuple):
    """A value of such a dictionary: its key, where it stands, and who gets the dictionary, as written.

    `beside` are the other calls that give values; None stands for what no call gave.
    """

    key: str
    place: Span
    takers: tuple[str, ...]
    beside: tuple[Span | None, ...]


def records(body: Body) -> dict[Span, Entry]:
    """The calls that gave the values of a function's records."""
    found: dict[Span, Entry] = {}
    nodes = own_body(body.node)
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys, values=values)):
                if len(values) < _FEWEST or not all(_is_text(key) for key in keys):
                    continue
                takers = _takers(name, nodes, body)
                made = [next(source_of(each, body), None) for each in values] if takers else []
                spans = [body.source.span(each) if each is not None else None for each in made]
                for index, span in enumerate(spans):
                    if span is not None:
                        key = keys[index]
                        assert isinstance(key, ast.Constant)
                        others = (*spans[:index], *spans[index + 1 :])
                        found[span] = Entry(str(key.value), body.source.span(values[index]), takers, others)
    return found


def _is_text(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and isinstance(key.value, str)


def _takers(name: str, nodes: Sequence[ast.AST], body: Body) -> tuple[str, ...]:
    """Who gets what a name holds; nobody if anything else is done with it than to hand it on and add to it."""
    reads = {id(each) for each in nodes if isinstance(each, ast.Name) and each.id == name}
    stores = sum(
        1 for each in nodes if isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Store)
    )
    if name in body.shared or stores != 1:
        return ()
    takers: list[str] = []
    for node in nodes:
        match node:
            case ast.Call(func=callee, args=arguments, keywords=keywords):
                given = [each for each in (*arguments, *(each.value for each in keywords)) if id(each) in reads]
                if given:
                    takers.append(ast.unparse(callee))
                    reads.difference_update(map(id, given))
            case ast.Subscript(value=value, ctx=ast.Store()):
                reads.discard(id(value))
            case ast.Assign(targets=[ast.Name() as target]):
                reads.discard(id(target))
    return tuple(takers) if not reads else ()
