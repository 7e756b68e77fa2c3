"""What a process keeps from file to file: the options that it was given, and a linter for each project."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from flake8_asyncio.baseline import Baseline
from flake8_asyncio.knowledge import Knowledge
from flake8_asyncio.options import BadOption, Options, Table, read
from flake8_asyncio.project.environment import packages_in
from flake8_asyncio.pyproject import Tables

if TYPE_CHECKING:
    from flake8_asyncio.lint import Linter


class Session:
    """The linters of one run, each made when the first file of its project comes."""

    def __init__(self, namespace: argparse.Namespace | None = None) -> None:
        self._namespace = namespace
        self._tables = Tables()
        self._checked: set[Path | None] = set()
        self._linters: dict[Path | None, Linter] = {}
        self._given: Mapping[str, bytes] = {}

    def give(self, texts: Mapping[str, bytes]) -> None:
        """Take files, by their absolute paths, for these texts, whatever is on disk."""
        self._given = dict(texts)
        self._linters.clear()

    def check(self, paths: Iterable[str]) -> None:
        """Raise `BadOption` or `KnowledgeError` if what is set for these files or folders makes no sense."""
        for path in paths:
            absolute = Path(path).absolute()
            table = self._table(absolute if os.path.isdir(absolute) else absolute.parent)
            if table.file not in self._checked:
                self._checked.add(table.file)
                options = self._options(table)
                _check(options)
                Knowledge(options.knowledge, options.own)
                if options.baseline is not None:
                    Baseline.read(options.baseline)

    def options(self, folder: Path) -> Options:
        """The settings that hold in a folder."""
        return self._options(self._table(folder))

    def linter(self, path: Path) -> Linter:
        """The linter of the project that a file belongs to."""
        table = self._table(path.parent)
        known = self._linters.get(table.file)
        if known is None:
            from flake8_asyncio.lint import open_project

            known = self._linters[table.file] = open_project(self._options(table), self._given)
        return known

    def _table(self, folder: Path) -> Table:
        if self._namespace is None or self._namespace.aio_no_pyproject:
            return Table()
        return self._tables.of(folder)

    def _options(self, table: Table) -> Options:
        return read(self._namespace, table) if self._namespace is not None else Options()


def _check(options: Options) -> None:
    """Raise `BadOption` for folders that are not there, and codes of no rule."""
    for folder in options.roots:
        if not folder.is_dir():
            raise BadOption(f"aio-roots: there is no folder {folder}")
    if options.environment is not None and not packages_in(options.environment):
        raise BadOption(f"aio-python: {options.environment} is no environment with packages, nor its interpreter")
    if options.enable:
        from flake8_asyncio.rules import all_rules

        for code in options.enable:
            if code != "ALL" and not any(rule.code.startswith(code) for rule in all_rules()):
                raise BadOption(f"aio-enable: no rule has the code {code}")
