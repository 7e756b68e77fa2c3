"""Which names a project gives to coroutine functions only: what is called by such a name gives a coroutine.

Where the type of a receiver is unknown, the project's own definitions are evidence. Files are looked at as text: the
facts of all of a project would take far longer, and only names are wanted. Whatever else binds a name, as an attribute,
a field, a variable or a plain function, takes it off the list.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from flake8_asyncio.facts.store import Store
from flake8_asyncio.project import asides

File = tuple[str, int, int]  # with its size and the time of its last change, in nanoseconds

_PLAIN = re.compile(rb"\n[ \t]*def[ \t]+(\w+)")
_ASYNC = re.compile(rb"\n([ \t]*)async[ \t]+def[ \t]+(\w+)")
_ATTRIBUTE = re.compile(rb"\.(\w+)[ \t]*(?::[^=\n]*)?=(?!=)")
_FIELD = re.compile(rb"\n[ \t]*(\w+)[ \t]*[:=]")
_CLASS = re.compile(rb"\n[ \t]*class[ \t]+(\w+)")
_MADE = re.compile(rb"(?<!class )\b([A-Z]\w*)\(")
_YIELD = re.compile(rb"\byield\b")
_DEEPEST = 39  # columns

_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "build", "dist"})
_SUFFIXES = (".py", ".pyi", ".pyx", ".pxi")  # stubs and what Cython compiles have the same words for it
_MOST_FOLDERS = 4_000
_MOST_FILES = 20_000
_MOST_MAKERS = 5

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Definitions:
    """The names of a project: `coroutines` are only ever coroutine functions, `decorated` some of them with decorators.

    `decorated` says in which files; `sometimes` are the names of coroutine functions that something else has as well.
    """

    coroutines: frozenset[str]
    decorated: dict[str, list[str]]
    sometimes: frozenset[str]


class Index:
    """The names of each project, collected when first asked for; `store` keeps them between runs."""

    def __init__(self, store: Store | None) -> None:
        self.store = store
        self._files: dict[str, list[File] | None] = {}
        self._definitions: dict[str, Definitions | None] = {}
        self._makers: dict[str, dict[str, list[str]] | None] = {}
        self._asides: dict[str, list[asides.Aside] | None] = {}
        self._methods: dict[str, dict[str, str] | None] = {}

    def of(self, root: str, is_project: bool) -> Definitions | None:
        """The names below a folder; None where there are too many files to look at."""
        if root not in self._definitions:
            found = self.files(root, is_project)
            self._definitions[root] = self._kept("names", found, collect, _encoded, _decoded) if found else None
        return self._definitions[root]

    def makers(self, root: str, is_project: bool) -> dict[str, list[str]] | None:
        """Which files below a folder call the classes that it defines; classes that many files call are left out."""
        if root not in self._makers:
            found = self.files(root, is_project)
            self._makers[root] = self._kept("makers", found, makers, _as_json, _as_places) if found else None
        return self._makers[root]

    def methods(self, root: str, is_project: bool) -> dict[str, str] | None:
        """The methods below a folder that are alone in having their names, with their files."""
        if root not in self._methods:
            found = self.files(root, is_project)
            self._methods[root] = self._kept("methods", found, methods, _as_json, _as_names) if found else None
        return self._methods[root]

    def asides(self, root: str, is_project: bool) -> list[asides.Aside] | None:
        """Where the files below a folder have threads ask the file system."""
        if root not in self._asides:
            found = self.files(root, is_project)
            made = self._kept("asides", found, _asides, _as_json, _as_asides) if found else None
            self._asides[root] = made
        return self._asides[root]

    def files(self, root: str, is_project: bool) -> list[File] | None:
        """The files below a folder as they were when they were first asked for; None if there are too many."""
        if root not in self._files:
            self._files[root] = files(root, is_project)
        return self._files[root]

    def _kept(
        self,
        what: str,
        found: list[File],
        make: Callable[[list[str]], Kept],
        encoded: Callable[[Kept], bytes],
        decoded: Callable[[bytes], Kept | None],
    ) -> Kept:
        paths = [path for path, _, _ in found]
        if self.store is None:
            return make(paths)
        key = self.store.key(what, False, repr((_code(), found)).encode("utf-8", "surrogatepass"))
        content = self.store.read(key)
        if content is not None and (known := decoded(content)) is not None:
            return known
        made = make(paths)
        self.store.write(key, lambda: encoded(made))
        return made


def _as_json(made: Any) -> bytes:
    return json.dumps(made).encode()


def _as_names(content: bytes) -> dict[str, str] | None:
    try:
        return dict(json.loads(content))
    except (ValueError, TypeError):
        return None


def _asides(paths: Iterable[str]) -> list[asides.Aside]:
    return [each for path, text in _texts(paths) for each in asides.read(path, text)]


def _as_asides(content: bytes) -> list[asides.Aside] | None:
    try:
        return [asides.Aside(*each) for each in json.loads(content)]
    except (ValueError, TypeError):
        return None


def _as_places(content: bytes) -> dict[str, list[str]] | None:
    try:
        return dict(json.loads(content))
    except (ValueError, TypeError):
        return None


@functools.cache
def _code() -> tuple[int, int]:
    """Which version of this module collects."""
    status = os.stat(__file__)
    return status.st_size, status.st_mtime_ns


def _encoded(made: Definitions) -> bytes:
    return json.dumps([sorted(made.coroutines), made.decorated, sorted(made.sometimes)]).encode()


def _decoded(content: bytes) -> Definitions | None:
    try:
        coroutines, decorated, sometimes = json.loads(content)
        return Definitions(frozenset(coroutines), dict(decorated), frozenset(sometimes))
    except (ValueError, TypeError):
        return None


def collect(paths: Iterable[str]) -> Definitions:
    """The names in these files."""
    coroutines: set[bytes] = set()
    others: set[bytes] = set()
    decorated: dict[bytes, list[str]] = {}
    for path, text in _texts(paths):
        for pattern in (_PLAIN, _ATTRIBUTE, _FIELD):
            others.update(pattern.findall(text))
        if b"async" not in text:
            continue
        has_yield = b"yield" in text
        for found in _ASYNC.finditer(text):
            indent, name = found.groups()
            if has_yield and _is_generator(text, found.end(), len(indent.expandtabs())):
                others.add(name)
            else:
                coroutines.add(name)
                if _is_decorated(text, found.start()):
                    decorated.setdefault(name, []).append(path)
    only = coroutines - others
    return Definitions(
        frozenset(map(_text, only)),
        {_text(name): list(dict.fromkeys(places)) for name, places in decorated.items() if name in only},
        frozenset(map(_text, coroutines & others)),
    )


def makers(paths: Iterable[str]) -> dict[str, list[str]]:
    """In which of these files the classes that they define are called."""
    classes: set[bytes] = set()
    called: dict[bytes, list[str]] = {}
    for path, text in _texts(paths):
        classes.update(_CLASS.findall(text))
        for name in set(_MADE.findall(text)):
            called.setdefault(name, []).append(path)
    return {_text(name): places for name, places in called.items() if name in classes and len(places) <= _MOST_MAKERS}


def methods(paths: Iterable[str]) -> dict[str, str]:
    """The plain methods of these files whose names nothing else in them has, with the files that they stand in."""
    found: dict[bytes, str] = {}
    others: set[bytes] = set()
    for path, text in _texts(paths):
        others.update(_ATTRIBUTE.findall(text), _FIELD.findall(text), (name for _, name in _ASYNC.findall(text)))
        for each in _PLAIN.finditer(text):
            name = each[1]
            if name in found or b"_" not in name.strip(b"_") or not text[each.start() + 1 : each.start() + 2].isspace():
                others.add(name)  # a word by itself is what others' methods may be called as well
            else:
                found[name] = path
    return {_text(name): path for name, path in found.items() if name not in others}


def _texts(paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The files that can be read, each begun by a line end."""
    for path in paths:
        try:
            with open(path, "rb") as file:
                yield path, b"\n" + file.read()
        except OSError:
            continue


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")


@functools.cache
def _end(width: int) -> re.Pattern[bytes]:
    """What ends a body whose `def` stands so far in."""
    return re.compile(rb"\n[ \t]{0,%d}[^ \t\n#)\]}]" % width)


def _is_generator(text: bytes, start: int, width: int) -> bool:
    end = _end(min(width, _DEEPEST)).search(text, start)
    return _YIELD.search(text, start, end.start() if end else len(text)) is not None


def _is_decorated(text: bytes, start: int) -> bool:
    before = text[text.rfind(b"\n", 0, start) + 1 : start].strip()
    return before.startswith(b"@") or before == b")"


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
