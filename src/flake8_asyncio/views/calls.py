"""What a rule may ask about a call, a value, and what becomes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from flake8_asyncio.bindings.amassed import GROWING
from flake8_asyncio.facts.model import UNKNOWN, Access, Arguments, Call, Class, Function, Ref, Use, ValueUse
from flake8_asyncio.facts.references import alternatives
from flake8_asyncio.knowledge import Effect, Makes
from flake8_asyncio.project.chains import Chain, Query, short
from flake8_asyncio.project.containers import CALLBACK
from flake8_asyncio.project.protocols import Protocol, lacks
from flake8_asyncio.project.targets import NONE, External, Instance, Lazy, Object, Promise, Target, Targets
from flake8_asyncio.syntax.cached import cached_property
from flake8_asyncio.syntax.source import Span

if TYPE_CHECKING:
    from flake8_asyncio.views.functions import FunctionView

_Fact = TypeVar("_Fact", Call, ValueUse)
_AWAITED_FIRST = re.compile(r"\(\s*await\b(?!.*\b(?:if|or|and|else)\b)", re.DOTALL)
_GIVES_AWAITABLE = re.compile(r"[?…]|^get$|^get_nowait$|^pop|recv|receive|take|next|wait$|send|coro|task|fut|aw|gather")


@dataclass(eq=False)
class ValueView:
    """A value: what it is, as far as that is certain."""

    ref: Ref
    function: FunctionView

    @cached_property
    def targets(self) -> Targets:
        """All that the value may be but `None`; empty where any of it is unknown."""
        return self.function.module.world.certain(self.ref)

    @cached_property
    def target(self) -> Target | None:
        """What the value is, if it is one thing."""
        return next(iter(self.targets)) if len(self.targets) == 1 else None

    @cached_property
    def promise(self) -> Promise | None:
        """What a call gave that has to do with `await`, if the value is that on every way."""
        found = [each for each in self.targets if isinstance(each, Promise)]
        if not found or len(found) != len(self.targets) or len({each.kind for each in found}) != 1:
            return None
        return found[0]

    @property
    def is_coroutine(self) -> bool:
        """Whether the value is a coroutine that has not been awaited."""
        if self.promise is None or self.promise.kind is not Makes.COROUTINE:
            return False
        by = self.promise.by
        if self.is_callback and not self.function.is_async:
            return False  # plain functions call what is plain, whatever the annotation says
        knowledge = self.function.module.world.knowledge
        return self.function.is_async or not (isinstance(by, External) and knowledge.was_plain(by.path))

    @property
    def is_callback(self) -> bool:
        """Whether the value is what a callback gives, of which nothing but its annotation is known."""
        by = self.promise.by if self.promise is not None else None
        return isinstance(by, External) and by.path == CALLBACK

    @property
    def is_always_coroutine(self) -> bool:
        """Whether the value is such a coroutine, and never `None`."""
        return self.is_coroutine and NONE not in self.everything

    @property
    def ways(self) -> list[ValueView]:
        """The values that it has on different ways; none where there is one."""
        known = alternatives(self.ref) if self.ref[0] == "(" else ()
        return [ValueView(each, self.function) for each in known] if len(known) > 1 else []

    @cached_property
    def everything(self) -> Targets:
        """All that the value may be, `None` included; empty where any of it is unknown."""
        return self.function.module.world.everything(self.ref)

    def lacks(self, protocol: Protocol) -> bool:
        """Whether the value certainly cannot be used in this way."""
        world = self.function.module.world
        return bool(self.everything) and all(lacks(world, each, protocol) for each in self.everything)

    @property
    def is_task(self) -> bool:
        """Whether the value is a task or future, which runs by itself."""
        return self.promise is not None and self.promise.kind is Makes.TASK

    @property
    def holds_coroutines(self) -> bool:
        """Whether the value is a container of coroutines."""
        held = self.target.held if isinstance(self.target, Object) else ()
        return bool(held) and ValueView(held[-1], self.function).is_always_coroutine

    @property
    def called(self) -> Function | None:
        """The function of the project that the value is, where it is handed over without a call."""
        return self.target if isinstance(self.target, Function) else None

    @property
    def makes_coroutine(self) -> bool:
        """Whether the value is a function outside the project whose calls make coroutines."""
        made = self.function.module.world.knowledge.result(self.path) if self.path else None
        return made is not None and made.makes is Makes.COROUTINE

    @cached_property
    def path(self) -> str:
        """The canonical name of something outside the project; empty for everything else."""
        match self.target:
            case External(path):
                return self.function.module.world.knowledge.canonical(path)
        return ""

    @property
    def kind(self) -> str:
        """The name of the class that the value is an instance of; empty where that is unknown."""
        match self.target:
            case Object(of):
                return of
            case Instance(of):
                return of.path
            case Promise(value=value) if value != UNKNOWN:
                return value.partition("<")[0].removesuffix("()")
        return ""

    @property
    def generator(self) -> Lazy | None:
        """The generator or context manager of the project that the value is."""
        return self.target if isinstance(self.target, Lazy) else None


@dataclass(eq=False)
class _Made(Generic[_Fact]):
    """A value that a call made, at one place."""

    fact: _Fact
    function: FunctionView

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.fact.span

    @cached_property
    def use(self) -> Use:
        """What becomes of it."""
        return self.fact.use

    @property
    def text(self) -> str:
        """How the source writes it, or what is called."""
        return self.fact.text

    @property
    def passed_to(self) -> ValueView:
        """The callee that takes it as an argument."""
        return ValueView(self.fact.passed_to or UNKNOWN, self.function)


@dataclass(eq=False)
class CallView(_Made[Call]):
    """A call: what it means, what it gives, and what it may come to."""

    @property
    def subject(self) -> str:
        """How a message names its value."""
        return f"{self.fact.text}()"

    @property
    def attribute(self) -> str:
        """The attribute that is taken of its value."""
        return self.fact.name if self.use is Use.ATTRIBUTE else ""

    @property
    def guards(self) -> tuple[str, ...]:
        """Under which conditions the call runs: see `facts.guards`."""
        return self.fact.guards

    @property
    def arguments(self) -> Arguments:
        """The values it is given, as references."""
        return self.fact.arguments

    def argument(self, position: int | None, name: str | None = None) -> ValueView | None:
        """One of the values that it is given; None if it is not given."""
        ref = self.fact.arguments.get(position, name)
        return None if ref is None else ValueView(ref, self.function)

    @cached_property
    def callee(self) -> ValueView:
        """What is called."""
        return ValueView(self.fact.callee, self.function)

    @cached_property
    def value(self) -> ValueView:
        """What the call gives."""
        ref = self.fact.callee
        value = ValueView(UNKNOWN if ref[0] in "?=" else f"{ref}()", self.function)
        if self.fact.text.endswith("()") and value.is_callback:
            # `app.get("/")(show)`: such decorators are often said to give what they are put on
            return ValueView(UNKNOWN, self.function)
        return value

    @property
    def path(self) -> str:
        """The canonical name of what is called, where that is outside the project."""
        return self.callee.path

    @property
    def only_argument(self) -> str:
        """The source of the one positional argument; empty where there are others, or the call spans lines."""
        text = self.function.module.source.at(self.span)
        arguments = self.fact.arguments
        if "\n" in text or len(arguments.positional) != 1 or arguments.keywords or arguments.is_open:
            return ""
        return text.removeprefix(f"{self.text}(").removesuffix(")") if text.startswith(f"{self.text}(") else ""

    @property
    def has_one_argument(self) -> bool:
        """Whether it is given one positional argument and nothing else."""
        arguments = self.fact.arguments
        return len(arguments.positional) == 1 and not arguments.keywords and not arguments.is_open

    @property
    def gets_awaited(self) -> bool:
        """Whether its first argument is what an `await` of a call gave, and that is nothing to be awaited once more."""
        text = self.function.module.source.at(self.span).removeprefix(self.text)
        argument = self.argument(0)
        if argument is None or _AWAITED_FIRST.match(text) is None:
            return False
        awaited = [each for each in self.function.calls if each.use is Use.AWAITED and each is not self]
        inside = min(
            (each for each in awaited if self.span.contains(each.span)), key=lambda each: each.span, default=self
        )
        gives = inside.text.rpartition(".")[2] if inside is not self else "?"
        return not argument.targets and _GIVES_AWAITABLE.search(gives) is None

    @property
    def is_added(self) -> bool:
        """Whether its value is handed to the method by which a collection grows."""
        return self.use is Use.PASSED and (self.fact.passed_to or UNKNOWN).rpartition(".")[2] in GROWING

    def chain(self, effect: Effect, kinds: frozenset[str] = frozenset()) -> Chain | None:
        """How the call comes to an effect, if it does."""
        return self.function.module.effects.chain(self.fact, self.function.fact, Query(effect, kinds))

    @property
    def name(self) -> str:
        """What is called, as people say it."""
        match self.callee.target:
            case Function() as function:
                return short(function)
            case Class(name=name):
                return name
            case External(path):
                return path.removeprefix("builtins.")
        return self.fact.text


@dataclass(eq=False)
class UseView(_Made[ValueUse]):
    """A value that some call made, used elsewhere than at that call."""

    @property
    def subject(self) -> str:
        """How a message names it."""
        return self.fact.text

    @property
    def attribute(self) -> str:
        """The attribute that is taken of it."""
        return self.fact.name

    @cached_property
    def value(self) -> ValueView:
        """What is used."""
        return ValueView(self.fact.value, self.function)

    def chain(self, effect: Effect, kinds: frozenset[str] = frozenset()) -> Chain | None:
        """How entering or iterating over the value comes to an effect, if it does."""
        return self.function.module.effects.of_use(self.fact, Query(effect, kinds))


@dataclass(eq=False)
class AccessView:
    """An attribute that is read: a property runs code there."""

    fact: Access
    function: FunctionView

    @property
    def span(self) -> Span:
        """Where it is read."""
        return self.fact.span

    @property
    def text(self) -> str:
        """The attribute's name."""
        return self.fact.value.rpartition(".")[2]

    def chain(self, effect: Effect, kinds: frozenset[str] = frozenset()) -> Chain | None:
        """How reading the attribute comes to an effect, if it does."""
        return self.function.module.effects.of_access(self.fact, Query(effect, kinds))
