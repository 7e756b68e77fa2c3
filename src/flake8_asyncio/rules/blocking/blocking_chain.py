"""AIO410: a call in code on the event loop that comes to one that waits."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import through
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.blocking import blocking


@rule("AIO410", since="0.1")
def blocking_chain(module: ModuleView) -> Iterator[Finding]:
    """Code on the event loop calls a function that comes to a call that stops the loop."""
    for entry in blocking(module).chains:
        yield through(entry)
