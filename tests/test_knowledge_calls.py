"""Each name that knowledge says blocks is found where a coroutine calls it, and is silent in the forms that do not."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import flake8_asyncio.knowledge
from linting import found_lines

FILES = sorted((Path(flake8_asyncio.knowledge.__file__).parent / "claims").glob("*.toml"))
OPT_IN = ("metadata", "cpu-small")

Line = tuple[str, str]  # a statement of a coroutine, and the name that it is about


def groups(file: Path) -> Iterator[dict[str, Any]]:
    """The groups of a file that say what blocks by default."""
    for group in tomllib.loads(file.read_text(encoding="utf-8")).get("blocks", ()):
        if group.get("default", group["kind"] not in OPT_IN):
            yield {**group, "unless": [argument_of(each) for each in group.get("unless", ())]}


def argument_of(condition: dict[str, Any]) -> dict[str, Any]:
    """A condition that says by one key which argument it is about."""
    name = next((value for key in ("absent", "given") if (value := condition.get(key))), None)
    key = "position" if isinstance(name, int) else "argument"
    return condition if name is None or name is True else {**condition, key: name}


def names(group: dict[str, Any]) -> Iterator[str]:
    """What a group is about; of classes all of whose methods block, one method."""
    yield from group.get("calls", ())
    yield from group.get("reads", ())
    yield from (f"{name}.do_something" for name in group.get("wild", ()))


def receiver(name: str, group: dict[str, Any]) -> str:
    """What a function or method is called on, as its documentation writes it; `value` is of the method's class."""
    owner = name.rpartition(".")[0]
    is_class = owner.rpartition(".")[2][:1].isupper()
    if not is_class or "unbounded" in group.get("receiver", ()):
        return f"{owner}(maxsize=1)" if is_class else owner
    return "value"


def statement(name: str, group: dict[str, Any], arguments: str) -> str:
    """The plainest form of a call that has the effect."""
    target, method = receiver(name, group), name.rpartition(".")[2]
    if method in ("__enter__", "__exit__"):
        return f"with {target}: pass"
    if method in ("__iter__", "__next__"):
        return f"for _ in {target}: pass"
    if method == "__call__":
        return f"{target}({arguments})"
    if method.startswith("__") or name in group.get("reads", ()):
        return f"print({target}.{method})"
    call = f"{target}.{method}({arguments})".removeprefix("builtins.")
    return f"for _ in {call}: pass" if group.get("lazy") else call


def given(group: dict[str, Any], but: dict[str, Any] | None = None) -> str:
    """What a call must be given for the claim to hold, as keywords where there are any."""
    conditions = group.get("unless", ())
    needed = [each for each in conditions if each.get("absent") and not same(each, but)]
    told = {each.get("argument"): "True" for each in conditions if each.get("equals") == [False]}
    names = [each.get("argument") for each in needed]
    return ", ".join(f"{name}={told.get(name, 'something')}" if name else "something" for name in names)


def same(one: dict[str, Any], other: dict[str, Any] | None) -> bool:
    return other is not None and all(one.get(key) == other.get(key) for key in ("argument", "position"))


def exempt(condition: dict[str, Any], group: dict[str, Any]) -> str:
    """Arguments with which the claim does not hold."""
    if "only" in condition:
        return f"{condition['only']}=something"
    rest = given(group, condition)
    if condition.get("absent"):
        return rest
    value = "something"
    if "equals" in condition or "prefix" in condition:
        values = condition.get("equals", condition.get("prefix"))
        value = repr(values[0] if isinstance(values, list) else values)
    for key in ("contains", "named", "instance"):
        if key in condition:
            value = condition[key][0] + ("()" if key == "instance" else "")
    if condition.get("address"):
        value = "'127.0.0.1'"
    if "argument" in condition:
        return ", ".join(filter(None, (rest, f"{condition['argument']}={value}")))
    return ", ".join([*["something"] * condition.get("position", 0), value])


def module(lines: list[tuple[str, str]]) -> str:
    """A file in which a coroutine of its own makes each statement, and no line more."""
    tops = {each for name, line in lines for each in imports(name, line)}
    text = ["; ".join(f"import {each}" for each in sorted(tops))]
    for number, (name, line) in enumerate(lines):
        owner = name.rpartition(".")[0]
        text.append(f"async def f{number}(something, value: {owner if 'value' in line else 'object'!r}):\n    {line}")
    return "\n".join(text)


def found_among(folder: Path, lines: list[Line]) -> list[bool]:
    """Which of these statements are found."""
    found = found_lines(folder, module(lines), "AIO4")
    return [2 * number + 3 in found for number in range(len(lines))]


def imports(name: str, line: str) -> Iterator[str]:
    """The modules of a name and of what stands in a statement: all up to the first class."""
    for path in (name, *re.findall(r"\b[a-z]\w*(?:\.\w+)+", line)):
        parts = path.split(".")[:-1]
        classes = [index for index, part in enumerate(parts) if index and part[:1].isupper()]
        if parts and parts[0] not in ("value", "something", "builtins"):
            yield ".".join(parts[: classes[0]] if classes else parts)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_blocks_is_found(tmp_path: Path, file: Path) -> None:
    lines = [(name, statement(name, group, given(group))) for group in groups(file) for name in names(group)]
    found = found_among(tmp_path, lines)
    assert [line for line, is_found in zip(lines, found, strict=True) if not is_found] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_does_not_is_silent(tmp_path: Path, file: Path) -> None:
    lines = [
        (name, statement(name, group, exempt(condition, group)))
        for group in groups(file)
        for name in names(group)
        for condition in group.get("unless", ())
        if not name.endswith("__")  # which is called without arguments
    ]
    found = found_among(tmp_path, lines)
    assert [line for line, is_found in zip(lines, found, strict=True) if is_found] == []
