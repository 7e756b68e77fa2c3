"""AIO103: an event loop that is started in a notebook's cell."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts import guards
from flake8_asyncio.finding import AwaitArgument, Finding, Fix
from flake8_asyncio.knowledge import Effect
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.entries import may_nest
from flake8_asyncio.views.loops import is_notebook


@rule("AIO103", since="0.1")
def run_in_notebook(module: ModuleView) -> Iterator[Finding]:
    """A notebook's cell starts an event loop, though the notebook runs one already."""
    if not is_notebook(module):
        return
    for function in module.functions:
        for call in function.calls if function.is_module else ():
            chain = call.chain(Effect.RUNS_LOOP)
            if chain is None or not {guards.NO_LOOP, guards.MAIN}.isdisjoint(call.guards) or may_nest(module, chain):
                continue
            is_fixed = chain.is_direct and call.has_one_argument
            yield Finding(
                call.span,
                f"`{call.text if chain.is_direct else chain}` raises RuntimeError in a notebook, which runs an event"
                " loop already; `await` the coroutine instead",
                Fix(AwaitArgument(call.span), is_safe=True) if is_fixed else None,
            )
