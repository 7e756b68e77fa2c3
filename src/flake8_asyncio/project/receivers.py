"""Whether what a method is called on is in a state in which the call does not wait.

A future that is known to be done gives its result at once, and so does a socket that was set not to block. The file
that makes the call shows it, if anything does; claims say for which states to look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from flake8_asyncio.facts import guards
from flake8_asyncio.facts.model import Call, Facts, Function, Kind, Ref, Use
from flake8_asyncio.facts.references import alternatives
from flake8_asyncio.knowledge import Claim
from flake8_asyncio.project.targets import External, Targets

_IN_MEMORY = ("=':memory:'", "io.BytesIO()", "io.StringIO()", "=b''")
_ENTERED = re.compile(r"\(\)\.(\w+)@\.\w+$")
_BY_LOOP = re.compile(r"\.sock_\w+$")  # `loop.sock_recv(…)`
_BY_WATCHING = re.compile(r"\.(add|remove)_(reader|writer)$")
_BY_THREAD = re.compile(r"(to_thread|run_sync|run_in_executor|run_in_threadpool|executor_job)<")
_NO_MAXIMUM = (None, "=0", "=-1")
_LONGEST = 3  # makers of makers that are followed
_WRAPS = "asyncio.wrap_future"
_DONE = ("as_completed()", "concurrent.futures.wait()")


class Receivers:
    """What files show of the receivers of their calls."""

    def __init__(self, facts_of: Callable[[Function], Facts | None], targets: Callable[[Ref], Targets]) -> None:
        self.facts_of = facts_of
        self.targets = targets

    def lift(self, claim: Claim, call: Call, function: Function) -> bool:
        """Whether a state of the receiver lifts the claim for this call."""
        return any(self._is(marker, call, function) for marker in claim.receiver)

    def _is(self, marker: str, call: Call, function: Function) -> bool:
        receiver = call.text.rpartition(".")[0]
        match marker:
            case "done":
                return f"done {receiver}" in call.guards or self._is_done(call, receiver, function)
            case "brief":  # a plain function that gives the lock back itself, as `with lock:` does
                return not function.is_async and any(each.text == f"{receiver}.release" for each in function.calls)
            case "acquiring":  # a lock of the project's own, which others hold as briefly as any
                return not function.is_async and "acquire" in function.name.rpartition(".")[2].lower()
            case "fresh":
                return _is_fresh(call, receiver, function)
            case "nonempty":
                return f"done {receiver}" in call.guards
            case "ended":  # `self.poll()` asks the process that it has
                return any(f"{receiver}.".startswith(f"{each[5:]}.") for each in call.guards if each[:5] == "done ")
            case "nonblocking":
                return guards.WOULD_BLOCK in call.guards or self._is_nonblocking(call, receiver, function)
            case "datagram":
                return self._is_datagram(receiver, function)
            case "unbounded":
                return self._is_unbounded(receiver, function)
            case "in-memory":
                return self._is_in_memory(call, receiver, function)
            case "opened":
                return not self._is_opened_aside(call, receiver, function)
        return False

    def _is_done(self, call: Call, receiver: str, function: Function) -> bool:
        """Futures come done out of `as_completed`, out of `wait`, and into callbacks."""
        if any(each in call.callee for each in _DONE):
            return True
        future = call.callee.rpartition(".")[0]
        for other in function.calls:
            if other.span < call.span and any(other.callee.endswith(each[:-2]) for each in _DONE):
                return True
            if other.span < call.span and other.callee == _WRAPS and future in other.arguments.all():
                return True
            if other.span < call.span and function.is_async and other.text == f"{receiver}.add_done_callback":
                return True  # which tells the coroutine when
        taken = [each.name for each in function.parameters if each.name not in ("self", "cls")]
        return not function.is_async and function.kind is not Kind.LAMBDA and taken[:1] == [receiver]

    def _is_nonblocking(self, call: Call, receiver: str, function: Function) -> bool:
        """Whether a socket was set not to block, or is one that the loop itself works with, as it must be for that."""
        socket = call.callee.rpartition(".")[0]
        for other in self._around(receiver, function):
            if _BY_LOOP.search(other.callee) and other.arguments.get(0, "sock") == socket:
                return True
            name = other.text.removeprefix(f"{receiver}.")
            value = other.arguments.get(0, None)
            if (name == "setblocking" and value in ("=False", "=0")) or (
                name == "settimeout" and value in ("=0", "=0.0")
            ):
                return True
        return self._is_watched(receiver, function)

    def _is_watched(self, receiver: str, function: Function) -> bool:
        """Whether the file has the loop watch sockets, and does not show how this one was made."""
        facts = self.facts_of(function)
        if facts is None or any(each.callee.startswith("socket.") for each in self._makers(receiver, function)):
            return False
        return any(_BY_WATCHING.search(call.callee) for each in facts.functions.values() for call in each.calls)

    def _is_datagram(self, receiver: str, function: Function) -> bool:
        """Whether a socket is seen to be made for datagrams, which have no connection to wait for."""
        makers = self._makers(receiver, function)
        by = (each for call in makers for each in self.targets(call.callee) if isinstance(each, Function))
        made = [
            each for each in (*makers, *(call for each in by for call in each.calls)) if each.callee == "socket.socket"
        ]
        return any("socket.SOCK_DGRAM" in (each.arguments.get(1, "type") or "") for each in made)

    def _is_unbounded(self, receiver: str, function: Function) -> bool:
        """A queue that is not seen to be made may be of either kind, and knowledge in doubt is silent."""
        made = [each for each in self._makers(receiver, function) if each.callee.lower().endswith("queue")]
        return all(each.arguments.get(0, "maxsize") in _NO_MAXIMUM for each in made)

    def _is_in_memory(self, call: Call, receiver: str, function: Function) -> bool:
        tops = {each.path.partition(".")[0] for each in self.targets(call.callee) if isinstance(each, External)}
        entered = _ENTERED.search(call.callee)
        if entered and call.callee.startswith(f"{function.owner}()."):
            receiver = f"self.{entered[1]}"  # `with self.connection as connection:`
        for other in self._makers(receiver, function):
            if not any(top in other.callee for top in tops) and not _is_factory(self.targets(other.callee), tops):
                continue
            given = (*other.arguments.positional, *(other.arguments.keywords or {}).values())
            if any(value.startswith(_IN_MEMORY) for each in given for value in alternatives(each)):
                return True
        return False

    def _is_opened_aside(self, call: Call, receiver: str, function: Function) -> bool:
        """Whether a file was opened by a thread or a caller, or by a class that keeps it, in no coroutine."""
        if (
            call.callee.startswith(("io.Buffered", "io.FileIO", "io.TextIO"))
            or _BY_THREAD.search(call.callee)
            or _BY_THREAD.search(self._kept_value(receiver, function))
        ):
            return True
        openers = [each for each in self._own(function) if any(_keeping(each, receiver))]
        return bool(openers) and not any(each.is_async for each in openers)

    def _kept_value(self, receiver: str, function: Function) -> Ref:
        """What a class keeps under a name, as its methods set it."""
        facts = self.facts_of(function) if function.owner and receiver.startswith("self.") else None
        owner = facts.classes.get(function.owner.removeprefix(f"{facts.module}.")) if facts else None
        return owner.attributes.get(receiver.removeprefix("self."), "") if owner is not None else ""

    def _makers(self, receiver: str, function: Function) -> list[Call]:
        """The calls that can have made the receiver: for a local name those assigned to it, where there are any."""
        if receiver.startswith("self.") and (named := self._kept(receiver, function)):
            return named
        around = list(self._around(receiver, function))
        for _ in range(_LONGEST):
            named = [each for each in around if each.use is Use.ASSIGNED and each.name == receiver]
            if not named or "." in receiver:
                return named or around
            owner = named[0].text.rpartition(".")[0]
            if owner.startswith("self."):
                return [*named, *self._kept(owner, function)]  # `cursor = self.connection.execute(…)`
            if not any(each.use is Use.ASSIGNED and each.name == owner for each in around):
                return [*named, *(each for each in around if each.use is Use.ENTERED)]  # `with … as owner:`
            receiver = owner  # `cursor = connection.cursor()`
        return around

    def _kept(self, receiver: str, function: Function) -> list[Call]:
        """The calls whose values a class keeps under a name."""
        return [call for each in self._own(function) for call in _keeping(each, receiver)]

    def _own(self, function: Function) -> list[Function]:
        """The methods of a function's class."""
        facts = self.facts_of(function) if function.owner else None
        return [each for each in facts.functions.values() if each.owner == function.owner] if facts else []

    def _around(self, receiver: str, function: Function) -> Iterator[Call]:
        """The calls that can be about the same receiver: of this function, or for an attribute of all in the file."""
        facts = self.facts_of(function)
        if facts is None:
            return
        is_local = "." not in receiver or "(" in receiver
        for each in facts.functions.values():
            if not is_local or each.kind is Kind.MODULE or _are_nested(each.name, function.name):
                yield from each.calls


def _keeping(function: Function, receiver: str) -> Iterator[Call]:
    return (call for call in function.calls if call.use is Use.KEPT and call.name == receiver)


def _is_fresh(call: Call, receiver: str, function: Function) -> bool:
    """Nobody else has what was made just before."""
    before = [each for each in function.calls if each.span < call.span]
    last = max(before, key=lambda each: each.span, default=None)
    return last is not None and last.use is Use.ASSIGNED and last.name == receiver and last.guards == call.guards


def _is_factory(targets: Targets, tops: set[str]) -> bool:
    return any(isinstance(each, External) and each.path.partition(".")[0] in tops for each in targets)


def _are_nested(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")
