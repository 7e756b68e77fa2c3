"""What a rule reports, and the few verbs by which a finding can be fixed."""

from __future__ import annotations

from typing import NamedTuple

from flake8_asyncio.syntax.source import Span


class Await(NamedTuple):
    """Put `await` before the expression at `span`."""

    span: Span


class DropAwait(NamedTuple):
    """Remove the `await` of the expression at `span`."""

    span: Span


class AwaitInstead(NamedTuple):
    """Call `callee` at `span` with the same arguments instead, and await it."""

    span: Span
    callee: str


class AwaitInThread(NamedTuple):
    """Await `asyncio.to_thread` of the call at `span`."""

    span: Span


class AwaitArgument(NamedTuple):
    """Await the first argument of the call at `span` instead of making the call."""

    span: Span


class CallInstead(NamedTuple):
    """Call `callee` at `span` with the same arguments instead."""

    span: Span
    callee: str


class AddCall(NamedTuple):
    """Call the function at `span`, without arguments."""

    span: Span


class CallArgument(NamedTuple):
    """Call the function that is the first argument of the call at `span`."""

    span: Span


class HandOver(NamedTuple):
    """Hand the function over that an argument of the call at `span` calls, and its arguments after it.

    `position` and `name` say which argument; `is_alone` that no others may follow it, so that `partial` binds them.
    """

    span: Span
    position: int | None
    name: str | None
    is_alone: bool


class CallThreadsafe(NamedTuple):
    """Let the loop make the call at `span`, a method of the loop itself or of a future or task, from another thread."""

    span: Span
    is_of_loop: bool


class AddStar(NamedTuple):
    """Put `*` before the first argument of the call at `span`."""

    span: Span


class DropArgument(NamedTuple):
    """Leave the keyword argument `name` out of the call at `span`."""

    span: Span
    name: str


class Copy(NamedTuple):
    """Write `list(...)` around the expression at `span`."""

    span: Span


class MakeAsync(NamedTuple):
    """Write `async` before the `for`, `with` or `def` that begins at `span`."""

    span: Span


class KeepTask(NamedTuple):
    """Keep the task that the statement of the call at `span` makes in a set of the module until it is done."""

    span: Span


class AwaitFirst(NamedTuple):
    """Do the `await` at `span` in a statement of its own, before the one that it is a part of."""

    span: Span


class RemoveIfPresent(NamedTuple):
    """Let the removal at `span` pass where nothing is to be removed.

    `del table[key]` and `table.pop(key)` become `table.pop(key, None)`, and `group.remove(item)` becomes
    `group.discard(item)`, which only a set has.
    """

    span: Span


class HoldLock(NamedTuple):
    """Hold a lock by `async with` from the statement at `acquire` to the one at `release`, which stand in one block."""

    acquire: Span
    release: Span


class Replace(NamedTuple):
    """Write `text` for the stretch at `span`."""

    span: Span
    text: str


Verb = (
    Await
    | DropAwait
    | AwaitInstead
    | AwaitInThread
    | AwaitArgument
    | CallInstead
    | AddCall
    | CallArgument
    | HandOver
    | CallThreadsafe
    | AddStar
    | DropArgument
    | Copy
    | MakeAsync
    | KeepTask
    | AwaitFirst
    | RemoveIfPresent
    | HoldLock
    | Replace
)


class Fix(NamedTuple):
    """How to mend a finding; a safe fix keeps what a correct program did.

    `also` is what must change with it, or nothing is changed.
    """

    verb: Verb
    is_safe: bool = False
    also: tuple[Verb, ...] = ()

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """All that it does."""
        return (self.verb, *self.also)


class Place(NamedTuple):
    """A place in a file that a finding mentions, as a call in a chain or the read before a write.

    `text` says what is there; `function` is where it stands, if it is a step of a chain of calls.
    """

    path: str
    span: Span
    text: str
    function: str = ""


class Finding(NamedTuple):
    """One thing that is wrong, where it is reported, why, and how it could be mended."""

    span: Span
    message: str
    fix: Fix | None = None
    places: tuple[Place, ...] = ()

    @property
    def chain(self) -> tuple[Place, ...]:
        """The calls by which the finding's own call comes to its cause, in order."""
        return tuple(each for each in self.places if each.function)
