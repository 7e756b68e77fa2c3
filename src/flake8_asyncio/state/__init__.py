"""Shared state across suspensions: what is read before one and used after it, and the locks that would forbid it."""

from flake8_asyncio.state.analysis import FileRaces, analyse
from flake8_asyncio.state.oracle import Lock, NoOracle, Oracle
from flake8_asyncio.state.race import Race

__all__ = ["FileRaces", "Lock", "NoOracle", "Oracle", "Race", "analyse"]
