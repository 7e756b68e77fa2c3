"""AIO214: a coroutine function in a test case that does not await it."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.overriding import plain_test_methods


@rule("AIO214", since="0.1")
def async_test_never_runs(module: ModuleView) -> Iterator[Finding]:
    """A test or fixture of a plain `unittest.TestCase` is an `async def`, so nothing of it runs."""
    for function in plain_test_methods(module):
        yield Finding(
            function.span,
            f"`{function.name}` is a coroutine function, and `unittest.TestCase` does not await it:"
            " it passes without running; `unittest.IsolatedAsyncioTestCase` awaits it",
        )
