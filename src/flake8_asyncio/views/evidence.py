"""What the rest of a file, and of the project, shows of a call that its own definition leaves open."""

from __future__ import annotations

import functools
import re
from collections import Counter

from flake8_asyncio.facts import guards
from flake8_asyncio.facts.model import Class, Function, Kind, Ref, Use
from flake8_asyncio.project import decorators
from flake8_asyncio.project.hearsay import Hearsay
from flake8_asyncio.views.calls import CallView, UseView
from flake8_asyncio.views.modules import ModuleView

_WITHOUT = {Use.DISCARDED, Use.ASSIGNED, Use.TESTED, Use.COMPARED, Use.COMPUTED, Use.UNPACKED}
_STARTS = re.compile(r"task|future|thread|submit|start|run|call_|super|add|append|regist|put")
_ENOUGH = 2  # others may be tasks, which run whether they are awaited or not


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


def is_idle(call: CallView) -> bool:
    """Whether a call makes an object of the project that does its work when awaited, and starts nothing before."""
    target, members = call.callee.target, call.function.module.world.members
    if not isinstance(target, Class) or members.own_method(target, "__await__") is None:
        return False
    made_by = members.own_method(target, "__init__")
    return made_by is None or not any(_STARTS.search(each.text) for each in made_by.calls)


def is_likely_coroutine(made: CallView | UseView) -> bool:
    """Whether a method of something unknown gives a coroutine, by what the rest of the project shows."""
    return is_coroutine_by_name(made) or is_coroutine_by_callers(made) or is_awaited_alike(made)


def is_awaited_alike(made: CallView | UseView) -> bool:
    """Whether the file awaits what the same method of the same unknown object gives in all other places.

    What builds a query step by step is awaited at its last step only, so attributes and items of it say nothing.
    """
    callee, name = _method(made)
    if not name or not made.function.is_async or "." not in callee or made.use not in _WITHOUT:
        return False
    awaited, others = _fates(made.function.module)
    return awaited[callee] >= _ENOUGH and others[callee] == 1


@functools.lru_cache(maxsize=1)
def _fates(module: ModuleView) -> tuple[Counter[Ref], Counter[Ref]]:
    """How often a file awaits what a method gives, and how often it does anything else with it."""
    awaited: Counter[Ref] = Counter()
    others: Counter[Ref] = Counter()
    for function in module.facts.functions.values():
        for call in function.calls:
            if call.use is Use.AWAITED:
                awaited[call.callee] += 1
            elif call.use not in (Use.PASSED, Use.COLLECTED):
                others[call.callee] += 1
    return awaited, others


def is_coroutine_by_name(made: CallView | UseView) -> bool:
    """Whether a method of something unknown is called, and the project has only coroutine functions of its name.

    Of plain functions only dropped calls count, and not of what a caller hands them: that is as often a library's
    object with a method of the name.
    """
    callee, name = _method(made)
    if not name or not (made.function.is_async or (made.use is Use.DISCARDED and "$" not in callee)):
        return False
    return _hearsay(made).is_coroutine(callee, name)


def is_coroutine_by_callers(made: CallView | UseView) -> bool:
    """Whether a method gives a coroutine if parameters without a type are what their callers give them."""
    callee, name = _method(made)
    return bool(name) and _hearsay(made).is_given_coroutine(callee, name)


def _method(made: CallView | UseView) -> tuple[Ref, str]:
    """The method that made a value, and its name; no name where it is known what it gives, or where it is none."""
    callee = made.fact.callee if isinstance(made, CallView) else made.fact.value.removesuffix("()")
    owner, _, name = (made.text if isinstance(made, CallView) else callee).rpartition(".")
    if isinstance(made, CallView) and f"{guards.SYNC}{made.text}" in made.guards:
        return callee, ""
    if made.value.targets or not owner or not name.isidentifier() or callee[0] == "=":
        return callee, ""
    return callee, name


def _hearsay(made: CallView | UseView) -> Hearsay:
    return Hearsay.of(made.function.module.world)
