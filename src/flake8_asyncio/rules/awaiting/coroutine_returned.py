"""AIO205: a coroutine function that gives another coroutine."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Await, Finding, Fix
from flake8_asyncio.rules import rule
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.returned import returned


@rule("AIO205", since="0.1")
def coroutine_returned(module: ModuleView) -> Iterator[Finding]:
    """An `async def` returns a coroutine that it did not await, so who awaits it gets a coroutine."""
    for function in module.coroutines:
        for made in returned(function):
            yield Finding(
                made.span,
                f"`{made.subject}` is returned without `await`: whoever awaits `{function.name}` gets a coroutine",
                Fix(Await(made.span), is_safe=True) if isinstance(made, CallView) else None,
            )
