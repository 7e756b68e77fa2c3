"""Which names hold what a call gave on one way, and what an `await` gave on another."""

from __future__ import annotations

import ast

from flake8_asyncio.bindings.functions import Body
from flake8_asyncio.syntax.source import Span


def mixed(body: Body) -> dict[Span, tuple[str, Span]]:
    """The calls whose values such names have, each with the name and the first place that reads it.

    A call that is handed what the name had before is left out: it works on, and may be of another kind.
    """
    reading = body.reading
    if reading is None or body.is_open:
        return {}
    found: dict[Span, tuple[str, Span]] = {}
    for name in sorted(reading.reads, key=lambda each: (each.lineno, each.col_offset)):
        if name.id in body.shared:
            continue
        sources = list(reading.sources(name))
        calls = [each for each in sources if isinstance(each, ast.Call)]
        if calls and any(isinstance(each, ast.Await) for each in sources):
            for call in calls:
                found.setdefault(body.source.span(call), (name.id, body.source.span(name)))
    return found
