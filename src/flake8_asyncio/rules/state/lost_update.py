"""AIO302: what was read before a suspension is written back after it."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import AwaitFirst, Finding, Fix
from flake8_asyncio.rules import rule
from flake8_asyncio.rules.state import places, through
from flake8_asyncio.state import Race
from flake8_asyncio.views import ModuleView


@rule("AIO302", since="0.1")
def lost_update(module: ModuleView) -> Iterator[Finding]:
    """A value is read, a suspension follows, and what is written back undoes the updates that were made meanwhile."""
    for race in module.races("lost-update"):
        if race.read is None or race.suspension is None:
            continue
        before = f"the suspension at line {race.suspension.line}"
        if race.form == "restored" and race.write:
            message = (
                f"`{race.place}` is changed here and put back at line {race.write.line}, after {before}: other tasks "
                "see the change meanwhile, and may put back what is not theirs; pass it on instead, or hold a lock"
            )
        elif race.form == "counted":
            message = (
                f"`{race.place}` is counted up at line {race.read.line} and read again here, after {before}: another "
                "task may have counted on meanwhile, and both have the same number; keep it in a local"
            )
        elif race.detail:
            message = (
                f"`{race.place}` is read at line {race.read.line} before {before} and emptied here: what "
                f"{race.detail} adds meanwhile is lost; take it away first"
            )
        else:
            message = (
                f"`{race.place}` is read at line {race.read.line} before {before} and written back{through(race)} here:"
                " updates that other tasks make meanwhile are lost"
            )
        yield Finding(race.span, message, _fix(race), places(module, race))


def _fix(race: Race) -> Fix | None:
    """In one statement, what is awaited can be awaited before the rest is read."""
    if race.read is None or race.suspension is None or race.via or race.detail or race.form:
        return None
    is_one = race.span.contains(race.read) and race.span.contains(race.suspension)
    is_first = race.read < race.suspension and not race.suspension.contains(race.read)
    return Fix(AwaitFirst(race.suspension), is_safe=True) if is_one and is_first else None
