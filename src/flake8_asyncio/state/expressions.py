"""What the values of expressions depend on: the origins of each, from those of its operands."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from flake8_asyncio.state import vocabulary
from flake8_asyncio.state.attributes import asked
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.lattice import NO_ORIGINS, Origin, Origins, State
from flake8_asyncio.state.lookups import looked_up
from flake8_asyncio.state.summaries import Written
from flake8_asyncio.state.values import classify
from flake8_asyncio.state.vocabulary import last_name

if TYPE_CHECKING:
    from flake8_asyncio.state.flow import Flow

DIRECT = ("value", "element")
_COMPUTED = frozenset({"value", "element", "copy"})


def local(flow: Flow, state: State, node: ast.Name) -> Origins:
    """A local's origins, or a read of a global or of what it is a name for."""
    known = state.names.get(node.id)
    place = flow.place(node)
    is_alias = place is not None and node.id in flow.function.local_names  # of what stays the same object
    if known is not None and not is_alias:
        return known
    return frozenset({flow.read(state, place, node, "value")}) if place is not None else NO_ORIGINS


def attribute(flow: Flow, state: State, node: ast.Attribute) -> Origins:
    """A read of an attribute, a property's places, or an attribute of what a local holds."""
    function = flow.function
    if isinstance(node.value, ast.Name) and node.value.id == function.self_name and function.owner is not None:
        method = function.owner.method(node.attr)
        if method is not None:
            return flow.helper(state, method, node) if method.is_property and not method.is_async else NO_ORIGINS
    found: list[Origin] = []
    place = flow.place(node)
    if place is not None:
        found.append(flow.read(state, place, node, "value"))
    for origin in state.values.get(node.value, NO_ORIGINS):
        kind = f"attribute:{node.attr}" if origin.kind in DIRECT else origin.kind
        found.append(origin._replace(kind=kind))
    return frozenset(found)


def subscript(flow: Flow, state: State, node: ast.Subscript) -> Origins:
    """A read of an element."""
    place = flow.place(node.value)
    if place is not None and not isinstance(node.slice, ast.Slice):
        # The collection was read before its index was evaluated, which may have suspended.
        key = ast.unparse(node.slice)
        known = state.values.get(node.value, NO_ORIGINS)
        return frozenset(each._replace(kind="element", key=key) for each in known if each.place == place)
    return state.values.get(node.value, NO_ORIGINS)


def computed(flow: Flow, state: State, node: ast.AST) -> Origins:
    """Arithmetic: what was read is part of the result."""
    return frozenset(
        origin._replace(kind="arithmetic") if origin.kind in _COMPUTED else origin
        for origin in gather(flow, state, node)
    )


def walrus(flow: Flow, state: State, node: ast.NamedExpr) -> Origins:
    """The value that was stored just before."""
    return state.values.get(node.value, NO_ORIGINS)


def awaited(flow: Flow, state: State, node: ast.Await) -> Origins:
    """What awaiting gives depends on what was awaited; a coroutine of this file may look something up."""
    operand = node.value
    callee = flow.function.callee(operand.func) if isinstance(operand, ast.Call) else None
    found = state.values.get(operand, NO_ORIGINS)
    if callee is not None and callee.is_async:
        found |= {each for each in flow.helper(state, callee, operand) if looked_up(callee, each.place) is not None}
    return found


def comprehension(flow: Flow, state: State, node: Any) -> Origins:
    """All that the elements and the iterated depend on."""
    parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    for generator in node.generators:
        parts += [generator.iter, *generator.ifs]
    return frozenset().union(*(state.values.get(part, NO_ORIGINS) for part in parts))


def call(flow: Flow, state: State, node: ast.Call) -> Origins:
    """A call: of a helper, of a collection's method, of anything else."""
    function = flow.function
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
    given = frozenset().union(*(state.values.get(_inner(each), NO_ORIGINS) for each in arguments))
    callee = function.callee(node.func)
    if callee is not None:
        return own_call(flow, state, node, callee) | passed(given, "argument")
    called = node.func
    if isinstance(called, ast.Attribute):
        if called.attr == "release" and (found := flow.lock(called.value)) is not None:
            state.release(found[0])
            return NO_ORIGINS
        place = flow.place(called.value)
        if place is not None:
            return method_call(flow, state, node, called, place, given)
    name = last_name(called)
    place = asked(function, node)
    if place is not None:
        return frozenset({flow.read(state, place, node, "value")}) if place in flow.relevant else NO_ORIGINS
    if name in vocabulary.TRANSPARENT:
        received = state.values.get(called.value, NO_ORIGINS) if isinstance(called, ast.Attribute) else NO_ORIGINS
        given |= received
        if name in vocabulary.COMPUTING and len(node.args) > 1:
            return frozenset(each._replace(kind="arithmetic") if each.kind in _COMPUTED else each for each in given)
        if name in vocabulary.COPYING:
            return frozenset(each._replace(kind="copy") if each.kind == "value" else each for each in given)
        return given
    return passed(state.values.get(called, NO_ORIGINS), "receiver") | passed(given, "argument")


def own_call(flow: Flow, state: State, node: ast.Call, callee: Function) -> Origins:
    """A call of this file's own function; a coroutine does nothing until it is awaited."""
    if callee.is_async:
        return NO_ORIGINS
    origins = flow.helper(state, callee, node)
    if not vocabulary.CONSTRUCTION.match(callee.name):
        effect = flow.summaries.effect(callee)
        for place, written in effect.unchecked.items():
            if place in flow.relevant:
                flow.write(state, place, written._replace(node=node, via=callee.name), NO_ORIGINS)
        for place in effect.writes - effect.unchecked.keys():
            state.forget(place)
            state.checked |= {place}
    return origins


def method_call(
    flow: Flow, state: State, node: ast.Call, called: ast.Attribute, place: Place, given: Origins
) -> Origins:
    """A method of a shared place; of a collection, it may change it."""
    method = called.attr
    first = ast.unparse(node.args[0]) if node.args else ""
    kind = "element" if method in vocabulary.ELEMENT else f"attribute:{method}"
    key = first if method in ("get", "pop", "setdefault") else ""
    read = frozenset(
        each._replace(kind=kind, key=key)
        for each in state.values.get(called.value, NO_ORIGINS)
        if each.place == place and each.kind in DIRECT
    )
    if method in vocabulary.MUTATING and flow.is_container(place, called.value):
        operation = _operation(method, node)
        if operation:
            key = first if method in ("pop", "remove", "discard", "add") else ""
            value = classify(node.args[0]) if node.args and operation == "grow" else "fresh"
            flow.write(state, place, Written(node, operation, value, key=key), given)
        return read
    if method in ("set", "clear") and not node.args and "Event" in flow.function.made(place):
        flow.write(state, place, Written(node, "bind", "true" if method == "set" else "absent"), NO_ORIGINS)
        return NO_ORIGINS
    if method == "copy":
        return frozenset(each._replace(kind="copy") for each in read)
    if method in ("get", "items", "values", "keys"):
        return read
    return read | passed(given, "argument")


def passed(origins: Origins, kind: str) -> Origins:
    """The origins of what some other code makes of these values."""
    return frozenset(each._replace(kind=kind) if each.kind in _COMPUTED else each for each in origins)


def _operation(method: str, call: ast.Call) -> str:
    if method == "setdefault":
        return ""
    if method in vocabulary.GROWING:
        return "grow"
    if method == "pop":
        return "discard" if len(call.args) > 1 or call.keywords else "remove"
    return "remove" if method in vocabulary.RAISING else "discard"


def _inner(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Starred) else node


def _operands(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FormattedValue):
            yield child.value
        elif isinstance(child, ast.expr):
            yield _inner(child)


def gather(flow: Flow, state: State, node: ast.AST) -> Origins:
    values = state.values
    if not values:
        return NO_ORIGINS
    found = [values[child] for child in _operands(node) if child in values]
    if len(found) == 1:
        return found[0]
    return NO_ORIGINS.union(*found) if found else NO_ORIGINS


EVALUATE: dict[type[ast.AST], Callable[[Flow, State, Any], Origins]] = {
    ast.Name: local,
    ast.Attribute: attribute,
    ast.Subscript: subscript,
    ast.BinOp: computed,
    ast.UnaryOp: computed,
    ast.JoinedStr: computed,
    ast.NamedExpr: walrus,
    ast.Await: awaited,
    ast.ListComp: comprehension,
    ast.SetComp: comprehension,
    ast.DictComp: comprehension,
    ast.GeneratorExp: comprehension,
    ast.Call: call,
}
