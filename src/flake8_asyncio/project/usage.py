"""What becomes of the value of a call, and which branches of the callee its arguments rule out."""

from __future__ import annotations

from flake8_asyncio.facts.model import Call, Class, Function, Ref, Use
from flake8_asyncio.project.contexts import position
from flake8_asyncio.project.targets import Target

CONSUMES = (Use.ITERATED, Use.UNPACKED)
_CONSUMERS = frozenset(
    f"builtins.{name}"
    for name in (
        "list", "sorted", "tuple", "set", "sum", "max", "min", "any", "all", "dict", "next", "frozenset", "enumerate",
        "zip", "reversed", "str.join", "list.extend", "set.update", "dict.update",
    )
)  # fmt: skip
_FALSE = ("=None", "=False", "=0", "=''", "=0.0")


def way(call: Call) -> Use:
    """What becomes of a call's value, where passing it on means that it is iterated over."""
    return Use.ITERATED if is_consumed(call.use, call.passed_to) else call.use


def is_awaited(call: Call, function: Function) -> bool:
    """Whether what a call gives is awaited, there or through a name."""
    if call.use is not Use.ASSIGNED:
        return call.use is Use.AWAITED
    return any(each.use is Use.AWAITED and f"{call.callee}()" in each.value for each in function.uses)


def is_consumed(use: Use, passed_to: Ref) -> bool:
    """Whether passing a value on to this callee means that it is iterated over at once."""
    return use is Use.PASSED and (passed_to in _CONSUMERS or (passed_to[:1] == "=" and passed_to.endswith(".join")))


def excluded(body: Function, target: Target, call: Call) -> frozenset[str]:
    """The guards on a function's parameters that cannot hold with the arguments of a call."""
    if body is not target and not isinstance(target, Class):
        return frozenset()
    found: set[str] = set()
    for parameter in body.parameters:
        if parameter.kind in ("*", "**") or parameter.name in ("self", "cls"):
            continue
        value = call.arguments.get(position(body, parameter.name), parameter.name)
        if value is None:
            value = parameter.default
        if value[:1] == "=":
            found.add(f"if {parameter.name}" if value in _FALSE else f"not {parameter.name}")
    return frozenset(found)
