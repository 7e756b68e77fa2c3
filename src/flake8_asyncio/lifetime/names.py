"""What dotted names mean in one file, by its imports alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef

_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_SUSPENDING = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield)


class Names:
    """The imports of a file, wherever in it they stand."""

    def __init__(self, tree: ast.Module) -> None:
        self._imported: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    self._imported[name] = alias.name if alias.asname else name
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    self._imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def path(self, node: ast.expr | None) -> str:
        """The absolute name that an expression stands for; empty if it is none that was imported."""
        match node:
            case ast.Name(id=name):
                return self._imported.get(name, "")
            case ast.Attribute(value=value, attr=attr):
                owner = self.path(value)
                return f"{owner}.{attr}" if owner else ""
        return ""

    def called(self, node: ast.expr | None) -> str:
        """The absolute name of what a call calls."""
        return self.path(node.func) if isinstance(node, ast.Call) else ""


def own(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of a body, in order, without the bodies of functions and classes in it."""
    pending = list(body)[::-1]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _NESTED):
            pending.extend(list(ast.iter_child_nodes(node))[::-1])


def suspends(body: Iterable[ast.AST]) -> bool:
    """Whether a body can let other tasks run, or hand over to whoever iterates."""
    return any(
        isinstance(node, _SUSPENDING) or (isinstance(node, ast.comprehension) and bool(node.is_async))
        for node in own(body)
    )


def last_name(node: ast.expr | None) -> str:
    """The last part of a dotted name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def functions(tree: ast.Module) -> Iterator[ast.AsyncFunctionDef]:
    """Every `async def` of a file."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef))
