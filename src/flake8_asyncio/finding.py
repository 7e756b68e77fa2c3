"""What a rule reports, and the few verbs by which a finding can be fixed."""

from __future__ import annotations

from dataclasses import dataclass

from flake8_asyncio.syntax.source import Span


@dataclass(frozen=True, slots=True)
class Await:
    """Put `await` before the expression at `span`."""

    span: Span


@dataclass(frozen=True, slots=True)
class DropAwait:
    """Remove the `await` of the expression at `span`."""

    span: Span


@dataclass(frozen=True, slots=True)
class AwaitInstead:
    """Call `callee` at `span` with the same arguments instead, and await it."""

    span: Span
    callee: str


@dataclass(frozen=True, slots=True)
class AwaitInThread:
    """Await `asyncio.to_thread` of the call at `span`."""

    span: Span


@dataclass(frozen=True, slots=True)
class AwaitArgument:
    """Await the first argument of the call at `span` instead of making the call."""

    span: Span


@dataclass(frozen=True, slots=True)
class CallInstead:
    """Call `callee` at `span` with the same arguments instead."""

    span: Span
    callee: str


@dataclass(frozen=True, slots=True)
class AddCall:
    """Call the function at `span`, without arguments."""

    span: Span


@dataclass(frozen=True, slots=True)
class CallArgument:
    """Call the function that is the first argument of the call at `span`."""

    span: Span


@dataclass(frozen=True, slots=True)
class HandOver:
    """Hand the function over that an argument of the call at `span` calls, and its arguments after it.

    `position` and `name` say which argument; `is_alone` that no others may follow it, so that `partial` binds them.
    """

    span: Span
    position: int | None
    name: str | None
    is_alone: bool


@dataclass(frozen=True, slots=True)
class CallThreadsafe:
    """Let the loop make the call at `span`, a method of the loop itself or of a future or task, from another thread."""

    span: Span
    is_of_loop: bool


@dataclass(frozen=True, slots=True)
class AddStar:
    """Put `*` before the first argument of the call at `span`."""

    span: Span


@dataclass(frozen=True, slots=True)
class DropArgument:
    """Leave the keyword argument `name` out of the call at `span`."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Copy:
    """Write `list(...)` around the expression at `span`."""

    span: Span


@dataclass(frozen=True, slots=True)
class MakeAsync:
    """Write `async` before the `for`, `with` or `def` that begins at `span`."""

    span: Span


@dataclass(frozen=True, slots=True)
class KeepTask:
    """Keep the task that the statement of the call at `span` makes in a set of the module until it is done."""

    span: Span


@dataclass(frozen=True, slots=True)
class AwaitFirst:
    """Do the `await` at `span` in a statement of its own, before the one that it is a part of."""

    span: Span


@dataclass(frozen=True, slots=True)
class RemoveIfPresent:
    """Let the removal at `span` pass where nothing is to be removed.

    `del table[key]` and `table.pop(key)` become `table.pop(key, None)`, and `group.remove(item)` becomes
    `group.discard(item)`, which only a set has.
    """

    span: Span


@dataclass(frozen=True, slots=True)
class HoldLock:
    """Hold a lock by `async with` from the statement at `acquire` to the one at `release`, which stand in one block."""

    acquire: Span
    release: Span


@dataclass(frozen=True, slots=True)
class Replace:
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


@dataclass(frozen=True, slots=True)
class Fix:
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


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file that a finding mentions, as a call in a chain or the read before a write.

    `text` says what is there; `function` is where it stands, if it is a step of a chain of calls.
    """

    path: str
    span: Span
    text: str
    function: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, where it is reported, why, and how it could be mended."""

    span: Span
    message: str
    fix: Fix | None = None
    places: tuple[Place, ...] = ()

    @property
    def chain(self) -> tuple[Place, ...]:
        """The calls by which the finding's own call comes to its cause, in order."""
        return tuple(each for each in self.places if each.function)
