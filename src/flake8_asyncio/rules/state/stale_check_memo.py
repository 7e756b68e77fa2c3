"""AIO315: a cache that lets two tasks do the same work."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places, through
from flake8_asyncio.views import ModuleView


@rule("AIO315", since="0.1")
def stale_check_memo(module: ModuleView) -> Iterator[Finding]:
    """A cache is looked up, the value computed across a suspension and stored, so two tasks can do the same work."""
    for race in module.races("stale-check-memo"):
        if race.read and race.suspension:
            who = "that want one key" if "[" in race.place else "that come here"
            message = (
                f"`{race.place}` is tested at line {race.read.line} and written{through(race)} only here, after the "
                f"suspension at line {race.suspension.line}: two tasks {who} both do the work, and the last"
                " one wins"
            )
            yield Finding(race.span, message, places=places(module, race))
