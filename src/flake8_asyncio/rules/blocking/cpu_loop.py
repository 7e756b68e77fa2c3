"""AIO408: a loop that computes for long without letting other tasks run."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import places
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.blocking import blocking, loops


@rule("AIO408", since="0.1")
def cpu_loop(module: ModuleView) -> Iterator[Finding]:
    """A loop of constant length runs for long on the event loop, and no other task does meanwhile."""
    for _, loop in loops(module):
        if loop.kind == "heavy":
            yield Finding(
                loop.span,
                f"`{loop.text}` holds the event loop for about {loop.milliseconds} ms, and lets no other task run;"
                " a process pool does it aside",
            )
    for entry in blocking(module).loop_chains:
        if entry.chain.claim.kind == "heavy":
            yield Finding(
                entry.span,
                f"`{entry.chain}` {entry.where} holds the event loop for about {entry.chain.claim.why} ms,"
                " and lets no other task run; a process pool does it aside",
                places=places(entry),
            )
