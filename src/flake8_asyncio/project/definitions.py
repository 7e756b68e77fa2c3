"""Which names a project gives to coroutine functions only: what is called by such a name gives a coroutine.

Where the type of a receiver is unknown, the project's own definitions are evidence. Whatever else binds a name, as an
attribute, a field, a variable or a plain function, takes it off the list. Files are looked at as text, and again only
when they have changed.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

from flake8_asyncio.facts.store import Store
from flake8_asyncio.knowledge import coroutine_names
from flake8_asyncio.project import words
from flake8_asyncio.project.asides import Aside
from flake8_asyncio.project.words import Words

File = tuple[str, int, int]  # with its size and the time of its last change, in nanoseconds

_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "build", "dist"})
_TESTS = frozenset({"test", "tests"})
_SUFFIXES = (".py", ".pyi", ".pyx", ".pxi")  # stubs and what Cython compiles have the same words for it
_MOST_FOLDERS = 4_000
_MOST_FILES = 20_000
_MOST_MAKERS = 5
_MOST_OVERRIDES = 6
_MOST_HOMES = 3
_MOST_NAMESAKES = 4


@dataclass(frozen=True)
class Definitions:
    """The names of a project: `coroutines` are only ever coroutine functions, `decorated` some of them with decorators.

    `decorated` says in which files; `sometimes` are the names of coroutine functions that something else has as well,
    and `shadowed` those names that something else has here and in libraries only coroutine functions. `stubs` are the
    names of coroutine functions whose plain namesakes have no bodies, with the files of the coroutine functions.
    """

    coroutines: frozenset[str]
    decorated: dict[str, list[str]]
    sometimes: frozenset[str]
    shadowed: frozenset[str]
    stubs: dict[str, list[str]]


class Index:
    """The names of each project, collected when first asked for; `store` keeps them between runs."""

    def __init__(self, store: Store | None) -> None:
        self.store = store
        self._files: dict[str, list[File] | None] = {}
        self._known: dict[tuple[str, str], Any] = {}

    def of(self, root: str, is_project: bool) -> Definitions | None:
        """The names below a folder; None where there are too many files to look at."""
        found: Definitions | None = self._part("names", root, is_project)
        return found

    def makers(self, root: str, is_project: bool) -> dict[str, list[str]] | None:
        """Which files below a folder call the classes that it defines; classes that many files call are left out."""
        found: dict[str, list[str]] | None = self._part("makers", root, is_project)
        return found

    def methods(self, root: str, is_project: bool) -> dict[str, list[str]] | None:
        """The methods below a folder that share their names with few others and nothing else, with their files."""
        found: dict[str, list[str]] | None = self._part("methods", root, is_project)
        return found

    def overrides(self, root: str, is_project: bool) -> dict[str, list[str]] | None:
        """Which files below a folder give bodies to plain methods that others have without; few do."""
        found: dict[str, list[str]] | None = self._part("overrides", root, is_project)
        return found

    def homes(self, root: str, is_project: bool) -> dict[str, list[str]] | None:
        """In which folders below a folder coroutine functions of a name are defined; not of names that many have."""
        found: dict[str, list[str]] | None = self._part("homes", root, is_project)
        return found

    def classes(self, root: str, is_project: bool) -> dict[str, str] | None:
        """The file of each class below a folder of whose name there is one only; the names are bare of their case."""
        found: dict[str, str] | None = self._part("classes", root, is_project)
        return found

    def asides(self, root: str, is_project: bool) -> list[Aside] | None:
        """Where the files below a folder have threads ask the file system."""
        found: list[Aside] | None = self._part("asides", root, is_project)
        return found

    def files(self, root: str, is_project: bool) -> list[File] | None:
        """The files below a folder as they were when they were first asked for; None if there are too many."""
        if root not in self._files:
            self._files[root] = files(root, is_project)
        return self._files[root]

    def _part(self, name: str, root: str, is_project: bool) -> Any:
        """One of the parts, from the store if all files are as they were."""
        if (name, root) not in self._known:
            found = self.files(root, is_project)
            kept = self._kept(name, root, found) if found else None
            if kept is not None:
                self._known[name, root] = kept
            else:
                self._collect(root, found)
        return self._known[name, root]

    def _kept(self, name: str, root: str, found: list[File]) -> Any:
        """A part as it was kept, if that was of these files."""
        content = self.store.read(self._key(self.store, name, root)) if self.store is not None else None
        if content is None:
            return None
        state, _, kept = content.partition(b"\n")
        try:
            return _PARTS[name].made(json.loads(kept)) if state == _state(found) else None
        except (ValueError, TypeError, IndexError, RecursionError):
            return None

    def _collect(self, root: str, found: list[File] | None) -> None:
        """Work out all parts at once: what takes time is to get at the words."""
        read = self._words(root, found) if found else {}
        state = _state(found) if found else b""
        tests = frozenset(path for path in read if _is_test(os.path.relpath(path, root)))
        for name, part in _PARTS.items():
            made = self._known[name, root] = part.collect(read, tests) if found else None
            if found and self.store is not None:
                content = json.dumps(part.plain(made)).encode("utf-8", "surrogatepass")
                self.store.write(self._key(self.store, name, root), functools.partial(b"\n".join, (state, content)))

    def _words(self, root: str, found: list[File]) -> dict[str, Words]:
        """The words of the files, of which those that have changed are read again."""
        if self.store is None:
            return dict(words.of_files([path for path, _, _ in found]))
        key = self._key(self.store, "words", root)
        earlier = _as_words(self.store.read(key))
        kept: dict[str, list[Any]] = {}
        result: dict[str, Words] = {}
        for path, size, changed in found:
            known = earlier.get(path, [])
            if known[:2] == [size, changed] and (old := _as_word(known[2:])) is not None:
                kept[path], result[path] = known, old
            else:
                result[path] = words.read(path)
                kept[path] = [size, changed, *words.encoded(result[path])]
        if len(kept) != len(earlier) or any(earlier.get(path) is not each for path, each in kept.items()):
            self.store.write(key, lambda: json.dumps(kept, separators=(",", ":")).encode("utf-8", "surrogatepass"))
        return result

    @staticmethod
    def _key(store: Store, name: str, root: str) -> str:
        """Where a part is kept: there is one at a time, or each change of a file would leave another."""
        return store.key(name, False, repr((_code(), words.version(), root)).encode("utf-8", "surrogatepass"))


class _Part(NamedTuple):
    """One answer for a whole project: how it comes from words, and to JSON and back."""

    collect: Callable[[Mapping[str, Words], Set[str]], Any]
    plain: Callable[[Any], Any]
    made: Callable[[Any], Any]


def collect(read: Mapping[str, Words]) -> Definitions:
    """The names in these files."""
    coroutines: dict[str, list[str]] = {}
    others: set[str] = set()
    bodies: set[str] = set()
    decorated: dict[str, list[str]] = {}
    for path, each in read.items():
        others.update(each.generators, each.lone, each.plain, each.bound)
        bodies.update(each.generators, each.bound, {*each.lone, *each.plain}.difference(each.stubs))
        for names, places in ((each.coroutines, coroutines), (each.decorated, decorated)):
            for name in names:
                places.setdefault(name, []).append(path)
    only = coroutines.keys() - others
    both = coroutines.keys() & others
    return Definitions(
        frozenset(only),
        {name: places for name, places in decorated.items() if name in only},
        frozenset(both),
        frozenset(coroutine_names().keys() & others),
        {name: coroutines[name] for name in sorted(both - bodies) if len(coroutines[name]) <= _MOST_OVERRIDES},
    )


def makers(read: Mapping[str, Words], tests: Set[str]) -> dict[str, list[str]]:
    """In which of these files the classes that they define are called; in tests only if nowhere else.

    Tests give objects of their own to what they look at, and are no part of what runs.
    """
    classes = {name for each in read.values() for name in each.classes}
    called: dict[str, list[str]] = {}
    tested: dict[str, list[str]] = {}
    for path, each in read.items():
        for name in each.made:
            if name in classes:
                (tested if path in tests else called).setdefault(name, []).append(path)
    return {name: places for name, places in {**tested, **called}.items() if len(places) <= _MOST_MAKERS}


def methods(read: Mapping[str, Words]) -> dict[str, list[str]]:
    """The plain methods of these files whose names only few others have, with the files that they stand in."""
    found: dict[str, list[str]] = {}
    others: set[str] = set()
    for path, each in read.items():
        others.update(each.coroutines, each.generators, each.plain, each.bound)
        for name in each.lone:
            found.setdefault(name, []).append(path)
    return {name: paths for name, paths in found.items() if name not in others and len(paths) <= _MOST_NAMESAKES}


def overrides(read: Mapping[str, Words]) -> dict[str, list[str]]:
    """Which of these files give bodies to plain methods that stand in some of them without."""
    found: dict[str, list[str]] = {name: [] for each in read.values() for name in each.stubs}
    for path, each in read.items():
        for name in {*each.lone, *each.plain}.intersection(found).difference(each.stubs):
            found[name].append(path)
    return {name: places for name, places in sorted(found.items()) if 0 < len(places) <= _MOST_OVERRIDES}


def homes(read: Mapping[str, Words]) -> dict[str, list[str]]:
    """The folders of the files that define coroutine functions of a name."""
    found: dict[str, dict[str, None]] = {}
    for path, each in read.items():
        for name in each.coroutines:
            found.setdefault(name, {})[os.path.dirname(path)] = None
    return {name: list(folders) for name, folders in found.items() if len(folders) <= _MOST_HOMES}


def classes(read: Mapping[str, Words]) -> dict[str, str]:
    """The files of those classes of which these files define one of the name."""
    found: dict[str, list[str]] = {}
    for path, each in read.items():
        for name in each.classes:
            found.setdefault(name.replace("_", "").lower(), []).append(path)
    return {name: paths[0] for name, paths in found.items() if len(paths) == 1}


def asides(read: Mapping[str, Words]) -> list[Aside]:
    """Where these files have threads ask the file system."""
    return [Aside(path, line, changes) for path, each in read.items() for line, changes in each.asides]


def _whole(collect: Callable[[Mapping[str, Words]], Any]) -> Callable[[Mapping[str, Words], Set[str]], Any]:
    """What a part is made of that takes tests for files like any other."""
    return lambda read, _: collect(read)


_PARTS = {
    "names": _Part(
        _whole(collect),
        lambda made: [*map(sorted, (made.coroutines, made.sometimes, made.shadowed)), made.decorated, made.stubs],
        lambda raw: Definitions(frozenset(raw[0]), dict(raw[3]), frozenset(raw[1]), frozenset(raw[2]), dict(raw[4])),
    ),
    "makers": _Part(makers, dict, dict),
    "methods": _Part(_whole(methods), dict, dict),
    "overrides": _Part(_whole(overrides), dict, dict),
    "homes": _Part(_whole(homes), dict, dict),
    "classes": _Part(_whole(classes), dict, dict),
    "asides": _Part(_whole(asides), list, lambda raw: [Aside(*each) for each in raw]),
}


def _is_test(path: str) -> bool:
    """Whether a file is a test, or helps tests, as its path below the project's root says."""
    *folders, name = path.split(os.sep)
    stem = name.partition(".")[0]
    return (
        not _TESTS.isdisjoint(folders)
        or stem.startswith("test_")
        or stem.endswith("_test")
        or stem in ("conftest", "tests")
    )


def _state(found: list[File]) -> bytes:
    """What tells one state of these files from another."""
    return hashlib.sha256(repr(found).encode("utf-8", "surrogatepass")).hexdigest().encode()


def _as_words(content: bytes | None) -> dict[str, list[Any]]:
    try:
        return dict(json.loads(content)) if content is not None else {}
    except (ValueError, TypeError, RecursionError):
        return {}


def _as_word(kept: list[Any]) -> Words | None:
    try:
        return words.decoded(kept)
    except (ValueError, TypeError):
        return None


@functools.cache
def _code() -> tuple[int, int]:
    """Which version of this module collects."""
    status = os.stat(__file__)
    return status.st_size, status.st_mtime_ns


def files(root: str, is_project: bool) -> list[File] | None:
    """The Python files below a folder, with size and time; none of hidden folders and environments.

    Of a folder that is no project's root only what can be imported counts. None if there are too many.
    """
    found: list[File] = []
    pending, folders = [(root, is_project)], 0
    while pending:
        folder, is_inside = pending.pop()
        folders += 1
        if folders > _MOST_FOLDERS or len(found) > _MOST_FILES:
            return None
        try:
            entries = sorted(os.scandir(folder), key=lambda each: each.name)
            names = {each.name for each in entries}
            if "pyvenv.cfg" in names or (not is_inside and folders > 1 and "__init__.py" not in names):
                continue
            is_inside = is_inside or (folders > 1 and "__init__.py" in names)  # parts of a package need none
            for each in entries:
                if each.name.startswith(".") or each.name in _SKIPPED:
                    continue
                if each.name.endswith(_SUFFIXES) and each.is_file():
                    status = each.stat()
                    found.append((each.path, status.st_size, max(status.st_mtime_ns, status.st_ctime_ns)))
                elif each.is_dir(follow_symlinks=False):
                    pending.append((each.path, is_inside))
        except OSError:
            continue
    return found
