"""The walk over a body's statements, along with control flow.

A walk returns whether the end of the body can be reached, so that code after `return` changes nothing.
A loop's body is walked once, with the values of its first time round: what a name means there, it can mean.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

from flake8_asyncio.facts import caches, stores
from flake8_asyncio.facts import guards as conditions
from flake8_asyncio.facts.expected import expected
from flake8_asyncio.facts.expressions import Expressions
from flake8_asyncio.facts.forms import (
    OPERATORS,
    captures,
    has_break,
    is_capture,
    is_computed,
    never_returns,
)
from flake8_asyncio.facts.model import UNKNOWN, Ref, Use
from flake8_asyncio.facts.references import step
from flake8_asyncio.facts.refining import refine, refine_false
from flake8_asyncio.facts.scopes import ModuleScope, Scope, Values, merge
from flake8_asyncio.facts.stores import target_use
from flake8_asyncio.syntax.nodes import own

_ALIASES = frozenset({"typing.TypeAlias()", "typing_extensions.TypeAlias()"})
_NO_LOOP_ERRORS = frozenset({"RuntimeError", "Exception", "BaseException"})

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Statements:
    """The walk over statements; `defined` is told of every function and class on the way."""

    def __init__(self, expressions: Expressions, defined: Callable[[Definition, Scope], None]) -> None:
        self.expressions = expressions
        self.value = expressions.value
        self.defined = defined
        self._handlers: dict[type[ast.stmt], Callable[..., bool]] = {
            ast.Expr: self._expr,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annassign,
            ast.AugAssign: self._augassign,
            ast.Return: self._return,
            ast.If: self._if,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.While: self._while,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Try: self._try,
            ast.TryStar: self._try,
            ast.Raise: self._raise,
            ast.Break: self._leave,
            ast.Continue: self._leave,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.FunctionDef: self._definition,
            ast.AsyncFunctionDef: self._definition,
            ast.ClassDef: self._definition,
            ast.Match: self._match,
            ast.Delete: self._delete,
            ast.Assert: self._assert,
        }  # fmt: skip
        if sys.version_info >= (3, 12):
            self._handlers[ast.TypeAlias] = self._type_alias

    def block(self, body: list[ast.stmt], scope: Scope) -> bool:
        """Walk statements one after the other; True if the end can be reached."""
        before = scope.guards
        reached = True
        for index, statement in enumerate(body, 1):
            handler = self._handlers.get(type(statement))
            if handler is not None and not handler(statement, scope):
                reached = False
                if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in own(body[index:])):
                    scope.record.has_yield = True  # a `yield` after the `return` is what makes it a generator
                break
        scope.guards = before
        return reached

    def _guarded(self, body: list[ast.stmt], scope: Scope, guards: tuple[str, ...]) -> bool:
        before = scope.guards
        scope.guards = before + tuple(each for each in guards if each not in before)
        reached = self.block(body, scope)
        scope.guards = before
        return reached

    # -- simple statements ----------------------------------------------------

    def _expr(self, node: ast.Expr, scope: Scope) -> bool:
        if not isinstance(node.value, ast.Constant):
            self.value(node.value, scope, Use.DISCARDED)
        return not never_returns(node.value)

    def _assign(self, node: ast.Assign, scope: Scope) -> bool:
        ways = [target_use(each, scope) for each in node.targets]
        use, name = next((each for each in ways if each[0] is not Use.ASSIGNED), ways[0])
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            pairs = list(zip(target.elts, value.elts, strict=True))
            refs = [self.value(each, scope, *target_use(into, scope)) for into, each in pairs]
            for (into, _), ref in zip(pairs, refs, strict=True):
                self.expressions.bind(into, ref, scope)
            return True
        ref = self.value(value, scope, use, name)
        for each in node.targets:
            stores.stored(each, value, scope, self.expressions.source)
            self.expressions.bind(each, ref, scope)
            stores.patched(each, value, scope)
        return True

    def _type_alias(self, node: Any, scope: Scope) -> bool:
        """`type Name = …`, which Python has since 3.12."""
        self.expressions.bind(node.name, self.value(node.value, scope, Use.OTHER), scope)
        return True

    def _annassign(self, node: ast.AnnAssign, scope: Scope) -> bool:
        declared = self.expressions.annotation(node.annotation, scope)
        if declared in _ALIASES:
            declared = UNKNOWN
        ref = UNKNOWN
        if node.value is not None:
            ref = self.value(node.value, scope, *target_use(node.target, scope))
            calls = scope.record.calls
            if declared != UNKNOWN and isinstance(node.value, ast.Call) and calls and not scope.is_muted:
                calls[-1] = calls[-1]._replace(declared=declared)
        known = declared if declared != UNKNOWN else ref
        if node.value is None and isinstance(node.target, ast.Name):
            scope.remember(node.target.id, known)
            if known != UNKNOWN:
                scope.declared.add(known)
                if not isinstance(scope, ModuleScope):
                    scope.values.setdefault(node.target.id, known)
            return True
        if isinstance(node.target, ast.Attribute):
            owner = self.value(node.target.value, scope, Use.ATTRIBUTE)
            if scope.owner and owner in (f"{scope.owner.path}()", scope.owner.path) and declared != UNKNOWN:
                scope.owner.declared[node.target.attr] = declared
                return True
        if declared != UNKNOWN:
            scope.declared.add(declared)
        self.expressions.bind(node.target, known, scope)
        return True

    def _augassign(self, node: ast.AugAssign, scope: Scope) -> bool:
        self.value(node.target, scope, Use.COMPUTED)
        self.value(node.value, scope, Use.COMPUTED)
        if isinstance(node.target, ast.Name):
            old = scope.lookup(node.target.id)
            name = OPERATORS[type(node.op)]
            for each in (f"__i{name[2:]}", name):
                self.expressions.converted(node.target, old, each, scope)
            is_container = old.startswith(("builtins.list", "builtins.set", "builtins.dict"))
            scope.bind(node.target.id, old if is_container else UNKNOWN)
        return True

    def _return(self, node: ast.Return, scope: Scope) -> bool:
        scope.record.returns.append(self.value(node.value, scope, Use.RETURNED) if node.value else "=None")
        scope.record.flags.add("computes" if is_computed(node.value) else "returns")
        return False

    def _raise(self, node: ast.Raise, scope: Scope) -> bool:
        self.value(node.exc, scope, Use.RAISED)
        self.value(node.cause, scope, Use.OTHER)
        return False

    def _leave(self, node: ast.stmt, scope: Scope) -> bool:
        return False

    def _assert(self, node: ast.Assert, scope: Scope) -> bool:
        self.value(node.test, scope, Use.TESTED)
        self.value(node.msg, scope, Use.COMPUTED)
        refine(node.test, scope, self.expressions.name_of)
        return True

    def _delete(self, node: ast.Delete, scope: Scope) -> bool:
        for target in node.targets:
            match target:
                case ast.Name():
                    scope.values.pop(target.id, None)
                case ast.Subscript():
                    self.expressions.read(target, self.value(target.value, scope, Use.ITEM), "__delitem__", scope)
                case ast.Attribute():
                    self.value(target.value, scope, Use.ATTRIBUTE)
        return True

    def _definition(self, node: Definition, scope: Scope) -> bool:
        self.defined(node, scope)
        return True

    # -- imports --------------------------------------------------------------

    def _import(self, node: ast.Import, scope: Scope) -> bool:
        for alias in node.names:
            top = alias.name if alias.asname else alias.name.partition(".")[0]
            self._imported(alias.asname or top, top, scope)
        return True

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> bool:
        base = self._absolute(node)
        for alias in node.names:
            if alias.name == "*":
                if isinstance(scope, ModuleScope):
                    scope.stars.append(base)
            else:
                self._imported(alias.asname or alias.name, f"{base}.{alias.name}" if base else alias.name, scope)
        return True

    def _imported(self, name: str, ref: Ref, scope: Scope) -> None:
        scope.bind(name, ref)
        if isinstance(scope, ModuleScope):
            scope.imports[name] = ref

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.expressions.source.package.split(".")
        parts = parts[: len(parts) - node.level + 1]
        return ".".join(filter(None, [*parts, node.module]))  # a folder without an `__init__` has no name

    # -- branches -------------------------------------------------------------

    def _if(self, node: ast.If, scope: Scope) -> bool:
        self.value(node.test, scope, Use.TESTED)
        true, false = conditions.guards(node.test, scope)
        self._note_loop_test(true + false, scope)
        true += (conditions.FIRST,) if caches.fills(node, scope.globals) else ()
        false += (conditions.FIRST,) if caches.answers(node, scope.globals) else ()
        before = scope.values
        scope.values = dict(before)
        refine(node.test, scope, self.expressions.name_of)
        was_muted = scope.is_muted
        scope.is_muted = was_muted or conditions.is_type_checking(node.test)
        reached = self._guarded(node.body, scope, (*true, conditions.BRANCH))
        scope.is_muted = was_muted
        ways: list[Values] = [scope.values] if reached else []
        scope.values = dict(before)
        refine_false(node.test, scope, self.expressions.name_of)
        if not node.orelse or self._guarded(node.orelse, scope, (*false, conditions.BRANCH)):
            ways.append(scope.values)
            after = false if not reached else ()
        else:
            after = true
        if not ways:
            scope.values = before
            return False
        scope.values = merge(ways)
        scope.guards += tuple(each for each in after if each not in scope.guards)
        return True

    def _note_loop_test(self, guards: tuple[str, ...], scope: Scope) -> None:
        if conditions.NO_LOOP in guards:
            scope.record.flags.add(conditions.TESTS_LOOP)

    def _match(self, node: ast.Match, scope: Scope) -> bool:
        subject = self.value(node.subject, scope, Use.COMPARED)
        before, ways = scope.values, []
        is_exhaustive = False
        for case in node.cases:
            scope.values = dict(before)
            for name in captures(case.pattern):
                scope.bind(name, subject if is_capture(case.pattern) else UNKNOWN)
            match node.subject, case.pattern:
                case ast.Name(id=name), ast.MatchClass(cls=ast.Name() | ast.Attribute() as kind):
                    scope.values[name] = step(self.expressions.name_of(kind, scope), "()")
            self.value(case.guard, scope, Use.TESTED)
            if self.block(case.body, scope):
                ways.append(scope.values)
            is_exhaustive |= case.guard is None and is_capture(case.pattern)
        if not is_exhaustive:
            ways.append(before)
        scope.values = merge(ways) if ways else before
        return bool(ways)

    # -- loops ----------------------------------------------------------------

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> bool:
        is_async = isinstance(node, ast.AsyncFor)
        if is_async:
            scope.record.flags.add("awaits")
        iterated = self.value(node.iter, scope, Use.ASYNC_ITERATED if is_async else Use.ITERATED)
        is_outermost = self.expressions.loops.meet(node, scope)
        before = dict(scope.values)
        self.expressions.bind(node.target, step(iterated, "*!" if is_async else "*"), scope)
        self._guarded(node.body, scope, (conditions.REPEATED,))
        if is_outermost:
            self.expressions.loops.leave(node, scope)
        scope.values = merge((before, scope.values))
        return not node.orelse or self.block(node.orelse, scope) or has_break(node.body)

    def _while(self, node: ast.While, scope: Scope) -> bool:
        self.value(node.test, scope, Use.TESTED)
        true, false = conditions.guards(node.test, scope)
        loops = self.expressions.loops
        loops.spin(node, scope)
        is_outermost = loops.meet(node, scope)
        before = dict(scope.values)
        self._guarded(node.body, scope, (*true, conditions.REPEATED))
        if is_outermost:
            loops.leave(node, scope)
        is_endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        if is_endless:
            return has_break(node.body)
        scope.values = merge((before, scope.values))
        if not has_break(node.body):
            scope.guards += tuple(each for each in false if each not in scope.guards)
        return not node.orelse or self.block(node.orelse, scope) or has_break(node.body)

    # -- with and try ---------------------------------------------------------

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> bool:
        is_async = isinstance(node, ast.AsyncWith)
        if is_async:
            scope.record.flags.add("awaits")
        before = scope.within
        for item in node.items:
            entered = self.value(item.context_expr, scope, Use.ASYNC_ENTERED if is_async else Use.ENTERED)
            if item.optional_vars is not None:
                self.expressions.bind(item.optional_vars, step(entered, "@!" if is_async else "@"), scope)
            scope.within = (*scope.within, entered)
        reached = self.block(node.body, scope)
        swallows = any("suppress" in each or "raises" in each for each in scope.within[len(before) :])
        scope.within = before
        return reached or swallows

    def _of_try(self, node: ast.Try | ast.TryStar, scope: Scope) -> tuple[str, ...]:
        errors = expected(node, lambda each: self.expressions.name_of(each, scope)) if node.handlers else ()
        return (*conditions.of_try(node.handlers), *errors)

    def _try(self, node: ast.Try | ast.TryStar, scope: Scope) -> bool:
        before = dict(scope.values)
        asks = conditions.asks_for_loop(node.body) if node.handlers else False
        first = (conditions.FIRST,) if caches.looks_up(node) else ()
        reached = self._guarded(node.body, scope, self._of_try(node, scope))
        ways: list[Values] = []
        midway = merge((before, scope.values))
        if reached and (not node.orelse or self._guarded(node.orelse, scope, (conditions.LOOP,) if asks else ())):
            ways.append(scope.values)
        for handler in node.handlers:
            scope.values = dict(midway)
            self.value(handler.type, scope, Use.OTHER)
            if handler.name:
                kind = self.expressions.name_of(handler.type, scope) if handler.type else UNKNOWN
                scope.bind(handler.name, step(kind, "()"))
            extra = (conditions.HANDLER, *first)
            if asks and conditions.catches(handler, _NO_LOOP_ERRORS):
                extra = (conditions.HANDLER, conditions.NO_LOOP)
                scope.record.flags.add(conditions.TESTS_LOOP)
            if self._guarded(handler.body, scope, extra):
                ways.append(scope.values)
        if not reached and len(ways) == 1:  # only the handler goes on
            scope.guards += (conditions.NO_LOOP,) if asks else first
        scope.values = merge(ways) if ways else dict(midway)
        return self._guarded(node.finalbody, scope, (conditions.FINALLY,)) and bool(ways)
