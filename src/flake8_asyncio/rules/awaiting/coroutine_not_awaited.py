"""AIO201: a coroutine that is made and dropped."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Use
from flake8_asyncio.finding import Await, Finding, Fix
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.evidence import is_awaited_elsewhere


@rule("AIO201", since="0.1")
def coroutine_not_awaited(module: ModuleView) -> Iterator[Finding]:
    """A coroutine is made and dropped, so none of it runs."""
    for function in module.functions:
        for call in function.calls:
            dropped = call.use is Use.DISCARDED or (call.use is Use.ASSIGNED and call.fact.name == "_")
            if dropped and (call.value.is_always_coroutine or is_awaited_elsewhere(call)):
                yield Finding(
                    call.span,
                    f"`{call.text}()` makes a coroutine that nobody awaits, so nothing of it runs",
                    Fix(Await(call.span)) if function.is_async else None,
                )
