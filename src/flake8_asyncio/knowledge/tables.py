"""Tables made from libraries' own sources: what their functions give, and what their classes have.

A table is JSON with `a` aliases, `f` functions and `c` classes. An entry is a flag, then what the call gives, then the
type of the value itself: `a:aiohttp.ClientResponse`, `m:asyncpg.Pool;asyncpg.Pool`; alternatives have a `|` between
them. A class has `b` bases, `m` members, `s` the names of its other plain methods (with a `?` if they may give
anything), `w` what awaiting and `e` what entering an instance gives; a `?` of its own says that it may have more than
that. `k` has what stops its callers, by kind and by the module or class that has it: names with spaces between them, a
`~` behind those that wait only while what they give is iterated, a `=` behind attributes. `seen` is the version that
was looked at; what was different in the version `older` is in `between`, and its entries allow for both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flake8_asyncio.facts.model import UNKNOWN, Ref
from flake8_asyncio.knowledge.annotation import reference
from flake8_asyncio.knowledge.model import Claim, KnowledgeError, Makes, Result

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
LAZY, READ = "~", "="
WAITS = {  # by kind: the first that a call comes to is told
    "network": "it waits for the network",
    "database": "it waits for a database",
    "process": "it waits for another process",
    "sleep": "it sleeps",
}


@dataclass(frozen=True, slots=True)
class Table:
    """The generated facts about one library, still in their compact form."""

    aliases: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    classes: dict[str, dict[str, Any]] = field(default_factory=dict)
    blocks: dict[str, Claim] = field(default_factory=dict)

    def add(self, other: Table, takes: Callable[[str], bool]) -> None:
        """Take over what another table says about some names; it wins."""
        for name, path in other.aliases.items():
            if takes(name):
                self.aliases[name] = path
        for name, entry in other.functions.items():
            if takes(name):
                self.functions[name] = entry
        for name, record in other.classes.items():
            if takes(name):
                self.classes[name] = record
        for name, claim in other.blocks.items():
            if takes(name):
                self.blocks[name] = claim

    def add_missing(self, other: Table) -> None:
        """Take over what another table says of names that this one does not have."""
        known = self.names
        self.add(other, lambda name: name not in known)
        for name, claim in other.blocks.items():
            self.blocks.setdefault(name, claim)

    @property
    def names(self) -> frozenset[str]:
        """Every name that something is said about."""
        return frozenset((*self.aliases, *self.functions, *self.classes, *self.blocks))


def read(path: Path) -> Table:
    """The table in a file."""
    import json  # here, because most runs are served by very few files

    return _table(json.loads(path.read_text(encoding="utf-8")))


def read_checked(path: Path) -> Table:
    """A table that users keep; raises KnowledgeError, with the place and what belongs there."""
    import json

    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise KnowledgeError(str(path), "", f"expected a readable JSON file ({error.strerror})") from None
    except ValueError as error:
        raise KnowledgeError(str(path), "", f"expected JSON ({error})") from None
    for place, expected in _mistakes(document):
        raise KnowledgeError(str(path), place, f"expected {expected}")
    return _table(document)


def _table(document: dict[str, Any]) -> Table:
    return Table(document["a"], document["f"], document["c"], dict(_blocks(document.get("k", {}))))


def _blocks(kinds: dict[str, dict[str, str]]) -> Iterator[tuple[str, Claim]]:
    for kind, owners in kinds.items():
        claim = Claim(kind, WAITS[kind], is_derived=True)
        marked = {LAZY: claim._replace(lazy=True), READ: claim._replace(is_read=True)}
        for owner, names in owners.items():
            for name in names.split():
                yield f"{owner}.{name.rstrip(LAZY + READ)}", marked.get(name[-1], claim)


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
    gives, _, wrapper = entry[1:].partition(";")
    return entry[:1], reference(gives.removeprefix(":"), owner), reference(wrapper, owner)


_ENTRY = re.compile(r"[acgmpstuvw](:[^;]+)?(;[^;]+)?")
_WRITTEN = "an entry such as `a:package.Result`, as `flake8-asyncio summarize` writes it"
_RECORD: dict[str, tuple[Callable[[Any], bool], str]] = {
    "?": (lambda value: value == 1, "1"),
    "b": (lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value), "a list of classes"),
    "e": (lambda value: isinstance(value, str), "a type"),
    "m": (lambda value: isinstance(value, dict), "a table of members"),
    "s": (lambda value: isinstance(value, str), "names with spaces between them"),
    "w": (lambda value: _is_entry(value), _WRITTEN),
}


def _mistakes(document: Any) -> Iterator[tuple[str, str]]:
    """The places of a table where something else belongs."""
    if not isinstance(document, dict):
        yield "", "a table with `a`, `f` and `c`, as `flake8-asyncio summarize` writes it"
        return
    for part in "afc":
        names = document.get(part)
        if not isinstance(names, dict):
            yield part, "a table of dotted names"
            return
        for name in names:
            if not ("." in name and name.replace(".", "").isidentifier()):
                yield part, f"dotted names, such as `package.module.function`; got `{name}`"
    for name, path in document["a"].items():
        if not isinstance(path, str):
            yield f"a.{name}", "a dotted name"
    for name, entry in document["f"].items():
        if not _is_entry(entry):
            yield f"f.{name}", _WRITTEN
    for name, record in document["c"].items():
        yield from _mistakes_of_class(f"c.{name}", record)
    yield from _mistakes_of_blocks(document.get("k", {}))


def _mistakes_of_blocks(kinds: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(kinds, dict):
        yield "k", "a table of kinds"
        return
    for kind, owners in kinds.items():
        if kind not in WAITS:
            yield f"k.{kind}", "one of " + ", ".join(f"`{each}`" for each in WAITS)
        elif not isinstance(owners, dict):
            yield f"k.{kind}", "a table of modules and classes"
        else:
            yield from (
                (f"k.{kind}.{owner}", "names with spaces between them")
                for owner, names in owners.items()
                if not (isinstance(names, str) and all(each.rstrip(LAZY + READ) for each in names.split()))
            )


def _mistakes_of_class(place: str, record: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(record, dict):
        yield place, "a table with some of " + ", ".join(f"`{key}`" for key in _RECORD)
        return
    for key, value in record.items():
        is_right, expected = _RECORD.get(key, (lambda _: False, "one of " + ", ".join(f"`{each}`" for each in _RECORD)))
        if not is_right(value):
            yield f"{place}.{key}", expected
    members = record.get("m", {})
    for name, entry in members.items() if isinstance(members, dict) else ():
        if not _is_entry(entry):
            yield f"{place}.m.{name}", _WRITTEN


def _is_entry(value: Any) -> bool:
    return isinstance(value, str) and _ENTRY.fullmatch(value) is not None
