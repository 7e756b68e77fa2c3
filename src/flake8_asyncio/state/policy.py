"""Opinions about locks that go beyond what can go wrong: mutation without one, and one without a suspension."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.changes import collection_changes
from flake8_asyncio.state.functions import Function
from flake8_asyncio.state.holding import suspension_in
from flake8_asyncio.state.index import File
from flake8_asyncio.state.lattice import LockKey
from flake8_asyncio.state.locks import guarded, lock_key
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.state.values import COLLECTIONS

KINDS = frozenset({"unlocked-mutation", "useless-lock"})


def unlocked_mutations(function: Function, summaries: Summaries) -> Iterator[Race]:
    """Changes of shared collections in a coroutine function that no asyncio lock surrounds."""
    if vocabulary.CONSTRUCTION.match(function.name):
        return
    locked = guarded(function, summaries.oracle)
    for collection, change in collection_changes(function):
        place = function.place(collection)
        if place is None or change.node in locked or sharing.is_exempt(place, function, summaries.oracle):
            continue
        if not function.made(place) & COLLECTIONS and not summaries.oracle.container(collection, function.node):
            continue
        span = function.file.source.span(change.node)
        yield Race("unlocked-mutation", ast.unparse(collection), function.label, span, write=span)


def useless_locks(file: File, summaries: Summaries) -> Iterator[Race]:
    """Asyncio locks of which no holder ever suspends: nothing could run while they are held anyway."""
    regions: dict[LockKey, list[tuple[Function, ast.AsyncWith, ast.expr]]] = {}
    busy: set[LockKey] = set()
    for function in file.all:
        for node in function.nodes.of(ast.AsyncWith):
            for item in node.items:
                found = lock_key(item.context_expr, function, summaries.oracle)
                if found is None or found[1].flavour != "asyncio" or found[1].kind != "lock":
                    continue
                key = (*found[0], function.owner.name if function.owner else "")
                regions.setdefault(key, []).append((function, node, item.context_expr))
                if len(node.items) > 1 or suspension_in(node.body, function, summaries) is not None:
                    busy.add(key)
        for call in function.nodes.of(ast.Call):
            match call:
                case ast.Call(func=ast.Attribute(value=owner, attr="acquire" | "locked")):
                    found = lock_key(owner, function, summaries.oracle)
                    if found is not None:
                        busy.add((*found[0], function.owner.name if function.owner else ""))
    for key, uses in regions.items():
        if key not in busy:
            for function, node, manager in uses:
                span = function.file.source.span(node)
                yield Race("useless-lock", ast.unparse(manager), function.label, span)
