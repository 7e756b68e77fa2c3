"""Which asyncio locks functions take, in which order, and which they take again.

A lock is known by where it is kept: the class and attribute, or the module's name. That one lock is taken while another
is held, a call inside an `async with` shows: what stands around it is held, and what it awaits may take more. Locks of
several instances of a class are not told apart, so an order within one class attribute says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flake8_asyncio.facts.model import Class, Facts, Function, Ref, Use
from flake8_asyncio.project.names import is_dotted, located
from flake8_asyncio.project.paths import last_step
from flake8_asyncio.project.project import World
from flake8_asyncio.project.targets import Object, Promise
from flake8_asyncio.syntax.source import Span

_EXCLUSIVE = frozenset({"lock", "condition"})
_DEEPEST = 8  # calls from the `async with` to the lock that is taken inside


class Lock(NamedTuple):
    """A lock: the module and the name that it is kept under, which is `Store.lock` for an attribute of objects."""

    module: str
    name: str

    @property
    def is_global(self) -> bool:
        """Whether there is one of it, not one for each object."""
        return "." not in self.name


class Taken(NamedTuple):
    """A lock is taken at a place while others are held; `by` is the function that takes it in the end."""

    lock: Lock
    held: tuple[Lock, ...]
    function: Function
    span: Span
    by: Function


class Locking:
    """The locks of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._locks: dict[Ref, Lock | None] = {}
        self._acquired: dict[Function, dict[Lock, Function]] = {}
        self._orders: dict[str, list[Taken]] = {}

    def lock(self, ref: Ref) -> Lock | None:
        """The exclusive asyncio lock that a reference means."""
        if ref not in self._locks:
            self._locks[ref] = self._kept(ref) if self._is_lock(ref) else None
        return self._locks[ref]

    def _is_lock(self, ref: Ref) -> bool:
        targets = self.world.certain(ref)
        found = [self.world.knowledge.lock(each.of) if isinstance(each, Object) else None for each in targets]
        return bool(found) and all(
            each is not None and each.flavour == "asyncio" and each.kind in _EXCLUSIVE for each in found
        )

    def _kept(self, ref: Ref) -> Lock | None:
        owner, step = last_step(ref)
        if step.startswith("."):
            target = self.world.resolve(owner)
            of = getattr(target, "of", target)
            if isinstance(of, Class):
                for each in self.world.ancestry.of(of):
                    if isinstance(each, Class) and (step[1:] in each.declared or step[1:] in each.attributes):
                        return Lock(each.module, f"{each.name}{step}")
            return None
        for _ in range(_DEEPEST):
            facts, parts = located(self.world.facts, ref) if is_dotted(ref) else (None, [])
            if facts is None or len(parts) != 1:
                return None
            value = facts.names.get(parts[0], "")
            if not is_dotted(value) or value == ref:
                return Lock(facts.module, parts[0])
            ref = value
        return None

    # -- what a function takes ------------------------------------------------

    def taken(self, function: Function) -> Iterator[tuple[Lock, Span]]:
        """The locks that a function itself enters, and where."""
        for use in function.uses:
            if use.use is Use.ASYNC_ENTERED and (lock := self.lock(use.value)) is not None:
                yield lock, use.span

    def acquired(self, function: Function) -> dict[Lock, Function]:
        """The locks that awaiting a coroutine takes in the end, each with the function that does."""
        known = self._acquired.get(function)
        if known is None:
            known = self._acquired[function] = {}
            level, seen = [function], {function}
            for _ in range(_DEEPEST):
                following: list[Function] = []
                for each in level:
                    for lock, _ in self.taken(each):
                        known.setdefault(lock, each)
                    following += [callee for _, callee in self.awaits(each) if callee not in seen]
                    seen.update(following)
                level = list(dict.fromkeys(following))
        return known

    def awaits(self, function: Function) -> Iterator[tuple[int, Function]]:
        """The coroutines of the project that a function awaits, by the position of the call."""
        for position, call in enumerate(function.calls):
            if call.use is Use.AWAITED and call.callee != "?":
                targets = self.world.certain(f"{call.callee}()")
                for each in targets if len(targets) == 1 else ():
                    if isinstance(each, Promise) and isinstance(each.by, Function):
                        yield position, each.by

    # -- in which order -------------------------------------------------------

    def orders(self, facts: Facts) -> list[Taken]:
        """Where the functions of a file take a lock while they hold another."""
        known = self._orders.get(facts.module)
        if known is None:
            known = self._orders[facts.module] = []
            for function in facts.functions.values():
                if any(use.use is Use.ASYNC_ENTERED for use in function.uses):
                    known.extend(self._order(function))
        return known

    def _order(self, function: Function) -> Iterator[Taken]:
        spans = dict(self.taken(function))
        if not spans:
            return
        awaited = dict(self.awaits(function))
        done: set[tuple[Lock, Lock]] = set()
        for position, call in enumerate(function.calls):
            held = tuple(lock for each in call.within if (lock := self.lock(each)) is not None)
            for index, lock in enumerate(held[1:], 1):
                if lock in spans and (held[index - 1], lock) not in done:
                    done.add((held[index - 1], lock))
                    yield Taken(lock, held[:index], function, spans[lock], function)
            if held and position in awaited:
                for lock, by in self.acquired(awaited[position]).items():
                    if lock not in held and (held[-1], lock) not in done:
                        done.add((held[-1], lock))
                        yield Taken(lock, held, function, call.span, by)

    def opposite(self, taken: Taken, files: list[Facts]) -> list[Taken]:
        """How these files come from the lock that is taken back to one that is held: what closes the circle."""
        every = [other for facts in files for other in self.orders(facts)]
        paths: list[list[Taken]] = [[]]
        seen = {taken.lock}
        while paths:
            path = paths.pop(0)
            last = path[-1].lock if path else taken.lock
            for other in every:
                if last not in other.held or other.lock in seen:
                    continue
                if other.lock in taken.held and not _gate([taken, *path, other]):
                    return [*path, other]
                seen.add(other.lock)
                paths.append([*path, other])
        return []

    # -- again ----------------------------------------------------------------

    def again(self, function: Function) -> Iterator[tuple[Lock, Span, Span, Function]]:
        """Where a function awaits what takes a lock that it holds: the lock, its entry, the call, who takes it."""
        entered = dict(self.taken(function))
        for position, callee in self.awaits(function) if entered else ():
            call = function.calls[position]
            held = [
                lock for each in call.within if (lock := self.lock(each)) is not None and self._is_one(each, function)
            ]
            for lock in held:
                by = self._takes_again(call.callee, callee, lock, function)
                if by is not None and lock in entered:
                    yield lock, entered[lock], call.span, by

    def _is_one(self, ref: Ref, function: Function) -> bool:
        """Whether the lock is a module's, or one of the object whose method runs."""
        return is_dotted(ref) or (bool(function.owner) and last_step(ref)[0] == f"{function.owner}()")

    def _takes_again(self, ref: Ref, callee: Function, lock: Lock, caller: Function) -> Function | None:
        """The function that takes the lock, following methods of the same object where the lock is the object's."""
        level, seen = [(ref, callee, caller)], {callee}
        for _ in range(_DEEPEST):
            following: list[tuple[Ref, Function, Function]] = []
            for called, function, by in level:
                if not lock.is_global and last_step(called)[0] != f"{by.owner}()":
                    continue  # of another object
                for found, _ in self.taken(function):
                    if found == lock:
                        return function
                for position, each in self.awaits(function):
                    if each not in seen:
                        seen.add(each)
                        following.append((function.calls[position].callee, each, function))
            level = following
        return None


def _gate(circle: list[Taken]) -> frozenset[Lock]:
    """The locks that are held all around a circle besides those in it, and keep its parts from meeting."""
    common = frozenset(circle[0].held).intersection(*(each.held for each in circle))
    return common - {each.lock for each in circle}
