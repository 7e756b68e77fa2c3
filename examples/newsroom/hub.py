"""Readers who want to be told at once, each with a web socket."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading

import aiohttp
from aiohttp import web

from newsroom.models import Article

logger = logging.getLogger(__name__)


class Hub:
    """Sends what is new to everyone who listens."""

    def __init__(self) -> None:
        self._sockets: set[web.WebSocketResponse] = set()
        self._links: dict[str, aiohttp.ClientWebSocketResponse] = {}
        self._muted: set[str] = set()
        self._muting = threading.Lock()
        self.delivered = 0

    async def listen(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            async for message in socket:
                logger.debug("ignored: %s", message.data)
        finally:
            self._sockets.discard(socket)
        return socket

    async def publish(self, article: Article) -> None:
        if article.feed in self._muted:
            return
        for socket in self._sockets:
            await socket.send_json(article.as_dict())

    async def publish_all(self, articles: list[Article]) -> None:
        for article in articles:
            self.delivered += await self._deliver(article)

    async def _deliver(self, article: Article) -> int:
        """How many listeners got it; one who is gone costs the others nothing."""
        reached = 0
        for socket in list(self._sockets):
            with contextlib.suppress(ConnectionError):
                await socket.send_json(article.as_dict())
                reached += 1
        return reached

    async def mute(self, feed: str) -> None:
        with self._muting:
            self._muted.add(feed)
            await self.announce(f"{feed} is muted")

    async def unmute(self, feed: str) -> None:
        with self._muting:
            self._muted.discard(feed)
        await self.announce(f"{feed} is back")

    async def announce(self, text: str) -> None:
        await asyncio.gather(*(socket.send_str(text) for socket in self._sockets), return_exceptions=True)

    async def forward(self, session: aiohttp.ClientSession, partner: str, article: Article) -> None:
        """Tell a partner's newsroom, over a connection that is kept open."""
        if partner not in self._links:
            self._links[partner] = await session.ws_connect(partner)
        await self._links[partner].send_json(article.as_dict())

    async def close(self) -> None:
        for socket in list(self._sockets):
            await socket.close(code=aiohttp.WSCloseCode.GOING_AWAY)
