"""What a rule may ask about the file that is linted."""

from __future__ import annotations

from dataclasses import dataclass

from flake8_asyncio.bindings.functions import Body, bodies
from flake8_asyncio.bindings.kept import kept
from flake8_asyncio.facts.model import Class, Facts, Function
from flake8_asyncio.facts.references import alternatives
from flake8_asyncio.options import Options
from flake8_asyncio.project.contexts import Contexts
from flake8_asyncio.project.effects import Effects
from flake8_asyncio.project.names import is_dotted, located
from flake8_asyncio.project.project import World
from flake8_asyncio.state import FileRaces, analyse
from flake8_asyncio.syntax.cached import cached_property
from flake8_asyncio.syntax.source import Source, Span
from flake8_asyncio.views.functions import FunctionView
from flake8_asyncio.views.oracle import WorldOracle


@dataclass(frozen=True)
class ModuleView:
    """The linted file, its facts, and the world that it sees."""

    source: Source
    facts: Facts
    world: World
    options: Options

    def close(self) -> None:
        """Let go of everything once the rules are done: views know each other, and facts of many files."""
        for function in self.functions:
            vars(function).clear()
        vars(self).clear()

    @cached_property
    def functions(self) -> list[FunctionView]:
        """Every body that runs: functions, lambdas, class bodies and the module itself."""
        return [FunctionView(each, self) for each in self.facts.functions.values()]

    @cached_property
    def coroutines(self) -> list[FunctionView]:
        """The functions that are written `async def`."""
        return [each for each in self.functions if each.is_async]

    @cached_property
    def on_loop(self) -> list[FunctionView]:
        """The functions that an event loop runs: coroutines, and callbacks that the file registers."""
        return [each for each in self.functions if each.is_on_loop]

    @cached_property
    def loop_functions(self) -> frozenset[Function]:
        """The facts of the functions that an event loop runs."""
        return self.contexts.on_loop(self.facts)

    @cached_property
    def thread_functions(self) -> dict[Function, Span]:
        """The functions that the file hands to a thread or process, with the place that does."""
        return self.contexts.off_loop(self.facts)

    @cached_property
    def contexts(self) -> Contexts:
        """Where functions run."""
        return self.effects.contexts

    @cached_property
    def effects(self) -> Effects:
        """What calls come to."""
        if "effects" not in self.world.answers:
            self.world.answers["effects"] = Effects(self.world)
        effects: Effects = self.world.answers["effects"]
        return effects

    @cached_property
    def races(self) -> FileRaces:
        """The races in the file, and the wrong uses of locks."""
        return analyse(self.source, WorldOracle(self))

    @cached_property
    def bodies(self) -> dict[Span, Body]:
        """The bodies of the functions with their control flow, by where the functions stand."""
        return bodies(self.source)

    @cached_property
    def kept(self) -> dict[Span, tuple[str, Span]]:
        """The expressions that are assigned to attributes which the file uses as values and never awaits."""
        return kept(self.source)

    @cached_property
    def visible_classes(self) -> list[Class]:
        """The classes of the file and of the modules that it imports."""
        found = list(self.facts.classes.values())
        for each in self.imported:
            found.extend(each.classes.values())
        return found

    @cached_property
    def imported(self) -> list[Facts]:
        """The facts of the project's modules that the file imports, at its top level."""
        modules: dict[str, Facts] = {}
        for ref in self.facts.names.values():
            for each in alternatives(ref):
                facts, _ = located(self.world.facts, each) if is_dotted(each) else (None, [])
                if facts is not None and facts is not self.facts:
                    modules[facts.module] = facts
        for star in self.facts.stars:
            if (facts := self.world.facts(star)) is not None:
                modules[facts.module] = facts
        return list(modules.values())

    @cached_property
    def top_packages(self) -> frozenset[str]:
        """The top-level packages that the file imports at its top level, without its own."""
        found = {ref.partition(".")[0] for ref in (*self.facts.names.values(), *self.facts.stars)}
        return frozenset(found - {self.facts.module.partition(".")[0]})

    def path_of(self, function: Function) -> str:
        """The file that a function of the project stands in."""
        module = function.path.removesuffix(f".{function.name}")
        return self.world.modules.find(module) or str(self.source.path)
