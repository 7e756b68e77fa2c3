"""What goes on in the background while the newsroom is open."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import requests

from newsroom.hub import Hub
from newsroom.mail import Mailer, digest
from newsroom.models import Account, Article
from newsroom.service import NewsService

logger = logging.getLogger(__name__)


class Workers:
    """Starts the tasks, keeps them, and stops them."""

    def __init__(self, service: NewsService, hub: Hub, mailer: Mailer) -> None:
        self.service = service
        self.hub = hub
        self.mailer = mailer
        self.new: asyncio.Queue[Article] = asyncio.Queue(maxsize=1000)
        self.open = False
        self._started = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        if self._started:
            return
        for article in await self.service.front_page():
            self.new.put_nowait(article)
        self._tasks.add(asyncio.create_task(self._refresh_for_ever()))
        self._tasks.add(asyncio.create_task(self._publish_for_ever()))
        self._started = True

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.open = False

    async def until_open(self) -> None:
        while not self.open:
            await asyncio.sleep(0.1)

    async def _refresh_for_ever(self) -> None:
        while True:
            try:
                async with asyncio.timeout(60):
                    new = await self.service.refresh()
            except TimeoutError:
                logger.warning("the feeds took too long")
            else:
                for article in new:
                    await self.new.put(article)
                self.open = True
            await asyncio.sleep(self.service.settings.refresh_seconds)

    async def _publish_for_ever(self) -> None:
        while True:
            article = await self.new.get()
            self.hub.publish(article)
            try:
                await self._call_webhook(article)
            except BaseException:
                logger.exception("the webhook does not answer")

    async def _call_webhook(self, article: Article) -> None:
        requests.post(self.service.settings.webhook, json=article.as_dict(), timeout=10)

    async def send_digests(self, accounts: list[Account]) -> None:
        articles = await self.service.front_page()
        for account in accounts:
            message = await digest(account, articles)
            await self.mailer.send_soon(message)

    async def send_urgent(self, accounts: list[Account], article: Article) -> None:
        async with asyncio.TaskGroup() as group:
            for account in accounts:
                group.create_task(self.mailer.send_now(digest(account, [article])))
            group.create_task(self.hub.publish_all([article]))

    async def refresh_soon(self) -> None:
        asyncio.create_task(self._refresh_once())

    async def refresh_later(self, seconds: float) -> None:
        task = asyncio.create_task(self._refresh_once(seconds))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _refresh_once(self, seconds: float = 0.0) -> None:
        await asyncio.sleep(seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(60):
                await self.hub.publish_all(await self.service.refresh())
