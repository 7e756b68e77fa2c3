"""AIO492: a loop over a collection inside a loop over the same one."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.blocking import quadratic_loops


@rule("AIO492", since="0.1", by_default=False)
def quadratic_loop(module: ModuleView) -> Iterator[Finding]:
    """A collection is gone through once for each of its items, and no other task runs meanwhile."""
    for span, collection in quadratic_loops(module):
        yield Finding(
            span,
            f"`{collection}` is gone through once for each of its items, and no other task runs until that is done",
        )
