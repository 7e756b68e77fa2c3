"""What others take for ready is stored before it is: flags that are set early, collections that are filled late.

A flag that is tested before a lock is waited for, set inside and only then made true, lets everybody pass who comes
while the lock is held. A collection that is stored empty and filled after a suspension is found half-filled by those
who test whether it is there.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import NamedTuple

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.holding import suspension_in
from flake8_asyncio.state.locks import guarded, takes_lock
from flake8_asyncio.state.nodes import bindings, bodies
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.state.values import classify
from flake8_asyncio.state.vocabulary import last_name
from flake8_asyncio.syntax.nodes import Nodes, own_nodes

_COLLECTIONS = frozenset("dict list set defaultdict ordereddict bidict deque counter".split())
_GIVES_UP = (ast.Return, ast.Continue, ast.Break, ast.Raise)


def races(function: Function, summaries: Summaries) -> Iterator[Race]:
    """What one coroutine function stores too early."""
    if ast.If not in function.nodes:
        return
    if ast.AugAssign in function.nodes:
        yield from _counted(function, summaries)
    for entering in function.nodes.of(ast.AsyncWith):
        if takes_lock(entering, function, summaries.oracle):
            yield from _flags(function, entering, summaries)
    yield from _collections(function, summaries)


# Counters


def _counted(function: Function, summaries: Summaries) -> Iterator[Race]:
    """`self.users += 1`, then `if self.users == 1: await connect()`: the second user does not wait for the first."""
    for body in bodies(function.node.body):
        for counting, test in itertools.pairwise(body):
            match counting, test:
                case (
                    ast.AugAssign(target=ast.Attribute() as counter, op=ast.Add(), value=ast.Constant(value=1)),
                    ast.If(test=ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=1)]), orelse=[]),
                ) if ast.unparse(left) == ast.unparse(counter):
                    pass
                case _:
                    continue
            place = function.place(counter)
            suspension = suspension_in(test.body, function, summaries)
            if place is None or suspension is None or vocabulary.NESTING.search(place[-1]):
                continue
            if counting in guarded(function, summaries.oracle) or _waits(function, body, test) or _is_locked(function):
                continue
            if (
                place[0] == "self"
                and function.owner is not None
                and sharing.is_per_task(function.owner, summaries.oracle)
            ):
                continue
            source = function.file.source
            yield Race(
                "set-before-ready",
                ast.unparse(counter),
                function.label,
                source.span(counting),
                source.span(test.test),
                source.span(suspension),
                source.span(counting),
                form="counted",
            )


def _waits(function: Function, body: list[ast.stmt], test: ast.If) -> bool:
    """Whether everybody waits for something afterwards, be it what the first one does."""
    first, last = test.end_lineno or test.lineno, body[-1].end_lineno or 0
    return any(first < node.lineno <= last for node in function.nodes.of(ast.Await))


def _is_locked(function: Function) -> bool:
    return any(vocabulary.SERIALISING.search(each) for each in function.decorators)


# Flags


def _flags(function: Function, entering: ast.AsyncWith, summaries: Summaries) -> Iterator[Race]:
    """`if not ready: async with lock: if not ready: ready = True; await connect()`"""
    if vocabulary.TEARDOWN.search(function.name):
        return  # who closes what is being closed need not wait
    inside = own_nodes(entering.body)
    again = {place for node in inside.of(ast.If) for place, _ in _says(node.test, function)}
    tests: dict[Place, tuple[ast.If, bool]] = {}
    for node in function.nodes.of(ast.If):
        if node.lineno < entering.lineno:
            is_passed = _contains(node, entering)
            if is_passed or isinstance(node.body[-1], _GIVES_UP):
                for tested, is_true in _says(node.test, function):
                    if tested in again:
                        tests[tested] = (node, is_true is is_passed)  # what it is for those who go on to the lock
    if not tests:
        return
    for body in bodies(entering.body):
        for position, statement in enumerate(body):
            match statement:
                case ast.Assign(targets=[target], value=ast.Constant(value=value)):
                    pass
                case _:
                    continue
            place = function.place(target)
            if place is None or place not in tests or tests[place][1] is bool(value):
                continue
            if last_name(target).endswith("ing") or sharing.is_exempt(place, function, summaries.oracle, True):
                continue
            suspension = suspension_in(body[position + 1 :], function, summaries)
            if suspension is not None:
                source = function.file.source
                yield Race(
                    "set-before-ready",
                    ast.unparse(target),
                    function.label,
                    source.span(statement),
                    source.span(tests[place][0].test),
                    source.span(suspension),
                    source.span(statement),
                )


def _says(test: ast.expr, function: Function) -> Iterator[tuple[Place, bool]]:
    """The places of which a test being true says that they are true, or false."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from ((place, not is_true) for place, is_true in _says(operand, function))
        case ast.Compare(left=left, ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=value)]) if not value:
            yield from ((place, not is_true) for place, is_true in _says(left, function))
        case ast.Compare(left=left, ops=[ast.IsNot() | ast.NotEq()], comparators=[ast.Constant(value=value)]):
            yield from ((place, is_true is not bool(value)) for place, is_true in _says(left, function))
        case ast.Name() | ast.Attribute():
            place = function.place(test)
            if place is not None:
                yield place, True


def _contains(outer: ast.stmt, inner: ast.stmt) -> bool:
    return outer.lineno <= inner.lineno and (inner.end_lineno or 0) <= (outer.end_lineno or 0)


# Collections


class _Stored(NamedTuple):
    """An empty collection that is stored, and the first suspension before something is put into it."""

    place: Place
    target: ast.expr
    statement: ast.stmt
    suspension: ast.expr
    filled: int  # the line


def _collections(function: Function, summaries: Summaries) -> Iterator[Race]:
    """`if key not in tables: await load(key)`, where `load` stores an empty table and fills it later; or so itself."""
    locked: set[ast.AST] | None = None
    source = function.file.source
    for test in function.nodes.of(ast.If):
        missing = set(_missing(test.test, function))
        if not missing:
            continue
        if locked is None:
            locked = guarded(function, summaries.oracle)
        if test in locked:
            continue
        inside = own_nodes(test.body)
        for makers, node in _makers(function, inside):
            for stored in _stored(makers, summaries):
                is_here = makers is function
                if stored.place not in missing or (is_here and not _contains(test, stored.statement)):
                    continue
                if sharing.is_exempt(stored.place, function, summaries.oracle):
                    continue
                yield Race(
                    "set-before-ready",
                    ast.unparse(stored.target),
                    function.label,
                    source.span(stored.statement if node is None else node),
                    source.span(test.test),
                    source.span(stored.suspension),
                    source.span(stored.statement),
                    "" if is_here else makers.name,
                    "filled",
                    str(stored.filled),
                )


def _makers(function: Function, inside: Nodes) -> Iterator[tuple[Function, ast.expr | None]]:
    """The function itself, and the coroutine functions of the file that it awaits there."""
    if ast.Assign in inside:
        yield function, None
    for node in inside.of(ast.Await):
        callee = function.callee(node.value.func) if isinstance(node.value, ast.Call) else None
        if callee is not None and callee.is_async and callee is not function:
            yield callee, node


def _missing(test: ast.expr, function: Function) -> Iterator[Place]:
    """The collections of which a test says that they, or an item of them, are not there."""
    match test:
        case ast.BoolOp(values=values):
            for value in values:
                yield from _missing(value, function)
        case (
            ast.Compare(ops=[ast.NotIn()], comparators=[collection])
            | ast.UnaryOp(op=ast.Not(), operand=ast.Subscript(value=collection) | collection)
        ):
            place = function.place(collection)
            if place is not None:
                yield place


def _stored(function: Function, summaries: Summaries) -> Iterator[_Stored]:
    made = {
        target.id
        for target, value in bindings(function.nodes)
        if isinstance(target, ast.Name) and _is_empty_collection(value)
    }
    for body in bodies(function.node.body):
        for position, statement in enumerate(body):
            if not isinstance(statement, ast.Assign) or not isinstance(
                statement.targets[0], ast.Attribute | ast.Subscript
            ):
                continue
            target, value = statement.targets[0], statement.value
            place = function.place(target.value if isinstance(target, ast.Subscript) else target)
            is_local = isinstance(value, ast.Name) and value.id in made
            if place is None or not (is_local or _is_empty_collection(value)):
                continue
            rest = body[position + 1 :]
            names = {ast.unparse(target), ast.unparse(value)} if is_local else {ast.unparse(target)}
            filled = [node.lineno for node in _filling(rest, names)]
            suspension = suspension_in(rest, function, summaries) if filled else None
            if suspension is not None and suspension.lineno <= max(filled):
                yield _Stored(place, target, statement, suspension, max(filled))


def _is_empty_collection(value: ast.expr) -> bool:
    match value:
        case ast.Dict() | ast.List() | ast.Set():
            return classify(value) == "absent"
        case ast.Call(args=[], keywords=[]):
            return last_name(value).lower() in _COLLECTIONS
    return False


def _filling(body: list[ast.stmt], names: set[str]) -> Iterator[ast.expr]:
    """What is put into the collection, by one of these names."""
    nodes = own_nodes(body)
    for assign in nodes.of(ast.Assign):
        for target in assign.targets:
            if isinstance(target, ast.Subscript) and ast.unparse(target.value) in names:
                yield target
    for call in nodes.of(ast.Call):
        match call.func:
            case ast.Attribute(value=value, attr=method) if (
                method in vocabulary.GROWING and ast.unparse(value) in names
            ):
                yield call
