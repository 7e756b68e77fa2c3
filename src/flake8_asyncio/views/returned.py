"""Where coroutines are returned to somebody who does not expect one, or from where they no longer run safely."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from flake8_asyncio.facts import guards
from flake8_asyncio.facts.model import NONE, UNKNOWN, Function, Kind, Ref, Use
from flake8_asyncio.project.protocols import Protocol
from flake8_asyncio.project.targets import Object, Promise, Target, Targets
from flake8_asyncio.project.values import union
from flake8_asyncio.syntax.source import Span
from flake8_asyncio.views.calls import CallView, UseView, ValueView
from flake8_asyncio.views.coroutines import mistakes
from flake8_asyncio.views.evidence import is_likely_coroutine
from flake8_asyncio.views.functions import FunctionView
from flake8_asyncio.views.modules import ModuleView

_AWAITABLES = {
    *(f"collections.abc.{name}" for name in ("Awaitable", "Coroutine", "Generator")),
    *("asyncio.Future", "asyncio.Task", "concurrent.futures.Future", "types.CoroutineType", "builtins.object"),
}
_STREAMS = {"typing.IO", "typing.TextIO", "typing.BinaryIO"}
_AWAITABLE_WORDS = ("?", "wait", "oroutine", "uture", "Task", "Deferred", "Promise", "Callable", "Any", "object", "Gen")
_HARMLESS = ("suppress", "nullcontext", "catch_warnings", "raises", "patch", "assert", "subTest")


def returned(function: FunctionView) -> Iterator[tuple[CallView | UseView, CallView | UseView]]:
    """The coroutines that an `async def` returns by mistake: the call that makes each, and what is returned."""
    if function.fact.kind is not Kind.COROUTINE or not function.is_plainly_called or _passes_on(function):
        return
    if _is_choosing(function) and not ValueView(function.fact.annotation, function).lacks(Protocol.AWAIT):
        return
    for made in function.made:
        if made.use is not Use.RETURNED or _is_awaited_too(made, function) or _is_to_be_entered(made, function):
            continue
        if made.value.is_always_coroutine or is_likely_coroutine(made):
            for call in function.makers(made):
                yield call, made
        elif isinstance(made, UseView) and any(each.is_always_coroutine for each in made.value.ways):
            if ValueView(function.fact.annotation, function).lacks(Protocol.AWAIT) or _is_else_plain(made):
                for way in function.ways(made):
                    if way.value.is_always_coroutine:
                        yield way, made


def _is_else_plain(made: UseView) -> bool:
    """Whether a name holds a coroutine on some ways, and what nobody awaits on all others."""
    return all(each.is_always_coroutine or each.lacks(Protocol.AWAIT) for each in made.value.ways)


def _is_awaited_too(made: CallView | UseView, function: FunctionView) -> bool:
    """Whether the function awaits the same name on another way, so that it knows what it returns here."""
    return isinstance(made, UseView) and any(
        each.use is Use.AWAITED and (each.text, each.value.ref) == (made.text, made.value.ref) for each in function.uses
    )


def _is_to_be_entered(made: CallView | UseView, function: FunctionView) -> bool:
    """Whether it can be entered as well (`async with await connect()`), and no annotation promises another value."""
    promise, annotation = made.value.promise, function.fact.annotation
    return promise is not None and promise.entered != UNKNOWN and (annotation == UNKNOWN or "Manager" in annotation)


def carried_away(function: FunctionView) -> Iterator[tuple[CallView, Span]]:
    """The coroutines that an `async def` returns in a collection beside other values, and where they stand in it.

    Where all that a collection holds are coroutines, somebody may gather them.
    """
    if function.fact.kind is not Kind.COROUTINE:
        return
    made = {
        each.span: each
        for each in function.calls
        if each.use in (Use.ASSIGNED, Use.COLLECTED) and each.value.is_always_coroutine
    }
    if not made or any(word in function.fact.annotation for word in _AWAITABLE_WORDS[1:]) or _is_handed(function):
        return
    known = {each.call.span for each in mistakes(function.module)}
    for collection in function.carried:
        if collection.has_others or not made.keys() >= collection.calls.keys():
            for span, place in collection.calls.items():
                if span in made and span not in known:
                    yield made[span], place


def _is_handed(function: FunctionView) -> bool:
    """Whether the file hands the function to somebody, who may await what it gives."""
    calls = (call for each in function.module.facts.functions.values() for call in each.calls)
    return any(value.replace("()", "") == function.fact.path for call in calls for value in call.arguments.all())


def escaping(function: FunctionView) -> Iterator[tuple[CallView, str]]:
    """The coroutines that are returned out of a `try` or `with` that was meant for them, and which that is."""
    if function.fact.kind is Kind.COROUTINE and not _passes_on(function):
        return
    for call in function.calls:
        if call.use is Use.RETURNED and call.value.is_always_coroutine:
            if _is_nested(call):
                continue
            held = [each for each in call.fact.within if not any(name in each for name in _HARMLESS)]
            if held:
                yield call, "with"
            elif guards.TRY in call.guards and _gives_only_coroutines(function):
                yield call, "try"


def returned_coroutines(function: FunctionView) -> list[CallView]:
    """The calls whose coroutines a plain function returns, if it returns nothing else."""
    if function.fact.kind is not Kind.PLAIN or not function.is_plainly_called:
        return []
    calls = [each for each in function.calls if each.use is Use.RETURNED]
    given = {*function.fact.returns} - {NONE}
    is_all = given == {each.value.ref for each in calls} and all(each.value.is_coroutine for each in calls)
    return calls if is_all else []


def _is_choosing(function: FunctionView) -> bool:
    """Whether it returns several calls, some of them unknown and none awaited: it seems to choose what others await."""
    returned = [each for each in function.calls if each.use is Use.RETURNED]
    unknown = [each for each in returned if not each.value.everything and not is_likely_coroutine(each)]
    if any(each.endswith("!") for each in function.fact.returns):
        return any(each.text.startswith("getattr") for each in unknown)
    return bool(unknown)


def _gives_only_coroutines(function: FunctionView) -> bool:
    """Whether nothing else is returned, so that the block can only be meant for the coroutine."""
    given = [ValueView(each, function) for each in function.fact.returns if each != NONE]
    return all(each.is_coroutine for each in given)


def _passes_on(function: FunctionView) -> bool:
    """Whether a function says that it gives something to be awaited, or somebody in the file awaits that."""
    annotation = function.fact.annotation
    if annotation != UNKNOWN:
        promised = ValueView(annotation, function).targets
        if not promised:
            return any(word in annotation for word in _AWAITABLE_WORDS)
        return any(_is_awaitable(each) for each in promised)
    return function.fact in _awaited_twice(function.module)


def _is_awaitable(target: Target) -> bool:
    match target:
        case Object(of):
            return of in _AWAITABLES or (of.startswith("typing.") and of not in _STREAMS)
    return isinstance(target, Promise | Function)


@functools.lru_cache(maxsize=1)
def _awaited_twice(module: ModuleView) -> Targets:
    """The functions of which somebody in the file awaits, or enters, what awaiting a call gives."""
    callees: set[Ref] = set()
    for each in module.facts.functions.values():
        callees.update(use.value[:-3] for use in each.uses if use.use is Use.AWAITED and use.value.endswith("()!"))
        callees.update(call.callee.partition("()!@")[0] for call in each.calls if "()!@" in call.callee)
    return union(map(module.world.targets, callees))


def _is_nested(call: CallView) -> bool:
    """A coroutine function written inside the block sees to the block itself."""
    target = call.callee.target
    return isinstance(target, Function) and target.path.startswith(f"{call.function.fact.path}.")
