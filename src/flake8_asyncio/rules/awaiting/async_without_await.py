"""AIO290: a coroutine function that does not need to be one."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Kind
from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView


@rule("AIO290", since="0.1", by_default=False)
def async_without_await(module: ModuleView) -> Iterator[Finding]:
    """An `async def` awaits nothing, so it could be a plain function."""
    for function in module.coroutines:
        fact = function.fact
        if fact.kind is not Kind.COROUTINE or fact.decorators or {"awaits", "stub"} & set(fact.flags):
            continue
        name = fact.name.rpartition(".")[2]
        owner = function.owner
        if (name.startswith("__") and name.endswith("__")) or name.startswith("test"):
            continue
        if owner is not None and (owner.bases or owner.decorators):
            continue  # it may have to be one, for who calls it through a base class
        yield Finding(function.span, f"`{function.name}` is an `async def` and awaits nothing")
