"""Task groups and timeouts: what stands in their bodies that should not, or does not that should."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.lifetime.names import Names, last_name, suspends
from flake8_asyncio.syntax.nodes import own, own_statements, walk

_TIMEOUTS = frozenset({"asyncio.timeout", "asyncio.timeout_at", "asyncio.timeouts.timeout", "async_timeout.timeout"})
_GROUPS = frozenset({"asyncio.TaskGroup", "asyncio.taskgroups.TaskGroup", "anyio.create_task_group"})
_SCOPES = frozenset({"anyio.fail_after", "anyio.move_on_after", "anyio.CancelScope"})
_GENERATORS = ("contextmanager", "fixture", "lifespan")
_JUMPS = {ast.Return: "return", ast.Break: "break", ast.Continue: "continue"}

Found = tuple[str, ast.stmt | ast.expr, str]


def troubles(function: ast.AsyncFunctionDef, names: Names) -> Iterator[Found]:
    """What is wrong in the scopes of a coroutine."""
    is_manager = any(
        part in last_name(each.func if isinstance(each, ast.Call) else each).lower()
        for each in function.decorator_list
        for part in _GENERATORS
    )
    statements = own_statements(function)
    blocks: list[ast.With | ast.AsyncWith] = [*statements.of(ast.AsyncWith), *statements.of(ast.With)]
    for node in blocks:
        for item in node.items:
            path = names.called(item.context_expr)
            if path in _TIMEOUTS and not suspends(node.body) and isinstance(node, ast.AsyncWith):
                if len(node.items) == 1:
                    yield "timeout", node, path
            if path in _TIMEOUTS | _GROUPS | _SCOPES and not is_manager:
                for each in own(node.body):
                    if isinstance(each, ast.Yield):
                        yield "yield", each, path
            if path in _GROUPS:
                called = {last_name(each.func) for each in own(node.body) if isinstance(each, ast.Call)}
                if item.optional_vars is not None and not any("cancel" in each for each in called):
                    yield from (("jump", each, _JUMPS[type(each)]) for each in _jumps(node.body))
                if isinstance(item.optional_vars, ast.Name):
                    yield from _borrowed(node, item.optional_vars.id)


def _jumps(body: list[ast.stmt], is_in_loop: bool = False) -> Iterator[ast.stmt]:
    """The statements that leave a body, but for loops inside it."""
    for statement in body:
        match statement:
            case ast.Return():
                yield statement
            case ast.Break() | ast.Continue():
                if not is_in_loop:
                    yield statement
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                continue
            case ast.For() | ast.AsyncFor() | ast.While():
                yield from _jumps(statement.body, True)
                yield from _jumps(statement.orelse, is_in_loop)
            case _:
                for name in ("body", "orelse", "finalbody"):
                    yield from _jumps(getattr(statement, name, []), is_in_loop)
                for handler in getattr(statement, "handlers", []):
                    yield from _jumps(handler.body, is_in_loop)
                for case in getattr(statement, "cases", []):
                    yield from _jumps(case.body, is_in_loop)


def _borrowed(group: ast.AsyncWith | ast.With, name: str) -> Iterator[Found]:
    """The tasks of a group that are given what a block inside the group closes."""
    for node in own(group.body):
        if not isinstance(node, ast.AsyncWith | ast.With):
            continue
        bound = {
            each.id
            for item in node.items
            if item.optional_vars is not None
            for each in walk(item.optional_vars)
            if isinstance(each, ast.Name)
        }
        for statement in own(node.body):
            match statement:
                case ast.Expr(
                    value=ast.Call(
                        func=ast.Attribute(value=ast.Name(id=owner), attr="create_task" | "start_soon")
                    ) as call
                ) if owner == name:
                    used = {each.id for argument in call.args for each in own([argument]) if isinstance(each, ast.Name)}
                    if used & bound:
                        yield "borrowed", call, sorted(used & bound)[0]
