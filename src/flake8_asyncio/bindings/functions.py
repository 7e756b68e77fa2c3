"""The functions of a file by where they stand, with their control-flow graphs."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from flake8_asyncio.bindings.reading import Reading, reading
from flake8_asyncio.syntax.builder import build
from flake8_asyncio.syntax.cached import cached_property
from flake8_asyncio.syntax.graph import Graph
from flake8_asyncio.syntax.nodes import SCOPES, Definition, definitions, own_body, walk
from flake8_asyncio.syntax.source import Source, Span

_READERS = {"locals", "vars", "eval", "exec", "dir"}


@dataclass(frozen=True, eq=False)
class Body:
    """A function's own code."""

    node: Definition
    source: Source

    @cached_property
    def shared(self) -> frozenset[str]:
        """The names that other scopes see."""
        inner = (each for scope in own_body(self.node) if isinstance(scope, SCOPES) for each in walk(scope))
        names = {each.id for each in inner if isinstance(each, ast.Name)}
        for each in walk(*self.node.body):
            if isinstance(each, ast.Global | ast.Nonlocal):
                names.update(each.names)
        return frozenset(names)

    @cached_property
    def is_open(self) -> bool:
        """Whether code in it may read any name."""
        calls = (each for each in walk(*self.node.body) if isinstance(each, ast.Call))
        return any(isinstance(each.func, ast.Name) and each.func.id in _READERS for each in calls)

    @cached_property
    def graph(self) -> Graph | None:
        """Its control-flow graph; None if it is too large."""
        try:
            return build(self.node)
        except RecursionError:
            return None

    @cached_property
    def reading(self) -> Reading | None:
        """Which values its names have where they are read; None if it is too large."""
        return reading(self.graph) if self.graph is not None else None


def bodies(source: Source) -> dict[Span, Body]:
    """The functions of a file, by their spans."""
    return {source.span(node): Body(node, source) for node in definitions(source.tree)}
