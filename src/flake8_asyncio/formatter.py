"""`flake8 --format=aio-fix`: flake8 hands over what it would show, and the formatter fixes it and shows what is left.

flake8 imports this module whenever it starts, so that all else is imported when the format is used.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from flake8.exceptions import ExecutionError
from flake8.formatting.default import Default
from flake8.violation import Violation

if TYPE_CHECKING:
    from flake8_asyncio.command.fixing import Fixed, Fixing

_OURS = "AIO"


class Fix(Default):
    """What flake8 shows by default, once it is fixed."""

    def after_init(self) -> None:
        """Look as flake8 does by default."""
        super().after_init()
        self.error_format = Default.error_format
        self._held: list[Violation] = []
        self._fixing: Fixing | None = None

    def start(self) -> None:
        """Read the settings; what is read from a pipe cannot be written back."""
        from flake8_asyncio.command.fixing import Fixing
        from flake8_asyncio.command.machinery import STDIN, Run

        if STDIN in self.options.filenames:
            raise ExecutionError(
                "aio-fix cannot fix standard input; `flake8-asyncio fix -` writes it to standard output"
            )
        self._fixing = Fixing(Run((), self.options), unsafe=self.options.aio_unsafe_fixes)
        super().start()

    def handle(self, error: Violation) -> None:
        """Hold what is found until its file is fixed."""
        self._held.append(error)

    def finished(self, filename: str) -> None:
        """Fix a file, and show what is left in it."""
        held, self._held = self._held, []
        if self._fixing is None or not any(each.code.startswith(_OURS) for each in held):
            self._show(held)
            return
        fixed = self._fixing.file(filename)
        if not self.options.aio_diff:
            fixed = self._fixing.write(fixed)
        for word in fixed.words:
            print(word, file=sys.stderr)
        if self.options.aio_diff:
            sys.stdout.flush()
            sys.stdout.buffer.write(fixed.diff())
            return
        if not fixed.is_changed:
            self._show(held)
            return
        lines = fixed.lines
        ours = [
            Violation(each.code, filename, each.line, each.column, each.finding.message, lines[each.line - 1])
            for each in fixed.left
        ]
        others = [each for each in held if not each.code.startswith(_OURS)]
        self._show(sorted([*ours, *_moved(others, fixed)], key=lambda each: each[2:4]))

    def _show(self, violations: list[Violation]) -> None:
        for each in violations:
            super().handle(each)


def _moved(violations: list[Violation], fixed: Fixed) -> list[Violation]:
    """What others found, at the lines where it stands now."""
    import difflib

    if not violations:
        return violations
    old, new = fixed.old.splitlines(), fixed.new.splitlines()
    places: dict[int, int] = {}
    for tag, start, end, at, _ in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        places |= {start + number + 1: at + number + 1 for number in range(end - start) if tag in ("equal", "replace")}
    return [each._replace(line_number=places.get(each.line_number, each.line_number)) for each in violations]
