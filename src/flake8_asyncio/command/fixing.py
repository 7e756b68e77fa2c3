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

_ROUNDS = 10  # of looking at all files again: fixes rarely reach beyond their own


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
    def is_worth_telling(self) -> bool:
        """Whether there is anything to write or to print."""
        return self.is_changed or bool(self.left or self.words)

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
        """Fix files, each as if the others stayed as they are, and then beside the others until nothing changes.

        So what comes out does not depend on the number of processes. No file is written.
        """
        judged = dict(self.run.judge_all(files, show))
        results = {path: self._untouched(path, each) for path, each in judged.items()}
        tasks = [(self.unsafe, path, each) for path, each in judged.items() if self._is_fixable(each)]
        results |= {each.path: each for each in self.run.spread(_fixed, tasks, "fixing", show)}
        for _ in range(_ROUNDS):
            if len(results) < 2 or not self._refit(results, show):
                break
        self.run.give({})
        return [fixed for _, fixed in sorted(results.items()) if fixed.is_worth_telling]

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
            return self._untouched(path, judged)
        try:
            content = Path(path).read_bytes()
            return self.content(path, content, judged if _is_of(judged, decode(content)) else None)
        except (OSError, Unreadable, NotFixed) as reason:
            return self._failed(path, judged, reason)
        finally:
            self.run.forget(path)

    def write(self, fixed: Fixed) -> Fixed:
        """Give a file its new bytes; if that cannot be done, all that was found in it is still there."""
        from flake8_asyncio.fix.disk import replace

        try:
            if fixed.is_changed:
                replace(Path(fixed.path), fixed.old, fixed.new)
        except NotFixed as reason:
            return self._failed(fixed.path, self.run.judged(fixed.path), reason)
        return fixed

    def _refit(self, results: dict[str, Fixed], show: Show) -> bool:
        """Look at every file beside the changed ones, and fix those anew where something else is found than expected.

        Tells whether there was one.
        """
        texts = {_absolute(each.path): each.new for each in results.values() if each.is_changed}
        if not texts:
            return False
        self.run.give(texts)
        looks = [(path, each.lines if each.is_changed else None) for path, each in results.items()]
        seen = dict(self.run.spread(_looked, looks, "looking again", show))
        misfits = sorted(path for path, judged in seen.items() if _places(judged) != results[path].found)
        for path in misfits:
            if texts.pop(_absolute(path), None) is None and not self._is_fixable(seen[path]):
                results[path] = self._untouched(path, seen[path])
                continue
            self.run.give(texts)
            results[path] = self.file(path)
            if results[path].is_changed:
                texts[_absolute(path)] = results[path].new
        return bool(misfits)

    def _untouched(self, path: str, judged: Sequence[Judgement]) -> Fixed:
        return Fixed(path, self._shown(judged), found=_places(judged))

    def _failed(self, path: str, judged: Sequence[Judgement], reason: Exception) -> Fixed:
        words = [f"{path}: not fixed: {reason}"]
        return Fixed(path, self._shown(judged), words=words, is_error=True, found=_places(judged))

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


def _looked(run: Run, task: tuple[str, list[str] | None]) -> tuple[str, list[Judgement]]:
    path, lines = task
    return path, run.judged(path, lines)


def _places(judged: Iterable[Judgement]) -> frozenset[tuple[str, Span]]:
    return frozenset((each.code, each.finding.span) for each, _ in judged)


def _absolute(path: str) -> str:
    return str(Path(path).absolute())


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
