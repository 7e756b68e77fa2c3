"""AIO413: a question to the file system on the event loop, of those for which the project uses threads elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import asked_elsewhere
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.files import left_on_loop


@rule("AIO413", since="0.1")
def metadata_left_on_loop(module: ModuleView) -> Iterator[Finding]:
    """Code on the event loop asks the file system what the project has threads ask elsewhere."""
    for entry, aside in left_on_loop(module):
        yield asked_elsewhere(entry, aside)
