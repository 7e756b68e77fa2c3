"""AIO308: a lock that its own holder waits for."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places, through
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.locking import reentered


@rule("AIO308", since="0.1")
def lock_reentered(module: ModuleView) -> Iterator[Finding]:
    """An asyncio lock is taken again by the task that holds it, which waits for itself for ever."""
    for race in module.races("lock-reentered"):
        if race.read:
            message = (
                f"`{race.place}` is held since line {race.read.line} and taken again{through(race)} here: "
                "`asyncio.Lock` is not reentrant, so the task waits for itself for ever"
            )
            yield Finding(race.span, message, places=places(module, race))
    for again in reentered(module):
        file = again.path.replace("\\", "/").rpartition("/")[2]
        message = (
            f"`{again.lock}` is held since line {again.entered.line} and taken again by `{again.by}()` ({file}) here: "
            "`asyncio.Lock` is not reentrant, so the task waits for itself for ever"
        )
        yield Finding(again.call, message)
