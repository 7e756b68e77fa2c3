"""What can be configured, and where it comes from."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Settings:
    """Read once at the start; an administrator can have it read again."""

    host: str = "127.0.0.1"
    port: int = 8080
    database: Path = Path("newsroom.db")
    accounts: str = "postgresql://localhost/newsroom"
    redis: str = "redis://localhost:6379/0"
    pictures: Path = Path("pictures")
    webhook: str = "https://hooks.example.org/newsroom"
    smtp_host: str = "localhost"
    feeds: tuple[str, ...] = ()
    refresh_seconds: float = 300.0
    front_page_length: int = 50

    @classmethod
    def load(cls, path: Path = Path("newsroom.toml")) -> Settings:
        """The file's values over the defaults, and the environment's over the file's."""
        values: dict[str, Any] = {}
        if path.exists():
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        if database := os.environ.get("NEWSROOM_DATABASE"):
            values["database"] = database
        return cls(
            **{
                **values,
                "database": Path(values.get("database", cls.database)),
                "pictures": Path(values.get("pictures", cls.pictures)),
                "feeds": tuple(values.get("feeds", ())),
            }
        )
