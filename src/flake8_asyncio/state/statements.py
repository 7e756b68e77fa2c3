"""What the statements of a function bind, which of them handle exceptions, and which tests refuse to go on."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import vocabulary
from flake8_asyncio.state.flow import Flow
from flake8_asyncio.state.functions import Function
from flake8_asyncio.state.lattice import Origin
from flake8_asyncio.state.nodes import bindings


def values(flow: Flow) -> dict[ast.AST, ast.expr]:
    """The value of each target that is bound whole."""
    found: dict[ast.AST, ast.expr] = {}
    for node in flow.function.nodes.of(ast.Assign):
        for target in node.targets:
            if isinstance(target, (ast.Tuple, ast.List)):
                found.update(dict.fromkeys(target.elts, node.value))
            else:
                found[target] = node.value
    for annotated in flow.function.nodes.of(ast.AnnAssign):
        if annotated.value is not None:
            found[annotated.target] = annotated.value
    return found


def awaited_names(flow: Flow) -> set[str]:
    """The locals that hold, or are made from, what an `await` gave."""
    found: set[str] = set()
    pairs = list(_bindings(flow))
    for _ in range(3):
        for names, value in pairs:
            if any(isinstance(e, ast.Await) or (isinstance(e, ast.Name) and e.id in found) for e in ast.walk(value)):
                found |= names
    return found


def _bindings(flow: Flow) -> Iterator[tuple[set[str], ast.AST]]:
    nodes = flow.function.nodes
    for node in nodes.of(ast.Assign):
        yield _names(node.targets), node.value
    for single in (*nodes.of(ast.AnnAssign), *nodes.of(ast.NamedExpr)):
        assert isinstance(single, (ast.AnnAssign, ast.NamedExpr))
        if single.value is not None:
            yield _names([single.target]), single.value
    for entering in nodes.of(ast.AsyncWith):
        for item in entering.items:
            if item.optional_vars is not None:
                yield _names([item.optional_vars]), ast.Await(item.context_expr)


def is_exchanged(flow: Flow, statement: ast.stmt | None, origin: Origin) -> bool:
    """Whether what an assignment stores is what an `await` gave for the value that it replaces, at once or in a local.

    `self.token = await refresh(self.token)`, or `answer = await refresh(self.token)`, then `self.token = answer.token`.
    """
    if not isinstance(statement, ast.Assign) or not isinstance(origin.stale, ast.Await):
        return False
    given = set(ast.walk(origin.stale))
    if origin.read not in given:
        return False
    if origin.stale in set(ast.walk(statement)):
        return True
    answers = {name for names, value in _bindings(flow) if value is origin.stale for name in names}
    return any(isinstance(each, ast.Name) and each.id in answers for each in ast.walk(statement.value))


_CLOCKS = frozenset("time monotonic perf_counter now utcnow".split())


def is_time(value: ast.expr | None, function: Function) -> bool:
    """Whether an expression says what time it is, or was when a local was bound."""
    if isinstance(value, ast.Name):
        value = next((each for target, each in bindings(function.nodes) if _is_name(target, value.id)), None)
    return isinstance(value, ast.Call) and vocabulary.last_name(value.func) in _CLOCKS


def _is_name(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _names(targets: list[ast.expr]) -> set[str]:
    return {
        each.id
        for target in targets
        for each in ast.walk(target)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }


def handling(flow: Flow, names: frozenset[str] | None) -> set[ast.AST]:
    """The statements of exception handlers: all, or those of these exceptions (one task is being cancelled there)."""
    found: set[ast.AST] = set()
    for handler in flow.function.nodes.of(ast.ExceptHandler):
        types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
        if names is None or any(vocabulary.last_name(each) in names for each in types):
            for statement in handler.body:
                found.update(each for each in ast.walk(statement) if isinstance(each, ast.stmt))
    return found


def refusals(flow: Flow) -> set[ast.AST]:
    """The tests of `if self.session: raise RuntimeError("already started")`: to come here twice is called a mistake."""
    return {
        each
        for node in flow.function.nodes.of(ast.If)
        if isinstance(node.body[-1], ast.Raise)
        for each in ast.walk(node.test)
    }
