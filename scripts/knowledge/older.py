"""Make the tables right for an older version of each library, too.

    python scripts/knowledge/older.py --folder FOLDER [--before YYYY-MM-DD] [LIBRARY …]

The newest version that was published before a day, by default two years ago, is put into a folder of its own below
FOLDER, without what it needs, and summarised. What had to be awaited in one version and must not be in the other may be
either in the table, so that nothing is reported of it; the table lists those names in `between`, and the version in
`older`. To make a table anew forgets both.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version
from tables import KNOWLEDGE, LIBRARIES, MUST_AWAIT, STDLIB, Table, drop, install, wishes

from flake8_asyncio.knowledge import Knowledge
from flake8_asyncio.summary.package import summarize, written
from flake8_asyncio.summary.sources import Sources

INDEX = "https://pypi.org/simple"
TWO_YEARS = datetime.timedelta(days=730)
OTHERS = "sg"  # flags of what is no coroutine


def main() -> int:
    """Compare tables; the exit code says whether something could not be compared."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("libraries", nargs="*", metavar="LIBRARY")
    parser.add_argument("--folder", type=Path, required=True, help="where older versions are, or will be")
    parser.add_argument("--before", default=str(datetime.date.today() - TWO_YEARS), help="a day, as 2024-12-31")
    options = parser.parse_args()
    known = tomllib.loads(LIBRARIES.read_text(encoding="utf-8"))
    failed = 0
    for name in options.libraries or sorted(known.keys() - {STDLIB}):
        try:
            print(compare(name, known[name], options.folder.absolute() / name, options.before), flush=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{name}: {error}", flush=True)
            failed = 1
    return failed


def compare(name: str, settings: Table, folder: Path, before: str) -> str:
    """Look at one library's older version; says what differs."""
    file = KNOWLEDGE / "tables" / f"{name}.json"
    table = json.loads(file.read_text(encoding="utf-8"))
    distribution = settings.get("distribution", name)
    older = newest(distribution, before)
    if older is None or str(older) == table["seen"]:
        return f"{name}: no older version"
    if not folder.is_dir():
        install(["--no-deps", f"{distribution}=={older}"], folder)
    old = summarize(name, Sources(folder), Knowledge(), wishes(name, settings))
    believed = {*settings.get("believed", ()), *corrected(settings)}
    between = sorted(leave_open(table, old, believed))
    table |= {"older": str(older), "between": sorted({*table.get("between", ()), *between})}
    file.write_text(written(table), encoding="utf-8")
    return f"{name} {older}: {', '.join(between) or 'nothing'} differs from {table['seen']}"


def newest(distribution: str, before: str) -> Version | None:
    """The newest version of a distribution that was published before a day, and is no trial."""
    page = f"{INDEX}/{re.sub(r'[-_.]+', '-', distribution).lower()}/"
    request = urllib.request.Request(page, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    published = [each["filename"] for each in files if not each.get("yanked") and each.get("upload-time", "9") < before]
    return max((each for each in versions(published) if not each.is_prerelease), default=None)


def versions(filenames: list[str]) -> Iterator[Version]:
    """The versions of wheels and source archives."""
    for filename in filenames:
        try:
            parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
            yield parse(filename)[1]
        except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
            continue


def corrected(settings: Table) -> Iterator[str]:
    """The names that `libraries.toml` knows better."""
    yield from settings.get("functions", ())
    for owner, entries in settings.get("classes", {}).items():
        yield from (f"{owner}.{each}" for each in entries)


def leave_open(table: Table, old: Table, believed: set[str]) -> Iterator[str]:
    """Let what has changed be either, and yield its name."""
    for path, entry in table["f"].items():
        if path not in believed and are_opposite(entry, old["f"].get(path, "")):
            table["f"][path] = either(entry)
            yield path
    for owner, record in table["c"].items():
        entries, former = methods(record), methods(old["c"].get(owner, {}))
        for name, entry in entries.items():
            is_believed = name.startswith("__") or f"{owner}.{name}" in believed  # it is Python that calls `__aiter__`
            if not is_believed and are_opposite(entry, former.get(name, "")):
                record.setdefault("m", {})[name] = either(entry)
                drop(record, name)
                yield f"{owner}.{name}"


def methods(record: Table) -> dict[str, str]:
    """The entries of a class, those of its other plain methods included."""
    plain = {each.removesuffix("?"): "s" for each in record.get("s", "").split() if not each.endswith("?")}
    return plain | dict(record.get("m", {}))


def are_opposite(entry: str, other: str) -> bool:
    """Whether code that is right for one entry is wrong for another."""
    flags = {entry[:1], other[:1]}
    return "" not in flags and not flags.isdisjoint(MUST_AWAIT) and not flags.isdisjoint(OTHERS)


def either(entry: str) -> str:
    """The entry of what may have to be awaited."""
    gives = entry[1:].partition(";")[0].removeprefix(":")
    return f"m:{gives};{gives}" if gives else "m"


if __name__ == "__main__":
    sys.exit(main())
