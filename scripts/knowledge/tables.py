"""Make the tables of knowledge from libraries, and check them against the libraries themselves.

    python scripts/knowledge/tables.py --folder FOLDER [--same] [LIBRARY …]

Each library of `libraries.toml`, or each that is named, is installed with all that it needs into a folder of its own
below FOLDER, unless that is there already: in its newest version, with `--same` in the one that its table was made
from. Its sources and stubs are summarised; then it is imported, and every function, method and class of the table is
looked at. What is not there is left out of the table, what the sources do not show is added, and a flag that differs is
an error. `stdlib` is made from the stubs that mypy brings along.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "src"))

from flake8_asyncio.knowledge import Knowledge, claims  # noqa: E402
from flake8_asyncio.summary.modules import Target  # noqa: E402
from flake8_asyncio.summary.package import Wanted, summarize, written  # noqa: E402
from flake8_asyncio.summary.sources import Sources  # noqa: E402

KNOWLEDGE = ROOT / "src" / "flake8_asyncio" / "knowledge"
LIBRARIES = Path(__file__).with_name("libraries.toml")
LOOK = Path(__file__).with_name("look.py")
STDLIB = "stdlib"
PROTOCOL = frozenset({"__await__", "__enter__", "__exit__", "__iter__", "__next__"})  # some are there only to raise
MUST_AWAIT = "aw"

Table = dict[str, Any]


def main() -> int:
    """Make the tables; the exit code says whether a flag differs or something could not be made."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("libraries", nargs="*", metavar="LIBRARY")
    parser.add_argument("--folder", type=Path, required=True, help="where libraries are, or will be")
    parser.add_argument("--same", action="store_true", help="the versions that the tables were made from")
    options = parser.parse_args()
    known = tomllib.loads(LIBRARIES.read_text(encoding="utf-8"))
    wrong = 0
    for name in options.libraries or sorted(known):
        try:
            complaints = list(make(name, known[name], options.folder.absolute() / name, options.same))
        except subprocess.CalledProcessError as error:
            complaints = [f"{name}: {error}"]
        for line in complaints:
            print(line, flush=True)
        wrong += len(complaints)
    return min(wrong, 1)


def make(name: str, settings: Table, folder: Path, same: bool) -> Iterator[str]:
    """Make one table; yields what is wrong with it, and then it is not written."""
    file = KNOWLEDGE / "tables" / f"{name}.json"
    distribution = settings.get("distribution", name)
    if not folder.is_dir():
        is_same = same and name != STDLIB and file.exists()
        wanted = f"{distribution}=={json.loads(file.read_text())['seen']}" if is_same else distribution
        install([wanted, *settings.get("also", ())], folder)
    if name == STDLIB:
        table, versions = standard_library(folder / "mypy" / "typeshed" / "stdlib", settings)
    else:
        table, versions = summarize(name, Sources(folder), Knowledge(), wishes(name, settings)), ""
    correct(table, settings)
    seen = look(table, folder)
    if not any(seen["classes"]) and table["c"]:
        yield f"{name}: cannot be imported: {seen['failed'].get(name)}"
        return
    complaints = list(differences(table, seen, frozenset(settings.get("believed", ()))))
    if not versions:  # no single Python has all of the standard library
        complete(table, seen)
        correct(table, settings)
    if complaints:
        yield from complaints
        return
    table["seen"] = versions or version(distribution, folder)
    file.write_text(written(table), encoding="utf-8")
    members = sum(len(record.get("m", ())) for record in table["c"].values())
    print(
        f"{name} {table['seen']}: {len(table['f'])} functions, {len(table['c'])} classes, {members} members, "
        f"{len(table['a'])} aliases, {file.stat().st_size / 1000:.1f} kB",
        flush=True,
    )


def standard_library(stubs: Path, settings: Table) -> tuple[Table, str]:
    """The union of the tables for several Pythons, of which the newest wins; classes that the table has stay in it."""
    first, last = (int(settings[key].partition(".")[2]) for key in ("first", "last"))
    targets = [Target((3, minor), "linux") for minor in range(last, first - 1, -1)]
    targets += [Target((3, last), platform) for platform in ("darwin", "win32")]
    known = json.loads((KNOWLEDGE / "tables" / f"{STDLIB}.json").read_text(encoding="utf-8"))
    lines = (stubs / "VERSIONS").read_text(encoding="utf-8").splitlines()
    packages = {line.partition(":")[0].partition(".")[0] for line in lines if ":" in line.partition("#")[0]}
    wanted = wishes(STDLIB, settings)
    merged: Table = {"a": {}, "f": {}, "c": {}}
    for target in targets:
        wanted = replace(
            wanted,
            seeds=frozenset({*known["c"], *wanted.seeds}),
            preferred=frozenset({*known["c"], *known["f"], *wanted.preferred}),
            target=target,
        )
        merge(merged, summarize(sorted(packages - {*wanted.without}), Sources(stubs), Knowledge(), wanted))
    return merged, f"typeshed for {settings['first']} to {settings['last']}"


def merge(table: Table, other: Table) -> None:
    """Add to a table what only another one has."""
    for part in "af":
        table[part] = other[part] | table[part]
    for path, record in other["c"].items():
        own = table["c"].setdefault(path, record)
        for name, entry in record.get("m", {}).items():
            if name not in members(own):
                own.setdefault("m", {})[name] = entry
        plain = [each for each in record.get("s", "").split() if each.removesuffix("?") not in members(own)]
        if plain:
            own["s"] = " ".join(sorted([*own.get("s", "").split(), *plain]))


def install(requirements: list[str], folder: Path) -> None:
    """Put a library with all that it needs into a folder."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--target",
        str(folder),
    ]
    subprocess.run([*command, *requirements], check=True, capture_output=True)


def version(distribution: str, folder: Path) -> str:
    """The version of what is installed."""
    wanted = re.sub(r"[-_.]+", "_", distribution).lower()
    for info in folder.glob("*.dist-info"):
        name, _, number = info.stem.rpartition("-")
        if re.sub(r"[-_.]+", "_", name).lower() == wanted:
            return number
    return ""


def wishes(name: str, settings: Table) -> Wanted:
    """What a table is to have: what `libraries.toml` says, and the classes that claims speak of."""
    claimed: set[str] = set()
    file = KNOWLEDGE / "claims" / f"{name}.toml"
    if file.exists():
        claimed = {each for each in claims.read(file).names if name in (STDLIB, each.partition(".")[0])}
    owners = {each.rpartition(".")[0] for each in claimed}
    return Wanted(
        seeds=frozenset({*settings.get("seeds", ()), *owners, *claimed}),
        only=tuple(settings.get("only", ())),
        without=tuple(settings.get("without", ())),
        endings=tuple(settings.get("endings", ())),
        preferred=frozenset({*settings.get("names", ()), *owners, *claimed}),
        lazy=frozenset(settings.get("lazy", ())),
        buffered=frozenset(settings.get("buffered", ())),
    )


def correct(table: Table, settings: Table) -> None:
    """Overwrite what the sources do not show; an empty entry is none."""
    for path, entry in settings.get("functions", {}).items():
        table["f"][path] = entry
    for path, target in settings.get("aliases", {}).items():
        table["a"][path] = target
    for path, members in settings.get("classes", {}).items():
        record = table["c"].setdefault(path, {})
        own = record.setdefault("m", {})
        for name, entry in members.items():
            if name in ("b", "e", "w", "?"):
                record[name] = entry
                continue
            own.pop(name, None)
            drop(record, name)
            if entry in ("s", "s?"):
                record["s"] = " ".join(sorted({*record.get("s", "").split(), name + entry[1:]}))
            elif entry:
                own[name] = entry


def drop(record: Table, name: str) -> None:
    """Forget a plain method."""
    names = [each for each in record.get("s", "").split() if each.removesuffix("?") != name]
    record["s"] = " ".join(names)


def look(table: Table, folder: Path) -> Table:
    """What the library itself shows of the names in a table."""
    command = [sys.executable, "-W", "ignore", str(LOOK)]
    environment = {"PYTHONPATH": str(folder), "PATH": "", "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(command, input=json.dumps(table), capture_output=True, text=True, env=environment, cwd=folder)
    if ran.returncode:
        raise subprocess.CalledProcessError(ran.returncode, command, ran.stdout, ran.stderr)
    found: Table = json.loads(ran.stdout)
    return found


def differences(table: Table, seen: Table, believed: frozenset[str]) -> Iterator[str]:
    """The names whose flag is not what the library shows."""
    for path, entry in table["f"].items():
        if path not in believed:
            yield from differs(path, entry, seen["functions"].get(path, "?"))
    for owner, record in table["c"].items():
        shown = seen["classes"].get(owner, {}).get("members", {})
        for name, entry in record.get("m", {}).items():
            if f"{owner}.{name}" not in believed:
                yield from differs(f"{owner}.{name}", entry, shown.get(name, "?"))
        for name in record.get("s", "").split():
            if f"{owner}.{name.removesuffix('?')}" not in believed:
                yield from differs(f"{owner}.{name}", "s", shown.get(name.removesuffix("?"), "?"))


def differs(path: str, entry: str, shown: str) -> Iterator[str]:
    """Whether one flag is not what the library shows."""
    flag = entry[0]
    if shown == "a" and flag not in MUST_AWAIT:
        yield f"{path}: {entry}, but it is a coroutine function"
    elif shown == "s" and flag == "a":
        yield f"{path}: {entry}, but it is a plain function"
    elif shown == "g" and flag != "g":
        yield f"{path}: {entry}, but it is an asynchronous generator"
    elif shown == "p" and flag in MUST_AWAIT:
        yield f"{path}: {entry}, but it is a property"


def complete(table: Table, seen: Table) -> None:
    """Leave out what is not there, and add what only the library itself shows."""
    table["f"] = {path: entry for path, entry in table["f"].items() if path in seen["functions"]}
    table["c"] = {path: record for path, record in table["c"].items() if path in seen["classes"]}
    there = {*table["f"], *table["c"]}
    table["a"] = {
        alias: path
        for alias, path in table["a"].items()
        if alias in seen["aliases"] and (path in there or path.partition(".")[0] != alias.partition(".")[0])
    } | {
        alias: path for alias, path in table["a"].items() if is_folder(alias, path, there) and alias in seen["aliases"]
    }
    for path, record in table["c"].items():
        add_members(table, path, record, seen["classes"][path])


def is_folder(alias: str, path: str, there: set[str]) -> bool:
    """Whether an alias stands for a module that has something."""
    return path not in there and any(each.startswith(f"{path}.") for each in there)


def add_members(table: Table, path: str, record: Table, shown: Table) -> None:
    """Add the methods of a class that its sources do not show."""
    known = {name for each in lineage(table, path) for name in members(table["c"].get(each, {}))}
    members_of, plain = record.setdefault("m", {}), record.get("s", "").split()
    is_open = bool(shown["open"]) and "__getattr__" not in members_of
    for name, kind in shown["members"].items():
        if name in known or kind in "pvk" or name in PROTOCOL:
            continue
        if kind in "ag":
            members_of[name] = kind
        elif kind == "s":
            plain.append(f"{name}?")
        else:
            is_open = True
    record["s"] = " ".join(sorted(set(plain)))
    record.pop("?", None)
    for key in ("m", "s"):
        if not record[key]:
            del record[key]
    if is_open:
        record["?"] = 1


def members(record: Table) -> set[str]:
    """The names that a class is known to have."""
    return {*record.get("m", ()), *(name.removesuffix("?") for name in record.get("s", "").split())}


def lineage(table: Table, path: str) -> Iterator[str]:
    """A class and its bases in the table."""
    pending, seen = [path], set()
    while pending:
        each = pending.pop()
        if each not in seen:
            seen.add(each)
            yield each
            pending.extend(base.partition("[")[0] for base in table["c"].get(each, {}).get("b", ()))


if __name__ == "__main__":
    sys.exit(main())
