"""AIO217: awaitables that are handed over in the wrong form."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import AddStar, Finding, Fix
from flake8_asyncio.rules import rule
from flake8_asyncio.views import CallView, ModuleView

_COLLECTIONS = {"builtins.list", "builtins.tuple", "builtins.set", "builtins.dict"}
_ONE = {"asyncio.wait_for": "awaitable", "asyncio.shield": "awaitable", "asyncio.create_task": "coroutine",
        "asyncio.ensure_future": "awaitable"}  # fmt: skip


@rule("AIO217", since="0.1")
def gather_misuse(module: ModuleView) -> Iterator[Finding]:
    """`gather`, `wait` or `wait_for` gets its awaitables in a form that it does not take."""
    for function in module.functions:
        for call in function.calls:
            if reason := _reason(call):
                yield Finding(call.span, reason, Fix(AddStar(call.span), is_safe=True) if _lacks_star(call) else None)


def _reason(call: CallView) -> str:
    argument = call.argument(0)
    if call.text.endswith("loop.create_task") and call.gets_awaited:
        return f"`{call.text}` gets what `await` gave: there is nothing left for it to wait for"
    if argument is None or not call.path.startswith("asyncio."):
        return ""
    is_collection = argument.kind in _COLLECTIONS
    if _lacks_star(call):
        return "`asyncio.gather` takes awaitables one by one: put a `*` before the collection"
    if call.path in _ONE and call.gets_awaited:
        return f"`{call.path}` gets what `await` gave: there is nothing left for it to wait for"
    if call.path in _ONE and is_collection:
        return f"`{call.path}` takes one {_ONE[call.path]}, not a collection: `asyncio.gather(*...)` makes one of many"
    if call.path == "asyncio.wait":
        if argument.is_always_coroutine or argument.is_task:
            return "`asyncio.wait` takes a collection of tasks"
        if is_collection and argument.holds_coroutines:
            return "`asyncio.wait` takes tasks, and raises TypeError for coroutines since Python 3.11"
    return ""


def _lacks_star(call: CallView) -> bool:
    argument = call.argument(0)
    return argument is not None and call.path == "asyncio.gather" and argument.kind in _COLLECTIONS
