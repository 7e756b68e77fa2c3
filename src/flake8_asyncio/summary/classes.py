"""Classes of a library: their bases, their members, and what awaiting, entering and iterating an instance gives."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.summary.annotations import Annotations, parameters
from flake8_asyncio.summary.modules import Binding, ClassBody
from flake8_asyncio.summary.names import Names
from flake8_asyncio.summary.types import UNKNOWN, Type

_LONGEST = 60


class Classes:
    """Questions about classes, asked by the paths where they are written."""

    def __init__(self, names: Names, annotations: Annotations) -> None:
        self.names = names
        self.annotations = annotations
        self._bases: dict[ClassBody, tuple[Type, ...]] = {}
        self._mro: dict[ClassBody, tuple[ClassBody, ...]] = {}

    def bases(self, body: ClassBody) -> tuple[Type, ...]:
        """The bases as they are written."""
        if body not in self._bases:
            self._bases[body] = ()  # while it is being worked out
            self._bases[body] = tuple(self.annotations.read(each, body.module, body.outer) for each in body.node.bases)
        return self._bases[body]

    def parameters(self, body: ClassBody) -> tuple[str, ...]:
        """The type variables of a generic, written `~T`."""
        if named := parameters(body.node):
            return tuple(f"~{name}" for name in named)
        found: dict[str, None] = {}
        for base in self.bases(body):
            variables = [each.head for each in base.arguments if each.is_variable]
            if base.head in ("typing.Generic", "typing.Protocol"):
                return tuple(variables)
            found.update(dict.fromkeys(base.variables()))
        return tuple(found)

    def mro(self, body: ClassBody) -> tuple[ClassBody, ...]:
        """The class and its bases, each before its own, as far as they are in the sources."""
        if body not in self._mro:
            order: list[ClassBody] = []
            self._walk(body, order, 0)
            self._mro[body] = tuple(reversed(order))
        return self._mro[body]

    def _walk(self, body: ClassBody, order: list[ClassBody], depth: int) -> None:
        if body in order or depth > _LONGEST:
            return
        for base in reversed(self.bases(body)):
            inner = self.names.class_of(base.head)
            if inner is not None:
                self._walk(inner, order, depth + 1)
        order.append(body)

    def ancestors(self, kind: Type) -> Iterator[Type]:
        """A type and all that its class inherits from, with type variables filled in."""
        seen = set()
        pending = [kind]
        while pending:
            each = pending.pop(0)
            if each.head in seen:
                continue
            seen.add(each.head)
            yield each
            body = self.names.class_of(each.head)
            if body is not None:
                values = self.values(body, each)
                pending.extend(base.substitute(values) for base in self.bases(body))

    def values(self, body: ClassBody, kind: Type) -> dict[str, Type]:
        """What the type variables of a class are in one of its types; without arguments they are unknown."""
        names = self.parameters(body)
        arguments = (*kind.arguments, *(UNKNOWN for _ in names))
        return dict(zip(names, arguments, strict=False))

    def seen_from(self, kind: Type, owner: ClassBody) -> dict[str, Type]:
        """What the type variables of a base class are, seen from a type."""
        for each in self.ancestors(kind):
            if self.names.class_of(each.head) is owner:
                return self.values(owner, each)
        return {}

    def member(self, body: ClassBody, name: str) -> tuple[ClassBody, list[Binding]] | None:
        """The first definition of a member, and the class that has it."""
        for each in self.mro(body):
            if name in each.members:
                return each, each.members[name]
        return None

    def is_known(self, body: ClassBody) -> bool:
        """Whether all bases are in the sources, or have nothing that matters here."""
        return all(
            self.names.class_of(base.head) is not None or base.head in _HARMLESS
            for each in self.mro(body)
            for base in self.bases(each)
        )


_HARMLESS = frozenset(
    "BaseException ConnectionError Exception KeyError OSError RuntimeError TypeError ValueError abc.ABC "
    "collections.abc.AsyncGenerator collections.abc.AsyncIterable collections.abc.AsyncIterator "
    "collections.abc.Awaitable collections.abc.Coroutine contextlib.AbstractAsyncContextManager "
    "contextlib.AbstractContextManager enum.Enum enum.Flag enum.IntEnum enum.IntFlag enum.StrEnum object "
    "typing.Generic typing.NamedTuple typing.Protocol typing.TypedDict".split()
)
