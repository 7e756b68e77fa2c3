"""AIO407: the content of files, read or written in code on the event loop."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import direct
from flake8_asyncio.views import ModuleView


@rule("AIO407", since="0.1")
def blocking_file(module: ModuleView) -> Iterator[Finding]:
    """A call reads, writes or copies files in code on the event loop."""
    yield from direct(module, "file")
