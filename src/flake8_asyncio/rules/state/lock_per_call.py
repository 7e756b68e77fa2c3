"""AIO307: a lock that nobody else can hold."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView


@rule("AIO307", since="0.1")
def lock_per_call(module: ModuleView) -> Iterator[Finding]:
    """Each call makes a lock of its own, which excludes nobody."""
    for race in module.races("lock-per-call"):
        message = (
            f"`{race.place}` is made anew by each call of `{race.function}`:"
            " no other task can hold it, so it excludes nobody"
        )
        yield Finding(race.span, message, places=places(module, race))
