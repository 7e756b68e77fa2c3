"""What stands around a stretch of a file: the syntax nodes that contain it, from the module down."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from flake8_asyncio.fix.edits import NotFixed
from flake8_asyncio.syntax.source import Source, Span

Block = list[ast.stmt]
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_NO_EXPRESSION = (ast.Starred, ast.FormattedValue, ast.Slice)  # they stand only inside others
Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


class Place:
    """A stretch of a file, and what contains it."""

    def __init__(self, source: Source, span: Span) -> None:
        self.source = source
        self.span = span
        self.chain = list(_chain(source, span))

    @property
    def expressions(self) -> list[ast.expr]:
        """The expressions that contain it, outermost first, as far as they can stand alone."""
        inner = []
        for node in reversed(self.chain):
            if isinstance(node, ast.stmt):
                break
            if isinstance(node, ast.expr) and _stands_alone(node):
                inner.append(node)
        return inner[::-1]

    @property
    def statement(self) -> ast.stmt:
        """The innermost statement that contains it."""
        for node in reversed(self.chain):
            if isinstance(node, ast.stmt):
                return node
        raise NotFixed("no statement stands there")

    @property
    def block(self) -> Block:
        """The statements among which its own stands."""
        statement = self.statement
        for node in reversed(self.chain[: self.chain.index(statement)]):
            for field in ("body", "orelse", "finalbody"):
                block = getattr(node, field, None)
                if isinstance(block, list) and statement in block:
                    return block
        raise NotFixed("no block stands there")

    @property
    def scopes(self) -> Iterator[Scope]:
        """The scopes from which names come, innermost first; classes count for what stands directly in them."""
        is_innermost = True
        for node, inner in zip(reversed(self.chain), [None, *reversed(self.chain)], strict=False):
            if isinstance(node, ast.Module) or (isinstance(node, _FUNCTIONS) and _is_in_body(node, inner)):
                is_innermost = False
                yield node
            elif isinstance(node, ast.ClassDef) and inner in node.body:
                if is_innermost:
                    yield node
                is_innermost = False

    @property
    def blocks(self) -> Iterator[Block]:
        """The lists of statements that contain it, innermost first."""
        for node in reversed(self.chain):
            for field in ("body", "orelse", "finalbody"):
                block = getattr(node, field, None)
                if isinstance(block, list) and any(each in block for each in self.chain):
                    yield block

    @property
    def comprehension_names(self) -> set[str]:
        """The names that the comprehensions around it bind."""
        found = (node for node in self.chain if isinstance(node, _COMPREHENSIONS))
        targets = (each.target for node in found for each in node.generators)
        return {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}

    def check_await(self) -> None:
        """Raise `NotFixed` where an `await` would change what is around it."""
        for node, inner in zip(self.chain, self.chain[1:], strict=False):
            if isinstance(node, ast.GeneratorExp) and inner is not node.generators[0].iter:
                raise NotFixed("an `await` would make an asynchronous generator of what is around it")

    @property
    def levels_to_await(self) -> int:
        """How many expressions above it an `await` stands for what `and` and `or` choose: 2 in `await (a() or b())`."""
        for levels, node in enumerate(self.chain[-2::-1], start=1):
            if isinstance(node, ast.Await) and levels > 1:
                return levels
            if not isinstance(node, ast.BoolOp):
                break
        return 0

    def check_alone(self) -> None:
        """Raise `NotFixed` unless its statement has its lines for itself."""
        statement = self.source.span(self.statement)
        before = self.source.lines[statement.line - 1][: statement.column]
        after = self.source.lines[statement.end_line - 1][statement.end_column :].strip()
        if before.strip() or (after and not after.startswith("#")):
            raise NotFixed("its statement shares a line with another")

    def check_unconditional(self) -> None:
        """Raise `NotFixed` where its statement may run without it."""
        for node, inner in zip(self.chain, self.chain[1:], strict=False):
            is_sometimes = isinstance(node, (ast.IfExp, ast.Lambda, *_COMPREHENSIONS)) or (
                isinstance(node, ast.BoolOp) and inner is not node.values[0]
            )
            if is_sometimes:
                raise NotFixed("it is not evaluated every time that its statement runs")

    @property
    def indentation(self) -> str:
        """The white space before its statement."""
        span = self.source.span(self.statement)
        return self.source.lines[span.line - 1][: span.column]


def _chain(source: Source, span: Span) -> Iterator[ast.AST]:
    node: ast.AST | None = source.tree
    while node is not None:
        yield node
        node = next((each for each in _children(node) if _covers(source, each, span)), None)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below a node that have a place."""
    for child in ast.iter_child_nodes(node):
        if hasattr(child, "lineno"):
            yield child
        else:
            yield from _children(child)


def _covers(source: Source, node: Any, span: Span) -> bool:
    decorators = getattr(node, "decorator_list", None)
    if decorators and decorators[0].lineno <= span.line < node.lineno:
        return True
    if not node.lineno <= span.line <= (node.end_lineno or node.lineno):
        return False
    around = source.span(node)
    return (around.line, around.column) <= (span.line, span.column) and (span.end_line, span.end_column) <= (
        around.end_line,
        around.end_column,
    )


def _stands_alone(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return not any(isinstance(each, ast.Slice) for each in node.elts)
    return not isinstance(node, _NO_EXPRESSION)


def _is_in_body(function: ast.AST, inner: ast.AST | None) -> bool:
    if isinstance(function, ast.Lambda):
        return inner is function.body
    return inner in getattr(function, "body", ())
