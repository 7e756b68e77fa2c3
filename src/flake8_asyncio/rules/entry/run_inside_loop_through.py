"""AIO102: a call in code on the loop that comes to starting another one."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding, Place
from flake8_asyncio.knowledge import Effect
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.entries import entries, once


@rule("AIO102", since="0.1")
def run_inside_loop_through(module: ModuleView) -> Iterator[Finding]:
    """Code on the event loop calls a function that starts one, which raises RuntimeError."""
    for entry in once(entries(module, Effect.RUNS_LOOP)):
        if not entry.chain.is_direct and not entry.is_of_own_method:
            yield Finding(
                entry.span,
                f"`{entry.chain}` {entry.where} raises RuntimeError: an event loop is running here already",
                places=tuple(Place(*step) for step in entry.steps),
            )
