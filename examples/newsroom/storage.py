"""Articles in SQLite: plain functions, to be called from a thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from newsroom.models import Article

_SCHEMA = """
create table if not exists articles (
    url text primary key, title text not null, summary text not null, feed text not null, published text not null
)
"""


class ArticleStore:
    """Every article that was ever seen, newest first."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute(_SCHEMA)

    def recent(self, limit: int) -> list[Article]:
        rows = self._connection.execute("select * from articles order by published desc limit ?", (limit,))
        return [_article(row) for row in rows]

    def find(self, text: str) -> list[Article]:
        rows = self._connection.execute("select * from articles where title like ?", (f"%{text}%",))
        return [_article(row) for row in rows]

    def known(self, urls: Iterable[str]) -> set[str]:
        wanted = list(urls)
        marks = ", ".join("?" * len(wanted))
        rows = self._connection.execute(f"select url from articles where url in ({marks})", wanted)
        return {row["url"] for row in rows}

    def save(self, articles: Iterable[Article]) -> int:
        """How many of them were new."""
        before = self._connection.total_changes
        with self._connection:
            self._connection.executemany(
                "insert or ignore into articles values (?, ?, ?, ?, ?)",
                [(each.url, each.title, each.summary, each.feed, each.published.isoformat()) for each in articles],
            )
        return self._connection.total_changes - before

    def count_by_feed(self) -> dict[str, int]:
        rows = self._connection.execute("select feed, count(*) as number from articles group by feed")
        return {row["feed"]: row["number"] for row in rows}

    def close(self) -> None:
        self._connection.close()


def _article(row: sqlite3.Row) -> Article:
    return Article(
        url=row["url"],
        title=row["title"],
        summary=row["summary"],
        feed=row["feed"],
        published=datetime.fromisoformat(row["published"]),
    )
