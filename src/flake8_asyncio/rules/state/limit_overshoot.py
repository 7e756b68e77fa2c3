"""AIO393: a limit that tasks can pass together."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places, through
from flake8_asyncio.views import ModuleView


@rule("AIO393", since="0.1", by_default=False)
def limit_overshoot(module: ModuleView) -> Iterator[Finding]:
    """A limit is tested before a suspension and used up after it, so more tasks than it allows get through."""
    for race in module.races("limit-overshoot"):
        if race.read and race.suspension:
            message = (
                f"`{race.place}` is tested at line {race.read.line} and written{through(race)} only here, after the "
                f"suspension at line {race.suspension.line}: every task that passes the test in between goes over the "
                "limit"
            )
            yield Finding(race.span, message, places=places(module, race))
