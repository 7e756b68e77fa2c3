"""AIO395: a resource that is closed before it is forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places, through
from flake8_asyncio.views import ModuleView


@rule("AIO395", since="0.1", by_default=False)
def teardown_after_suspension(module: ModuleView) -> Iterator[Finding]:
    """Something is tested, closed across a suspension and only then forgotten, so a second task closes it again."""
    for race in module.races("teardown-after-suspension"):
        if race.read and race.suspension:
            message = (
                f"`{race.place}` is tested at line {race.read.line} and written{through(race)} only here, after the "
                f"suspension at line {race.suspension.line}: a second task can tear it down again, or lose what a third"
                " one has put there"
            )
            yield Finding(race.span, message, places=places(module, race))
