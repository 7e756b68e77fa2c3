"""AIO507: a loop that looks instead of waiting."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.lifetimes import Form, troubles


@rule("AIO507", since="0.1")
def polling_loop(module: ModuleView) -> Iterator[Finding]:
    """A loop sleeps and looks again until something has changed."""
    for trouble in troubles(module, Form.POLLING):
        yield Finding(
            trouble.span,
            f"the loop looks at `{trouble.word}` again and again: an `asyncio.Event` or `Condition` wakes it in time",
        )
