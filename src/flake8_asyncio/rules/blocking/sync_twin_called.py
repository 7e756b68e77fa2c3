"""AIO415: a coroutine calls a plain function that has a coroutine function for the same beside it."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.elsewhere import with_twins


@rule("AIO415", since="0.1")
def sync_twin_called(module: ModuleView) -> Iterator[Finding]:
    """A coroutine calls a plain function that has a coroutine function for the same beside it."""
    for call, twin in with_twins(module):
        name = twin.name.rpartition(".")[2]
        yield Finding(call.span, f"`{call.text}` blocks the event loop; `{name}` does the same for coroutines")
