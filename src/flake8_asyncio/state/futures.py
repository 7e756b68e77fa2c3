"""Futures that an object keeps for all who wait, and that the first waiter who gives up cancels for everybody.

To cancel a task cancels the future that it waits for, and so does `wait_for` when its time is over. The others get
`CancelledError` too, and whoever sets the result later gets `InvalidStateError`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.nodes import bindings
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.state.vocabulary import last_name

_MAKES = frozenset({"create_future", "Future"})
_SETTLES = frozenset({"set_result", "set_exception"})
_ASKS = frozenset({"done", "cancelled"})


def races(function: Function, summaries: Summaries) -> Iterator[Race]:
    """The waits of one coroutine function that end a future which is not its own."""
    owner = function.owner
    if owner is None or not function.self_name or not function.file.settles:
        return
    if (
        function.name.startswith("_")
        or owner.spawned.get(function.name, 0)
        or vocabulary.TEARDOWN.search(function.name)
        or vocabulary.BEGINS.search(function.name)
    ):
        return  # one task waits there
    for wait in function.nodes.of(ast.Await):
        waited = _waited(wait.value)
        place = function.place(waited) if waited is not None else None
        if waited is None or place is None or place[0] != "self" or len(place) != 2:
            continue
        if not _is_kept(place, function) or sharing.is_exempt(place, function, summaries.oracle):
            continue
        settled = _settled_blindly(place, function)
        if settled is None:
            continue
        source = function.file.source
        yield Race(
            "shared-future-cancelled",
            ast.unparse(waited),
            function.label,
            source.span(wait),
            suspension=source.span(wait),
            write=source.span(settled[1]),
            via=settled[0].name,
        )


def _waited(operand: ast.expr) -> ast.expr | None:
    match operand:
        case ast.Attribute():
            return operand
        case ast.Call(args=[ast.Attribute() as waited, *_]) if last_name(operand.func) == "wait_for":
            return waited
    return None


def _is_kept(place: Place, function: Function) -> bool:
    """Whether other functions of the class put a future there, and this one does not."""
    owner = function.owner
    makers = {
        each
        for each in (owner.functions if owner is not None else ())
        for target, value in bindings(each.nodes)
        if isinstance(value, ast.Call) and last_name(value.func) in _MAKES and each.place(target) == place
    }
    return bool(makers) and function not in makers


def _settled_blindly(place: Place, function: Function) -> tuple[Function, ast.Call] | None:
    """Where a function of the class sets the result without asking whether the future is done."""
    for each in function.owner.functions if function.owner is not None else ():
        if vocabulary.CONSTRUCTION.match(each.name):
            continue
        calls = [
            (call, call.func.attr)
            for call in each.nodes.of(ast.Call)
            if isinstance(call.func, ast.Attribute) and each.place(call.func.value) == place
        ]
        if not any(method in _ASKS for _, method in calls):
            settled = next((call for call, method in calls if method in _SETTLES), None)
            if settled is not None:
                return each, settled
    return None
