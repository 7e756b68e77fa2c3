"""What a value certainly cannot be used for: awaited, entered, iterated over or called.

Only what is completely known lacks something: a class with an unknown base, an unknown decorator or an unknown
metaclass may have every method.
"""

from __future__ import annotations

import sys
from enum import Enum

from flake8_asyncio.facts.model import UNKNOWN, Class, Function
from flake8_asyncio.knowledge import Makes
from flake8_asyncio.project import containers, decorators
from flake8_asyncio.project.members import PLAIN
from flake8_asyncio.project.project import World
from flake8_asyncio.project.targets import External, Instance, Lazy, Literal, Object, Promise, Target


class Protocol(Enum):
    """A way of using a value, with the methods of which one must be there."""

    AWAIT = ("__await__",)
    WITH = ("__enter__",)
    ASYNC_WITH = ("__aenter__",)
    FOR = ("__iter__", "__getitem__")
    ASYNC_FOR = ("__aiter__",)
    CALL = ("__call__",)


_ALL = frozenset(Protocol)
_PROMISES = {
    Makes.COROUTINE: _ALL - {Protocol.AWAIT},
    Makes.TASK: _ALL - {Protocol.AWAIT, Protocol.FOR},
    Makes.ASYNC_CONTEXT: frozenset({Protocol.AWAIT, Protocol.WITH, Protocol.CALL}),
    Makes.ASYNC_ITERATOR: frozenset({Protocol.AWAIT, Protocol.FOR, Protocol.CALL}),
}
_DATA = {"dataclasses.dataclass", "dataclasses.dataclass()", "attr.s", "attr.s()", "attrs.define", "attrs.define()",
         "attrs.frozen", "attrs.frozen()", "typing.final", "functools.total_ordering"}  # fmt: skip
_ABSTRACT = ("collections.abc.", "typing.", "typing_extensions.", "contextlib.Abstract", "unittest.mock.")
_RECORDS = {"typing.NamedTuple", "typing.TypedDict", "typing_extensions.NamedTuple", "typing_extensions.TypedDict"}
_OPAQUE = {"builtins.object", "builtins.type", "builtins.super", "functools.partial", "types.ModuleType"}
_ENUMS = ("enum.",)
_COLLECTIONS = {
    f"{module}.{name}"
    for module in ("collections.abc", "typing")
    for name in (
        "ByteString", "Collection", "Container", "Hashable", "ItemsView", "KeysView", "List", "Dict", "Tuple",
        "Mapping", "MutableMapping", "MutableSequence", "MutableSet", "Sequence", "Set", "Sized", "ValuesView",
    )
}  # fmt: skip
_MODELS = ("pydantic.", "builtins.", "msgspec.")
_AWAITING = {"asyncio", "builtins", "collections", "concurrent", "contextlib", "functools", "inspect", "types",
             "typing", "unittest", "weakref", "multiprocessing", "xmlrpc"}  # fmt: skip
_OTHERS = {
    Protocol.WITH: Protocol.ASYNC_WITH,
    Protocol.ASYNC_WITH: Protocol.WITH,
    Protocol.FOR: Protocol.ASYNC_FOR,
    Protocol.ASYNC_FOR: Protocol.FOR,
}
_AWAITED = ("Await", "Future", "Task", "Promise", "Deferred", "Query", "Coroutine", "Mock", "Method", "Request",
            "Command", "Call", "Lazy", "Async", "Proxy", "Generator", "Context", "Pool", "Connect")  # fmt: skip
_NUMBERS = {"builtins.int", "builtins.float", "builtins.bool", "builtins.complex"}


def lacks(world: World, target: Target, protocol: Protocol) -> bool:
    """Whether a value certainly cannot be used in this way."""
    match target:
        case Literal(text):
            return protocol is not Protocol.FOR or text[0] not in "'\"b"
        case Promise(kind=Makes.MAY_AWAIT, entered=entered, value=value):
            may_enter = any(world.knowledge.definer(value.removesuffix("()"), each) for each in protocol.value)
            return protocol is Protocol.WITH and entered != UNKNOWN and not may_enter
        case Promise(kind=Makes.COROUTINE, value=value, entered=entered) if value != UNKNOWN:  # a class of its own
            return protocol is Protocol.WITH and entered != UNKNOWN
        case Promise(kind=kind):
            return protocol in _PROMISES.get(kind, frozenset())
        case Lazy(is_manager=is_manager, is_async=is_async):
            return protocol is not _lazily(is_manager, is_async)
        case Function():
            made = decorators.made(target, world.targets)
            return made is decorators.Made.ITSELF and protocol is not Protocol.CALL
        case Instance(of):
            return _instance_lacks(world, of, protocol)
        case Class():
            return protocol is Protocol.AWAIT
        case Object(of):
            return _object_lacks(world, of, protocol)
    return False


def _lazily(is_manager: bool, is_async: bool) -> Protocol:
    if is_manager:
        return Protocol.ASYNC_WITH if is_async else Protocol.WITH
    return Protocol.ASYNC_FOR if is_async else Protocol.FOR


def _instance_lacks(world: World, owner: Class, protocol: Protocol) -> bool:
    ancestry = world.ancestry.of(owner)
    is_data = protocol is Protocol.AWAIT and (
        all(isinstance(each, Class) or _is_data(each.path) for each in ancestry)
        or not any(_is_opaque(each) for each in ancestry)
    )
    return (is_data or world.members.is_complete(owner)) and not any(
        _may_have(world, each, protocol) for each in ancestry
    )


def _is_data(path: str) -> bool:
    """Whether a base outside the project makes records, errors or members of an enumeration, which nobody awaits."""
    return path in PLAIN or path in _RECORDS or path in _COLLECTIONS or path.startswith((*_MODELS, *_ENUMS))


def _is_opaque(owner: Class | External) -> bool:
    """Whether a base is unknown, or by its name one whose instances may be awaited; models and errors are none."""
    if isinstance(owner, Class):
        return any(word in owner.name for word in _AWAITED)
    return not owner.path[0].isalpha() or any(word in owner.path for word in _AWAITED)


def _may_have(world: World, owner: Class | External, protocol: Protocol) -> bool:
    if isinstance(owner, Class):
        names = (*owner.methods, *owner.attributes, *owner.declared)
        return _is_replaced(owner, protocol) or any(name in names for name in protocol.value)
    if owner.path in _RECORDS:
        return protocol is not Protocol.AWAIT
    if owner.path in PLAIN:
        return False
    if owner.path.startswith((*_ABSTRACT, *_ENUMS)):
        return protocol is not Protocol.AWAIT or not (owner.path.startswith(_ENUMS) or owner.path in _COLLECTIONS)
    made = world.knowledge.result(owner.path)
    if made is not None and made.makes is Makes.MAY_AWAIT:
        return True  # tables leave out what `await` calls
    return any(world.knowledge.definer(owner.path, name) for name in protocol.value)


def _is_replaced(owner: Class, protocol: Protocol) -> bool:
    """Whether decorators may give a class other methods; those by which it is awaited show in their names."""
    unknown = [each for each in owner.decorators if each not in _DATA]
    return any(protocol is not Protocol.AWAIT or _is_of_await(each) for each in unknown)


def _is_of_await(decorator: str) -> bool:
    return decorator == UNKNOWN or any(
        word.lower() in decorator.removesuffix("()").rpartition(".")[2].lower() for word in _AWAITED
    )


def _is_plain_standard(of: str) -> bool:
    """Whether a class is the standard library's, and outside the modules that have to do with `await`."""
    top = of.partition(".")[0]
    return top in sys.stdlib_module_names and top not in _AWAITING and of not in _OPAQUE


def _object_lacks(world: World, of: str, protocol: Protocol) -> bool:
    """Stubs leave methods out, so that entering and iterating need a sign that the other way is meant."""
    if protocol is Protocol.AWAIT and of in _COLLECTIONS:
        return True
    if of.startswith(_ABSTRACT) or of in _OPAQUE:
        return False
    if of in containers.BUILTINS:
        return protocol is not Protocol.FOR or of in _NUMBERS
    if of in containers.ITERATORS:
        return protocol is not Protocol.FOR
    if protocol is Protocol.AWAIT and _is_plain_standard(of):
        return True
    lock = world.knowledge.lock(of)
    if lock is not None and protocol in (Protocol.WITH, Protocol.ASYNC_WITH):
        return lock.kind != "event" and (lock.flavour == "asyncio") == (protocol is Protocol.WITH)
    if not world.knowledge.is_complete(of):
        return False
    has = {each for each in Protocol if any(world.knowledge.definer(of, name) for name in each.value)}
    other = _OTHERS.get(protocol)
    if other is not None and other not in has:
        return False
    return protocol not in has and protocol is not Protocol.CALL
