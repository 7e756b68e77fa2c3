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
class Replace:
    """Write `text` for the stretch at `span`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Wrap:
    """Write `before` and `after` around the expression at `span`."""

    span: Span
    before: str
    after: str


Verb = Await | DropAwait | AwaitInstead | AwaitInThread | Replace | Wrap


@dataclass(frozen=True, slots=True)
class Fix:
    """How to mend a finding; a safe fix keeps what a correct program did."""

    verb: Verb
    is_safe: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file that a finding mentions, as a call in a chain or the read before a write."""

    path: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, where it is reported, why, and how it could be mended."""

    span: Span
    message: str
    fix: Fix | None = None
    places: tuple[Place, ...] = ()
