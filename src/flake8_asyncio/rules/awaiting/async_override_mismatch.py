"""AIO215: a method that is asynchronous where its callers expect it plain, or the reverse."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.overriding import mismatches


@rule("AIO215", since="0.1")
def async_override_mismatch(module: ModuleView) -> Iterator[Finding]:
    """A method is an `async def` where its callers do not await it, or is none where they do."""
    for function in module.functions:
        for reason in mismatches(function):
            yield Finding(function.span, reason)
