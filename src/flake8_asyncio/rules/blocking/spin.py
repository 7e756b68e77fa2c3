"""AIO412: a loop that waits on the event loop for what cannot happen meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.blocking.wording import places
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.blocking import blocking, loops

_WHY = {
    "empty": "spins and lets no other task run, so nothing changes what it waits for; await an `asyncio.Event`",
    "state": "spins and lets no other task run, so nothing changes what it waits for; await that instead",
    "clock": "spins until its time has come, and lets no other task run; `await asyncio.sleep(…)` does",
    "endless": "never ends and never awaits, so no other task runs again",
}


@rule("AIO412", since="0.1")
def spin(module: ModuleView) -> Iterator[Finding]:
    """A loop waits on the event loop for something that cannot happen while it does."""
    for _, loop in loops(module):
        if loop.kind in _WHY:
            yield Finding(loop.span, f"`{loop.text}` {_WHY[loop.kind]}")
    for entry in blocking(module).loop_chains:
        if entry.chain.claim.kind in _WHY:
            message = f"`{entry.chain}` {entry.where} {_WHY[entry.chain.claim.kind]}"
            yield Finding(entry.span, message, places=places(entry))
