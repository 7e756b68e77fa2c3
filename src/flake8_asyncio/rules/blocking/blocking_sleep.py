"""AIO401: `time.sleep` and its kin in code on the event loop."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import direct
from flake8_asyncio.views import ModuleView


@rule("AIO401", since="0.1")
def blocking_sleep(module: ModuleView) -> Iterator[Finding]:
    """A call sleeps in code on the event loop, and every other task with it."""
    yield from direct(module, "sleep")
