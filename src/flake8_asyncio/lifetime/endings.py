"""Where a coroutine may keep its cancellation: it is the body of a task and over as soon as it has heard of it.

Nobody goes on after such a coroutine, and whoever cancelled the task sees it end, as was wanted.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable

from flake8_asyncio.lifetime.names import last_name, suspends
from flake8_asyncio.syntax.nodes import children, own, walk

_STARTS = re.compile(r"task|ensure_future|start_soon|spawn|gather$|run_coroutine_threadsafe", re.IGNORECASE)

Bodies = Callable[[], frozenset[str]]


def task_bodies(tree: ast.Module) -> frozenset[str]:
    """The names that a file only mentions to start tasks: `create_task(self._poll())`."""
    started, mentioned = Counter[str](), Counter[str]()
    for node in walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                mentioned[name] += 1
            case ast.Call(func=callee) if _STARTS.search(last_name(callee)):
                started.update(_given(node))
    return frozenset(name for name, times in started.items() if times == mentioned[name])


def _given(start: ast.Call) -> list[str]:
    """What is called for the tasks that are started, or handed over to be called."""
    found = []
    for each in (*start.args, *(keyword.value for keyword in start.keywords)):
        found.append(last_name(each))
        found.extend(last_name(call.func) for call in walk(each) if isinstance(call, ast.Call))
    return found


def is_over(function: ast.AsyncFunctionDef, after: ast.stmt, way_out: list[ast.stmt]) -> bool:
    """Whether a coroutine waits for nothing more once `after` is left, as the statements on the way out say."""
    outer = _around(function, after)
    loops = [each for each in outer if isinstance(each, ast.For | ast.AsyncFor | ast.While)]
    if loops:
        if len(loops) > 1 or not any(isinstance(each, ast.Break) for each in own(way_out)):
            return False
        if any(isinstance(each, ast.Continue) for each in own(way_out)):
            return False
    end = (loops[0] if loops else after).end_lineno or 0
    later = [each for each in own(function.body) if getattr(each, "lineno", 0) > end]
    last = [inner for each in outer if isinstance(each, ast.Try) for inner in own(each.finalbody)]
    return not suspends([each for each in later if each not in last])


def _around(function: ast.AsyncFunctionDef, inner: ast.stmt) -> list[ast.AST]:
    """The nodes that a statement of a function stands in, outermost first."""
    found: list[ast.AST] = []
    node: ast.AST | None = function
    while node is not None and node is not inner:
        node = next((each for each in children(node) if _holds(each, inner)), None)
        if node is not None and node is not inner:
            found.append(node)
    return found


def _holds(node: ast.AST, inner: ast.stmt) -> bool:
    start, end = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
    return start is not None and end is not None and start <= inner.lineno and (inner.end_lineno or 0) <= end
