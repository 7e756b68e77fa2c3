"""AIO501: a cancellation that a coroutine keeps to itself."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.lifetimes import Form, troubles


@rule("AIO501", since="0.1")
def cancellation_swallowed(module: ModuleView) -> Iterator[Finding]:
    """A cancellation is caught and not raised again, so the task goes on."""
    for trouble in troubles(module, Form.SWALLOWED, Form.SUPPRESSED):
        yield Finding(
            trouble.span,
            f"`{trouble.word}` keeps the cancellation from whoever cancelled: timeouts and `cancel()` may have no"
            " effect; clean up, then `raise`",
        )
