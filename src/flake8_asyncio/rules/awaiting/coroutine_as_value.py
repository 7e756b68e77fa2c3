"""AIO204: a coroutine that is used as if it were its result."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.awaiting import not_awaited
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.coroutines import mistakes


@rule("AIO204", since="0.1")
def coroutine_as_value(module: ModuleView) -> Iterator[Finding]:
    """A coroutine is used as if it were what awaiting it gives."""
    for mistake in mistakes(module):
        if not mistake.is_test:
            subject, message = mistake.call.subject, f"is a coroutine that was not awaited: {mistake.reason}"
            if mistake.name:
                name = f"`{mistake.name}` in line {mistake.span.line}"
                message = f"is not awaited, so {name} is a coroutine: {mistake.reason}"
            yield not_awaited(module, mistake, f"`{subject}` {message}")
