"""AIO398: races without evidence that the state is shared."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places, through
from flake8_asyncio.views import ModuleView


@rule("AIO398", since="0.1", by_default=False)
def possible_race(module: ModuleView) -> Iterator[Finding]:
    """A weak form of AIO301 to AIO309 or AIO315: nothing in the file says that two tasks come here."""
    for race in module.races("possible-race"):
        if race.read and race.suspension:
            message = (
                f"`{race.place}` is read at line {race.read.line} and used{through(race)} here after the suspension at "
                f"line {race.suspension.line}: {race.form}, if two tasks come here"
            )
            yield Finding(race.span, message, places=places(module, race))
