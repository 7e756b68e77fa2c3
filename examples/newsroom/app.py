"""Puts the newsroom together, opens it, and closes it in the right order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from newsroom.accounts import Accounts
from newsroom.cache import PageCache, RateLimit, Visits
from newsroom.feeds import FeedClient
from newsroom.handlers import Handlers
from newsroom.hub import Hub
from newsroom.mail import Mailer
from newsroom.pictures import Pictures
from newsroom.service import NewsService
from newsroom.settings import Settings
from newsroom.storage import ArticleStore
from newsroom.threads import in_thread
from newsroom.workers import Workers


@contextlib.asynccontextmanager
async def newsroom(settings: Settings) -> AsyncIterator[web.Application]:
    """The application while its connections are open."""
    store = await in_thread(ArticleStore, settings.database)
    hub, visits, accounts = Hub(), Visits(settings.redis), Accounts(settings.accounts)
    mailer = Mailer(settings.smtp_host)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        service = NewsService(settings, store, FeedClient(session), PageCache())
        workers = Workers(service, hub, mailer)
        pictures = Pictures(settings.pictures, session)
        handlers = Handlers(service, accounts, workers, pictures, hub, RateLimit(settings.redis), visits)
        application = web.Application()
        application.add_routes(handlers.routes)
        await workers.start()
        try:
            yield application
        finally:
            await workers.stop()
            await asyncio.gather(hub.close(), visits.close(), accounts.close(), mailer.close())
            await in_thread(store.close)


async def serve(settings: Settings) -> None:
    """Serve until a signal comes."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with newsroom(settings) as application:
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, settings.host, settings.port).start()
        await stopped.wait()
        await runner.cleanup()
