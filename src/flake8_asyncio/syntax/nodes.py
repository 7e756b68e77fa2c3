"""Walks over syntax nodes, several times as fast as `ast.walk`: fields that hold no nodes are never looked at."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

Node = TypeVar("Node", bound=ast.AST)
Definition = ast.FunctionDef | ast.AsyncFunctionDef

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)

_LEAVES = frozenset({ast.Constant, ast.Name, ast.Pass, ast.Break, ast.Continue, ast.Global, ast.Nonlocal, ast.alias})
_NOT_NODES = frozenset(
    {"ctx", "op", "ops", "id", "attr", "arg", "name", "kind", "type_comment", "level", "module", "is_async",
     "simple", "conversion", "rest", "kwd_attrs", "asname", "type_ignores"}
)  # fmt: skip
_LOOP = ("orelse", "body")
_TRY = ("finalbody", "orelse", "handlers", "body")
_SUITES: dict[type[ast.AST], tuple[str, ...]] = {  # where other statements stand in one, last first
    ast.FunctionDef: ("body",), ast.AsyncFunctionDef: ("body",), ast.ClassDef: ("body",),
    ast.For: _LOOP, ast.AsyncFor: _LOOP, ast.While: _LOOP, ast.If: _LOOP, ast.Try: _TRY, ast.TryStar: _TRY,
    ast.With: ("body",), ast.AsyncWith: ("body",), ast.ExceptHandler: ("body",),
    ast.Match: ("cases",), ast.match_case: ("body",),
}  # fmt: skip
_fields: dict[type[ast.AST], tuple[str, ...]] = {}


def _fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a type that can hold nodes, last first."""
    names = getattr(kind, "_fields", ())
    if kind is ast.arg:
        names = ("annotation",)
    fields = _fields[kind] = tuple(name for name in reversed(names) if name not in _NOT_NODES)
    return fields


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below one, in the order of the source; operators and contexts are none."""
    found: list[ast.AST] = []
    kind = type(node)
    fields = _fields.get(kind)
    for name in reversed(_fields_of(kind) if fields is None else fields):
        value = getattr(node, name)
        if type(value) is list:
            found += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(*roots: ast.AST) -> list[ast.AST]:
    """All nodes below some, themselves included, in the order of the source."""
    found: list[ast.AST] = []
    _collect(list(roots[::-1]), found, frozenset())
    return found


def own(body: Iterable[ast.AST]) -> list[ast.AST]:
    """All nodes of a body, in the order of the source, without what is inside functions, lambdas and classes in it."""
    found: list[ast.AST] = []
    _collect(list(body)[::-1], found, _SCOPE_TYPES)
    return found


@functools.lru_cache(maxsize=16)
def own_body(function: Definition) -> tuple[ast.AST, ...]:
    """The nodes of a function's own body; the analyses of one function ask for them one after the other."""
    return tuple(own(function.body))


@functools.lru_cache(maxsize=16)
def own_statements(function: Definition) -> Nodes:
    """The statements of a function's own body by type, with their handlers and cases; no expression is looked at."""
    return Nodes(_statements(function.body, _SCOPE_TYPES))


@functools.lru_cache(maxsize=2)
def file_statements(tree: ast.Module) -> Nodes:
    """All statements of a file by type, with their handlers and cases; no expression is looked at."""
    return Nodes(_statements(tree.body, frozenset()))


def definitions(tree: ast.Module) -> list[Definition]:
    """Every function of a file, the inner ones too."""
    nodes = file_statements(tree)
    return [*nodes.of(ast.FunctionDef), *nodes.of(ast.AsyncFunctionDef)]


def _statements(body: Sequence[ast.AST], ends: frozenset[type[ast.AST]]) -> list[ast.AST]:
    found: list[ast.AST] = []
    stack: list[Any] = list(body)[::-1]
    while stack:
        node = stack.pop()
        found.append(node)
        kind = type(node)
        suites = _SUITES.get(kind)
        if suites is not None and kind not in ends:
            for name in suites:
                stack.extend(getattr(node, name)[::-1])
    return found


_NO_NODES = frozenset({type(None), str, int, bool, float, complex, bytes})
_SCOPE_TYPES: frozenset[type[ast.AST]] = frozenset(SCOPES)


def _collect(stack: list[Any], found: list[ast.AST], ends: frozenset[type[ast.AST]]) -> None:
    add, push, pop, extend = found.append, stack.append, stack.pop, stack.extend
    while stack:
        node = pop()
        kind = type(node)
        if kind in _NO_NODES:  # the key of `**mapping`, the value of a pattern
            continue
        add(node)
        if kind in _LEAVES or kind in ends:
            continue
        for name in _fields.get(kind) or _fields_of(kind):
            value = getattr(node, name)
            if value is None:
                continue
            if type(value) is list:
                extend(value[::-1])
            else:
                push(value)


class Nodes:
    """Syntax nodes by type, in the order of the source."""

    def __init__(self, nodes: Iterable[ast.AST] = ()) -> None:
        self.by_type: dict[type[ast.AST], list[Any]] = {}
        for node in nodes:
            self.by_type.setdefault(type(node), []).append(node)

    def of(self, kind: type[Node]) -> list[Node]:
        """Those of a type."""
        return self.by_type.get(kind, [])

    def __contains__(self, kind: type[ast.AST]) -> bool:
        """Whether there is one of a type."""
        return kind in self.by_type


def own_nodes(body: Sequence[ast.AST]) -> Nodes:
    """The nodes of a body by type, without those of nested functions, lambdas and classes."""
    return Nodes(own(body))
