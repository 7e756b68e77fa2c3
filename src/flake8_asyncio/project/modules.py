"""Which file a dotted name stands for, and what a file's dotted name is.

A file's name counts the folders above it that are packages, with an `__init__` or as a part of one that has it; the
first folder that is none is the file's *base*. An import looks where Python would with the project's usual ways of
being run: in the base, in the folders above it as far as the project's root, in the root's `src`, in the roots that the
user names, in the packages of the user's environment if it is named, and at last in other projects of the repository.
A file may also be a script in a folder that has an `__init__` nevertheless: then it imports what stands beside it.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

_ROOT_MARKS = frozenset(
    {
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        ".git",
        ".hg",
        ".github",
        "tox.ini",
        ".flake8",
        "uv.lock",
        "poetry.lock",
    }
)
_TESTS = frozenset({"test", "tests"})
_SOURCES = (".py", ".pyi")
_GROUPS = frozenset({"libs", "packages", "projects"})  # folders of projects
_MANY = 100  # projects in one folder
_HIGHEST = 3  # folders above a project that may be the repository's
_APART = frozenset("src lib scripts script bin tools test tests testing examples example docs benchmarks".split())


class Folders:
    """What folders contain, read once."""

    def __init__(self) -> None:
        self._names: dict[str, frozenset[str]] = {}

    def names(self, folder: str) -> frozenset[str]:
        """The names in a folder; none if it cannot be read."""
        known = self._names.get(folder)
        if known is None:
            try:
                known = frozenset(os.listdir(folder))
            except OSError:
                known = frozenset()
            self._names[folder] = known
        return known

    def is_package(self, folder: str) -> bool:
        """Whether a folder is a package with an `__init__`."""
        names = self.names(folder)
        return "__init__.py" in names or "__init__.pyi" in names


def named(path: Path, folders: Folders) -> tuple[str, Path]:
    """A file's dotted name, and the folder from which it counts."""
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while folder.parent != folder and folder.name.isidentifier() and _is_inside_package(folder, folders):
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts) or path.stem, folder


def _is_inside_package(folder: Path, folders: Folders) -> bool:
    """Whether a folder is a package, or lies in one without an `__init__` of its own and is not run apart from it."""
    if folders.is_package(str(folder)):
        return True
    parent = folder.parent
    if folder.name in _APART or parent == folder or not parent.name.isidentifier():
        return False
    if is_marked(str(folder), folders) or is_marked(str(parent), folders):
        return False
    return _is_inside_package(parent, folders)


def is_marked(folder: str, folders: Folders) -> bool:
    """Whether a folder looks like the root of a project."""
    names = folders.names(folder)
    return not names.isdisjoint(_ROOT_MARKS) or ("src" in names and not names.isdisjoint(_TESTS))


def root_of(folder: Path, folders: Folders) -> Path:
    """The project's root: the nearest folder upward with a sign of one, or the folder itself."""
    for each in (folder, *folder.parents):
        if is_marked(str(each), folders):
            return each
    return folder


def search_path(base: Path, extra: tuple[Path, ...], folders: Folders) -> tuple[str, ...]:
    """The folders in which an import by a file with this base is looked for, in order."""
    root = root_of(base, folders)
    found = [base]
    for parent in base.parents:
        if not parent.is_relative_to(root):
            break
        found.append(parent)
    if "src" in folders.names(str(root)):
        found.append(root / "src")
    return tuple(dict.fromkeys(str(each) for each in (*extra, *found)))


def beside_script(file: Path, base: Path, imported: Collection[str], folders: Folders) -> Path | None:
    """The package above a file in which stands what it imports by names from nowhere else, as scripts do; the nearest.

    `imported` are dotted names whose first part is nothing that the file's base shows.
    """
    for folder in file.parents:
        if folder == base or base not in folder.parents:
            return None
        if any(_stands_in(folder, each, file, folders) for each in imported):
            return folder
    return None


def _stands_in(folder: Path, name: str, file: Path, folders: Folders) -> bool:
    """Whether a folder has the module or the package of a dotted name."""
    top, *rest = name.split(".")
    names = folders.names(str(folder))
    if f"{top}.py" in names:
        return folder / f"{top}.py" != file
    package = str(folder / top)
    is_there = top in names and folder / top not in file.parents
    inside = {f"{each}.py" for each in rest[:1]} | {*rest[:1]}
    return is_there and (folders.is_package(package) or not inside.isdisjoint(folders.names(package)))


def outermost(path: tuple[str, ...], folders: Folders) -> list[tuple[str, bool]]:
    """The folders of a search path that are in no other, and whether each is a project's root."""
    tops = [each for each in path if not any(Path(each).is_relative_to(other) for other in path if other != each)]
    return [(each, is_marked(each, folders)) for each in tops]


class Modules:
    """The modules that can be imported along one search path; `found` are the files of those that were asked for.

    Behind it are the folders of `packages`, without those whose names are in `known`: more is known about them.
    """

    def __init__(
        self,
        path: tuple[str, ...],
        folders: Folders,
        packages: tuple[str, ...] = (),
        known: frozenset[str] = frozenset(),
    ) -> None:
        self.path = path
        self.folders = folders
        self.packages = packages
        self.known = known
        self.found: set[str] = set()
        self.has_strayed = False  # whether anything was looked for in folders that are not on the path
        self.find = functools.cache(self._find)
        self._roots = functools.cache(self._find_roots)
        self._beside = functools.cache(self._find_beside)
        self._others: tuple[str, ...] | None = None

    def is_single(self, module: str) -> bool:
        """Whether a name is that of one file and no package, or of nothing."""
        return "." not in module and "__init__." not in (self.find(module) or "")

    def _find(self, module: str) -> str | None:
        """The file of a module, if it is one of the project's, or of another that lies beside it."""
        top = module.partition(".")[0]
        file = self._look(module, self._roots(top))
        if file is None and (file := self._look(module, self._beside(top))) is not None:
            self.has_strayed = True
        return file

    def _look(self, module: str, roots: tuple[str, ...]) -> str | None:
        for root in roots:
            folder = root
            *packages, last = module.split(".")
            for name in packages:
                if name not in self.folders.names(folder):
                    break
                folder = f"{folder}{os.sep}{name}"
            else:
                names = self.folders.names(folder)
                if last in names and self.folders.is_package(f"{folder}{os.sep}{last}"):
                    inside = self.folders.names(f"{folder}{os.sep}{last}")
                    suffix = next(each for each in _SOURCES if f"__init__{each}" in inside)
                    return self._note(f"{folder}{os.sep}{last}{os.sep}__init__{suffix}")
                for suffix in _SOURCES:
                    if last + suffix in names:
                        return self._note(f"{folder}{os.sep}{last}{suffix}")
        return None

    def _note(self, file: str) -> str:
        self.found.add(file)
        return file

    def _find_roots(self, name: str) -> tuple[str, ...]:
        """The folders in which a top-level name can be found.

        Where none has it, a folder above that bears the name itself may be meant: its project has no mark of a root.
        """
        if name in sys.stdlib_module_names or not name:
            return ()
        files = {name, f"{name}.py", f"{name}.pyi"}
        if any(files & self.folders.names(root) for root in self.path):
            return self.path
        if name not in self.known and any(files & self.folders.names(root) for root in self.packages):
            self.has_strayed = True
            return self.packages
        above = (parent for root in self.path for parent in (Path(root), *Path(root).parents))
        found = tuple(dict.fromkeys(str(each.parent) for each in above if each.name == name))[:1]
        self.has_strayed = self.has_strayed or bool(found)
        return found

    def _find_beside(self, name: str) -> tuple[str, ...]:
        """The folders of other projects of the same repository in which a top-level name can be found."""
        if name in sys.stdlib_module_names or name in self.known or not name:
            return ()
        if self._others is None:
            self._others = tuple(dict.fromkeys(_members(self.path, self.folders)))
        files = {name, f"{name}.py"}
        return tuple(each for each in self._others if each not in self.path and files & self.folders.names(each))


def _members(path: tuple[str, ...], folders: Folders) -> Iterator[str]:
    """Where the packages of a repository's projects begin: in `packages` of one above, or beside the project itself."""
    for each in path:
        for name in sorted(_GROUPS & folders.names(each)):
            yield from _sources(f"{each}{os.sep}{name}", folders)
        above = [str(parent) for parent in Path(each).parents]
        if is_marked(each, folders) and any(is_marked(parent, folders) for parent in above[:_HIGHEST]):
            yield from _sources(above[0], folders, are_marked=True)


def _sources(group: str, folders: Folders, *, are_marked: bool = False) -> Iterator[str]:
    names = sorted(folders.names(group))
    for name in names if len(names) <= _MANY else ():
        folder = f"{group}{os.sep}{name}"
        if not are_marked or is_marked(folder, folders):
            yield f"{folder}{os.sep}src" if "src" in folders.names(folder) else folder
