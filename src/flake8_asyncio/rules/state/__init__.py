"""Shared state across suspensions: what the analysis in `state` found, in words."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from flake8_asyncio.finding import Place
from flake8_asyncio.state import FileRaces, Race, analyse
from flake8_asyncio.syntax.source import Source
from flake8_asyncio.views import ModuleView


def races(module: ModuleView, kind: str) -> Iterator[Race]:
    """The races of one kind in the linted file."""
    return _analysed(module.source)(kind)


@functools.lru_cache(maxsize=4)
def _analysed(source: Source) -> FileRaces:
    return analyse(source)


def places(module: ModuleView, race: Race) -> tuple[Place, ...]:
    """What a race is made of: the read, the suspension, the write."""
    parts = ((race.read, "read here"), (race.suspension, "suspended here"), (race.write, "written here"))
    return tuple(Place(str(module.source.path), span, text) for span, text in parts if span is not None)


def through(race: Race) -> str:
    """The function that writes, where it is another one."""
    return f" by `{race.via}()`" if race.via else ""
