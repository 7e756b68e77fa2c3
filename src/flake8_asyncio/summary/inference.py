"""What code without annotations returns: calls of what is known, `self`, attributes and locals that keep one type."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flake8_asyncio.knowledge import Makes
from flake8_asyncio.summary.modules import Assignment, ClassBody, Module, Routine, walk_own
from flake8_asyncio.summary.names import Found
from flake8_asyncio.summary.types import COROUTINE, NONE, SELF, UNKNOWN, Type, coroutine, present, union

if TYPE_CHECKING:
    from flake8_asyncio.summary.callables import Callables

_DEEPEST = 12
_BUILT = {ast.Dict: "dict", ast.List: "list", ast.Set: "set", ast.Tuple: "tuple", ast.JoinedStr: "str"} | {
    ast.DictComp: "dict",
    ast.ListComp: "list",
    ast.SetComp: "set",
}


class _Scope:
    """Where an expression stands, and what is known about the local names there."""

    def __init__(self, module: Module, owner: ClassBody | None, receiver: ClassBody | None) -> None:
        self.module = module
        self.owner = owner
        self.receiver = receiver
        self.locals: dict[str, Type] = {}


class Inference:
    """The types of expressions and of what functions return."""

    def __init__(self, callables: Callables) -> None:
        self.callables = callables

    def of(self, node: ast.expr, place: Assignment, receiver: ClassBody | None) -> Type:
        """The type of what is assigned."""
        scope = _Scope(place.module, place.owner, receiver or place.owner)
        if place.within is not None:
            self._parameters(place.within, scope)
        return self._expression(node, scope, 0)

    def returned(self, routine: Routine, receiver: ClassBody | None) -> Type:
        """The type of what a function returns."""
        if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in walk_own(routine.node)):
            return Type("collections.abc.Generator")
        scope = self._scope(routine, receiver)
        returns = [each.value for each in walk_own(routine.node) if isinstance(each, ast.Return)]
        if not returns:
            return UNKNOWN if _is_abstract(routine.node) else NONE
        return union(NONE if each is None else self._expression(each, scope, 0) for each in returns)

    def delegated(self, routine: Routine, receiver: ClassBody) -> Type:
        """What awaiting gives where `__await__` asks another awaitable: `return self.start().__await__()`."""
        scope = self._scope(routine, receiver)
        for node in walk_own(routine.node):
            match node:
                case (
                    ast.Return(value=ast.Call(func=ast.Attribute(value=inner, attr="__await__")))
                    | ast.Return(value=ast.YieldFrom(value=ast.Call(func=ast.Attribute(value=inner, attr="__await__"))))
                ):
                    awaited = self.callables.awaited(self._expression(inner, scope, 0))
                    return UNKNOWN if awaited is None else awaited
        return UNKNOWN

    def _scope(self, routine: Routine, receiver: ClassBody | None) -> _Scope:
        scope = _Scope(routine.module, routine.owner, receiver or routine.owner)
        self._parameters(routine.node, scope)
        for node in walk_own(routine.node):
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    scope.locals[name] = self._nested(node, scope)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    kind = self._expression(value, scope, 0)
                    scope.locals[name] = kind if scope.locals.get(name, kind) == kind else UNKNOWN
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                    scope.locals[name] = self.callables.annotations.read(annotation, scope.module, scope.owner)
                case (
                    ast.For(target=target)
                    | ast.AsyncFor(target=target)
                    | ast.AugAssign(target=target)
                    | ast.withitem(optional_vars=ast.expr() as target)
                ):
                    hidden = (each.id for each in ast.walk(target) if isinstance(each, ast.Name))
                    scope.locals.update(dict.fromkeys(hidden, UNKNOWN))
        return scope

    def _nested(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: _Scope) -> Type:
        gives = self.callables.annotations.read(node.returns, scope.module, scope.owner)
        if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in walk_own(node)):
            return UNKNOWN
        if any(not _is_wraps(each) for each in node.decorator_list):
            return UNKNOWN
        return Type("@", (coroutine(gives) if isinstance(node, ast.AsyncFunctionDef) else gives,))

    def _parameters(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: _Scope) -> None:
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        for each in every:
            scope.locals[each.arg] = present(
                self.callables.annotations.read(each.annotation, scope.module, scope.owner)
            )
        decorators = {ast.unparse(each) for each in node.decorator_list}
        if every and scope.owner is not None and "staticmethod" not in decorators:
            of_class = "classmethod" in decorators or node.name in ("__new__", "__class_getitem__")
            scope.locals[every[0].arg] = Type("@", (SELF,)) if of_class else SELF

    # -- expressions ----------------------------------------------------------

    def _expression(self, node: ast.expr, scope: _Scope, depth: int) -> Type:
        if depth > _DEEPEST:
            return UNKNOWN
        match node:
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=value):
                return Type(type(value).__name__)
            case ast.Await(value=value):
                awaited = self._awaited(self._expression(value, scope, depth + 1))
                return UNKNOWN if awaited is None else awaited
            case ast.Call():
                return self._call(node, scope, depth)
            case ast.Name(id=name) if name in scope.locals:
                return scope.locals[name]
            case ast.Attribute(value=value, attr=name):
                own = self._expression(value, scope, depth + 1)
                if own != UNKNOWN:
                    return self._attribute(own, name, scope)
                return self._named(node, scope)
            case ast.Name():
                return self._named(node, scope)
            case ast.IfExp(body=first, orelse=second):
                return union(self._expression(each, scope, depth + 1) for each in (first, second))
            case ast.BoolOp(op=ast.Or(), values=values):
                return union(present(self._expression(each, scope, depth + 1)) for each in values)
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return Type("bool")
        built = _BUILT.get(type(node))
        return Type(built) if built else UNKNOWN

    def _awaited(self, kind: Type) -> Type | None:
        if kind.head == COROUTINE:
            return kind.arguments[-1]
        return None if kind == UNKNOWN else self.callables.awaited(kind)

    def _call(self, node: ast.Call, scope: _Scope, depth: int) -> Type:
        match node.func:
            case ast.Name(id="cast") | ast.Attribute(attr="cast") if len(node.args) == 2:
                return self.callables.annotations.read(node.args[0], scope.module, scope.owner)
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=name):
                return self._of_base(name, scope)
            case ast.Call(func=ast.Name(id="type"), args=[ast.Name(id=name)]) if scope.locals.get(name) == SELF:
                return SELF
            case ast.Attribute(value=ast.Name(id=name), attr="__class__") if scope.locals.get(name) == SELF:
                return SELF
        function = self._expression(node.func, scope, depth + 1)
        if function.head == "@":
            return function.arguments[0]
        return UNKNOWN if function == UNKNOWN else self._called(function)

    def _called(self, kind: Type) -> Type:
        """What calling an instance gives."""
        body = self.callables.names.class_of(kind.head)
        given = self.callables.member(body, "__call__", kind) if body is not None else None
        return UNKNOWN if given is None else given.as_type

    def _of_base(self, name: str, scope: _Scope) -> Type:
        if scope.receiver is None or scope.owner is None:
            return UNKNOWN
        order = self.callables.classes.mro(scope.receiver)
        later = order[order.index(scope.owner) + 1 :] if scope.owner in order else ()
        for each in later:
            if name in each.members:
                given = self.callables.of(each.members[name], scope.receiver)
                return UNKNOWN if given is None or given.flag in "pvk" else given.as_type
        return UNKNOWN

    def _attribute(self, own: Type, name: str, scope: _Scope) -> Type:
        """An attribute of an instance: a method is a function that gives what its calls give."""
        found: list[Type] = []
        for each in present(own).members:
            body = scope.receiver if each == SELF else self.callables.names.class_of(each.head)
            if each.head == "@" and each.arguments[0] == SELF:
                body = scope.receiver
            if body is None:
                found.append(self._outside(f"{each.head}.{name}") if "." in each.head else UNKNOWN)
                continue
            given = self.callables.member(body, name, None if each in (SELF, Type("@", (SELF,))) else each)
            if given is None:
                found.append(UNKNOWN)
            elif given.flag in "pv":
                found.append(given.gives)
            else:
                kind = given.as_type if each == SELF else given.as_type.substitute({SELF.head: each})
                found.append(Type("@", (kind,)))
        return union(found)

    def _named(self, node: ast.expr, scope: _Scope) -> Type:
        """What a name outside the function leads to."""
        if not _is_path(node):
            return UNKNOWN
        found = self.callables.names.resolve(node, scope.module, scope.owner)
        return self._found(found)

    def _found(self, found: Found) -> Type:
        if found.body is not None:
            return Type("@", (Type(found.body.path),))
        if isinstance(found.what, tuple):
            given = self.callables.of(found.what, None)
            if given is None:
                return UNKNOWN
            return given.gives if given.flag in "pv" else Type("@", (given.as_type,))
        return self._outside(found.path) if found.what is None else UNKNOWN

    def _outside(self, path: str) -> Type:
        """What knowledge says of a function outside the sources."""
        if "." not in path:
            return (
                Type("@", (Type(path),))
                if path in ("str", "int", "bytes", "bool", "list", "dict", "tuple")
                else UNKNOWN
            )
        result = self.callables.knowledge.result(path)
        if result is None:
            return UNKNOWN
        from flake8_asyncio.summary.callables import as_type

        match result.makes:
            case Makes.COROUTINE:
                return Type("@", (coroutine(as_type(result.gives)),))
            case Makes.TASK:
                return Type("@", (Type("asyncio.Future", (as_type(result.gives),)),))
            case Makes.VALUE:
                return Type("@", (as_type(result.value),))
        return UNKNOWN


def _is_path(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _is_wraps(decorator: ast.expr) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(target).rpartition(".")[2] in ("wraps", "update_wrapper")


def _is_abstract(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether there is no body: a docstring, `...`, `pass` or `raise`."""
    return all(
        isinstance(each, (ast.Pass, ast.Raise)) or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in node.body
    )
