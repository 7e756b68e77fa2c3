"""AIO390: the strict reading, that shared collections want a lock."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView


@rule("AIO390", since="0.1", by_default=False)
def unlocked_mutation(module: ModuleView) -> Iterator[Finding]:
    """A shared collection is changed in a coroutine outside an asyncio lock, whether or not a suspension intervenes."""
    for race in module.races("unlocked-mutation"):
        message = f"`{race.place}` is changed in the coroutine `{race.function}` without holding an asyncio lock"
        yield Finding(race.span, message, places=places(module, race))
