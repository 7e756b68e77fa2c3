"""What a user can set: one table says each option's name, form, default and help, and everything else follows it.

flake8's files and command line take the options as `--aio-…`; `[tool.flake8-asyncio]` in `pyproject.toml` takes them by
their bare names, and with them the tables that flake8's format has no room for.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flake8.options.manager import OptionManager


class BadOption(ValueError):
    """A setting that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """What a project says of its shared state, in dotted names or the ends of such names."""

    owned: tuple[str, ...] = ()
    serial: tuple[str, ...] = ()
    per_task: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.owned or self.serial or self.per_task or self.locks)


def is_named(path: str, names: Sequence[str]) -> bool:
    """Whether one of the names is a dotted path, or an end of it."""
    return any(path == name or path.endswith(f".{name}") for name in names)


@dataclass(frozen=True, slots=True)
class Options:
    """The settings that hold for a file."""

    roots: tuple[Path, ...] = ()
    knowledge: tuple[Path, ...] = ()
    environment: Path | None = None
    enable: tuple[str, ...] = ()
    cache_dir: Path | None = None
    use_cache: bool = True
    cpu_ms: int = 50
    baseline: Path | None = None
    entry_points: frozenset[str] = frozenset()
    sharing: Sharing = Sharing()
    own: Own | None = None

    def enables(self, code: str) -> bool:
        """Whether an opt-in rule is asked for, by its code, a prefix of it, or `all`."""
        return any(code.startswith(each) or each == "ALL" for each in self.enable)


@dataclass(frozen=True, eq=False)
class Own:
    """What a project's `pyproject.toml` says of functions: `entries` of each key, as they were written."""

    file: Path
    entries: Mapping[str, list[Any]]


class Form(Enum):
    """What an option's value may be."""

    CODES = "codes"
    FILES = "files"
    FILE = "file"
    FOLDERS = "folders"
    FOLDER = "folder"
    NUMBER = "number"
    SWITCH = "switch"
    NAMES = "names"
    CLAIMS = "claims"  # names, or tables in the format of knowledge files


@dataclass(frozen=True, slots=True)
class Declared:
    """One option: `name` without the prefix that it has for flake8."""

    name: str
    form: Form
    help: str
    metavar: str = ""
    default: str = ""
    for_flake8: bool = True
    for_pyproject: bool = True
    for_commands: bool = True  # whether the commands take it over from flake8
    example: str = ""

    @property
    def flag(self) -> str:
        """The option on flake8's command line; its files have it without the dashes in front."""
        return f"--aio-{self.name}"

    @property
    def keywords(self) -> dict[str, object]:
        """How flake8 is told of it."""
        if self.form is Form.SWITCH:
            return {"action": "store_true", "default": False}
        listed = self.form in (Form.CODES, Form.FILES, Form.FOLDERS)
        paths = self.form in (Form.FILES, Form.FILE, Form.FOLDERS, Form.FOLDER)
        extra = {"comma_separated_list": listed, "normalize_paths": paths}
        return {"default": "", "metavar": self.metavar, **{key: value for key, value in extra.items() if value}}


DECLARED = (
    Declared(
        "enable",
        Form.CODES,
        "Opt-in rules to run as well: codes or prefixes of codes such as AIO390, AIO3 or AIO (all of them).",
        "CODES",
        example='["AIO390"]',
    ),
    Declared(
        "knowledge",
        Form.FILES,
        "Files that say what your own or other people's functions do: TOML in the format of our knowledge files, or "
        "tables that `flake8-asyncio summarize` has written.",
        "FILES",
        example='["knowledge.toml"]',
    ),
    Declared(
        "roots",
        Form.FOLDERS,
        "Folders from which imports count, beside those that are found (the project's root and its src).",
        "FOLDERS",
        example='["lib"]',
    ),
    Declared(
        "python",
        Form.FILE,
        "The environment that the project runs in, or its interpreter: the sources of its packages tell what our own "
        "tables do not.",
        "PATH",
        example='".venv"',
    ),
    Declared(
        "cpu-ms",
        Form.NUMBER,
        "Report a loop of constant length that is estimated to hold the event loop for longer than this (default: 50).",
        "MILLISECONDS",
        default="50",
        example="100",
    ),
    Declared(
        "baseline",
        Form.FILE,
        "Do not report the findings in this file, which `flake8-asyncio check --write-baseline` writes.",
        "FILE",
        example='"asyncio-baseline.json"',
    ),
    Declared(
        "cache-dir",
        Form.FOLDER,
        "Folder for what is kept between runs (default: in the user's cache folder, or FLAKE8_ASYNCIO_CACHE).",
        "FOLDER",
        for_pyproject=False,
    ),
    Declared("no-cache", Form.SWITCH, "Keep nothing between runs.", for_pyproject=False),
    Declared(
        "unsafe-fixes",
        Form.SWITCH,
        "With --format=aio-fix, make the fixes as well that change what the program does.",
        for_pyproject=False,
        for_commands=False,
    ),
    Declared(
        "diff",
        Form.SWITCH,
        "With --format=aio-fix, write no file, and print what would change.",
        for_pyproject=False,
        for_commands=False,
    ),
    Declared(
        "no-pyproject",
        Form.SWITCH,
        "Read no pyproject.toml; flake8's --isolated is about its own files only.",
        for_pyproject=False,
    ),
    Declared(
        "blocking",
        Form.CLAIMS,
        "Functions that stop the event loop, your own or a library's: names, or tables with `calls` and what else "
        "`[[blocks]]` in a knowledge file has.",
        for_flake8=False,
        example='["ledger.post", { calls = ["ledger.Client.balance"], kind = "network" }]',
    ),
    Declared(
        "awaitable",
        Form.CLAIMS,
        "Functions whose result must be awaited: names, or tables with `calls` and what else `[[makes]]` in a "
        "knowledge file has.",
        for_flake8=False,
        example='["ledger.later", { calls = ["ledger.balance"], gives = "int" }]',
    ),
    Declared(
        "offloaders",
        Form.CLAIMS,
        "Functions that run their first argument in a thread: names, or tables with `calls`, and with `argument` and "
        "`position` where it is another one.",
        for_flake8=False,
        example='["ledger.in_thread", { calls = ["ledger.submit"], argument = "job", position = 1 }]',
    ),
    Declared(
        "safe",
        Form.NAMES,
        "Functions that do not stop the event loop, whatever the linter thinks of them.",
        for_flake8=False,
        example='["ledger.cached_balance"]',
    ),
    Declared(
        "entry-points",
        Form.NAMES,
        "Functions where the program starts, such as a command's, so that AIO190 lets them call `asyncio.run`.",
        for_flake8=False,
        example='["ledger.command.serve"]',
    ),
    Declared(
        "owned",
        Form.NAMES,
        "Attributes and globals that one task alone uses at a time, so that AIO3xx leaves them alone.",
        for_flake8=False,
        example='["ledger.Book.page"]',
    ),
    Declared(
        "serial-functions",
        Form.NAMES,
        "Functions that never run twice at a time, since a framework or a queue calls them one after the other.",
        for_flake8=False,
        example='["ledger.Book.refresh"]',
    ),
    Declared(
        "per-task",
        Form.NAMES,
        "Classes each of whose objects belongs to one task, such as a request's handler; what inherits from them too.",
        for_flake8=False,
        example='["ledger.Entry"]',
    ),
    Declared(
        "lock-names",
        Form.NAMES,
        "Context managers and decorators that let one task in at a time.",
        for_flake8=False,
        example='["ledger.one_by_one"]',
    ),
)


def declare(manager: OptionManager) -> None:
    """Tell flake8 of our options."""
    for option in DECLARED:
        if option.for_flake8:
            manager.add_option(option.flag, parse_from_config=True, help=option.help, **option.keywords)


@dataclass(frozen=True, slots=True)
class Table:
    """What one `pyproject.toml` says: values of the forms that are declared, with absolute paths."""

    file: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def read(namespace: argparse.Namespace, table: Table | None = None) -> Options:
    """Our options from flake8's and from a project's table; raises `BadOption` where one makes no sense.

    Lists add up; of single values, flake8's holds.
    """
    values = table.values if table is not None else {}
    number = namespace.aio_cpu_ms or values.get("cpu-ms", 50)
    baseline = namespace.aio_baseline or values.get("baseline", "")
    environment = namespace.aio_python or values.get("python", "")
    own = {each.name: values[each.name] for each in DECLARED if not each.for_flake8 and each.name in values}
    entry_points = own.pop("entry-points", ())
    sharing = Sharing(*(tuple(own.pop(name, ())) for name in ("owned", "serial-functions", "per-task", "lock-names")))
    return Options(
        roots=_paths(namespace.aio_roots, values.get("roots")),
        knowledge=_paths(namespace.aio_knowledge, values.get("knowledge")),
        environment=Path(environment).absolute() if environment else None,
        enable=(*(as_code(each) for each in _listed(namespace.aio_enable)), *values.get("enable", ())),
        cache_dir=_cache_dir(namespace.aio_cache_dir),
        use_cache=not namespace.aio_no_cache and os.environ.get("FLAKE8_ASYNCIO_CACHE", "on") != "",
        cpu_ms=as_milliseconds(number),
        baseline=Path(baseline).absolute() if baseline else None,
        entry_points=frozenset(each.replace(":", ".") for each in entry_points),
        sharing=sharing,
        own=Own(table.file, own) if table is not None and table.file is not None and own else None,
    )


def as_code(text: str) -> str:
    """A code of ours or a prefix of one, in capitals; raises `BadOption` for anything else."""
    code = text.strip().upper()
    if code != "ALL" and not (code.startswith("AIO") and (code[3:].isdigit() or code == "AIO") and len(code) <= 6):
        raise BadOption(f"aio-enable: {text!r} is not a code of ours, such as AIO390, AIO3 or AIO")
    return code


def as_milliseconds(value: object) -> int:
    """A positive number of milliseconds; raises `BadOption` for anything else."""
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if number <= 0:
        raise BadOption(f"aio-cpu-ms: {str(value)!r} is not a positive whole number of milliseconds")
    return number


def _paths(given: object, listed: tuple[Path, ...] | None) -> tuple[Path, ...]:
    return (*(Path(each).absolute() for each in _listed(given)), *(listed or ()))


def _listed(value: object) -> list[str]:
    """Configuration files other than flake8's own hand over lists or strings."""
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    return [str(each) for each in value if str(each).strip()] if isinstance(value, list | tuple) else []


def _cache_dir(value: str) -> Path | None:
    chosen = value or os.environ.get("FLAKE8_ASYNCIO_CACHE", "")
    return Path(chosen).absolute() if chosen else None
