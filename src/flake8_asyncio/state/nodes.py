"""The syntax nodes of a body, by type, without those of the functions and classes inside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from flake8_asyncio.state.vocabulary import AWAITING, last_name

Node = TypeVar("Node", bound=ast.AST)

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
# Where the walk ends; fields also hold strings, and None for the key of `**mapping`.
_ENDS = frozenset({ast.Constant, ast.Name, ast.Pass, ast.Break, ast.Continue, *SCOPES, str, int, type(None)})
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}
_KEPT = frozenset(
    {
        ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Await, ast.Yield, ast.Compare, ast.comprehension,
        ast.ListComp, ast.SetComp, ast.DictComp, ast.NamedExpr, ast.Lambda, ast.Assign, ast.AnnAssign, ast.AugAssign,
        ast.Delete, ast.Global, ast.Nonlocal, ast.Return, ast.If, ast.For, ast.AsyncFor, ast.While, ast.With,
        ast.AsyncWith, ast.Try, ast.TryStar, ast.ExceptHandler, *FUNCTIONS, ast.ClassDef,
    }
)  # fmt: skip


class Nodes:
    """Syntax nodes by type, in the order of the source."""

    def __init__(self) -> None:
        self.by_type: dict[type[ast.AST], list[Any]] = {}

    def of(self, kind: type[Node]) -> list[Node]:
        """Those of a type."""
        return self.by_type.get(kind, [])

    def __contains__(self, kind: type[ast.AST]) -> bool:
        """Whether there is one of a type."""
        return kind in self.by_type


def own_nodes(body: Sequence[ast.AST]) -> Nodes:
    """The nodes of a body by type, without those of nested functions, lambdas and classes."""
    nodes = Nodes()
    by_type = nodes.by_type
    stack = list(reversed(body))
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind in _KEPT:
            by_type.setdefault(kind, []).append(node)
        if kind in _ENDS:
            continue
        fields = _FIELDS.get(kind)
        if fields is None:
            names = getattr(kind, "_fields", ())  # a pattern's value is none of the tree's nodes
            fields = _FIELDS[kind] = tuple(name for name in reversed(names) if name not in ("ctx", "op", "ops"))
        for name in fields:
            value = getattr(node, name)
            if value is None:
                continue
            if type(value) is list:
                stack.extend(reversed(value))
            else:
                stack.append(value)
    return nodes


def awaited_calls(operand: ast.expr) -> Iterator[ast.expr]:
    """What is awaited when `operand` is."""
    yield operand
    if isinstance(operand, ast.Call) and last_name(operand.func) in AWAITING:
        yield from (each for each in operand.args if isinstance(each, ast.Call))


def assignments(nodes: Nodes) -> Iterator[tuple[ast.expr, ast.expr | None, ast.expr | None]]:
    """Each target that is bound, with its value where it has one of its own, and its annotation."""
    for node in nodes.of(ast.Assign):
        for target in node.targets:
            if isinstance(target, (ast.Tuple, ast.List)):
                yield from ((each, None, None) for each in target.elts)
            else:
                yield target, node.value, None
    for annotated in nodes.of(ast.AnnAssign):
        yield annotated.target, annotated.value, annotated.annotation
    for augmented in nodes.of(ast.AugAssign):
        yield augmented.target, augmented.value, None


def bodies(outermost: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """A body and those nested in its statements, each a list of statements that follow each other."""
    pending = [outermost]
    while pending:
        body = pending.pop()
        yield body
        for statement in body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            for name in ("body", "orelse", "finalbody"):
                inner = getattr(statement, name, None)
                if isinstance(inner, list) and inner:
                    pending.append(inner)
            for branch in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
                pending.append(branch.body)
