"""From where a name has its value: the expressions that made what is used under it."""

from __future__ import annotations

import ast

from flake8_asyncio.bindings.functions import Body
from flake8_asyncio.syntax.source import Span


def origins(body: Body) -> dict[Span, tuple[Span | None, ...]]:
    """The places of the expressions whose values each read of a local name may see, and None if there are others.

    Constants are left out: what starts as `None` has its value from elsewhere.
    """
    reading = body.reading
    if reading is None:
        return {}
    found: dict[Span, tuple[Span | None, ...]] = {}
    for name in reading.reads:
        if name.id in body.shared:
            continue
        sources = [each for each in dict.fromkeys(reading.sources(name)) if not isinstance(each, ast.Constant)]
        made = [each for each in sources if each is not None]
        if made:
            spans = sorted(body.source.span(each) for each in made)
            found[body.source.span(name)] = (*spans, None) if len(made) < len(sources) else (*spans,)
    return found
