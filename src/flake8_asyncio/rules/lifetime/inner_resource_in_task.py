"""AIO509: a task that outlives what it uses."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.lifetimes import Form, troubles


@rule("AIO509", since="0.1")
def inner_resource_in_task(module: ModuleView) -> Iterator[Finding]:
    """A task of a group uses what a block inside the group closes."""
    for trouble in troubles(module, Form.BORROWED):
        yield Finding(
            trouble.span,
            f"the task may outlive `{trouble.word}`: the inner block closes it before the group waits for its tasks",
        )
