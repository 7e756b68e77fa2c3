"""The things a newsroom talks about."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Article:
    url: str
    title: str
    summary: str
    feed: str
    published: datetime

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "published": self.published.isoformat()}

    @property
    def words(self) -> set[str]:
        return {word.strip(".,:;!?").lower() for word in self.title.split() if len(word) > 3}


@dataclass(frozen=True)
class Account:
    identifier: int
    name: str
    email: str
    is_editor: bool = False
