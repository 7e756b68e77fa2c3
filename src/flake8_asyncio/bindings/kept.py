"""Which coroutines are kept on attributes that a class uses as values or gives values, and nothing awaits or hands on.

An attribute outlives its function, so what becomes of it is looked up in the whole class, and in the file by its name;
but what the next statement that has to do with it does to it comes first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.syntax.nodes import Nodes, children, walk
from flake8_asyncio.syntax.source import Source, Span

_OWN = frozenset(
    {"close", "send", "throw", "cr_frame", "cr_running", "cr_await", "cr_code", "__await__", "__aenter__", "__aexit__"}
)
_LOOKING = frozenset({"bool", "hasattr", "id", "isinstance", "len", "print", "repr", "str", "type"})
_TAKERS = (
    ast.Await, ast.Call, ast.keyword, ast.Starred, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Assign, ast.AnnAssign,
    ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.withitem, ast.AsyncFor, ast.IfExp,
)  # fmt: skip


def kept(source: Source) -> dict[Span, tuple[str, Span]]:
    """The expressions whose values are assigned to such attributes: how the attribute is written, and a use of it."""
    every = walk(source.tree)
    parents = {id(child): node for node in every for child in children(node)}
    nodes = Nodes(every)
    handed = {each.attr for each in nodes.of(ast.Attribute) if _is_handed(each, parents.get(id(each)))}
    found: dict[Span, tuple[str, Span]] = {}
    for owner in nodes.of(ast.ClassDef):
        inner = Nodes(walk(*owner.body))
        used = {
            each.attr: source.span(each)
            for each in reversed(inner.of(ast.Attribute))
            if _is_own(each) and _is_value(each, parents.get(id(each)))
        }
        assigned = list(_assigned(inner))
        for name, statement in assigned:  # what `await` gave once is a value, and so is `True`
            if isinstance(statement.value, ast.Await) or _is_constant(statement.value):
                used.setdefault(name, source.span(statement.targets[0]))
        for name, statement in assigned:
            if name in used and name not in handed:
                found[source.span(statement.value)] = (f"self.{name}", used[name])
            elif following := _next_use(name, statement, parents):
                found[source.span(statement.value)] = (f"self.{name}", source.span(following))
    for function in nodes.of(ast.AsyncFunctionDef):
        found.update(_of_others(source, Nodes(walk(*function.body)), handed))
    return found


def _is_constant(value: ast.expr) -> bool:
    """Whether a value is a constant that stands for no more than itself, as `None` may."""
    return isinstance(value, ast.Constant) and value.value is not None and value.value is not Ellipsis


def _of_others(source: Source, nodes: Nodes, handed: set[str]) -> Iterator[tuple[Span, tuple[str, Span]]]:
    """What a function gives an attribute of another object that gets elsewhere in it what `await` gave."""
    assigned: dict[str, list[ast.Assign]] = {}
    for statement in nodes.of(ast.Assign):
        target = statement.targets[0]
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and not _is_own(target):
            if target.attr not in handed:
                assigned.setdefault(f"{target.value.id}.{target.attr}", []).append(statement)
    for name, statements in assigned.items():
        values = [each for each in statements if _is_awaited(each.value, nodes)]
        for statement in statements if values else ():
            if isinstance(statement.value, ast.Call):
                yield source.span(statement.value), (name, source.span(values[0].targets[0]))


def _is_awaited(value: ast.expr, nodes: Nodes) -> bool:
    """Whether a value is what `await` gave, if need be by way of a name that has nothing else."""
    if isinstance(value, ast.Name):
        given = [each.value for each in nodes.of(ast.Assign) if _names(each) == [value.id]]
        return bool(given) and all(isinstance(each, ast.Await) for each in given)
    return isinstance(value, ast.Await)


def _names(statement: ast.Assign) -> list[str]:
    """The plain names that a statement assigns to."""
    return [each.id for each in statement.targets if isinstance(each, ast.Name)]


def _assigned(nodes: Nodes) -> Iterator[tuple[str, ast.Assign]]:
    for statement in nodes.of(ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Attribute) and _is_own(target):
                yield target.attr, statement


def _next_use(name: str, statement: ast.Assign, parents: dict[int, ast.AST]) -> ast.Attribute | None:
    """Where the statements that follow first read the attribute, if they use it there as a value."""
    for block in (getattr(parents[id(statement)], each, ()) for each in ("body", "orelse", "finalbody")):
        if statement in block:
            for following in block[block.index(statement) + 1 :]:
                reads = [each for each in Nodes(walk(following)).of(ast.Attribute) if _is_own(each)]
                for each in reads:
                    if each.attr == name:
                        return each if _is_value(each, parents.get(id(each))) else None
    return None


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _is_value(node: ast.Attribute, parent: ast.AST | None) -> bool:
    """Whether something is done with an attribute that a coroutine does not allow."""
    match parent:
        case ast.Attribute(attr=attr):
            return attr not in _OWN
        case ast.Subscript(value=value) | ast.For(iter=value) | ast.comprehension(iter=value):
            return value is node
    return False


def _is_handed(node: ast.Attribute, parent: ast.AST | None) -> bool:
    """Whether an attribute goes to where it may be awaited."""
    if not isinstance(node.ctx, ast.Load) or not isinstance(parent, _TAKERS):
        return False
    match parent:
        case ast.Call(func=ast.Name(id=name)) if name in _LOOKING:
            return False
        case ast.Call(func=callee):
            return callee is not node
        case ast.IfExp(test=test):
            return test is not node
    return True
