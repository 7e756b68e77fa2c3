"""AIO302: what was read before a suspension is written back after it."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places, through
from flake8_asyncio.views import ModuleView


@rule("AIO302", since="0.1")
def lost_update(module: ModuleView) -> Iterator[Finding]:
    """A value is read, a suspension follows, and what is written back undoes the updates that were made meanwhile."""
    for race in module.races("lost-update"):
        if race.read is None or race.suspension is None:
            continue
        before = f"the suspension at line {race.suspension.line}"
        if race.detail:
            message = (
                f"`{race.place}` is iterated at line {race.read.line} across {before} and emptied here: what "
                f"{race.detail} adds meanwhile is lost"
            )
        else:
            message = (
                f"`{race.place}` is read at line {race.read.line} before {before} and written back{through(race)} here:"
                " updates that other tasks make meanwhile are lost"
            )
        yield Finding(race.span, message, places=places(module, race))
