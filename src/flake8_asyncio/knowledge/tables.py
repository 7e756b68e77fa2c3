"""Tables made from libraries' own sources: what their functions give, and what their classes have.

A table is JSON with `a` aliases, `f` functions and `c` classes. An entry is a flag, then what the call gives, then the
type of the value itself: `a:aiohttp.ClientResponse`, `m:asyncpg.Pool|asyncpg.Pool`. A class has `b` bases, `m` members,
`s` the names of its other plain methods (with a `?` if they may give anything), `w` what awaiting and `e` what entering
an instance gives; a `?` of its own says that it may have more than that. `seen` is the version that was looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flake8_asyncio.facts.model import UNKNOWN, Ref
from flake8_asyncio.knowledge.annotation import reference
from flake8_asyncio.knowledge.model import Makes, Result

_MAKES = {
    "s": Makes.VALUE,
    "a": Makes.COROUTINE,
    "w": Makes.COROUTINE,
    "t": Makes.TASK,
    "m": Makes.MAY_AWAIT,
    "u": Makes.MAY_AWAIT,
    "c": Makes.ASYNC_CONTEXT,
    "g": Makes.ASYNC_ITERATOR,
}
_ATTRIBUTES = ("p", "v")


@dataclass(frozen=True, slots=True)
class Table:
    """The generated facts about one library, still in their compact form."""

    aliases: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    classes: dict[str, dict[str, Any]] = field(default_factory=dict)


def read(path: Path) -> Table:
    """The table in a file."""
    import json  # here, because most runs are served by very few files

    document = json.loads(path.read_text(encoding="utf-8"))
    return Table(document["a"], document["f"], document["c"])


def result(entry: str, owner: str = "") -> Result | None:
    """What a table's entry says of a call; None for an attribute. `owner` is the class that `Self` stands for."""
    flag, gives, value = _parts(entry, owner)
    makes = _MAKES.get(flag)
    if makes is None:
        return None
    match makes:
        case Makes.VALUE:
            return Result(makes, gives, gives)
        case Makes.ASYNC_CONTEXT:
            return Result(makes, value, UNKNOWN, gives)
        case Makes.ASYNC_ITERATOR:
            return Result(makes, value, UNKNOWN, UNKNOWN, gives)
        case Makes.TASK:
            return Result(makes, value if value != UNKNOWN else "asyncio.Future()", gives)
    return Result(makes, value, gives)


def attribute(entry: str, owner: str = "") -> Ref | None:
    """The type of an attribute or property; None for a method."""
    flag, gives, _ = _parts(entry, owner)
    return gives if flag in _ATTRIBUTES else None


def _parts(entry: str, owner: str) -> tuple[str, Ref, Ref]:
    """The flag, what the call gives, and the type of the value itself."""
    flag, rest = entry[:1], entry[1:]
    gives, wrapper = rest, ""
    if rest.startswith("|"):
        gives, wrapper = "", rest[1:]
    elif rest.startswith(":") and "|" in rest:
        gives, _, wrapper = rest.rpartition("|")
    return flag, reference(gives.removeprefix(":"), owner), reference(wrapper, owner)
