"""AIO318: a reply that another task may take."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView


@rule("AIO318", since="0.1")
def interleaved_exchange(module: ModuleView) -> Iterator[Finding]:
    """A request is sent over a shared connection and its reply read after a suspension, and no lock joins the two."""
    for race in module.races("interleaved-exchange"):
        if race.read:
            message = (
                f"`{race.place}` waits for the reply to what is sent at line {race.read.line}: a second task that "
                "comes meanwhile takes the wrong reply, or may not read at all; hold a lock from sending to receiving"
            )
            yield Finding(race.span, message, places=places(module, race))
