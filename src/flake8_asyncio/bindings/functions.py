"""The functions of a file by where they stand, with their control-flow graphs."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass

from flake8_asyncio.syntax.builder import build
from flake8_asyncio.syntax.graph import Graph
from flake8_asyncio.syntax.source import Source, Span

Definition = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_READERS = {"locals", "vars", "eval", "exec", "dir"}


@dataclass(frozen=True, eq=False)
class Body:
    """A function's own code: `shared` are the names that other scopes see, `is_open` code that may read any name."""

    node: Definition
    source: Source
    shared: frozenset[str]
    is_open: bool

    @functools.cached_property
    def graph(self) -> Graph | None:
        """Its control-flow graph; None if it is too large."""
        try:
            return build(self.node)
        except RecursionError:
            return None


def bodies(source: Source) -> dict[Span, Body]:
    """The functions of a file, by their spans."""
    found: dict[Span, Body] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, Definition):
            found[source.span(node)] = _body(node, source)
    return found


def _body(node: Definition, source: Source) -> Body:
    shared: set[str] = set()
    is_open = False
    pending: list[tuple[ast.AST, bool]] = [(each, False) for each in node.body]
    while pending:
        each, is_inner = pending.pop()
        match each:
            case ast.Global() | ast.Nonlocal():
                shared.update(each.names)
            case ast.Name() if is_inner:
                shared.add(each.id)
            case ast.Call(func=ast.Name(id=name)) if name in _READERS:
                is_open = True
        is_inner = is_inner or isinstance(each, _SCOPES)
        pending.extend((child, is_inner) for child in ast.iter_child_nodes(each))
    return Body(node, source, frozenset(shared), is_open)
