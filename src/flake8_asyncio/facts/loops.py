"""The loops of a body that take long, and those that wait for what cannot happen meanwhile.

Counts are worked out where the walk meets a loop, since names mean there what they mean nowhere else; the time is
estimated when it leaves the outermost one.
"""

from __future__ import annotations

import ast

from flake8_asyncio import cost
from flake8_asyncio.cost import Growth, Heavy, Number, Spin
from flake8_asyncio.facts.guards import REPEATED, TRY
from flake8_asyncio.facts.model import UNKNOWN, Loop, Ref
from flake8_asyncio.facts.references import literal, number, step
from flake8_asyncio.facts.scopes import Scope
from flake8_asyncio.syntax.source import Source

_LEAST = 1_000_000  # nanoseconds; the threshold that users set is far above
_FEWEST = 10_000  # trips that could take so long
_LONGEST = 60  # letters of a loop in a message
_CONSUMERS = frozenset(
    f"builtins.{name}" for name in ("sum", "list", "set", "tuple", "sorted", "min", "max", "any", "all", "frozenset")
)


class Loops:
    """What a walk notes about loops."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def meet(self, loop: ast.AST, scope: Scope) -> bool:
        """Look at a loop before its body is walked; True if it is not inside another."""
        scope.record.trips.meet(loop, lambda node: _value(node, scope), lambda node: _parameter(node, scope))
        return REPEATED not in scope.guards

    def leave(self, loop: ast.stmt | ast.expr, scope: Scope) -> None:
        """Look at an outermost loop after its body was walked."""
        trips = scope.record.trips
        is_long = trips.most >= _FEWEST
        if (is_long or trips.by) and not scope.is_muted and scope.lookup("range") == "builtins.range":
            found = list(cost.heavy(loop, trips, _LEAST)) if is_long else []
            for each in found:
                self._note(each, scope)
            if trips.by and not found:
                for growth in cost.growing(loop, trips):
                    self._note_growth(growth, scope)
        trips.clear()

    def recur(self, function: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        """Look at a function that was walked: whether it calls itself twice for each of its calls."""
        own = (scope.path, f"{scope.owner.path}().{function.name}") if scope.owner else (scope.path,)
        if sum(call.callee in own for call in scope.record.calls) > 1:
            growth = cost.recursion(function)
            if growth is not None:
                self._note_growth(growth, scope)

    def consume(self, callee: Ref, call: ast.Call, scope: Scope) -> None:
        """Look at a call that may run through all of its argument."""
        if callee not in _CONSUMERS or not call.args or not isinstance(call.args[0], ast.Call | ast.GeneratorExp):
            return
        if self.meet(call.args[0], scope):
            self.leave(call, scope)

    def spin(self, loop: ast.While, scope: Scope) -> None:
        """Look at a `while` loop that may keep the event loop for good."""
        found = cost.spin(loop, lambda node: _name(node, scope))
        if found is None or (found is Spin.ENDLESS and (TRY in scope.guards or scope.within)):
            return  # an endless loop in a `try` may end by an exception
        scope.record.loops.append(Loop(found.value, 0, self.source.span(loop), self._header(loop)))

    def _note(self, found: Heavy, scope: Scope) -> None:
        milliseconds = found.nanoseconds // 1_000_000
        scope.record.loops.append(Loop("heavy", milliseconds, self.source.span(found.node), self._header(found.node)))

    def _note_growth(self, found: Growth, scope: Scope) -> None:
        span, text = self.source.span(found.node), self._header(found.node)
        scope.record.loops.append(Loop("growing", 0, span, text, found.by, found.unit, found.base))

    def _header(self, node: ast.AST) -> str:
        """A loop as the source has it, without its body."""
        match node:
            case ast.For(target=target, iter=iterable):
                text = f"for {self._text(target)} in {self._text(iterable)}"
            case ast.While(test=test):
                text = f"while {self._text(test)}"
            case _:
                text = self._text(node)
        text = " ".join(text.split())
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

    def _text(self, node: ast.AST) -> str:
        return ast.get_source_segment(self.source.text, node) or ""


def arithmetic(left: Ref, op: ast.operator, right: Ref) -> Ref:
    """What an operator makes of two literals."""
    first, second = number(left), number(right)
    if first is None or second is None:
        return UNKNOWN
    value = cost.computed(first, op, second)
    return UNKNOWN if value is None else literal(value)


def _value(node: ast.expr, scope: Scope) -> Number | None:
    """The number that a name or attribute is, if it never is another."""
    match node:
        case ast.Name(id=name):
            ref = scope.lookup(name)
            module = scope.module
            if ref == f"{module.path}.{name}" and len(module.every.get(name, ())) == 1:
                ref = module.every[name][0]
            return number(ref)
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if scope.owner:
            values = scope.owner.attributes.get(name, [])
            return number(values[0]) if len(values) == 1 else None
    return None


def _parameter(node: ast.expr, scope: Scope) -> str:
    """The parameter of the function that a name is, if it is never given another value."""
    match node:
        case ast.Name(id=name) if name in scope.parameters and len(scope.every.get(name, ())) <= 1:
            return name
    return ""


def _name(node: ast.expr, scope: Scope) -> Ref:
    match node:
        case ast.Name(id=name):
            return scope.lookup(name)
        case ast.Attribute(value=value, attr=attr):
            return step(_name(value, scope), f".{attr}")
        case ast.Call(func=callee):
            return step(_name(callee, scope), "()")
    return UNKNOWN
