"""AIO208: an `await` of what cannot be awaited."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Function, Use
from flake8_asyncio.finding import AddCall, DropAwait, Finding, Fix
from flake8_asyncio.rules import rule
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.refused import refused, refused_by_gather, what


@rule("AIO208", since="0.1")
def await_of_non_awaitable(module: ModuleView) -> Iterator[Finding]:
    """What is awaited cannot be awaited, which raises TypeError."""
    fix: Fix | None
    for function in module.functions:
        for made in refused(function, Use.AWAITED):
            if isinstance(made, CallView):
                message = f"`{made.subject}` gives {what(made)}, which cannot be awaited"
                fix = Fix(DropAwait(made.span))
            elif isinstance(made.value.target, Function):
                message = f"`{made.subject}` is a function that is not called here, and a function cannot be awaited"
                fix = Fix(AddCall(made.span)) if made.value.target.is_async else None
            else:
                subject = f"`{made.subject}` is {what(made)}" if made.subject != "…" else f"this is {what(made)}"
                message, fix = f"{subject}, which cannot be awaited", Fix(DropAwait(made.span))
            yield Finding(made.span, message, fix)
        for call in refused_by_gather(function):
            yield Finding(call.span, f"`{call.subject}` gives {what(call)}, which cannot be awaited")
