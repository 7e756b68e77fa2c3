"""AIO203: a coroutine whose truth is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Await, Finding, Fix
from flake8_asyncio.rules import rule
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.coroutines import tested


@rule("AIO203", since="0.1")
def coroutine_as_bool(module: ModuleView) -> Iterator[Finding]:
    """A condition tests a coroutine, which is always true, instead of what it would give."""
    for function in module.functions:
        for made in tested(function):
            is_direct = isinstance(made, CallView)
            yield Finding(
                made.span,
                f"`{made.subject}` is {'' if is_direct else 'here '}a coroutine that was not awaited,"
                " and a coroutine is always true",
                Fix(Await(made.span)) if is_direct and function.is_async else None,
            )
