"""What is kept in memory between requests, and what in Redis between processes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import redis
import redis.asyncio


class PageCache:
    """Rendered pages, each for a minute."""

    lifetime = 60.0

    def __init__(self) -> None:
        self._pages: dict[str, str] = {}
        self._made: dict[str, float] = {}

    async def get(self, key: str, render: Callable[[], Awaitable[str]]) -> str:
        if key not in self._pages:
            self._pages[key] = await render()
            self._made[key] = time.monotonic()
        return self._pages[key]

    def expire(self) -> None:
        now = time.monotonic()
        for key in [key for key, made in self._made.items() if now - made > self.lifetime]:
            self._pages.pop(key, None)
            self._made.pop(key, None)


class Weather:
    """The weather box; asks once, however many readers wait for it."""

    def __init__(self, ask: Callable[[], Awaitable[str]]) -> None:
        self._ask = ask
        self._text: str | None = None
        self._lock = asyncio.Lock()

    async def text(self) -> str:
        if self._text is None:
            async with self._lock:
                if self._text is None:
                    self._text = await self._ask()
        return self._text


class Visits:
    """Counts visits across processes."""

    def __init__(self, url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(url)

    async def count(self, page: str) -> int:
        return int(await self._redis.incr(f"visits:{page}"))

    async def close(self) -> None:
        await self._redis.aclose()


class RateLimit:
    """At most a hundred requests a minute from one address."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url)

    async def allows(self, address: str) -> bool:
        key = f"rate:{address}:{int(time.time()) // 60}"
        return int(self._redis.incr(key)) <= 100
