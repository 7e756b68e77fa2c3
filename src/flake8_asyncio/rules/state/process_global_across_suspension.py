"""AIO311: process-wide settings that other tasks see."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places
from flake8_asyncio.views import ModuleView


@rule("AIO311", since="0.1")
def process_global_across_suspension(module: ModuleView) -> Iterator[Finding]:
    """A context manager that changes the whole process is held across a suspension, and other tasks see it."""
    for race in module.races("process-global-across-suspension"):
        if race.suspension:
            message = (
                f"`{race.place}` changes the whole process and is held across the suspension at line "
                f"{race.suspension.line}: other tasks run with it, and leaving it undoes what they set"
            )
            yield Finding(race.span, message, places=places(module, race))
