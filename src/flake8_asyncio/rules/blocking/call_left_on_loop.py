"""AIO414: a call on the event loop of what the file has threads call elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import in_thread
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.elsewhere import left_on_loop


@rule("AIO414", since="0.1")
def call_left_on_loop(module: ModuleView) -> Iterator[Finding]:
    """Code on the event loop calls what the file has a thread call elsewhere."""
    for call, aside in left_on_loop(module):
        yield Finding(
            call.span,
            f"`{call.text}` blocks the event loop: a thread is given it elsewhere (line {aside.line})",
            in_thread(call),
        )
