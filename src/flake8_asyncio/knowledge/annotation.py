"""Types as knowledge files write them, `tuple[asyncio.StreamReader, int]`, turned into references."""

from __future__ import annotations

import builtins

from flake8_asyncio.facts.model import NONE, UNKNOWN, Ref

_ANYTHING = frozenset({"", "?", "object", "typing.Any", "typing.Literal", "typing.AnyStr", "typing.Callable"})
_SPELLINGS = {
    "typing.Dict": "builtins.dict",
    "typing.FrozenSet": "builtins.frozenset",
    "typing.List": "builtins.list",
    "typing.Set": "builtins.set",
    "typing.Text": "builtins.str",
    "typing.Tuple": "builtins.tuple",
} | {
    f"typing.{name}": f"collections.abc.{name}"
    for name in (
        "Awaitable Coroutine AsyncIterator AsyncIterable AsyncGenerator Iterator Iterable Generator Sequence Mapping "
        "MutableSequence MutableMapping Collection Reversible"
    ).split()
}


def reference(text: str, owner: str = "") -> Ref:
    """The reference to a value of a type; `Self` is `owner`, and type variables are unknown."""
    value, _ = _union(text.replace(" ", ""), 0, owner)
    return value


def _union(text: str, start: int, owner: str) -> tuple[Ref, int]:
    """The reference that begins at an index, and where it ends."""
    values: dict[Ref, None] = {}
    while True:
        value, start = _single(text, start, owner)
        values[value] = None
        if start >= len(text) or text[start] != "|":
            break
        start += 1
    if UNKNOWN in values:
        return UNKNOWN, start
    return next(iter(values)) if len(values) == 1 else f"({'|'.join(values)})", start


def _single(text: str, start: int, owner: str) -> tuple[Ref, int]:
    """One type without its alternatives, and where it ends."""
    end = start
    while end < len(text) and text[end] not in "[],|":
        end += 1
    name, arguments = text[start:end], []
    if end < len(text) and text[end] == "[":
        while end < len(text) and text[end] in "[,":
            argument, end = _union(text, end + 1, owner)
            arguments.append(argument)
        end += 1
    return _written(name, arguments, owner), end


def _written(name: str, arguments: list[Ref], owner: str) -> Ref:
    """The reference to a value of the named type with these arguments."""
    if name == "None":
        return NONE
    if name in ("Self", "typing.Self"):
        return f"{owner}()" if owner else UNKNOWN
    if name in _ANYTHING or name.startswith("~") or not name.replace(".", "").isidentifier():
        return UNKNOWN
    name = _SPELLINGS.get(name, name)
    if "." not in name and hasattr(builtins, name):
        name = f"builtins.{name}"
    if name in ("typing.Union", "typing.Optional"):
        return UNKNOWN
    if name in ("builtins.type", "typing.Type"):
        return arguments[0].removesuffix("()") if arguments else UNKNOWN
    return f"{name}<{','.join(arguments)}>()" if arguments else f"{name}()"
