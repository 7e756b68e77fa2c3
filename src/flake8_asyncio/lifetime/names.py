"""What dotted names mean in one file, by its imports alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from flake8_asyncio.syntax.nodes import file_statements, own

Function = ast.FunctionDef | ast.AsyncFunctionDef

_SUSPENDING = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield)


class Names:
    """The imports of a file, wherever in it they stand."""

    def __init__(self, tree: ast.Module) -> None:
        self._imported: dict[str, str] = {}
        nodes = file_statements(tree)
        for node in nodes.of(ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                self._imported[name] = alias.name if alias.asname else name
        for origin in nodes.of(ast.ImportFrom):
            if origin.module and not origin.level:
                for alias in origin.names:
                    self._imported[alias.asname or alias.name] = f"{origin.module}.{alias.name}"

        self._tuples = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple | ast.BinOp)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def types(self, node: ast.expr | None) -> list[ast.expr]:
        """The types that an `except` names, those in tuples of the module too."""
        found: list[ast.expr] = []
        pending = [node] if node is not None else []
        left = dict(self._tuples)
        while pending:
            each = pending.pop()
            match each:
                case ast.Tuple(elts=elts):
                    pending += elts[::-1]
                case ast.Starred(value=value):
                    pending.append(value)
                case ast.BinOp(left=one, op=ast.Add(), right=other):
                    pending += [other, one]
                case ast.Name(id=name) if name in left:
                    pending.append(left.pop(name))
                case _:
                    found.append(each)
        return found

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
