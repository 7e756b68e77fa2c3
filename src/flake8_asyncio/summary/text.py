"""Types and entries as a table writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flake8_asyncio.summary.types import NONE, SELF, UNKNOWN, Type, is_builtin, present, union

if TYPE_CHECKING:
    from flake8_asyncio.summary.callables import Callables, Given

Public = Callable[[str], str]
_DEEPEST = 2  # arguments inside arguments are seldom asked for
_BARE = frozenset({"None", "?", "|", "@"})


def entry(given: Given, public: Public) -> str:
    """An entry: its flag, then `:` and what the call gives, then `;` and the type of the value itself."""
    gives = text(given.gives, public)
    value = text(union(each.bare for each in given.value.members), public)
    return given.flag + (f":{gives}" if gives not in ("?", "None", "") else "") + (f";{value}" if value != "?" else "")


def text(kind: Type, public: Public, depth: int = 0) -> str:
    """A type; what type variables stand for is not known."""
    kind = present(kind)
    if kind.head == "|":
        written = dict.fromkeys(text(each, public, depth) for each in kind.arguments)
        return "?" if "?" in written else "|".join(written)
    if kind.head in _BARE or kind.is_variable:
        return "None" if kind == NONE else "?"
    head = public(kind.head)
    if not kind.arguments or depth >= _DEEPEST or kind.head == "typing.Literal":
        return head
    arguments = [text(each, public, depth + 1) for each in kind.arguments]
    return head if all(each == "?" for each in arguments) else f"{head}[{','.join(arguments)}]"


def is_plain(kind: Type, callables: Callables) -> bool:
    """Whether a type is known, and its values cannot be awaited."""
    return all(_is_plain(each, callables) for each in kind.members)


def _is_plain(kind: Type, callables: Callables) -> bool:
    if kind in (NONE, SELF):
        return True
    if kind == UNKNOWN or kind.is_variable or kind.head in ("|", "@"):
        return False
    if is_builtin(kind.head) or kind.head.startswith("collections.abc."):
        return kind.head != "object"
    return callables.names.class_of(kind.head) is not None and callables.awaited(kind) is None
