"""The paths that a function has opened off the event loop, and those that one of its calls is about.

Paths are compared as the source has them, and only within one function: of `file` in `os.path.exists(file)` and in
`aiofiles.open(file)` nothing need be known to tell that they are the same.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from flake8_asyncio.bindings.functions import Body
from flake8_asyncio.syntax.nodes import walk
from flake8_asyncio.syntax.source import Span

_OPENS = re.compile(r"(?:^|_)open(?:_|$)|^AIOFile$|Path$")  # `aiofiles.open`, `anyio.Path`, and what is called so
_AROUND = frozenset({"str", "fspath", "Path", "PurePath"})
_NAMES = (ast.Name, ast.Attribute)


def opened(body: Body, awaited: Collection[Span], in_threads: Collection[Span]) -> dict[str, int]:
    """The paths that a function has opened asynchronously, or gives a thread to work on, each with a line."""
    found: dict[str, int] = {}
    for call in walk(body.node):
        if isinstance(call, ast.Call):
            span = body.source.span(call)
            given = _opened_by(call) if span in awaited else ()
            if span in in_threads:
                given = _used_by(call, body)
            for each in given:
                for path in _paths(each):
                    found.setdefault(path, span.line)
    return found


def asked(body: Body, span: Span, is_method: bool) -> Iterator[str]:
    """The paths that a call is about: what it is called on if that is a path's method, else what it is given."""
    for call in walk(body.node):
        if isinstance(call, ast.Call) and body.source.span(call) == span:
            if is_method and isinstance(call.func, ast.Attribute):
                yield from _paths(call.func.value)
            else:
                for each in _arguments(call):
                    yield from _paths(each)


def _opened_by(call: ast.Call) -> Iterator[ast.expr]:
    if _OPENS.search(_last_name(call.func)):
        yield from call.args[:1]
    elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call):
        yield from _opened_by(call.func.value)


def _used_by(call: ast.Call, body: Body) -> Iterator[ast.expr]:
    """What a thread works on: the arguments, and what functions among them use that stand inside the caller."""
    given = _arguments(call)
    names = {each.id for each in given if isinstance(each, ast.Name)}
    inner = [each for each in walk(*body.node.body) if isinstance(each, ast.FunctionDef) and each.name in names]
    for each in walk(*given, *inner):
        if isinstance(each, ast.expr):
            yield each


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(each.value for each in call.keywords)]


def _paths(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Call) and len(node.args) == 1 and _last_name(node.func) in _AROUND:
        node = node.args[0]
    is_self = isinstance(node, ast.Name) and node.id in ("self", "cls")
    if isinstance(node, (*_NAMES, ast.BinOp, ast.Subscript)) and not is_self:
        yield ast.unparse(node)


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
