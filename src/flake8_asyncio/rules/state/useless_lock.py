"""AIO391: a lock around code that cannot be interrupted."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView


@rule("AIO391", since="0.1", by_default=False)
def useless_lock(module: ModuleView) -> Iterator[Finding]:
    """An asyncio lock surrounds code without a suspension, during which no other task could run anyway."""
    for race in module.races("useless-lock"):
        message = (
            f"nothing is awaited while `{race.place}` is held, here or elsewhere in this file:"
            " no other task could run meanwhile anyway"
        )
        yield Finding(race.span, message, places=places(module, race))
