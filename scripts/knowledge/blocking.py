"""Make the tables of what stops the callers of libraries, from the libraries' sources.

    python scripts/knowledge/blocking.py --folder FOLDER [--same] [DISTRIBUTION …]

Each distribution of `blocking.txt`, or each that is named, is put into a folder of its own below FOLDER, without what
it needs, unless that is there already: in its newest version, with `--same` in the one that its tables were made from.
Each of its packages is followed to what is known to block, and if anything is, a table is written of it, with the
classes that lead there. Nothing is imported. What must be awaited stays out: another version may differ, and the tables
of `tables.py` are the ones that were compared with older versions. Packages that claims speak of stay out too: what
they do not say was left out by somebody who had looked.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tables import KNOWLEDGE, Table, install, version

from flake8_asyncio.knowledge import LAZY, READ, Knowledge
from flake8_asyncio.summary import Sources, find_blocking, summarize, written

FOLDER = KNOWLEDGE / "derived"
LIST = Path(__file__).with_name("blocking.txt")
NOT_OFFERED = frozenset(
    "acceptance api benchmarks build conftest crossdock docs examples ez_setup scripts setup test tests "
    "versioneer".split()
)
SHARED = frozenset({"azure", "google", "homeassistant"})  # of many distributions
SECONDS = 600  # for one package
PLAIN = "spv"
_NAME = re.compile(r"[A-Za-z_][\w.]*")


def main() -> int:
    """Make the tables; the exit code says whether something could not be made."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("distributions", nargs="*", metavar="DISTRIBUTION")
    parser.add_argument("--folder", type=Path, required=True, help="where libraries are, or will be")
    parser.add_argument("--same", action="store_true", help="the versions that the tables were made from")
    options = parser.parse_args()
    made = {table["distribution"]: table["seen"] for table in map(read, FOLDER.glob("*.json"))} if options.same else {}
    failed = 0
    for name in options.distributions or LIST.read_text(encoding="utf-8").split():
        folder = options.folder.absolute() / name
        try:
            if not folder.is_dir():
                install(["--no-deps", f"{name}=={made[name]}" if name in made else name], folder)
            for line in make(name, folder):
                print(line, flush=True)
        except subprocess.CalledProcessError as error:
            print(f"{name}: {error}", flush=True)
            failed = 1
    return failed


def read(file: Path) -> Table:
    """A table as it stands in its file."""
    table: Table = json.loads(file.read_text(encoding="utf-8"))
    return table


def make(distribution: str, folder: Path) -> Iterator[str]:
    """Make the tables of a distribution; says what is in them."""
    sources, knowledge = Sources(folder), Knowledge()
    for package in packages(folder):
        signal.signal(signal.SIGALRM, too_long)
        signal.alarm(SECONDS)
        try:
            blocks = find_blocking([package], sources, knowledge)
            table = pared(summarize(package, sources, knowledge, blocks=blocks)) if blocks else {}
        except TimeoutError:
            yield f"{distribution}: {package} takes too long"
            continue
        finally:
            signal.alarm(0)
        if table.get("k"):
            file = FOLDER / f"{package}.json"
            file.write_text(written(table | {"distribution": distribution, "seen": version(distribution, folder)}))
            yield f"{distribution}: {len(blocks)} that block in {package}, {file.stat().st_size / 1000:.1f} kB"


def too_long(*_: object) -> None:
    """End what takes too long."""
    raise TimeoutError


def packages(folder: Path) -> Iterator[str]:
    """The packages that a distribution brings."""
    for entry in sorted(folder.iterdir()):
        is_package = entry.is_dir() and any(entry.rglob("*.py"))
        if (is_package or entry.suffix == ".py") and entry.stem.isidentifier() and "." not in entry.name[:-3]:
            is_claimed = (KNOWLEDGE / "claims" / f"{entry.stem}.toml").exists()
            if entry.stem not in NOT_OFFERED | SHARED | sys.stdlib_module_names and not is_claimed:
                yield entry.stem


def pared(table: Table) -> Table:
    """A table without all that does not lead to what blocks."""
    kept = waiting(table)
    before = -1
    while len(kept) > before:
        before = len(kept)
        for path, record in table["c"].items():
            if path in kept:
                kept.update(base for each in record.get("b", ()) if (base := each.partition("[")[0]) in table["c"])
            elif any(leads(entry, kept) for entry in members(record).values()) or leads(record.get("e", ""), kept):
                kept.add(path)
    functions = {path: entry for path, entry in table["f"].items() if entry[0] in PLAIN and leads(entry, kept)}
    there = {*kept, *functions, *(f"{owner}.{each}" for owner, each in names(table))}
    return {
        "a": {name: path for name, path in table["a"].items() if is_there(path, there)},
        "f": functions,
        "c": {path: record_of(record, kept) for path, record in table["c"].items() if path in kept},
        "k": table.get("k", {}),
    }


def waiting(table: Table) -> set[str]:
    """The classes that wait when they are made, or whose methods do."""
    found = {path for owner, name in names(table) for path in (owner, f"{owner}.{name}")}
    return found & table["c"].keys()


def names(table: Table) -> Iterator[tuple[str, str]]:
    """What blocks, with what has it."""
    for owners in table.get("k", {}).values():
        for owner, several in owners.items():
            yield from ((owner, name.rstrip(LAZY + READ)) for name in several.split())


def members(record: Table) -> dict[str, str]:
    """The plain members of a class that have a type."""
    return {name: entry for name, entry in record.get("m", {}).items() if entry[0] in PLAIN}


def leads(entry: str, kept: set[str]) -> bool:
    """Whether the type of an entry is a class that is kept."""
    return not kept.isdisjoint(_NAME.findall(entry.partition(":")[2] or entry)) or "Self" in entry


def is_there(path: str, there: set[str]) -> bool:
    """Whether something in the table has this name, or one that begins with it."""
    return path in there or any(each.startswith(f"{path}.") for each in there)


def record_of(record: Table, kept: set[str]) -> Table:
    """The record of a class that may have more members."""
    own = {name: entry for name, entry in members(record).items() if leads(entry, kept)}
    found: Table = {"?": 1}
    if record.get("b"):
        found["b"] = record["b"]
    if own:
        found["m"] = own
    if leads(record.get("e", ""), kept):
        found["e"] = record["e"]
    return found


if __name__ == "__main__":
    sys.exit(main())
