"""flake8's machinery with our rules alone: its configuration, discovery, exclusion, jobs, selection and `noqa`.

Files go to our rules and to no other check, so that their cost is left out; and what is found keeps what flake8's own
results drop: its range, the places that it mentions, and its fix.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import errno
import functools
import io
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flake8.discover_files import expand_paths
from flake8.exceptions import Flake8Exception
from flake8.formatting.base import BaseFormatter
from flake8.options.parse_args import parse_args
from flake8.processor import FileProcessor
from flake8.style_guide import StyleGuideManager
from flake8.violation import Violation

from flake8_asyncio.command.processes import Item, Result, spread
from flake8_asyncio.finding import Finding, Fix, Place
from flake8_asyncio.fix.edits import Edit, NotFixed
from flake8_asyncio.knowledge import KnowledgeError
from flake8_asyncio.options import BadOption
from flake8_asyncio.plugin import Plugin
from flake8_asyncio.rules import Rule, all_rules
from flake8_asyncio.syntax.source import Source, Span, decode

STDIN = "-"
INTERNAL = "AIO000"


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding as users see it: `path` is how flake8 names its file, `function` is where it stands.

    `lines` is the source of its range, in whole lines, and `texts` that of each place that it mentions. `edits` is how
    it can be mended, if that was asked for; none if it cannot.
    """

    path: str
    code: str
    finding: Finding
    function: str = ""
    lines: tuple[str, ...] = ()
    texts: tuple[tuple[str, ...], ...] = ()
    edits: tuple[Edit, ...] = ()

    @classmethod
    def of_mistake(cls, path: str, text: str) -> Reported:
        """What is wrong with the settings, where a file is all that is shown."""
        return cls(path, INTERNAL, Finding(Span(1, 0, 1, 0), text))

    @property
    def line(self) -> int:
        """The line, counted from 1."""
        return self.finding.span.line

    @property
    def column(self) -> int:
        """The column as people count it, from 1."""
        return self.finding.span.column + 1

    @property
    def rule(self) -> Rule | None:
        """The rule that found it; None for a file that cannot be read and for mistakes of our own."""
        return rules_by_code().get(self.code)


Judgement = tuple[Reported, bool]  # with whether flake8 would show it
Show = Callable[[str, int, int], None]  # what is being done, for how many files, of how many


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A finding before selection and `noqa`, with the text in which flake8 looks for a `noqa`."""

    reported: Reported
    physical_line: str | None
    is_certain: bool = False  # nothing selects or silences it


class Run:
    """One run with flake8's settings; raises `BadOption` for what the user should change."""

    def __init__(
        self, arguments: Sequence[str], options: argparse.Namespace | None = None, *, edits: bool = False
    ) -> None:
        self.arguments = tuple(arguments)
        self.edits = edits
        self.options = options or _options(self.arguments)
        self.given: Mapping[str, bytes] = {}
        try:
            self._guide = StyleGuideManager(self.options, _Silent(self.options))
        except Flake8Exception as error:
            raise BadOption(str(error).partition("\n")[0]) from None

    def __reduce__(self) -> tuple[object, ...]:
        """What another process needs, if it does not inherit all."""
        return _reopened, (self.arguments, self.edits, self.given)

    @property
    def files(self) -> tuple[str, ...]:
        """The files to check, in order, each once; `-` is the standard input."""
        missing = [path for path in self.options.filenames if path != STDIN and not os.path.exists(path)]
        if missing:
            raise BadOption(f"there is no file or folder {missing[0] or repr('')}")
        chosen = tuple(sorted(dict.fromkeys(self._expanded(self.options.filenames))))
        try:
            Plugin.session().check(path for path in chosen if path != STDIN)
        except KnowledgeError as error:
            raise BadOption(str(error)) from None
        return chosen

    @property
    def baseline(self) -> Path | None:
        """The file of accepted findings that is set where the command is called."""
        return self.baseline_of(Path.cwd())

    def baseline_of(self, folder: Path) -> Path | None:
        """The file of accepted findings that is set for a folder."""
        return Plugin.session().options(folder).baseline

    def check(self, path: str, lines: list[str] | None = None) -> tuple[Reported, ...]:
        """What flake8 would show of our findings in a file, or in these lines in its place."""
        if not self._expanded([path]):
            return ()
        judged = self._judged(_candidates(self.options, self.edits, path, lines))
        return tuple(each for each, is_shown in judged if is_shown)

    def judged(self, path: str, lines: list[str] | None = None) -> list[Judgement]:
        """All our findings in a file, or in these lines in its place."""
        return self._judged(_candidates(self.options, False, path, lines))

    def give(self, texts: Mapping[str, bytes]) -> None:
        """Take files, by their absolute paths, for these texts when others need them, whatever is on disk."""
        self.given = texts
        Plugin.session().give(texts)

    def forget(self, path: str) -> None:
        """Take a file for what it is on disk, or was given to be, after other texts of it were linted."""
        absolute = Path(path).absolute()
        Plugin.session().linter(absolute).project.forget(absolute)

    def check_all(self, files: Sequence[str], show: Show) -> Iterator[Reported]:
        """The findings in many files, sorted; `show` hears how many are through."""
        for _, judged in sorted(self.judge_all(files, show), key=lambda each: each[0]):
            yield from (each for each, is_shown in judged if is_shown)

    def judge_all(self, files: Sequence[str], show: Show) -> Iterator[tuple[str, list[Judgement]]]:
        """Each file with all our findings in it, as the files get done."""
        for path, candidates in self.spread(_checked, files, "looking", show):
            yield path, self._judged(candidates)

    def spread(
        self, work: Callable[[Run, Item], Result], items: Sequence[Item], doing: str, show: Show
    ) -> Iterator[Result]:
        """What `work` makes of each item, in as many processes as are wanted."""
        if STDIN in self.options.filenames:
            jobs = 1
        else:
            jobs = (os.cpu_count() or 1) if self.options.jobs.is_auto else int(self.options.jobs.n_jobs)
        with contextlib.closing(spread(self, jobs, work, items)) as results:
            for done, result in enumerate(results, start=1):
                show(doing, done, len(items))
                yield result

    def _expanded(self, paths: Sequence[str]) -> tuple[str, ...]:
        found = expand_paths(
            paths=paths,
            stdin_display_name=self.options.stdin_display_name,
            filename_patterns=self.options.filename,
            exclude=(*self.options.exclude, *self.options.extend_exclude),
        )
        return tuple(found)

    def _judged(self, candidates: list[_Candidate]) -> list[Judgement]:
        return [(each.reported, self._is_shown(each)) for each in candidates]

    def _is_shown(self, candidate: _Candidate) -> bool:
        each = candidate.reported
        return candidate.is_certain or bool(
            self._guide.handle_error(
                each.code, each.path, each.line, each.column - 1, each.finding.message, candidate.physical_line
            )
        )


def _reopened(arguments: Sequence[str], edits: bool, given: Mapping[str, bytes]) -> Run:
    run = Run(arguments, edits=edits)
    run.give(given)
    return run


def _checked(run: Run, path: str) -> tuple[str, list[_Candidate]]:
    return path, _candidates(run.options, run.edits, path)


class _Silent(BaseFormatter):
    """flake8's style guide tells a formatter what it shows; this one has nothing to say."""

    def after_init(self) -> None:
        """Leave the output alone."""

    def start(self) -> None:
        """Open no file."""

    def handle(self, error: Violation) -> None:
        """Say nothing."""

    def format(self, error: Violation) -> str | None:
        """Say nothing."""
        return None


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    """flake8's options and ours, from its configuration and these arguments; ours are selected whatever it says."""
    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint):
            _, options = parse_args(arguments)
    except SystemExit:
        last = complaint.getvalue().strip().rpartition("\n")[2]
        raise BadOption(last.partition("error: ")[2] or last) from None
    except (Flake8Exception, ValueError) as error:
        raise BadOption(str(error).removeprefix("flake8-asyncio: ")) from None
    chosen = [*(options.select or []), *(options.extend_select or [])]
    if options.select is not None and not any(each.startswith("AIO"[: len(each)]) for each in chosen):
        options.extend_select = [*(options.extend_select or []), "AIO"]
    return options


def _candidates(
    options: argparse.Namespace, edits: bool, path: str, lines: list[str] | None = None
) -> list[_Candidate]:
    try:
        if lines is None and _never_ends(path):
            raise OSError(errno.EINVAL, "it is a pipe")
        processor = FileProcessor(path, options, lines)
    except OSError as error:
        return [_unreadable(path, "E902", Span(1, 0, 1, 0), error)]
    if processor.should_ignore_file():
        return []
    try:
        tree = ast.parse("".join(processor.lines))  # as flake8 does
    except SyntaxError as error:
        line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
        return [_unreadable(processor.filename, "E999", Span(line, column, line, column), error)]
    except (ValueError, RecursionError, MemoryError) as error:
        return [_unreadable(processor.filename, "E999", Span(1, 0, 1, 0), error)]
    plugin = Plugin(tree, processor.filename, processor.lines)
    found = []
    for code, finding in plugin.findings():
        function = "" if code == INTERNAL else plugin.function_at(finding.span.line)
        reported = Reported(
            processor.filename,
            code,
            finding,
            function,
            _within(plugin.source.lines, finding.span),
            tuple(_text(plugin.source, each) for each in finding.places),
            _edits(plugin.source, finding.fix) if edits and finding.fix is not None else (),
        )
        found.append(_Candidate(reported, processor.noqa_line_for(finding.span.line)))
    return found


def _never_ends(path: str) -> bool:
    """Whether reading would wait for a writer who may never come; what a shell makes of `<(…)` has one."""
    return path != STDIN and stat.S_ISFIFO(os.stat(path).st_mode) and not os.path.abspath(path).startswith("/dev/")


def _edits(source: Source, fix: Fix) -> tuple[Edit, ...]:
    from flake8_asyncio.fix.names import header
    from flake8_asyncio.fix.verbs import plan

    try:
        planned = plan(source, fix)
    except NotFixed:
        return ()
    return tuple(_at_word(source, each) for each in (*planned.edits, *header(source, set(planned.needed))))


def _at_word(source: Source, edit: Edit) -> Edit:
    """The edit, or where it only inserts, the same insertion between words: `await ` and not `a` + `wait a`."""
    span, text = edit.span, edit.text
    if (span.line, span.column) != (span.end_line, span.end_column) or not text or "\n" in text:
        return edit
    line = source.lines[span.line - 1]
    for column in range(span.column, -1, -1):
        is_inside = (line[column - 1 : column] + text[0]).isidentifier()
        if not is_inside:
            return Edit(Span(span.line, column, span.line, column), text)
        if line[column - 1] != text[-1]:
            break
        text = text[-1] + text[:-1]
    return edit


def _text(source: Source, place: Place) -> tuple[str, ...]:
    """The source of a place, which may be in another file."""
    own = place.path == str(source.path)
    return _within(source.lines if own else lines_of(place.path), place.span)


def lines_of(path: str) -> tuple[str, ...]:
    """The lines of a file; none if it cannot be read."""
    try:
        return _lines_then(path, os.stat(path).st_mtime_ns)
    except OSError:
        return ()


def _within(lines: Sequence[str], span: Span) -> tuple[str, ...]:
    return tuple(lines[span.line - 1 : span.end_line])


@functools.lru_cache(maxsize=64)
def _lines_then(path: str, changed: int) -> tuple[str, ...]:
    try:
        return tuple(decode(Path(path).read_bytes()).split("\n"))
    except (OSError, SyntaxError, ValueError, LookupError):
        return ()


def _unreadable(path: str, code: str, span: Span, error: Exception) -> _Candidate:
    reason = error.msg if isinstance(error, SyntaxError) else str(error)
    finding = Finding(span, f"{type(error).__name__}: {reason}".replace("\n", " "))
    return _Candidate(Reported(path, code, finding), None, is_certain=True)


@functools.cache
def rules_by_code() -> dict[str, Rule]:
    """Every rule by its code."""
    return {each.code: each for each in all_rules()}


def shown(path: str | Path) -> str:
    """A path as flake8 would name it from here: relative where it is below."""
    absolute = Path(os.path.abspath(path))
    return str(absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else absolute)
