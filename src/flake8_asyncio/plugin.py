"""flake8 as it sees us: options in, findings out."""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flake8_asyncio import __version__

if TYPE_CHECKING:
    from flake8.options.manager import OptionManager

    from flake8_asyncio.lint import Linter

_Row = tuple[int, int, str, type]

# Facts stay for the whole run, and by default Python looks through all of them again after every few thousand new
# objects, most of which are flake8's tokens. With these thresholds it does so about a hundred times less often, which
# makes flake8 itself faster, too; garbage waits for a few megabytes longer.
_THRESHOLDS = (100_000, 30, 30)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Facts live as long as the run, and looking through them for garbage would take a third of our time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Plugin:
    """The plugin for one file; the project is shared by all files of a process."""

    name = "flake8-asyncio"
    version = __version__
    _namespace: argparse.Namespace | None = None
    _linter: Linter | None = None

    def __init__(self, tree: ast.Module, filename: str, lines: list[str]) -> None:
        self.tree = tree
        self.filename = filename
        self.lines = lines

    @classmethod
    def add_options(cls, option_manager: OptionManager) -> None:
        """Declare our options to flake8."""
        from flake8_asyncio.options import declare

        declare(option_manager)

    @classmethod
    def parse_options(cls, option_manager: OptionManager, options: argparse.Namespace, args: Any) -> None:
        """Take the options, and start anew: in a long-lived process, files may have changed since the last run."""
        import multiprocessing

        cls._namespace = options
        cls._linter = None
        if multiprocessing.parent_process() is None:  # a worker that fails here would be started again for ever
            cls._checked(options)

    @classmethod
    def _checked(cls, options: argparse.Namespace) -> None:
        from flake8.exceptions import ExecutionError

        from flake8_asyncio.knowledge import Knowledge, KnowledgeError
        from flake8_asyncio.options import BadOption, read

        try:
            Knowledge(read(options).knowledge)
        except (BadOption, KnowledgeError) as error:
            raise ExecutionError(f"flake8-asyncio: {error}") from None

    @classmethod
    def linter(cls) -> Linter:
        """The linter of this process, made when the first file comes."""
        if cls._linter is None:
            from flake8_asyncio.lint import open_project
            from flake8_asyncio.options import Options, read

            if gc.get_threshold()[0] < _THRESHOLDS[0]:
                gc.set_threshold(*_THRESHOLDS)
            cls._linter = open_project(read(cls._namespace) if cls._namespace is not None else Options())
        return cls._linter

    def run(self) -> Iterator[_Row]:
        """Every finding in the file, in flake8's form."""
        try:
            with _uncollected():
                rows = self._rows()
        except Exception as error:
            text = f"AIO000 internal error: {type(error).__name__}: {error}".replace("\n", " ")
            rows = [(1, 0, text, type(self))]
        yield from rows

    def _rows(self) -> list[_Row]:
        from flake8_asyncio.lint import lint, module_name
        from flake8_asyncio.syntax.source import Source

        name = "stdin.py" if self.filename in ("-", "stdin") else self.filename
        path = Path(name).absolute()
        source = Source(path, module_name(path), "".join(self.lines), self.tree)
        last = max(len(self.lines), 1)
        found = {
            (min(finding.span.line, last), finding.span.column, f"{rule.code} {finding.message}")
            for rule, finding in lint(self.linter(), source)
        }
        return [(line, column, text, type(self)) for line, column, text in sorted(found)]
