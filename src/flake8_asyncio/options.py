"""What a user can set: each option's flag, default and help stand in one place."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flake8.options.manager import OptionManager


class BadOption(ValueError):
    """A setting that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Options:
    """The settings of one run."""

    roots: tuple[Path, ...] = ()
    knowledge: tuple[Path, ...] = ()
    enable: tuple[str, ...] = ()
    cache_dir: Path | None = None
    use_cache: bool = True
    cpu_ms: int = 50

    def enables(self, code: str) -> bool:
        """Whether an opt-in rule is asked for, by its code, a prefix of it, or `all`."""
        return any(code.startswith(each) or each == "ALL" for each in self.enable)


@dataclass(frozen=True, slots=True)
class Declared:
    """How flake8 is told of an option."""

    flag: str
    help: str
    keywords: dict[str, object] = field(default_factory=dict)


DECLARED = (
    Declared(
        "--aio-enable",
        "Opt-in rules to run as well: codes or prefixes of codes such as AIO390, AIO3 or AIO (all of them).",
        {"comma_separated_list": True, "default": "", "metavar": "CODES"},
    ),
    Declared(
        "--aio-knowledge",
        "TOML files that say what your own or other people's functions do, in the format of our knowledge files.",
        {"comma_separated_list": True, "normalize_paths": True, "default": "", "metavar": "FILES"},
    ),
    Declared(
        "--aio-roots",
        "Folders from which imports count, beside those that are found (the project's root and its src).",
        {"comma_separated_list": True, "normalize_paths": True, "default": "", "metavar": "FOLDERS"},
    ),
    Declared(
        "--aio-cache-dir",
        "Folder for what is kept between runs (default: in the user's cache folder, or FLAKE8_ASYNCIO_CACHE).",
        {"normalize_paths": True, "default": "", "metavar": "FOLDER"},
    ),
    Declared("--aio-no-cache", "Keep nothing between runs.", {"action": "store_true", "default": False}),
    Declared(
        "--aio-cpu-ms",
        "Report a loop of constant length that is estimated to hold the event loop for longer than this (default: 50).",
        {"default": "50", "metavar": "MILLISECONDS"},
    ),
)


def declare(manager: OptionManager) -> None:
    """Tell flake8 of our options."""
    for option in DECLARED:
        manager.add_option(option.flag, parse_from_config=True, help=option.help, **option.keywords)


def read(namespace: argparse.Namespace) -> Options:
    """Our options from flake8's; raises `BadOption` where one makes no sense."""
    return Options(
        roots=tuple(Path(each).absolute() for each in _listed(namespace.aio_roots)),
        knowledge=tuple(Path(each).absolute() for each in _listed(namespace.aio_knowledge)),
        enable=tuple(_code(each) for each in _listed(namespace.aio_enable)),
        cache_dir=_cache_dir(namespace.aio_cache_dir),
        use_cache=not namespace.aio_no_cache and os.environ.get("FLAKE8_ASYNCIO_CACHE", "on") != "",
        cpu_ms=_milliseconds(namespace.aio_cpu_ms),
    )


def _listed(value: object) -> list[str]:
    """Configuration files other than flake8's own hand over lists or strings."""
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    return [str(each) for each in value if str(each).strip()] if isinstance(value, list | tuple) else []


def _code(text: str) -> str:
    code = text.strip().upper()
    if code != "ALL" and not (code.startswith("AIO") and (code[3:].isdigit() or code == "AIO") and len(code) <= 6):
        raise BadOption(f"aio-enable: {text!r} is not a code of ours, such as AIO390, AIO3 or AIO")
    return code


def _cache_dir(value: str) -> Path | None:
    chosen = value or os.environ.get("FLAKE8_ASYNCIO_CACHE", "")
    return Path(chosen).absolute() if chosen else None


def _milliseconds(value: object) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if number <= 0:
        raise BadOption(f"aio-cpu-ms: {str(value)!r} is not a positive whole number of milliseconds")
    return number
