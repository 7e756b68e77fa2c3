"""Calls whose result is made of their arguments, so that a reference would lose it by dropping them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from flake8_asyncio.facts.model import UNKNOWN, Arguments, Ref, Use
from flake8_asyncio.facts.references import GIVEN_CLASS, generic, holding, step, union
from flake8_asyncio.facts.scopes import Scope

_STEPWISE = {
    f"itertools.{name}"
    for name in (
        "islice chain chain.from_iterable takewhile dropwhile batched pairwise cycle zip_longest compress groupby"
        " filterfalse starmap"
    ).split()
}
_SAME = {"copy.copy", "copy.deepcopy", "weakref.proxy", "typing.assert_type", "typing.reveal_type", "inspect.unwrap"}
_LISTS = {"builtins.list", "builtins.sorted", "builtins.reversed", "builtins.filter"}
_SETS = {"builtins.set", "builtins.frozenset"}
_AWAITED = {
    "asyncio.create_task", "asyncio.ensure_future", "asyncio.wait_for", "asyncio.shield", "asyncio.run",
    "asyncio.run_coroutine_threadsafe", "asyncio.tasks.create_task", "asyncio.tasks.wait_for",
}  # fmt: skip
_AWAITED_METHODS = {"create_task": 0, "run_until_complete": 0}
_CALLED = {
    "asyncio.to_thread": 0, "anyio.to_thread.run_sync": 0, "starlette.concurrency.run_in_threadpool": 0,
    "fastapi.concurrency.run_in_threadpool": 0, "trio.to_thread.run_sync": 0,
}  # fmt: skip
_CALLED_METHODS = {"run_in_executor": 1, "submit": 0, "async_add_executor_job": 0, "async_add_import_executor_job": 0}
_MAKERS = {
    "sqlalchemy.orm.sessionmaker", "sqlalchemy.orm.session.sessionmaker", "sqlalchemy.ext.asyncio.async_sessionmaker",
    "sqlalchemy.ext.asyncio.session.async_sessionmaker",
}  # fmt: skip
_IMPORTERS = frozenset(
    "import_module lazy_import lazy_load lazy_module lazyimport lazymodule optional_import import_optional try_import "
    "import_optional_dependency import_or_none".split()
)
_FIELDS = {"attr.ib", "attr.attrib", "attr.field", "attrs.field", "dataclasses.field", "pydantic.Field"}
_DEPENDENCIES = {"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends"}

_CLASS = re.compile(r"(?!builtins\.)(?:\w+\.)+[A-Z]\w*[a-z]\w*")

Annotation = Callable[[ast.expr], Ref]


def passed_on(callee: Ref, node: ast.Call, arguments: Arguments, annotation: Annotation) -> Ref | None:
    """What the call gives where that depends on its arguments; None where the callee alone decides."""
    given = arguments.positional
    first = given[0] if given else UNKNOWN
    match callee:
        case "functools.partial" | "functools.partialmethod" | "builtins.staticmethod":
            return first
        case "typing.cast" | "typing_extensions.cast":
            return annotation(node.args[0]) if node.args else UNKNOWN
        case "builtins.getattr":
            return _getattr(node, arguments)
        case "builtins.next" | "builtins.min" | "builtins.max":
            return step(first, "*") if len(given) == 1 or callee == "builtins.next" else union(given)
        case "builtins.anext":
            return None
        case "typing.NewType" | "typing_extensions.NewType":
            return given[1] if len(given) > 1 else UNKNOWN
        case "typing.TypeVar" | "typing_extensions.TypeVar":
            bound = next((each.value for each in node.keywords if each.arg == "bound"), None)
            return generic(callee, annotation(bound)) if bound is not None else None
        case "collections.defaultdict":
            return generic(callee, UNKNOWN, step(first, "()")) if given else None
        case "weakref.ref":
            return generic("collections.abc.Callable", first)
        case "builtins.iter":
            return first
        case "builtins.type" if len(given) == 1:
            return first.removesuffix("()") if first.endswith("()") and first[0] != "(" else UNKNOWN
        case "builtins.enumerate":
            return _of_tuples("builtins.int()", step(first, "*"))
        case "builtins.zip":
            return _of_tuples(*(step(each, "*") for each in given))
        case "asyncio.gather" | "asyncio.tasks.gather":
            if arguments.is_open:
                return holding(callee, generic("builtins.list", union(step(each, "!") for each in given)))
            return holding(callee, generic("builtins.tuple", *(step(each, "!") for each in given)))
    if callee in _SAME:
        return first
    if callee in _FIELDS:
        return _field(node, arguments, annotation)
    if callee in _MAKERS:
        made = (arguments.keywords or {}).get("class_")
        return generic("collections.abc.Callable", step(made, "()")) if made is not None else None
    if callee in _DEPENDENCIES:
        return generic(callee, step(first, "()"))
    if callee in _LISTS:
        return generic("builtins.list", step(given[-1], "*")) if given else "builtins.list()"
    if callee == "builtins.tuple":
        return generic("builtins.list", step(first, "*")) if given else "builtins.tuple()"
    if callee in _SETS:
        return generic("builtins.set", step(first, "*")) if given else "builtins.set()"
    if first.startswith("='") and callee.rpartition(".")[2].lower() in _IMPORTERS:
        module = first[2:-1]
        return module if all(each.isidentifier() for each in module.split(".")) else UNKNOWN
    return _handed(callee, arguments)


def super_method(node: ast.Call, scope: Scope) -> Ref | None:
    """`super()` is called by nobody, and stands for the instance seen from its base classes."""
    match node.func:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=attr) if scope.owner:
            return f"{scope.owner.path}()^.{attr}"
    return None


def inside(use: Use, into: str) -> str:
    """Who takes what is in a collection: whoever takes the collection as an argument, if anybody does."""
    return into if use in (Use.PASSED, Use.COLLECTED) else ""


def taken(callee: Ref, use: Use, into: str) -> tuple[Use, str]:
    """What a call does with its arguments, and the callee that gets them; they share the fate of an `islice`."""
    if callee in _STEPWISE and use in (Use.ITERATED, Use.UNPACKED, Use.PASSED):
        return use, into
    return Use.PASSED, callee


def _handed(callee: Ref, arguments: Arguments) -> Ref | None:
    """A coroutine that is passed on gives what it would give; a function what calling it would."""
    name = callee.rpartition(".")[2]
    given = arguments.positional
    if name == "enter_context" and "." in callee and given:
        return step(given[0], "@")
    if name == "enter_async_context" and "." in callee and given:
        return holding(callee, step(given[0], "@!"))
    if name == "__new__" and given and not given[0].endswith(")"):
        return step(given[0], "()")
    if callee in _AWAITED and given:
        return holding(callee, step(given[0], "!"))
    if "." in callee and (position := _AWAITED_METHODS.get(name)) is not None and len(given) > position:
        return holding(callee, step(given[position], "!"))
    position = _CALLED.get(callee, _CALLED_METHODS.get(name) if "(" in callee or "." in callee else None)
    if position is not None and len(given) > position:
        return holding(callee, step(given[position], "()"))
    if given and _CLASS.fullmatch(given[0]) and callee[0] not in "?=(" and not callee.startswith("builtins."):
        return holding(callee, f"{GIVEN_CLASS}{given[0]}()")
    return None


def _field(node: ast.Call, arguments: Arguments, annotation: Annotation) -> Ref | None:
    """The attribute that a field of a class becomes, where its declaration says so."""
    keywords = arguments.keywords or {}
    if kind := next((each.value for each in node.keywords if each.arg == "type"), None):
        return annotation(kind)
    for name in ("factory", "default_factory"):
        if name in keywords:
            return step(keywords[name], "()")
    return keywords.get("default")


def _getattr(node: ast.Call, arguments: Arguments) -> Ref:
    match node.args:
        case [_, ast.Constant(value=str() as name)]:
            return step(arguments.positional[0], f".{name}") if name.isidentifier() else UNKNOWN
        case [_, ast.Constant(value=str() as name), _]:
            found = step(arguments.positional[0], f".{name}") if name.isidentifier() else UNKNOWN
            return union((found, arguments.positional[2]))
    return UNKNOWN


def _of_tuples(*items: Ref) -> Ref:
    return generic("builtins.list", generic("builtins.tuple", *items))
