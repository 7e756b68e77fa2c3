"""AIO490: a question to the file system in code on the event loop."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import direct
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.files import amid_work, left_on_loop


@rule("AIO490", since="0.1", by_default=False)
def blocking_file_metadata(module: ModuleView) -> Iterator[Finding]:
    """A call asks the file system in code on the event loop, which takes microseconds on a local disk."""
    reported = {entry.span for entry, _ in (*left_on_loop(module), *amid_work(module))}
    yield from (each for each in direct(module, "metadata") if each.span not in reported)
