"""AIO205: a coroutine function that gives another coroutine."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Await, Finding, Fix, Place
from flake8_asyncio.rules import rule
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.returned import carried_away, returned


@rule("AIO205", since="0.1")
def coroutine_returned(module: ModuleView) -> Iterator[Finding]:
    """An `async def` returns a coroutine that it did not await, so who awaits it gets a coroutine."""
    for function in module.coroutines:
        for call, used in returned(function):
            how = "" if call is used else f" as `{used.subject}` in line {used.span.line}"
            yield Finding(
                call.span,
                f"`{call.subject}` is returned{how} without `await`: whoever awaits `{function.name}` gets a coroutine",
                Fix(Await(call.span), is_safe=call is used) if isinstance(call, CallView) else None,
                () if call is used else (Place(str(module.source.path), used.span, "returned here"),),
            )
        for call, place in carried_away(function):
            yield Finding(
                call.span,
                f"`{call.subject}` is returned in a collection without `await`: "
                f"whoever takes it from what `{function.name}` gives gets a coroutine",
                Fix(Await(call.span)),
                () if call.span == place else (Place(str(module.source.path), place, "returned here"),),
            )
