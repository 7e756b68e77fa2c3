"""AIO506: a sleep after a cancellation."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.lifetimes import Form, troubles


@rule("AIO506", since="0.1")
def await_in_finally(module: ModuleView) -> Iterator[Finding]:
    """A sleep in clean-up holds up whoever cancelled, and a second cancellation interrupts it."""
    for trouble in troubles(module, Form.LATE):
        yield Finding(
            trouble.span,
            f"a sleep in {trouble.word} holds up whoever cancelled, and a second cancellation interrupts it",
        )
