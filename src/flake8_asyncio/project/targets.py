"""What a reference can mean."""

from __future__ import annotations

from dataclasses import dataclass

from flake8_asyncio.facts.model import UNKNOWN, Class, Function, Ref
from flake8_asyncio.knowledge import Makes


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a class of the project; `held` are the arguments of a generic."""

    of: Class
    held: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Super:
    """An instance of a class as its base classes see it."""

    of: Class


@dataclass(frozen=True, slots=True)
class External:
    """A name outside the project: a module, function, class or method; knowledge may say more about it."""

    path: str
    held: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Object:
    """An instance of a class outside the project."""

    of: str
    held: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """What a call gives that has to do with `await`: `by` made it, awaiting it gives `gives`."""

    kind: Makes
    by: Function | External
    value: Ref = UNKNOWN
    gives: Ref = UNKNOWN
    entered: Ref = UNKNOWN
    iterated: Ref = UNKNOWN


@dataclass(frozen=True, slots=True)
class Lazy:
    """What a generator of the project gives, or a context manager that is written as one."""

    by: Function
    is_manager: bool
    is_async: bool


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant, as its `repr`."""

    text: str


@dataclass(frozen=True, slots=True)
class Nobody:
    """Something that cannot be known."""


NOBODY = Nobody()
Target = Function | Class | Instance | Super | External | Object | Promise | Lazy | Literal | Nobody
Targets = frozenset[Target]
NOTHING: Targets = frozenset()
UNKNOWN_TARGETS: Targets = frozenset({NOBODY})
NONE = Literal("None")


def order(target: Target) -> str:
    """By what several are sorted."""
    return target.path if isinstance(target, Function | Class | External) else repr(target)
