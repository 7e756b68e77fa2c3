"""AIO105: something that is no coroutine, given to what runs coroutines."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Function
from flake8_asyncio.finding import CallArgument, Finding, Fix
from flake8_asyncio.project.protocols import Protocol
from flake8_asyncio.project.targets import External
from flake8_asyncio.rules import rule
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.functions import last_names

_RUN = ("asyncio.run", "asyncio.Runner.run")
_TASK = ("asyncio.create_task", "asyncio.TaskGroup.create_task", "asyncio.AbstractEventLoop.create_task")
_ANY = ("asyncio.ensure_future", "asyncio.AbstractEventLoop.run_until_complete", "asyncio.run_coroutine_threadsafe")
_NAMES = last_names(*_RUN, *_TASK, *_ANY)


@rule("AIO105", since="0.1")
def run_needs_coroutine(module: ModuleView) -> Iterator[Finding]:
    """What is to be run is no coroutine: a function that is not called, a future, or a plain result."""
    for function in module.functions:
        for call in function.calls_named(_NAMES):
            if call.path in _RUN or call.path in _TASK or call.path in _ANY:
                yield from _check(call)


def _check(call: CallView) -> Iterator[Finding]:
    given = call.arguments.all()[:1]
    value = call.argument(0) or (call.argument(None, "main") or call.argument(None, "coro"))
    if value is None or not given:
        return
    name = call.only_argument
    if value.called is not None:
        if value.called.is_async:
            fix = Fix(CallArgument(call.span)) if call.arguments.positional and _needs_nothing(value.called) else None
            yield Finding(
                call.span, f"`{call.text}` needs a coroutine, and `{name or value.called.name}` is not called", fix
            )
        else:
            yield Finding(call.span, f"`{call.text}` needs a coroutine, and `{name}` is a plain function")
    elif value.makes_coroutine:
        yield Finding(call.span, f"`{call.text}` needs a coroutine, and `{name or value.path}` is not called")
    elif value.is_task and call.path not in _ANY:
        maker = value.promise.by if value.promise else None
        if isinstance(maker, External):
            yield Finding(
                call.span,
                f"`{call.text}` needs a coroutine, and `{maker.path}` gives a future:"
                " `await` it in a coroutine and run that",
            )
    elif value.lacks(Protocol.AWAIT):
        what = f"`{name}`" if name else "its argument"
        yield Finding(call.span, f"`{call.text}` needs a coroutine, and {what} gives none")


def _needs_nothing(function: Function) -> bool:
    """Whether a function can be called without arguments."""
    given = [each for each in function.parameters if each.kind not in ("*", "**")]
    is_method = bool(function.owner) and not any("static" in each for each in function.decorators)
    return all(each.default != "" for each in given[is_method:])
