"""AIO211: a task that nobody keeps."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding, Fix, KeepTask
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.tasks import dropped

_THREADSAFE = "asyncio.run_coroutine_threadsafe"


@rule("AIO211", since="0.1")
def task_dropped(module: ModuleView) -> Iterator[Finding]:
    """A task is started and not kept, so it may be collected in mid-flight and its exception is lost."""
    for function in module.functions:
        for call, name in dropped(function):
            if call.path == _THREADSAFE:
                yield Finding(
                    call.span,
                    f"nobody hears of an exception in what `{call.text}` runs: keep the future, and ask it for the"
                    " result",
                )
                continue
            kept = f" kept only in `{name}`, which nobody reads" if name else " not kept"
            yield Finding(
                call.span,
                f"the task of `{call.subject}` is{kept}: it may be collected before it is done,"
                " and nobody hears of its exception",
                Fix(KeepTask(call.span)),
            )
