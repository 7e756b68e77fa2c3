"""AIO104: asking for a loop in a way that depends on where the code runs."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts import guards
from flake8_asyncio.finding import CallInstead, Finding, Fix
from flake8_asyncio.knowledge import Effect
from flake8_asyncio.rules import rule
from flake8_asyncio.views import CallView, FunctionView, ModuleView
from flake8_asyncio.views.entries import entries
from flake8_asyncio.views.functions import last_names
from flake8_asyncio.views.loops import chooses_loop, is_notebook, without_loop

_NEEDS_LOOP = ("asyncio.create_task", "asyncio.ensure_future", "asyncio.get_running_loop")
_GET = "asyncio.get_event_loop"
_NAMES = last_names(*_NEEDS_LOOP, _GET)
_RUNS = (f"{_GET}().run_until_complete", f"{_GET}().run_forever")


@rule("AIO104", since="0.1")
def get_event_loop(module: ModuleView) -> Iterator[Finding]:
    """A loop is asked for where none runs, or by the old name where one does."""
    for function in module.coroutines:
        for call in function.calls_named(_NAMES):
            if call.path == _GET and not _runs_it(function):
                yield Finding(
                    call.span,
                    f"`{call.text}()` in a coroutine means the running loop: `get_running_loop()` says so, and never"
                    " makes another one",
                    Fix(CallInstead(call.span, "asyncio.get_running_loop"), is_safe=True),
                )
    idle = list(without_loop(module))
    for function in idle:
        for call in function.calls_named(_NAMES):
            if call.path in _NEEDS_LOOP and not _is_tried(call):
                yield Finding(
                    call.span, f"`{call.text}` raises RuntimeError: no event loop runs yet; call it in a coroutine"
                )
            elif call.path == _GET and not _is_tried(call) and not chooses_loop(function):
                yield _deprecated(call)
    known = {function.fact for function in idle}
    for function in module.functions:
        if function.fact in known or function.is_on_loop or chooses_loop(function) or is_notebook(module):
            continue
        for call in function.calls_named(_NAMES):
            if call.path == _GET and not _is_tried(call) and _runs_it(function) and not _is_reached(function):
                yield _deprecated(call)


def _is_reached(function: FunctionView) -> bool:
    """Whether code of the file that runs on a loop comes here: it finds one, and what is wrong is something else."""
    found = entries(function.module, Effect.RUNS_LOOP)
    return any(step.function is function.fact for entry in found for step in entry.chain.steps)


def _deprecated(call: CallView) -> Finding:
    return Finding(
        call.span,
        f"`{call.text}()` finds no running loop here: it is deprecated since 3.10 and raises RuntimeError from 3.14 on;"
        " `asyncio.run` makes a loop",
    )


def _runs_it(function: FunctionView) -> bool:
    return any(call.fact.callee.startswith(_RUNS) for call in function.calls)


def _is_tried(call: CallView) -> bool:
    return any(each in call.guards for each in (guards.TRY, guards.HANDLER, guards.NO_LOOP, guards.LOOP))
