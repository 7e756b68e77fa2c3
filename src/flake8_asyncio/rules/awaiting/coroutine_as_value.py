"""AIO204: a coroutine or future that is used as if it were its result."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.awaiting import not_awaited
from flake8_asyncio.views import ModuleView, coroutines, futures
from flake8_asyncio.views.coroutines import Mistake


@rule("AIO204", since="0.1")
def coroutine_as_value(module: ModuleView) -> Iterator[Finding]:
    """A coroutine or future is used as if it were what awaiting it gives."""
    for mistake in coroutines.mistakes(module):
        if not mistake.is_test:
            yield _worded(module, mistake, "is a coroutine", "coroutine")
    for mistake in futures.mistakes(module):
        yield _worded(module, mistake, "gives a future", "future")


def _worded(module: ModuleView, mistake: Mistake, is_what: str, what: str) -> Finding:
    message = f"{is_what} that was not awaited: {mistake.reason}"
    if mistake.name:
        message = f"is not awaited, so `{mistake.name}` in line {mistake.span.line} is a {what}: {mistake.reason}"
    return not_awaited(module, mistake, f"`{mistake.call.subject}` {message}")
