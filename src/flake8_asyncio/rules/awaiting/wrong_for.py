"""AIO209: a loop of the wrong kind."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Use
from flake8_asyncio.finding import Finding, Fix, Replace
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.awaiting import unawaited
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.calls import CallView, UseView
from flake8_asyncio.views.refused import allows_other, refused, turned, what


@rule("AIO209", since="0.1")
def wrong_for(module: ModuleView) -> Iterator[Finding]:
    """A `for` runs over an asynchronous iterator, or an `async for` over a plain one."""
    for function in module.functions:
        for made in refused(function, Use.ITERATED):
            if not made.value.is_coroutine and allows_other(made):
                yield Finding(
                    made.span, f"`{made.subject}` is {what(made)}: it takes `async for`, not `for`", _fix(made)
                )
        for made in refused(function, Use.ASYNC_ITERATED):
            fix = None
            if made.value.is_coroutine:
                yield from unawaited(module, made, "iterate over")
                continue
            if allows_other(made):
                why, fix = "it takes `for`, not `async for`", _fix(made)
            else:
                why = "it cannot be iterated over"
            yield Finding(made.span, f"`{made.subject}` is {what(made)}: {why}", fix)


def _fix(made: CallView | UseView) -> Fix | None:
    keyword = turned(made)
    return Fix(Replace(*keyword[:2]), is_safe=keyword[2]) if keyword else None
