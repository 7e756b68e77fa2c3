"""AIO409: a call that computes for long in code on the event loop."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import direct
from flake8_asyncio.views import ModuleView


@rule("AIO409", since="0.1")
def cpu_call(module: ModuleView) -> Iterator[Finding]:
    """A call computes for long in code on the event loop."""
    yield from direct(module, "cpu")
