"""Edits of a file's bytes: what is not edited stays as it is, line ends and encoding included."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass

from flake8_asyncio.syntax.source import Span

_LINE_END = re.compile(r"\r\n|\r|\n")
_MARK = "\ufeff"


class NotFixed(Exception):
    """Why a fix, or a file, is left alone."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Write `text`, whose lines end in `\\n`, for the stretch at `span`."""

    span: Span
    text: str

    def overlaps(self, other: Edit) -> bool:
        """Whether two edits cannot both be made."""
        if _start(self) == _start(other):
            return True
        return _start(self) < _end(other) and _start(other) < _end(self)


def apply(content: bytes, edits: Iterable[Edit]) -> bytes:
    """The file with these edits made, none of which overlap."""
    encoding, mark, text = _decoded(content)
    lines = _LINE_END.split(text)
    ends = _LINE_END.findall(text)
    for edit in sorted(edits, reverse=True):
        first, last = edit.span.line - 1, edit.span.end_line - 1
        kept = lines[first][: edit.span.column], lines[last][edit.span.end_column :]
        lines[first : last + 1] = f"{kept[0]}{edit.text}{kept[1]}".split("\n")
        ends[first:last] = _ends(ends, first, last, edit.text.count("\n"))
    changed = "".join(line + end for line, end in zip(lines, [*ends, ""], strict=True))
    try:
        return (mark + changed).encode(encoding)
    except UnicodeEncodeError as error:
        raise NotFixed(f"its encoding {encoding} has no {changed[error.start]!r}") from None


def moved(position: tuple[int, int], edits: Iterable[Edit], *, past_inserted: bool) -> tuple[int, int]:
    """Where a position is after some edits; what is inserted just there is before it or after it."""
    line, column = position
    lines = columns = at = 0  # how far the lines below are moved, and the columns on the line `at`
    for edit in sorted(edits):
        start, end = _start(edit), _end(edit)
        if end > position or (start == position and not past_inserted):
            break
        new = edit.text.split("\n")
        begin = edit.span.column + (columns if edit.span.line == at else 0)
        lines += len(new) - 1 - (edit.span.end_line - edit.span.line)
        columns = len(new[-1]) + (begin if len(new) == 1 else 0) - edit.span.end_column
        at = edit.span.end_line
    return line + lines, column + (columns if line == at else 0)


def _decoded(content: bytes) -> tuple[str, str, str]:
    """The encoding, the byte-order mark if any, and the text with its own line ends."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    text = content.decode(encoding)
    if text.encode(encoding) != content:
        raise NotFixed(f"its bytes are not what {encoding} would write for its text")
    mark = _MARK if text.startswith(_MARK) else ""
    return encoding, mark, text.removeprefix(_MARK)


def _ends(ends: list[str], first: int, last: int, wanted: int) -> list[str]:
    """The line ends of an edit: those that were there, and then ones like them."""
    there = ends[first:last]
    like = next((each for each in (*ends[first : first + 1], *ends[max(first - 1, 0) : first], *ends)), "\n")
    return [*there, *[like] * wanted][:wanted]


def _start(edit: Edit) -> tuple[int, int]:
    return edit.span.line, edit.span.column


def _end(edit: Edit) -> tuple[int, int]:
    return edit.span.end_line, edit.span.end_column
