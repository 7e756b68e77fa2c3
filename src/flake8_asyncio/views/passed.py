"""Where a name holds a coroutine that is only ever passed on as if it were data.

Those who take coroutines to run them say so by their names, as `create_task` and `safe_gather` do, and so do the names
under which coroutines are kept for them.
"""

from __future__ import annotations

import re

from flake8_asyncio.facts.model import UNKNOWN, Class, Function, Use
from flake8_asyncio.project.containers import CALLBACK
from flake8_asyncio.project.targets import External, Object, Target
from flake8_asyncio.syntax.source import Span
from flake8_asyncio.views.calls import CallView, UseView
from flake8_asyncio.views.consumers import CASTS
from flake8_asyncio.views.evidence import is_coroutine_by_name
from flake8_asyncio.views.takers import given_to, takers

_RUNS = re.compile(  # words that begin so, of `create_task` or `safeGather`
    r"(?:(?<![a-z])|(?<=_))(?:a?wait|async|backgr|call|catch|complet|coro|defer|ensure|exec|expect|fire|forget|futur|gather|"
    r"group|guard|handl|inspect|invoke|job|later|launch|limit|loop|maybe|mock|nursery|parallel|perform|pending|pool|"
    r"monkeypatch|param|patch|protect|queue|race|regist|resolv|retr|run|sched|semaphor|shield|soon|spawn|stack|start|submit|task|thread|"
    r"timeout|track|until|wrap|(?:do|is|then|with)(?![a-z]))"
)
_KEEPS = frozenset(
    {"append", "add", "put", "put_nowait", "insert", "appendleft", "extend", "push", "set", "setdefault"}
)
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HOLDS = re.compile(
    r"coro|task|fut|wait|aws?$|promise|defer|pending|(?:^|_)(?:job|work|call|cb|func|fn|gen|handler|action|operation)|_$"
)


def passed_as_data(used: UseView) -> str:
    """Who gets the coroutine, where a name that holds one is passed on and nothing else becomes of it."""
    function = used.function
    if used.value.is_callback or _HOLDS.search(used.text.lower()) or not (is_data(used) and _is_coroutine(used)):
        return ""
    calls: list[CallView] = []
    collecting: list[CallView] = []
    for each in function.uses:
        if each.text == used.text:
            found = list(takers(each)) if is_data(each) else []
            if not found:
                return ""
            (calls if each.use is Use.PASSED else collecting).extend(found)
    if not function.is_async or any(_may_run(call.text) for call in collecting):
        collecting, calls = [], [] if collecting else calls
    makers = function.makers(used)
    if not all(isinstance(each, CallView) and each.use is Use.ASSIGNED for each in makers) or _is_closed_over(used):
        return ""
    is_found = all(_is_data_for(call, used) for call in calls)
    return next((call.text for call in (*calls, *collecting)), "") if is_found else ""


def handed_as_data(made: CallView) -> str:
    """Who gets the coroutine of a call that stands in its arguments as if it were data."""
    if made.use is not Use.PASSED or not made.function.is_async or not made.fact.passed_to:
        return ""
    if not made.value.is_always_coroutine or made.value.is_callback:
        return ""
    calls = list(takers(made))
    return calls[0].text if calls and all(_is_data_for(call, made) for call in calls) else ""


def recorded_as_data(made: CallView) -> tuple[str, Span]:
    """Who gets the coroutine of a call in a dictionary, among values that are none, and where it stands in that."""
    function = made.function
    if made.use not in (Use.ASSIGNED, Use.COLLECTED) or not function.is_async or not made.value.is_always_coroutine:
        return "", made.span
    entry = function.records.get(made.span) if not made.value.is_callback else None
    if entry is None or _HOLDS.search(entry.key.lower()) or any(map(_may_run, entry.takers)):
        return "", made.span
    spans = {*entry.beside}
    others = [each for each in function.calls if each.span in spans]
    if None not in spans and all(each.value.is_always_coroutine for each in others):
        return "", made.span
    return entry.takers[0], entry.place


def is_data(used: UseView) -> bool:
    """Whether a value is an argument, or in a dictionary that is written as one: `{"symbol": symbol}`."""
    if used.use is not Use.COLLECTED:
        return used.use is Use.PASSED
    line = used.function.module.source.lines[used.span.line - 1]
    return bool(used.fact.passed_to) and line[: used.span.column].rstrip().endswith(("':", '":'))


def _is_coroutine(used: UseView) -> bool:
    return used.value.is_coroutine or (used.function.is_async and is_coroutine_by_name(used))


def _is_data_for(call: CallView, used: CallView | UseView) -> bool:
    targets = call.callee.targets
    if not targets:
        return used.function.is_async and not _may_run(call.text)
    return all(_takes_data(each, call, used) for each in targets)


def _takes_data(target: Target, call: CallView, used: CallView | UseView) -> bool:
    match target:
        case Class():
            made_by = used.function.module.world.members.own_method(target, "__init__")
            return made_by is not None and _takes_data(made_by, call, used)
        case Function():
            given = list(given_to(used.value.ref, call.arguments, target))
            if not given and target.parameters and target.parameters[-1].kind == "**":
                return _is_named_data(call, used)
            return bool(given) and not any(
                _HOLDS.search(f"{each.name} {'' if each.annotation == UNKNOWN else each.annotation}".lower())
                or _is_seen_to(f"{target.path}${each.name}", target)
                for each in given
            )
        case External(path):
            is_data = not path.startswith("builtins.") and path not in CASTS
            return used.function.is_async and is_data and not _may_run(call.text)
        case Object(of):
            return of == CALLBACK and used.function.is_async and not _may_run(call.text)
    return False


def _is_named_data(call: CallView, used: CallView | UseView) -> bool:
    """Whether a value is an argument by name of who takes any, and neither name speaks of something to be awaited."""
    keywords = call.arguments.keywords or {}
    names = [name for name, value in keywords.items() if value == used.value.ref]
    return bool(names) and used.function.is_async and not any(map(_HOLDS.search, names)) and not _may_run(call.text)


def _may_run(text: str) -> bool:
    """Whether the name of a taker leaves open that it runs what it gets, or keeps it for somebody who does."""
    return text.rpartition(".")[2] in _KEEPS or _RUNS.search(_CAPITAL.sub("_", text).lower()) is not None


def _is_seen_to(ref: str, function: Function) -> bool:
    """Whether a function awaits a parameter, or hands it to somebody who may."""
    if any(use.value == ref for use in function.uses):
        return True
    return any(ref in call.arguments.all() and _may_run(call.text.removesuffix(".append")) for call in function.calls)


def _is_closed_over(used: UseView) -> bool:
    """Whether a function inside has the name as well."""
    module, path = used.function.module, f"{used.function.fact.path}."
    word = re.compile(rf"\b{re.escape(used.text)}\b")
    return any(
        each.path.startswith(path) and word.search(module.source.at(each.span)) is not None
        for each in module.facts.functions.values()
    )
