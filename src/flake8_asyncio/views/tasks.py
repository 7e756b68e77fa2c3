"""Which calls start tasks, and which of those are let go."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flake8_asyncio.facts.model import Use
from flake8_asyncio.views.calls import CallView
from flake8_asyncio.views.evidence import is_unknown
from flake8_asyncio.views.functions import FunctionView

_STARTS = frozenset(
    "asyncio.create_task asyncio.ensure_future asyncio.gather asyncio.shield asyncio.AbstractEventLoop.create_task "
    "asyncio.BaseEventLoop.create_task asyncio.Task asyncio.wrap_future asyncio.run_coroutine_threadsafe".split()
)
_TASKS = re.compile(r"(?:task|fut|future)$")
_GETTERS = ("get_event_loop()", "get_running_loop()", "new_event_loop()")


def starts_task(call: CallView) -> bool:
    """Whether a call starts a task that only its caller keeps alive."""
    path, world = call.path, call.function.module.world
    if path in _STARTS:
        return not _is_kept_already(call)
    if path.endswith("Loop.create_task") or (path.endswith(".ensure_future") and is_unknown(call.callee.target, world)):
        return True
    return _is_of_loop(call.text) and all(is_unknown(each, world) for each in call.callee.targets)


def shields_nothing(call: CallView) -> bool:
    """Whether a call shields a task that runs anyway, and nobody awaits the shield."""
    argument = call.argument(0)
    if call.use is not Use.DISCARDED or call.path != "asyncio.shield" or argument is None or argument.is_coroutine:
        return False
    return argument.is_task or _TASKS.search(call.only_argument) is not None


def dropped(function: FunctionView) -> Iterator[tuple[CallView, str]]:
    """The calls whose task nobody keeps, with the local name that it gets and loses."""
    unread = None
    for call in function.calls:
        if call.use is Use.DISCARDED and starts_task(call):
            yield call, ""
        elif call.use is Use.ASSIGNED and starts_task(call):
            if call.fact.name == "_":
                yield call, "_"
                continue
            if unread is None:
                unread = function.unread
            if call.span in unread:
                yield call, call.fact.name


def _is_of_loop(text: str) -> bool:
    receiver, _, method = text.rpartition(".")
    name = receiver.rpartition(".")[2].lower()
    return method == "create_task" and (name.endswith("loop") or receiver.endswith(_GETTERS))


def _is_kept_already(call: CallView) -> bool:
    """`ensure_future` of a task gives that task."""
    argument = call.argument(0)
    if argument is None or call.path not in ("asyncio.ensure_future", "asyncio.shield", "asyncio.wrap_future"):
        return False
    return not argument.is_coroutine and (argument.is_task or not argument.ref.endswith("()"))
