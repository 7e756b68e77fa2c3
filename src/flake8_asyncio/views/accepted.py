"""Where a type checker was told that a coroutine or future is dropped on purpose."""

from __future__ import annotations

import re

from flake8_asyncio.views.calls import CallView

_IGNORED = re.compile(
    r"#\s*(?:type|mypy|ty|pyrefly|pyright|basedpyright)\s*:\s*ignore\s*\[([\w\s,-]+)\]",
)
_CODES = frozenset({"unused-coroutine", "unused-awaitable", "reportUnusedCoroutine"})


def is_accepted(call: CallView) -> bool:
    """Whether a line of the call has a comment by which mypy, pyright or ty accept that nobody awaits it."""
    for line in call.function.module.source.lines[call.span.line - 1 : call.span.end_line]:
        for codes in _IGNORED.findall(line) if "ignore" in line else ():
            if not _CODES.isdisjoint(code.strip() for code in codes.split(",")):
                return True
    return False
