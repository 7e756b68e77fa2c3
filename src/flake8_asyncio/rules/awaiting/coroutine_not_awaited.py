"""AIO201: a coroutine that is made and dropped."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Use
from flake8_asyncio.finding import Await, Finding, Fix
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.accepted import is_accepted
from flake8_asyncio.views.evidence import is_awaited_elsewhere, is_idle, why_likely
from flake8_asyncio.views.tasks import shields_nothing


@rule("AIO201", since="0.1")
def coroutine_not_awaited(module: ModuleView) -> Iterator[Finding]:
    """A coroutine is made and dropped, so none of it runs."""
    for function in module.functions:
        for call in function.calls:
            dropped = call.use is Use.DISCARDED or (call.use is Use.ASSIGNED and call.fact.name == "_")
            if not dropped:
                continue
            if shields_nothing(call) or (function.is_async and call.use is Use.DISCARDED and is_idle(call)):
                message = f"`{call.subject}` makes an object that does nothing unless it is awaited"
                yield Finding(call.span, message, Fix(Await(call.span)) if function.is_async else None)
                continue
            is_known = call.value.is_always_coroutine or is_awaited_elsewhere(call)
            why = "" if is_known else why_likely(call)
            if why is None or is_accepted(call):
                continue
            yield Finding(
                call.span,
                f"`{call.text}()` makes a coroutine that nobody awaits, so nothing of it runs{why and f'; {why}'}",
                Fix(Await(call.span)) if function.is_async else None,
            )
        for used in function.uses:
            if used.use is Use.DISCARDED and used.value.is_always_coroutine and "." in used.text:
                message = f"reading `{used.text}` makes a coroutine that nobody awaits, so nothing of it runs"
                yield Finding(used.span, message)
