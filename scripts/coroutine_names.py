"""Write `knowledge/coroutine_names.txt`: names that in libraries only methods have that are coroutine functions.

    python scripts/coroutine_names.py SITE_PACKAGES ...

looks at the tables and claims of knowledge, and at what is installed in these folders. Each line has a name and the
libraries that have it; a name is left out that a plain method has anywhere, as a library's plain twin may. A `*` is put
before a name that stands beside a plain twin without its `a`, as `asave` beside `save`: such a name says by itself what
it is.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from plain_names import plain_names

KNOWLEDGE = Path(__file__).parent.parent / "src" / "flake8_asyncio" / "knowledge"
TARGET = KNOWLEDGE / "coroutine_names.txt"
_COROUTINES = "aw"
_OFTEN = frozenset({"anext", "ascii"})

Method = tuple[str, str, str, bool]  # the library, the class, the method and whether it is a coroutine function


def methods() -> Iterator[Method]:
    """The public methods of all classes that knowledge speaks of."""
    for path in sorted((KNOWLEDGE / "tables").glob("*.json")):
        for owner, record in json.loads(path.read_text(encoding="utf-8"))["c"].items():
            library = owner.partition(".")[0]
            for name in record.get("s", "").split():
                yield library, owner, name.removesuffix("?"), False
            for name, entry in record.get("m", {}).items():
                yield library, owner, name, entry[0] in _COROUTINES
    for path in sorted((KNOWLEDGE / "claims").glob("*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        groups = (table for name in ("makes", "blocks") for table in document.get(name, ()))
        for table in groups:
            for each in table.get("calls", ()):
                owner, _, name = each.rpartition(".")
                if owner.rpartition(".")[2][:1].isupper():
                    yield owner.partition(".")[0], owner, name, table.get("a") == "coroutine"


def lines(folders: list[Path]) -> Iterator[str]:
    """The lines of the list."""
    known = frozenset((KNOWLEDGE / "plain_names.txt").read_text(encoding="utf-8").split("\n")[1:])
    known = known.union(*(plain_names(each) for each in folders))
    coroutines: dict[str, set[str]] = defaultdict(set)
    plain: dict[str, set[str]] = defaultdict(set)
    of_class: dict[str, set[str]] = defaultdict(set)
    for library, owner, name, is_coroutine in methods():
        of_class[owner].add(name)
        (coroutines if is_coroutine else plain)[name].add(library)
    for name in sorted(coroutines.keys() - plain.keys() - known - _OFTEN):
        if not name.startswith("_"):
            is_twin = name[0] == "a" and any(name in names and name[1:] in names for names in of_class.values())
            yield f"{'*' * is_twin}{name} {' '.join(sorted(coroutines[name]))}"


def main(folders: list[Path]) -> None:
    """Write the list."""
    TARGET.write_text("".join(f"{line}\n" for line in lines(folders)), encoding="utf-8", newline="")


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]])
