"""AIO317: an attribute that may be gone by the time it is used."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView


@rule("AIO317", since="0.1")
def stale_use(module: ModuleView) -> Iterator[Finding]:
    """An attribute is tested, a suspension follows in which another method may set it to None, and then it is used."""
    for race in module.races("stale-use"):
        if race.read and race.suspension:
            what = "removed" if race.form else "set to `None`"
            message = (
                f"`{race.place}` is tested at line {race.read.line} and used here after the suspension at line "
                f"{race.suspension.line}: it may have been {what} meanwhile"
            )
            yield Finding(race.span, message, places=places(module, race))
