"""AIO505: a jump out of a task group."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.lifetimes import Form, troubles


@rule("AIO505", since="0.1")
def return_in_taskgroup(module: ModuleView) -> Iterator[Finding]:
    """A task group is left by return, break or continue, and waits for its tasks all the same."""
    for trouble in troubles(module, Form.JUMP):
        yield Finding(trouble.span, f"this `{trouble.word}` leaves the task group only when all its tasks are done")
