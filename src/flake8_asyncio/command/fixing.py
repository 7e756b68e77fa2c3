"""Fixing files as flake8 sees them: what it would show is fixed, and what it would not show is left alone."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from flake8_asyncio.baseline import Baseline
from flake8_asyncio.command.check import without_accepted
from flake8_asyncio.command.machinery import Reported, Run
from flake8_asyncio.syntax.source import Source, Unreadable, decode

if TYPE_CHECKING:
    from flake8_asyncio.fix.rewriting import Judged


@dataclass(slots=True)
class Fixed:
    """What became of a file: its old and new bytes, the findings that are left, and why some were not fixed."""

    path: str
    left: list[Reported]
    old: bytes = b""
    new: bytes = b""
    number: int = 0
    words: list[str] = field(default_factory=list)
    is_error: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return self.new != self.old

    @property
    def lines(self) -> list[str]:
        """The lines of a file that has changed."""
        return list(io.StringIO(decode(self.new)))

    def diff(self) -> bytes:
        """The change in the form that `patch` and `git apply` take, in the file's own encoding and line ends."""
        name = self.path.removeprefix("./").encode()
        old, new = (_lines(content) for content in (self.old, self.new))
        lines = difflib.diff_bytes(difflib.unified_diff, old, new, b"a/" + name, b"b/" + name)
        return b"".join(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines)


class Fixing:
    """How files are fixed in one run."""

    def __init__(self, run: Run, *, unsafe: bool, write: bool) -> None:
        self.run = run
        self.unsafe = unsafe
        self.write = write
        self.baseline = Baseline.read(run.baseline) if run.baseline is not None else None

    def unaccepted(self, found: list[Reported]) -> list[Reported]:
        """What is found beyond what the project has accepted."""
        return list(without_accepted(self.baseline, found)) if self.baseline is not None else found

    def fixable(self, found: Iterable[Reported]) -> list[Reported]:
        """The findings that have a fix which may be made."""
        fixes = [(each, each.finding.fix) for each in found]
        return [each for each, fix in fixes if fix is not None and (fix.is_safe or self.unsafe)]

    def file(self, path: str, found: list[Reported]) -> Fixed:
        """Fix what was found in a file."""
        if not self.fixable(found):
            return Fixed(path, found)
        from flake8_asyncio.fix.disk import replace
        from flake8_asyncio.fix.edits import NotFixed

        try:
            content = Path(path).read_bytes()
            fixed = self.content(path, content)
            if fixed.is_changed and self.write:
                replace(Path(path), content, fixed.new)
        except (OSError, Unreadable, NotFixed) as reason:
            return Fixed(path, found, words=[f"{path}: not fixed: {reason}"], is_error=True)
        return fixed

    def again(self, path: str) -> Fixed:
        """Fix what is found in a file now."""
        return self.file(path, list(self.run.check(path)))

    def content(self, path: str, content: bytes) -> Fixed:
        """Fix what flake8 would show in these bytes of a file; raises `Unreadable` for what is no Python."""
        from flake8_asyncio.fix.rewriting import rewrite

        result = rewrite(Path(path), content, lambda source: self._judged(path, source), unsafe=self.unsafe)
        words = [f"{path}:{each.finding.span.line}: {each.code} not fixed: {why}" for each, why in result.dropped]
        left = [Reported(path, each.code, each.finding) for each in result.left]
        return Fixed(path, left, content, result.content, len(result.fixed), words)

    def _judged(self, path: str, source: Source) -> list[Judged]:
        from flake8_asyncio.fix.rewriting import Judged

        judged = self.run.judged(path, list(io.StringIO(source.text)))
        shown = {id(each) for each in self.unaccepted([each for each, is_shown in judged if is_shown])}
        return [Judged(each.code, each.finding, id(each) in shown) for each, _ in judged]


def _lines(content: bytes) -> list[bytes]:
    """Lines as `patch` counts them: only `\\n` ends one."""
    *lines, last = content.split(b"\n")
    return [*(line + b"\n" for line in lines), *([last] if last else [])]
