"""What a module binds its names to, in all branches that could be taken."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

PLATFORM = "linux"
VERSION = (3, 13)


@dataclass(eq=False, slots=True)
class Routine:
    """A function or method."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    module: Module
    owner: ClassBody | None


@dataclass(eq=False, slots=True)
class ClassBody:
    """A class, with what its body and its methods bind."""

    path: str
    node: ast.ClassDef
    module: Module
    outer: ClassBody | None
    members: dict[str, list[Binding]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.node.name


@dataclass(eq=False, slots=True)
class Import:
    """A name that stands for another module's, or for a module, whose `name` is empty."""

    origin: str
    name: str
    is_explicit: bool


@dataclass(eq=False, slots=True)
class Assignment:
    """A name with a value, an annotation or both; `within` is the method that sets it on `self`."""

    value: ast.expr | None
    annotation: ast.expr | None
    module: Module
    owner: ClassBody | None
    within: ast.FunctionDef | ast.AsyncFunctionDef | None = None


Binding = Routine | ClassBody | Import | Assignment


@dataclass(eq=False, slots=True)
class Module:
    """A module's names; `exported` is its `__all__`, if that can be read."""

    name: str
    is_package: bool
    is_stub: bool
    names: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    exported: list[str] | None = None

    @property
    def is_public(self) -> bool:
        """Whether no part of its name starts with an underscore."""
        return not any(part.startswith("_") for part in self.name.split("."))


@dataclass(frozen=True, slots=True)
class Target:
    """The Python that conditions are decided for."""

    version: tuple[int, int] = VERSION
    platform: str = PLATFORM


def read(name: str, tree: ast.Module, is_package: bool, is_stub: bool, target: Target) -> Module:
    """A module's names, from its syntax."""
    module = Module(name, is_package, is_stub)
    _Reader(module, target).body(tree.body, module.names, None)
    return module


class _Reader:
    """Walks the statements of modules and classes."""

    def __init__(self, module: Module, target: Target) -> None:
        self.module = module
        self.target = target

    def body(self, body: list[ast.stmt], names: dict[str, list[Binding]], owner: ClassBody | None) -> None:
        for node in body:
            self.statement(node, names, owner)

    def statement(self, node: ast.stmt, names: dict[str, list[Binding]], owner: ClassBody | None) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                names.setdefault(node.name, []).append(Routine(node, self.module, owner))
                if owner is not None:
                    self.attributes(node, owner)
            case ast.ClassDef():
                path = f"{owner.path if owner else self.module.name}.{node.name}"
                inner = ClassBody(path, node, self.module, owner)
                names.setdefault(node.name, []).append(inner)
                self.body(node.body, inner.members, inner)
            case ast.Import():
                for alias in node.names:
                    origin = alias.name if alias.asname else alias.name.partition(".")[0]
                    names.setdefault(alias.asname or origin, []).append(Import(origin, "", alias.asname == alias.name))
            case ast.ImportFrom():
                self.imported(node, names, owner)
            case ast.Assign():
                for target in node.targets:
                    self.assigned(target, node.value, names, owner)
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.setdefault(name, []).append(Assignment(node.value, node.annotation, self.module, owner))
                if name == "__all__" and owner is None and node.value is not None:
                    self.module.exported = _strings(node.value)
            case ast.AugAssign(target=ast.Name(id="__all__")) if self.module.exported is not None:
                self.module.exported = [*self.module.exported, *(_strings(node.value) or ())]
            case ast.If():
                holds = _decided(node.test, self.target)
                if holds is not True:
                    self.body(node.orelse, names, owner)
                if holds is not False:
                    self.body(node.body, names, owner)  # last, because the last binding counts
            case ast.Try():
                for handler in node.handlers:
                    self.body(handler.body, names, owner)
                for each in (node.body, node.orelse, node.finalbody):
                    self.body(each, names, owner)
            case ast.With():
                self.body(node.body, names, owner)
            case _ if type(node).__name__ == "TypeAlias":  # from Python 3.12 on
                named, value = getattr(node, "name", None), getattr(node, "value", None)
                if isinstance(named, ast.Name):
                    names.setdefault(named.id, []).append(Assignment(value, None, self.module, owner))

    def imported(self, node: ast.ImportFrom, names: dict[str, list[Binding]], owner: ClassBody | None) -> None:
        origin = node.module or ""
        if node.level:
            parts = self.module.name.split(".")
            kept = len(parts) - node.level + self.module.is_package
            origin = ".".join(parts[:kept] + ([node.module] if node.module else []))
        for alias in node.names:
            if alias.name == "*" and owner is None:
                self.module.stars.append(origin)
            elif alias.name != "*":
                binding = Import(origin, alias.name, alias.asname == alias.name)
                names.setdefault(alias.asname or alias.name, []).append(binding)

    def assigned(
        self, target: ast.expr, value: ast.expr, names: dict[str, list[Binding]], owner: ClassBody | None
    ) -> None:
        match target, value:
            case ast.Name(id=name), _:
                if name == "__all__" and owner is None:
                    self.module.exported = _strings(value)
                names.setdefault(name, []).append(Assignment(value, None, self.module, owner))
            case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
                for each, given in zip(targets, values, strict=True):
                    self.assigned(each, given, names, owner)

    def attributes(self, function: ast.FunctionDef | ast.AsyncFunctionDef, owner: ClassBody) -> None:
        """What a method sets on `self`."""
        parameters = [*function.args.posonlyargs, *function.args.args]
        if not parameters or any(
            isinstance(each, ast.Name) and each.id == "staticmethod" for each in function.decorator_list
        ):
            return
        annotations = {each.arg: each.annotation for each in (*parameters, *function.args.kwonlyargs)}
        for node in ast.walk(function):
            match node:
                case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id=me), attr=name)) if me == parameters[0].arg:
                    binding = Assignment(node.value, node.annotation, self.module, owner, function)
                case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=me), attr=name)]) if me == parameters[0].arg:
                    given = node.value
                    annotation = annotations.get(given.id) if isinstance(given, ast.Name) else None
                    binding = Assignment(given, annotation, self.module, owner, function)
                case _:
                    continue
            if name not in owner.members or isinstance(owner.members[name][-1], Assignment):
                owner.members.setdefault(name, []).append(binding)


def _strings(node: ast.expr) -> list[str] | None:
    """The strings in a list or tuple, or in a sum of them."""
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [each.value for each in elements if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            first, second = _strings(left), _strings(right)
            return None if first is None or second is None else first + second
    return None


def _decided(test: ast.expr, target: Target) -> bool | None:
    """Whether a condition on the Python or on type checking holds; None if it is about something else."""
    match test:
        case ast.BoolOp(op=op, values=values):
            known = [_decided(each, target) for each in values]
            decisive = isinstance(op, ast.Or)
            if decisive in known:
                return decisive
            return None if None in known else not decisive
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _decided(operand, target)
            return None if inner is None else not inner
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case ast.Compare(left=left, ops=[op], comparators=[ast.Tuple(elts=elements)]) if "version_info" in ast.unparse(
            left
        ):
            numbers = tuple(each.value for each in elements if isinstance(each, ast.Constant))
            mine = (*target.version, 0)[: max(2, len(numbers))]
            return _compared(op, mine, numbers)
        case ast.Compare(left=left, ops=[op], comparators=[ast.Constant(value=str() as name)]):
            return _compared(op, target.platform, name) if ast.unparse(left) == "sys.platform" else None
    return None


_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def _compared(op: ast.cmpop, left: object, right: object) -> bool | None:
    compare = _COMPARISONS.get(type(op))
    return None if compare is None else bool(compare(left, right))


def walk_own(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function in source order, without those of the functions and classes inside it."""
    pending: list[ast.AST] = list(reversed(function.body))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            pending.extend(reversed(list(ast.iter_child_nodes(node))))
