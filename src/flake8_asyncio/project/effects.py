"""What a call may come to before it returns, and the chain of calls that does it.

An effect reaches a caller through the calls that run on the caller's stack. "May reach" is graph search, so recursion
and import cycles need no care, and breadth first finds the shortest chain first. Where a call may mean several things,
it has an effect only if all of them do.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_asyncio.facts import guards
from flake8_asyncio.facts.model import Access, Arguments, Call, Class, Function, Kind, Use
from flake8_asyncio.knowledge import Claim, Effect
from flake8_asyncio.project import decorators
from flake8_asyncio.project.project import World
from flake8_asyncio.project.targets import External, Instance, Lazy, Object, Target
from flake8_asyncio.syntax.source import Span

_NO_ARGUMENTS = Arguments()
_ASKS = frozenset({"get_running_loop", "_get_running_loop", "current_task", "current_async_library"})
_RUNNING = "asyncio.get_running_loop()."
_DEEPEST = 2  # a test for a running loop is a function of its own at most
_LOOP_RUNNER = re.compile(r"loop(\(\))?\.run_(until_complete|forever)$")  # by its name nothing else than a loop's
_CONSTRUCTORS = ("__new__", "__init__", "__post_init__")


@dataclass(frozen=True, slots=True)
class Step:
    """A place where a function hands over to the next: a call, or the reading of a property."""

    function: Function
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Chain:
    """How a call comes to its effect: through the functions on the way, to the name outside that has it.

    `steps` are the places inside those functions, in order; the last is where the cause is called.
    """

    path: str
    claim: Claim
    steps: tuple[Step, ...] = ()

    @property
    def is_direct(self) -> bool:
        """Whether the call itself has the effect."""
        return not self.steps

    @property
    def names(self) -> tuple[str, ...]:
        """The functions on the way and the cause."""
        return (*(short(step.function) for step in self.steps), self.path.removeprefix("builtins."))

    @property
    def cause(self) -> tuple[str, Span] | None:
        """Where the cause is called; None for a direct call."""
        return (self.steps[-1].function.path, self.steps[-1].span) if self.steps else None

    def __str__(self) -> str:
        return " → ".join(self.names)


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: an effect, and for blocking the kinds of it."""

    effect: Effect
    kinds: frozenset[str] = frozenset()

    def takes(self, claim: Claim) -> bool:
        """Whether a claim is of the kind that is looked for."""
        return not self.kinds or claim.kind in self.kinds


class Effects:
    """Chains from calls to effects, in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._harmless: dict[Query, set[Function]] = {}
        self._found: dict[tuple[Function, Query], Chain | None] = {}
        self._asks: dict[Function, bool] = {}

    def chain(self, call: Call, query: Query) -> Chain | None:
        """The shortest chain from a call to an effect, if the call certainly means something that has it."""
        return self._first(self._called(call, query), call.use, call.arguments, query)

    def of_access(self, access: Access, query: Query) -> Chain | None:
        """The shortest chain from reading an attribute to an effect: properties run code."""
        return self._first(self._read(access), Use.OTHER, _NO_ARGUMENTS, query)

    def of_use(self, target: Target, use: Use, query: Query) -> Chain | None:
        """The shortest chain from entering or iterating over a value to an effect."""
        functions = list(self._by_use(target, use))
        return self._shortest(functions, query)

    def _first(self, targets: list[Target], use: Use, arguments: Arguments, query: Query) -> Chain | None:
        chains: list[Chain] = []
        for target in targets:
            if isinstance(target, External):
                claim = self.claim(target.path, use, arguments, query)
                chain = Chain(self.world.knowledge.canonical(target.path), claim) if claim else None
            else:
                chain = self._shortest(list(self._runs(target, use)), query)
            if chain is None:
                return None
            chains.append(chain)
        return min(chains, key=lambda each: len(each.steps), default=None)

    def claim(self, path: str, use: Use, arguments: Arguments, query: Query) -> Claim | None:
        """The claim about a name outside, if it holds for a call of this form."""
        claim = self.world.knowledge.claim(path, query.effect)
        if claim is None or not query.takes(claim) or not claim.holds(arguments) or use is Use.AWAITED:
            return None
        if claim.lazy and use not in (Use.ITERATED, Use.UNPACKED):
            return None
        return claim

    def _shortest(self, starts: list[Function], query: Query) -> Chain | None:
        chains = [chain for each in starts if (chain := self.of_function(each, query)) is not None]
        return min(chains, key=lambda each: len(each.steps), default=None)

    def of_function(self, start: Function, query: Query) -> Chain | None:
        """The shortest chain from the body of a function to an effect."""
        key = (start, query)
        if key not in self._found:
            self._found[key] = self._search(start, query)
        return self._found[key]

    def _search(self, start: Function, query: Query) -> Chain | None:
        harmless = self._harmless.setdefault(query, set())
        came_from: dict[Function, Step | None] = {start: None}
        queue = deque([start])
        while queue:
            function = queue.popleft()
            for step, targets, use, arguments in self._edges(function, query):
                for target in targets:
                    if isinstance(target, External):
                        if len(targets) == 1 and (claim := self.claim(target.path, use, arguments, query)):
                            return Chain(self.world.knowledge.canonical(target.path), claim, _trace(step, came_from))
                    else:
                        for each in self._runs(target, use):
                            if each not in came_from and each not in harmless:
                                came_from[each] = step
                                queue.append(each)
        harmless.update(came_from)
        return None

    def _edges(self, function: Function, query: Query) -> Iterator[tuple[Step, list[Target], Use, Arguments]]:
        is_bridge = query.effect is Effect.RUNS_LOOP and self.asks_for_loop(function)
        for call in function.calls:
            if guards.MAIN in call.guards or guards.NO_LOOP in call.guards:
                continue
            if is_bridge and guards.LOOP not in call.guards and not call.callee.startswith(_RUNNING):
                continue
            targets = self._called(call, query)
            if targets and not self.is_silenced(function, call.span.line, query):
                yield Step(function, call.span, call.text), targets, call.use, call.arguments
        for access in function.accesses:
            targets = self._read(access)
            if targets and not self.is_silenced(function, access.span.line, query):
                yield Step(function, access.span, access.value.rpartition(".")[2]), targets, Use.OTHER, _NO_ARGUMENTS
        for use in function.uses:
            if use.use in (Use.ENTERED, Use.ITERATED):
                for target in self.world.certain(use.value):
                    for each in self._by_use(target, use.use):
                        yield Step(function, use.span, use.text), [each], Use.CALLED, _NO_ARGUMENTS

    def is_silenced(self, function: Function, line: int, query: Query) -> bool:
        """Whether a `# noqa` on a line of a function's file stops chains through it."""
        facts = self.world.facts(function.path.removesuffix(f".{function.name}"))
        codes = facts.noqa.get(line) if facts is not None else None
        family = "AIO1" if query.effect is Effect.RUNS_LOOP else "AIO4"
        return codes is not None and (not codes or any(family.startswith(each[:4]) for each in codes))

    # -- what runs ------------------------------------------------------------

    def _called(self, call: Call, query: Query) -> list[Target]:
        found = sorted(self.world.certain(call.callee), key=_order)
        if not found and query.effect is Effect.RUNS_LOOP and _LOOP_RUNNER.search(call.text):
            return [External(f"asyncio.AbstractEventLoop.{call.text.rpartition('.')[2]}")]
        return found

    def asks_for_loop(self, function: Function, depth: int = 0) -> bool:
        """Whether a function looks if a loop runs, by itself or through what it calls; it then knows what it does."""
        known = self._asks.get(function)
        if known is None:
            known = self._asks[function] = not function.is_async and (
                guards.TESTS_LOOP in function.flags
                or any(self._asks_by(call, depth) for call in function.calls if call.use is not Use.RETURNED)
            )
        return known

    def _asks_by(self, call: Call, depth: int) -> bool:
        if call.text.endswith(".is_running") or call.text.rpartition(".")[2] in _ASKS:
            return True
        if depth >= _DEEPEST:
            return False
        targets = self.world.certain(call.callee)
        return any(isinstance(each, Function) and self._asks_itself(each, depth + 1) for each in targets)

    def _asks_itself(self, function: Function, depth: int) -> bool:
        return guards.TESTS_LOOP in function.flags or any(
            self._asks_by(call, depth) for call in function.calls if not function.is_async
        )

    def _read(self, access: Access) -> list[Target]:
        """The function that reading an attribute runs: a property of the project, or one outside that is claimed."""
        owner, _, name = access.value.rpartition(".")
        found: list[Target] = []
        for target in self.world.certain(owner):
            match target:
                case Instance(of):
                    for member in self.world.members.find(of, name):
                        if isinstance(member, Function) and self._made(member) is decorators.Made.PROPERTY:
                            found.append(member)
                case Object(of):
                    found.append(External(f"{of}.{name}"))
        return found

    def _made(self, function: Function) -> decorators.Made:
        return decorators.made(function, self.world.targets)

    def _runs(self, target: Target, use: Use) -> Iterator[Function]:
        """The bodies that run on the caller's stack when `target` is called and its value used so."""
        match target:
            case Function():
                made = self._made(target)
                if made is decorators.Made.MANAGER:
                    if use is Use.ENTERED:
                        yield target
                elif made in (decorators.Made.ITSELF, decorators.Made.PROPERTY):
                    if target.kind is Kind.GENERATOR:
                        if use in (Use.ITERATED, Use.UNPACKED):
                            yield target
                    elif not target.is_async:
                        yield target
            case Class():
                for name in _CONSTRUCTORS:
                    method = self.world.members.own_method(target, name)
                    if method is not None:
                        yield method
                yield from self._by_use(Instance(target), use)
            case Instance(of):
                method = self.world.members.own_method(of, "__call__")
                if method is not None and not method.is_async:
                    yield method

    def _by_use(self, target: Target, use: Use) -> Iterator[Function]:
        names: tuple[str, ...] = ()
        match target, use:
            case Instance(), Use.ENTERED:
                names = ("__enter__", "__exit__")
            case Instance(), Use.ITERATED:
                names = ("__iter__", "__next__")
            case Lazy(by=function, is_async=False, is_manager=is_manager), _:
                if (use is Use.ENTERED) == is_manager and use in (Use.ENTERED, Use.ITERATED):
                    yield function
        for name in names:
            method = self.world.members.own_method(target.of, name) if isinstance(target, Instance) else None
            if method is not None and not method.is_async:
                yield method


def short(function: Function) -> str:
    """A function's name as people say it: `Store.load` or `fetch`."""
    parts = function.name.split(".")
    name = parts[-1].partition("#")[0]
    if name.startswith("lambda_"):
        return "lambda"
    return f"{function.owner.rpartition('.')[2]}.{name}" if function.owner else name


def _trace(last: Step, came_from: dict[Function, Step | None]) -> tuple[Step, ...]:
    steps = [last]
    while (step := came_from[steps[-1].function]) is not None:
        steps.append(step)
    return tuple(reversed(steps))


def _order(target: Target) -> str:
    return target.path if isinstance(target, Function | Class | External) else repr(target)
