"""Which lines silence which of our codes, by flake8's own notation."""

from __future__ import annotations

import re

_NOQA = re.compile(
    r"#\s*noqa(?::[\s]?(?P<codes>[A-Z][0-9]+(?:[,\s]+)?(?:[A-Z]+[0-9]+(?:[,\s]+)?)*|[A-Z]+[0-9]*(?:[,\s]+[A-Z]+[0-9]*)*))?",
    re.I,
)
_CODE = re.compile(r"[A-Za-z]+[0-9]*")


def silenced(text: str) -> dict[int, tuple[str, ...]]:
    """The lines that bear a `# noqa` for us; an empty tuple stands for every code."""
    if "noqa" not in text.lower():
        return {}
    found: dict[int, tuple[str, ...]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if "noqa" in line.lower() and (match := _NOQA.search(line)):
            codes = tuple(code.upper() for code in _CODE.findall(match["codes"] or ""))
            ours = tuple(code for code in codes if code.startswith("AIO") or "AIO".startswith(code))
            if not codes or ours:
                found[number] = ours
    return found
