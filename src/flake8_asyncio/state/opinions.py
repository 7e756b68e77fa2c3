"""Doubtful uses of shared state that need the whole class: locks taken here and not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.changes import Change
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.holding import suspension_in
from flake8_asyncio.state.index import Class, File
from flake8_asyncio.state.lattice import LockKey
from flake8_asyncio.state.locks import lock_key
from flake8_asyncio.state.nodes import bodies
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.state.values import classify
from flake8_asyncio.syntax.nodes import own_nodes

KINDS = frozenset({"inconsistent-lock", "non-atomic-rebuild"})
_REBUILDING = re.compile(r"(?i)sync|reload|refresh|update|rebuild|fetch|poll")


def races(file: File, summaries: Summaries) -> Iterator[Race]:
    """The doubtful uses in a file."""
    for owner in file.classes.values():
        yield from _inconsistent(owner, summaries)
    for function in file.all:
        if function.is_async and function.has_suspension:
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
