"""AIO392: state that one function covers with a lock and another does not."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView


@rule("AIO392", since="0.1", by_default=False)
def inconsistent_lock(module: ModuleView) -> Iterator[Finding]:
    """An attribute is used on both sides of a suspension under a lock, and written elsewhere without it."""
    for race in module.races("inconsistent-lock"):
        if race.read and race.suspension:
            message = (
                f"`{race.place}` is written here without the lock that {race.detail} takes at line {race.read.line} to "
                f"keep it as it is across the suspension at line {race.suspension.line}"
            )
            yield Finding(race.span, message, places=places(module, race))
