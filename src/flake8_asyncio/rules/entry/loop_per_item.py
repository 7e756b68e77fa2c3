"""AIO191: an event loop for each item."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts import guards
from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.loops import starts_loop


@rule("AIO191", since="0.1", by_default=False)
def loop_per_item(module: ModuleView) -> Iterator[Finding]:
    """An event loop is started and closed for each item of a loop."""
    for function in module.functions:
        if function.is_on_loop:
            continue
        for call in function.calls:
            if guards.REPEATED in call.guards and starts_loop(call) and not call.path.endswith("Runner.run"):
                yield Finding(
                    call.span,
                    f"`{call.text}` starts and closes an event loop for each item, and no two items run at once:"
                    " put the loop into one coroutine",
                )
