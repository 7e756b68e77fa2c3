"""Requests whose replies another task may read: sending and receiving over one connection, each with a suspension.

`await self.socket.send(request)`, then `return await self.socket.recv()`: a second task sends in between, and takes the
reply to the first request, or both wait in `recv` at once, which many streams refuse.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.index import Class
from flake8_asyncio.state.locks import guarded
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.syntax.nodes import own

_SENDS = frozenset(
    """send sendall send_json send_str send_bytes send_text send_string send_multipart send_pyobj write writelines
    sock_sendall""".split()
)
_RECEIVES = frozenset(
    """recv receive receive_json receive_str receive_bytes receive_text recv_json recv_string recv_multipart recv_pyobj
    read readline readexactly readuntil sock_recv""".split()
)
_REQUESTING = vocabulary.Words(
    r"(?i)(^|_)(send|call|query|request|command|cmd|execute|exec|ask|rpc|invoke|transact|communicate|exchange|roundtrip"
    r"|perform|talk)(_|$)"
)
_PAIRED = re.compile(r"(?i)writer|reader|stdin|stdout")


class _Act(NamedTuple):
    """Something is sent to, or received from, what an attribute of the object holds."""

    root: str
    node: ast.expr


def races(function: Function, summaries: Summaries) -> Iterator[Race]:
    """The exchange of one coroutine function that a second one can come between."""
    owner = function.owner
    if not function.self_name or owner is None or not _is_for_requests(function):
        return
    received = list(_acts(function, _RECEIVES, awaited=True))
    sent = list(_acts(function, _SENDS, awaited=False)) if received else []
    if not sent or _is_a_part(owner) or function.name in vocabulary.ONCE:
        return
    locked = guarded(function, summaries.oracle, by_threads=True)
    endless = {
        each
        for loop in function.nodes.of(ast.While)
        if isinstance(loop.test, ast.Constant)
        and not any(isinstance(each, ast.Return | ast.Break) for each in own(loop.body))
        for each in own(loop.body)
    }
    for receiving in received:
        before = [
            each
            for each in sent
            if each.node.lineno <= receiving.node.lineno
            and each.node is not receiving.node
            and each.root == receiving.root
        ]
        if not before or receiving.node in locked | endless or before[0].node in locked:
            continue
        if sharing.is_exempt(("self", receiving.root), function, summaries.oracle) or _is_locked(function, summaries):
            return
        source = function.file.source
        yield Race(
            "interleaved-exchange",
            ast.unparse(receiving.node),
            function.label,
            source.span(receiving.node),
            source.span(before[0].node),
            source.span(receiving.node),
        )
        return


def _is_a_part(owner: Class) -> bool:
    """Whether another object is named to use it, which decides when it does."""
    parts = ("Protocol", "Transport", "Handler", "Stream")
    return any(name.endswith(parts) for name in (owner.name, *owner.base_names))


def _is_locked(function: Function, summaries: Summaries) -> bool:
    """Whether some function of the file calls it with a lock held."""
    return any(
        vocabulary.last_name(call.func) == function.name and call in guarded(other, summaries.oracle, by_threads=True)
        for other in function.file.all
        for call in other.nodes.of(ast.Call)
    )


def _is_for_requests(function: Function) -> bool:
    """Whether it is named for requests, and several methods or anybody may make one."""
    name, owner = function.name, function.owner
    if owner is None or not _REQUESTING.search(name) or vocabulary.HOLDS_LOCK.search(name):
        return False
    callers = {each for each in owner.callers.get(name, ()) if not vocabulary.BEGINS.search(each)}
    if not name.startswith("_") and name not in owner.callers:
        return True
    return len(callers) > 1 or any(not each.startswith("_") and _REQUESTING.search(each) for each in callers)


def _acts(function: Function, methods: frozenset[str], awaited: bool) -> Iterator[_Act]:
    """What the function itself does, and what the helpers do that it awaits or calls, each in one place of it."""
    for call, root in _own(function, methods, awaited):
        yield _Act(root, call)
    for call, callee in function.own_calls:
        if callee is not function and (call in function.awaited or not callee.is_async):
            roots = {root for _, root in _own(callee, methods, awaited)}
            yield from (_Act(root, call) for root in sorted(roots))


def _own(function: Function, methods: frozenset[str], awaited: bool) -> Iterator[tuple[ast.Call, str]]:
    for call in function.nodes.of(ast.Call):
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in methods:
            continue
        if awaited and call not in function.awaited:
            continue
        place = _connection(call.func.value, function)
        if place is not None:
            yield call, place


def _connection(node: ast.expr, function: Function) -> str | None:
    """The attribute that a connection is reached through; the two ends of a stream are one."""
    if isinstance(node, ast.Name) and node.id in function.aliases:
        node = function.aliases[node.id]
    place: Place | None = function.place(node)
    if place is None or place[0] != "self" or len(place) < 2:
        return None
    return _PAIRED.sub("stream", place[1])
