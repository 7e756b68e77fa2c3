"""Fetching feeds over HTTP, a few at a time, and taking them apart."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

import aiohttp

from newsroom.models import Article

logger = logging.getLogger(__name__)


class FeedClient:
    """Fetches feeds politely: at most four at a time, and again after a pause when a server is busy."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.fetched = 0
        self._slots = asyncio.Semaphore(4)

    async def fetch(self, url: str) -> str:
        async with self._slots, self.session.get(url) as response:
            response.raise_for_status()
            return await response.text()

    async def fetch_patiently(self, url: str, attempts: int = 3) -> str:
        for attempt in range(attempts):
            try:
                return await self.fetch(url)
            except aiohttp.ClientResponseError as error:
                if error.status != 429:
                    raise
                logger.warning("%s is busy", url)
                time.sleep(2**attempt)
        raise TimeoutError(url)

    async def size(self, url: str) -> int:
        async with self.session.head(url) as response:
            return int(response.headers.get("Content-Length", "0"))

    async def fetch_all(self, urls: Sequence[str]) -> list[Article]:
        """The articles of all feeds that answer."""
        pages = await asyncio.gather(*(self.fetch_patiently(url) for url in urls), return_exceptions=True)
        articles: list[Article] = []
        for url, page in zip(urls, pages, strict=True):
            if isinstance(page, BaseException):
                logger.warning("%s: %s", url, page)
            else:
                articles.extend(parse(url, page))
        self.fetched += len(urls)
        return articles

    async def total_size(self, urls: Sequence[str]) -> int:
        total = 0
        async for size in self._sizes(urls):
            total += size
        return total

    async def largest(self, urls: Sequence[str]) -> int:
        largest = 0
        for size in self._sizes(urls):
            largest = max(largest, size)
        return largest

    async def _sizes(self, urls: Sequence[str]) -> AsyncIterator[int]:
        for url in urls:
            yield await self.size(url)

    async def describe(self, url: str) -> str:
        """The feed's own title, from its JSON twin."""
        async with self.session.get(f"{url}.json") as response:
            return str(response.json()["title"])


def parse(url: str, page: str) -> list[Article]:
    """The articles in an RSS document."""
    root = ElementTree.fromstring(page)
    return [
        Article(
            url=item.findtext("link", ""),
            title=item.findtext("title", ""),
            summary=item.findtext("description", ""),
            feed=url,
            published=_published(item.findtext("pubDate")),
        )
        for item in root.iter("item")
    ]


def _published(text: str | None) -> datetime:
    try:
        return datetime.strptime(text or "", "%a, %d %b %Y %H:%M:%S %z")
    except ValueError:
        return datetime.now(UTC)
