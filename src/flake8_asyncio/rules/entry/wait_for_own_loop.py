"""AIO106: a loop that waits for itself."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts import guards
from flake8_asyncio.finding import Finding, Place
from flake8_asyncio.knowledge import Effect
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.entries import entries, once
from flake8_asyncio.views.loops import knows_loop, own_waits

_WHY = "waits for the event loop that it blocks: a deadlock; `await` the coroutine"


@rule("AIO106", since="0.1")
def wait_for_own_loop(module: ModuleView) -> Iterator[Finding]:
    """Code on the loop waits for a future that only this loop can finish: a deadlock."""
    waits = set(own_waits(module))
    for function in module.functions if waits else ():
        for call in function.calls:
            cause = (function.fact.path, call.span)
            if cause in waits and (guards.LOOP in call.guards or knows_loop(function)):
                waits.remove(cause)
                yield Finding(call.span, f"`{call.text}` {_WHY}")
    for entry in once(entries(module, Effect.BLOCKS, frozenset({"wait"}))) if waits else ():
        if entry.chain.cause in waits:
            yield Finding(
                entry.span,
                f"`{entry.chain}` {entry.where} {_WHY}",
                places=tuple(Place(*step) for step in entry.steps),
            )
