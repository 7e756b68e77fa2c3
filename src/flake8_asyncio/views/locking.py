"""Locks across the project: the orders in which they are taken, and those taken again by their holder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flake8_asyncio.facts.model import Facts
from flake8_asyncio.project.chains import short
from flake8_asyncio.project.locking import Lock, Locking, Taken
from flake8_asyncio.syntax.source import Span
from flake8_asyncio.views.modules import ModuleView


class Circle(NamedTuple):
    """A lock is taken while another is held, and somewhere the other way round."""

    taken: Taken
    back: list[Taken]


class Again(NamedTuple):
    """A lock that is held since `entered` is taken again by a function of another file."""

    lock: str
    entered: Span
    call: Span
    by: str
    path: str


def locking(module: ModuleView) -> Locking:
    """The locks of the world that a file sees."""
    answers = module.world.answers
    if "locking" not in answers:
        answers["locking"] = Locking(module.world)
    found: Locking = answers["locking"]
    return found


def circles(module: ModuleView) -> Iterator[Circle]:
    """The circles in the order of locks that begin in the file, each once."""
    if not _has_locks(module):
        return
    locks = locking(module)
    seen: set[tuple[Lock, ...]] = set()
    for taken in locks.orders(module.facts):
        back = locks.opposite(taken, _files(module, taken))
        key = (taken.lock, taken.held[-1])
        if back and key not in seen:
            seen.add(key)
            yield Circle(taken, back)


def reentered(module: ModuleView) -> Iterator[Again]:
    """Where a holder of a lock awaits a function of another file that takes it."""
    if not _has_locks(module):
        return
    for function in module.facts.functions.values():
        if function.is_async:
            for lock, entered, call, by in locking(module).again(function):
                if not by.path.startswith(f"{module.facts.module}."):
                    name = lock.name.rpartition(".")[2]
                    yield Again(name, entered, call, short(by), module.path_of(by))


def where(module: ModuleView, taken: Taken) -> str:
    """A place as a message names it: the function, with its file if that is another one."""
    if taken.function.path.startswith(f"{module.facts.module}."):
        return f"`{short(taken.function)}()` at line {taken.span.line}"
    path = module.path_of(taken.function).replace("\\", "/").rpartition("/")[2]
    return f"`{short(taken.function)}()` in {path} line {taken.span.line}"


def _has_locks(module: ModuleView) -> bool:
    return "async with" in module.source.text


def _files(module: ModuleView, taken: Taken) -> list[Facts]:
    """The files in which the other order is looked for: this one, what it imports, and where the locks are kept."""
    found = {each.module: each for each in (module.facts, *module.imported)}
    for lock in (taken.lock, *taken.held):
        facts = module.world.facts(lock.module)
        if facts is not None:
            found.setdefault(facts.module, facts)
    return list(found.values())
