"""The paper's old archive; its server predates chunked transfer, so it is read with requests."""

from __future__ import annotations

from datetime import date, datetime

import requests

from newsroom.models import Article

_ADDRESS = "https://archive.example.org/index/{day}.json"


def articles_of(day: date) -> list[Article]:
    """What was printed on that day."""
    return [
        Article(
            url=entry["link"],
            title=entry["headline"],
            summary=entry.get("lead", ""),
            feed="archive",
            published=datetime.fromisoformat(entry["printed"]),
        )
        for entry in _download(day)
    ]


def _download(day: date) -> list[dict[str, str]]:
    response = requests.get(_ADDRESS.format(day=day.isoformat()), timeout=30)
    response.raise_for_status()
    entries: list[dict[str, str]] = response.json()["entries"]
    return entries
