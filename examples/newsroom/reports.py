"""The day's numbers, for the editors' page and for the command line."""

from __future__ import annotations

import asyncio

from newsroom.bridge import wait_for
from newsroom.storage import ArticleStore


async def _numbers(store: ArticleStore) -> tuple[int, dict[str, int]]:
    recent, by_feed = await asyncio.gather(
        asyncio.to_thread(store.recent, 1000), asyncio.to_thread(store.count_by_feed)
    )
    return len(recent), by_feed


def daily_report(store: ArticleStore) -> str:
    """One line for each feed, and one for all."""
    recent, by_feed = wait_for(_numbers(store))
    lines = [f"{feed}: {number}" for feed, number in sorted(by_feed.items())]
    return "\n".join([*lines, f"recent: {recent}"])


async def weekly_report(store: ArticleStore) -> str:
    recent, by_feed = await _numbers(store)
    return f"{recent} articles from {len(by_feed)} feeds"
