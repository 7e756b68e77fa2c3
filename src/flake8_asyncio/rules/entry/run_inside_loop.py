"""AIO101: an event loop that is started in code that a loop runs."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Kind
from flake8_asyncio.finding import AwaitArgument, Finding, Fix, Place
from flake8_asyncio.knowledge import Effect
from flake8_asyncio.rules import rule
from flake8_asyncio.views import CallView, ModuleView
from flake8_asyncio.views.entries import entries, once
from flake8_asyncio.views.loops import runs_elsewhere


@rule("AIO101", since="0.1")
def run_inside_loop(module: ModuleView) -> Iterator[Finding]:
    """An event loop is started where one is running already, which raises RuntimeError."""
    for entry in once(entries(module, Effect.RUNS_LOOP)):
        function, chain = entry.function, entry.chain
        if chain.is_direct:
            assert isinstance(entry.start, CallView)
            advice = "; `await` the coroutine instead" if function.is_async else ""
            yield Finding(
                entry.span,
                f"`{entry.start.text}` raises RuntimeError: `{function.name}` runs on an event loop already{advice}",
                _fix(entry.start),
            )
        elif entry.is_of_own_method:
            last = chain.steps[-1]
            way = " → ".join([function.name, *chain.names[:-1]])
            yield Finding(
                last.span,
                f"`{last.text}` raises RuntimeError: `{way}` (line {entry.span.line}) comes here"
                " while an event loop is running",
                places=(Place(str(module.source.path), entry.span, entry.start.text),),
            )

    for call, handing in runs_elsewhere(module):
        yield Finding(
            call.span,
            f"`{call.text}` raises RuntimeError: the loop runs in another thread, and `{handing.text}` (line"
            f" {handing.span.line}) hands work over to it; `asyncio.run_coroutine_threadsafe` does",
            places=(Place(str(module.source.path), handing.span, handing.text),),
        )


def _fix(call: CallView) -> Fix | None:
    value = call.argument(0)
    if call.function.fact.kind not in (Kind.COROUTINE, Kind.ASYNC_GENERATOR) or not call.has_one_argument:
        return None
    is_awaitable = value is not None and (value.is_coroutine or value.is_task)
    return Fix(AwaitArgument(call.span)) if is_awaitable else None
