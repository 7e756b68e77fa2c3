"""Attributes and items that are changed for the time of a suspension and put back after it.

`before = self.timeout`, `self.timeout = 5`, a suspension, `self.timeout = before`: other tasks see the changed value
meanwhile, and of two that do so at once, the second saves what the first has set, and leaves it there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import sharing
from flake8_asyncio.state.functions import Function
from flake8_asyncio.state.locks import guarded
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.syntax.nodes import own

_KEPT = (ast.Attribute, ast.Subscript)


def races(function: Function, summaries: Summaries) -> Iterator[Race]:
    """What one coroutine function puts back too late."""
    assigns = [each for each in function.nodes.of(ast.Assign) if isinstance(each.targets[0], _KEPT)]
    if len(assigns) < 2 or not any(isinstance(each.value, ast.Name) for each in assigns):
        return
    saved = _saved(function)
    stored: dict[str, list[ast.Assign]] = {}
    for assign in assigns if saved else ():
        for each in assign.targets:
            stored.setdefault(ast.unparse(each), []).append(assign)
    failing = {each for handler in function.nodes.of(ast.ExceptHandler) for each in own(handler.body)}
    for back in assigns if saved else ():
        if back in failing:
            continue  # what was begun is given up
        value, target = back.value, back.targets[0]
        save = saved.get((value.id, ast.unparse(target))) if isinstance(value, ast.Name) else None
        place = function.place(target.value if isinstance(target, ast.Subscript) else target)
        if save is None or place is None or place[0] == "nonlocal" or save.lineno >= back.lineno:
            continue
        changed = next((each for each in stored[ast.unparse(target)] if _changes(each, save, back)), None)
        if changed is None:
            continue
        waits = [
            node
            for node in function.nodes.of(ast.Await)
            if changed.lineno < node.lineno < back.lineno and summaries.await_suspends(node.value, function)
        ]
        if not waits or back in guarded(function, summaries.oracle, by_threads=True):
            continue
        if sharing.is_exempt(place, function, summaries.oracle) or not sharing.has_evidence(place, function, "", True):
            continue
        source = function.file.source
        yield Race(
            "lost-update",
            ast.unparse(target),
            function.label,
            source.span(changed),
            source.span(save),
            source.span(waits[0]),
            source.span(back),
            form="restored",
        )


def _saved(function: Function) -> dict[tuple[str, str], ast.expr]:
    """The locals that keep an attribute or item and nothing else, by their name and how the source writes it."""
    kept = ((name, value) for name, value in function.aliases.items() if isinstance(value, _KEPT))
    return {(name, ast.unparse(value)): value for name, value in kept}


def _changes(assign: ast.Assign, save: ast.expr, back: ast.Assign) -> bool:
    return save.lineno < assign.lineno < back.lineno and ast.unparse(assign.value) != ast.unparse(back.value)
