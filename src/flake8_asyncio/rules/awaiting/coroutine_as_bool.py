"""AIO203: a coroutine whose truth is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.awaiting import not_awaited
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.coroutines import mistakes


@rule("AIO203", since="0.1")
def coroutine_as_bool(module: ModuleView) -> Iterator[Finding]:
    """A condition tests a coroutine, which is always true, instead of what it would give."""
    for mistake in mistakes(module):
        if not mistake.is_test:
            continue
        subject = mistake.call.subject
        if mistake.name:
            name = f"`{mistake.name}` in line {mistake.span.line}"
            message = f"`{subject}` is not awaited, so {name} is a coroutine, and {mistake.reason}"
        else:
            here = "" if isinstance(mistake.call, CallView) else "here "
            message = f"`{subject}` is {here}a coroutine that was not awaited, and {mistake.reason}"
        yield not_awaited(module, mistake, message)
