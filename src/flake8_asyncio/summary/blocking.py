"""What of a package stops the event loop: found in its sources, by the chains that a project's own code is followed in.

A function is said to block if a call of it may come to a cause that is known; nothing is guessed from names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flake8_asyncio.facts.model import Arguments, Call, Class, Facts, Function, Kind, Use
from flake8_asyncio.knowledge import LAZY, READ, Effect, Knowledge
from flake8_asyncio.project.chains import Query
from flake8_asyncio.project.decorators import Made
from flake8_asyncio.project.effects import Effects
from flake8_asyncio.project.project import Project
from flake8_asyncio.summary.sources import Sources
from flake8_asyncio.syntax.source import Span, Unreadable, parse

KINDS = ("network", "database", "process", "sleep")  # the first that a call comes to is told
_FARTHEST = 10  # functions on the way: what libraries do lies deep in them
_QUERIES = tuple((kind, Query(Effect.BLOCKS, frozenset({kind}), farthest=_FARTHEST)) for kind in KINDS)
_CHANGES = ("setter", "deleter")  # what else a property may do
_SOCKETS = ("socket.", "ssl.")  # which are told not to block where coroutines stand beside
_NOWHERE = Span(1, 0, 1, 0)
_SPECIAL = frozenset(f"__{name}__" for name in ("call", "enter", "getitem", "iter", "next"))

Blocks = dict[str, str]  # by path: a kind, with a mark of how it is come to
"""What blocks, by the path where it is written: its kind, with `LAZY` after it if only who iterates waits, and `READ`
if reading an attribute does the work."""


def find_blocking(packages: Sequence[str], sources: Sources, knowledge: Knowledge) -> Blocks:
    """What of some packages waits for something; the classes whose making waits are among it."""
    project = Project(sources.folders, knowledge, None)
    found: Blocks = {}
    for module in (each for package in packages for each in sources.modules(package)):
        file = sources.code(module)
        if file is None or file.stem == "__main__":
            continue
        try:
            facts, world = project.add(parse(file, module, file.read_bytes()))
        except (OSError, Unreadable):
            continue
        found.update(_of_file(facts, Effects(world)))
    return found


def _of_file(facts: Facts, effects: Effects) -> Iterator[tuple[str, str]]:
    sockets = _SOCKETS if any(each.is_async for each in facts.functions.values()) else ()
    for function in facts.functions.values():
        if not function.is_async and _is_offered(function):
            if (blocks := _of_function(function, effects, sockets)) is not None:
                yield function.path, blocks
    for each in facts.classes.values():
        if "#" not in each.path and (kind := _first(effects, each, Use.OTHER, sockets)) is not None:
            yield each.path, kind


def _is_offered(function: Function) -> bool:
    """Whether a function has a name that others may use."""
    name = function.name.rpartition(".")[2]
    if "#" in function.name or name in _CHANGES or function.kind not in (Kind.PLAIN, Kind.GENERATOR):
        return False
    return not name.startswith("_") or (name in _SPECIAL and bool(function.owner))


def _of_function(function: Function, effects: Effects, harmless: tuple[str, ...]) -> str | None:
    made = effects.bodies.made(function)
    if made is Made.MANAGER:
        return None  # it is entered later, and who does is seldom known
    is_lazy = function.kind is Kind.GENERATOR and made is not Made.PROPERTY
    kind = _first(effects, function, Use.ITERATED if is_lazy else Use.OTHER, harmless)
    if kind is None:
        return None
    return kind + (LAZY if is_lazy else READ if made is Made.PROPERTY else "")


def _first(effects: Effects, target: Function | Class, use: Use, harmless: tuple[str, ...]) -> str | None:
    """The first kind of cause that a call comes to which gives no more arguments than it must."""
    call = Call(target.path, use, _NOWHERE, Arguments(), target.path)
    bodies = [(each, effects.branches.known(each, target, call)) for each in effects.bodies.of(target, use)]
    for kind, query in _QUERIES:
        chains = (effects.of_function(body, query, known) for body, known in bodies)
        if any(each is not None and not each.path.startswith(harmless) for each in chains):
            return kind
    return None
