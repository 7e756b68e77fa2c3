"""What an expression refers to, with a note of every call, use and attribute on the way."""

from __future__ import annotations

import ast
from collections.abc import Callable

from flake8_asyncio.facts import stores
from flake8_asyncio.facts.annotations import ALIASED, alias, promised
from flake8_asyncio.facts.filling import fill, store
from flake8_asyncio.facts.forms import COMPARISONS, CONVERSIONS, OPERATORS, SIGNS, doubted
from flake8_asyncio.facts.guards import SYNC, guards, unlike
from flake8_asyncio.facts.loops import Loops
from flake8_asyncio.facts.model import UNKNOWN, Access, Arguments, Call, Ref, Use, ValueUse
from flake8_asyncio.facts.operators import combined
from flake8_asyncio.facts.passing import inside, passed_on, super_method, taken
from flake8_asyncio.facts.references import alternatives, generic, literal, runs_code, step, union, written
from flake8_asyncio.facts.refining import refine
from flake8_asyncio.facts.scopes import ClassRecord, Scope
from flake8_asyncio.syntax.source import Source

_MADE_BY_CALLS = ("()", ")>()*", ")>()[]")  # the last ones: an item of a list or dict of what calls made
_VARIABLES = ("typing.TypeVar", "typing_extensions.TypeVar")
_RUNNING = frozenset({Use.AWAITED, Use.ENTERED, Use.ASYNC_ENTERED, Use.ITERATED, Use.ASYNC_ITERATED})
_MADE: dict[type[ast.expr], Ref] = {ast.ListComp: "builtins.list", ast.SetComp: "builtins.set"}

Defer = Callable[[ast.Lambda, Scope, str], None]


class Expressions:
    """The walk over expressions, in evaluation order."""

    def __init__(self, source: Source, lambda_found: Defer) -> None:
        self.source = source
        self.top = source.module.partition(".")[0] + "." if "." in source.module else ""  # a script may import any file
        self.lambda_found = lambda_found
        self.loops = Loops(source)
        self.classes: dict[str, ClassRecord] = {}
        self._handlers: dict[type[ast.expr], Callable[[ast.expr, Scope, Use, str], Ref]] = {
ast.Name: self._name, ast.Attribute: self._attribute, ast.Call: self._call,
            ast.Constant: self._constant, ast.Await: self._await, ast.BoolOp: self._boolop,
            ast.IfExp: self._ifexp, ast.BinOp: self._binop, ast.UnaryOp: self._unaryop,
            ast.Compare: self._compare, ast.Subscript: self._subscript, ast.Tuple: self._display,
            ast.List: self._display, ast.Set: self._display, ast.Dict: self._dict, ast.Starred: self._starred,
            ast.NamedExpr: self._walrus, ast.Yield: self._yield, ast.YieldFrom: self._yield_from,
            ast.Lambda: self._lambda, ast.JoinedStr: self._joined, ast.FormattedValue: self._formatted,
            ast.ListComp: self._comprehension, ast.SetComp: self._comprehension,
            ast.GeneratorExp: self._comprehension, ast.DictComp: self._comprehension,
        }  # fmt: skip

    def value(self, node: ast.expr | None, scope: Scope, use: Use, into: str = "") -> Ref:
        """What `node` refers to; `use` is what becomes of it, `into` the name or callee that gets it."""
        if node is None:
            return UNKNOWN
        handler = self._handlers.get(type(node))
        if handler is not None:
            return handler(node, scope, use, into)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child, scope, Use.OTHER)
        return UNKNOWN

    def name_of(self, node: ast.expr, scope: Scope) -> Ref:
        """What a name or dotted name refers to, without a note; for annotations."""
        match node:
            case ast.Name():
                ref = scope.lookup(node.id)
                return f"{scope.path}.{node.id}" if ref.startswith(_VARIABLES) else ref
            case ast.Attribute():
                return step(self.name_of(node.value, scope), f".{node.attr}")
        return UNKNOWN

    def annotation(self, node: ast.expr | None, scope: Scope) -> Ref:
        """The instance that an annotation promises."""
        if node is None:
            return UNKNOWN
        owner = scope.owner.path if scope.owner else None
        return promised(node, lambda each: self.name_of(each, scope), owner)

    # -- notes ----------------------------------------------------------------

    def used(self, node: ast.expr, ref: Ref, scope: Scope, use: Use, into: str) -> None:
        """Note the use of a value that some call made, and of whatever is awaited."""
        if scope.is_muted or ref == UNKNOWN or use in (Use.ASSIGNED, Use.OTHER):
            return
        is_made = ref not in scope.declared and any(each.endswith(_MADE_BY_CALLS) for each in alternatives(ref))
        if is_made or use in _RUNNING:
            passed_to = into if use in (Use.PASSED, Use.COLLECTED) else ""
            name = into if use is Use.ATTRIBUTE else ""
            text = f"{written(node.value)}[…]" if isinstance(node, ast.Subscript) else written(node)
            scope.record.uses.append(ValueUse(ref, use, self.source.span(node), text, passed_to, name))

    def read(self, node: ast.expr, owner: Ref, name: str, scope: Scope, given: Ref = "") -> None:
        """Note an attribute, or the method of an operator, that may run code."""
        if not scope.is_muted and runs_code(owner, self.top):
            ref = step(owner, f".{name}")
            scope.record.accesses.setdefault(ref, Access(ref, self.source.span(node), given))

    def converted(self, node: ast.expr, owner: Ref, name: str, scope: Scope) -> None:
        """Note what syntax asks of any value, where the value is certainly an instance."""
        if owner.endswith("()"):
            self.read(node, owner, name, scope)

    # -- names and attributes -------------------------------------------------

    def _name(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.Name)
        ref = scope.lookup(node.id)
        if ref[-1] in ")*" or use in _RUNNING:
            self.used(node, ref, scope, use, into)
            if use is Use.TESTED:
                self.converted(node, ref, "__bool__", scope)
        return ref

    def _attribute(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.Attribute)
        owner = self.value(node.value, scope, Use.ATTRIBUTE, node.attr)
        if node.attr == "__class__" and scope.owner and owner == f"{scope.owner.path}()":
            return scope.owner.path
        ref = (scope.refines and scope.values.get(written(node))) or step(owner, f".{node.attr}")
        if use in _RUNNING:
            self.used(node, ref, scope, use, into)
        if use is not Use.CALLED:
            self.read(node, owner, node.attr, scope)
        return ref

    def _constant(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.Constant)
        ref = literal(node.value)
        if use is Use.AWAITED:
            self.used(node, ref, scope, use, into)
        return ref

    def _subscript(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.Subscript)
        owner = self.value(node.value, scope, Use.ITEM)
        if owner in ALIASED:
            return alias(node, lambda each: self.name_of(each, scope))
        self.read(node, owner, "__getitem__", scope)
        match node.slice:
            case ast.Constant(value=int() as index):
                return step(owner, f"[{index}]")
            case ast.Slice():
                self.value(node.slice, scope, Use.OTHER)
                return owner
        self.value(node.slice, scope, Use.OTHER)
        ref = step(owner, "[]")
        self.used(node, ref, scope, use, into)
        return ref

    # -- calls and awaits -----------------------------------------------------

    def _call(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.Call)
        callee = super_method(node, scope) or self.value(node.func, scope, Use.CALLED)
        text = written(node.func)
        if f"{SYNC}{text}" in scope.guards:
            callee = UNKNOWN
        positional: list[Ref] = []
        keywords: dict[str, Ref] = {}
        is_open = False
        how = taken(callee, use, into)
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                is_open = True
                starred = self.value(argument.value, scope, Use.UNPACKED, callee)
                positional.append(step(starred, "*"))
            else:
                positional.append(self.value(argument, scope, *how))
        for keyword in node.keywords:
            given = self.value(keyword.value, scope, Use.PASSED if keyword.arg else Use.UNPACKED, callee)
            if keyword.arg is None:
                is_open = True
            else:
                keywords[keyword.arg] = given
        arguments = Arguments(tuple(positional), keywords or None, is_open)
        self.loops.consume(callee, node, scope)
        fill(node.func, positional, scope)
        stores.handed(node, scope, self.source)
        if positional and (name := CONVERSIONS.get(callee)):
            self.converted(node, positional[0], name, scope)
        if not scope.is_muted:
            name = into if use in (Use.ASSIGNED, Use.ATTRIBUTE, Use.KEPT) else ""
            passed_to = into if use in (Use.PASSED, Use.UNPACKED, Use.COLLECTED) else ""
            scope.record.calls.append(
                Call(callee, use, self.source.span(node), arguments, text, name, scope.guards, scope.within, passed_to)
            )
        annotated = passed_on(callee, node, arguments, lambda each: self.annotation(each, scope))
        return annotated if annotated is not None else step(callee, "()")

    def _await(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.Await)
        scope.record.flags.add("awaits")
        awaited = self.value(node.value, scope, Use.AWAITED)
        if isinstance(node.value, ast.List | ast.Tuple | ast.Set | ast.Dict | ast.ListComp):
            self.used(node.value, awaited, scope, Use.AWAITED, into)
        ref = step(awaited, "!")
        if use is Use.AWAITED:
            self.used(node, ref, scope, use, into)
        return ref

    def _yield(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.Yield)
        scope.record.has_yield = True
        scope.record.yields.append(self.value(node.value, scope, Use.YIELDED) if node.value else literal(None))
        return UNKNOWN

    def _yield_from(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.YieldFrom)
        scope.record.has_yield = True
        scope.record.yields.append(step(self.value(node.value, scope, Use.ITERATED), "*"))
        return UNKNOWN

    def _lambda(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.Lambda)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            self.value(default, scope, Use.OTHER)
        path = f"{scope.path}.lambda_{node.lineno}_{node.col_offset}"
        if not scope.is_muted:
            self.lambda_found(node, scope, path)
        return path

    # -- operators ------------------------------------------------------------

    def _boolop(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.BoolOp)
        before = scope.guards
        refs: list[Ref] = []
        for index, operand in enumerate(node.values):
            is_last = index == len(node.values) - 1
            refs.append(self.value(operand, scope, use if is_last else Use.TESTED, into))
            true, false = guards(operand, scope)
            scope.guards += true if isinstance(node.op, ast.And) else false
        scope.guards = before
        return refs[-1] if isinstance(node.op, ast.And) else union(refs)

    def _ifexp(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.IfExp)
        self.value(node.test, scope, Use.TESTED)
        true, false = guards(node.test, scope)
        with scope.branch((*true, *unlike(node.orelse, node.body)), doubted(node.test)):
            body = self.value(node.body, scope, use, into)
        with scope.branch((*false, *unlike(node.body, node.orelse)), doubted(node.test)):
            orelse = self.value(node.orelse, scope, use, into)
        return union((body, orelse))

    def _binop(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.BinOp)
        left = self.value(node.left, scope, Use.COMPUTED)
        right = self.value(node.right, scope, Use.COMPUTED)
        self.read(node, left, OPERATORS[type(node.op)], scope)
        return combined(left, node.op, right)

    def _unaryop(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.UnaryOp)
        if isinstance(node.op, ast.Not):
            self.value(node.operand, scope, Use.TESTED)
            return "builtins.bool()"
        ref = self.value(node.operand, scope, Use.COMPUTED)
        self.converted(node, ref, SIGNS[type(node.op)], scope)
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return literal(-number)
        return UNKNOWN if ref[0] != "=" else ref

    def _compare(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.Compare)
        operators = [None, *node.ops]
        is_identity = isinstance(node.ops[0], ast.Is | ast.IsNot)
        with_none = any(isinstance(each, ast.Constant) and each.value is None for each in node.comparators)
        for operator, operand in zip(operators, (node.left, *node.comparators), strict=True):
            how = Use.COMPUTED if isinstance(operator, ast.In | ast.NotIn) else Use.COMPARED
            if is_identity and not with_none:  # of a coroutine as of anything
                how = Use.OTHER
            ref = self.value(operand, scope, how)
            if how is Use.COMPUTED:
                self.read(node, ref, "__contains__", scope)
            elif operator is None and (name := COMPARISONS.get(type(node.ops[0]))):
                self.converted(node, ref, name, scope)
        return "builtins.bool()"

    # -- displays, formatting and comprehensions ------------------------------

    def _display(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.Tuple | ast.List | ast.Set)
        refs = [self.value(each, scope, Use.COLLECTED, inside(use, into)) for each in node.elts]
        if isinstance(node, ast.Tuple):
            return generic("builtins.tuple", *refs) if refs else "builtins.tuple()"
        kind = "builtins.list" if isinstance(node, ast.List) else "builtins.set"
        return generic(kind, union(refs)) if refs else f"{kind}()"

    def _dict(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.Dict)
        keys, values = [], []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                self.value(value, scope, Use.UNPACKED)
            else:
                keys.append(self.value(key, scope, Use.COLLECTED))
                values.append(self.value(value, scope, Use.COLLECTED, inside(use, into)))
        return generic("builtins.dict", union(keys), union(values)) if keys else "builtins.dict()"

    def _starred(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.Starred)
        return step(self.value(node.value, scope, Use.UNPACKED, into), "*")

    def _walrus(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.NamedExpr) and isinstance(node.target, ast.Name)
        if use is Use.DISCARDED:
            use, into = Use.ASSIGNED, node.target.id
        ref = self.value(node.value, scope, use, into)
        scope.bind(node.target.id, ref)
        return ref

    def _joined(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.JoinedStr)
        for part in node.values:
            self.value(part, scope, Use.COMPUTED)
        return "builtins.str()"

    def _formatted(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.FormattedValue)
        ref = self.value(node.value, scope, Use.COMPUTED)
        self.converted(node, ref, "__repr__" if node.conversion == ord("r") else "__str__", scope)
        self.value(node.format_spec, scope, Use.OTHER)
        return "builtins.str()"

    def _comprehension(self, node: ast.expr, scope: Scope, use: Use, into: str) -> Ref:
        assert isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp)
        before, guards_before = dict(scope.values), scope.guards
        is_outermost = self.loops.meet(node, scope)
        targets: set[str] = set()
        scope.guards += ("repeated",)
        for generator in node.generators:
            how, part = (Use.ASYNC_ITERATED, "*!") if generator.is_async else (Use.ITERATED, "*")
            if generator.is_async:
                scope.record.flags.add("awaits")
            self.bind(generator.target, step(self.value(generator.iter, scope, how), part), scope, targets)
            for test in generator.ifs:
                self.value(test, scope, Use.TESTED)
                known = dict(scope.values)
                refine(test, scope, self.name_of)
                targets.update(name for name, ref in scope.values.items() if known.get(name) != ref)
        if isinstance(node, ast.DictComp):
            key, value = self.value(node.key, scope, Use.COLLECTED), self.value(node.value, scope, Use.COLLECTED)
            made = generic("builtins.dict", key, value)
        else:
            is_lazy = isinstance(node, ast.GeneratorExp) and use is not Use.PASSED
            how = Use.YIELDED if is_lazy else Use.COLLECTED
            if is_lazy and use not in (Use.ITERATED, Use.UNPACKED, Use.ASYNC_ITERATED, Use.COMPUTED):
                scope.guards += ("later",)
            kind = _MADE.get(type(node), "collections.abc.Generator")
            made = generic(kind, self.value(node.elt, scope, how, inside(use, into)))
        for name in targets:
            scope.values.pop(name, None)
            if name in before:
                scope.values[name] = before[name]
        scope.guards = guards_before
        if is_outermost and not isinstance(node, ast.GeneratorExp):
            self.loops.leave(node, scope)
        return made

    # -- targets --------------------------------------------------------------

    def bind(self, target: ast.expr, ref: Ref, scope: Scope, names: set[str] | None = None) -> None:
        """Give `ref` to an assignment's target; `names`, where given, collects the names that a comprehension hides."""
        match target:
            case ast.Name():
                if names is None:
                    scope.bind(target.id, ref)
                else:
                    names.add(target.id)
                    scope.values[target.id] = ref
            case ast.Tuple() | ast.List():
                is_starred = any(isinstance(each, ast.Starred) for each in target.elts)
                for index, each in enumerate(target.elts):
                    item = UNKNOWN if is_starred else step(ref, f"[{index}]")
                    self.bind(each.value if isinstance(each, ast.Starred) else each, item, scope, names)
            case ast.Attribute():
                self._bind_attribute(target, ref, scope)
            case ast.Subscript():
                self.read(target, self.value(target.value, scope, Use.ITEM), "__setitem__", scope)
                self.value(target.slice, scope, Use.OTHER)
                store(target, ref, scope)

    def _bind_attribute(self, target: ast.Attribute, ref: Ref, scope: Scope) -> None:
        owner = self.value(target.value, scope, Use.ATTRIBUTE, target.attr)
        scope.forget(written(target))
        record = self.classes.get(owner.removesuffix("()"))
        if record is None:
            self.read(target, owner, f"{target.attr}=", scope, ref)
            return
        record.assign(target.attr, ref)
        if f"{target.attr}.setter" in record.methods:
            self.read(target, owner, f"{target.attr}=", scope)
