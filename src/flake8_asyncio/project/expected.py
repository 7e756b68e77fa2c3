"""What a call of something unknown does, by the errors that its caller is ready for."""

from __future__ import annotations

from collections.abc import Iterable

from flake8_asyncio.facts.expected import EXPECTS, QUEUE_ERRORS
from flake8_asyncio.facts.model import Call, Function, Use
from flake8_asyncio.knowledge import Claim, Effect, Knowledge
from flake8_asyncio.project.targets import External, Target
from flake8_asyncio.project.usage import is_awaited, way

_LATER = frozenset({Use.AWAITED, Use.ASYNC_ENTERED, Use.ASYNC_ITERATED, Use.PASSED, Use.COLLECTED, Use.CALLED})
_QUEUE_METHODS = {"queue.Empty": "get", "queue.Full": "put"}
_BESIDE = frozenset({"json", "raise_for_status", "text", "decode", "get_json", "loads", "strip", "format"})


def is_unknown(targets: Iterable[Target], knowledge: Knowledge) -> bool:
    """Whether nothing is known of what is called but at most its name: a library that is not known, or an interface."""
    return not any(
        each.calls or each.is_async
        if isinstance(each, Function)
        else not isinstance(each, External) or each.path.partition(".")[0] in knowledge.libraries
        for each in targets
    )


def claim(call: Call, function: Function, knowledge: Knowledge) -> tuple[str, Claim] | None:
    """What a call does of which nothing but the handlers around it tells, and under which name that is known."""
    errors = [each.removeprefix(EXPECTS) for each in call.guards if each.startswith(EXPECTS)]
    owner, _, name = call.text.rpartition(".")
    if not errors or not owner or way(call) in _LATER or is_awaited(call, function):
        return None
    error = errors[-1]
    if error in QUEUE_ERRORS:
        is_key = name == "get" and call.arguments.positional[:1] not in ((), ("=True",))
        return None if is_key else _of_queue(name, error, knowledge)
    if name in _BESIDE or owner.endswith(("log", "logger")):
        return None
    return call.text, Claim("network", f"it waits for the network, as the handler for `{error}` shows")


def _of_queue(name: str, error: str, knowledge: Knowledge) -> tuple[str, Claim] | None:
    path = f"queue.Queue.{name}"
    found = knowledge.claim(path, Effect.BLOCKS) if _QUEUE_METHODS[error] == name else None
    return (path, found) if found is not None else None
