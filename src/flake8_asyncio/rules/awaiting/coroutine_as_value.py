"""AIO204: a coroutine that is used as if it were its result."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Await, Finding, Fix
from flake8_asyncio.rules import rule
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.coroutines import misused


@rule("AIO204", since="0.1")
def coroutine_as_value(module: ModuleView) -> Iterator[Finding]:
    """A coroutine is used as if it were what awaiting it gives."""
    for function in module.functions:
        for made, reason in misused(function):
            yield Finding(
                made.span,
                f"`{made.subject}` is a coroutine that was not awaited: {reason}",
                Fix(Await(made.span)) if isinstance(made, CallView) and function.is_async else None,
            )
