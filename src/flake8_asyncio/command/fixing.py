"""Fixing files as flake8 sees them: what it would show is fixed, and what it would not show is left alone."""

from __future__ import annotations

import difflib
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from flake8_asyncio.baseline import Baseline
from flake8_asyncio.command.check import without_accepted
from flake8_asyncio.command.machinery import Judgement, Reported, Run, Show
from flake8_asyncio.fix.edits import NotFixed
from flake8_asyncio.syntax.source import Source, Span, Unreadable, decode

if TYPE_CHECKING:
    from flake8_asyncio.fix.rewriting import Judged


@dataclass(slots=True)
class Fixed:
    """What became of a file: its old and new bytes, the findings that are left, and why some were not fixed.

    `found` are all the findings in the new bytes, by code and place, whether flake8 would show them or not.
    """

    path: str
    left: list[Reported]
    old: bytes = b""
    new: bytes = b""
    number: int = 0
    words: list[str] = field(default_factory=list)
    is_error: bool = False
    found: frozenset[tuple[str, Span]] = frozenset()

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return self.new != self.old

    @property
    def lines(self) -> list[str]:
        """The lines of a file that has changed."""
        return _split(decode(self.new))

    def diff(self) -> bytes:
        """The change in the form that `patch` and `git apply` take, in the file's own encoding and line ends."""
        name = os.fsencode(self.path.removeprefix("./"))
        old, new = (_lines(content) for content in (self.old, self.new))
        lines = difflib.diff_bytes(difflib.unified_diff, old, new, b"a/" + name, b"b/" + name)
        return b"".join(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines)


class Fixing:
    """How files are fixed in one run."""

    def __init__(self, run: Run, *, unsafe: bool) -> None:
        self.run = run
        self.unsafe = unsafe
        self.baseline = Baseline.read(run.baseline) if run.baseline is not None else None

    def all(self, files: Sequence[str], show: Show) -> list[Fixed]:
        """Fix files, each as if the others stayed as they are, and once more those that then do not go together.

        So what comes out does not depend on the number of processes. No file is written.
        """
        judged = dict(self.run.judge_all(files, show))
        tasks = [(self.unsafe, path, each) for path, each in judged.items() if self._is_fixable(each)]
        results = {each.path: each for each in self.run.spread(_fixed, tasks, "fixing", show)}
        self._make_fit(results, show)
        untouched = {path: Fixed(path, self._shown(each)) for path, each in judged.items() if each}
        return [fixed for _, fixed in sorted((untouched | results).items())]

    def content(self, path: str, content: bytes, judged: Sequence[Judgement] | None = None) -> Fixed:
        """Fix what flake8 would show in these bytes of a file; raises `Unreadable` for what is no Python.

        `judged` is what is found in them, if that is known.
        """
        from flake8_asyncio.fix.rewriting import rewrite

        found = self._accepting(judged) if judged is not None else None
        result = rewrite(Path(path), content, lambda source: self._lint(path, source), unsafe=self.unsafe, found=found)
        words = [f"{path}:{each.finding.span.line}: {each.code} not fixed: {why}" for each, why in result.dropped]
        left = [Reported(path, each.code, each.finding) for each in result.left]
        every = frozenset((each.code, each.finding.span) for each in result.found)
        return Fixed(path, left, content, result.content, len(result.fixed), words, found=every)

    def file(self, path: str, judged: Sequence[Judgement] | None = None) -> Fixed:
        """Fix what is found in a file; `judged` is that, if it is known. The file is not written."""
        if judged is None:
            judged = self.run.judged(path)
        if not self._is_fixable(judged):
            return Fixed(path, self._shown(judged))
        try:
            content = Path(path).read_bytes()
            return self.content(path, content, judged if _is_of(judged, decode(content)) else None)
        except (OSError, Unreadable, NotFixed) as reason:
            return _failed(path, self._shown(judged), reason)
        finally:
            self.run.forget(path)

    def write(self, fixed: Fixed) -> Fixed:
        """Give a file its new bytes; if that cannot be done, all that was found in it is still there."""
        from flake8_asyncio.fix.disk import replace

        try:
            if fixed.is_changed:
                replace(Path(fixed.path), fixed.old, fixed.new)
        except NotFixed as reason:
            return _failed(fixed.path, self._shown(self.run.judged(fixed.path)), reason)
        return fixed

    def _make_fit(self, results: dict[str, Fixed], show: Show) -> None:
        """Look at each changed file beside the others, and fix it anew beside them if it is not as expected."""
        changed = [each for each in results.values() if each.is_changed]
        if len(changed) < 2:
            return
        texts = {str(Path(each.path).absolute()): each.new for each in changed}
        self.run.give(texts)
        looks = self.run.spread(_found, [(each.path, each.lines) for each in changed], "looking again", show)
        misfits = [path for path, found in looks if found != results[path].found]
        for path in sorted(misfits):
            absolute = str(Path(path).absolute())
            del texts[absolute]
            self.run.give(texts)
            results[path] = self.file(path)
            texts[absolute] = results[path].new
        self.run.give({})

    def _is_fixable(self, judged: Sequence[Judgement]) -> bool:
        """Whether there is a finding with a fix that may be made."""
        fixes = (each.finding.fix for each in self._shown(judged))
        return any(fix is not None and (fix.is_safe or self.unsafe) for fix in fixes)

    def _shown(self, judged: Iterable[Judgement]) -> list[Reported]:
        """What flake8 would show and the project has not accepted."""
        shown = [each for each, is_shown in judged if is_shown]
        return list(without_accepted(self.baseline, shown)) if self.baseline is not None else shown

    def _accepting(self, judged: Sequence[Judgement]) -> list[Judged]:
        from flake8_asyncio.fix.rewriting import Judged

        shown = {id(each) for each in self._shown(judged)}
        return [Judged(each.code, each.finding, id(each) in shown) for each, _ in judged]

    def _lint(self, path: str, source: Source) -> list[Judged]:
        return self._accepting(self.run.judged(path, _split(source.text)))


def _fixed(run: Run, task: tuple[bool, str, list[Judgement]]) -> Fixed:
    unsafe, path, judged = task
    return Fixing(run, unsafe=unsafe).file(path, judged)


def _found(run: Run, task: tuple[str, list[str]]) -> tuple[str, frozenset[tuple[str, Span]]]:
    path, lines = task
    return path, frozenset((each.code, each.finding.span) for each, _ in run.judged(path, lines))


def _failed(path: str, left: list[Reported], reason: Exception) -> Fixed:
    return Fixed(path, left, words=[f"{path}: not fixed: {reason}"], is_error=True)


def _is_of(judged: Sequence[Judgement], text: str) -> bool:
    """Whether these findings are of this text, as far as the lines go that they stand in."""
    lines = tuple(text.split("\n"))
    spans = ((each.finding.span, each.lines) for each, _ in judged)
    return all(lines[span.line - 1 : span.end_line] == within for span, within in spans)


def _split(text: str) -> list[str]:
    return list(io.StringIO(text))


def _lines(content: bytes) -> list[bytes]:
    """Lines as `patch` counts them: only `\\n` ends one."""
    *lines, last = content.split(b"\n")
    return [*(line + b"\n" for line in lines), *([last] if last else [])]
