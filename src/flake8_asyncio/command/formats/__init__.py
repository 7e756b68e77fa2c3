"""The forms in which findings are written: each is a function from the findings to lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from flake8_asyncio.command.formats.code_review import github, gitlab, rdjson
from flake8_asyncio.command.formats.sarif import sarif
from flake8_asyncio.command.formats.text import full, text
from flake8_asyncio.command.formats.values import as_json
from flake8_asyncio.command.machinery import Reported

FORMATS: dict[str, Callable[[Sequence[Reported]], Iterator[str]]] = {
    "text": text,
    "full": full,
    "json": as_json,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "rdjson": rdjson,
}

WITH_EDITS = frozenset({"full", "json", "sarif", "rdjson"})  # what these say includes how to mend a finding
AS_TEXT = frozenset({"text", "full", "github"})  # the others are JSON

__all__ = ["AS_TEXT", "FORMATS", "WITH_EDITS"]
