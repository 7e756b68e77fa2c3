"""A table for a package: the classes and functions that have to do with `await`, and all that their types lead to."""

from __future__ import annotations

import ast
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from flake8_asyncio.knowledge import LAZY, READ, Knowledge
from flake8_asyncio.summary.callables import Callables, Given, is_asynchronous
from flake8_asyncio.summary.modules import Assignment, ClassBody, Routine, Target
from flake8_asyncio.summary.names import Names
from flake8_asyncio.summary.publishing import Publishing
from flake8_asyncio.summary.sources import Sources
from flake8_asyncio.summary.text import entry, is_plain, text
from flake8_asyncio.summary.types import (
    ASYNC_CONTEXT,
    ASYNC_ITERATORS,
    AWAITABLE,
    COROUTINE,
    FUTURES,
    SELF,
    UNKNOWN,
    Type,
)

PROTOCOL = frozenset(
    "__aenter__ __aexit__ __aiter__ __anext__ __call__ __enter__ __exit__ __getattr__ __getitem__ __iter__ __next__ "
    "__truediv__".split()
)
_ASYNC = frozenset("agcwtum")
_TELLING = {ASYNC_CONTEXT, AWAITABLE, COROUTINE, *ASYNC_ITERATORS, *FUTURES}
_OF_ITSELF = frozenset({"__aenter__", "__aiter__", "__enter__", "__iter__"})
_AWAITED = frozenset({"__aenter__", "__aexit__", "__anext__"})
_REFUSED = frozenset({"__await__", "__enter__", "__iter__", "__next__"})
_FIRST = {"__exit__": "__enter__"}
_KEPT = {"contextlib.AbstractContextManager"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a table is to have: classes that matter though nothing in them is asynchronous, and what to leave out.

    `only` are beginnings of names that alone count as entrances; `without` are modules and classes to leave out, and
    `endings` ends of such names; `preferred` are names that others already use; `lazy` are classes whose instances do
    nothing until they are awaited; `buffered` are classes that keep what they inherit for later, as pipelines do.
    """

    seeds: frozenset[str] = frozenset()
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    preferred: frozenset[str] = frozenset()
    lazy: frozenset[str] = frozenset()
    buffered: frozenset[str] = frozenset()
    target: Target = field(default_factory=Target)


def summarize(
    packages: str | Sequence[str],
    sources: Sources,
    knowledge: Knowledge,
    wanted: Wanted | None = None,
    blocks: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """The table of a package, or of several that belong together; nothing is imported for it.

    `blocks` is what of them stops its callers, as `find_blocking` has it.
    """
    several = [packages] if isinstance(packages, str) else packages
    return _Summary(several, sources, knowledge, wanted or Wanted(), blocks).table()


def written(table: dict[str, Any]) -> str:
    """A table as it is kept in a file."""
    return json.dumps(table, separators=(",", ":"), sort_keys=True) + "\n"


class _Summary:
    """Packages on their way to a table."""

    def __init__(
        self,
        packages: Sequence[str],
        sources: Sources,
        knowledge: Knowledge,
        wanted: Wanted,
        blocks: Mapping[str, str],
    ) -> None:
        self.blocks = blocks
        self.tops = frozenset(package.partition(".")[0] for package in packages)
        self.wanted = wanted
        self.names = Names(sources, wanted.target)
        self.callables = Callables(self.names, knowledge, wanted.lazy)
        modules = [each for package in packages for each in sources.modules(package) if not self._is_left_out(each)]
        self.publishing = Publishing(self.names, modules, self.tops, wanted.preferred)
        self.own: dict[ClassBody, dict[str, Given]] = {}
        self.interesting: set[ClassBody] = set()

    def _is_own(self, path: str) -> bool:
        return path.partition(".")[0] in self.tops

    def _is_left_out(self, name: str) -> bool:
        if any(part.endswith(self.wanted.endings) for part in name.split(".")):
            return True
        return any(name == each or name.startswith(f"{each}.") for each in self.wanted.without)

    def table(self) -> dict[str, Any]:
        for body in self._bodies():
            self._members(body)
        self._find_interesting()
        functions = {path: given for path, given in self._functions() if self._matters(given)}
        entrances = [given for path, given in functions.items() if not self.wanted.only or self._is_entrance(path)]
        kept = self._reached(entrances)
        if self.wanted.only:  # and the functions that give what is kept
            functions = {
                path: given
                for path, given in functions.items()
                if given in entrances or not set(kept).isdisjoint(self._led_to(given))
            }
        public = self.publishing.public
        there = [*map(public, functions), *(public(body.path) for body in kept)]
        folders = self.publishing.folders.items()
        aliases = {name: path for name, path in folders if any(each.startswith(f"{path}.") for each in there)}
        knowledge = self.callables.knowledge
        for name, path in self.publishing.foreign.items():
            if path.partition(".")[0] in knowledge.libraries:
                aliases[name] = knowledge.canonical(public(path))
        for path in (*functions, *(body.path for body in kept)):
            for name in self.publishing.paths.get(path, ()):
                if name != public(path):
                    aliases[name] = public(path)
        table: dict[str, Any] = {
            "a": {name: public(path) if path in self.publishing.best else path for name, path in aliases.items()},
            "f": {public(path): entry(given, public) for path, given in functions.items()},
            "c": {public(body.path): self._record(body, kept) for body in kept},
        }
        if blocks := self._blocks({body.path for body in kept}):
            table["k"] = blocks
        return table

    # -- what there is --------------------------------------------------------

    def _bodies(self) -> Iterator[ClassBody]:
        """The package's classes: public ones, what is inside them, and what they inherit from or lead to."""
        seen: set[ClassBody] = set()
        pending = list(self.publishing.classes())
        for _, found in self.publishing.definitions():
            given = self.callables.of(found.what, None) if isinstance(found.what, tuple) else None
            if given is not None:
                pending.extend(self._led_to(given))
        while pending:
            body = pending.pop()
            if body in seen or self._is_left_out(body.path) or not self._is_own(body.path):
                continue
            seen.add(body)
            yield body
            pending.extend(self.callables.classes.mro(body))
            pending.extend(each[-1] for each in body.members.values() if isinstance(each[-1], ClassBody))
            for given in self._members(body).values():
                pending.extend(self._led_to(given))

    def _led_to(self, given: Given) -> Iterator[ClassBody]:
        """The classes in the types of an entry."""
        for head in (*given.gives.heads(), *given.value.heads()):
            body = self.names.class_of(head) if "." in head else None
            if body is not None:
                yield body

    def _members(self, body: ClassBody) -> dict[str, Given]:
        """What a class has of its own, and what it inherits and means otherwise."""
        if body not in self.own:
            self.own[body] = {}
            for name in (*body.members, *self._inherited(body)):
                if not _is_private(name) and name not in self.own[body] and not _only_raises(body, name):
                    given = self._member(body, name)
                    if given is not None and (name in body.members or self._differs(body, name, given)):
                        self.own[body][name] = _of_subclasses(given, name, body)
        return self.own[body]

    def _member(self, body: ClassBody, name: str) -> Given | None:
        given = self.callables.member(body, name)
        is_buffered = body.path in self.wanted.buffered and name not in body.members
        return Given("m", SELF, SELF) if is_buffered and given is not None and given.flag == "w" else given

    def _inherited(self, body: ClassBody) -> Iterator[str]:
        for each in self.callables.classes.mro(body)[1:]:
            yield from (name for name, bindings in each.members.items() if isinstance(bindings[-1], Routine))

    def _differs(self, body: ClassBody, name: str, given: Given) -> bool:
        """Whether an inherited method gives something else here than where it is defined."""
        found = self.callables.classes.member(body, name)
        if found is None:
            return False
        before = next(
            (self._members(each)[name] for each in self.callables.classes.mro(body)[1:] if name in self._members(each)),
            None,
        )
        if before is None or before == given:
            return False
        if before.flag != given.flag:
            return is_asynchronous(body) or body.path in self.wanted.buffered
        variables = {*before.gives.variables(), *before.value.variables()}
        return bool(variables) and not {*given.gives.variables(), *given.value.variables()} and given.gives != UNKNOWN

    def _functions(self) -> Iterator[tuple[str, Given]]:
        for path, found in self.publishing.definitions():
            given = self.callables.of(found.what, None) if isinstance(found.what, tuple) else None
            if given is not None and not self._is_left_out(path):
                if not (
                    given.flag == "v" and isinstance(found.last, Assignment) and given.gives.head in ("str", "int")
                ):
                    yield path, given

    # -- what matters ---------------------------------------------------------

    def _find_interesting(self) -> None:
        seeds = {self.names.class_of(seed) for seed in (*self.wanted.seeds, *self._waiting_classes())}
        for body, members in self.own.items():
            heads = {base.head for base in self.callables.classes.bases(body)}
            is_telling = any(given.flag in _ASYNC for given in members.values()) or "__await__" in body.members
            if body in seeds or heads & _TELLING or is_telling:
                self.interesting.add(body)
        grows = True
        while grows:
            grows = False
            for body, members in self.own.items():
                if body in self.interesting:
                    continue
                if self.interesting.intersection(self.callables.classes.mro(body)) or any(
                    self._is_interesting(given.gives) for given in members.values() if given.flag in "spv"
                ):
                    self.interesting.add(body)
                    grows = True

    def _is_interesting(self, kind: Type) -> bool:
        for head in kind.heads():
            if head in _TELLING:
                return True
            if "." in head and (self.names.class_of(head) in self.interesting or self._is_known(head)):
                return True
        return False

    def _is_known(self, head: str) -> bool:
        """Whether the class is another library's that has a table of its own, or one of asyncio."""
        top = head.partition(".")[0]
        if top in self.tops or (top in sys.stdlib_module_names and top != "asyncio"):
            return False
        return self.callables.knowledge.is_class(self.publishing.public(head))

    def _matters(self, given: Given) -> bool:
        """Whether an entry says more than that there is a plain function."""
        if given.flag in _ASYNC:
            return True
        if given.gives.head == "type":
            return given.flag in "pv" and self._is_interesting(given.gives)
        return given.flag in "spv" and (self._is_interesting(given.gives) or given.gives.head in _KEPT)

    def _is_entrance(self, path: str) -> bool:
        name = self.publishing.public(path)
        return any(name == each or name.startswith(f"{each}.") for each in self.wanted.only)

    def _reached(self, functions: Iterable[Given]) -> list[ClassBody]:
        """The interesting classes that users can come to."""
        pending = [body for body in self.interesting if body.path in self.publishing.best]
        if self.wanted.only:
            pending = [body for body in pending if self._is_entrance(body.path)]
        for given in functions:
            pending.extend(self._led_to(given))
        kept: set[ClassBody] = set()
        while pending:
            body = pending.pop()
            if body in kept or body not in self.interesting or not self._is_own(body.path):
                continue
            kept.add(body)
            pending.extend(self.callables.classes.mro(body))
            for given in self.own[body].values():
                if self._matters(given):
                    pending.extend(self._led_to(given))
        return sorted(kept, key=lambda body: body.path)

    # -- what blocks ----------------------------------------------------------

    def _waiting_classes(self) -> Iterator[str]:
        """The paths of what has methods that wait, modules among them, or waits when it is made."""
        yield from self.blocks
        yield from {path.rpartition(".")[0] for path in self.blocks}

    def _blocks(self, kept: set[str]) -> dict[str, dict[str, str]]:
        """The names that users can come to, by kind and by what has them."""
        found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for path, kind in self.blocks.items():
            owner = path.rpartition(".")[0]
            is_offered = path in self.publishing.best or path in kept or owner in kept
            if is_offered and self.publishing.is_one(path) and self.publishing.is_one(owner):
                public, _, name = self.publishing.public(path).rpartition(".")
                bare = kind.rstrip(LAZY + READ)
                found[bare][public].append(name + kind[len(bare) :])
        return {
            kind: {owner: " ".join(sorted(names)) for owner, names in owners.items()} for kind, owners in found.items()
        }

    # -- records --------------------------------------------------------------

    def _record(self, body: ClassBody, kept: list[ClassBody]) -> dict[str, Any]:
        public, classes = self.publishing.public, self.callables.classes
        record: dict[str, Any] = {}
        members, plain = {}, []
        for name, given in self.own[body].items():
            if given.flag == "k" or self._is_inherited(body, name, given):
                continue
            if self._matters(given) or self._is_self(name, given):
                members[name] = entry(given, public)
            elif given.flag == "s":
                plain.append(name if is_plain(given.gives, self.callables) else f"{name}?")
        bases = [text(base, public) for base in classes.bases(body) if self._is_base(base, kept)]
        if bases:
            record["b"] = bases
        if members:
            record["m"] = members
        if plain:
            record["s"] = " ".join(sorted(plain))
        if self._has_more(body):
            record["?"] = 1
        kind = Type(body.path, tuple(Type(each) for each in classes.parameters(body)))
        awaited, entered = self.callables.awaited(kind), self.callables.entered(kind)
        if awaited is not None:
            record["w"] = entry(Given("w", awaited), public)
        if entered is not None and "__aenter__" not in members:
            record["e"] = text(entered, public)
        return record

    def _is_inherited(self, body: ClassBody, name: str, given: Given) -> bool:
        """Whether a base class says the same."""
        for each in self.callables.classes.mro(body)[1:]:
            if name in self.own.get(each, ()):
                return self.own[each][name] == given
        return False

    def _is_self(self, name: str, given: Given) -> bool:
        """Whether a plain member is worth a type: one that gives its own class, or a protocol's."""
        if given.flag not in "spv" or given.gives == UNKNOWN:
            return False
        return "Self" in given.gives.heads() or (name in PROTOCOL and given.gives.head.count(".") > 0)

    def _is_base(self, base: Type, kept: list[ClassBody]) -> bool:
        inner = self.names.class_of(base.head)
        if inner is not None:
            return inner in kept or not self._is_own(inner.path)
        return base.head in (ASYNC_CONTEXT, *FUTURES) or ("." in base.head and base.head.partition(".")[0] != "typing")

    def _has_more(self, body: ClassBody) -> bool:
        """Whether the class may have members that are not listed."""
        if any(base == UNKNOWN for base in self.callables.classes.bases(body)) or body.node.keywords:
            return True
        for name, bindings in body.members.items():
            is_listed = name in self.own[body] or _is_private(name) or _only_raises(body, name)
            if not is_listed and not isinstance(bindings[-1], Assignment):
                return True
        return "__getattr__" in body.members or "__getattribute__" in body.members


def _of_subclasses(given: Given, name: str, body: ClassBody) -> Given:
    """An entry under what Python makes of its name: what a class gives as itself, subclasses give as themselves."""
    if name in _AWAITED and given.flag == "m" and given.value == UNKNOWN:
        given = replace(given, flag="w")
    if name in _OF_ITSELF and given.gives.bare == Type(body.path):
        return replace(given, gives=SELF)
    return given


def _only_raises(body: ClassBody, name: str) -> bool:
    """Whether a class has a protocol's method only to say that it has not."""
    first = _FIRST.get(name, name)
    last = body.members.get(first, [None])[-1]
    if first not in _REFUSED or not isinstance(last, Routine):
        return False
    return isinstance(last.node.body[-1], ast.Raise) and all(isinstance(each, ast.Expr) for each in last.node.body[:-1])


def _is_private(name: str) -> bool:
    return name.startswith("_") and name not in PROTOCOL
