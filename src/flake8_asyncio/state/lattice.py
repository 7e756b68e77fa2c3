"""What is known at a point of a function about the shared places that it has read, tested and locked.

A *guard* says that a branch was decided on a place, an *origin* that a value was read from one. Both are fresh until a
suspension that no common lock covers; then they are stale. A guard must have been passed on every path, an origin need
only have flowed on one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from flake8_asyncio.state.functions import Place

LockKey = tuple[str, ...]  # `lock` and a place or text; `flag` and the place whose test-and-set excludes others
_NONE: frozenset[LockKey] = frozenset()

Key = TypeVar("Key")


class Origin(NamedTuple):
    """A value came from a read of `place`.

    `kind` says how: `value`, `element`, `attribute:<name>` and `helper:<name>` (its result), `argument` and `receiver`
    of some call, `arithmetic`, `copy`, or `old`, for what the place held before it was bound anew.
    """

    place: Place
    read: ast.expr
    kind: str
    stale: ast.AST | None = None  # the suspension since
    locks: frozenset[LockKey] = _NONE
    key: str = ""


class Guard(NamedTuple):
    """A branch was decided on `place`.

    `polarity` is what the branch taken says of it: `missing`, `present`, `compared`, `equal` and `unequal`
    (to one of `constants`), `claimed` by an `assert`, `other`. `aspect` of a collection is `presence` or `size`.
    """

    place: Place
    read: ast.expr
    polarity: str
    kind: str
    stale: ast.AST | None
    locks: frozenset[LockKey]
    constants: frozenset[str] = frozenset()
    outcome: bool | None = None  # of the test; None where both ways came together again
    is_loop: bool = False
    aspect: str = "presence"
    key: str = ""
    is_gate: bool = False  # the branch taken gives up if it finds what it needs: `if self.session: if alive(): return`

    def emptied(self, held: frozenset[LockKey]) -> Guard:
        """The same, once what was found has been thrown away."""
        return self._replace(polarity="missing", stale=None, locks=held)


Origins = frozenset[Origin]
NO_ORIGINS: Origins = frozenset()


class State:
    """Guards and origins, and the locks held; changed only while it is one block's own copy."""

    __slots__ = ("checked", "guards", "held", "names", "statement", "suspended", "values", "written")

    def __init__(self) -> None:
        self.guards: dict[tuple[Place, ast.AST], Guard] = {}
        self.names: dict[str, Origins] = {}  # of locals
        self.values: dict[ast.AST, Origins] = {}  # of expressions in the current statement
        self.statement: ast.stmt | None = None  # None where several meet
        self.held: frozenset[LockKey] = _NONE
        self.suspended: ast.AST | None = None  # the first suspension since the function began
        self.checked: frozenset[Place] = frozenset()  # tested or written since the function began
        self.written: dict[Place, ast.AST] = {}

    def copy(self) -> State:
        """The same, to be changed."""
        state = State()
        state.guards = self.guards.copy()
        state.names = self.names.copy()
        state.values = self.values.copy()
        state.statement = self.statement
        state.held = self.held
        state.suspended = self.suspended
        state.checked = self.checked
        state.written = self.written.copy()
        return state

    def suspend(self, node: ast.AST) -> None:
        """Other tasks run: what no held lock covers is stale."""
        if self.suspended is None:
            self.suspended = node
        held = self.held
        for site, guard in self.guards.items():
            if guard.stale is None and not guard.locks & held:
                self.guards[site] = guard._replace(stale=node)
        self._change(
            lambda origin: origin.stale is None and not origin.locks & held, lambda origin: origin._replace(stale=node)
        )

    def release(self, key: LockKey) -> None:
        """A lock is no longer held; what it covered is at risk from the next suspension on."""
        if key not in self.held:
            return
        alone = frozenset({key})
        self.held -= alone
        for site, guard in self.guards.items():
            if key in guard.locks:
                self.guards[site] = guard._replace(locks=guard.locks - alone)
        self._change(lambda origin: key in origin.locks, lambda origin: origin._replace(locks=origin.locks - alone))

    def cover(self, key: LockKey) -> None:
        """A flag was set under a fresh test of it: whatever is fresh now is covered until the flag is taken back."""
        alone = frozenset({key})
        self.held |= alone
        for site, guard in self.guards.items():
            if guard.stale is None:
                self.guards[site] = guard._replace(locks=guard.locks | alone)
        self._change(lambda origin: origin.stale is None, lambda origin: origin._replace(locks=origin.locks | alone))

    def _change(self, concerns: Callable[[Origin], bool], change: Callable[[Origin], Origin]) -> None:
        _change(self.names, concerns, change)
        _change(self.values, concerns, change)

    def forget(self, place: Place, keep: str = "") -> None:
        """Drop the guards of a place, but for those of polarity `keep`."""
        for site in [site for site, guard in self.guards.items() if site[0] == place and guard.polarity != keep]:
            guard = self.guards.pop(site)
            if keep == "missing" and guard.is_gate:
                self.guards[site] = guard.emptied(self.held)


def join(known: State, new: State) -> State:
    """What holds if either does; `known` itself if `new` adds nothing."""
    guards: dict[tuple[Place, ast.AST], Guard] = {}
    for site, guard in known.guards.items():
        other = new.guards.get(site)
        if other is guard or other == guard:
            guards[site] = guard
        elif other is not None and (polarity := _common(guard, other)):
            outcome = guard.outcome if guard.outcome is other.outcome else None
            guards[site] = guard._replace(
                polarity=polarity,
                stale=guard.stale or other.stale,
                locks=guard.locks & other.locks,
                outcome=outcome,
                is_gate=guard.is_gate and other.is_gate,
            )
    names = _union(known.names, new.names)
    statement = known.statement if known.statement is new.statement else None
    values = _union(known.values, new.values)
    held = known.held & new.held
    suspended = known.suspended or new.suspended
    checked = known.checked & new.checked
    written = known.written
    if any(place not in written for place in new.written):
        written = {**new.written, **written}
    if (
        statement is known.statement
        and names is known.names
        and values is known.values
        and suspended is known.suspended
        and written is known.written
        and held == known.held
        and checked == known.checked
        and guards == known.guards
    ):
        return known
    state = State()
    state.guards, state.names, state.values, state.statement = guards, names, values, statement
    state.held, state.suspended, state.checked, state.written = held, suspended, checked, written
    return state


def _common(guard: Guard, other: Guard) -> str:
    """What both say of the place; who comes through a gate has found it, but not as it should be."""
    if guard.polarity == other.polarity:
        return guard.polarity
    return (
        "missing"
        if any(each.polarity == "missing" and not each.is_gate for each in (guard, other))
        and any(each.is_gate for each in (guard, other))
        else ""
    )


def _change(known: dict[Key, Origins], concerns: Callable[[Origin], bool], change: Callable[[Origin], Origin]) -> None:
    for key, origins in known.items():
        if any(map(concerns, origins)):
            known[key] = frozenset(change(origin) if concerns(origin) else origin for origin in origins)


def _union(known: dict[Key, Origins], new: dict[Key, Origins]) -> dict[Key, Origins]:
    joined = known
    for name, origins in new.items():
        before = known.get(name, NO_ORIGINS)
        if not origins <= before:
            if joined is known:
                joined = known.copy()
            joined[name] = before | origins
    return joined
