"""Loops over a shared collection itself that suspend and go on, while other functions change the collection."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.changes import Change, ending
from flake8_asyncio.state.flow import Flow
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.index import Class
from flake8_asyncio.state.iterated import generated, live
from flake8_asyncio.state.lattice import NO_ORIGINS, State
from flake8_asyncio.state.locks import guarded
from flake8_asyncio.state.nodes import bindings
from flake8_asyncio.state.oracle import Oracle
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.state.vocabulary import last_name
from flake8_asyncio.syntax.graph import Block, Kind
from flake8_asyncio.syntax.nodes import own_nodes

_OF_SIZED = frozenset({"add", "setdefault"})  # methods of sets and dicts that lists do not have
_TAKING = frozenset({"acquire", "enter_async_context", "enter_context"})
_SUSPENDING = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield)


Comprehension = ast.ListComp | ast.SetComp | ast.DictComp


class Loop(NamedTuple):
    """A loop or comprehension, what it iterates (without `enumerate` and `.items()`), and the place if it is clear."""

    node: ast.For | Comprehension
    iterated: ast.expr
    place: Place | None


def loops(function: Function) -> Iterator[Loop]:
    """The loops that may suspend and may iterate a shared collection."""
    for node in function.nodes.of(ast.For):
        iterated = live(node.iter)
        if iterated is not None and _suspends(node.body, function):
            yield from _loop(node, iterated, function)
        place = generated(node.iter, function) if iterated is None else None
        if place is not None and _suspends(node.body, function):
            yield Loop(node, node.iter, place)
    nodes = function.nodes
    comprehensions: list[Comprehension] = [*nodes.of(ast.ListComp), *nodes.of(ast.SetComp), *nodes.of(ast.DictComp)]
    for each in comprehensions:
        first = each.generators[0]
        iterated = None if first.is_async else live(first.iter)
        if iterated is not None and ast.Await in own_nodes([each]) and not _only_in_source(each, first):
            yield from _loop(each, iterated, function)


def _loop(node: ast.For | Comprehension, iterated: ast.expr, function: Function) -> Iterator[Loop]:
    place = function.place(iterated)
    if place is None and isinstance(iterated, ast.Name) and iterated.id in function.parameters - function.stored_names:
        place = function.file.handed.get((function, iterated.id))
    if place is None:
        place = _foreign(iterated, function)
    if place is not None and function.owner is not None and _is_method(place, function):
        place = function.owner.behind(place)
    if place is not None or isinstance(iterated, ast.Name):
        yield Loop(node, iterated, place)


def _foreign(iterated: ast.expr, function: Function) -> Place | None:
    """An element of a shared place, or a collection that is reached through a parameter, by the name it ends in."""
    if isinstance(iterated, ast.Name) or (
        isinstance(iterated, ast.Subscript) and isinstance(iterated.slice, ast.Slice)
    ):
        return None
    found = item(iterated, function)
    if found is not None:
        return found
    root: ast.expr = iterated
    while isinstance(root, ast.Attribute | ast.Subscript):
        root = root.value
    name = ending(iterated)
    if name and isinstance(root, ast.Name) and root.id in function.parameters and root.id != function.self_name:
        return ("foreign", root.id, name)
    return None


def item(node: ast.expr, function: Function) -> Place | None:
    """An item of a shared place, whichever it is."""
    match node:
        case ast.Subscript(value=value) | ast.Call(func=ast.Attribute(value=value, attr="get" | "setdefault")):
            base = function.place(value)
            if base is not None:
                return (*base, ending(node) or "[]")
    return None


def may_be_disturbed(loop: Loop, function: Function) -> bool:
    """Whether there is a change of the collection to be found at all, as far as can be said without following flow."""
    place, name = loop.place, loop.iterated
    if place is None:
        stood_for = function.aliases.get(name.id) if isinstance(name, ast.Name) else None
        found = item(stood_for, function) if stood_for is not None else None
        return stood_for is not None and (found is None or bool(function.file.place_changes(found, function)))
    if function.owner is not None and place[0] in ("self", "class") and function.owner.has_foreign_bases:
        return True
    if len(place) > 2 and not place[-1].endswith("[]"):
        return True
    changes = function.file.place_changes(place, function)
    return any(change.function is not function for change in changes) or sharing.visits(function, place)


def _suspends(body: list[ast.stmt], function: Function) -> bool:
    nodes = own_nodes(body)
    return any(kind in nodes for kind in _SUSPENDING[: 4 if function.is_async else 3]) or any(
        each.is_async for each in nodes.of(ast.comprehension)
    )


def _only_in_source(node: ast.AST, first: ast.comprehension) -> bool:
    """Whether the only suspensions come before the first item is taken."""
    every = len(own_nodes([node]).of(ast.Await))
    return every == len(own_nodes([first.iter]).of(ast.Await))


def races(flow: Flow, summaries: Summaries, is_always_locked: Callable[[], bool]) -> Iterator[Race]:
    """The loops of one function that others can disturb; a lock that its callers hold may keep them away."""
    function = flow.function
    if vocabulary.PREPARES.search(function.name) or vocabulary.STARTS.match(function.name):
        return
    for loop in loops(function):
        head = _head(flow, loop)
        if head is None:
            continue
        state = flow.states.get(head.index)
        if state is None:
            continue
        place = loop.place or _alias(state, loop.iterated, function)
        if place is None or _is_method(place, function) or sharing.is_exempt(place, function, flow.oracle, True):
            continue
        suspension = _suspension(flow, summaries, loop, head)
        if suspension is None:
            continue
        is_locked = any(key[0] == "lock" for key in state.held) or is_always_locked()
        yield from _disturbed(flow, loop, place, suspension, is_locked)


def _is_method(place: Place, function: Function) -> bool:
    return place[0] == "self" and function.owner is not None and function.owner.method(place[1]) is not None


def _alias(state: State, iterated: ast.expr, function: Function) -> Place | None:
    """What a local stands for that was read from one place and nothing else."""
    if not isinstance(iterated, ast.Name):
        return None
    stood_for = function.aliases.get(iterated.id)
    found = item(stood_for, function) if stood_for is not None else None
    if found is not None:
        return found
    origins = state.names.get(iterated.id, NO_ORIGINS)
    places = {origin.place for origin in origins if origin.kind == "value"}
    if len(places) == 1 and all(origin.kind == "value" for origin in origins):
        return places.pop()
    return None


def _head(flow: Flow, loop: Loop) -> Block | None:
    assert flow.graph is not None
    wanted = loop.node.generators[0] if not isinstance(loop.node, ast.For) else loop.node
    for block in flow.graph.blocks:
        if block.events and block.events[0].kind is Kind.NEXT and block.events[0].node is wanted:
            return block
    return None


def _suspension(flow: Flow, summaries: Summaries, loop: Loop, head: Block) -> ast.expr | None:
    """A suspension in the loop after which it asks for the next item."""
    graph = flow.graph
    assert graph is not None
    before = next(
        (b for b in graph.blocks if any(e.node is loop.iterated and e.kind is Kind.EVALUATE for e in b.events)), None
    )
    inside = graph.reaching(head, before)
    forward: set[int] = set()
    for edge in head.edges:
        if edge.target.index in inside:
            forward |= graph.reachable(edge.target, head)
    for block in graph.order():
        if block.index not in inside or block.index not in forward or block is head:
            continue
        for event in block.events:
            if isinstance(event.node, ast.Await) and event.kind is Kind.AWAIT:
                if summaries.await_suspends(event.node.value, flow.function):
                    return event.node
            elif event.is_async or event.kind is Kind.YIELD:
                return _expression(event.node)
    return None


def _expression(node: ast.AST) -> ast.expr:
    if isinstance(node, (ast.AsyncFor, ast.comprehension)):
        return node.iter
    assert isinstance(node, ast.expr)
    return node


def _disturbed(flow: Flow, loop: Loop, place: Place, suspension: ast.expr, is_locked: bool) -> Iterator[Race]:
    function = flow.function
    is_visited = sharing.visits(function, place)
    changes = [
        change
        for change in function.file.place_changes(place, function)
        if change.operation != "bind"
        and (is_visited if change.function is function else change.function.name != function.name)
        and not vocabulary.CONSTRUCTION.match(change.function.name)
        and not _is_over(change.function, loop, function)
        and not (is_locked and _is_locked(change, flow.oracle))
    ]
    shrinking = [each for each in changes if _shrinks(each)]
    is_for_others = place[0] == "self" and bool(vocabulary.COMING.search(place[-1]))
    is_list = "list" in function.made(place) or (
        not function.made(place) and any(each.operation in ("append", "extend", "insert") for each in changes)
    )
    growing = [
        each
        for each in changes
        if not is_list
        and each.operation not in vocabulary.SHRINKING
        and (_is_of_one(each) or not vocabulary.SETUP.search(each.function.name))
        and (_runs_meanwhile(each.function) or (is_for_others and not each.function.name.startswith("_")))
        and not _overwrites(each)
    ]
    if not shrinking and not is_locked:
        removal = flow.oracle.removal(loop.iterated, function.node)
        if removal is not None:
            yield _race(flow, loop, place, suspension, removal, "")
            return
    if not changes and not is_locked and len(place) > 2 and place[0] in ("self", "foreign") and _comes_and_goes(loop):
        yield _race(flow, loop, place, suspension, "whoever comes or goes meanwhile", "")
        return
    is_sized = bool(function.made(place) & {"dict", "set"})
    begun = [
        each
        for each in growing
        if not (is_sized or (place[0] == "self" and each.operation in _OF_SIZED))
        or (vocabulary.LAUNCHING.search(each.function.name) and not _is_of_one(each))
    ]
    grown = [each for each in growing if each not in begun]
    for evidence, form in ((shrinking, ""), (grown, ""), (begun, "iterate-across-suspension")):
        if evidence:
            first = min(evidence, key=lambda each: each.node.lineno)
            detail = f"`{first.function.name}()` at line {first.node.lineno}"
            yield _race(flow, loop, place, suspension, detail, form)
            return


def _is_locked(change: Change, oracle: Oracle) -> bool:
    """Whether a change is made under a lock, as far as its class shows."""
    function, owner = change.function, change.function.owner
    if vocabulary.HOLDS_LOCK.search(function.name) or change.node in guarded(function, oracle, by_threads=True):
        return True
    if any(last_name(call.func) in _TAKING for call in function.nodes.of(ast.Call)):
        return True
    callers = owner.callers.get(function.name, set()) if owner is not None else set()
    if not callers:
        return False
    calls = [
        call in guarded(caller, oracle, by_threads=True)
        for caller in (owner.functions if owner is not None else ())
        if caller.name in callers
        for call in caller.nodes.of(ast.Call)
        if last_name(call.func) == function.name
    ]
    return not calls or any(calls)


def _overwrites(change: Change) -> bool:
    """Whether an item is stored under a key that is there: `counts[key] += 1`, or one that a loop gave."""
    nodes, node = change.function.nodes, change.node
    if change.operation != "setitem" or not isinstance(node, ast.Subscript):
        return False
    if any(each.target is node for each in nodes.of(ast.AugAssign)):
        return True
    collection, key = ast.unparse(node.value), ast.unparse(node.slice)
    return any(
        key in {ast.unparse(each) for each in ast.walk(loop.target)} and collection in ast.unparse(loop.iter)
        for loop in nodes.of(ast.For)
    )


def _runs_meanwhile(function: Function) -> bool:
    """Whether a function runs beside coroutines: it is one, a callback by its name, or called by one of its class."""
    if function.is_async or vocabulary.CALLBACK.match(function.name):
        return True
    callers = function.owner.callers.get(function.name, set()) if function.owner is not None else set()
    return any(
        each.is_async and each.name in callers and not vocabulary.BEGINS.search(each.name)
        for each in (function.owner.functions if function.owner is not None else ())
    )


def _is_over(changing: Function, loop: Loop, function: Function) -> bool:
    """Whether only a task runs it, one that was cancelled and waited for before the loop begins."""
    owner = function.owner
    if owner is None or not owner.spawned or changing.owner is not owner:
        return False
    cancelled = [
        call.lineno
        for call in function.nodes.of(ast.Call)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "cancel" and call.lineno < loop.node.lineno
    ]
    if not cancelled or not any(
        min(cancelled) < each.lineno < loop.node.lineno for each in function.nodes.of(ast.Await)
    ):
        return False
    pending, seen = [changing.name], {changing.name}
    while pending:
        name = pending.pop()
        callers = owner.callers.get(name, set())
        if name in owner.spawned and not _is_cancelled(name, function, owner):
            return False
        if name not in owner.spawned and (not callers or name in owner.escaping or not name.startswith("_")):
            return False
        pending += callers - seen
        seen |= callers
    return True


def _is_cancelled(name: str, function: Function, owner: Class) -> bool:
    """Whether the task of a method may be one of those that a function cancels, by where it is kept, if it is."""
    kept: set[str] = set()
    for each in owner.functions:
        dropped = {id(node.value) for node in each.nodes.of(ast.Expr)}
        targets = {id(value): target for target, value in bindings(each.nodes)}
        for call in each.nodes.of(ast.Call):
            if id(call) in dropped or not any(isinstance(a, ast.Call) and last_name(a.func) == name for a in call.args):
                continue
            target = targets.get(id(call))
            if not isinstance(target, ast.Attribute):
                return True  # in a local or a collection
            kept.add(target.attr)
    return not kept.isdisjoint(
        last_name(call.func.value)
        for call in function.nodes.of(ast.Call)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "cancel"
    )


def _comes_and_goes(loop: Loop) -> bool:
    """Whether what another object holds is iterated, and named for those who connect and leave."""
    iterator = loop.node.iter if isinstance(loop.node, ast.For) else loop.node.generators[0].iter
    is_view = isinstance(iterator, ast.Call) and isinstance(iterator.func, ast.Attribute) and not iterator.args
    is_view = is_view or (isinstance(iterator, ast.Attribute) and isinstance(iterator.value, ast.Attribute))
    return is_view and bool(vocabulary.COMING.search(last_name(loop.iterated)))


def _is_of_one(change: Change) -> bool:
    """Whether a coroutine function changes the collection for the one item that it is given: it runs again and again.

    `async def setup_node(self, node_id)` is no preparation of the object.
    """
    function, node = change.function, change.node
    match node:
        case ast.Subscript(slice=key) | ast.Call(args=[key, *_]) | ast.Delete(targets=[ast.Subscript(slice=key)]):
            return function.is_async and isinstance(key, ast.Name) and key.id in function.parameters
    return False


def _shrinks(change: Change) -> bool:
    name = change.function.name
    if change.operation not in vocabulary.SHRINKING:
        return False
    if (vocabulary.SETUP.search(name) or vocabulary.STARTING.search(name)) and not _is_of_one(change):
        return False
    return change.operation != "clear" or not vocabulary.TEARDOWN.search(change.function.name)


def _race(flow: Flow, loop: Loop, place: Place, suspension: ast.expr, detail: str, form: str) -> Race:
    source = flow.function.file.source
    iterated = ast.unparse(loop.iterated)
    iterator = loop.node.iter if isinstance(loop.node, ast.For) else loop.node.generators[0].iter
    span = source.span(loop.node)
    return Race(
        "possible-race" if form else "iterate-across-suspension",
        iterated,
        flow.function.label,
        span,
        source.span(iterator),
        source.span(suspension),
        None,
        last_name(iterator) if isinstance(iterator, ast.Call) else "",
        form,
        detail,
    )
