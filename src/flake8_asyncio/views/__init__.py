"""The questions that a rule may ask."""

from flake8_asyncio.views.calls import CallView, UseView, ValueView
from flake8_asyncio.views.functions import FunctionView
from flake8_asyncio.views.modules import ModuleView

__all__ = ["CallView", "FunctionView", "ModuleView", "UseView", "ValueView"]
