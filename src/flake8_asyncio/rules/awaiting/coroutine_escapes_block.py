"""AIO206: a coroutine that leaves the block which was meant for it."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Await, Finding, Fix, MakeAsync
from flake8_asyncio.rules import rule
from flake8_asyncio.views import FunctionView, ModuleView
from flake8_asyncio.views.returned import escaping, returned_coroutines


@rule("AIO206", since="0.1")
def coroutine_escapes_block(module: ModuleView) -> Iterator[Finding]:
    """A coroutine is returned out of a `try` or `with`, and runs when that is over."""
    for function in module.functions:
        for call, block in escaping(function):
            why = "its handlers see nothing that it raises" if block == "try" else "what it holds is given up by then"
            yield Finding(
                call.span,
                f"`{call.subject}` is returned out of the `{block}` and runs only afterwards: {why}",
                _fix(function),
            )


def _fix(function: FunctionView) -> Fix | None:
    """Whoever awaits what a plain function returns can await a coroutine function as well."""
    calls = returned_coroutines(function)
    return Fix(MakeAsync(function.span), also=tuple(Await(each.span) for each in calls)) if calls else None
