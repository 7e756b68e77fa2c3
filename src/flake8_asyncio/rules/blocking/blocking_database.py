"""AIO403: a wait for a database, cache or queue server in code on the event loop."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import direct
from flake8_asyncio.views import ModuleView


@rule("AIO403", since="0.1")
def blocking_database(module: ModuleView) -> Iterator[Finding]:
    """A call waits for a database in code on the event loop."""
    yield from direct(module, "database")
