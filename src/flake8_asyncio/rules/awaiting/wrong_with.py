"""AIO210: a `with` of the wrong kind."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Use
from flake8_asyncio.finding import Finding, Fix, Replace
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.awaiting import unawaited
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.refused import allows_other, refused, turned, what


@rule("AIO210", since="0.1")
def wrong_with(module: ModuleView) -> Iterator[Finding]:
    """A `with` enters an asynchronous context manager, or an `async with` a plain one."""
    for function in module.functions:
        for made in refused(function, Use.ENTERED, Use.ASYNC_ENTERED):
            wanted, other = ("async with", "with") if made.use is Use.ENTERED else ("with", "async with")
            fix = None
            if allows_other(made):
                why = f"it takes `{wanted}`, not `{other}`"
                if keyword := turned(made):
                    fix = Fix(Replace(*keyword[:2]), is_safe=True)
            elif made.value.is_coroutine:
                yield from unawaited(module, made, "enter")
                continue
            else:
                why = f"it cannot be entered by `{other}`"
            yield Finding(made.span, f"`{made.subject}` is {what(made)}: {why}", fix)
    for race in module.races("lock-entered-plainly"):
        message = f"`{race.place}` is given as an asyncio lock by every caller: it takes `async with`, not `with`"
        yield Finding(race.span, message)
