"""AIO303: a loop over a shared collection that other tasks change while it is suspended."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Copy, Finding, Fix
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView


@rule("AIO303", since="0.1")
def iterate_across_suspension(module: ModuleView) -> Iterator[Finding]:
    """A shared collection is iterated across a suspension, while other functions remove from it."""
    for race in module.races("iterate-across-suspension"):
        if race.read and race.suspension:
            if race.form:
                what = f"the loop itself takes items out of it at line {race.suspension.line}"
                message = f"`{race.place}` is iterated, and {what}: RuntimeError, or skipped items"
            else:
                message = (
                    f"`{race.place}` is iterated across the suspension at line {race.suspension.line}, and "
                    f"{race.detail} can change it meanwhile: RuntimeError, or skipped items"
                )
            message += "; iterate over a `list(...)` of it"
            fix = Fix(Copy(race.read), is_safe=True) if race.via != "enumerate" else None
            yield Finding(race.span, message, fix, places(module, race))
