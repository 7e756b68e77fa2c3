"""AIO396: a collection that is filled anew while others read it."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView


@rule("AIO396", since="0.1", by_default=False)
def non_atomic_rebuild(module: ModuleView) -> Iterator[Finding]:
    """A shared collection is emptied and filled again across suspensions, so others see it half full."""
    for race in module.races("non-atomic-rebuild"):
        if race.read and race.suspension:
            message = (
                f"`{race.place}` is emptied here and filled again across the suspension at line {race.suspension.line}:"
                " others see it empty, or half full; fill a new one, and store it at the end"
            )
            yield Finding(race.span, message, places=places(module, race))
