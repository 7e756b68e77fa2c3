"""Work that must not be done on the event loop goes through here, so that it can be counted and limited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_database = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `function` returns; it may block, since it runs in a thread."""
    return await asyncio.to_thread(function, *args, **kwargs)


async def in_database_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same in the one thread that writes to the database."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_database, partial(function, *args, **kwargs))
