"""AIO204: a coroutine that is used as if it were its result."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Await, Finding, Fix, Place
from flake8_asyncio.rules import rule
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.coroutines import mistakes


@rule("AIO204", since="0.1")
def coroutine_as_value(module: ModuleView) -> Iterator[Finding]:
    """A coroutine is used as if it were what awaiting it gives."""
    for function in module.functions:
        for mistake in mistakes(function):
            if mistake.is_test:
                continue
            call = mistake.call
            if not mistake.name:
                message = f"`{call.subject}` is a coroutine that was not awaited: {mistake.reason}"
            else:
                name = f"`{mistake.name}` in line {mistake.span.line}"
                message = f"`{call.subject}` is not awaited, so {name} is a coroutine: {mistake.reason}"
            is_fixed = isinstance(call, CallView) and function.is_async
            places = (Place(str(module.source.path), mistake.span, "used here"),) if mistake.name else ()
            yield Finding(call.span, message, Fix(Await(call.span)) if is_fixed else None, places)
