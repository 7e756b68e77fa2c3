"""Coroutines, tasks and what is awaited."""

from __future__ import annotations

from flake8_asyncio.finding import Await, Finding, Fix, Place
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.coroutines import Mistake


def not_awaited(module: ModuleView, mistake: Mistake, message: str) -> Finding:
    """A finding at the call where `await` is missing, with the place where a name stands for its result."""
    call = mistake.call
    is_fixed = isinstance(call, CallView) and call.function.is_async
    places = (Place(str(module.source.path), mistake.span, "used here"),) if mistake.name else ()
    return Finding(call.span, message, Fix(Await(call.span)) if is_fixed else None, places)
