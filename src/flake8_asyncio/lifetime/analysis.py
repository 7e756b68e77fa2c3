"""The troubles of one file, each where it is reported."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from flake8_asyncio.lifetime import cancellation, scopes, waiting
from flake8_asyncio.lifetime.endings import task_bodies
from flake8_asyncio.lifetime.names import Names
from flake8_asyncio.syntax.nodes import definitions, walk
from flake8_asyncio.syntax.source import Source, Span

_TEST_FILE = re.compile(r"test_|conftest$|.*_test$")


class Form(str, Enum):
    """What is wrong."""

    SWALLOWED = "swallowed"  # control goes on after the handler
    SUPPRESSED = "suppressed"  # by `suppress`
    RETURNED = "returned"  # the handler returns
    REPLACED = "replaced"  # the handler raises something else
    TIMEOUT = "timeout"  # its body never suspends
    YIELD = "yield"  # inside a scope
    JUMP = "jump"  # out of a task group
    BORROWED = "borrowed"  # a task has what an inner block closes
    POLLING = "polling"
    LATE = "late"  # an await after a cancellation
    UNFINISHED = "unfinished"  # cancelled, never awaited


class Trouble(NamedTuple):
    """One thing that is wrong: where, and the word that its message needs."""

    form: Form
    span: Span
    word: str


@functools.lru_cache(maxsize=4)
def analyse(source: Source) -> tuple[Trouble, ...]:
    """All troubles of a file, by place."""
    if "async def" not in source.text:
        return ()
    try:
        found = {
            Trouble(Form(form), source.span(_statement(node)), word)
            for form, node, word in _troubles(source.tree, bool(_TEST_FILE.match(source.path.stem)))
        }
    except RecursionError:  # nesting that no person wrote
        return ()
    return tuple(sorted(found, key=lambda each: (each.span, each.form.value, each.word)))


def _troubles(tree: ast.Module, is_test: bool) -> Iterator[tuple[str, ast.AST, str]]:
    names = Names(tree)
    tests = _tests(tree)
    bodies = functools.cache(lambda: task_bodies(tree))
    stored = functools.cache(lambda: waiting.stores(tree, names))
    for function in definitions(tree):
        if not isinstance(function, ast.AsyncFunctionDef):
            continue
        yield from scopes.troubles(function, names)
        if is_test or function in tests:
            continue
        yield from cancellation.swallows(function, names, bodies)
        yield from waiting.late_awaits(function, names)
        yield from waiting.unfinished(function, names)
        yield from waiting.polls(function, names, stored)


def _tests(tree: ast.Module) -> set[ast.AST]:
    """Test functions and what is inside them: they cancel, swallow and poll to see what comes of it."""
    found = [each for each in definitions(tree) if each.name.startswith("test_")]
    return {inner for each in found for inner in walk(each)}


def _statement(node: ast.AST) -> ast.stmt | ast.expr | ast.ExceptHandler:
    assert isinstance(node, ast.stmt | ast.expr | ast.ExceptHandler)
    return node
