"""Doubtful uses of shared state that need the whole class: locks taken here and not there, uses of what may be gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.flow import Flow
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.holding import suspension_in
from flake8_asyncio.state.index import Change, Class, File
from flake8_asyncio.state.lattice import LockKey, State
from flake8_asyncio.state.locks import lock_key
from flake8_asyncio.state.nodes import bodies
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.reach import suspensions
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.state.values import classify
from flake8_asyncio.syntax.graph import Event, Kind
from flake8_asyncio.syntax.nodes import own_nodes

KINDS = frozenset({"inconsistent-lock", "stale-use", "non-atomic-rebuild"})
_REBUILDING = re.compile(r"(?i)sync|reload|refresh|update|rebuild|fetch|poll")


def races(file: File, summaries: Summaries) -> Iterator[Race]:
    """The doubtful uses in a file."""
    for owner in file.classes.values():
        yield from _inconsistent(owner, summaries)
    for function in file.all:
        if function.is_async and function.has_suspension:
            yield from _stale_uses(function, summaries)
            yield from _rebuilt(function, summaries)


# Locks that one function takes and another does not


def _inconsistent(owner: Class, summaries: Summaries) -> Iterator[Race]:
    """Attributes that a lock covers on both sides of a suspension, and that are written elsewhere without it."""
    covered: dict[str, tuple[LockKey, Function, ast.expr, ast.expr]] = {}
    for function in owner.functions:
        for node in function.nodes.of(ast.AsyncWith):
            for item in node.items:
                found = lock_key(item.context_expr, function, summaries.oracle)
                suspension = suspension_in(node.body, function, summaries) if found is not None else None
                if found is not None and suspension is not None:
                    for name in _spanning(node.body, function, suspension):
                        covered.setdefault(name, (found[0], function, item.context_expr, suspension))
    for name, (key, holder, manager, suspension) in covered.items():
        for change in owner.changes.get(name, ()):
            if _is_free(change, key, holder, owner, summaries):
                source = owner.file.source
                yield Race(
                    "inconsistent-lock",
                    f"self.{name}",
                    change.function.label,
                    source.span(change.node),
                    source.span(manager),
                    source.span(suspension),
                    source.span(change.node),
                    detail=f"`{holder.name}()`",
                )
                break


def _spanning(body: list[ast.stmt], function: Function, suspension: ast.expr) -> set[str]:
    """The attributes that are used both before and after a suspension, in the lines of a body."""
    before: set[str] = set()
    after: set[str] = set()
    for node in own_nodes(body).of(ast.Attribute):
        place = function.place(node)
        if place is not None and place[0] == "self" and len(place) == 2:
            (before if node.lineno < suspension.lineno else after).add(place[1])
    return before & after


def _is_free(change: Change, key: LockKey, holder: Function, owner: Class, summaries: Summaries) -> bool:
    """Whether a change is made without the lock, by a function that others may call at any time."""
    function = change.function
    name = function.name
    if function is holder or vocabulary.CONSTRUCTION.match(name) or name in vocabulary.ONCE:
        return False
    if vocabulary.SETUP.search(name) or vocabulary.TEARDOWN.search(name) or vocabulary.HOLDS_LOCK.search(name):
        return False
    if name.startswith("_") and name in owner.callers:
        return False  # perhaps all of them hold it
    for node in function.nodes.of(ast.AsyncWith):
        for item in node.items:
            if lock_key(item.context_expr, function, summaries.oracle) is not None:
                return False
    return not any(isinstance(each.func, ast.Attribute) and each.func.attr == "acquire"
                   for each in function.nodes.of(ast.Call))  # fmt: skip


# Uses of what was tested before a suspension


def _stale_uses(function: Function, summaries: Summaries) -> Iterator[Race]:
    owner = function.owner
    if owner is None or not summaries.suspends(function):
        return
    vanishing = {
        place
        for place in set(function.places.values())
        if place[0] == "self" and len(place) == 2 and _vanishes(place[1], function, owner)
    }
    used = {
        node: place for node in function.nodes.of(ast.Attribute) if (place := function.place(node.value)) in vanishing
    }
    if not used or sharing.is_exempt(next(iter(vanishing)), function, summaries.oracle):
        return
    first = min(start for start, _ in suspensions(function))
    if all(node.lineno < first for node in used):
        return
    flow = Flow(function, summaries, frozenset(vanishing))
    if not flow.run(lambda flow, state, place, written, origins: None):
        return
    seen: set[Place] = set()
    for state, event in flow.replay():
        place = used.get(event.node) if event.kind is Kind.EVALUATE and isinstance(event.node, ast.Attribute) else None
        if place is not None and place not in seen and (race := _stale_use(flow, state, event, place)) is not None:
            seen.add(place)
            yield race


def _vanishes(name: str, function: Function, owner: Class) -> bool:
    """Whether another method that is not a test or set-up sets the attribute to None."""
    return any(
        change.operation == "bind"
        and change.value == "absent"
        and change.function is not function
        and not vocabulary.CONSTRUCTION.match(change.function.name)
        for change in owner.changes.get(name, ())
    )


def _stale_use(flow: Flow, state: State, event: Event, place: Place) -> Race | None:
    guards = [guard for guard in state.guards.values() if guard.place == place]
    stale = [guard for guard in guards if guard.stale is not None and guard.polarity == "present"]
    if not stale or len(stale) < len(guards):
        return None
    guard = stale[-1]
    source = flow.function.file.source
    suspension = guard.stale
    assert isinstance(event.node, ast.expr)
    return Race(
        "stale-use",
        ast.unparse(event.node.value) if isinstance(event.node, ast.Attribute) else "",
        flow.function.label,
        source.span(event.node),
        source.span(guard.read),
        source.span(suspension) if isinstance(suspension, ast.expr | ast.stmt) else None,
    )


# Collections that are emptied, and filled again bit by bit


def _rebuilt(function: Function, summaries: Summaries) -> Iterator[Race]:
    """`self.prices = {}`, then a loop that awaits and fills it: everybody else sees half of it."""
    if not _REBUILDING.search(function.name) or vocabulary.SETUP.search(function.name):
        return
    for body in bodies(function.node.body):
        emptied: dict[Place, ast.stmt] = {}
        for statement in body:
            place = _emptied(statement, function)
            if place is not None and not sharing.is_exempt(place, function, summaries.oracle):
                emptied[place] = statement
            elif isinstance(statement, ast.For | ast.AsyncFor | ast.While):
                suspension = suspension_in([statement], function, summaries)
                filled = {each for each in _filled(statement, function) if each in emptied}
                if suspension is not None:
                    for each in sorted(filled):
                        source = function.file.source
                        start = emptied.pop(each)
                        text = ".".join(each[1:]) if each[0] != "self" else ".".join((function.self_name, *each[1:]))
                        yield Race(
                            "non-atomic-rebuild",
                            text,
                            function.label,
                            source.span(start),
                            source.span(start),
                            source.span(suspension),
                            source.span(statement),
                        )


def _emptied(statement: ast.stmt, function: Function) -> Place | None:
    match statement:
        case ast.Assign(targets=[target], value=ast.Dict() | ast.List() | ast.Set() | ast.Call() as value):
            return function.place(target) if classify(value) == "absent" else None
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=target, attr="clear"), args=[])):
            return function.place(target)
    return None


def _filled(loop: ast.stmt, function: Function) -> Iterator[Place]:
    nodes = own_nodes([loop])
    for assign in nodes.of(ast.Assign):
        for target in assign.targets:
            if isinstance(target, ast.Subscript) and (place := function.place(target.value)) is not None:
                yield place
    for call in nodes.of(ast.Call):
        match call.func:
            case ast.Attribute(value=value, attr=method) if method in vocabulary.GROWING:
                place = function.place(value)
                if place is not None:
                    yield place
