"""A line on a terminal that says how far a long run has come; pipes and short runs see none of it."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self, TextIO

_PATIENCE = 1.0  # seconds without a word
_PAUSE = 0.1


class Progress:
    """What is being done, to how many files, and how many of them are through."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_shown = stream.isatty()
        self._next = time.monotonic() + _PATIENCE
        self._length = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._length:
            self._stream.write("\r" + " " * self._length + "\r")
            self._stream.flush()

    def show(self, doing: str, done: int, total: int) -> None:
        """Say that so many are through, if it is time."""
        now = time.monotonic()
        if not self._is_shown or now < self._next:
            return
        self._next = now + _PAUSE
        text = f"{doing}: {done} of {total} files ({100 * done // total} %)"
        self._stream.write("\r" + text.ljust(self._length))
        self._stream.flush()
        self._length = max(len(text), self._length)
