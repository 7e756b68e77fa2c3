"""AIO212: a coroutine function where a plain one is called."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.handing import handed_over


@rule("AIO212", since="0.1")
def async_callback(module: ModuleView) -> Iterator[Finding]:
    """A coroutine function is handed to what only calls it, so none of it runs."""
    for function in module.functions:
        for call, value in handed_over(function):
            if name := value.coroutine_function:
                yield Finding(
                    call.span,
                    f"`{call.text}` calls `{name}` and does not await the coroutine, so nothing of it runs",
                )
