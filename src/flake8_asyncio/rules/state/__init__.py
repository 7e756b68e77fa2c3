"""Shared state across suspensions: what the analysis in `state` found, in words."""

from __future__ import annotations

from flake8_asyncio.finding import Place
from flake8_asyncio.state import Race
from flake8_asyncio.views import ModuleView


def places(module: ModuleView, race: Race) -> tuple[Place, ...]:
    """What a race is made of: the read, the suspension, the write."""
    parts = ((race.read, "read here"), (race.suspension, "suspended here"), (race.write, "written here"))
    return tuple(Place(str(module.source.path), span, text) for span, text in parts if span is not None)


def through(race: Race) -> str:
    """The function that writes, where it is another one."""
    return f" by `{race.via}()`" if race.via else ""
