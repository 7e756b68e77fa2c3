"""What decorators make of a function: the library's own are read, those of others are known or change everything."""

from __future__ import annotations

import ast
from enum import Enum, auto

from flake8_asyncio.summary.annotations import Annotations
from flake8_asyncio.summary.modules import Routine, walk_own
from flake8_asyncio.summary.names import Names
from flake8_asyncio.summary.types import AWAITABLE, COROUTINE, UNKNOWN, Type


class Makes(Enum):
    """What the name stands for in the end."""

    FUNCTION = auto()  # the function itself, or something that gives the same
    COROUTINE_FUNCTION = auto()
    PROPERTY = auto()
    MANAGER = auto()
    ASYNC_MANAGER = auto()
    ACCESSOR = auto()  # the setter or deleter of a property
    TYPED = auto()  # something of a class that the decorator names
    UNKNOWN = auto()


_PROPERTIES = frozenset(
    "property cached_property reify under_cached_property hybrid_property abstractproperty async_property "
    "memoized_property ro_memoized_property non_memoized_property".split()
)
_TRANSPARENT = frozenset(
    "abstractmethod cache classmethod deprecated final lru_cache no_type_check overload override runtime_checkable "
    "singledispatch singledispatchmethod staticmethod type_check_only validate_call wraps".split()
)
_ACCESSORS = frozenset({"setter", "deleter", "getter", "expression", "inplace"})
_KNOWN = {"asynccontextmanager": Makes.ASYNC_MANAGER, "contextmanager": Makes.MANAGER}


def last_name(decorator: ast.expr) -> str:
    """The last part of what a decorator is called."""
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(target).rpartition(".")[2]


def is_overload(routine: Routine) -> bool:
    """Whether a definition only says one way to call."""
    return any(last_name(each) == "overload" for each in routine.node.decorator_list)


class Decorators:
    """Judges the decorators of a library's functions."""

    def __init__(self, names: Names, annotations: Annotations) -> None:
        self.names = names
        self.annotations = annotations
        self._judged: dict[Routine, Makes] = {}

    def made(self, routine: Routine) -> Makes:
        """What all decorators of a function make together, the innermost first."""
        makes = Makes.FUNCTION
        for decorator in reversed(routine.node.decorator_list):
            one = self._one(decorator, routine)
            if one is Makes.FUNCTION:
                continue
            if makes is Makes.FUNCTION or one in (Makes.PROPERTY, Makes.UNKNOWN, Makes.ACCESSOR):
                makes = one
            elif makes is not one:
                return Makes.UNKNOWN
        return makes

    def _one(self, decorator: ast.expr, routine: Routine) -> Makes:
        name = last_name(decorator)
        if name in _PROPERTIES:
            return Makes.PROPERTY
        if name in _ACCESSORS:
            return Makes.ACCESSOR
        if name in _TRANSPARENT:
            return Makes.FUNCTION
        called = isinstance(decorator, ast.Call)
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        found = self.names.resolve(target, routine.module, routine.owner)
        if name in _KNOWN and (found.path.startswith("contextlib.") or not isinstance(found.last, Routine)):
            return _KNOWN[name]
        if isinstance(found.last, Routine):
            return self.judged(found.last, called)
        if found.body is not None and any(
            each.startswith("property") for each in map(ast.unparse, found.body.node.bases)
        ):
            return Makes.PROPERTY
        return Makes.UNKNOWN

    def judged(self, decorator: Routine, called: bool) -> Makes:
        """What one of the library's own decorators makes; `called` is one that takes arguments first."""
        if decorator not in self._judged:
            self._judged[decorator] = Makes.FUNCTION  # for one that decorates itself
            self._judged[decorator] = self._annotated(decorator) or self._wrapped(decorator, called)
        return self._judged[decorator]

    def _annotated(self, decorator: Routine) -> Makes | None:
        kind = self.annotations.read(decorator.node.returns, decorator.module, decorator.owner)
        for _ in range(2):
            if kind.is_variable:
                return Makes.FUNCTION
            if kind.head == "collections.abc.Callable" and kind.arguments:
                kind = kind.arguments[0]
                if kind.head in (COROUTINE, AWAITABLE):
                    return Makes.COROUTINE_FUNCTION
                if self.names.class_of(kind.head) is not None:
                    return Makes.TYPED
                continue
            break
        return None

    def type_made(self, routine: Routine) -> Type:
        """What a function gives whose decorator names a class, with a variable for what the function itself gives."""
        for decorator in routine.node.decorator_list:
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            found = self.names.resolve(target, routine.module, routine.owner)
            if isinstance(found.last, Routine) and self.judged(found.last, False) is Makes.TYPED:
                kind = self.annotations.read(found.last.node.returns, found.last.module, found.last.owner)
                while kind.head == "collections.abc.Callable":
                    kind = kind.arguments[0]
                return kind
        return UNKNOWN

    def _wrapped(self, decorator: Routine, called: bool) -> Makes:
        """What the functions that a decorator defines and returns do with the one they are given."""
        inner = {
            node.name: node
            for node in walk_own(decorator.node)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        given = {each.arg for each in (*decorator.node.args.posonlyargs, *decorator.node.args.args)}
        verdicts = set()
        for node in walk_own(decorator.node):
            if not isinstance(node, ast.Return) or node.value is None:
                continue
            returned = node.value
            if isinstance(returned, ast.Call) and len(returned.args) == 1 and last_name(returned) in ("cast", "wraps"):
                returned = returned.args[0]
            if isinstance(returned, ast.Call) and last_name(returned) == "cast" and len(returned.args) == 2:
                returned = returned.args[1]
            match returned:
                case ast.Name(id=name) if name in inner:
                    nested = Routine(inner[name], decorator.module, decorator.owner)
                    verdicts.add(
                        self._wrapped(nested, False)
                        if called and _makes_functions(inner[name])
                        else _wrapper(inner[name])
                    )
                case ast.Name(id=name) if name in given:
                    verdicts.add(Makes.FUNCTION)
                case _:
                    verdicts.add(Makes.UNKNOWN)
        known = verdicts - {Makes.FUNCTION}
        if len(verdicts) == 1:
            return verdicts.pop()
        return Makes.FUNCTION if verdicts and known <= {Makes.COROUTINE_FUNCTION} else Makes.UNKNOWN


def _makes_functions(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a nested function is the decorator, and one inside it the wrapper."""
    return any(isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) for each in walk_own(node)) or not any(
        isinstance(each, ast.Call) for each in walk_own(node)
    )


def _wrapper(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Makes:
    """What a wrapper gives: one that hands on what the wrapped function gives is as good as that."""
    if isinstance(node, ast.AsyncFunctionDef):
        return Makes.COROUTINE_FUNCTION
    returns = [each.value for each in walk_own(node) if isinstance(each, ast.Return)]
    handed_on = [each for each in returns if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)]
    return Makes.FUNCTION if handed_on else Makes.UNKNOWN
