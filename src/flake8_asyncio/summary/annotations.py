"""The type that an annotation means: aliases are followed, and type variables kept."""

from __future__ import annotations

import ast
import functools

from flake8_asyncio.summary.modules import Assignment, ClassBody, Module
from flake8_asyncio.summary.names import Found, Names
from flake8_asyncio.summary.types import NONE, SELF, UNKNOWN, Type, spelling, union

_DEEPEST = 8
_VARIABLES = frozenset({"TypeVar", "ParamSpec", "TypeVarTuple"})
_TRANSPARENT = frozenset("Annotated ClassVar Final InitVar NotRequired ReadOnly Required Unpack".split())
_TYPING = frozenset({"typing", "typing_extensions", "dataclasses", "_typeshed"})
_NOTHING = frozenset(
    {"typing.Any", "object", "typing.Never", "typing.NoReturn", "typing.AnyStr", "typing.LiteralString"}
)


class Annotations:
    """Annotations of a library as types."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def read(self, node: ast.expr | None, module: Module, owner: ClassBody | None, depth: int = 0) -> Type:
        """The type of an annotation that is written in a module or class."""
        if depth > _DEEPEST:
            return UNKNOWN
        match node:
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=str() as quoted):
                return self.read(_parsed(quoted), module, owner, depth + 1)
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return union(self.read(each, module, owner, depth + 1) for each in (left, right))
            case ast.Name() | ast.Attribute():
                return self._named(node, module, owner, depth)
            case ast.Subscript(value=ast.Name() | ast.Attribute() as head, slice=inside):
                held = inside.elts if isinstance(inside, ast.Tuple) else [inside]
                return self._applied(head, held, module, owner, depth)
        return UNKNOWN

    def _named(self, node: ast.Name | ast.Attribute, module: Module, owner: ClassBody | None, depth: int) -> Type:
        if isinstance(node, ast.Name):
            scope = owner
            while scope is not None:
                if node.id in parameters(scope.node):
                    return Type(f"~{node.id}")
                scope = scope.outer
        found = self.names.resolve(node, module, owner)
        return self._meant(found, depth)

    def _meant(self, found: Found, depth: int) -> Type:
        name = spelling(found.path)
        if name == "typing.Self":
            return SELF
        if name in _NOTHING:
            return UNKNOWN
        alias = self._alias(found, depth)
        return Type(name) if alias is None else alias

    def _applied(
        self, head: ast.expr, held: list[ast.expr], module: Module, owner: ClassBody | None, depth: int
    ) -> Type:
        found = self.names.resolve(head, module, owner)
        name = spelling(found.path)
        package, _, last = name.rpartition(".")
        if package in _TYPING:
            if last in _TRANSPARENT:
                return self.read(held[0], module, owner, depth + 1)
            if last in ("Union", "Optional"):
                members = [self.read(each, module, owner, depth + 1) for each in held]
                return union([*members, NONE] if last == "Optional" else members)
            if last == "Literal":
                return union(Type(type(each.value).__name__) for each in held if isinstance(each, ast.Constant))
            if last in ("TypeGuard", "TypeIs"):
                return Type("bool")
        if name == "collections.abc.Callable":
            return Type(name, (self.read(held[-1], module, owner, depth + 1),))
        arguments = tuple(self.read(each, module, owner, depth + 1) for each in held)
        alias = self._alias(found, depth)
        if alias is None:
            return Type(name, arguments)
        variables = dict.fromkeys(alias.variables())
        return alias.substitute(dict(zip(variables, arguments, strict=False)))

    def _alias(self, found: Found, depth: int) -> Type | None:
        """What an alias or a type variable means; None for anything else."""
        binding = found.last
        if not isinstance(binding, Assignment):
            return None
        match binding.value:
            case ast.Call(func=function) if ast.unparse(function).rpartition(".")[2] in _VARIABLES:
                return _variable(found.path.rpartition(".")[2])
            case ast.Subscript() | ast.BinOp():
                return self.read(binding.value, binding.module, binding.owner, depth + 1)
            case ast.Constant(value=str()) | ast.Name() | ast.Attribute() if _is_alias(binding.annotation):
                return self.read(binding.value, binding.module, binding.owner, depth + 1)
            case ast.Name() | ast.Attribute() if binding.annotation is None:
                return self.read(binding.value, binding.module, binding.owner, depth + 1)
        return UNKNOWN if binding.value is not None and not isinstance(binding.value, ast.Call) else None


def parameters(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    """The type parameters that are written in brackets after a name, from Python 3.12 on."""
    return tuple(each.name for each in getattr(node, "type_params", ()))


def _variable(name: str) -> Type:
    """A type variable; one that is called after `self` is what its users mean by it."""
    return SELF if "self" in name.lower() else Type(f"~{name}")


def _is_alias(annotation: ast.expr | None) -> bool:
    return annotation is not None and ast.unparse(annotation).rpartition(".")[2] == "TypeAlias"


@functools.lru_cache(maxsize=4096)
def _parsed(quoted: str) -> ast.expr | None:
    try:
        return ast.parse(quoted.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
