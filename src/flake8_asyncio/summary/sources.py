"""Where a library's modules lie: a folder such as `site-packages`, looked into as names lead there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

_SUFFIXES = (".pyi", ".py")  # a stub says what its author wants to be known
_NOT_LIBRARY = frozenset(
    {"test", "tests", "testing", "conftest", "pytest_plugin", "_vendor", "vendor", "examples", "node_modules"}
)


class Sources:
    """The files of modules, by dotted names."""

    def __init__(self, *folders: Path) -> None:
        self.folders = folders

    def file(self, module: str) -> Path | None:
        """The file of a module; None if there is none."""
        first, *rest = module.split(".")
        for folder in self.folders:
            for top in (f"{first}-stubs", first):
                stem = folder.joinpath(top, *rest)
                for suffix in _SUFFIXES:
                    for file in (stem / f"__init__{suffix}", stem.with_name(f"{stem.name}{suffix}")):
                        if file.is_file():
                            return file
        return None

    def code(self, module: str) -> Path | None:
        """The file of a module that has code, no stub; None if there is none."""
        for folder in self.folders:
            stem = folder.joinpath(*module.split("."))
            for file in (stem / "__init__.py", stem.with_name(f"{stem.name}.py")):
                if file.is_file():
                    return file
        return None

    def parse(self, module: str) -> tuple[Path, ast.Module] | None:
        """The syntax of a module; None if there is none that this Python understands."""
        file = self.file(module)
        if file is None:
            return None
        try:
            return file, ast.parse(file.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def is_package(self, module: str) -> bool:
        """Whether the name leads to a folder, one without an `__init__` included."""
        file = self.file(module)
        if file is not None:
            return file.stem == "__init__"
        return any(folder.joinpath(*module.split(".")).is_dir() for folder in self.folders)

    def modules(self, package: str) -> Iterator[str]:
        """A package's modules, without its tests."""
        found = set()
        for folder in self.folders:
            first, *rest = package.split(".")
            for top in (folder.joinpath(f"{first}-stubs", *rest), folder.joinpath(first, *rest)):
                for file in self._files(top):
                    parts = file.relative_to(top).with_suffix("").parts
                    names = parts[:-1] if parts[-1] == "__init__" else parts
                    if all(name.isidentifier() and name not in _NOT_LIBRARY for name in names):
                        found.add(".".join((package, *names)))
            if any(folder.joinpath(first, *rest).with_suffix(suffix).is_file() for suffix in _SUFFIXES):
                found.add(package)
        yield from sorted(found)

    @staticmethod
    def _files(folder: Path) -> Iterator[Path]:
        for suffix in _SUFFIXES:
            yield from folder.rglob(f"*{suffix}")
