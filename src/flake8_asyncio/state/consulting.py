"""Objects that are asked whether they know something, and told it after a suspension.

`if not self.index.has(name): …`, then `self.index.register(name, await load(name))`: two tasks are both told no. The
object may be of any class, as long as asking and telling are methods of it that take the same first argument.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_asyncio.state import sharing, vocabulary
from flake8_asyncio.state.functions import Function
from flake8_asyncio.state.locks import guarded
from flake8_asyncio.state.nodes import bindings
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.state.values import COLLECTIONS

_ASKS = vocabulary.Words(
    r"^(a?get|has|contains|exists|lookup|find|fetch|is_(known|registered|cached|loaded))(_\w+)?$|_(exists|known)$"
)
_KNOWS = vocabulary.Words(r"^(has|contains|exists|is_)|_(exists|known)$")
_TELLS = vocabulary.Words(r"^(set|put|add|store|save|insert|register|cache|remember)(_\w+)?$")


def races(function: Function, summaries: Summaries) -> Iterator[Race]:
    """What one coroutine function tells too late."""
    if not any(map(_TELLS.match, function.called)) or not any(map(_ASKS.search, function.called)):
        return
    tells: list[tuple[ast.Call, str, str]] = []
    asks: dict[tuple[str, str], ast.Call] = {}
    for call in function.nodes.of(ast.Call):
        if not isinstance(call.func, ast.Attribute) or not call.args or function.place(call.func.value) is None:
            continue
        method = call.func.attr
        if _TELLS.match(method) and (len(call.args) + len(call.keywords) > 1 or method.startswith(("add", "register"))):
            tells.append((call, ast.unparse(call.func.value), ast.unparse(call.args[0])))
        elif _ASKS.search(method) and call not in function.awaited:
            asks.setdefault((ast.unparse(call.func.value), ast.unparse(call.args[0])), call)
    for told, owner, key in tells if asks else ():
        asked = asks.get((owner, key))
        if asked is None or asked.lineno >= told.lineno or told in function.awaited:
            continue
        between = [
            node
            for node in function.nodes.of(ast.Await)
            if asked.lineno < node.lineno and node.lineno <= (told.end_lineno or told.lineno)
            if summaries.await_suspends(node.value, function)
        ]
        if not between or not _decides(function, asked, told, between[0]):
            continue
        if _asks_again(function, owner, key, between[-1], told) or asked in guarded(function, summaries.oracle):
            continue
        assert isinstance(told.func, ast.Attribute)
        place = function.place(told.func.value)
        if place is None or function.made(place) & COLLECTIONS:
            continue
        # What a handler of one request was given to ask outlives it, and so do others that ask for the same.
        is_outlived = function.owner is not None and sharing.is_per_task(function.owner, summaries.oracle)
        if not is_outlived and sharing.is_exempt(place, function, summaries.oracle):
            continue
        given = function.parameters - (set() if is_outlived else {function.self_name})
        if not any(isinstance(each, ast.Name) and each.id in given for each in ast.walk(told.args[0])):
            continue  # a key of its own, which nobody else asks for
        assert isinstance(asked.func, ast.Attribute)
        source = function.file.source
        yield Race(
            "stale-check-keyed" if _KNOWS.search(asked.func.attr) else "stale-check-memo",
            f"{owner}[{key}]",
            function.label,
            source.span(told),
            source.span(asked),
            source.span(between[-1]),
            source.span(told),
        )
        return


def _decides(function: Function, asked: ast.Call, told: ast.Call, suspension: ast.Await) -> bool:
    """Whether a test of the answer leads to the telling, or away from it."""
    names = {
        target.id
        for target, value in bindings(function.nodes)
        if isinstance(target, ast.Name) and any(each is asked for each in ast.walk(value))
    }
    for node in function.nodes.of(ast.If):
        if not asked.lineno <= node.lineno <= suspension.lineno:
            continue
        inside = list(ast.walk(node.test))
        if asked not in inside and not any(isinstance(each, ast.Name) and each.id in names for each in inside):
            continue
        is_within = node.lineno < told.lineno <= (node.end_lineno or 0)
        if is_within or isinstance(node.body[-1], ast.Return | ast.Continue):
            return True
    return False


def _asks_again(function: Function, owner: str, key: str, suspension: ast.Await, told: ast.Call) -> bool:
    return any(
        isinstance(call.func, ast.Attribute)
        and call.args
        and suspension.lineno < call.lineno < told.lineno
        and _ASKS.search(call.func.attr)
        and (ast.unparse(call.func.value), ast.unparse(call.args[0])) == (owner, key)
        for call in function.nodes.of(ast.Call)
    )
