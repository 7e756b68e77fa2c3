"""AIO508: a task that is cancelled and forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.lifetimes import Form, troubles


@rule("AIO508", since="0.1")
def cancel_not_awaited(module: ModuleView) -> Iterator[Finding]:
    """A task is cancelled and not awaited, so its end and its errors go unseen."""
    for trouble in troubles(module, Form.UNFINISHED):
        yield Finding(
            trouble.span,
            f"`{trouble.word}` is only asked to stop: `await` it, or its clean-up may never"
            " run and its errors are lost",
        )
