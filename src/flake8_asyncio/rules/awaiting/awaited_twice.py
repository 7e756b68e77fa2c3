"""AIO207: a coroutine that is awaited again."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding, Place
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView


@rule("AIO207", since="0.1")
def awaited_twice(module: ModuleView) -> Iterator[Finding]:
    """A coroutine is awaited or scheduled a second time, which raises RuntimeError."""
    for function in module.functions:
        for span, (name, first) in function.spent.items():
            is_round = first.line == span.line
            again = "in every round of the loop" if is_round else f"after line {first.line}"
            yield Finding(
                span,
                f"the coroutine in `{name}` is awaited again {again}: a coroutine runs only once",
                places=() if is_round else (Place(str(module.source.path), first, "awaited first here"),),
            )
