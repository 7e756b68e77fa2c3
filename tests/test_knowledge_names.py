"""Every name that knowledge speaks of exists, under the flag that it is given, where it is said to exist."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import multiprocessing
import select
import subprocess
import sys
import threading
import tomllib
import warnings
from pathlib import Path
from typing import Any

import pytest

import flake8_asyncio.knowledge
from flake8_asyncio.knowledge import Knowledge, Makes
from flake8_asyncio.knowledge.claims import read
from flake8_asyncio.knowledge.tables import read_checked

FOLDER = Path(flake8_asyncio.knowledge.__file__).parent
SCRIPTS = Path(__file__).parent.parent / "scripts" / "knowledge"
FILES = sorted((FOLDER / "claims").glob("*.toml"))

# What the dependency group `knowledge` installs; the other files were checked against the version in their `seen`.
INSTALLED = (
    "aiofiles aiohttp anyio asyncpg boto3 botocore fastapi httpx psycopg pymongo redis requests sqlalchemy starlette"
).split()

PLAIN = ["krakenex"]  # it is there for the tables of what blocks

# Their methods are made when an instance is.
INSTANCES: dict[str, Any] = {
    "multiprocessing.synchronize.Condition": multiprocessing.Condition,
    "multiprocessing.synchronize.Lock": multiprocessing.Lock,
    "multiprocessing.synchronize.RLock": multiprocessing.RLock,
    "multiprocessing.synchronize.Semaphore": multiprocessing.Semaphore,
    "multiprocessing.JoinableQueue": multiprocessing.JoinableQueue,
    "multiprocessing.Queue": multiprocessing.Queue,
    "multiprocessing.SimpleQueue": multiprocessing.SimpleQueue,
    "threading.Condition": threading.Condition,
    "threading.Lock": threading.Lock,
    "threading.RLock": threading.RLock,
    "select.poll": getattr(select, "poll", None),
}
KNOWLEDGE = Knowledge()


def find(path: str) -> Any:
    """What a dotted name means at run time; None if nothing."""
    owner, _, name = path.rpartition(".")
    if INSTANCES.get(owner):
        return getattr(INSTANCES[owner](), name, None)
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value: Any = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            static: Any = inspect.getattr_static(value, part, None)
            value = getattr(value, part, None) if static is None else static
            if isinstance(value, (classmethod, staticmethod)):
                value = value.__func__
            if value is None:
                return None
        return value
    return None


def is_here(group: dict[str, Any]) -> bool:
    """Whether this Python and this system are ones that a group speaks of."""
    since, until = (tuple(map(int, group.get(key, "0").split("."))) for key in ("since", "until"))
    platform = {"posix": sys.platform != "win32"}.get(group.get("platform", ""), sys.platform == group.get("platform"))
    if "platform" in group and not platform:
        return False
    return sys.version_info[:2] >= since and (until == (0,) or sys.version_info[:2] <= until)


def groups(file: Path) -> list[tuple[str, dict[str, Any]]]:
    """The tables of a file, with the names of their groups."""
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    return [(name, table) for name, tables in document.items() for table in tables]


def lists(table: dict[str, Any]) -> list[str]:
    """The names in a table."""
    keys = ("calls", "wild", "classes", "names", "decorators", "never", "attributes", "reads", "bases")
    return [name for key in keys for name in table.get(key, ())]


def missing(file: Path) -> list[str]:
    """The names of a file that do not exist here, but for those that are made at run time."""
    tables = [table for _, table in groups(file) if is_here(table) and not table.get("dynamic")]
    return [name for table in tables for name in lists(table) if find(name) is None]


def test_every_name_of_the_standard_library_exists() -> None:
    assert missing(FOLDER / "claims" / "stdlib.toml") == []


@pytest.mark.knowledge
@pytest.mark.parametrize("library", INSTALLED)
def test_every_name_of_an_installed_library_exists(library: str) -> None:
    importlib.import_module(library)
    file = FOLDER / "claims" / f"{library}.toml"
    assert not file.exists() or missing(file) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_lists_are_sorted_and_unique(file: Path) -> None:
    for _, table in groups(file):
        for key, value in table.items():
            if isinstance(value, list) and key not in ("unless", "equals", "gives"):  # what is given has its order
                assert value == sorted(set(value)), (key, value)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_file_speaks_of_its_own_library_under_public_names(file: Path) -> None:
    for name in read(file).names:
        assert KNOWLEDGE.canonical(name) == name
        assert file.stem == "stdlib" or name.partition(".")[0] == file.stem


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_claim_has_a_source(file: Path) -> None:
    for name, table in groups(file):
        assert table.get("source", "").startswith("https://"), (name, lists(table)[:1])
        assert file.stem == "stdlib" or "seen" in table


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_claimed_twice(file: Path) -> None:
    seen: set[tuple[str, str]] = set()
    for group, table in groups(file):
        for name in lists({**table, "bases": ()}):
            assert (group, name) not in seen
            seen.add((group, name))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_replaces_a_call_is_awaited(file: Path) -> None:
    for _, table in groups(file):
        if "instead" in table:
            result = KNOWLEDGE.result(table["instead"])
            assert result is not None
            assert result.makes is Makes.COROUTINE


def flags(library: str) -> list[str]:
    """The names whose flag differs from what the running library says."""
    table = KNOWLEDGE._library(library).table
    paths = [
        *table.functions,
        *(f"{owner}.{name}" for owner, facts in table.classes.items() for name in facts.get("m", ())),
    ]
    wrong = []
    for path in paths:
        value, result = find(path), KNOWLEDGE.result(path)
        if result is None or not inspect.isfunction(value):
            continue
        coroutine = inspect.iscoroutinefunction(value)
        claimed = result.makes is Makes.COROUTINE
        if coroutine and not claimed and result.makes is not Makes.MAY_AWAIT:
            wrong.append(path)
    return wrong


def blocking(library: str) -> list[str]:
    """The blocking calls of a library that are coroutine functions."""
    names = (
        read(FOLDER / "claims" / f"{library}.toml").names if (FOLDER / "claims" / f"{library}.toml").exists() else ()
    )
    claims = KNOWLEDGE._library(library).claims
    return [
        name
        for name in names
        if any(name in effects for effects in claims.effects.values()) and inspect.iscoroutinefunction(find(name))
    ]


def test_coroutine_flags_of_the_standard_library_are_right() -> None:
    assert flags("asyncio") == []
    table = KNOWLEDGE._library("asyncio").table
    paths = [
        *table.functions,
        *(f"{owner}.{name}" for owner, facts in table.classes.items() for name in facts.get("m", ())),
    ]
    plain = []
    for path in paths:
        value, result = find(path), KNOWLEDGE.result(path)
        if result is not None and result.makes is Makes.COROUTINE and inspect.isfunction(value):
            plain += [] if inspect.iscoroutinefunction(value) else [path]
    assert plain == []


@pytest.mark.knowledge
@pytest.mark.parametrize("library", INSTALLED)
def test_coroutine_flags_of_an_installed_library_are_right(library: str) -> None:
    assert flags(library) == []
    assert blocking(library) == []


@pytest.mark.knowledge
@pytest.mark.parametrize("library", INSTALLED)
def test_the_tables_generator_finds_no_wrong_flag(library: str) -> None:
    file = FOLDER / "tables" / f"{library}.json"
    settings = tomllib.loads((SCRIPTS / "libraries.toml").read_text(encoding="utf-8"))[library]
    ran = subprocess.run(
        [sys.executable, str(SCRIPTS / "look.py")], input=file.read_text(), capture_output=True, text=True, check=True
    )
    table = json.loads(file.read_text())
    believed = frozenset({*settings.get("believed", ()), *table.get("between", ())})
    assert list(generator("tables").differences(table, json.loads(ran.stdout), believed)) == []


def generator(name: str) -> Any:
    """A script that makes tables."""
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_what_has_changed_between_versions_may_be_either() -> None:
    generator("tables")
    older = generator("older")
    client = {"m": {"close": "a", "get": "a:kv.Value", "scan": "g:str", "new": "a", "__aiter__": "g"}, "s": "ping size"}
    table = {"a": {}, "f": {"kv.connect": "a:kv.Client", "kv.now": "s:float"}, "c": {"kv.Client": client}}
    former = {"m": {"close": "a", "scan": "a:list[str]", "ping": "a", "__aiter__": "a"}, "s": "get size"}
    old = {"a": {}, "f": {"kv.connect": "s:kv.Client", "kv.now": "s:float"}, "c": {"kv.Client": former}}
    changed = ["kv.Client.get", "kv.Client.ping", "kv.Client.scan", "kv.connect"]
    assert sorted(older.leave_open(table, old, set())) == changed
    assert table["f"] == {"kv.connect": "m:kv.Client;kv.Client", "kv.now": "s:float"}
    either = {"get": "m:kv.Value;kv.Value", "ping": "m", "scan": "m:str;str"}
    assert client == {"m": {"close": "a", "new": "a", "__aiter__": "g"} | either, "s": "size"}
    assert list(older.leave_open(table, old, set())) == []


def test_what_libraries_toml_corrects_is_right_for_older_versions() -> None:
    older = generator("older")
    settings = {"functions": {"kv.connect": "a"}, "classes": {"kv.Client": {"get": "a"}}}
    assert list(older.corrected(settings)) == ["kv.connect", "kv.Client.get"]


def test_every_table_says_how_it_was_made() -> None:
    settings = tomllib.loads((SCRIPTS / "libraries.toml").read_text(encoding="utf-8"))
    for file in (FOLDER / "tables").glob("*.json"):
        assert file.stem == "stdlib" or file.stem in settings
        assert json.loads(file.read_text())["seen"]


DERIVED = sorted((FOLDER / "derived").glob("*.json"))


def test_every_derived_table_is_of_one_distribution_that_is_listed() -> None:
    listed = (SCRIPTS / "blocking.txt").read_text(encoding="utf-8").split()
    assert listed == sorted(set(listed))
    made = set()
    for file in DERIVED:
        table = json.loads(file.read_text(encoding="utf-8"))
        assert set(table) == {"a", "c", "distribution", "f", "k", "seen"}, file
        assert table["seen"], file
        made.add(table["distribution"])
        read_checked(file)
        assert {owner.partition(".")[0] for owners in table["k"].values() for owner in owners} == {file.stem}
    assert made == set(listed)


def test_derived_tables_do_not_say_what_must_be_awaited() -> None:
    for file in DERIVED:
        table = json.loads(file.read_text(encoding="utf-8"))
        entries = [
            *table["f"].values(),
            *(each for record in table["c"].values() for each in record.get("m", {}).values()),
        ]
        assert {entry[0] for entry in entries} <= {"s", "p", "v"}, file


@pytest.mark.knowledge
def test_what_is_derived_of_an_installed_library_is_there() -> None:
    for file in (FOLDER / "derived" / f"{package}.json" for package in PLAIN):
        kinds = json.loads(file.read_text(encoding="utf-8"))["k"].values()
        names = [
            (owner, each.rstrip("~="))
            for owners in kinds
            for owner, several in owners.items()
            for each in several.split()
        ]
        assert [f"{owner}.{name}" for owner, name in names if find(f"{owner}.{name}") is None] == []


def test_only_what_leads_to_what_blocks_is_kept() -> None:
    generator("tables")
    pared = generator("blocking").pared
    client = {"m": {"wheel": "v:mill.Wheel", "url": "v:mill.Url", "get": "a:mill.Wheel"}, "s": "ping", "w": "w:int"}
    table = {
        "a": {"mill.api.Wheel": "mill.Wheel", "mill.api.Url": "mill.Url"},
        "f": {"mill.open": "s:mill.Mill", "mill.later": "a:mill.Mill", "mill.url": "s:mill.Url"},
        "c": {"mill.Mill": client, "mill.Wheel": {"b": ["mill.Round"]}, "mill.Round": {}, "mill.Url": {}},
        "k": {"sleep": {"mill.Wheel": "turn"}},
    }
    assert pared(table) == {
        "a": {"mill.api.Wheel": "mill.Wheel"},
        "f": {"mill.open": "s:mill.Mill"},
        "c": {
            "mill.Mill": {"?": 1, "m": {"wheel": "v:mill.Wheel"}},
            "mill.Wheel": {"?": 1, "b": ["mill.Round"]},
            "mill.Round": {"?": 1},
        },
        "k": {"sleep": {"mill.Wheel": "turn"}},
    }
