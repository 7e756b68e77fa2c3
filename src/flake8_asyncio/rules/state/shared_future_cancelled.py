"""AIO319: a future of many that one who gives up cancels."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView


@rule("AIO319", since="0.1")
def shared_future_cancelled(module: ModuleView) -> Iterator[Finding]:
    """A future that an object keeps for all is awaited bare, so that one who is cancelled cancels it for everybody."""
    for race in module.races("shared-future-cancelled"):
        if race.write:
            message = (
                f"`{race.place}` belongs to the object: to cancel this wait cancels it for all who wait, and "
                f"`{race.via}()` at line {race.write.line} raises InvalidStateError; use `asyncio.shield`"
            )
            yield Finding(race.span, message, places=places(module, race))
