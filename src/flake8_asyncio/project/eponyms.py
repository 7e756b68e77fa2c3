"""The class of a project that a value is named after: `wallet_manager` is a `WalletManager`, if there is only one.

Who names a value so says what it is, as an annotation does. A single word says less, since libraries have classes of
such names as well.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flake8_asyncio.facts.model import Class, Facts, Function
from flake8_asyncio.project.project import World


def method_of(receiver: str, name: str, world: World, facts_of: Callable[[Path], Facts | None]) -> Function | None:
    """The method of this name that the class has after which a value is named: `self.lobby_connection`, as written."""
    word = receiver.rpartition(".")[2].strip("_")
    if not word.isidentifier() or not word.islower():
        return None
    key = word.replace("_", "")
    paths = [each[key] for each in world.classes if key in each]
    facts = facts_of(Path(paths[0])) if len(paths) == 1 else None
    owner = _named(key, facts) if facts is not None else None
    return world.members.own_method(owner, name) if owner is not None else None


def is_telling(receiver: str) -> bool:
    """Whether a value's name has several words, of which a library's class is less likely to be made."""
    return "_" in receiver.rpartition(".")[2].strip("_")


def _named(key: str, facts: Facts) -> Class | None:
    found = [each for name, each in facts.classes.items() if name.replace("_", "").lower() == key]
    return found[0] if len(found) == 1 else None
