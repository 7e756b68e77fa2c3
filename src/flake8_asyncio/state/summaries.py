"""What the functions of a file do to shared places, as their callers see it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from flake8_asyncio.state import vocabulary
from flake8_asyncio.state.attributes import asked
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.lattice import LockKey, Origins, State
from flake8_asyncio.state.locks import lock_key
from flake8_asyncio.state.nodes import acquired
from flake8_asyncio.state.oracle import Oracle


class Written(NamedTuple):
    """A write: `operation` is `bind`, `item`, `grow`, `augment`, `remove` (raises if it is gone) or `discard`.

    `is_inner` if a collection is changed that is itself an item of the place: `self.rooms[name][user] = …`.

    `value` is as `values.classify` says. `via` is the callee that writes. `stored` is the text of a constant.
    """

    node: ast.expr
    operation: str
    value: str
    key: str = ""
    via: str = ""
    stored: str = ""
    is_inner: bool = False


@dataclass(slots=True)
class Effect:
    """What a call of a function writes: at all, without testing it itself, and after its first suspension."""

    writes: set[Place] = field(default_factory=set)
    unchecked: dict[Place, Written] = field(default_factory=dict)
    late: dict[Place, Written] = field(default_factory=dict)
    setting: set[Place] = field(default_factory=set)  # those that it does not only empty


_NO_EFFECT = Effect()
_DEEPEST = 6


class Summaries:
    """Summaries of the functions of one file, each worked out when first asked for."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self._reads: dict[Function, frozenset[Place]] = {}
        self._writes: dict[Function, frozenset[Place]] = {}
        self._effects: dict[Function, Effect] = {}
        self._suspends: dict[Function, bool] = {}
        self._depth = 0

    # Suspension

    def suspends(self, function: Function) -> bool:
        """Whether a coroutine function of this file can suspend: some chain of awaits leads to something unknown."""
        known = self._suspends.get(function)
        if known is None:
            known = self._suspends[function] = self._reaches_suspension(function)
        return known

    def await_suspends(self, operand: ast.expr, function: Function) -> bool:
        """Whether `await operand` can suspend."""
        if vocabulary.last_name(operand) in vocabulary.GOING_ON:
            return False
        callee = function.callee(operand.func) if isinstance(operand, ast.Call) else None
        if callee is not None and callee.is_async:
            return self.suspends(callee)
        return self.oracle.suspends(operand, function.node) is not False

    def _reaches_suspension(self, function: Function) -> bool:
        seen = {function}
        pending = [function]
        while pending:
            current = pending.pop()
            if current.is_stub or not current.is_async:
                return True
            if any(kind in current.nodes for kind in (ast.AsyncFor, ast.AsyncWith, ast.Yield)):
                return True
            if any(each.is_async for each in current.nodes.of(ast.comprehension)):
                return True
            for node in current.nodes.of(ast.Await):
                operand = node.value
                callee = current.callee(operand.func) if isinstance(operand, ast.Call) else None
                if callee is not None and callee.is_async:
                    if callee not in seen:
                        seen.add(callee)
                        pending.append(callee)
                elif self.oracle.suspends(operand, current.node) is not False:
                    return True
        return False

    # Reads and writes, whatever the flow

    def reads(self, function: Function) -> frozenset[Place]:
        """The places that a helper or property reads, itself or through helpers."""
        known = self._reads.get(function)
        if known is None:
            self._reads[function] = frozenset()  # a recursive helper reads what it reads the first time
            known = self._reads[function] = frozenset(self._read(function))
        return known

    def _read(self, function: Function) -> set[Place]:
        found: set[Place] = set()
        for _, place, method in read_nodes(function):
            if method is None:
                found.add(place)
            elif method is not function:
                found |= self.reads(method)
        for _, callee in function.own_calls:
            if callee is not function:
                found |= self.reads(callee)
        return found

    def writes(self, function: Function) -> frozenset[Place]:
        """The places that a function writes, itself or through functions of this file that it calls or awaits."""
        known = self._writes.get(function)
        if known is None:
            self._writes[function] = frozenset()
            known = self._writes[function] = frozenset(self._write(function))
        return known

    def _write(self, function: Function) -> set[Place]:
        found = own_writes(function)
        for call, callee in function.own_calls:
            if self.happens(call, callee, function):
                found |= self.writes(callee)
        return found

    def happens(self, call: ast.Call, callee: Function, function: Function) -> bool:
        """Whether calling a function of this file runs it on shared state: a coroutine runs when it is awaited."""
        if callee is function or vocabulary.CONSTRUCTION.match(callee.name):
            return False
        return not callee.is_async or call in function.awaited

    # Writes along the flow

    def effect(self, function: Function) -> Effect:
        """What calling or awaiting the function writes, and how."""
        known = self._effects.get(function)
        if known is None:
            writes = self.writes(function)
            if not writes:
                return _NO_EFFECT
            if self._depth >= _DEEPEST:
                return Effect(set(writes))
            known = self._effects[function] = Effect(set(writes))  # what a recursive call sees
            self._depth += 1
            try:
                self._follow(function, writes, known)
            finally:
                self._depth -= 1
        return known

    def _follow(self, function: Function, writes: frozenset[Place], effect: Effect) -> None:
        from flake8_asyncio.state.flow import Flow  # it asks for summaries in turn

        forgiven = forgiving_statements(function)

        def observe(flow: Flow, state: State, place: Place, written: Written, origins: Origins) -> None:
            if written.value != "absent" and written.operation not in ("remove", "discard"):
                effect.setting.add(place)
            if place in state.checked:
                return
            effect.unchecked.setdefault(place, written)
            is_flagged = any(key[0] == "flag" for key in state.held)
            is_forgiven = written.operation == "remove" and state.statement in forgiven
            if state.suspended is not None and not is_flagged and not is_forgiven:
                effect.late.setdefault(place, written)

        flow = Flow(function, self, writes)
        flow.effect = effect
        flow.run(observe)

    def locks(self, function: Function, seen: frozenset[Function] = frozenset()) -> set[LockKey]:
        """The asyncio locks that awaiting the function takes, by type."""
        found: set[LockKey] = set()
        for node in function.nodes.of(ast.AsyncWith):
            for item in node.items:
                key = lock_key(item.context_expr, function, self.oracle)
                if key is not None and key[1].flavour == "asyncio":
                    found.add(key[0])
        for each in function.nodes.of(ast.Await):
            owner = acquired(each)
            key = lock_key(owner, function, self.oracle) if owner is not None else None
            if key is not None and key[1].flavour == "asyncio":
                found.add(key[0])
        for call in function.nodes.of(ast.Call):
            if call in function.awaited:
                callee = function.callee(call.func)
                if callee is not None and callee not in seen and callee is not function and callee.is_async:
                    found |= self.locks(callee, seen | {function})
        return found


def read_nodes(function: Function) -> Iterator[tuple[ast.expr, Place, Function | None]]:
    """Each name or attribute that reads a shared place; with the property or method that it names, if it does."""
    owner = function.owner
    for node, place in function.places.items():
        if isinstance(node.ctx, ast.Load):
            method = owner.method(place[1]) if owner is not None and place[0] in ("self", "class") else None
            yield node, place, method
    for call in function.nodes.of(ast.Call):
        if (found := asked(function, call)) is not None:
            yield call, found, None


def own_writes(function: Function) -> set[Place]:
    """The places that the function itself binds or changes."""
    return {place for _, place in written_nodes(function)}


def written_nodes(function: Function) -> Iterator[tuple[ast.expr | ast.stmt, Place]]:
    """Each statement or call that binds or changes a shared place."""
    nodes = function.nodes
    bindings: list[ast.Assign | ast.AnnAssign | ast.AugAssign] = [
        *nodes.of(ast.Assign), *nodes.of(ast.AnnAssign), *nodes.of(ast.AugAssign)
    ]  # fmt: skip
    for statement in bindings:
        for target in statement.targets if isinstance(statement, ast.Assign) else (statement.target,):
            for each in target.elts if isinstance(target, (ast.Tuple, ast.List)) else (target,):
                if isinstance(each, ast.Name) and each.id not in function.outer_names:
                    continue
                place = function.place(outermost(each.value) if isinstance(each, ast.Subscript) else each)
                if place is not None:
                    yield statement, place
    for deleting in nodes.of(ast.Delete):
        for target in deleting.targets:
            place = function.place(target.value if isinstance(target, ast.Subscript) else target)
            if place is not None:
                yield deleting, place
    for call in nodes.of(ast.Call):
        match call:
            case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in vocabulary.MUTATING:
                place = function.place(value)
                if place is not None:
                    yield call, place
            case ast.Call(func=ast.Attribute(value=value, attr="set"), args=[]):
                place = function.place(value)
                if place is not None and "Event" in function.made(place):
                    yield call, place


def outermost(collection: ast.expr) -> ast.expr:
    """The collection that one is an item of, if it is."""
    return collection.value if isinstance(collection, ast.Subscript) else collection


_FORGIVING = frozenset({"KeyError", "ValueError", "LookupError", "IndexError", "Exception", "BaseException"})


def forgiving_statements(function: Function, names: frozenset[str] = _FORGIVING) -> set[ast.AST]:
    """The statements of `try` bodies whose handlers take a missing key or item, or other exceptions of these names."""
    found: set[ast.AST] = set()
    attempts: list[ast.Try | ast.TryStar] = [*function.nodes.of(ast.Try), *function.nodes.of(ast.TryStar)]
    for node in attempts:
        if any(_forgives(handler, names) for handler in node.handlers):
            for statement in node.body:
                found.update(each for each in ast.walk(statement) if isinstance(each, ast.stmt))
    for entering in function.nodes.of(ast.With):
        if any(_suppresses(item.context_expr, names) for item in entering.items):
            for statement in entering.body:
                found.update(each for each in ast.walk(statement) if isinstance(each, ast.stmt))
    return found


def _suppresses(manager: ast.expr, names: frozenset[str]) -> bool:
    match manager:
        case ast.Call(func=called, args=exceptions) if vocabulary.last_name(called) == "suppress":
            return any(vocabulary.last_name(each) in names for each in exceptions)
    return False


def _forgives(handler: ast.ExceptHandler, names: frozenset[str]) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(each.id in names for each in types if isinstance(each, ast.Name))
