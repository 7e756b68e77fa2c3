"""A line on a terminal that says how far a long run has come; pipes and short runs see none of it."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self, TextIO

_PATIENCE = 1.0  # seconds without a word
_PAUSE = 0.1


class Progress:
    """How many of `total` files are through."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total = total
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

    def show(self, done: int) -> None:
        """Say that so many are through, if it is time."""
        now = time.monotonic()
        if not self._is_shown or now < self._next:
            return
        self._next = now + _PAUSE
        text = f"{done} of {self._total} files ({100 * done // max(self._total, 1)} %)"
        self._stream.write("\r" + text.ljust(self._length))
        self._stream.flush()
        self._length = len(text)
