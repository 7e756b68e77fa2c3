"""Locks and other managers that are held wrongly, as the text alone shows."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import vocabulary
from flake8_asyncio.state.functions import Function
from flake8_asyncio.state.locks import known_lock, lock_key
from flake8_asyncio.state.nodes import acquired, assignments, bodies
from flake8_asyncio.state.oracle import Lock
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.state.values import absolute, lock
from flake8_asyncio.state.vocabulary import last_name
from flake8_asyncio.syntax.nodes import own_nodes
from flake8_asyncio.syntax.source import Span


def races(function: Function, summaries: Summaries) -> Iterator[Race]:
    """The wrong uses of locks in one coroutine function."""
    if ast.With in function.nodes:
        yield from _across_suspension(function, summaries)
    if ast.AsyncWith in function.nodes:
        yield from _per_call(function)
    if ast.AsyncWith in function.nodes or any(map(acquired, function.nodes.of(ast.Await))):
        yield from _reentered(function, summaries)


def _race(
    kind: str,
    function: Function,
    node: ast.expr | ast.stmt,
    subject: ast.expr,
    read: Span | None = None,
    suspension: Span | None = None,
    via: str = "",
) -> Race:
    return Race(kind, ast.unparse(subject), function.label, function.file.source.span(node), read, suspension, via=via)


def suspension_in(body: list[ast.stmt], function: Function, summaries: Summaries) -> ast.expr | None:
    """The first suspension in a body that may really suspend."""
    nodes = own_nodes(body)
    found: list[ast.expr] = [node for node in nodes.of(ast.Await) if summaries.await_suspends(node.value, function)]
    found += [node.iter for node in nodes.of(ast.AsyncFor)]
    found += [
        item.context_expr
        for node in nodes.of(ast.AsyncWith)
        for item in node.items
        if last_name(item.context_expr) not in vocabulary.NEVER_SUSPENDING
    ]
    found += nodes.of(ast.Yield)
    return min(found, key=lambda each: (each.lineno, each.col_offset), default=None)


def _across_suspension(function: Function, summaries: Summaries) -> Iterator[Race]:
    source = function.file.source
    for node in function.nodes.of(ast.With):
        for item in node.items:
            manager = item.context_expr
            if _is_given_lock(manager, function):
                yield _race("lock-entered-plainly", function, node, manager)
                continue
            if _is_thread_lock(manager, function, summaries):
                kind = "thread-lock-across-suspension"
            elif _is_process_wide(manager, function, summaries):
                kind = "process-global-across-suspension"
            else:
                continue
            suspension = suspension_in(node.body, function, summaries)
            if suspension is not None:
                yield _race(kind, function, node, manager, suspension=source.span(suspension))


def _is_given_lock(manager: ast.expr, function: Function) -> bool:
    """Whether every caller of a private function gives it an asyncio lock."""
    if not isinstance(manager, ast.Name) or manager.id not in function.parameters:
        return False
    given = function.file.given.get((function, manager.id), set())
    return bool(given) and all(isinstance(each, Lock) and each.flavour == "asyncio" for each in given)


def _is_thread_lock(manager: ast.expr, function: Function, summaries: Summaries) -> bool:
    if isinstance(manager, ast.Call):
        made = lock(manager, function.file.imports)
        return made is not None and made.flavour in ("thread", "process")
    known = known_lock(manager, function, summaries.oracle)
    if known is not None:
        return known.flavour in ("thread", "process")
    return bool(vocabulary.LOCK_ITSELF.match(last_name(manager))) and not isinstance(manager, ast.Name)


def _is_process_wide(manager: ast.expr, function: Function, summaries: Summaries) -> bool:
    if not isinstance(manager, ast.Call) or function.name.startswith("test_"):
        return False
    if _patches(manager.func, function):
        return True
    known = summaries.oracle.changes_process(manager, function.node)
    if known is not None:
        return known
    match manager:
        case ast.Call(func=ast.Attribute(value=patch, attr="dict"), args=[environment, *_]) if (
            last_name(patch) == "patch"
        ):
            name = environment.value if isinstance(environment, ast.Constant) else None
            return name == "os.environ" or absolute(environment, function.file.imports) == "os.environ"
    return last_name(manager) in vocabulary.PROCESS_WIDE


def _patches(manager: ast.expr, function: Function) -> bool:
    """Whether a context manager of the file replaces an attribute of an imported module, and puts it back."""
    made_by = function.callee(manager)
    if made_by is None or "contextmanager" not in made_by.decorators:
        return False
    patched: dict[str, list[int]] = {}
    for target, _, _ in assignments(made_by.nodes):
        match target:
            case ast.Attribute(value=ast.Name(id=name)) if "." not in made_by.file.imports.get(name, "."):
                if name not in made_by.local_names:
                    patched.setdefault(ast.unparse(target), []).append(target.lineno)
    given = [node.lineno for node in made_by.nodes.of(ast.Yield)]
    return any(min(lines) < each < max(lines) for lines in patched.values() for each in given)


def _fresh(value: ast.expr | None, function: Function) -> Lock | None:
    """The lock that an expression makes, whoever else has made one: `locks.get(key, Lock())` keeps none."""
    match value:
        case ast.Call(func=ast.Attribute(attr="get"), args=[_, default]):
            return lock(default, function.file.imports)
        case ast.Call(func=called) if (maker := function.callee(called)) is not None and not maker.decorators:
            returned = maker.nodes.of(ast.Return)
            return lock(returned[0].value, function.file.imports) if len(returned) == 1 else None
    return lock(value, function.file.imports)


def _per_call(function: Function) -> Iterator[Race]:
    contexts: list[ast.expr] = []
    for node in function.nodes.of(ast.AsyncWith):
        for item in node.items:
            contexts.append(item.context_expr)
            made = _fresh(item.context_expr, function)
            if made is not None and made.flavour == "asyncio" and made.is_exclusive:
                yield _race("lock-per-call", function, node, item.context_expr)
    bound: dict[str, list[ast.expr | None]] = {}
    for target, value, _ in assignments(function.nodes):
        if isinstance(target, ast.Name) and target.id in function.local_names:
            bound.setdefault(target.id, []).append(value)
    for name, values in bound.items():
        made = _fresh(values[0], function) if len(values) == 1 else None
        if made is None or made.flavour != "asyncio" or not made.is_exclusive or values[0] is None:
            continue
        uses = [
            each
            for each in ast.walk(function.node)
            if isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Load)
        ]
        if uses and all(any(use is context for context in contexts) for use in uses):
            yield _race("lock-per-call", function, values[0], uses[0])


def _reentered(function: Function, summaries: Summaries) -> Iterator[Race]:
    """An asyncio lock is taken where it is held: once more in the same function, or by a coroutine that is awaited."""
    source = function.file.source
    for body, held in (*_entered(function, summaries), *_acquired(function, summaries)):
        nodes = own_nodes(body)
        again: list[tuple[ast.expr | ast.stmt, ast.expr]] = [
            (inner, item.context_expr) for inner in nodes.of(ast.AsyncWith) for item in inner.items
        ]
        again += [(each, owner) for each in nodes.of(ast.Await) if (owner := acquired(each)) is not None]
        for node, lock_ in again:
            found = lock_key(lock_, function, summaries.oracle)
            if found is not None and found[0] in held and _is_same(found[0]):
                yield _race("lock-reentered", function, node, lock_, read=source.span(held[found[0]]))
        for call in nodes.of(ast.Call):
            callee = function.callee(call.func) if call in function.awaited else None
            if callee is None or not callee.is_async:
                continue
            taken = sorted(key for key in summaries.locks(callee) if key in held and _is_same(key))
            if taken:
                lock_ = held[taken[0]]
                yield _race("lock-reentered", function, call, lock_, read=source.span(lock_), via=callee.name)


_Held = dict[tuple[str, ...], ast.expr]


def _entered(function: Function, summaries: Summaries) -> Iterator[tuple[list[ast.stmt], _Held]]:
    """What runs in each `async with` of asyncio locks, and the locks."""
    for node in function.nodes.of(ast.AsyncWith):
        held: _Held = {}
        for item in node.items:
            found = lock_key(item.context_expr, function, summaries.oracle)
            if found is not None and found[1].flavour == "asyncio":
                held[found[0]] = item.context_expr
        if held:
            yield node.body, held


def _acquired(function: Function, summaries: Summaries) -> Iterator[tuple[list[ast.stmt], _Held]]:
    """What runs between `await lock.acquire()` and the only `lock.release()` after it, and the lock."""
    for body in bodies(function.node.body):
        for position, statement in enumerate(body):
            owner = acquired(statement.value) if isinstance(statement, ast.Expr) else None
            found = lock_key(owner, function, summaries.oracle) if owner is not None else None
            if owner is None or found is None or found[1].flavour != "asyncio" or not found[1].is_exclusive:
                continue
            between: list[ast.stmt] = []
            for each in body[position + 1 :]:
                if _releases(each, owner):
                    if isinstance(each, ast.Try) and not any(_releases(inner, owner) for inner in each.body):
                        between += each.body
                    yield between, {found[0]: owner}
                    break
                between.append(each)


def _releases(statement: ast.stmt, owner: ast.expr) -> bool:
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "release"
        and ast.unparse(call.func.value) == ast.unparse(owner)
        for call in own_nodes([statement]).of(ast.Call)
    )


def _is_same(key: tuple[str, ...]) -> bool:
    """Whether the key names one lock, not one of many under a key of its own."""
    return key[1] != ""
