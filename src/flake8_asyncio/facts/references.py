"""How references are written; `project` is where they are read."""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Iterable

from flake8_asyncio.facts.model import NONE, UNKNOWN, Ref

GIVEN_CLASS = ":"
_LONGEST = 200  # a recursive function can make references without end
_WIDEST = 6  # more alternatives than this are as good as unknown
_FILLED = frozenset(
    f"{kind}()"
    for kind in (
        "builtins.list", "builtins.set", "builtins.dict", "collections.deque", "collections.defaultdict",
        "collections.OrderedDict",
    )
)  # fmt: skip
_PLAIN = re.compile(r"[\w./:\-@ ]{0,60}")


def step(ref: Ref, part: str) -> Ref:
    """`ref` and one step more: `.name`, `()`, `!`, `@`, `*`, `[]` or `^`."""
    if ref[0] == "=":
        ref = kind_of_literal(ref)
    if ref[0] == "?" or len(ref) + len(part) > _LONGEST:
        return UNKNOWN
    return ref + part


def union(refs: Iterable[Ref]) -> Ref:
    """One of several; what is unknown stays among them, so that nobody takes the rest for all."""
    flat: dict[Ref, None] = {}
    for ref in refs:
        flat.update(dict.fromkeys(alternatives(ref)))
    if not flat:
        return UNKNOWN
    if len(flat) > 1:
        for bare in _FILLED.intersection(flat):
            if any(each.startswith(f"{bare[:-2]}<") and each.endswith(">()") for each in flat):
                del flat[bare]  # it is empty, until it is the other
    if len(flat) == 1:
        return next(iter(flat))
    text = f"({'|'.join(flat)})"
    if len(flat) <= _WIDEST and len(text) <= _LONGEST:
        return text
    lesser = dict.fromkeys(_without_items(each) for each in flat)
    return UNKNOWN if lesser == flat else union(lesser)


def _without_items(ref: Ref) -> Ref:
    """A container without what is known of its items."""
    head, _, rest = ref.partition("<")
    return f"{head}()" if f"{head}()" in _FILLED and rest.endswith(">()") else ref


def alternatives(ref: Ref) -> tuple[Ref, ...]:
    """The members of a union, or the reference itself."""
    return (ref,) if ref[0] != "(" else _members(ref)


@functools.lru_cache(maxsize=4096)
def _members(ref: Ref) -> tuple[Ref, ...]:
    return tuple(split(ref[1:-1], "|")) if _closing(ref) == len(ref) - 1 else (ref,)


def split(text: str, separator: str) -> list[str]:
    """The parts between separators that are not inside brackets."""
    if separator not in text:
        return [text] if text else []
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        if letter in "([<":
            depth += 1
        elif letter in ")]>":
            depth -= 1
        elif letter == separator and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def _closing(ref: Ref) -> int:
    depth = 0
    for index, letter in enumerate(ref):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return index
    return -1


def generic(name: str, *held: Ref) -> Ref:
    """An instance of a generic that holds these values."""
    if all(each == UNKNOWN for each in held):
        return f"{name}()"
    text = f"{name}<{','.join(held)}>()"
    return f"{name}()" if len(text) > _LONGEST else text


def holding(callee: Ref, *held: Ref) -> Ref:
    """What a call gives that passes on what it was given, such as `create_task`."""
    return callee if callee == UNKNOWN else generic(callee, *held)


def literal(value: object) -> Ref:
    """A constant, as itself where rules can use it, otherwise as an instance of its type."""
    if value is None:
        return NONE
    if value is Ellipsis:
        return UNKNOWN
    if isinstance(value, bool | int | float):
        text = repr(value)
        return f"={text}" if len(text) < 40 else f"builtins.{type(value).__name__}()"
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return f"={value!r}"
    return f"builtins.{type(value).__name__}()"


def number(ref: Ref) -> int | float | None:
    """The number that a literal is."""
    if ref[:1] != "=" or not (ref[1].isdigit() or ref[1] == "-"):
        return None
    try:
        value = ast.literal_eval(ref[1:])
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, int | float) else None


def kind_of_literal(ref: Ref) -> Ref:
    """The instance that a literal is."""
    try:
        value = ast.literal_eval(ref[1:])
    except (ValueError, SyntaxError):
        return UNKNOWN
    return UNKNOWN if value is None else f"builtins.{type(value).__name__}()"


def runs_code(owner: Ref, top: str) -> bool:
    """Whether taking something of a value may run code: of an instance, or of a name in small letters that holds one.

    `top` is where the project's names begin; of other libraries only instances count.
    """
    if owner[-1:] == ")":
        return not owner.startswith("builtins.")
    if owner.startswith((top, "(")) and "()" in owner:
        return True
    first, _, rest = owner.partition(".")
    return bool(rest) and owner.startswith(top) and owner.islower() and first not in sys.stdlib_module_names


def written(node: ast.expr) -> str:
    """How the source writes a callee, without its arguments; `…` where that would be long."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Name):
            parts.append(node.id)
            break
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            inner = written(node.func)
            parts.append(f"{inner}()" if len(inner) < 60 else "…")
            break
        elif isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            parts.append(f"(await {written(node.value.func)}())")
            break
        else:
            parts.append("…")
            break
    return ".".join(reversed(parts))
