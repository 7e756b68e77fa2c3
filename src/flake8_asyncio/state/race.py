"""What the analysis of shared state finds."""

from __future__ import annotations

from typing import NamedTuple

from flake8_asyncio.syntax.source import Span


class Race(NamedTuple):
    """A dependence that a suspension breaks, or a lock that is used wrongly.

    `kind` is the name of the rule; for `possible-race` the name of what it may be is in `form`. `place` is how the
    source writes what is shared, or the lock. `via` is the function through which it is written.
    """

    kind: str
    place: str
    function: str
    span: Span
    read: Span | None = None
    suspension: Span | None = None
    write: Span | None = None
    via: str = ""
    form: str = ""
    detail: str = ""
