"""Which expressions are locks, and under which key a held one is known.

An expression that only has the name of a lock protects what it covers, and so hides races; it never makes a finding
for being the wrong kind.
"""

from __future__ import annotations

import ast

from flake8_asyncio.state.functions import Function
from flake8_asyncio.state.lattice import LockKey
from flake8_asyncio.state.oracle import Lock, Oracle
from flake8_asyncio.state.vocabulary import LOCK, last_name
from flake8_asyncio.syntax.nodes import own

_UNKNOWN = Lock("unknown")


def known_lock(node: ast.expr, function: Function, oracle: Oracle) -> Lock | None:
    """The lock that `node` is by the constructor or annotation that made it."""
    locks = [made for made in _made(node, function) if isinstance(made, Lock)]
    if locks:
        return min(locks, key=lambda lock: (lock.flavour, lock.kind, lock.is_exclusive))
    return oracle.lock(node, function.node)


def _made(node: ast.expr, function: Function) -> set[str | Lock | None]:
    place = function.place(node)
    if place is not None:
        return function.made(place)
    if isinstance(node, ast.Name) and node.id in function.parameters:
        made = function.file.given.get((function, node.id), set())
        return made if None not in made else set()
    if isinstance(node, ast.Name) and node.id not in function.local_names:
        return function.captured.get(node.id) or function.file.names.get(node.id, set())
    return set()


def lock_key(node: ast.expr, function: Function, oracle: Oracle) -> tuple[LockKey, Lock] | None:
    """The key and kind of a lock that excludes other tasks, or threads; by its type, or else by its name."""
    if isinstance(node, ast.Await):
        node = node.value
    lock = known_lock(node, function, oracle)
    if lock is not None:
        # A thread that holds an RLock gets it again, and all tasks are in one thread.
        is_exclusive = lock.is_exclusive and (lock.flavour, lock.kind) != ("thread", "rlock")
        return (_key(node, function), lock) if is_exclusive else None
    names = [node]
    if isinstance(node, ast.Call):
        names += [node.func, *(each for each in node.args if not isinstance(each, ast.Constant))]
        if isinstance(node.func, ast.Attribute):
            names.append(node.func.value)  # `self.linearizer.queue(room)`
    said = [each.rpartition(".")[2] for each in oracle.said.locks]
    if any(LOCK.search(last_name(each)) or last_name(each) in said for each in names):
        return _key(node, function), _UNKNOWN
    return None


def takes_lock(node: ast.AsyncWith | ast.With, function: Function, oracle: Oracle) -> bool:
    """Whether a lock is held while the body of a `with` runs."""
    return any(lock_key(item.context_expr, function, oracle) for item in node.items)


def guarded(function: Function, oracle: Oracle, *, by_threads: bool = False) -> set[ast.AST]:
    """What of a function's own code stands in the body of an `async with` that takes a lock, or of a `with` too."""
    managed: list[ast.AsyncWith | ast.With] = [*function.nodes.of(ast.AsyncWith)]
    if by_threads:
        managed += function.nodes.of(ast.With)
    return {each for node in managed if takes_lock(node, function, oracle) for each in own(node.body)}


def _key(node: ast.expr, function: Function) -> LockKey:
    place = function.place(node)
    if place is not None:
        return ("lock", *place)
    if isinstance(node, ast.Name) and node.id not in function.local_names:
        return ("lock", "nonlocal" if node.id in function.captured else "global", node.id)
    return ("lock", "", ast.unparse(node))
