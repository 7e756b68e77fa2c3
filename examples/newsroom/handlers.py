"""The newsroom's HTTP interface."""

from __future__ import annotations

import asyncio
import json
from datetime import date

from aiohttp import web

from newsroom.accounts import Accounts
from newsroom.cache import PageCache, RateLimit, Visits
from newsroom.hub import Hub
from newsroom.models import Article
from newsroom.pictures import Pictures
from newsroom.reports import daily_report, weekly_report
from newsroom.service import NewsService
from newsroom.settings import Settings
from newsroom.workers import Workers


class Handlers:
    """One method for each address."""

    def __init__(
        self,
        service: NewsService,
        accounts: Accounts,
        workers: Workers,
        pictures: Pictures,
        hub: Hub,
        limit: RateLimit,
        visits: Visits,
    ) -> None:
        self.service = service
        self.accounts = accounts
        self.workers = workers
        self.pictures = pictures
        self.hub = hub
        self.limit = limit
        self.visits = visits
        self.cache = PageCache()

    @property
    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.front_page),
            web.get("/headlines", self.headlines),
            web.get("/search", self.search),
            web.get("/report", self.report),
            web.get("/report/week", self.week),
            web.get("/listen", self.hub.listen),
            web.post("/sign-in", self.sign_in),
            web.post("/refresh", self.refresh),
            web.post("/restore", self.restore),
            web.post("/settings", self.reload),
            web.post("/pictures", self.upload),
        ]

    async def front_page(self, request: web.Request) -> web.Response:
        if not await self.limit.allows(request.remote or ""):
            raise web.HTTPTooManyRequests
        visits = await self.visits.count("front")
        page = await self.cache.get("front", self._render_front_page)
        return web.Response(text=page, content_type="application/json", headers={"X-Visits": str(visits)})

    async def _render_front_page(self) -> str:
        return render(await self.service.front_page())

    async def headlines(self, request: web.Request) -> web.Response:
        limit = int(request.query.get("limit", "10"))
        return web.json_response(self.service.headlines(limit))

    async def search(self, request: web.Request) -> web.Response:
        articles = await self.service.search(request.query["q"])
        return web.Response(text=render(articles), content_type="application/json")

    async def report(self, request: web.Request) -> web.Response:
        await self._require_editor(request)
        return web.Response(text=daily_report(self.service.store))

    async def week(self, request: web.Request) -> web.Response:
        await self._require_editor(request)
        return web.Response(text=await weekly_report(self.service.store))

    async def sign_in(self, request: web.Request) -> web.Response:
        form = await request.post()
        token = await self.accounts.sign_in(str(form["name"]), str(form["password"]))
        response = web.HTTPSeeOther("/")
        response.set_cookie("token", token, httponly=True)
        return response

    async def refresh(self, request: web.Request) -> web.Response:
        if not self.accounts.is_editor(request.query["name"]):
            raise web.HTTPForbidden
        new = asyncio.run(self.service.refresh())
        return web.json_response({"new": len(new)})

    async def restore(self, request: web.Request) -> web.Response:
        await self._require_editor(request)
        day = date.fromisoformat(request.query["day"])
        return web.json_response({"restored": await self.service.restore(day)})

    async def reload(self, request: web.Request) -> web.Response:
        await self._require_editor(request)
        self.service.settings = Settings.load()
        await self.workers.refresh_soon()
        return web.Response(text="reloaded")

    async def upload(self, request: web.Request) -> web.Response:
        await self._require_editor(request)
        path = await self.pictures.upload(request.query["name"], await request.read())
        small = await self.pictures.shrink(path)
        return web.json_response({"picture": path.name, "small": small.name})

    async def _require_editor(self, request: web.Request) -> None:
        if not await self.accounts.is_editor(request.query["name"]):
            raise web.HTTPForbidden


def render(articles: list[Article]) -> str:
    return json.dumps([article.as_dict() for article in articles])
