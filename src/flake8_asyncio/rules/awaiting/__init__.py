"""Coroutines, tasks and what is awaited."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Await, Finding, Fix, Place
from flake8_asyncio.views import CallView, ModuleView, UseView
from flake8_asyncio.views.coroutines import Mistake


def unawaited(module: ModuleView, made: CallView | UseView, doing: str) -> Iterator[Finding]:
    """Findings where an `await` is missing before something is done with a value: at the calls that made it."""
    for call in made.function.makers(made):
        if call is made:
            yield Finding(made.span, f"`{made.subject}` is a coroutine: await it, and {doing} what it gives")
            continue
        message = f"`{call.subject}` is not awaited, so `{made.subject}` in line {made.span.line} is a coroutine"
        yield not_awaited(
            module, Mistake(call, made.subject, made.span, ""), f"{message}: await it, and {doing} what it gives"
        )


def not_awaited(module: ModuleView, mistake: Mistake, message: str) -> Finding:
    """A finding at the call where `await` is missing, with the place where a name stands for its result."""
    call = mistake.call
    is_fixed = isinstance(call, CallView) and call.function.is_async
    places = (Place(str(module.source.path), mistake.span, "used here"),) if mistake.name else ()
    return Finding(call.span, message, Fix(Await(call.span)) if is_fixed else None, places)
