"""AIO309: a keyed resource that two tasks can both make."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places, through
from flake8_asyncio.views import ModuleView


@rule("AIO309", since="0.1")
def stale_check_keyed(module: ModuleView) -> Iterator[Finding]:
    """Something is made for a missing key, but a second task can find it missing too before it is stored."""
    for race in module.races("stale-check-keyed"):
        if race.read and race.suspension:
            message = (
                f"`{race.place}` is tested at line {race.read.line} and written{through(race)} only here, after the "
                f"suspension at line {race.suspension.line}: for one key, two tasks can both find it missing, and the "
                "second overwrites what the first made"
            )
            yield Finding(race.span, message, places=places(module, race))
