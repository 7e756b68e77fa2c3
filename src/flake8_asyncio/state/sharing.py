"""Whether two tasks can be in a function at once, as far as one file tells.

Some functions run once or belong to one task; nothing is reported there. For the rest, the doubtful kinds want
evidence: the place outlives the object, the class owns a lock, several methods call the function, or its name says that
anybody may call it at any time.
"""

from __future__ import annotations

import ast
import re

from flake8_asyncio.options import Sharing, is_named
from flake8_asyncio.state import vocabulary
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.index import Class
from flake8_asyncio.state.oracle import Oracle
from flake8_asyncio.state.summaries import Written
from flake8_asyncio.state.vocabulary import last_name


def is_exempt(place: Place, function: Function, oracle: Oracle, others_matter: bool = False) -> bool:
    """Whether the function runs once, in one task at a time, or with a lock held.

    `others_matter` where other functions can disturb it: what runs once at the end still runs beside them.
    """
    name = function.name
    if not function.is_async or name.startswith("test_") or vocabulary.HOLDS_LOCK.search(name):
        return True
    is_once = name in vocabulary.ONCE or name in function.file.started or vocabulary.PROGRAM_HOOK.search(name)
    if is_once and not (others_matter and vocabulary.ENDS.search(name)):
        return True
    if any("fixture" in each or vocabulary.SERIALISING.search(each) for each in function.decorators):
        return True
    if oracle.said and _is_said_safe(place, function, oracle.said):
        return True
    owner = function.owner
    if owner is None or place[0] != "self":
        return False
    return is_per_task(owner, oracle) or bool(vocabulary.SERIAL_HOOK.match(name)) or _is_called_once(function, owner)


def _is_said_safe(place: Place, function: Function, said: Sharing) -> bool:
    """Whether the project's settings name the place, the function, or a decorator of it."""
    module = function.file.source.module
    if is_named(f"{module}.{function.label}", said.serial):
        return True
    if any(is_named(name, [each.rpartition(".")[2] for each in said.locks]) for name in function.decorators):
        return True
    owner = f"{module}.{function.owner.name}" if place[0] == "self" and function.owner else module
    path = ".".join((owner, *place[1:]))
    return is_named(path, said.owned)


def is_per_task(owner: Class, oracle: Oracle) -> bool:
    """Whether each instance belongs to one task: handlers, cursors, parsers, unless a lock in it says otherwise."""
    said = oracle.said.per_task
    if said and any(is_named(f"{each.file.source.module}.{each.name}", said) for each in (owner, *owner.bases)):
        return True
    if owner.owns_lock:
        return False
    if oracle.is_per_task(owner.node):
        return True
    if owner.method("__anext__") is not None or vocabulary.PER_TASK_NAME.search(owner.name):
        return True
    names = [*owner.base_names, *(name for base in owner.bases for name in base.base_names)]
    return any(map(vocabulary.is_per_task, names))


def _is_called_once(function: Function, owner: Class) -> bool:
    """Whether it is private, and reached only from methods that run once or that a framework runs one by one."""
    pending, seen, is_reached = [function.name], {function.name}, False
    while pending:
        name = pending.pop()
        callers = owner.callers.get(name, set())
        if not callers or not name.startswith("_") or name in owner.escaping or name in owner.spawned:
            return False
        on_the_way = {
            caller
            for caller in callers
            if caller not in vocabulary.ONCE - {"__await__"} and not vocabulary.SERIAL_HOOK.match(caller)
        }
        is_reached = is_reached or on_the_way != callers
        pending += on_the_way - seen
        seen |= on_the_way
    return is_reached


def is_single_loop(place: Place, function: Function) -> bool:
    """Whether the function is a background loop, started once, and nothing else writes the place."""
    owner = function.owner
    if owner is None or place[0] != "self" or len(place) != 2:
        return False
    callers = owner.callers.get(function.name, set())
    if len(callers) == 1 and function.name.startswith("_") and function.name not in owner.escaping:
        caller = owner.method(next(iter(callers)))  # a step of the loop
        if caller is not None and _loops(caller) and owner.spawned.get(caller.name, 0) == 1:
            return _writes_alone(place, function, owner)
    if not _writes_alone(place, function, owner):
        return False
    spawned = owner.spawned.get(function.name, 0)
    if spawned > 1 or not (function.name.startswith("_") or spawned == 1):
        return False
    return spawned == 1 or (_loops(function) and _is_written_in_loop(place, function))


def _writes_alone(place: Place, function: Function, owner: Class) -> bool:
    writers = {change.function.name for change in owner.changes.get(place[1], [])}
    return bool(writers) and all(writer == function.name or vocabulary.CONSTRUCTION.match(writer) for writer in writers)


def _loops(function: Function) -> bool:
    return any(isinstance(each, ast.Await) for node in function.nodes.of(ast.While) for each in ast.walk(node))


def _is_written_in_loop(place: Place, function: Function) -> bool:
    loops = [(node.lineno, node.end_lineno or 0) for node in function.nodes.of(ast.While)]
    return any(
        first <= node.lineno <= last
        for node, found in function.places.items()
        if found == place and not isinstance(node.ctx, ast.Load)
        for first, last in loops
    )


def is_background(function: Function) -> bool:
    """Whether the function is made a task once and called by nobody."""
    owner = function.owner
    if owner is None:
        return False
    return owner.spawned.get(function.name, 0) == 1 and function.name not in owner.callers


def has_evidence(place: Place, function: Function, via: str, is_spawning_enough: bool) -> bool:
    """Whether something says that several tasks run the function on the same object."""
    if place[0] in ("global", "class", "nonlocal") or vocabulary.ANY_CALLER.search(function.name):
        return True
    if is_spawning_enough and any(
        vocabulary.COLLECTS.search(name) for name in (place[1], function.owner.name if function.owner else "")
    ):
        return True
    if _bare(function.name) == _bare(place[-1]):
        return True  # `async def engine(self)` gives `self._engine`
    owner = function.owner
    if owner is None:
        return False
    for name in (function.name, via):
        callers = [each for each in owner.callers.get(name, ()) if not vocabulary.CONSTRUCTION.match(each)]
        if len(callers) + owner.spawned.get(name, 0) >= 2:
            return True
    return owner.owns_lock or (is_spawning_enough and owner.spawns and not _is_step(function, owner))


def _is_step(function: Function, owner: Class) -> bool:
    """Whether it is private, and all that leads to it is one method that is made a task in one place."""
    name = function.name
    seen: set[str] = set()
    while name.startswith("_") and name not in owner.escaping and name not in seen:
        seen.add(name)
        callers = owner.callers.get(name, set())
        spawned = owner.spawned.get(name, 0)
        if not callers:
            return spawned == 1
        if len(callers) > 1 or spawned:
            return False
        name = next(iter(callers))
    return False


def is_step_of_loop(place: Place, function: Function) -> bool:
    """Whether it is private and only the loop of one background task leads to it, one call after the other."""
    owner = function.owner
    if owner is None or place[0] != "self":
        return False
    current, seen = function, {function}
    while current.name.startswith("_") and current.name not in owner.escaping | owner.spawned.keys():
        callers = owner.callers.get(current.name, set())
        caller = owner.method(next(iter(callers))) if len(callers) == 1 else None
        if caller is None or caller in seen:
            return False
        seen.add(caller)
        current = caller
    is_background = owner.spawned.get(current.name, 0) == 1 and current.name not in owner.callers
    return current is not function and is_background and _loops(current)


def is_set_up_by_use(function: Function) -> bool:
    """Whether methods that do the object's work call its setup first, so that nobody has to before them."""
    callers = function.owner.callers.get(function.name, set()) if function.owner is not None else set()
    return any(not name.startswith("_") and not vocabulary.BEGINS.search(name) for name in callers)


def is_alone(function: Function) -> bool:
    """Whether a nested function runs once for each call of the one that defines it, or one time after the other."""
    if function.parent is None or function.decorators:
        return False
    is_called, started = False, 0
    pending: list[tuple[ast.AST, bool, bool]] = [(each, False, False) for each in function.parent.node.body]
    while pending:  # with whether the node is awaited at once, and whether it may run several times
        node, is_awaited, is_repeated = pending.pop()
        match node:
            case ast.Name(id=function.name):
                return False
            case ast.Call(func=ast.Name(id=function.name)):
                is_called = True
                started += not is_awaited
                if (is_repeated and not is_awaited) or started > 1:
                    return False
                pending += [(each, False, is_repeated) for each in (*node.args, *node.keywords)]
                continue
            case ast.Await(value=inner) | ast.AsyncFor(iter=inner):
                pending.append((inner, True, is_repeated))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() if node is not function.node:
                is_repeated = True
            case ast.For() | ast.While() | ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
                is_repeated = True
        first = node.value if isinstance(node, ast.Await) else node.iter if isinstance(node, ast.AsyncFor) else None
        pending += [(each, False, is_repeated) for each in ast.iter_child_nodes(node) if each is not first]
    return is_called


def is_made_on_use(kind: str, place: Place, written: Written, function: Function) -> bool:
    """Whether the function makes what it then uses, for the object or for a key it is given: anybody may need it."""
    if vocabulary.STARTUP.search(function.name) or written.operation not in ("bind", "item"):
        return False
    if written.via and not vocabulary.HELD.search(place[-1]):
        return False
    if kind == "stale-check-keyed":
        given = function.parameters - {function.self_name}
        return any(isinstance(each, ast.Name) and each.id in given for each in ast.walk(_key(written.node)))
    last = written.node.end_lineno or written.node.lineno
    if kind != "stale-check-init" or vocabulary.BEGINS.search(function.name):
        return False
    return any(
        found == place and isinstance(node.ctx, ast.Load) and node.lineno > last
        for node, found in function.places.items()
    )


def _key(target: ast.expr) -> ast.expr:
    return target.slice if isinstance(target, ast.Subscript) else target


def visits(function: Function, place: Place) -> bool:
    """Whether each call of a coroutine function is in a collection while it lasts, so that others are there as well.

    It adds to the collection, and takes out again after a suspension, as the handler of a connection does.
    """
    own = [each for each in function.file.place_changes(place, function) if each.function is function]
    added = [each.node.lineno for each in own if each.operation in vocabulary.GROWING | {"setitem"}]
    taken = [each.node.lineno for each in own if each.operation in vocabulary.SHRINKING - {"clear"}]
    if not function.is_async or not added or not taken:
        return False
    nodes = function.nodes
    suspensions: list[ast.Await | ast.AsyncFor | ast.AsyncWith] = [
        *nodes.of(ast.Await), *nodes.of(ast.AsyncFor), *nodes.of(ast.AsyncWith)
    ]  # fmt: skip
    return any(min(added) < each.lineno < max(taken) for each in suspensions)


def is_of_two(function: Function, read: ast.expr) -> bool:
    """Whether two shared places are compared with each other, so that neither is told from what is the case now."""
    for node in function.nodes.of(ast.Compare):
        sides = [node.left, *node.comparators]
        if any(each is read for each in sides):
            return all(function.place(each) is not None for each in sides)
    return False


def _bare(name: str) -> str:
    return re.sub(r"^_*(async_)?(get_)?", "", name)


def verbs(function: Function, first: int, last: int) -> list[str]:
    """The names of what is awaited or entered between two lines."""
    found: list[str] = []
    for node in function.nodes.of(ast.Await):
        if first <= node.lineno <= last:
            callee = function.callee(node.value.func) if isinstance(node.value, ast.Call) else None
            if (callee is not None and not callee.is_async) or isinstance(node.value, ast.Attribute):
                continue  # something that is awaited by all who ask
            found.append(last_name(node.value))
            if isinstance(node.value, ast.Call) and found[-1] in vocabulary.AWAITING | {"to_thread", "run_in_executor"}:
                found += [last_name(each) for each in node.value.args]
    for entering in function.nodes.of(ast.AsyncWith):
        if first <= entering.lineno <= last:
            found += [last_name(item.context_expr) for item in entering.items]
    return found


def is_always_locked(function: Function, held_at_calls: dict[str, list[bool]]) -> bool:
    """Whether it is private and every call of it in its class is made under a lock."""
    owner = function.owner
    name = function.name
    if owner is None or not name.startswith("_") or name.startswith("__") or name in owner.escaping:
        return False
    calls = held_at_calls.get(name, [])
    return bool(calls) and all(calls)
