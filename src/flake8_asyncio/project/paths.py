"""How a reference is taken apart: what it starts from, and its last step."""

from __future__ import annotations

import functools

from flake8_asyncio.facts.model import Ref
from flake8_asyncio.facts.references import split


@functools.lru_cache(maxsize=65536)
def last_step(ref: Ref) -> tuple[Ref, str]:
    """The reference without its last step, and that step; no step for a dotted name, literal, union or parameter.

    A step is `.name`, `()`, `!`, `@`, `@!`, `*`, `*!`, `[]`, `[0]`, `^` or `<…>()`, the call of a generic.
    """
    end = ref[-1]
    if ref[0] == "=" or end == "?":
        return ref, ""
    if end == ")":
        if ref[-2] != "(":
            return ref, ""
        if ref[-3] == ">":
            opening = _opening(ref, len(ref) - 3, "<", ">")
            return ref[:opening], ref[opening:]
        return ref[:-2], "()"
    if end == "!":
        if ref[-2] in "@*":
            return ref[:-2], ref[-2:]
        return ref[:-1], "!"
    if end in "@*^":
        return ref[:-1], end
    if end == "]":
        opening = _opening(ref, len(ref) - 1, "[", "]")
        return ref[:opening], ref[opening:]
    if ref.isidentifier() or ("(" not in ref and "[" not in ref and "*" not in ref and "!" not in ref):
        return ref, ""
    owner, _, name = ref.rpartition(".")
    return (owner, f".{name}") if owner else (ref, "")


def _opening(ref: Ref, end: int, opening: str, closing: str) -> int:
    depth = 0
    for index in range(end, -1, -1):
        letter = ref[index]
        depth += (letter == closing) - (letter == opening)
        if depth == 0:
            return index
    return 0


def as_object(value: Ref) -> tuple[str, tuple[Ref, ...]]:
    """The class and arguments of a reference to an instance of something outside the project."""
    owner, last = last_step(value)
    if last.startswith("<"):
        return owner, tuple(split(last[1:-3], ","))
    return value.removesuffix("()"), ()
