"""Cancellation, timeouts and the lives of tasks: what the form of a coroutine shows of them."""

from flake8_asyncio.lifetime.analysis import Form, Trouble, analyse

__all__ = ["Form", "Trouble", "analyse"]
