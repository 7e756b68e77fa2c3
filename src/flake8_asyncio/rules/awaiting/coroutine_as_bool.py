"""AIO203: a coroutine whose truth is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Await, Finding, Fix, Place
from flake8_asyncio.rules import rule
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.coroutines import mistakes


@rule("AIO203", since="0.1")
def coroutine_as_bool(module: ModuleView) -> Iterator[Finding]:
    """A condition tests a coroutine, which is always true, instead of what it would give."""
    for function in module.functions:
        for mistake in mistakes(function):
            if not mistake.is_test:
                continue
            call = mistake.call
            if not mistake.name:
                here = "" if isinstance(call, CallView) else "here "
                message = f"`{call.subject}` is {here}a coroutine that was not awaited, and {mistake.reason}"
            else:
                name = f"`{mistake.name}` in line {mistake.span.line}"
                message = f"`{call.subject}` is not awaited, so {name} is a coroutine, and {mistake.reason}"
            is_fixed = isinstance(call, CallView) and function.is_async
            places = (Place(str(module.source.path), mistake.span, "used here"),) if mistake.name else ()
            yield Finding(call.span, message, Fix(Await(call.span)) if is_fixed else None, places)
