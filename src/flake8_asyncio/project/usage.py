"""What becomes of the value of a call."""

from __future__ import annotations

import re

from flake8_asyncio.facts.model import Call, Function, Ref, Use, ValueUse

_MAYBE_AWAITS = re.compile(r"(^|[._])(ensure_async|\w*(maybe|always)_(await|async)\w*|await_(if|maybe)\w*)$")
_ENTERS = ("Stack().enter_context", "Stack()@.enter_context", "Stack()@!.enter_context")
_SCHEDULES = re.compile(r"^asyncio\.(create_task|ensure_future|run_coroutine_threadsafe)$|Loop(\(\))?\.create_task$")
CONSUMES = (Use.ITERATED, Use.UNPACKED)
_CONSUMERS = frozenset(
    f"builtins.{name}"
    for name in (
        "list", "sorted", "tuple", "set", "sum", "max", "min", "any", "all", "dict", "next", "frozenset", "enumerate",
        "zip", "reversed", "str.join", "list.extend", "set.update", "dict.update",
    )
)  # fmt: skip


def way(call: Call | ValueUse) -> Use:
    """What becomes of a value, where passing it on means that it is iterated over, entered or, if need be, awaited."""
    if call.use is Use.PASSED and _MAYBE_AWAITS.search(call.passed_to):
        return Use.AWAITED
    if call.use is Use.PASSED and call.passed_to.endswith(_ENTERS):
        return Use.ENTERED
    return Use.ITERATED if is_consumed(call.use, call.passed_to) else call.use


def is_awaited(call: Call, function: Function) -> bool:
    """Whether what a call gives is awaited, there or through a name."""
    if call.use is not Use.ASSIGNED:
        return call.use is Use.AWAITED
    return any(each.use is Use.AWAITED and f"{call.callee}()" in each.value for each in function.uses)


def is_scheduled(call: Call) -> bool:
    """Whether what a call gives is made a task at once, so that it is a coroutine, whatever is said of it."""
    return call.use is Use.PASSED and _SCHEDULES.search(call.passed_to) is not None


def is_consumed(use: Use, passed_to: Ref) -> bool:
    """Whether passing a value on to this callee means that it is iterated over at once."""
    return use is Use.PASSED and (passed_to in _CONSUMERS or (passed_to[:1] == "=" and passed_to.endswith(".join")))


def gone_through(use: ValueUse) -> Use | None:
    """Whether a value is entered or iterated over."""
    how = way(use)
    return Use.ITERATED if how is Use.UNPACKED else how if how in (Use.ENTERED, Use.ITERATED) else None


def is_of_process(call: Call) -> bool:
    """Whether a call makes what a class or module keeps, once for the whole process."""
    return call.use is Use.KEPT and (call.name.startswith("cls.") or "." not in call.name)
