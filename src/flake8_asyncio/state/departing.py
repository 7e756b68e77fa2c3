"""Items of a shared collection that a loop over a copy of it takes out after a suspension, though others do too.

`for key in list(self.open): await self.close(key)`, then `del self.open[key]`: whoever closed it meanwhile took it out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.functions import Function
from flake8_asyncio.state.holding import suspension_in
from flake8_asyncio.state.iteration import item
from flake8_asyncio.state.locks import guarded
from flake8_asyncio.state.nodes import bodies
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries, forgiving_statements

_COPIES = frozenset({"list", "tuple", "sorted", "set"})
_VIEWS = frozenset({"items", "keys", "copy"})


def races(function: Function, summaries: Summaries) -> Iterator[Race]:
    """The removals of one coroutine function that may come second."""
    yield from _own(function, summaries)
    forgiven: set[ast.AST] | None = None
    for loop in function.nodes.of(ast.For):
        copied = _copied(loop.iter)
        place = function.place(copied[0]) if copied is not None else None
        if copied is None or place is None:
            continue
        key = loop.target.elts[0] if copied[1] and isinstance(loop.target, ast.Tuple) else loop.target
        found = next(_removals(function, loop, ast.unparse(copied[0]), ast.unparse(key), summaries), None)
        if found is None or sharing.is_exempt(place, function, summaries.oracle, True):
            continue
        statement, suspension = found
        others = [
            change
            for change in function.file.place_changes(place, function)
            if change.operation in vocabulary.SHRINKING - {"clear"} and change.function.name != function.name
        ]
        if forgiven is None:
            forgiven = forgiving_statements(function)
        if not others or statement in forgiven or statement in guarded(function, summaries.oracle):
            continue
        source = function.file.source
        yield Race(
            "stale-remove",
            f"{ast.unparse(copied[0])}[{ast.unparse(key)}]",
            function.label,
            source.span(statement),
            source.span(loop.iter),
            source.span(suspension),
            source.span(statement),
        )


def _own(function: Function, summaries: Summaries) -> Iterator[Race]:
    """`self.pending[key] = future`, a suspension, then `del self.pending[key]`, which others may have taken out."""
    if ast.Delete not in function.nodes and function.called.isdisjoint(("pop", "remove")):
        return
    stored: dict[tuple[str, str], ast.stmt] = {}
    removed: list[tuple[ast.stmt, ast.expr, str]] = []
    for body in bodies(function.node.body):
        for statement in body:
            if (kept := _kept(statement)) is not None:
                stored.setdefault(kept, statement)
            elif (taken := _taken(statement)) is not None:
                removed.append((statement, *taken))
    if not stored or not removed:
        return
    left_alone = forgiving_statements(function) | guarded(function, summaries.oracle)
    suspensions = [node for node in function.nodes.of(ast.Await) if summaries.await_suspends(node.value, function)]
    tests = _tests(function)
    for statement, collection, key in removed:
        name = ast.unparse(collection)
        before = stored.get((name, key))
        if before is None or before.lineno > statement.lineno:
            continue
        place = function.place(collection) or item(collection, function)
        if place is None or place[0] == "nonlocal" or sharing.is_exempt(place, function, summaries.oracle, True):
            continue
        if statement in left_alone:
            continue
        between = [each for each in suspensions if before.lineno < each.lineno < statement.lineno]
        if not between or any(
            before.lineno < line <= statement.lineno and {name, key} & asked for line, asked in tests
        ):
            continue
        if _gives_up(function, between[-1], statement):
            continue
        others = [
            change
            for change in function.file.place_changes(place, function)
            if change.operation in vocabulary.SHRINKING
            and change.function.name != function.name
            and change.function.parent is not function
        ]
        storing = {  # they take out what they put there themselves
            change.function
            for change in function.file.place_changes(place, function)
            if change.operation in ("setitem", "add", "append")
        }
        others = [change for change in others if change.function not in storing]
        if not others:
            continue
        first = min(others, key=lambda change: change.node.lineno)
        source = function.file.source
        yield Race(
            "stale-remove",
            f"{name}[{key}]",
            function.label,
            source.span(statement),
            source.span(before),
            source.span(between[0]),
            source.span(statement),
            form="own",
            detail=f"`{first.function.name}()` at line {first.node.lineno}",
        )


def _kept(statement: ast.stmt) -> tuple[str, str] | None:
    """The collection that a statement puts something into, and under which key or as what."""
    match statement:
        case ast.Assign(targets=[*_, ast.Subscript(value=value, slice=index)]) if not isinstance(index, ast.Slice):
            return ast.unparse(value), ast.unparse(index)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr="add" | "append"), args=[item])):
            return ast.unparse(value), ast.unparse(item)
    return None


def _taken(statement: ast.stmt) -> tuple[ast.expr, str] | None:
    """The collection that a statement takes something out of, or raises, and what."""
    match statement:
        case ast.Delete(targets=[ast.Subscript(value=value, slice=index)]) if not isinstance(index, ast.Slice):
            return value, ast.unparse(index)
        case (
            ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr="pop" | "remove"), args=[item], keywords=[]))
            | ast.Assign(value=ast.Call(func=ast.Attribute(value=value, attr="pop"), args=[item], keywords=[]))
        ):
            return value, ast.unparse(item)
    return None


def _tests(function: Function) -> list[tuple[int, set[str]]]:
    """Where the function tests something, and what is asked of there: the item, or the collection at all."""
    tests = [node.test for node in function.nodes.of(ast.If)] + [node.test for node in function.nodes.of(ast.While)]
    return [(test.lineno, set(map(ast.unparse, ast.walk(test)))) for test in tests]


def _gives_up(function: Function, suspension: ast.expr, removal: ast.stmt) -> bool:
    """Whether the function may find out after the suspension that all is over, and go no further."""
    return any(
        suspension.lineno < node.lineno < removal.lineno and isinstance(node.body[-1], ast.Return | ast.Raise)
        for node in function.nodes.of(ast.If)
    )


def _copied(iterated: ast.expr) -> tuple[ast.expr, bool] | None:
    """The collection of which a copy is iterated, and whether its items are pairs."""
    match iterated:
        case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _COPIES:
            match inner:
                case ast.Call(func=ast.Attribute(value=value, attr=view), args=[]) if view in _VIEWS:
                    return value, view == "items"
                case ast.Attribute() | ast.Name():
                    return inner, False
        case ast.Call(func=ast.Attribute(value=value, attr="copy"), args=[]):
            return value, False
    return None


def _removals(
    function: Function, loop: ast.For, collection: str, key: str, summaries: Summaries
) -> Iterator[tuple[ast.stmt, ast.expr]]:
    """Removals of the loop's key that follow a suspension without a test in between."""
    for body in bodies(loop.body):
        for position, statement in enumerate(body):
            if not _removes(statement, collection, key):
                continue
            suspension = suspension_in(body[:position], function, summaries)
            tested = any(collection in ast.unparse(each.test) for each in ast.walk(loop) if isinstance(each, ast.If))
            if suspension is not None and not tested:
                yield statement, suspension


def _removes(statement: ast.stmt, collection: str, key: str) -> bool:
    match statement:
        case ast.Delete(targets=[ast.Subscript(value=value, slice=index)]):
            return ast.unparse(value) == collection and ast.unparse(index) == key
        case (
            ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr="pop" | "remove"), args=[item], keywords=[]))
            | ast.Assign(value=ast.Call(func=ast.Attribute(value=value, attr="pop"), args=[item], keywords=[]))
        ):
            return ast.unparse(value) == collection and ast.unparse(item) == key
    return False
