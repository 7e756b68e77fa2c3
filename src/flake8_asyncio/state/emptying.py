"""Collections that are emptied after a suspension during which others add to what was read before it.

`await self.post(self.pending)`, then `self.pending.clear()`: what came meanwhile is never posted.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.holding import suspension_in
from flake8_asyncio.state.locks import guarded
from flake8_asyncio.state.nodes import bodies
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.state.values import COLLECTIONS, classify
from flake8_asyncio.state.vocabulary import last_name
from flake8_asyncio.syntax.nodes import Nodes, own_nodes

_LOOKING = frozenset({"len", "bool", "any", "isinstance", "repr", "str", "id", "type"})


def races(function: Function, summaries: Summaries) -> Iterator[Race]:
    """What one coroutine function empties too late."""
    if vocabulary.TEARDOWN.search(function.name):
        return
    if not function.file.clears:
        if not any(_is_empty(each.value) for each in function.nodes.of(ast.Assign)):
            return
    emptied = [each for each in _emptied(function) if _position(each[1]) > _first(function)]
    if not emptied:
        return
    locked = guarded(function, summaries.oracle, by_threads=True)
    for place, statement, target, before in emptied:
        if statement in locked or sharing.is_exempt(place, function, summaries.oracle, True):
            continue
        found = _worked_through(place, function, before, summaries)
        called: set[Function] = set()
        if found is None and not _may_begin_anew(function) and function.made(place) & COLLECTIONS:
            found = _used(place, function, before, summaries)
            called = {callee for _, callee in function.own_calls}
        adding = _adding(place, function, called) if found is not None else None
        if found is None or adding is None:
            continue
        read, suspension = found
        source = function.file.source
        yield Race(
            "lost-update",
            ast.unparse(target),
            function.label,
            source.span(statement),
            source.span(read),
            source.span(suspension),
            source.span(statement),
            detail=adding,
        )


def _emptied(function: Function) -> Iterator[tuple[Place, ast.stmt, ast.expr, list[ast.stmt]]]:
    """Each place that is emptied as a whole, with the statements before that lead there."""
    for body in bodies(function.node.body):
        for position, statement in enumerate(body):
            match statement:
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=target, attr="clear"), args=[])):
                    pass
                case ast.Assign(targets=[target], value=value) if _is_empty(value):
                    pass
                case _:
                    continue
            place = function.place(target)
            if place is not None:
                yield place, statement, target, body[:position]


def _may_begin_anew(function: Function) -> bool:
    """Whether it is named for setting things up or dropping them, where what was added is not waited for."""
    return any(words.search(function.name) for words in (vocabulary.STARTUP, vocabulary.ENDING))


def _worked_through(
    place: Place, function: Function, before: list[ast.stmt], summaries: Summaries
) -> tuple[ast.expr, ast.expr] | None:
    """A loop over the place, or a copy of it, and the suspension in it."""
    for statement in reversed(before):
        if isinstance(statement, ast.For):
            read = next((each for each in ast.walk(statement.iter) if function.place(each) == place), None)
            suspension = suspension_in(statement.body, function, summaries) if read is not None else None
            if isinstance(read, ast.expr) and suspension is not None and not _ends(suspension):
                return read, suspension
    return None


def _is_empty(value: ast.expr) -> bool:
    match value:
        case ast.List() | ast.Set() | ast.Tuple():
            return not value.elts
        case ast.Dict():
            return not value.keys
        case ast.Call(args=[], keywords=[]):
            return classify(value) == "absent"
    return False


def _used(
    place: Place, function: Function, before: list[ast.stmt], summaries: Summaries
) -> tuple[ast.expr, ast.expr] | None:
    """The last read of the place, if what is in it is used and a suspension follows, and that suspension."""
    nodes = own_nodes(before)
    named: list[ast.Name | ast.Attribute] = [*nodes.of(ast.Name), *nodes.of(ast.Attribute)]
    reads = [each for each in named if isinstance(each.ctx, ast.Load) and function.place(each) == place]
    if not reads or any(_bound(each, function) == place for each in nodes.of(ast.Assign)):
        return None
    last = max(reads, key=_position)
    looked = _looked_at(nodes)
    if all(each in looked for each in reads):
        return None
    waits = [
        node
        for node in nodes.of(ast.Await)
        if (node.end_lineno or 0, node.end_col_offset or 0) > _position(last)
        and summaries.await_suspends(node.value, function)
    ]
    if not waits or any(_ends(node) for node in waits):
        return None
    return last, waits[0]


def _ends(wait: ast.expr) -> bool:
    """Whether what is waited for is the end of what is in the collection: nothing of it is lost."""
    names = {last_name(each) for each in ast.walk(wait) if isinstance(each, ast.Name | ast.Attribute)}
    return any(vocabulary.TEARDOWN.search(name) or vocabulary.ENDING.search(name) or name == "gather" for name in names)


def _bound(statement: ast.Assign, function: Function) -> Place | None:
    return function.place(statement.targets[0])


def _looked_at(nodes: Nodes) -> set[ast.AST]:
    """What only decides which way to go, or how many there are."""
    found: set[ast.AST] = set()
    tests = [node.test for node in nodes.of(ast.If)] + [node.test for node in nodes.of(ast.While)]
    for test in (*tests, *(node.test for node in nodes.of(ast.IfExp))):
        found.update(ast.walk(test))
    for call in nodes.of(ast.Call):
        if isinstance(call.func, ast.Name) and call.func.id in _LOOKING:
            found.update(each for argument in call.args for each in ast.walk(argument))
    return found


def _adding(place: Place, function: Function, called: set[Function]) -> str | None:
    """Where another function adds to it, one that is not just waited for."""
    found = [
        change
        for change in function.file.place_changes(place, function)
        if change.operation in vocabulary.GROWING | {"setitem"}
        and change.function not in called
        and change.function is not function.parent
        and change.function is not function
        and not vocabulary.CONSTRUCTION.match(change.function.name)
    ]
    if not found:
        return None
    first = min(found, key=lambda each: each.node.lineno)
    return f"`{first.function.name}()` at line {first.node.lineno}"


def _first(function: Function) -> tuple[int, int]:
    return min((_position(each) for each in function.nodes.of(ast.Await)), default=(1 << 30, 0))


def _position(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset
