"""What can be known about a call that we do not read: claims, what it makes, and what it does with its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from flake8_asyncio.facts.model import UNKNOWN, Arguments, Ref

KINDS = (
    "sleep",
    "network",
    "database",
    "process",
    "wait",
    "input",
    "file",
    "metadata",
    "cpu",
    "cpu-small",
)
MARKERS = (
    "acquiring",
    "brief",
    "datagram",
    "done",
    "ended",
    "fresh",
    "in-memory",
    "nonblocking",
    "nonempty",
    "opened",
    "unbounded",
)


class KnowledgeError(ValueError):
    """A knowledge file that cannot be used: which file, where in it, and what belongs there."""

    def __init__(self, file: str, key: str, expected: str) -> None:
        super().__init__(f"{file}: {key}: {expected}" if key else f"{file}: {expected}")
        self.file = file
        self.key = key
        self.expected = expected


class Effect(Enum):
    """What a call may come to that its caller should know."""

    BLOCKS = "blocks"
    RUNS_LOOP = "runs_loop"

    __hash__ = object.__hash__  # members are compared by identity, and are parts of many keys


class Makes(Enum):
    """The kind of value that a call gives."""

    VALUE = "value"
    COROUTINE = "coroutine"  # nothing runs until it is awaited
    TASK = "task"  # runs already
    MAY_AWAIT = "may-await"  # awaiting is one of the things to do with it
    ASYNC_CONTEXT = "async-context"
    ASYNC_ITERATOR = "async-iterator"

    __hash__ = object.__hash__


class Condition(NamedTuple):
    """One form of a call that a claim does not hold for; exactly one of the tests is set."""

    argument: str | None = None
    position: int | None = None
    equals: frozenset[Ref] = frozenset()
    flag: bool = False  # `equals` compares truth values
    named: frozenset[Ref] = frozenset()
    contains: frozenset[str] = frozenset()
    prefix: tuple[str, ...] = ()
    instance: frozenset[Ref] = frozenset()
    address: bool = False
    absent: bool = False
    given: bool = False
    only: bool = False

    def met(self, arguments: Arguments) -> bool:
        """Whether the call has this form.

        A variable passed as a flag may be either, and knowledge in doubt is silent, so it counts as met;
        a variable passed as a number is seldom zero, so it does not.
        """
        if self.only:
            alone = set(arguments.keywords or ()) == {self.argument}
            return alone and not arguments.positional and not arguments.is_open
        value = arguments.get(self.position, self.argument)
        if value is None:
            return self.absent
        if self.absent:
            return False
        if self.given:
            return True
        if self.contains:
            return not value.startswith("=") and (self._hides(value) or any(name in value for name in self.contains))
        if self.prefix:
            return value[:1] == "=" and value[2:].startswith(self.prefix)
        if self.instance or self.named:
            options = value[1:-1].split("|") if value.startswith("(") else [value]
            return all(option in self.instance or option in self.named for option in options)
        if self.address:
            return value[:1] == "=" and _is_address(value[2:-1])
        if self.flag and not value.startswith("="):
            return True
        return value in self.equals

    def _hides(self, value: Ref) -> bool:
        """Whether a reference could stand for any combination of flags."""
        tops = {name.partition(".")[0] for name in self.contains}
        return any(mark in value for mark in "?$()[]!@*") or value.partition(".")[0] not in tops


def _is_address(text: str) -> bool:
    """Whether a host is written in a form that needs no name service."""
    if text == "localhost" or ":" in text:
        return True
    return text.count(".") == 3 and text.replace(".", "").isdigit()


class Claim(NamedTuple):
    """That a call stops the event loop, or starts one, and why.

    `receiver` names states of the receiver that lift the claim and that only the caller's file can show: a future that
    is known to be done, a lock just made or given back in the same place, a database in memory, a socket set not to
    block, a queue known to hold something, or to have no maximum, a file that was opened where that is reported.
    `lazy` calls stop nothing until what they give is iterated; of what `is_read`, reading it does the work. What
    `is_derived` was found in the sources of one version, and others may have made a coroutine function of it.
    """

    kind: str
    why: str
    instead: str = ""
    advice: str = ""
    thread: bool | None = None
    default: bool = True
    lazy: bool = False
    unless: tuple[Condition, ...] = ()
    receiver: tuple[str, ...] = ()
    source: str = ""
    is_read: bool = False
    is_derived: bool = False

    @property
    def is_of_plain(self) -> bool:
        """Whether nothing but a plain function can be meant."""
        return self.kind not in ("", "wait") and not self.is_derived

    def holds(self, arguments: Arguments) -> bool:
        """Whether the claim is about a call with these arguments."""
        return not any(condition.met(arguments) for condition in self.unless)


class Result(NamedTuple):
    """What a call gives: `value` is the value itself, `gives` what awaiting it yields (the value, for a plain one)."""

    makes: Makes
    value: Ref = UNKNOWN
    gives: Ref = UNKNOWN
    entered: Ref = UNKNOWN
    iterated: Ref = UNKNOWN


class Handed(NamedTuple):
    """Which argument a call takes over: at a position, of a name, or every one.

    `process` says that it runs in another process, `takes_async` that a coroutine function is welcome too; `polled`
    are the methods by which a file has it called on a thread of its own.
    """

    position: int | None = None
    name: str | None = None
    every: bool = False
    process: bool = False
    takes_async: bool = False
    polled: tuple[str, ...] = ()

    def arguments(self, arguments: Arguments) -> tuple[Ref, ...]:
        """The values that are handed over."""
        if self.every:
            return (*arguments.positional, *(arguments.keywords or {}).values())
        value = arguments.get(self.position, self.name)
        return () if value is None else (value,)


class Handler(NamedTuple):
    """How a framework runs the functions that a decorator gives it, or the methods that its classes leave to others.

    `gives` are the types of their first arguments; `events` the same by the function's name, where it decides.
    """

    concurrent: bool = False
    sync: str = "loop"  # where a plain function runs: "loop" or "thread"
    gives: tuple[str, ...] = ()
    events: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class Lock(NamedTuple):
    """Who is kept out by a lock, and how many it lets in."""

    flavour: str  # "asyncio", "thread" or "process"
    kind: str  # "lock", "semaphore", "condition" or "event"
