"""Which files know a package, and what is in them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flake8_asyncio.knowledge import claims as claim_files
from flake8_asyncio.knowledge import tables
from flake8_asyncio.knowledge.claims import Claims
from flake8_asyncio.knowledge.model import Effect
from flake8_asyncio.knowledge.tables import Table

_CLAIMS = Path(__file__).parent / "claims"
_TABLES = Path(__file__).parent / "tables"
_DERIVED = Path(__file__).parent / "derived"  # made by `scripts/knowledge/blocking.py`
_COROUTINE_NAMES = Path(__file__).parent / "coroutine_names.txt"
_PLAIN_NAMES = Path(__file__).parent / "plain_names.txt"
_STDLIB = "stdlib"
_REMOVED = frozenset({"aifc", "asynchat", "asyncore", "cgi", "imp", "nntplib", "pipes", "smtpd", "sunau", "telnetlib"})


@dataclass(frozen=True, slots=True)
class Library:
    """All that is known about the names of one library."""

    claims: Claims
    table: Table

    def add(self, written: Claims | Table, takes: Callable[[str], bool], canonical: Callable[[str], str]) -> None:
        """Take over what a user's file says about some names."""
        if isinstance(written, Table):
            self.table.add(written, takes)
        else:
            self.claims.add(written, takes, canonical)

    def complete(self) -> None:
        """Add the claims that the table has, where nobody has said otherwise, and the classes that claims imply."""
        said = self.claims.effects[Effect.BLOCKS]
        for name, claim in self.table.blocks.items():
            if name not in said and name.rpartition(".")[0] not in self.claims.wild:
                said[name] = claim
        self._add_implied_classes()

    def _add_implied_classes(self) -> None:
        """Take for classes what has methods in the claims and a name in capitals."""
        owners = {name.rpartition(".")[0] for name in self.claims.names}
        owners.update(self.claims.wild, self.claims.locks, self.claims.loop_classes)
        for owner in owners:
            if owner.rpartition(".")[2][:1].isupper() and owner not in self.table.classes:
                self.claims.classes.setdefault(owner, ())


def file_of(path: str) -> str:
    """The stem of the files that know a name."""
    top = path.partition(".")[0]
    return _STDLIB if top in sys.stdlib_module_names or top in _REMOVED else top


def read_library(stem: str) -> Library:
    """What our own files say."""
    claims = claim_files.read(_CLAIMS / f"{stem}.toml") if stem in _stems(_CLAIMS) else Claims()
    table = tables.read(_TABLES / f"{stem}.json") if stem in _stems(_TABLES) else Table()
    if stem in _stems(_DERIVED):
        table.add_missing(tables.read(_DERIVED / f"{stem}.json"))
    return Library(claims, table)


def read_files(files: Iterable[Path]) -> list[Claims | Table]:
    """What users' files say; raises KnowledgeError for one that cannot be used."""
    return [
        tables.read_checked(file) if file.suffix == ".json" else claim_files.read(file) for file in map(Path, files)
    ]


def packages() -> frozenset[str]:
    """The top-level packages that our own files know."""
    return ((_stems(_CLAIMS) | _stems(_TABLES)) - {_STDLIB}) | sys.stdlib_module_names


@cache
def plain_names() -> frozenset[str]:
    """The names that plain methods have in many libraries; `scripts/plain_names.py` writes them down."""
    return _plain_names()[0] | _plain_names()[1]


@cache
def standard_names() -> frozenset[str]:
    """Those of them that methods of the standard library have."""
    return _plain_names()[0]


@cache
def _plain_names() -> tuple[frozenset[str], frozenset[str]]:
    standard, _, others = _PLAIN_NAMES.read_text(encoding="utf-8").partition("\n\n")
    return frozenset(standard.split("\n")[1:]), frozenset(others.splitlines())


@cache
def coroutine_names() -> dict[str, tuple[str, ...]]:
    """The names that only coroutine methods have, with the libraries that have them; `*` among these stands for all.

    `scripts/coroutine_names.py` writes them down.
    """
    found: dict[str, tuple[str, ...]] = {}
    for line in _COROUTINE_NAMES.read_text(encoding="utf-8").splitlines():
        name, *libraries = line.split(" ")
        found[name.removeprefix("*")] = (*libraries, *"*"[: line.startswith("*")])
    return found


@cache
def _stems(folder: Path) -> frozenset[str]:
    """The libraries that have a file in a folder, spelt as there: some file systems ignore case."""
    return frozenset(path.stem for path in folder.iterdir())
