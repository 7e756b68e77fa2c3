"""AIO313: a lock that an exception leaves held."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding, Fix, HoldLock
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView


@rule("AIO313", since="0.1")
def lock_not_released(module: ModuleView) -> Iterator[Finding]:
    """A lock is acquired, and an exception or a cancellation before its release would leave it held for ever."""
    for race in module.races("lock-not-released"):
        if race.suspension and race.write:
            message = (
                f"`{race.place}` is released at line {race.write.line}, but not if the suspension at line "
                f"{race.suspension.line} raises or is cancelled: then it is held for ever; use `async with`"
            )
            yield Finding(race.span, message, Fix(HoldLock(race.span, race.write)), places(module, race))
