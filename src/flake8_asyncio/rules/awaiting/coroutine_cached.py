"""AIO216: a coroutine function behind a cache that is meant for values."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Kind
from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView

_CACHES = {
    "functools.lru_cache",
    "functools.lru_cache()",
    "functools.cache",
    "functools.cached_property",
}


@rule("AIO216", since="0.1")
def coroutine_cached(module: ModuleView) -> Iterator[Finding]:
    """A cache of `functools` keeps the coroutine, which can be awaited only once, and not its result."""
    for function in module.coroutines:
        for decorator in function.decorators:
            if decorator in _CACHES and function.fact.kind is Kind.COROUTINE:
                name = decorator.removesuffix("()")
                yield Finding(
                    function.span,
                    f"`{name}` keeps the coroutine of `{function.name}`, not its result:"
                    " whoever awaits it second gets RuntimeError",
                )
