"""AIO416: a question to the file system on the event loop, in a function that works on files there."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import asked_amid
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.files import amid_work


@rule("AIO416", since="0.1")
def metadata_amid_work(module: ModuleView) -> Iterator[Finding]:
    """Code on the event loop asks the file system where it reads, changes or lists files as well."""
    for entry, work in amid_work(module):
        yield asked_amid(entry, work)
