"""Fixing a text: fixes that do not overlap are made at once, the result is linted again, until nothing is left to do.

Each result is judged before it counts. A fix whose result does not compile, after which its finding is still there, or
after which something else is found that was not, is dropped, and the reason is kept.
"""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flake8_asyncio.finding import Await, Finding, Verb
from flake8_asyncio.fix.edits import Edit, NotFixed, apply, moved
from flake8_asyncio.fix.names import header
from flake8_asyncio.fix.verbs import Planned, plan
from flake8_asyncio.syntax.source import Source, Span, Unreadable, parse

_ROUNDS = 1000  # each makes a fix or drops one
# Where an `await` was forgotten, the suspension was meant: a race that it shows was in the design.
_REVEALED = frozenset({"AIO301", "AIO302", "AIO303", "AIO304", "AIO305", "AIO309", "AIO310", "AIO315"})
_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # as in notebooks


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with its code, and whether the user's settings show it."""

    code: str
    finding: Finding
    is_shown: bool = True


Lint = Callable[[Source], Sequence[Judged]]


@dataclass(slots=True)
class Rewritten:
    """What fixing made of a file: its bytes, what is `found` in them, of that what is shown, and what was dropped."""

    content: bytes
    found: list[Judged] = field(default_factory=list)
    fixed: list[Judged] = field(default_factory=list)
    left: list[Judged] = field(default_factory=list)
    dropped: list[tuple[Judged, str]] = field(default_factory=list)


def rewrite(
    path: Path, content: bytes, lint: Lint, *, unsafe: bool, found: Sequence[Judged] | None = None
) -> Rewritten:
    """A file's bytes with every finding fixed that can be; raises `Unreadable` for what is no Python.

    `found` is what `lint` gives for these bytes, if that is known.
    """
    source = parse(path, path.stem, content)
    return _Rewriting(source, content, lint, lint(source) if found is None else found, unsafe=unsafe).run()


class _FoundAgain(NotFixed):
    """Some fixes do not mend what they are for."""

    def __init__(self, fixes: list[tuple[Judged, Planned]]) -> None:
        super().__init__("it would be found again")
        self.fixes = fixes


class _Rewriting:
    def __init__(self, source: Source, content: bytes, lint: Lint, found: Sequence[Judged], *, unsafe: bool) -> None:
        self.source = source
        self.lint = lint
        self.found = _ordered(found)
        self.unsafe = unsafe
        self.result = Rewritten(content)
        self.dropped: dict[tuple[str, str, int], str] = {}
        self.compiled = _compiles(self.source)

    def run(self) -> Rewritten:
        """Make fixes until none is left."""
        for _ in range(_ROUNDS):
            chosen = self._chosen()
            if not chosen:
                break
            self._make(chosen)
        self.result.found = self.found
        self.result.left = [each for each in self.found if each.is_shown]
        self.result.dropped = [
            (each, self.dropped[self._key(each)]) for each in self.result.left if self._key(each) in self.dropped
        ]
        return self.result

    def _chosen(self) -> list[tuple[Judged, Planned]]:
        """The fixes to make at once, in the order of the file."""
        chosen: list[tuple[Judged, Planned]] = []
        for each in self.found:
            fix = each.finding.fix
            if not each.is_shown or fix is None or not (fix.is_safe or self.unsafe) or self._key(each) in self.dropped:
                continue
            try:
                planned = plan(self.source, fix)
            except NotFixed as reason:
                self._drop(each, str(reason))
                continue
            if all(planned == other or not planned.overlaps(other) for _, other in chosen):
                chosen.append((each, planned))
        return chosen

    def _make(self, chosen: list[tuple[Judged, Planned]]) -> None:
        """Make these fixes; where the result is not good, fewer of them."""
        try:
            edits = self._edits(planned for _, planned in chosen)
            content = apply(self.result.content, edits)
            source = parse(self.source.path, self.source.module, content)
            if self.compiled and not _compiles(source):
                raise NotFixed("the result would not compile")
            found = _ordered(self.lint(source))
            self._check(chosen, edits, found)
        except _FoundAgain as reason:
            for each, _ in reason.fixes:
                self._drop(each, str(reason))
            if len(reason.fixes) < len(chosen):
                self._make([each for each in chosen if each not in reason.fixes])
            return
        except (NotFixed, Unreadable) as reason:
            if len(chosen) > 1:
                self._make(chosen[: len(chosen) // 2])
            else:
                text = "the result would be no Python" if isinstance(reason, Unreadable) else str(reason)
                self._drop(chosen[0][0], text)
            return
        self.source, self.found = source, found
        self.result.content = content
        self.result.fixed.extend(each for each, _ in chosen)

    def _edits(self, planned: Iterable[Planned]) -> list[Edit]:
        every = list(planned)
        needed = {each for one in every for each in one.needed}
        edits = dict.fromkeys(edit for one in every for edit in one.edits)
        return [*edits, *header(self.source, needed)]

    def _check(self, fixed: list[tuple[Judged, Planned]], edits: list[Edit], found: Sequence[Judged]) -> None:
        """Raise `NotFixed` unless these findings are gone and no others have come."""
        again = []
        for each, planned in fixed:
            stretch = _around(each.finding, planned)
            start = moved((stretch.line, stretch.column), edits, past_inserted=False)
            end = moved((stretch.end_line, stretch.end_column), edits, past_inserted=True)
            if _inside(found, each.code, Span(*start, *end)) >= _inside(self.found, each.code, stretch):
                again.append((each, planned))
        if again:
            raise _FoundAgain(again)
        before, after = (Counter(each.code for each in some) for some in (self.found, found))
        is_revealing = all(isinstance(verb, Await) for each, _ in fixed for verb in _verbs(each))
        for code in sorted(after):
            if after[code] > before[code] and not (is_revealing and code in _REVEALED):
                old = {moved(_start(each), edits, past_inserted=True) for each in self.found if each.code == code}
                new = [each for each in found if each.code == code and _start(each) not in old]
                raise NotFixed(f"{code} would be found then" + (f", at line {_start(new[0])[0]}" if new else ""))

    def _drop(self, each: Judged, reason: str) -> None:
        self.dropped[self._key(each)] = reason

    def _key(self, each: Judged) -> tuple[str, str, int]:
        """What stays the same of a finding while other lines change."""
        span = each.finding.span
        return each.code, self.source.lines[span.line - 1], span.column


def _verbs(each: Judged) -> tuple[Verb, ...]:
    return each.finding.fix.verbs if each.finding.fix is not None else ()


def _ordered(found: Sequence[Judged]) -> list[Judged]:
    return sorted(found, key=lambda each: (each.finding.span, each.code))


def _start(each: Judged) -> tuple[int, int]:
    return each.finding.span.line, each.finding.span.column


def _around(finding: Finding, planned: Planned) -> Span:
    """The stretch that a finding and its edits take."""
    spans = [finding.span, *(each.span for each in planned.edits)]
    start = min((each.line, each.column) for each in spans)
    return Span(*start, *max((each.end_line, each.end_column) for each in spans))


def _inside(found: Sequence[Judged], code: str, span: Span) -> int:
    first, last = (span.line, span.column), (span.end_line, span.end_column)
    return sum(each.code == code and first <= _start(each) <= last for each in found)


def _compiles(source: Source) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source.tree, str(source.path), "exec", flags=_FLAGS, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
