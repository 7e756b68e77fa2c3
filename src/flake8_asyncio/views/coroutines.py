"""Where a function uses a coroutine as if it were what awaiting it gives."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_asyncio.facts.model import UNKNOWN, Use
from flake8_asyncio.knowledge import Makes
from flake8_asyncio.syntax.source import Span
from flake8_asyncio.views.calls import CallView, UseView
from flake8_asyncio.views.consumers import CASTS, OWN, SHOWN, SHOWN_INSIDE, consumes
from flake8_asyncio.views.evidence import is_awaited_elsewhere, is_likely_coroutine
from flake8_asyncio.views.functions import FunctionView
from flake8_asyncio.views.modules import ModuleView
from flake8_asyncio.views.passed import handed_as_data, passed_as_data, recorded_as_data
from flake8_asyncio.views.takers import (
    AWAITABLE_WORDS,
    BROKEN,
    is_cast_away,
    is_declared_otherwise,
    is_stored_otherwise,
    wanted,
)

_OLD_COROUTINES = frozenset({"asyncio.coroutine", "types.coroutine"})
_WAITING = frozenset(
    {"collections.abc.Coroutine", "collections.abc.Awaitable", "contextlib.AbstractAsyncContextManager"}
)
_NEVER_AWAITED = {"close", "send", "throw"}  # a coroutine has these methods, and they are plain
_ITERATE = frozenset(f"builtins.{name}" for name in ("dict", "len", "list", "set", "sorted", "tuple"))
_METHODS = {Use.ITEM: "__getitem__", Use.ITERATED: "__iter__", Use.UNPACKED: "__iter__"}
_HANDLES = {Use.AWAITED, Use.PASSED, Use.COLLECTED, Use.RETURNED, Use.YIELDED, Use.KEPT, Use.UNPACKED}


@dataclass(frozen=True)
class Mistake:
    """A call that was not awaited, and where its coroutine is taken for what it would give.

    `name` is what holds the coroutine there; empty where the call itself is used so.
    """

    call: CallView | UseView
    name: str
    span: Span
    reason: str
    is_test: bool = False


@functools.lru_cache(maxsize=1)
def mistakes(module: ModuleView) -> tuple[Mistake, ...]:
    """What a file does wrong with coroutines, looked for once for all rules that ask."""
    return tuple(each for function in module.functions for each in _mistakes(function))


def _mistakes(function: FunctionView) -> Iterator[Mistake]:
    """The calls whose coroutines are used as if they were their results, each with its first wrong use.

    The call is where `await` is missing; a use under a name stands for itself where no call of the function made it.
    """
    seen: set[Span] = set()
    for used in function.made:
        for each in _of(used):
            if each.call.span not in seen:
                seen.add(each.call.span)
                yield each


def _of(used: CallView | UseView) -> list[Mistake]:
    """What is wrong with one use of what calls made, by each of the calls."""
    function = used.function
    if reason := misuse(used):
        return _made(used, reason)
    if isinstance(used, UseView):
        if reason := _misuse_on_a_way(used):
            ways = (each for each in function.ways(used) if each.value.is_always_coroutine)
            return [Mistake(call, used.subject, used.span, reason) for call in ways]
        if taker := passed_as_data(used):
            return _made(used, f"`{taker}` gets the coroutine, and nobody awaits it")
    elif taker := handed_as_data(used):
        return [Mistake(used, "", used.span, f"`{taker}` gets the coroutine, and nobody awaits it")]
    if function.fact.stores and _is_always(used) and is_stored_otherwise(used):
        return _made(used, "what it is put into is declared to hold something else")
    if isinstance(used, CallView):
        if (recorded := recorded_as_data(used))[0]:
            name = used.fact.name if recorded[1] != used.span else ""
            return [Mistake(used, name, recorded[1], f"`{recorded[0]}` gets the coroutine, and nobody awaits it")]
        if reason := _promised_otherwise(used):
            return [Mistake(used, "", used.span, reason)]
        if found := _mixed(used):
            return [Mistake(used, *found, "on another way it is what an `await` gave")]
    if used.use is Use.KEPT and function.is_async and _is_always(used) and not _is_awaited(used):
        if found := function.module.kept.get(used.span):
            reason = "it is used as a value, and nobody awaits it"
            return [Mistake(call, *found, reason) for call in function.makers(used)]
    return []


def _made(used: CallView | UseView, reason: str) -> list[Mistake]:
    """One mistake for each call that may have made what is used."""
    is_test = used.use is Use.TESTED
    names = ((call, "" if call is used else used.subject) for call in used.function.makers(used))
    return [Mistake(call, name, used.span, reason, is_test) for call, name in names]


def misuse(made: CallView | UseView) -> str:
    """What is wrong with how a coroutine is used; empty where nothing is."""
    if made.use is Use.ITERATED and not _OLD_COROUTINES.isdisjoint(made.function.decorators):
        return ""  # `yield from` awaits there
    if made.use is Use.TESTED:
        return "a coroutine is always true" if _is_always(made) and not _is_awaited(made) else ""
    if made.use in (Use.ATTRIBUTE, Use.PASSED, *_METHODS) and (lacking := _lacks_before(made)):
        return f"it is to be awaited or entered, and {lacking} before"
    if made.use in _LOOKED_AT and (made.value.is_coroutine or _is_probable(made)) and not _is_object(made):
        return _reason(made)
    return ""


def _promised_otherwise(call: CallView) -> str:
    """What is wrong with a coroutine that is given to a name whose annotation promises something else."""
    if not is_declared_otherwise(call) or not _is_always(call):
        return ""
    return f"`{call.fact.name}` is declared to hold something else" if call.fact.name else "something else is declared"


def _misuse_on_a_way(used: UseView) -> str:
    """What is wrong with the use of a name that holds a coroutine on one of the ways to it, and is never awaited."""
    if not used.function.is_async or (used.use not in BROKEN and used.use not in (Use.ATTRIBUTE, Use.PASSED)):
        return ""
    if not any(each.is_always_coroutine and not each.is_callback for each in used.value.ways) or _is_awaited(used):
        return ""
    if used.use is Use.PASSED and (taker := wanted(used)):
        return f"`{taker}` wants what the coroutine would give"
    path = used.passed_to.path
    if path == "builtins.isinstance":
        return "`isinstance` gets the coroutine, not what it would give" if _is_tested_for_other(used) else ""
    others = (each for each in used.function.uses if each.use in _HANDLES and each.text == used.text)
    if any(
        each.passed_to.path not in SHOWN and not consumes(each.passed_to.path) and not wanted(each) for each in others
    ):
        return ""
    return _reason(used)


def _is_tested_for_other(made: CallView | UseView) -> bool:
    """Whether `isinstance` asks whether the value is something that nobody awaits."""
    for call in made.function.calls:
        if call.path == "builtins.isinstance" and call.span.line <= made.span.line <= call.span.end_line:
            kind = call.arguments.get(1, None) or UNKNOWN
            return not any(word in kind for word in AWAITABLE_WORDS)
    return False


def _is_always(made: CallView | UseView) -> bool:
    return made.value.is_always_coroutine or _is_probable(made)


def _is_probable(made: CallView | UseView) -> bool:
    return is_likely_coroutine(made) or (isinstance(made, CallView) and is_awaited_elsewhere(made))


def _is_object(made: CallView | UseView) -> bool:
    """Whether the value must be awaited, but has more to it than a coroutine, as aiogram's methods have."""
    return made.value.promise is not None and made.value.promise.value != UNKNOWN


def _lacks_before(made: CallView | UseView) -> str:
    """What is missing for a use of what a library gives only for being awaited or entered; empty for nothing."""
    promise, knowledge = made.value.promise, made.function.module.world.knowledge
    if promise is None or promise.kind not in (Makes.COROUTINE, Makes.MAY_AWAIT):
        return ""
    kind = promise.value.partition("<")[0].removesuffix("()")
    if _WAITING.isdisjoint(knowledge.mro(kind)):
        return ""
    use = made.use
    if use is Use.PASSED:
        if made.passed_to.path not in _ITERATE:
            return ""
        use = Use.ITERATED
    if use in _METHODS:
        return "" if knowledge.definer(kind, _METHODS[use]) else BROKEN[use]
    name = made.attribute
    is_there = name in {"", *OWN} or name.startswith("__") or knowledge.definer(kind, name)
    return "" if is_there or knowledge.attribute(kind, name) is not None else f"has no `{name}`"


def _reason(made: CallView | UseView) -> str:
    match made.use:
        case Use.ATTRIBUTE if made.attribute in _NEVER_AWAITED and _is_method_awaited(made):
            return f"a coroutine's own `{made.attribute}()` cannot be awaited"
        case Use.ATTRIBUTE:
            return f"a coroutine has no `{made.attribute}`" if made.attribute not in {"", *OWN} else ""
        case Use.COMPARED if _is_always(made) and not (_is_awaited(made) or (_is_probable(made) and _is_handled(made))):
            return "a coroutine equals nothing but itself"
        case Use.COMPUTED if _is_always(made) and not _is_handled(made):
            return "the coroutine takes the place of what it would give"
        case Use.PASSED:
            path = made.passed_to.path
            if path == "builtins.isinstance":
                if not _is_always(made) or _is_awaited(made) or not _is_tested_for_other(made):
                    return ""
                return "`isinstance` gets the coroutine, not what it would give"
            if (taker := wanted(made)) and _is_always(made):
                return f"`{taker}` wants what the coroutine would give"
            if made.function.is_async and path in CASTS and _is_always(made) and is_cast_away(made):
                return "`cast` says that it is something else"
            if consumes(path) or (path in SHOWN and _is_always(made) and not _is_handled(made)):
                return f"`{path.removeprefix('builtins.')}` gets the coroutine, not what it would give"
        case Use.COLLECTED:
            path = made.passed_to.path
            if path in SHOWN_INSIDE and _is_always(made) and not _is_handled(made):
                return f"`{path.removeprefix('builtins.')}` gets the coroutine, not what it would give"
        case _:
            return f"a coroutine {BROKEN[made.use]}" if made.use in BROKEN else ""
    return ""


def _is_method_awaited(made: CallView | UseView) -> bool:
    """Whether what the value's method gives is awaited."""
    callee = f"{made.value.ref}.{made.attribute}"
    start = (made.span.line, made.span.column)
    return any(
        call.use is Use.AWAITED and call.fact.callee == callee and (call.span.line, call.span.column) == start
        for call in made.function.calls
    )


def _mixed(made: CallView) -> tuple[str, Span] | None:
    """The name that holds a coroutine or, on another way, what some `await` gave, and where it is read.

    It is no mistake where the function looks which of them it has.
    """
    if made.use is not Use.ASSIGNED or not _is_always(made) or made.value.is_callback:
        return None
    function = made.function
    found = function.mixed.get(made.span)
    if found is None or not function.is_async:
        return None
    for each in function.uses:
        path = each.passed_to.path
        is_looked_at = each.use is Use.AWAITED or "await" in path or "coroutine" in path
        if is_looked_at and (each.text == found[0] or made in function.ways(each)):
            return None
    return found


_LOOKED_AT = {Use.ATTRIBUTE, Use.COMPARED, Use.COMPUTED, Use.PASSED, Use.COLLECTED, *BROKEN}


def _is_awaited(made: CallView | UseView) -> bool:
    """Whether the name that holds the coroutine is awaited elsewhere, so that the code knows what it has."""
    return isinstance(made, UseView) and any(
        each.use is Use.AWAITED and each.text == made.text for each in made.function.uses
    )


def _is_handled(made: CallView | UseView) -> bool:
    """Whether the name is also handed to somebody who may await it."""
    return isinstance(made, UseView) and any(
        each.use in _HANDLES and each.text == made.text and each.passed_to.path not in SHOWN
        for each in made.function.uses
    )
