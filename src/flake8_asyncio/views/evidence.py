"""What the rest of a file shows of a function that its own definition leaves open."""

from __future__ import annotations

from flake8_asyncio.facts.model import Function, Kind, Use
from flake8_asyncio.project import decorators
from flake8_asyncio.views.calls import CallView


def is_awaited_elsewhere(call: CallView) -> bool:
    """Whether a coroutine function under an unknown decorator is called, and another call of it in the file awaited."""
    target = call.callee.target
    if not isinstance(target, Function) or target.kind is not Kind.COROUTINE:
        return False
    if decorators.made(target, call.function.module.world.targets) is not decorators.Made.UNKNOWN:
        return False
    return any(
        each.use is Use.AWAITED and each.text == call.text and each.callee.target is target
        for function in call.function.module.functions
        for each in function.calls
    )
