"""AIO305: a flag that is set too late to keep a second task out."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places, through
from flake8_asyncio.views import ModuleView


@rule("AIO305", since="0.1")
def stale_check_flag(module: ModuleView) -> Iterator[Finding]:
    """A flag is tested first and set only after a suspension, so a second task passes the test as well."""
    for race in module.races("stale-check-flag"):
        if race.read and race.suspension and race.form == "settled":
            message = (
                f"`{race.place}.done()` is asked at line {race.read.line} and `{race.detail}()` called only here, "
                f"after the suspension at line {race.suspension.line}: if it is done by then, this raises "
                "InvalidStateError"
            )
            yield Finding(race.span, message, places=places(module, race))
        elif race.read and race.suspension and race.form == "locked":
            message = (
                f"`{race.place}.locked()` is asked at line {race.read.line} and the lock taken only here, after the "
                f"suspension at line {race.suspension.line}: a second task is told that it is free as well, and waits"
            )
            yield Finding(race.span, message, places=places(module, race))
        elif race.read and race.form == "opened":
            message = (
                f"`{race.place}` is asked at line {race.read.line} and opened here, with a suspension: a second task "
                "is told the same meanwhile, and opens it again"
            )
            yield Finding(race.span, message, places=places(module, race))
        elif race.read and race.suspension:
            message = (
                f"`{race.place}` is tested at line {race.read.line} and written{through(race)} only here, after the "
                f"suspension at line {race.suspension.line}: a second task passes the test in between"
            )
            yield Finding(race.span, message, places=places(module, race))
