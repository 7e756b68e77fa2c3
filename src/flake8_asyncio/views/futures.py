"""Where a coroutine function uses a future or a task as if it were its result."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from flake8_asyncio.facts.model import Use
from flake8_asyncio.project.targets import NONE, External
from flake8_asyncio.views.calls import CallView, UseView, ValueView
from flake8_asyncio.views.consumers import OF_FUTURES, consumes
from flake8_asyncio.views.coroutines import Mistake
from flake8_asyncio.views.functions import FunctionView
from flake8_asyncio.views.modules import ModuleView
from flake8_asyncio.views.takers import BROKEN, is_declared_otherwise, wanted

_MADE_TO_BE_AWAITED = frozenset(
    {"asyncio.gather", "asyncio.shield", "asyncio.wrap_future", "asyncio.AbstractEventLoop.run_in_executor"}
)
_KEYED = ("builtins.iter", "builtins.next", "builtins.list.", "builtins.dict.")  # futures are iterated over, and keys


@functools.lru_cache(maxsize=1)
def mistakes(module: ModuleView) -> tuple[Mistake, ...]:
    """The calls whose futures are used as their results, each with its first wrong use."""
    return tuple(each for function in module.functions if function.is_async for each in _mistakes(function))


def _mistakes(function: FunctionView) -> Iterator[Mistake]:
    seen = set()
    for used in function.made:
        if reason := _misuse(used):
            for call in function.makers(used):
                if call.span not in seen:
                    seen.add(call.span)
                    yield Mistake(call, "" if call is used else used.subject, used.span, reason)


def _misuse(used: CallView | UseView) -> str:
    if used.use not in _LOOKED_AT or not used.value.is_task or NONE in used.value.everything:
        return ""
    match used.use:
        case Use.ATTRIBUTE:
            name = used.attribute
            is_own = name in OF_FUTURES or name.startswith("_") or not name
            return f"a future has no `{name}`" if not is_own and _is_made_to_be_awaited(used.value) else ""
        case Use.PASSED:
            path = used.passed_to.path
            if _consumes(path):
                return f"`{path.removeprefix('builtins.')}` gets the future, not its result"
            return f"`{taker}` wants its result" if (taker := wanted(used)) else ""
        case Use.ASSIGNED | Use.KEPT:
            is_other = isinstance(used, CallView) and is_declared_otherwise(used)
            return "its result is declared, not a future" if is_other else ""
    return f"a future {BROKEN[used.use]}"


_LOOKED_AT = {Use.ATTRIBUTE, Use.PASSED, Use.ASSIGNED, Use.KEPT, *BROKEN}


def _consumes(path: str) -> bool:
    return path in ("json.dumps", "json.dump") or (consumes(path) and not path.startswith(_KEYED))


def _is_made_to_be_awaited(value: ValueView) -> bool:
    """Whether nobody would put attributes of their own on the future, as some do on tasks."""
    knowledge = value.function.module.world.knowledge
    by = value.promise.by if value.promise is not None else None
    return isinstance(by, External) and knowledge.canonical(by.path) in _MADE_TO_BE_AWAITED
