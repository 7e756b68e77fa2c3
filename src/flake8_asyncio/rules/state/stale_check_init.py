"""AIO301: lazy initialisation that two tasks can enter."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places, through
from flake8_asyncio.views import ModuleView


@rule("AIO301", since="0.1")
def stale_check_init(module: ModuleView) -> Iterator[Finding]:
    """A value is created when it is missing, but a second task can find it missing too before it is stored."""
    for race in module.races("stale-check-init"):
        if race.read and race.suspension:
            message = (
                f"`{race.place}` is tested at line {race.read.line} and written{through(race)} only here, after the "
                f"suspension at line {race.suspension.line}: two tasks can both find it missing and both create it"
            )
            yield Finding(race.span, message, places=places(module, race))
