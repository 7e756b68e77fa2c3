"""AIO108: a primitive or client that two event loops use."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding, Place
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.loops import across_loops


@rule("AIO108", since="0.1")
def loop_bound_across_loops(module: ModuleView) -> Iterator[Finding]:
    """A lock, queue or client of the module is used by more than one event loop, and binds to the first."""
    for made, name, run in across_loops(module):
        yield Finding(
            made.span,
            f"`{name}` binds to the first event loop that uses it, and `{run.text}` (line {run.span.line}) starts"
            " another; make it in the coroutine that is run",
            places=(Place(str(module.source.path), run.span, run.text),),
        )
