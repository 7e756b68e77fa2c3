"""AIO411: a call in code on the event loop that comes to reading or writing files."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import through
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.blocking import blocking


@rule("AIO411", since="0.1")
def blocking_file_chain(module: ModuleView) -> Iterator[Finding]:
    """Code on the event loop calls a function that comes to reading or writing files."""
    for entry in blocking(module).file_chains:
        yield through(entry)
