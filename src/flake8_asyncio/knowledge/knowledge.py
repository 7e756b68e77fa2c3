"""The one place to ask what is known about a name.

Each top-level package has its own files, which are opened when the first name in it is asked about; what users wrote
is read at once, so that their mistakes are found, and joins our own when its package is opened.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from flake8_asyncio.facts.model import UNKNOWN, Ref
from flake8_asyncio.knowledge import tables
from flake8_asyncio.knowledge.annotation import reference
from flake8_asyncio.knowledge.claims import Claims
from flake8_asyncio.knowledge.library import Library, file_of, packages, read_files, read_library
from flake8_asyncio.knowledge.model import Claim, Effect, Handed, Handler, Lock, Makes, Result
from flake8_asyncio.knowledge.own import claims_of
from flake8_asyncio.options import Own

_AWAITED = (Makes.COROUTINE, Makes.MAY_AWAIT)
_LONGEST = 20  # aliases and bases that lead in a circle come from damaged or user-written data

Value = TypeVar("Value")
_Table = Callable[[Claims], dict[str, Value]]

_OFFLOADS: _Table[Handed] = attrgetter("offloads")
_AWAITS: _Table[Handed] = attrgetter("awaits")
_ON_LOOP: _Table[Handed] = attrgetter("on_loop")
_CALLS_NOW: _Table[Handed] = attrgetter("calls_now")
_HANDLERS: _Table[Handler] = attrgetter("handlers")
_CHANGES_PROCESS: _Table[bool] = attrgetter("changes_process")
_NEVER_SUSPENDS: _Table[bool] = attrgetter("never_suspends")


class Knowledge:
    """What is known about code outside the project; no question raises, and an unknown name has no answer."""

    def __init__(self, extra: Iterable[Path] = (), own: Own | None = None) -> None:
        self._written = [*read_files(extra), *map(claims_of, filter(None, [own]))]
        claims = [each for each in self._written if isinstance(each, Claims)]
        self.own = frozenset().union(*(each.names for each in claims))
        said = [item for each in claims for item in each.effects[Effect.BLOCKS].items()]
        self.safe = frozenset(name for name, claim in said if claim is None)
        self._libraries: dict[str, Library] = {}
        self._known: dict[str, Library] = {}  # by the names in them
        self._canonical: dict[str, str] = {}
        self._linear: dict[str, tuple[str, ...]] = {}
        self._plain: dict[str, dict[str, bool]] = {}
        self._claims: dict[tuple[str, Effect], Claim | None] = {}
        self._results: dict[str, Result | None] = {}
        self._answers: dict[tuple[str, _Table[Any]], Any] = {}

    @property
    def libraries(self) -> frozenset[str]:
        """The top-level packages that something is known about."""
        return packages() | {name.partition(".")[0] for written in self._written for name in written.names}

    # Names and classes

    def canonical(self, path: str) -> str:
        """The public name of what a path names: `asyncio.tasks.sleep` is `asyncio.sleep`."""
        known = self._canonical.get(path)
        if known is None:
            known = self._canonical[path] = self._fold(path)
        return known

    def is_class(self, path: str) -> bool:
        """Whether the path names a class that we know."""
        path = self.canonical(path)
        library = self._library(path)
        return path in library.table.classes or path in library.claims.classes

    def bases(self, path: str) -> tuple[str, ...]:
        """The bases of a class, as far as they are known."""
        path = self.canonical(path)
        library = self._library(path)
        record = library.table.classes.get(path, {})
        written = (base.partition("[")[0] for base in record.get("b", ()))
        return tuple(map(self.canonical, dict.fromkeys((*library.claims.classes.get(path, ()), *written))))

    def mro(self, path: str) -> tuple[str, ...]:
        """The class and all that it inherits from, each before its own bases."""
        path = self.canonical(path)
        known = self._linear.get(path)
        if known is None:
            order: list[str] = []
            self._walk(path, order, 0)
            order.reverse()
            known = self._linear[path] = tuple(order)
        return known

    def is_complete(self, owner: str) -> bool:
        """Whether all methods of a class are known, so that one that is not known is not there."""
        return self.is_class(owner) and all(self._is_complete(each) for each in self.mro(owner))

    def definer(self, owner: str, name: str) -> str:
        """The class from which one has a method, plain or asynchronous; empty if it is not known to have it."""
        return next((each for each in self.mro(owner) if self._own(each, name) is not None), "")

    def is_asynchronous(self, owner: str) -> bool:
        """Whether a class has coroutine functions itself, and so is no plain twin of one that has."""
        members = self._library(owner).table.classes.get(owner, {}).get("m", {})
        return any(entry[0] == "a" and name[0] != "_" for name, entry in members.items())

    # What calls do

    def claim(self, path: str, effect: Effect) -> Claim | None:
        """The claim that a call has an effect, made for the name itself or for a method that its class inherits."""
        path = self.canonical(path)
        key = (path, effect)
        if key not in self._claims:
            self._claims[key] = self._find_claim(path, effect)
        return self._claims[key]

    def offloads(self, path: str) -> Handed | None:
        """The argument that a call runs off the event loop."""
        return self._inherited(path, _OFFLOADS)

    def awaits(self, path: str) -> Handed | None:
        """The argument that a call awaits or schedules."""
        return self._inherited(path, _AWAITS)

    def on_loop(self, path: str) -> Handed | None:
        """The argument that a call has the event loop run later."""
        return self._inherited(path, _ON_LOOP)

    def calls_now(self, path: str) -> Handed | None:
        """The argument that a call calls before it returns, or while its result is iterated."""
        return self._inherited(path, _CALLS_NOW)

    def handler(self, path: str) -> Handler | None:
        """How a framework runs what this decorator decorates."""
        return self._inherited(path, _HANDLERS)

    def runs_methods_on_loop(self, class_path: str) -> bool:
        """Whether the event loop calls the methods of such a class."""
        return any(each in self._library(each).claims.loop_classes for each in self.mro(class_path))

    def lock(self, path: str) -> Lock | None:
        """What kind of lock instances of a class are."""
        return next((lock for each in self.mro(path) if (lock := self._library(each).claims.locks.get(each))), None)

    def changes_process(self, path: str) -> bool:
        """Whether a context manager changes what every task of the process sees."""
        return self._inherited(path, _CHANGES_PROCESS) is not None

    def never_suspends(self, path: str) -> bool:
        """Whether awaiting or entering what a call gives never lets another task run."""
        return self._inherited(path, _NEVER_SUSPENDS) is not None

    def was_plain(self, path: str) -> bool:
        """Whether coroutine functions of this library were plain ones in a version that is still in use."""
        return path.partition(".")[0] in self._library(path).claims.once_plain

    # What calls and attributes give

    def result(self, path: str) -> Result | None:
        """What calling a function, method or class gives."""
        path = self.canonical(path)
        if path not in self._results:
            self._results[path] = self._find_result(path)
        return self._results[path]

    def never_awaitable(self, path: str) -> bool:
        """Whether what a call gives is known to be nothing that can be awaited; a queue, say, may give anything."""
        path = self.canonical(path)
        made = self.result(path)
        if made is None or made.makes is not Makes.VALUE:
            return False
        if made.value != UNKNOWN:
            given = made.value.partition("<")[0].removesuffix("()")
            return made.value.startswith(("=", "builtins.")) or (
                self.is_complete(given) and self.awaited(given) is None
            )
        owner, _, name = path.rpartition(".")
        if self._own(owner, "__getattr__") is not None and owner not in self._library(owner).claims.wild:
            return False  # aiobotocore's clients inherit from plain ones
        if (claim := self.claim(path, Effect.BLOCKS)) is not None and claim.is_of_plain:
            return True
        known = (self._plain_methods(each).get(name) for each in self.mro(owner))
        return next((each for each in known if each is not None), False)

    def attribute(self, owner: str, name: str) -> Ref | None:
        """The type of an attribute or property of a class's instances."""
        owner = self.canonical(owner)
        for each in self.mro(owner):
            library = self._library(each)
            if (written := library.claims.attributes.get(f"{each}.{name}")) is not None:
                return self._folded(written)
            if (entry := library.table.classes.get(each, {}).get("m", {}).get(name)) is not None:
                given = tables.attribute(entry, owner)
                return None if given is None else self._folded(given)
        if name.startswith("_") or self.definer(owner, name) or self.claim(f"{owner}.{name}", Effect.BLOCKS):
            return None
        made = self._method(owner, "__getattr__")  # `client.database.collection`
        return None if made is None or made.value == UNKNOWN else made.value

    def entered(self, owner: str) -> Ref | None:
        """What entering an instance binds."""
        return self._binding(owner, "e", "__aenter__", "__enter__")

    def iterated(self, owner: str) -> Ref | None:
        """What iterating over an instance binds."""
        owner = self.canonical(owner)
        seen = set()
        while owner not in seen:
            seen.add(owner)
            made = self._defined(owner, "__aiter__")
            if made is not None and made.makes is Makes.ASYNC_ITERATOR:
                return self._folded(made.iterated)
            if made is not None and made.makes is Makes.VALUE and made.value != UNKNOWN:
                iterator = self.canonical(made.value.partition("<")[0].removesuffix("()"))
                if iterator != owner and self.is_class(iterator):
                    owner = iterator
                    continue
            made = self._defined(owner, "__anext__")
            return None if made is None else self._folded(made.gives)
        return None

    def awaited(self, owner: str) -> Ref | None:
        """What awaiting an instance gives."""
        return self._binding(owner, "w")

    # Finding things

    def _library(self, path: str) -> Library:
        known = self._known.get(path)
        if known is None:
            stem = file_of(path)
            library = self._libraries.get(stem)
            known = self._known[path] = library if library is not None else self._open(stem)
        return known

    def _open(self, stem: str) -> Library:
        library = self._libraries[stem] = read_library(stem)  # before names are made canonical, which asks for it
        for written in self._written:
            library.add(written, lambda name: file_of(name) == stem, self.canonical)
        library.complete()
        return library

    def _fold(self, path: str) -> str:
        if "." not in path:
            return f"builtins.{path}" if hasattr(builtins, path) else path
        for _ in range(_LONGEST):
            aliases = self._library(path).table.aliases
            head, tail = path, ""
            while head not in aliases and "." in head:
                head, _, last = head.rpartition(".")
                tail = f".{last}{tail}"
            if head not in aliases:
                break
            path = aliases[head] + tail
        return path

    def _walk(self, path: str, order: list[str], depth: int) -> None:
        """Put a class before its bases, in an order that is still to be turned round."""
        if path in order or depth > _LONGEST:
            return
        for base in reversed(self.bases(path)):
            self._walk(base, order, depth + 1)
        order.append(path)

    def _is_complete(self, path: str) -> bool:
        record = self._library(path).table.classes.get(path)
        return record is not None and "?" not in record and "__getattr__" not in record.get("m", {})

    def _inherited(self, path: str, table: _Table[Value]) -> Value | None:
        """What a table says of the path, or of the same method of a base."""
        key = (path, table)
        if key not in self._answers:
            self._answers[key] = self._find_inherited(self.canonical(path), table)
        answer: Value | None = self._answers[key]
        return answer

    def _find_inherited(self, path: str, table: _Table[Value]) -> Value | None:
        found = table(self._library(path).claims).get(path)
        if found is not None:
            return found
        owner, _, name = path.rpartition(".")
        if owner and self.is_class(owner):
            for each in self.mro(owner)[1:]:
                found = table(self._library(each).claims).get(f"{each}.{name}")
                if found is not None:
                    return found
        return None

    def _find_claim(self, path: str, effect: Effect) -> Claim | None:
        claims = self._library(path).claims
        if path in claims.effects[effect]:
            return claims.effects[effect][path]
        owner, _, name = path.rpartition(".")
        if not owner or not self.is_class(owner):
            return None
        for each in self.mro(owner):
            claims = self._library(each).claims
            if f"{each}.{name}" in claims.effects[effect]:
                return claims.effects[effect][f"{each}.{name}"]
            if effect is Effect.BLOCKS and each in claims.wild and not name.startswith("_"):
                claim, safe = claims.wild[each]
                return None if name in safe else claim
            own = self._own(each, name)
            if (own is not None and own.makes is not Makes.VALUE) or self._own(each, "__getattr__") is not None:
                return None  # overridden by something that is awaited, or for all that aiobotocore's clients know
        return None

    def _find_result(self, path: str) -> Result | None:
        library = self._library(path)
        if (made := library.claims.makes.get(path)) is not None:
            return self._completed(made)
        if (entry := library.table.functions.get(path)) is not None:
            made = tables.result(entry)
            return None if made is None else self._completed(made)
        if self.is_class(path):
            return self._instance(path)
        owner, _, name = path.rpartition(".")
        if owner and self.is_class(owner) and (made := self._method(owner, name)) is not None:
            return made
        claims = (self.claim(path, effect) for effect in Effect)
        return Result(Makes.VALUE) if any(claims) else None  # what does its work at once is a plain function

    def _instance(self, path: str) -> Result:
        """What calling a class gives."""
        value = f"{path}()"
        entered, iterated = self.entered(path) or UNKNOWN, self.iterated(path) or UNKNOWN
        awaited = self.awaited(path)
        if awaited is None:
            return Result(Makes.VALUE, value, value, entered, iterated)
        scheduled = "asyncio.Future" in self.mro(path)
        return Result(Makes.TASK if scheduled else Makes.MAY_AWAIT, value, awaited, entered, iterated)

    def _method(self, owner: str, name: str) -> Result | None:
        """What calling a method gives."""
        own = self._defined(owner, name)
        return None if own is None else self._completed(own)

    def _defined(self, owner: str, name: str) -> Result | None:
        """What a method's definition says; the first class that has it decides."""
        for each in self.mro(owner):
            if (own := self._own(each, name, owner)) is not None:
                return own
        return None

    def _own(self, path: str, name: str, owner: str = "") -> Result | None:
        """What calling a method gives that the class itself defines."""
        library = self._library(path)
        if (made := library.claims.makes.get(f"{path}.{name}")) is not None:
            return made
        record = library.table.classes.get(path)
        if record is None:
            return None
        if (entry := record.get("m", {}).get(name)) is not None:
            return tables.result(entry, owner or path)
        return Result(Makes.VALUE) if name in self._plain_methods(path) else None

    def _plain_methods(self, path: str) -> dict[str, bool]:
        """The other plain methods of a class, and whether the type of what each gives is known."""
        if path not in self._plain:
            names = self._library(path).table.classes.get(path, {}).get("s", "").split()
            self._plain[path] = {name.removesuffix("?"): not name.endswith("?") for name in names}
        return self._plain[path]

    def _completed(self, made: Result) -> Result:
        """The result under public names, with what entering and iterating its value gives, where the class knows."""
        made = Result(made.makes, *map(self._folded, (made.value, made.gives, made.entered, made.iterated)))
        owner = made.value.partition("<")[0].removesuffix("()")
        if made.value == UNKNOWN or not self.is_class(owner):
            return made
        entered, iterated = made.entered, made.iterated
        if entered == UNKNOWN:
            entered = self.entered(owner) or UNKNOWN
            if entered == UNKNOWN and made.makes in _AWAITED and self.entered(owner) is not None:
                entered = made.gives
        if iterated == UNKNOWN:
            iterated = self.iterated(owner) or UNKNOWN
        made = made._replace(entered=entered, iterated=iterated)
        if made.makes is Makes.VALUE and (awaited := self.awaited(owner)) is not None:
            return made._replace(makes=Makes.MAY_AWAIT, gives=awaited)
        return made

    def _binding(self, owner: str, key: str, *methods: str) -> Ref | None:
        owner = self.canonical(owner)
        for each in self.mro(owner):
            record = self._library(each).table.classes.get(each, {})
            if key in record:
                _, _, text = record[key].partition(":") if key == "w" else ("", "", record[key])
                return self._folded(reference(text, owner))
            for method in methods:
                if (made := self._own(each, method, owner)) is not None:
                    return self._folded(made.gives)
        return None

    def _folded(self, ref: Ref) -> Ref:
        """A reference to an instance under its public name."""
        if ref.endswith("()") and ref[0] != "(" and "<" not in ref:
            return f"{self.canonical(ref[:-2])}()"
        return ref
