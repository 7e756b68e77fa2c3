"""Findings of an earlier run, given again where nothing has changed that they could depend on.

The findings of a file depend on its text, the settings, this package, Python's version and the files that its imports
and its project's indexes see. Of these files no part is known to be irrelevant, so all of them must be as they were, by
size and time of change. Where more was looked at than that, or less can be said of it, nothing is kept.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

from flake8_asyncio.facts.store import Store
from flake8_asyncio.finding import Finding, Fix, Place, Verb
from flake8_asyncio.options import Options
from flake8_asyncio.project.modules import Modules, outermost
from flake8_asyncio.project.project import Project
from flake8_asyncio.syntax.source import Source, Span

Found = tuple[str, Finding]  # with the code of its rule

_RECORDS: dict[str, Any] = {each.__name__: each for each in (Span, Finding, Fix, Place, *get_args(Verb))}
_NOT_SETTINGS = {"cache_dir", "use_cache", "baseline"}  # they change nothing in what a file's findings are
_TICK, _COARSE = 50_000_000, 2_000_000_000  # nanoseconds in which a file may change again without a sign of it


class Replay:
    """What is kept of the findings in a project's files."""

    def __init__(self, options: Options, project: Project, store: Store) -> None:
        self._options = options
        self._project = project
        self._store = store
        self._is_of_disk = not project.given and options.environment is None
        self._states: dict[tuple[str, ...], _State | None] = {}
        self._waiting: list[tuple[Source, list[Found], Modules]] | None = []
        self._began = time.time_ns()

    def of(self, source: Source) -> list[Found] | None:
        """The findings in a file, if they are known to be what they were."""
        self._is_of_disk = self._is_of_disk and _is_on_disk(source)
        record = self._store.read(self._key(source)) if self._is_of_disk else None
        if record is None:
            return None
        known, _, content = record.partition(b"\n")
        state = self._state(source)
        if state is None or known != _sign(state.digest, content):
            return None
        try:
            return [(code, finding) for code, finding in _made(json.loads(content))]
        except (ValueError, TypeError, KeyError, RecursionError):
            return None

    def keep(self, source: Source, found: list[Found]) -> None:
        """Keep the findings in a file that was just linted.

        To look at all files of a project is too much for the sake of one, so the first waits for the second.
        """
        if not self._is_of_disk:
            return
        modules = self._project.add(source)[1].modules
        if self._waiting is not None:
            self._waiting.append((source, found, modules))
            if len(self._waiting) == 1:
                return
            for each in self._waiting:
                self._write(*each)
            self._waiting = None
        else:
            self._write(source, found, modules)

    def _write(self, source: Source, found: list[Found], modules: Modules) -> None:
        state = self._state(source)
        if state is None or not state.is_settled or modules.has_strayed or not modules.found <= state.files:
            return
        content = json.dumps(_plain(tuple(found)), separators=(",", ":")).encode("utf-8", "surrogatepass")
        self._store.write(self._key(source), lambda: _sign(state.digest, content) + b"\n" + content)

    def _key(self, source: Source) -> str:
        text = hashlib.sha256(source.text.encode("utf-8", "surrogatepass")).hexdigest()
        path = self._project.path_of(source.path)
        parts = (_code(), *_settings(self._options), *path, str(source.path), text)
        return self._store.key(source.module, source.is_package, "\0".join(parts).encode("utf-8", "surrogatepass"))

    def _state(self, source: Source) -> _State | None:
        path = self._project.path_of(source.path)
        if path not in self._states:
            self._states[path] = self._look(path)
        return self._states[path]

    def _look(self, path: tuple[str, ...]) -> _State | None:
        library = self._project.library
        seen: list[str] = []
        newest = 0
        files: set[str] = set()
        for top in outermost(path, library.folders):
            found = library.index.files(*top)
            if found is None:
                return None
            seen.append(repr(found))
            files.update(file for file, _, _ in found)
            newest = max(newest, max((changed for _, _, changed in found), default=0))
        seen.extend(" ".join(_importable(library.folders.names(each))) for each in path)
        seen.extend(_stamp(each) for each in self._options.knowledge)
        digest = hashlib.sha256("\0".join(seen).encode("utf-8", "surrogatepass")).digest()
        return _State(digest, frozenset(files), newest + _tick(newest) < self._began)


class _State:
    """The files along a search path as they are; settled if none of them has just been changed."""

    def __init__(self, digest: bytes, files: frozenset[str], is_settled: bool) -> None:
        self.digest = digest
        self.files = files
        self.is_settled = is_settled


def _tick(changed: int) -> int:
    """How far apart two changes have to be to be told apart, going by how finely a file system gives times."""
    return _TICK if changed % 1_000_000 else _COARSE


def _is_on_disk(source: Source) -> bool:
    """Whether a file's text is what others read who import it, and no editor's."""
    try:
        content = source.path.read_bytes()
    except OSError:
        return False
    text = source.text.encode("utf-8", "surrogatepass")
    return content == text or content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n") == text


def _sign(digest: bytes, content: bytes) -> bytes:
    """What tells a record of this state, and one that is as it was written."""
    return hashlib.sha256(digest + content).hexdigest().encode()


def _settings(options: Options) -> Iterator[str]:
    """The settings that findings depend on, spelled alike in every process."""
    for each in fields(options):
        value = getattr(options, each.name)
        if each.name == "own":
            value = value and (value.file, sorted(value.entries.items()))
        elif isinstance(value, frozenset):
            value = sorted(value)
        if each.name not in _NOT_SETTINGS:
            yield f"{each.name}={value!r}"


def _importable(names: Iterable[str]) -> list[str]:
    """What can be imported of the names in a folder, and not what a run writes there."""
    return sorted(each for each in names if each.isidentifier() or each.endswith((".py", ".pyi")))


def _stamp(path: Path) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return "none"
    return f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


@functools.cache
def _code() -> str:
    """Which version of this package it is, its knowledge included."""
    seen, pending = [], [str(Path(__file__).parent)]
    while pending:
        for entry in os.scandir(pending.pop()):
            if entry.is_dir():
                pending.append(entry.path)
            elif not entry.name.endswith(".pyc"):
                status = entry.stat()
                seen.append(f"{entry.path} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\0".join(sorted(seen)).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    """A record as a list that begins with the name of its type, which a tuple has not."""
    if isinstance(value, tuple):
        head = type(value).__name__ if hasattr(value, "_fields") else ""
        return [head, *(_plain(each) for each in value)]
    return value


def _made(raw: Any) -> Any:
    if not isinstance(raw, list):
        return raw
    head, *rest = raw
    items = [_made(each) for each in rest]
    return _RECORDS[head](*items) if head else tuple(items)
