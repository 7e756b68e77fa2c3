"""AIO310: a removal that raises when another task was faster."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding, Fix, Replace
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places, through
from flake8_asyncio.views import ModuleView


@rule("AIO310", since="0.1")
def stale_remove(module: ModuleView) -> Iterator[Finding]:
    """Something is found in a collection, a suspension follows, and removing it raises if another task was faster."""
    for race in module.races("stale-remove"):
        if race.read and race.suspension and race.form == "own":
            message = (
                f"`{race.place}` is stored at line {race.read.line} and removed here, after the suspension at line "
                f"{race.suspension.line}: if {race.detail} removed it meanwhile, this raises"
            )
            yield Finding(race.span, message, places=places(module, race))
        elif race.read and race.suspension and race.write:
            message = (
                f"`{race.place}` is found at line {race.read.line} and removed{through(race)} here, after the "
                f"suspension at line {race.suspension.line}: if another task removed it meanwhile, this raises"
            )
            fix = Fix(Replace(race.write, race.detail), is_safe=True) if race.detail else None
            yield Finding(race.span, message, fix, places(module, race))
