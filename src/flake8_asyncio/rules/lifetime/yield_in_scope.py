"""AIO504: a generator that rests inside a scope."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.lifetimes import Form, troubles


@rule("AIO504", since="0.1")
def yield_in_scope(module: ModuleView) -> Iterator[Finding]:
    """An asynchronous generator yields inside a task group or timeout."""
    for trouble in troubles(module, Form.YIELD):
        yield Finding(
            trouble.span,
            f"`yield` inside `{trouble.word}`: while the generator rests, its scope cancels whatever task runs then",
        )
