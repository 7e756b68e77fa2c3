"""AIO491: a computation in code on the event loop that is short unless what it is given is large."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import direct
from flake8_asyncio.views import ModuleView


@rule("AIO491", since="0.1", by_default=False)
def cpu_small(module: ModuleView) -> Iterator[Finding]:
    """A call computes in code on the event loop, for long if what it is given is large."""
    yield from direct(module, "cpu-small")
