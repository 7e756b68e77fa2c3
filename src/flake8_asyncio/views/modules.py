"""What a rule may ask about the file that is linted."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from flake8_asyncio.facts.model import Call, Facts, Function
from flake8_asyncio.options import Options
from flake8_asyncio.project.contexts import Contexts
from flake8_asyncio.project.effects import Effects
from flake8_asyncio.project.project import World
from flake8_asyncio.syntax.source import Source
from flake8_asyncio.views.functions import FunctionView


@dataclass(frozen=True)
class ModuleView:
    """The linted file, its facts, and the world that it sees."""

    source: Source
    facts: Facts
    world: World
    options: Options

    @functools.cached_property
    def functions(self) -> list[FunctionView]:
        """Every body that runs: functions, lambdas, class bodies and the module itself."""
        return [FunctionView(each, self) for each in self.facts.functions.values()]

    @functools.cached_property
    def coroutines(self) -> list[FunctionView]:
        """The functions that are written `async def`."""
        return [each for each in self.functions if each.is_async]

    @functools.cached_property
    def on_loop(self) -> list[FunctionView]:
        """The functions that an event loop runs: coroutines, and callbacks that the file registers."""
        return [each for each in self.functions if each.fact in self.loop_functions]

    @functools.cached_property
    def loop_functions(self) -> frozenset[Function]:
        """The facts of the functions that an event loop runs."""
        return self.contexts.on_loop(self.facts)

    @functools.cached_property
    def thread_functions(self) -> dict[Function, Call]:
        """The functions that the file hands to a thread or process, with the call that does."""
        return self.contexts.off_loop(self.facts)

    @functools.cached_property
    def contexts(self) -> Contexts:
        """Where functions run."""
        return Contexts(self.world)

    @functools.cached_property
    def effects(self) -> Effects:
        """What calls come to."""
        return effects_of(self.world)

    def path_of(self, function: Function) -> str:
        """The file that a function of the project stands in."""
        module = function.path.removesuffix(f".{function.name}")
        return self.world.modules.find(module) or str(self.source.path)


@functools.lru_cache(maxsize=8)
def effects_of(world: World) -> Effects:
    """The effects that a world shows, shared by the files that see it."""
    return Effects(world)
