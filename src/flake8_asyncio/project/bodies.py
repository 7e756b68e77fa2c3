"""Which bodies run on the caller's stack when something is called, and its value entered or iterated over."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Class, Function, Kind, Use
from flake8_asyncio.project import decorators
from flake8_asyncio.project.overrides import Overrides
from flake8_asyncio.project.project import World
from flake8_asyncio.project.targets import Instance, Lazy, Target
from flake8_asyncio.project.usage import CONSUMES

SPECIAL = {Use.ENTERED: ("__enter__", "__exit__"), Use.ITERATED: ("__iter__", "__next__")}
_CONSTRUCTORS = ("__new__", "__init__", "__post_init__")


class Bodies:
    """The functions of one world that run at once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.overrides = Overrides(world)

    def made(self, function: Function) -> decorators.Made:
        """What its decorators make of a function."""
        return decorators.made(function, self.world.targets)

    def of(self, target: Target, use: Use) -> Iterator[Function]:
        """The bodies that run when `target` is called and its value used so."""
        match target:
            case Function():
                yield from self._of_function(target, use)
            case Class():
                for name in _CONSTRUCTORS:
                    method = self.world.members.own_method(target, name)
                    if method is not None:
                        yield method
                yield from self.by_use(Instance(target), use)
            case Instance(of):
                method = self.world.members.own_method(of, "__call__")
                if method is not None and not method.is_async:
                    yield method

    def _of_function(self, function: Function, use: Use) -> Iterator[Function]:
        made = self.made(function)
        if made is decorators.Made.MANAGER:
            if use is Use.ENTERED:
                yield function
        elif made in (decorators.Made.ITSELF, decorators.Made.PROPERTY):
            if function.kind is Kind.GENERATOR:
                if use in CONSUMES:
                    yield function
            elif not function.is_async:
                yield function
            for each in self.overrides.of(function):
                yield from self.of(each, use)
        elif made is decorators.Made.UNKNOWN and decorators.runs_at_once(function, self.world.targets):
            yield function
        if made is decorators.Made.ITSELF or (made is decorators.Made.UNKNOWN and len(function.decorators) == 1):
            for each in decorators.wrappers(function, self.world.targets) if function.decorators else ():
                yield from self.of(each, use)

    def by_use(self, target: Target, use: Use) -> Iterator[Function]:
        """The bodies that run when a value is entered or iterated over."""
        match target:
            case Lazy(by=function, is_async=False, is_manager=is_manager):
                if (use is Use.ENTERED) == is_manager and use in (Use.ENTERED, Use.ITERATED):
                    yield function
            case Instance(of):
                for name in SPECIAL.get(use, ()):
                    method = self.world.members.own_method(of, name)
                    if method is not None and not method.is_async:
                        yield method
