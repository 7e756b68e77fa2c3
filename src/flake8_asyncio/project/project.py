"""All the modules that can be seen from one place, each read when something first asks for it.

A `World` is what one search path shows: files with the same base share a world, and the findings of a file depend on
its world alone, so neither on which files are linted nor in which order.
"""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flake8_asyncio.facts.extract import extract
from flake8_asyncio.facts.model import Facts, Function, Ref
from flake8_asyncio.facts.store import Store
from flake8_asyncio.knowledge import Knowledge
from flake8_asyncio.project.asides import Aside
from flake8_asyncio.project.definitions import Definitions, Index
from flake8_asyncio.project.equations import Equations
from flake8_asyncio.project.modules import Folders, Modules, beside_script, named, outermost, search_path
from flake8_asyncio.project.names import Ancestry, Names
from flake8_asyncio.project.paths import last_step
from flake8_asyncio.project.targets import NOBODY, NONE, UNKNOWN_TARGETS, Target, Targets
from flake8_asyncio.project.values import Values
from flake8_asyncio.syntax.source import Source, Unreadable, parse

_ENOUGH = 6_000_000  # bytes of source whose facts are held at a time; they take many times as much memory
_LARGEST = 4_000_000  # bytes; beyond it a file is generated, and not worth its time


class Library:
    """The facts of files, shared by all worlds; `store` keeps them between runs, and `given` are texts to go by."""

    def __init__(self, store: Store | None, given: Mapping[str, bytes], index: Index | None = None) -> None:
        self.store = store
        self.index = index or Index(store)
        self.folders = Folders()
        self._given = given
        self._known: dict[tuple[str, str], tuple[bytes, Facts | None]] = {}
        self._names: dict[str, set[str]] = {}
        self._texts: dict[str, bytes] = {}
        self._size = 0

    @property
    def is_full(self) -> bool:
        """Whether it is time to start anew, as what is kept between runs is soon read again."""
        return self._size > _ENOUGH

    def add(self, source: Source) -> tuple[Facts, bool]:
        """Use this text for its file, whatever is on disk; True if the file was known with another text."""
        path = str(source.path)
        content = source.text.encode("utf-8", "surrogatepass")
        digest = hashlib.sha256(content).digest()
        known_digest, known = self._known.get((path, source.module), (b"", None))
        if known is not None and known_digest == digest:
            return known, False
        keys = [(path, name) for name in self._names.get(path, ())]
        outdated = [key for key in keys if self._known[key][0] != digest]
        for key in outdated:
            del self._known[key]
            self._names[path].remove(key[1])
        self._texts[path] = content
        self._names.setdefault(path, set()).add(source.module)
        facts = self._stored(source.module, source.is_package, content, lambda: source)
        self._known[path, source.module] = (digest, facts)
        return facts, bool(outdated)

    def forget(self, path: str) -> None:
        """Read a file anew when it is next asked for, whatever text was added for it."""
        self._texts.pop(path, None)
        for name in self._names.pop(path, ()):
            del self._known[path, name]

    def facts(self, path: str, module: str) -> Facts | None:
        """The facts of a file that is imported under this name; None if it cannot be read or understood."""
        key = (path, module)
        if key not in self._known:
            self._known[key] = self._read(Path(path), module)
            self._names.setdefault(path, set()).add(module)
        return self._known[key][1]

    def _read(self, path: Path, module: str) -> tuple[bytes, Facts | None]:
        content = self._texts.get(str(path), self._given.get(str(path)))
        if content is None and not path.is_file():  # to read a pipe would wait for who writes
            return b"?", None
        try:
            content = path.read_bytes() if content is None else content
        except OSError:
            return b"?", None
        digest = hashlib.sha256(content).digest()
        if len(content) > _LARGEST:
            return digest, None
        try:
            facts = self._stored(module, path.stem == "__init__", content, lambda: parse(path, module, content))
        except Unreadable:
            return digest, None
        return digest, facts

    def _stored(self, module: str, is_package: bool, content: bytes, source: Callable[[], Source]) -> Facts:
        self._size += len(content)
        if self.store is None:
            return extract(source())
        key = self.store.key(module, is_package, content)
        facts = self.store.load(key)
        if facts is None:
            facts = extract(source())
            self.store.save(key, facts)
        return facts


class World:
    """The modules along one search path, linked on demand."""

    def __init__(
        self, library: Library, path: tuple[str, ...], knowledge: Knowledge, packages: tuple[str, ...] = ()
    ) -> None:
        self.library = library
        self.knowledge = knowledge
        self.modules = Modules(path, library.folders, packages, knowledge.libraries if packages else frozenset())
        self.facts = functools.cache(self._facts)
        self.names: Equations[str, Target] = Equations(Names(self.facts), UNKNOWN_TARGETS)
        self.ancestry = Ancestry(self.names)
        self.values = Values(self.facts, self.names, self.ancestry, knowledge)
        self.members = self.values.members
        self._targets: Equations[Ref, Target] = Equations(self.values, UNKNOWN_TARGETS)
        self._meanings: dict[Ref, Targets] = {}
        self._certain: dict[Ref, Targets] = {}
        self._own: dict[str, Facts] = {}
        self.answers: dict[str, Any] = {}  # what others have worked out from this world

    def _facts(self, module: str) -> Facts | None:
        if module in self._own:
            return self._own[module]
        path = self.modules.find(module)
        return self.library.facts(path, module) if path is not None else None

    def close(self) -> None:
        """Let go of everything: its parts know each other, and to find out that nobody else does takes seconds."""
        self.facts.cache_clear()
        vars(self).clear()

    def include(self, facts: Facts) -> None:
        """Make a file known under its name even where no import would find it."""
        if self.facts(facts.module) is not facts:
            self._own[facts.module] = facts
            self.facts.cache_clear()

    @functools.cached_property
    def definitions(self) -> list[Definitions | None]:
        """The names that the files along the search path define; None for a folder of too many files."""
        return [self.library.index.of(*top) for top in self.tops]

    @functools.cached_property
    def makers(self) -> list[dict[str, list[str]] | None]:
        """In which files along the search path the classes that they define are called."""
        return [self.library.index.makers(*top) for top in self.tops]

    @functools.cached_property
    def methods(self) -> list[dict[str, list[str]] | None]:
        """The methods along the search path whose names only few others have, with their files."""
        return [self.library.index.methods(*top) for top in self.tops]

    @functools.cached_property
    def overrides(self) -> list[dict[str, list[str]] | None]:
        """Which files along the search path give bodies to plain methods that others of them have without."""
        return [self.library.index.overrides(*top) for top in self.tops]

    @functools.cached_property
    def homes(self) -> list[dict[str, list[str]]]:
        """In which folders along the search path coroutine functions of a name are defined, of names that few have."""
        return [self.library.index.homes(*top) or {} for top in self.tops]

    @functools.cached_property
    def classes(self) -> list[dict[str, str]]:
        """The files along the search path of the classes of whose names there is one only, by those names."""
        return [self.library.index.classes(*top) or {} for top in self.tops]

    @functools.cached_property
    def asides(self) -> list[Aside]:
        """Where the files along the search path have threads ask the file system."""
        return [each for top in self.tops for each in self.library.index.asides(*top) or ()]

    @functools.cached_property
    def tops(self) -> list[tuple[str, bool]]:
        """The folders of the search path that are in no other, and whether each is a project's root."""
        return outermost(self.modules.path, self.library.folders)

    def targets(self, ref: Ref) -> Targets:
        """Everything that a reference may mean but `None`; nothing if that is unknown."""
        known = self._meanings.get(ref)
        if known is None:
            for each in reversed(self._unknown(ref)):  # in this order each needs little more than the one before
                self._meanings[each] = known = self._targets[each] - {NONE}
        assert known is not None
        return known

    def _unknown(self, ref: Ref) -> list[Ref]:
        """A reference and those that it goes on from, as far as they have not been asked for."""
        found = [ref]
        owner, step = last_step(ref)
        while step and owner not in self._meanings:
            found.append(owner)
            owner, step = last_step(owner)
        return found

    def resolve(self, ref: Ref) -> Target | None:
        """The one thing that a reference means, if it is just one."""
        targets = self.targets(ref)
        if len(targets) != 1:
            return None
        (target,) = targets
        return None if target == NOBODY else target

    def certain(self, ref: Ref) -> Targets:
        """All that a reference may mean; nothing if any of it is unknown."""
        known = self._certain.get(ref)
        if known is None:
            targets = self.targets(ref)
            known = self._certain[ref] = frozenset() if NOBODY in targets else targets
        return known

    def everything(self, ref: Ref) -> Targets:
        """All that a reference may mean, `None` included; nothing if any of it is unknown."""
        targets = self._targets[ref]
        return frozenset() if NOBODY in targets else targets

    def function(self, path: str) -> Function | None:
        """The function of the project that has this path."""
        target = self.resolve(path)
        return target if isinstance(target, Function) else None

    def awaited(self, target: Target) -> Targets:
        """What awaiting a value gives."""
        return self.values.awaited(target, self.targets)


class Project:
    """What flake8 lints in one run: worlds by base, over one library of facts.

    `given` are the texts that files are to be taken for, by their paths, whatever is on disk.
    """

    def __init__(
        self,
        roots: Iterable[Path],
        knowledge: Knowledge,
        store: Store | None,
        given: Mapping[str, bytes] = MappingProxyType({}),
        packages: tuple[str, ...] = (),
    ) -> None:
        self.roots = tuple(roots)
        self.packages = packages
        self.knowledge = knowledge
        self.given = given
        self.library = Library(store, given)
        self._libraries = knowledge.libraries | sys.stdlib_module_names
        self._worlds: dict[tuple[str, ...], World] = {}
        self._last: Path | None = None

    def _start_anew(self) -> None:
        """Forget all facts: findings depend on files, and not on what was read before."""
        for world in self._worlds.values():
            world.close()
        self._worlds.clear()
        self.library = Library(self.library.store, self.given, self.library.index)

    def forget(self, path: Path) -> None:
        """Take a file for what it was before it was linted with another text."""
        self.library.forget(str(path))
        self._worlds.clear()

    def path_of(self, file: Path) -> tuple[str, ...]:
        """The folders in which what a file imports is looked for."""
        _, base = named(file, self.library.folders)
        return search_path(base, self.roots, self.library.folders)

    def add(self, source: Source) -> tuple[Facts, World]:
        """A file to lint, with the world that it sees."""
        if self.library.is_full and source.path != self._last:  # the same file needs the same facts again
            self._start_anew()
        self._last = source.path
        path = self.path_of(source.path)
        facts, has_changed = self.library.add(source)
        if has_changed:
            self._worlds.clear()
        path = (*path, *self._scripts(source.path, path, facts))
        world = self._worlds.get(path)
        if world is None:
            world = self._worlds[path] = World(self.library, path, self.knowledge, self.packages)
        world.include(facts)
        return facts, world

    def _scripts(self, file: Path, path: tuple[str, ...], facts: Facts) -> Iterator[str]:
        """The package in which a file looks first if it is run as a script, where it needs that for its imports."""
        folders = self.library.folders
        base = named(file, folders)[1]
        if base == file.parent:
            return
        names = [each for each in dict.fromkeys(facts.names.values()) if not each.startswith(f"{facts.module}.")]
        own = facts.module.partition(".")[0]
        if any(f"{each}.".startswith(f"{own}.") for each in names):
            return  # what imports its own package by name, or relatively, is no script
        foreign = [each for each in names if self._is_nowhere(each, path)]
        found = beside_script(file, base, foreign, folders) if foreign else None
        if found is not None:
            yield str(found)

    def _is_nowhere(self, name: Ref, path: tuple[str, ...]) -> bool:
        """Whether a dotted name begins with that of no library and of nothing in the folders."""
        top = name.partition(".")[0]
        if not top.isidentifier() or top in self._libraries:
            return False
        return not any(each in self.library.folders.names(folder) for folder in path for each in (top, f"{top}.py"))
