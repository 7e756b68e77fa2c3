"""What a library's calls give and come to, read from its sources and stubs: the tables of knowledge are made here.

Nothing is imported or run. Annotations are believed; code without them gives what its return statements show.
"""

from flake8_asyncio.summary.blocking import find_blocking
from flake8_asyncio.summary.package import Wanted, summarize, written
from flake8_asyncio.summary.sources import Sources

__all__ = ["Sources", "Wanted", "find_blocking", "summarize", "written"]
