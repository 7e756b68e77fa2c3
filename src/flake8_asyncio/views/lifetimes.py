"""What a rule may ask about cancellation, timeouts and the lives of tasks."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.lifetime import Form, Trouble, analyse
from flake8_asyncio.views.modules import ModuleView

__all__ = ["Form", "Trouble", "troubles"]


def troubles(module: ModuleView, *forms: Form) -> Iterator[Trouble]:
    """The troubles of these forms in a file."""
    return (each for each in analyse(module.source) if each.form in forms)
