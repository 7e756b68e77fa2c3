"""AIO503: a timeout around code that never suspends."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.lifetimes import Form, troubles


@rule("AIO503", since="0.1")
def timeout_without_await(module: ModuleView) -> Iterator[Finding]:
    """The body of a timeout never suspends, so the timeout can never strike."""
    for trouble in troubles(module, Form.TIMEOUT):
        yield Finding(
            trouble.span,
            f"`{trouble.word}` never strikes: nothing in its body awaits, and it can interrupt awaits only",
        )
