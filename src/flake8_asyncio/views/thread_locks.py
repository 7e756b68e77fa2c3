"""Whether a thread's lock could be a task's lock: every use of it in the file must be a `with` of a coroutine."""

from __future__ import annotations

import ast

from flake8_asyncio.facts.forms import last_name
from flake8_asyncio.syntax.nodes import Nodes, walk
from flake8_asyncio.syntax.source import Span
from flake8_asyncio.views.modules import ModuleView

_LOCK = "threading.Lock"


def replaceable(module: ModuleView, place: str) -> tuple[Span, tuple[Span, ...]] | None:
    """The call that makes the lock at a place, and the statements that hold it; None if it is used in other ways.

    `place` is how the source writes the lock, such as `self._lock`. Only its last name counts: whatever else in the
    file has that name must fit as well.
    """
    name = place.rpartition(".")[2]
    nodes = Nodes(walk(module.source.tree))
    mentions = {id(each) for each in (*nodes.of(ast.Attribute), *nodes.of(ast.Name)) if last_name(each) == name}
    made = [
        (each.targets[0], each.value)
        for each in nodes.of(ast.Assign)
        if len(each.targets) == 1 and id(each.targets[0]) in mentions
    ]
    held = [each for each in nodes.of(ast.With) if len(each.items) == 1 and id(each.items[0].context_expr) in mentions]
    known = {id(target) for target, _ in made} | {id(each.items[0].context_expr) for each in held}
    if len(made) != 1 or not held or known != mentions:
        return None
    span = module.source.span(made[0][1])
    if not any(call.span == span and call.path == _LOCK for each in module.functions for call in each.calls):
        return None
    spans = tuple(module.source.span(each) for each in held)
    return (span, spans) if all(_is_in_coroutine(module, each) for each in spans) else None


def _is_in_coroutine(module: ModuleView, span: Span) -> bool:
    around = [each for each in module.functions if each.span.line <= span.line <= each.span.end_line]
    return bool(around) and max(around, key=lambda each: each.span).is_async
