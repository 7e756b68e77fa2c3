"""What the rest of a file, and of the project, shows of a call that its own definition leaves open."""

from __future__ import annotations

from flake8_asyncio.facts.model import Function, Kind, Use
from flake8_asyncio.project import decorators
from flake8_asyncio.project.hearsay import Hearsay
from flake8_asyncio.views.calls import CallView, UseView


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


def is_coroutine_by_name(made: CallView | UseView) -> bool:
    """Whether coroutine code calls a method of something unknown, and the project has only coroutines of its name.

    Plain functions are left alone: what they call is as often a library's object with a method of that name.
    """
    if not made.function.is_async or made.value.targets:
        return False
    callee = made.fact.callee if isinstance(made, CallView) else made.fact.value.removesuffix("()")
    owner, _, name = (made.text if isinstance(made, CallView) else callee).rpartition(".")
    if not owner or not name.isidentifier() or callee[0] == "=":
        return False
    answers = made.function.module.world.answers
    if "hearsay" not in answers:
        answers["hearsay"] = Hearsay(made.function.module.world)
    hearsay: Hearsay = answers["hearsay"]
    return hearsay.is_coroutine(callee, name)
