"""AIO190: an event loop that is started elsewhere than at the program's entry."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts import guards
from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import FunctionView, ModuleView
from flake8_asyncio.views.loops import starts_loop

_ENTRIES = frozenset({"main", "cli", "run", "run_main", "entry_point"})


@rule("AIO190", since="0.1", by_default=False)
def run_outside_entry(module: ModuleView) -> Iterator[Finding]:
    """An event loop is started elsewhere than at the program's entry."""
    reached = {
        call.callee.called
        for function in module.functions
        if function.is_module
        for call in function.calls
        if guards.MAIN in call.guards
    }
    for function in module.functions:
        if function.is_on_loop or function.fact in reached or _is_entry(function):
            continue
        if function.fact.path in module.options.entry_points:
            continue
        for call in function.calls:
            if starts_loop(call) and guards.MAIN not in call.guards:
                where = (
                    "this runs on every import"
                    if function.is_module
                    else f"`{function.name}` may be called from anywhere, a running loop included"
                )
                yield Finding(call.span, f"`{call.text}` is for the program's entry, and {where}")


def _is_entry(function: FunctionView) -> bool:
    return not function.fact.owner and function.name in _ENTRIES
