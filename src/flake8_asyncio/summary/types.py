"""Types as annotations write them, with every name in full."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Type:
    """A class with its arguments; `~T` is a type variable, `|` a union, `@` a function that gives its argument."""

    head: str
    arguments: tuple[Type, ...] = ()

    @property
    def members(self) -> tuple[Type, ...]:
        """The alternatives of a union; any other type is its only one."""
        return self.arguments if self.head == "|" else (self,)

    @property
    def bare(self) -> Type:
        """The type without its arguments."""
        return Type(self.head) if self.head not in ("|", "@") else self

    @property
    def is_variable(self) -> bool:
        """Whether this is a type variable."""
        return self.head.startswith("~")

    def substitute(self, values: Mapping[str, Type]) -> Type:
        """The type with some variables replaced; keys are written `~T`."""
        if self.head in values:
            return values[self.head]
        if not values or not self.arguments:
            return self
        arguments = tuple(each.substitute(values) for each in self.arguments)
        return union(arguments) if self.head == "|" else Type(self.head, arguments)

    def variables(self) -> Iterable[str]:
        """The type variables in the order in which they are written."""
        if self.is_variable:
            yield self.head
        for each in self.arguments:
            yield from each.variables()

    def heads(self) -> Iterable[str]:
        """Every class that is named."""
        if self.head not in ("|", "@"):
            yield self.head
        for each in self.arguments:
            yield from each.heads()


UNKNOWN = Type("?")
NONE = Type("None")
SELF = Type("Self")
_MOST = 4  # alternatives that are worth telling apart

_ABSTRACT = frozenset(
    "AsyncGenerator AsyncIterable AsyncIterator Awaitable Callable Collection Coroutine Generator Iterable Iterator "
    "Mapping MutableMapping MutableSequence Reversible Sequence".split()
)
_CONTAINERS = {
    "typing.DefaultDict": "collections.defaultdict",
    "typing.Deque": "collections.deque",
    "typing.Dict": "dict",
    "typing.FrozenSet": "frozenset",
    "typing.List": "list",
    "typing.OrderedDict": "collections.OrderedDict",
    "typing.Set": "set",
    "typing.Text": "str",
    "typing.Tuple": "tuple",
    "typing.Type": "type",
}
_SPELLINGS = {
    "_asyncio.Future": "asyncio.Future",
    "_asyncio.Task": "asyncio.Task",
    "asyncio.futures.Future": "asyncio.Future",
    "asyncio.tasks.Task": "asyncio.Task",
    "contextlib._AsyncGeneratorContextManager": "contextlib.AbstractAsyncContextManager",
    "contextlib._GeneratorContextManager": "contextlib.AbstractContextManager",
    "types.AsyncGeneratorType": "collections.abc.AsyncGenerator",
    "types.CoroutineType": "collections.abc.Coroutine",
    "types.GeneratorType": "collections.abc.Generator",
    "typing.AbstractAsyncContextManager": "contextlib.AbstractAsyncContextManager",
    "typing.AbstractContextManager": "contextlib.AbstractContextManager",
    "typing.AsyncContextManager": "contextlib.AbstractAsyncContextManager",
    "typing.ContextManager": "contextlib.AbstractContextManager",
}
AWAITABLE = "collections.abc.Awaitable"
COROUTINE = "collections.abc.Coroutine"
FUTURES = frozenset({"asyncio.Future", "asyncio.Task"})
ASYNC_CONTEXT = "contextlib.AbstractAsyncContextManager"
ASYNC_ITERATORS = frozenset(f"collections.abc.Async{kind}" for kind in ("Generator", "Iterable", "Iterator"))


def spelling(name: str) -> str:
    """The usual name of a type of the standard library."""
    module, _, last = name.rpartition(".")
    if module == "builtins":
        return last
    if module in ("typing", "typing_extensions", "_typeshed", "_collections_abc", "collections.abc"):
        if last in _ABSTRACT:
            return f"collections.abc.{last}"
        name = f"typing.{last}"
    return _CONTAINERS.get(name, _SPELLINGS.get(name, name))


def union(types: Iterable[Type]) -> Type:
    """The union of several types; of too many, or with an unknown one, it is unknown."""
    members = tuple(dict.fromkeys(member for each in types for member in each.members))
    if UNKNOWN in members or len(members) > _MOST:
        return UNKNOWN
    return members[0] if len(members) == 1 else Type("|", members) if members else UNKNOWN


def present(kind: Type) -> Type:
    """The type without `None`, as far as something is left."""
    return union([each for each in kind.members if each != NONE] or [kind])


def coroutine(gives: Type) -> Type:
    """What calling an `async def` makes."""
    return Type(COROUTINE, (gives,))


def is_builtin(head: str) -> bool:
    """Whether the name is one of `builtins`."""
    return "." not in head and hasattr(builtins, head)
