"""AIO306: a thread's lock, held while other tasks run."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import CallInstead, Finding, Fix, MakeAsync
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.thread_locks import replaceable


@rule("AIO306", since="0.1")
def thread_lock_across_suspension(module: ModuleView) -> Iterator[Finding]:
    """A threading lock is held across a suspension: a second task that wants it stops the event loop for good."""
    for race in module.races("thread-lock-across-suspension"):
        if race.suspension:
            message = (
                f"`{race.place}` is a thread's lock and held across the suspension at line {race.suspension.line}: the "
                "next task that wants it blocks the event loop, and the holder never runs again; use `asyncio.Lock`"
            )
            yield Finding(race.span, message, _fix(module, race.place), places(module, race))


def _fix(module: ModuleView, place: str) -> Fix | None:
    found = replaceable(module, place)
    if found is None:
        return None
    made, held = found
    return Fix(CallInstead(made, "asyncio.Lock"), also=tuple(MakeAsync(each) for each in held))
