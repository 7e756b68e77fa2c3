"""How references of several alternatives are written."""

from __future__ import annotations

from flake8_asyncio.facts.model import UNKNOWN
from flake8_asyncio.facts.references import union

LONG = "package.module." + "part." * 20 + "load()"


def test_alternatives_that_are_long_lose_what_is_known_of_items_first():
    held = [f"builtins.list<{LONG}>()", f"builtins.list<{LONG}*>()"]
    assert union([*held, "main.fetch()"]) == "(builtins.list()|main.fetch())"
    assert union([held[0], "main.fetch()"]) == f"({held[0]}|main.fetch())"


def test_too_many_alternatives_are_unknown():
    assert union(f"main.load_{number}()" for number in range(9)) == UNKNOWN
    assert union([f"{LONG[:-2]}_{number}()" for number in range(2)]) == UNKNOWN
