"""AIO304: double-checked locking without the second check."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places, through
from flake8_asyncio.views import ModuleView


@rule("AIO304", since="0.1")
def lock_without_recheck(module: ModuleView) -> Iterator[Finding]:
    """A value is tested before a lock is taken and not again inside, where another task may have changed it."""
    for race in module.races("lock-without-recheck"):
        if race.read and race.suspension:
            message = (
                f"`{race.place}` is tested at line {race.read.line}, outside the lock that is waited for at line "
                f"{race.suspension.line}, and not again before it is written{through(race)} here: whoever held the lock"
                " may have written it already"
            )
            yield Finding(race.span, message, places=places(module, race))
