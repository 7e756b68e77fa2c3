"""What of a package stops the event loop: found in its sources, by the chains that a project's own code is followed in.

A function is said to block if a call of it may come to a cause that is known; nothing is guessed from names. Much is
made that only may connect one day, and much is asked for once and kept, so classes and attributes count only if making
an instance, or reading the attribute, comes to the cause whatever the conditions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from flake8_asyncio.facts.model import Arguments, Call, Class, Facts, Function, Kind, Use
from flake8_asyncio.knowledge import LAZY, READ, WAITS, Effect, Knowledge
from flake8_asyncio.project.chains import Chain, Query, Step
from flake8_asyncio.project.decorators import Made
from flake8_asyncio.project.effects import Effects
from flake8_asyncio.project.project import Project
from flake8_asyncio.summary.sources import Sources
from flake8_asyncio.syntax.source import Span, Unreadable, parse

_FARTHEST = 10  # functions on the way: what libraries do lies deep in them
_QUERIES = tuple((kind, Query(Effect.BLOCKS, frozenset({kind}), farthest=_FARTHEST)) for kind in WAITS)
_CHANGES = ("setter", "deleter")  # what else a property may do
_SOCKETS = ("socket.", "ssl.")  # which packages with coroutines tell not to block
_NOWHERE = Span(1, 0, 1, 0)
_SPECIAL = frozenset(f"__{name}__" for name in ("call", "enter", "getitem", "iter", "next"))
_OF_PARAMETERS = ("if ", "not ", "none ")
_MAYBE = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.comprehension)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

Blocks = dict[str, str]  # by path: a kind, with a mark of how it is come to
"""What blocks, by the path where it is written: its kind, with `LAZY` after it if only who iterates waits, and `READ`
if reading an attribute does the work."""


def find_blocking(packages: Sequence[str], sources: Sources, knowledge: Knowledge) -> Blocks:
    """What of some packages waits for something; the classes whose making waits are among it."""
    return dict(_Search(packages, sources, knowledge).found())


class _Search:
    """Packages that are looked through together."""

    def __init__(self, packages: Sequence[str], sources: Sources, knowledge: Knowledge) -> None:
        self.project = Project(sources.folders, knowledge, None)
        modules = {module: sources.code(module) for package in packages for module in sources.modules(package)}
        self.files = {module: file for module, file in modules.items() if file and file.stem != "__main__"}
        self._defined: dict[str, list[ast.FunctionDef]] = {}

    def found(self) -> Iterator[tuple[str, str]]:
        """The paths of what blocks, each with its kind and mark."""
        for module, file in self.files.items():
            try:
                facts, world = self.project.add(parse(file, module, file.read_bytes()))
            except (OSError, Unreadable):
                continue
            yield from self._of_file(facts, Effects(world))

    def _of_file(self, facts: Facts, effects: Effects) -> Iterator[tuple[str, str]]:
        for function in facts.functions.values():
            if _is_offered(function) and (blocks := self._of_function(function, effects)) is not None:
                yield function.path, blocks
        for each in facts.classes.values():
            if "#" not in each.path and (kind := self._surely(each, effects)) is not None:
                yield each.path, kind

    def _of_function(self, function: Function, effects: Effects) -> str | None:
        made = effects.bodies.made(function)
        if made is Made.MANAGER:
            return None  # it is entered later, and who does is seldom known
        if made is Made.PROPERTY:
            kind = self._surely(function, effects)
            return kind and f"{kind}{READ}"
        is_lazy = function.kind is Kind.GENERATOR
        chains = self._chains(function, Use.ITERATED if is_lazy else Use.OTHER, effects)
        return next((f"{kind}{LAZY}" if is_lazy else kind for kind, _ in chains), None)

    def _surely(self, target: Function | Class, effects: Effects) -> str | None:
        """The first kind of cause that is come to whatever the conditions."""
        chains = self._chains(target, Use.OTHER, effects)
        return next((kind for kind, chain in chains if all(self._is_sure(step, effects) for step in chain.steps)), None)

    def _chains(self, target: Function | Class, use: Use, effects: Effects) -> Iterator[tuple[str, Chain]]:
        """The causes that a call comes to which gives no more arguments than it must, and their kinds."""
        call = Call(target.path, use, _NOWHERE, Arguments(), target.path)
        bodies = [(each, effects.branches.known(each, target, call)) for each in effects.bodies.of(target, use)]
        for kind, query in _QUERIES:
            for body, known in bodies:
                chain = effects.of_function(body, query, known)
                if chain is None or _may_be_ruled_out(body, chain):
                    continue
                if not (self._is_asynchronous and chain.path.startswith(_SOCKETS)):
                    yield kind, chain

    @cached_property
    def _is_asynchronous(self) -> bool:
        return any(b"async def" in _content(file) for file in self.files.values())

    def _is_sure(self, step: Step, effects: Effects) -> bool:
        """Whether a function on the way comes to the next one whenever it is called."""
        facts = effects.facts_of(step.function)
        name = step.function.name.rpartition(".")[2]
        functions = self._functions(facts.module) if facts is not None else []
        return any(_comes_to(each.body, step) for each in functions if each.name == name)

    def _functions(self, module: str) -> list[ast.FunctionDef]:
        """The functions that a file defines, which all that come through it ask for."""
        if module not in self._defined:
            file = self.files.get(module)
            tree = ast.parse(_content(file) if file is not None else b"")
            self._defined[module] = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
        return self._defined[module]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _is_offered(function: Function) -> bool:
    """Whether a function has a name that others may use."""
    name = function.name.rpartition(".")[2]
    if "#" in function.name or name in _CHANGES or function.kind not in (Kind.PLAIN, Kind.GENERATOR):
        return False
    return not name.startswith("_") or (name in _SPECIAL and bool(function.owner))


def _may_be_ruled_out(body: Function, chain: Chain) -> bool:
    """Whether arguments decide if the first function on the way goes on, which those who read a table cannot ask."""
    guards = (guard for call in body.calls if call.span == chain.steps[0].span for guard in call.guards)
    return any(guard.startswith(_OF_PARAMETERS) for guard in guards)


def _comes_to(body: list[ast.stmt], step: Step) -> bool:
    """Whether statements always come to a place, unless they end before."""
    for each in body:
        if not each.lineno <= step.span.line <= (each.end_lineno or 0):
            continue
        match each:
            case ast.With(body=inner, items=items):
                return _comes_to(inner, step) or any(_has(item.context_expr, step) for item in items)
            case ast.Try(body=inner, orelse=others, finalbody=last):
                return any(_comes_to(part, step) for part in (inner, others, last))
            case ast.If(test=first) | ast.While(test=first) | ast.For(iter=first) | ast.Match(subject=first):
                return _has(first, step)
        return not isinstance(each, _DEFINITIONS) and _has(each, step)
    return False


def _has(node: ast.AST, step: Step) -> bool:
    """Whether the place is in an expression or simple statement that has no parts which may be left out."""
    is_here = any(isinstance(each, ast.expr) and each.lineno == step.span.line for each in ast.walk(node))
    return is_here and not any(isinstance(each, _MAYBE) for each in ast.walk(node))
