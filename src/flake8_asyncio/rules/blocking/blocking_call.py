"""AIO400: a blocking call that users' own knowledge files name, without a kind."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import direct
from flake8_asyncio.views import ModuleView


@rule("AIO400", since="0.1")
def blocking_call(module: ModuleView) -> Iterator[Finding]:
    """A call that your own knowledge files name stops the event loop."""
    yield from direct(module, "")
