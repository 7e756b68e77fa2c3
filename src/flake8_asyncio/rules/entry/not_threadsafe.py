"""AIO107: a loop that is touched from another thread."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Use
from flake8_asyncio.finding import CallThreadsafe, Finding, Fix, Place
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.threads import Touch, touches

_FUTURES = ("asyncio.Future", "asyncio.Task")


@rule("AIO107", since="0.1")
def not_threadsafe(module: ModuleView) -> Iterator[Finding]:
    """A function that runs in a thread touches the event loop, which is not thread-safe."""
    for touch in touches(module):
        through = f" {touch.where}" if len(touch.names) > 1 else ""
        what = f"`{' → '.join(touch.names)}`{through}"
        yield Finding(
            touch.span,
            f"{what} raises RuntimeError: {touch.reason}, which has no event loop"
            if touch.needs_loop
            else f"{what} is not thread-safe, and {touch.reason}; {touch.advice} is",
            _fix(touch),
            places=(Place(str(module.source.path), touch.handed, touch.function),),
        )


def _fix(touch: Touch) -> Fix | None:
    """Loops, futures and tasks have what it takes to be called from another thread."""
    if len(touch.names) > 1 or touch.use is not Use.DISCARDED:
        return None
    owner = touch.path.rpartition(".")[0]
    is_of_loop = owner.endswith("Loop")
    return Fix(CallThreadsafe(touch.span, is_of_loop)) if is_of_loop or owner in _FUTURES else None
