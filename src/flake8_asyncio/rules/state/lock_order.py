"""AIO312: locks taken in opposite orders."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding, Place
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.locking import circles, where


@rule("AIO312", since="0.1")
def lock_order(module: ModuleView) -> Iterator[Finding]:
    """Two asyncio locks are taken in opposite orders: two tasks can each hold one and wait for the other for ever."""
    for taken, back in circles(module):
        held = taken.held[-1].name
        through = f" by `{taken.by.name}()`" if taken.by is not taken.function else ""
        others = ", ".join(where(module, each) for each in back)
        message = (
            f"`{taken.lock.name}` is taken{through} while `{held}` is held, and the other way round by {others}: two "
            "tasks can each hold one and wait for the other for ever"
        )
        around = tuple(
            Place(module.path_of(each.function), each.span, f"`{each.lock.name}` is taken here") for each in back
        )
        yield Finding(taken.span, message, places=around)
