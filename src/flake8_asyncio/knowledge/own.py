"""What a project's `pyproject.toml` says of functions, as the claims of a knowledge file.

A name alone claims the usual: a blocking function waits, an offloader runs its first argument. A table says more, in
the words of knowledge files.
"""

from __future__ import annotations

from typing import Any

from flake8_asyncio.knowledge.claims import Claims, add
from flake8_asyncio.options import Own

_WHY = "pyproject.toml says so"
_USUAL: dict[str, tuple[str, dict[str, Any]]] = {
    "blocking": ("blocks", {"why": _WHY}),
    "awaitable": ("makes", {"a": "coroutine"}),
    "offloaders": ("offloads", {"argument": 0}),
    "safe": ("harmless", {}),
}


def claims_of(own: Own) -> Claims:
    """The claims that stand in one table; raises KnowledgeError, with the place and what belongs there."""
    claims = Claims()
    for key, entries in own.entries.items():
        group, usual = _USUAL[key]
        for index, entry in enumerate(entries, start=1):
            said = {"calls": [entry]} if isinstance(entry, str) else entry
            place = f"tool.flake8-asyncio.{key}[{index}]"
            add(claims, group, str(own.file), place, {**usual, **said})
    return claims
