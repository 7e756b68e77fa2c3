"""What an annotation promises, as a reference to an instance."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable

from flake8_asyncio.facts.model import NONE, UNKNOWN, Ref
from flake8_asyncio.facts.references import alternatives, generic, step, union

_TRANSPARENT = {
    f"{module}.{name}"
    for module in ("typing", "typing_extensions", "dataclasses")
    for name in ("Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly", "InitVar", "Unpack")
} | {
    "pydantic.InstanceOf", "pydantic.SerializeAsAny", "pydantic.SkipValidation", "pydantic.json_schema.SkipJsonSchema",
    "sqlalchemy.orm.Mapped",
}  # fmt: skip
_OF_ITS_VALUE = {f"{module}.{name}" for module in ("typing", "typing_extensions") for name in ("Final", "ClassVar")}
_SELF = {"typing.Self", "typing_extensions.Self"}
_ANY = {
    f"{module}.{name}"
    for module in ("typing", "typing_extensions", "builtins")
    for name in ("Any", "object", "Never", "NoReturn", "Literal", "LiteralString", "Concatenate")
}
_UNIONS = {"typing.Union", "typing_extensions.Union", "types.UnionType"}
_OPTIONAL = {"typing.Optional", "typing_extensions.Optional"}
_CALLABLES = {"typing.Callable", "collections.abc.Callable"}
ALIASED = _UNIONS | _OPTIONAL | _CALLABLES | _TRANSPARENT - _OF_ITS_VALUE
_OFTEN_METHODS = frozenset({"list", "set", "dict", "type", "tuple", "bytes", "int", "float", "str", "bool", "object"})
_TYPES = {"builtins.type", "typing.Type"}
_CONTAINERS = {
    "typing.List": "builtins.list",
    "typing.Dict": "builtins.dict",
    "typing.Set": "builtins.set",
    "typing.FrozenSet": "builtins.frozenset",
    "typing.Tuple": "builtins.tuple",
    "typing.Deque": "collections.deque",
    "typing.DefaultDict": "collections.defaultdict",
    "typing.OrderedDict": "collections.OrderedDict",
}
_ABSTRACT = {
    f"typing.{name}": f"collections.abc.{name}"
    for name in (
        "Awaitable Coroutine AsyncIterator AsyncIterable AsyncGenerator Iterator Iterable Generator Sequence Mapping "
        "MutableSequence MutableMapping Collection Reversible"
    ).split()
}
_MANAGERS = {
    f"{module}.{name}": f"contextlib.{name}"
    for module in ("typing", "contextlib")
    for name in ("AbstractContextManager", "AbstractAsyncContextManager")
} | {
    "typing.ContextManager": "contextlib.AbstractContextManager",
    "typing.AsyncContextManager": "contextlib.AbstractAsyncContextManager",
}
RENAMED = _CONTAINERS | _ABSTRACT | _MANAGERS

Lookup = Callable[[ast.expr], Ref]


def promised(annotation: ast.expr | None, name_of: Lookup, owner: Ref | None = None) -> Ref:
    """The instance that `annotation` promises; `name_of` says what a name or attribute in it refers to."""
    match annotation:
        case None:
            return UNKNOWN
        case ast.Constant(value=None):
            return NONE
        case ast.Constant(value=str() as quoted):
            return promised(_parsed(quoted), name_of, owner)
        case ast.Name() | ast.Attribute():
            return _named(_no_method(name_of(annotation), owner), owner)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _either(promised(left, name_of, owner), promised(right, name_of, owner))
        case ast.Subscript(value=ast.Name() | ast.Attribute() as head, slice=inside):
            held = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            return _applied(_no_method(name_of(head), owner), held, name_of, owner)
    return UNKNOWN


def alias(node: ast.Subscript, name_of: Lookup) -> Ref:
    """What an alias of a union or a `Callable` stands for, without `None`: calling it gives what it promises.

    Classes give their instances; what has arguments is written as something that gives it when it is called.
    """
    promises = [each for each in alternatives(promised(node, name_of)) if each != NONE]
    if UNKNOWN in promises:
        return UNKNOWN
    return union(
        generic("collections.abc.Callable", each) if each.endswith(">()") else each.removesuffix("()")
        for each in promises
    )


@functools.lru_cache(maxsize=4096)
def _parsed(quoted: str) -> ast.expr | None:
    """A quoted annotation as syntax; most are a name, which needs no parser."""
    if quoted.isidentifier():
        return ast.Name(quoted, ast.Load())
    try:
        return ast.parse(quoted.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _no_method(name: Ref, owner: Ref | None) -> Ref:
    """The type that a name stands for: inside a class with a method `list`, an annotation means the built-in one."""
    before, _, last = name.rpartition(".")
    return f"builtins.{last}" if before == owner and last in _OFTEN_METHODS else name


def _named(name: Ref, owner: Ref | None) -> Ref:
    if name in _SELF:
        return f"{owner}()" if owner else UNKNOWN
    if name in _ANY or name in _OF_ITS_VALUE:
        return UNKNOWN
    return step(RENAMED.get(name, name), "()")


def _applied(head: Ref, held: list[ast.expr], name_of: Lookup, owner: Ref | None) -> Ref:
    if not held or head in _ANY:
        return UNKNOWN
    if head in _TRANSPARENT:
        return promised(held[0], name_of, owner)
    if head in _UNIONS:
        return _either(*(promised(each, name_of, owner) for each in held))
    if head in _OPTIONAL:
        return _either(promised(held[0], name_of, owner), NONE)
    if head in _TYPES:
        instance = promised(held[0], name_of, owner)
        return instance.removesuffix("()") if "(" in instance and instance[0] not in "(?=" else UNKNOWN
    head = RENAMED.get(head, head)
    if head in _CALLABLES:
        gives = promised(held[-1], name_of, owner)
        return generic("collections.abc.Callable", gives, *([gives] if _takes_what_it_gives(held) else []))
    if head == UNKNOWN:
        return UNKNOWN
    return generic(head, *(promised(each, name_of, owner) for each in held))


def _either(*promises: Ref) -> Ref:
    """One of several; `Any | None` promises as little as `Any`."""
    return union(each for each in promises if each != NONE or set(promises) != {UNKNOWN, NONE})


def _takes_what_it_gives(held: list[ast.expr]) -> bool:
    """Whether the arguments of a `Callable` are those of `Callable[[F], F]`, which is noted by naming `F` twice."""
    match held:
        case [ast.List(elts=[taken]), gives]:
            return ast.dump(taken) == ast.dump(gives)
    return False
