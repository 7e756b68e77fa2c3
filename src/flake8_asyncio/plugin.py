"""flake8 as it sees us: options in, findings out."""

from __future__ import annotations

import argparse
import ast
import contextlib
import functools
import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flake8_asyncio import __version__

if TYPE_CHECKING:
    from flake8.options.manager import OptionManager

    from flake8_asyncio.finding import Finding
    from flake8_asyncio.lint import Linter
    from flake8_asyncio.session import Session
    from flake8_asyncio.syntax.source import Source

_Row = tuple[int, int, str, type]
_Found = tuple[str, "Finding"]

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
    """The plugin for one file; the session is shared by all files of a process."""

    name = "flake8-asyncio"
    version = __version__
    _session: Session | None = None

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

        from flake8_asyncio.session import Session

        cls._session = Session(options)
        if multiprocessing.parent_process() is None:  # a worker that fails here would be started again for ever
            from flake8.exceptions import ExecutionError

            from flake8_asyncio.knowledge import KnowledgeError
            from flake8_asyncio.options import BadOption

            try:
                cls._session.check(args or ["."])
            except (BadOption, KnowledgeError) as error:
                raise ExecutionError(f"flake8-asyncio: {error}") from None

    @classmethod
    def session(cls) -> Session:
        """What this process keeps from file to file."""
        if cls._session is None:
            from flake8_asyncio.session import Session

            cls._session = Session()
        if gc.get_threshold()[0] < _THRESHOLDS[0]:
            gc.set_threshold(*_THRESHOLDS)
        return cls._session

    @functools.cached_property
    def source(self) -> Source:
        """The file as our rules see it."""
        from flake8_asyncio.lint import module_name
        from flake8_asyncio.syntax.source import Source

        name = "stdin.py" if self.filename in ("-", "stdin") else self.filename
        path = Path(name).absolute()
        return Source(path, module_name(path), "".join(self.lines), self.tree)

    @functools.cached_property
    def linter(self) -> Linter:
        """The linter of the project that the file belongs to."""
        return self.session().linter(self.source.path)

    def run(self) -> Iterator[_Row]:
        """Every finding in the file that is not accepted already, in flake8's form."""
        for code, finding in self._caught(self._unaccepted):
            yield finding.span.line, finding.span.column, f"{code} {finding.message}", type(self)

    def findings(self) -> list[_Found]:
        """Every finding in the file with its code, sorted; our own mistakes are findings, too."""
        return self._caught(self._findings)

    def function_at(self, line: int) -> str:
        """The qualified name of the function that a line stands in."""
        facts, _ = self.linter.project.add(self.source)
        around = [each for each in facts.functions.values() if each.span.line <= line <= each.span.end_line]
        return max(around, key=lambda each: each.span).name if around else ""

    def _caught(self, find: Callable[[], list[_Found]]) -> list[_Found]:
        try:
            with _uncollected():
                return find()
        except Exception as error:
            from flake8_asyncio.finding import Finding
            from flake8_asyncio.knowledge import KnowledgeError
            from flake8_asyncio.options import BadOption
            from flake8_asyncio.syntax.source import Span

            is_users = isinstance(error, BadOption | KnowledgeError)
            text = str(error) if is_users else f"internal error: {type(error).__name__}: {error}"
            return [("AIO000", Finding(Span(1, 0, 1, 0), text.replace("\n", " ")))]

    def _findings(self) -> list[_Found]:
        replay = self.linter.replay
        known = replay.of(self.source) if replay is not None else None
        if known is not None:
            return known
        found = self._linted()
        if replay is not None and all(code != "AIO000" for code, _ in found):
            replay.keep(self.source, found)
        return found

    def _linted(self) -> list[_Found]:
        from flake8_asyncio.lint import lint

        last = max(len(self.lines), 1)
        found: dict[tuple[int, int, str, str], Finding] = {}
        for rule, finding in lint(self.linter, self.source):
            if finding.span.line > last:  # an editor looks the line up
                finding = finding._replace(span=finding.span._replace(line=last, end_line=last))
            found.setdefault((finding.span.line, finding.span.column, rule.code, finding.message), finding)
        return [(code, finding) for (_, _, code, _), finding in sorted(found.items(), key=lambda each: each[0])]

    def _unaccepted(self) -> list[_Found]:
        found = self._findings()
        baseline = self.linter.baseline
        if baseline is None or not found:
            return found
        return baseline.new(self.source.path, found, lambda each: (each[0], *self.place(each[1].span.line)))

    def place(self, line: int) -> tuple[str, str]:
        """The function that a line stands in, and its text."""
        return self.function_at(line), self.source.lines[line - 1]
