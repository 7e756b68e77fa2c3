"""AIO314: a notification that nobody will see."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView


@rule("AIO314", since="0.1")
def lost_wakeup(module: ModuleView) -> Iterator[Finding]:
    """An event is cleared after further suspensions since it was waited for, or a condition is tested only once."""
    for race in module.races("lost-wakeup"):
        if race.write and race.read and race.suspension and race.form == "before":
            message = (
                f"`{race.place}` is cleared right before it is waited for at line {race.read.line}: what sets it "
                f"during the suspension at line {race.suspension.line} is forgotten; clear it right after the wait"
            )
        elif race.write and race.read and race.suspension:
            message = (
                f"`{race.place}` is waited for at line {race.read.line} and cleared only here, after the suspension at "
                f"line {race.suspension.line}: what sets it in between is forgotten; clear it right after the wait"
            )
        elif race.form == "slot" and race.suspension:
            message = (
                f"`{race.place}` holds what the call waits for at line {race.suspension.line}: a second call meanwhile "
                "puts its own there, and nobody wakes the first; take a lock, or keep one for each call"
            )
        elif race.form:
            message = (
                f"`{race.place}.{race.form}()` raises RuntimeError: nobody holds the condition's lock here; call it"
                f" inside `async with {race.place}:`"
            )
        else:
            message = (
                f"what `{race.place}` is waited for is not tested again after the wait: another task may have taken it"
                " first; use `while`, or `wait_for`"
            )
        yield Finding(race.span, message, places=places(module, race))
