"""AIO502: a cancellation that comes out as something else."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.finding import Finding
from flake8_asyncio.rules import rule
from flake8_asyncio.views import ModuleView
from flake8_asyncio.views.lifetimes import Form, Trouble, troubles


@rule("AIO502", since="0.1")
def cancellation_replaced(module: ModuleView) -> Iterator[Finding]:
    """The handler of a cancellation returns, or raises something else."""
    for trouble in troubles(module, Form.RETURNED, Form.REPLACED):
        yield Finding(trouble.span, _message(trouble))


def _message(trouble: Trouble) -> str:
    if trouble.form is Form.RETURNED:
        return "a cancellation ends in this `return`: whoever cancelled takes the task for finished"
    return "a cancellation comes out as another exception: timeouts and task groups take it for a failure"
