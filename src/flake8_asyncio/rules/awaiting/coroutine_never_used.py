"""AIO202: a coroutine in a name that nobody reads."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Use
from flake8_asyncio.finding import Await, Finding, Fix
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView


@rule("AIO202", since="0.1")
def coroutine_never_used(module: ModuleView) -> Iterator[Finding]:
    """A coroutine is kept where nobody reads it, so none of it runs."""
    for function in module.functions:
        for call in function.calls:
            if (
                not (call.is_added or call.use in (Use.ASSIGNED, Use.COLLECTED))
                or call.fact.name == "_"
                or not call.value.is_always_coroutine
            ):
                continue
            name = function.unread.get(call.span)
            if name is not None:
                where = f"kept in `{name}`, which nobody reads" if name else "collected and dropped"
            elif name := function.amassed.get(call.span):
                where = f"put into `{name}`, where nobody looks for it"
            if name is not None:
                yield Finding(
                    call.span,
                    f"the coroutine of `{call.subject}` is {where}, so nothing of it runs",
                    Fix(Await(call.span)) if function.is_async else None,
                )
