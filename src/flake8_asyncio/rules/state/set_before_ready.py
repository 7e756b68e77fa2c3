"""AIO316: a flag or collection that others take for ready before it is."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView


@rule("AIO316", since="0.1")
def set_before_ready(module: ModuleView) -> Iterator[Finding]:
    """A flag is set, or a collection stored, before the suspensions after which it is what others take it for."""
    for race in module.races("set-before-ready"):
        if race.read and race.suspension and race.write:
            if race.form == "counted":
                message = (
                    f"`{race.place}` is counted up here, before the suspension at line {race.suspension.line} that "
                    "only the first one waits for: the second goes on although it is not done yet; do both under a lock"
                )
            elif race.form:
                where = f"by `{race.via}()` at line {race.write.line}" if race.via else "here"
                message = (
                    f"`{race.place}` is stored empty {where} and still filled at line {race.detail}, after the "
                    f"suspension at line {race.suspension.line}: who tests it as line {race.read.line} does finds it "
                    "half-filled; store it when it is full"
                )
            else:
                message = (
                    f"`{race.place}` is set here, before the suspension at line {race.suspension.line}, and tested at "
                    f"line {race.read.line} without the lock: who comes meanwhile goes on as if all were done; set it "
                    "at the end"
                )
            yield Finding(race.span, message, places=places(module, race))
