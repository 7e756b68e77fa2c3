"""AIO213: a call where a function is wanted."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.handing import handed_over


@rule("AIO213", since="0.1")
def called_too_early(module: ModuleView) -> Iterator[Finding]:
    """A function is called where it should be handed over, so it runs here and now."""
    for function in module.functions:
        for call, value in handed_over(function):
            if call.path != "re.sub" and (made := value.made_too_early):
                yield Finding(
                    call.span,
                    f"`{call.text}` wants a function, and gets {made}: what is called in its arguments runs before it",
                )
