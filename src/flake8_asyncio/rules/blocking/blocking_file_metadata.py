"""AIO490: a question to the file system in code on the event loop."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import direct
from flake8_asyncio.views import ModuleView


@rule("AIO490", since="0.1", by_default=False)
def blocking_file_metadata(module: ModuleView) -> Iterator[Finding]:
    """A call asks the file system in code on the event loop, which takes microseconds on a local disk."""
    yield from direct(module, "metadata")
