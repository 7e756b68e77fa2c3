"""What the newsroom does, whoever asks for it."""

from __future__ import annotations

import asyncio
from datetime import date

from newsroom import archive
from newsroom.cache import PageCache
from newsroom.feeds import FeedClient
from newsroom.models import Article
from newsroom.settings import Settings
from newsroom.storage import ArticleStore
from newsroom.threads import in_database_thread, in_thread


class NewsService:
    """Between the handlers and workers on one side, and storage and feeds on the other."""

    def __init__(self, settings: Settings, store: ArticleStore, client: FeedClient, cache: PageCache) -> None:
        self.settings = settings
        self.store = store
        self.client = client
        self.cache = cache
        self._refreshing = asyncio.Lock()

    async def front_page(self) -> list[Article]:
        return await asyncio.to_thread(self.store.recent, self.settings.front_page_length)

    def headlines(self, limit: int) -> list[str]:
        return [article.title for article in self.store.recent(limit)]

    async def search(self, text: str) -> list[Article]:
        return await in_thread(self.store.find, text)

    async def refresh(self) -> list[Article]:
        """Fetch all feeds, and say what is new; one refresh at a time."""
        async with self._refreshing:
            articles = await self.client.fetch_all(self.settings.feeds)
            known = await in_thread(self.store.known, [article.url for article in articles])
            new = [article for article in articles if article.url not in known]
            await in_database_thread(self.store.save, new)
            self.cache.expire()
            return new

    async def restore(self, day: date) -> int:
        """Take a day of the old archive over."""
        articles = archive.articles_of(day)
        return await in_database_thread(self.store.save, articles)

    async def restore_quietly(self, day: date) -> int:
        articles = await in_thread(archive.articles_of, day)
        return await in_database_thread(self.store.save, articles)

    async def related(self, article: Article) -> list[Article]:
        page = self.front_page()
        return [other for other in page if other.words & article.words]

    async def latest(self, text: str) -> list[Article]:
        return self.search(text) if text else await self.front_page()
