"""What code on the event loop calls although the project has another way for it: a thread, or a coroutine function.

To hand over a call is more work than to call, and to write a function twice is more still, so who does it knows that
the call takes long. That is evidence where nothing tells what the call comes to; of what is known to wait there are
rules already, and of what is known to be quick there is nothing to say.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from flake8_asyncio.facts import guards
from flake8_asyncio.facts.model import Class, Function, Kind, Ref, Use
from flake8_asyncio.knowledge import Effect
from flake8_asyncio.project import decorators
from flake8_asyncio.project.targets import External, Target
from flake8_asyncio.views.blocking import reported
from flake8_asyncio.views.calls import CallView
from flake8_asyncio.views.functions import FunctionView
from flake8_asyncio.views.modules import ModuleView

_BY_NAME = re.compile(r"(?:thread|executor|run_sync|sync_to_async|blocking)\w*$")  # whatever it is called
_NO_NAME = re.compile(r"[)\]!*?]$|^=|\$|\?")  # what is no function that several places can mean
_WORKERS = re.compile(r"(?:executor|pool|loop)$")
_TELLS = re.compile(r"signal|event|emit|fire|notif|trigger|hook|listen|observ", re.IGNORECASE)  # and waits for nothing
_FEW = 2  # functions of a file that are worth naming one by one
_DISPATCHES = frozenset({"submit", "create_task", "ensure_future", "call_soon_threadsafe", "call_soon", "apply_async"})
_TAKES_WHAT_IS_THERE = frozenset({"result", "exception"})


class Aside(NamedTuple):
    """A place where a thread is given something to call."""

    by: FunctionView
    line: int


def left_on_loop(module: ModuleView) -> Iterator[tuple[CallView, Aside]]:
    """The calls on the event loop of what the file has threads call elsewhere, with the place that does."""
    asides = _asides(module)
    if asides:
        calls = [each for each in _calls(module, module.on_loop) if each.fact.callee in asides]
        for call in _few(module, [each for each in calls if _may_wait(module, each.fact.callee)]):
            places = asides[call.fact.callee]
            if not any(_are_nested(each.by, call.function) for each in places):  # there it depends which way it goes
                yield call, places[0]


def with_twins(module: ModuleView) -> Iterator[tuple[CallView, Function]]:
    """The calls in coroutines of plain functions that have a twin, with it."""
    twins: dict[Function, Function | None] = {}
    found: list[CallView] = []
    for call in _calls(module, module.coroutines):
        target = call.callee.target
        if isinstance(target, Function) and target.kind is Kind.PLAIN and not _TELLS.search(call.text):
            if target not in twins:
                twins[target] = _twin(module, target)
            twin = twins[target]
            if twin is not None and not _is_chosen(call.function.fact, target, twin):
                found.append(call)
    left = {call.span for call, _ in left_on_loop(module)} if found else set()
    for call in _few(module, [each for each in found if each.span not in left]):
        target = call.callee.target
        if isinstance(target, Function) and (twin := twins[target]) is not None:
            yield call, twin


def _calls(module: ModuleView, functions: Iterable[FunctionView]) -> Iterator[CallView]:
    for function in functions:
        for call in function.calls:
            if call.use is not Use.AWAITED and guards.ELSEWHERE.isdisjoint(call.guards):
                yield call


def _few(module: ModuleView, calls: list[CallView]) -> Iterator[CallView]:
    """Of the calls of one function those in two functions, or if there are more in the first; none that is reported."""
    known = reported(module) if calls else frozenset()
    groups: dict[Ref, dict[Function, CallView]] = {}
    for call in calls:
        groups.setdefault(call.fact.callee, {}).setdefault(call.function.fact, call)
    for group in groups.values():
        places = list(group.values())
        yield from (each for each in (places if len(places) <= _FEW else places[:1]) if each.span not in known)


# -- threads --------------------------------------------------------------


def _asides(module: ModuleView) -> dict[Ref, list[Aside]]:
    found: dict[Ref, list[Aside]] = {}
    for function in module.functions:
        for call in function.calls:
            for ref in _handed(call):
                if called := _called(module, ref):
                    found.setdefault(called, []).append(Aside(function, call.span.line))
    return found


def uses_thread(call: CallView) -> bool:
    """Whether a coroutine awaits what a thread does for it."""
    if call.use is not Use.AWAITED:
        return False
    return bool(_BY_NAME.search(call.text) or call.function.module.contexts.values(call.fact, "offloads"))


def _handed(call: CallView) -> list[Ref]:
    """What a call has a thread call."""
    arguments = [each for each in call.arguments.all() if not _NO_NAME.search(each)]
    is_named = _BY_NAME.search(call.text) is not None
    if not arguments or not (is_named or call.use is Use.AWAITED):
        return []  # a thread may be but where a framework happens to run it
    values = call.function.module.contexts.values(call.fact, "offloads")
    if values or not is_named or call.use is not Use.AWAITED:
        return values
    return [each for each in arguments if not _WORKERS.search(each)][:1]


def _called(module: ModuleView, ref: Ref) -> Ref:
    """What a thread calls that is given this: of a lambda that is but a call, what it calls."""
    inside = module.facts.functions.get(ref.removeprefix(f"{module.facts.module}."))
    if inside is not None and inside.kind is Kind.LAMBDA:
        ref = inside.calls[0].callee if len(inside.calls) == 1 else ""
    return "" if _NO_NAME.search(ref) else ref


def _are_nested(one: FunctionView, other: FunctionView) -> bool:
    return _is_inside(one.fact, other.fact) or _is_inside(other.fact, one.fact)


def _is_inside(one: Function, other: Function) -> bool:
    return f"{one.path}.".startswith(f"{other.path}.")


def _may_wait(module: ModuleView, ref: Ref) -> bool:
    """Whether nothing more is known of what is called than that a thread is given it."""
    targets = module.world.targets(ref)
    return all(_is_open(module, each) for each in targets) and (bool(targets) or "." in ref)


def _is_open(module: ModuleView, target: Target) -> bool:
    match target:
        case Function():
            return target.kind is Kind.PLAIN and bool(target.calls)
        case External(path):
            knowledge = module.world.knowledge
            return path.partition(".")[0] not in sys.stdlib_module_names and not knowledge.claim(path, Effect.BLOCKS)
    return False


# -- twins ----------------------------------------------------------------


def _twin(module: ModuleView, function: Function) -> Function | None:
    """The coroutine function beside a plain one that does the same, if the plain one does not just hand over to it."""
    name = function.name.rpartition(".")[2]
    bare = name.lstrip("_")
    start = name.removesuffix(bare)
    if not bare or start.startswith("__") or ("stub" not in function.flags and not function.calls):
        return None
    if name in _TAKES_WHAT_IS_THERE or decorators.made(function, module.world.targets) is not decorators.Made.ITSELF:
        return None
    if any(map(module.effects.asks_for_loop, decorators.wrappers(function, module.world.targets))):
        return None  # which chooses
    for each in (f"{name}_async", f"{start}async_{bare}", f"{start}a{bare}", f"{start}a_{bare}"):
        twin = _beside(module, function, each)
        if twin is not None and twin.kind is Kind.COROUTINE and _keeps(module, twin):
            called, calls = _last_names(function), _last_names(twin)
            is_apart = each not in called and name not in calls and called.isdisjoint(_DISPATCHES)
            return twin if is_apart else None
    return None


def _is_chosen(function: Function, plain: Function, twin: Function) -> bool:
    """Whether a coroutine is one of the two, overrides one, or calls both, one under some condition."""
    names = {each.name.rpartition(".")[2] for each in (plain, twin)}
    if function.owner and function.name.rpartition(".")[2] in names:
        return True
    return twin.name.rpartition(".")[2] in _last_names(function) or any(
        _is_inside(function, each) for each in (plain, twin)
    )


def _beside(module: ModuleView, function: Function, name: str) -> Function | None:
    if function.owner:
        owner = module.world.resolve(function.owner)
        found = module.world.members.find(owner, name) if isinstance(owner, Class) else ()
        return found[0] if len(found) == 1 and isinstance(found[0], Function) else None
    facts = module.effects.facts_of(function)
    return facts.functions.get(name) if facts is not None and "." not in function.name else None


def _keeps(module: ModuleView, function: Function) -> bool:
    """Whether decorators leave a function of its kind, as far as is known."""
    made = decorators.made(function, module.world.targets)
    return made in (decorators.Made.ITSELF, decorators.Made.UNKNOWN)


def _last_names(function: Function) -> set[str]:
    return {call.text.rpartition(".")[2] for call in function.calls}
