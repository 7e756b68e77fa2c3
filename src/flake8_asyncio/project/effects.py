"""What a call may come to before it returns, and the chain of calls that does it.

An effect reaches a caller through the calls that run on the caller's stack. "May reach" is graph search, so recursion
and import cycles need no care, and breadth first finds the shortest chain first. Where a call may mean several things,
it has an effect only if all of them do.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from flake8_asyncio.facts import guards
from flake8_asyncio.facts.forms import IMPLICIT
from flake8_asyncio.facts.model import Access, Arguments, Call, Class, Facts, Function, Use, ValueUse
from flake8_asyncio.knowledge import Claim, Effect
from flake8_asyncio.project import alternatives, decorators, expected
from flake8_asyncio.project.bodies import SPECIAL, Bodies
from flake8_asyncio.project.branches import Branches, Known, without_error
from flake8_asyncio.project.chains import Chain, Query, Step, doubts, length, trace
from flake8_asyncio.project.contexts import Contexts
from flake8_asyncio.project.hearsay import Hearsay
from flake8_asyncio.project.project import World
from flake8_asyncio.project.receivers import Receivers
from flake8_asyncio.project.targets import NOTHING, External, Instance, Object, Target, Targets, order
from flake8_asyncio.project.usage import CONSUMES, gone_through, is_awaited, is_of_process, is_scheduled, way

_NO_ARGUMENTS = Arguments()
_ASKS = re.compile(r"(loop(\(\))?\.is_running|\b_?get_running_loop|\bcurrent_task|\bcurrent_async_library)$")
_RUNNING = "asyncio.get_running_loop()."
_LOOP_RUNNER = re.compile(r"loop(\(\))?\.run_(until_complete|forever)$")  # by its name nothing else than a loop's
_NESTED = 2  # searches inside searches, where a call may mean several things
_FEW = 4  # things of the project that one call may mean
_FILES, _METADATA = frozenset({"file"}), frozenset({"metadata"})
_CACHES = frozenset({"functools.cache", "functools.lru_cache", "functools.lru_cache()"})
_LAZY = ("builtins.map", "builtins.filter", "itertools.accumulate")  # nothing happens until they are iterated
_Node = tuple[Function, Known]  # a body, and what its caller says of it


class Effects:
    """Chains from calls to effects, in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.contexts = Contexts(world)
        self.branches = Branches(world)
        self.bodies = Bodies(world)
        self.hearsay = Hearsay.of(world)
        self.receivers = Receivers(self.facts_of, world.targets)
        self._harmless: dict[tuple[Query, int], set[_Node]] = {}
        self._found: dict[tuple[_Node, Query, int], Chain | None] = {}  # with how many searches are under way
        self._under_way: list[_Node] = []
        self._cuts = 0  # searches that came back to one under way
        self._asks: dict[Function, bool] = {}

    def chain(self, call: Call, function: Function, query: Query) -> Chain | None:
        """The shortest chain from a call in a function to an effect, if the call certainly means what has it."""
        targets = self._called(call, query) or self._named(call, function)
        chains = list(self._of_all(targets, call, function, query)) if targets else []
        if not chains and guards.TRY in call.guards:
            chains.extend(self._expected(targets, call, function, query))
        chains.extend(self._of_handed(call, query))
        return min(chains, key=length, default=None)

    def of_access(self, access: Access, query: Query) -> Chain | None:
        """The shortest chain from reading an attribute to an effect: properties run code."""
        chains: list[Chain] = []
        for target in self._read(access):
            if isinstance(target, External):
                chain = next(self._of_reading(target.path, query), None)
            else:
                chain = self._shortest(_nodes(self.bodies.of(target, Use.OTHER)), query)
            if chain is None:
                return None
            chains.append(chain)
        return min(chains, key=length, default=None)

    def _of_reading(self, path: str, query: Query) -> Iterator[Chain]:
        claim = self._claim(path, Use.OTHER, query)
        if claim is not None and (claim.is_read or path.endswith("__")):
            yield Chain(self.world.knowledge.canonical(path), claim)

    def of_use(self, use: ValueUse, query: Query) -> Chain | None:
        """The shortest chain from entering or iterating over a value to an effect."""
        how = gone_through(use)
        if how is None:
            return None
        lazy = next(self._lazy(use, how, query), None)
        targets = self.world.certain(use.value)
        if lazy is not None or len(targets) != 1:
            return lazy
        (target,) = targets
        match target:
            case Object(of=kind) | External(path=kind):
                return next(self._special(kind, how, query), None)
        return self._shortest(_nodes(self.bodies.by_use(target, how)), query)

    def _lazy(self, use: ValueUse, how: Use, query: Query) -> Iterator[Chain]:
        """The claim about a call whose value is iterated over later, under a name."""
        if how is Use.ITERATED and use.value.endswith("()") and use.value[0] != "(":
            target = self.world.resolve(use.value.removesuffix("()"))
            if isinstance(target, External) and (claim := self._claim(target.path, how, query)) and claim.lazy:
                yield Chain(self.world.knowledge.canonical(target.path), claim)

    def _of_target(self, target: Target, call: Call, function: Function, query: Query) -> Chain | None:
        use = way(call)
        if isinstance(target, Function) and (claim := self._said(target, call, function, query)):
            return Chain(target.path, claim)
        if not isinstance(target, External):
            if query.effect is Effect.BLOCKS and is_awaited(call, function):
                return None  # what gives something to await has another way for those who wait
            return self._shortest(
                [(each, self.branches.known(each, target, call)) for each in self.bodies.of(target, use)], query
            )
        claim = self._claimed(target.path, call, function, query)
        if claim is not None:
            return Chain(self.world.knowledge.canonical(target.path), claim)
        if use in (Use.ENTERED, Use.ITERATED):
            made = self.world.resolve(f"{call.callee}()")
            return next(self._special(made.of, use, query), None) if isinstance(made, Object) else None
        return None

    def _said(self, target: Function, call: Call, function: Function, query: Query) -> Claim | None:
        """The claim about a function of the project: the user's, or ours where the project is the library itself.

        A single file that bears a library's name, such as `requests.py`, is none.
        """
        module = target.path.removesuffix(f".{target.name}")
        if target.path not in self.world.knowledge.own and self.world.modules.is_single(module):
            return None
        claim = self._claimed(target.path, call, function, query)
        return None if claim is None or claim.is_derived else claim  # what its code shows is told in full

    def _claimed(self, path: str, call: Call, function: Function, query: Query) -> Claim | None:
        """The claim about a name outside, if it holds for this call of it."""
        claim = self._claim(path, way(call), query)
        if claim is None or not claim.holds(call.arguments):
            return None
        return None if claim.receiver and self.receivers.lift(claim, call, function) else claim

    def _claim(self, path: str, use: Use, query: Query) -> Claim | None:
        claim = self.world.knowledge.claim(path, query.effect)
        if claim is None or not query.takes(claim) or use is Use.AWAITED:
            return None
        return None if claim.lazy and use not in CONSUMES else claim

    def _special(self, kind: str, use: Use, query: Query) -> Iterator[Chain]:
        """What `with` and `for` call of an instance of something outside the project."""
        for name in SPECIAL[use]:
            claim = self._claim(f"{kind}.{name}", Use.CALLED, query)
            if claim is not None:
                yield Chain(f"{self.world.knowledge.canonical(kind)}.{name}", claim)

    def _of_handed(self, call: Call, query: Query) -> Iterator[Chain]:
        """The chains through functions that the call is given and that are called before it returns."""
        if call.arguments == _NO_ARGUMENTS:
            return
        for target in self._given(call):
            match target:
                case Function() if not target.is_async:
                    chain = self.of_function(target, query)
                    if chain is not None:
                        yield chain
                case External(path) if (claim := self._claim(path, Use.CALLED, query)) and not claim.unless:
                    yield Chain(self.world.knowledge.canonical(path), claim)

    def handed_to_loop(self, call: Call, query: Query) -> Iterator[Chain]:
        """The causes that a call gives the event loop to call later."""
        if call.arguments == _NO_ARGUMENTS:
            return
        for value in self.contexts.values(call, "on_loop"):
            for target in self.world.certain(value):
                if isinstance(target, External) and (claim := self._claim(target.path, Use.CALLED, query)):
                    if claim.holds(call.arguments.after(value)):
                        yield Chain(self.world.knowledge.canonical(target.path), claim)

    def _given(self, call: Call) -> list[Target]:
        if call.callee in _LAZY and way(call) not in CONSUMES:
            return []
        values = self.contexts.values(call, "calls_now")
        return [each for value in values for each in sorted(self.world.certain(value), key=order)]

    def _shortest(self, starts: Iterable[_Node], query: Query) -> Chain | None:
        chains = [chain for each in starts if (chain := self._of_node(each, query)) is not None]
        return min(chains, key=length, default=None)

    def of_function(self, start: Function, query: Query, known: Known = frozenset()) -> Chain | None:
        """The shortest chain from the body of a function to an effect."""
        return self._of_node((start, known), query)

    def _of_node(self, start: _Node, query: Query) -> Chain | None:
        nested = len(self._under_way)
        if (key := (start, query, nested)) in self._found:
            return self._found[key]
        if nested > _NESTED or start in self._under_way:
            self._cuts += start in self._under_way
            return None
        cuts = self._cuts
        self._under_way.append(start)
        try:
            found = self._search(start, query)
        finally:
            self._under_way.pop()
        if not query.apart and (not nested or cuts == self._cuts):  # else another way here may find more
            self._found[key] = found
        return found

    def _search(self, start: _Node, query: Query) -> Chain | None:
        nested = len(self._under_way)
        harmless = self._harmless.setdefault((query._replace(apart=frozenset()), nested), set())
        came_from: dict[_Node, tuple[_Node, Step] | None] = {start: None}
        depth, queue, cuts, is_cut = {start: (0, 0)}, deque([start]), self._cuts, False
        while queue:
            node = queue.popleft()
            calls, doubted = depth[node][0] + 1, depth[node][1]
            for step, found in self._edges(node, query):
                far = calls, doubted + step.is_doubtful
                if isinstance(found, Chain):
                    if not query.reaches(calls + len(found.steps), far[1] + doubts(found.steps)):
                        is_cut = True  # others may be nearer
                    elif step.function.path not in query.apart:
                        return Chain(found.path, found.claim, (*trace(node, step, came_from), *found.steps))
                elif found not in came_from and found not in harmless:
                    if query.reaches(calls + 1, far[1]):
                        came_from[found], depth[found] = (node, step), far
                        queue.append(found)
                    else:
                        is_cut = True
        if not is_cut and not query.apart and (cuts == self._cuts or nested == 1):
            harmless.update(came_from)
        return None

    def _edges(self, node: _Node, query: Query) -> Iterator[tuple[Step, _Node | Chain]]:
        """The causes that a body calls itself, as chains of no steps, and the bodies that it runs."""
        function, known = node
        is_kept = query.kinds in (_FILES, _METADATA)
        if is_kept and not _CACHES.isdisjoint(function.decorators):
            return  # a file that is read once
        for loop in function.loops if query.milliseconds else ():
            milliseconds = self.branches.lasting(loop, known)
            if milliseconds is None or milliseconds >= query.milliseconds:
                if not self.is_silenced(function, loop.span.line, query):
                    yield (
                        Step(function, loop.span, loop.text),
                        Chain(loop.text, Claim("heavy" if loop.by else loop.kind, str(milliseconds or ""))),
                    )
        is_loop = query.effect is Effect.RUNS_LOOP
        is_bridge = is_loop and self.asks_for_loop(function)
        for written in function.calls:
            call = self.branches.seen(written, function, known)
            if call is None or not guards.ELSEWHERE.isdisjoint(call.guards):
                continue
            if guards.FIRST in call.guards and (is_kept or (not is_loop and is_of_process(call))):
                continue
            if is_bridge and guards.LOOP not in call.guards and not call.callee.startswith(_RUNNING):
                continue
            is_doubtful = guards.BRANCH in call.guards or guards.HANDLER in call.guards
            for found in self._of_call(call, function, query):
                if not self.is_silenced(function, call.span.line, query):
                    yield Step(function, call.span, call.text, is_doubtful), found
        for access in function.accesses:
            for target in self._read(access):
                if not self.is_silenced(function, access.span.line, query):
                    step = Step(function, access.span, access.value.rpartition(".")[2])
                    for chain in self._of_reading(target.path, query) if isinstance(target, External) else ():
                        yield step, chain
                    for body in self.bodies.of(target, Use.OTHER):
                        yield step, (body, frozenset())
        for use in function.uses:
            how = gone_through(use)
            if how is not None:
                if self.is_silenced(function, use.span.line, query):
                    continue
                step = Step(function, use.span, use.text)
                for chain in self._lazy(use, how, query):
                    yield step, chain
                for target in self.world.certain(use.value):
                    for body in self.bodies.by_use(target, how):
                        yield step, (body, without_error(body))

    def _of_call(self, call: Call, function: Function, query: Query) -> Iterator[_Node | Chain]:
        targets = self._called(call, query) or self.hearsay.telling(call)
        if len(targets) == 1 or len({order(each).partition("#")[0] for each in targets}) == 1:
            for target in targets:
                if isinstance(target, External):
                    chain = self._of_target(target, call, function, query)
                    if chain is not None:
                        yield chain
                elif isinstance(target, Function) and (claim := self._said(target, call, function, query)):
                    yield Chain(target.path, claim)
                else:
                    for body in self.bodies.of(target, way(call)):
                        yield body, self.branches.known(body, target, call)
        elif 1 < len(targets) <= _FEW or (targets and all(isinstance(each, External) for each in targets)):
            yield from self._of_all(targets, call, function, query)
        if guards.TRY in call.guards:
            yield from self._expected(targets, call, function, query)
        if call.arguments != _NO_ARGUMENTS:
            for given in self._given(call):
                if isinstance(given, Function) and not given.is_async:
                    yield given, frozenset()
                elif isinstance(given, External) and (claim := self._claim(given.path, Use.CALLED, query)):
                    yield Chain(self.world.knowledge.canonical(given.path), claim)

    def _of_all(self, targets: Sequence[Target], call: Call, function: Function, query: Query) -> Iterator[Chain]:
        """The shortest chain, if enough of several things that a call may mean have one."""
        meant = alternatives.without_stand_ins(targets, self.world.knowledge)
        found = [self._of_target(each, call, function, query) for each in meant]
        chains = [each for each in found if each is not None]
        if alternatives.are_enough(len(chains), meant):
            yield min(chains, key=length)

    def _expected(self, targets: Sequence[Target], call: Call, function: Function, query: Query) -> Iterator[Chain]:
        """What a call of something unknown does, as far as its handlers tell."""
        found = expected.claim(call, function, self.world.knowledge) if query.effect is Effect.BLOCKS else None
        if found is not None and query.takes(found[1]) and found[1].holds(call.arguments):
            if expected.is_unknown(targets, self.world.knowledge) and not self.receivers.lift(found[1], call, function):
                yield Chain(*found)

    def is_silenced(self, function: Function, line: int, query: Query) -> bool:
        """Whether a `# noqa` on a line of a function's file stops chains through it."""
        facts = self.facts_of(function)
        codes = facts.noqa.get(line) if facts is not None else None
        family = "AIO1" if query.effect is Effect.RUNS_LOOP else "AIO4"
        return codes is not None and (not codes or any(family.startswith(each[:4]) for each in codes))

    def facts_of(self, function: Function) -> Facts | None:
        """The facts of the file that a function stands in."""
        return self.world.facts(function.path.removesuffix(f".{function.name}"))

    # -- what runs ------------------------------------------------------------

    def _called(self, call: Call, query: Query) -> list[Target]:
        certain = self.world.certain(call.callee) or self.given_by_callers(call)
        safe, is_task = self.world.knowledge.safe, is_scheduled(call)
        if any(isinstance(each, Function | Class) and (is_task or each.path in safe) for each in certain):
            return []
        if query.effect is Effect.RUNS_LOOP and _LOOP_RUNNER.search(call.text):
            if all(isinstance(each, External) for each in certain):
                return [External(f"asyncio.AbstractEventLoop.{call.text.rpartition('.')[2]}")]
        found = sorted(certain, key=order) if len(certain) > 1 else certain
        return [External(f"{each.of}.__call__") if isinstance(each, Object) else each for each in found]

    def given_by_callers(self, call: Call) -> Targets:
        """The method that is called if parameters without a type are what callers give them."""
        owner, _, name = call.callee.rpartition(".")
        if call.callee[0] in "?=" or not owner or not name.isidentifier():
            return NOTHING
        found = self.hearsay.given(owner, name)
        return found if all(isinstance(each, Function | External) for each in found) else NOTHING

    def _named(self, call: Call, function: Function) -> Sequence[Target]:
        """The methods of the project that have the name by which a coroutine calls one of something unknown."""
        owner, _, name = call.text.rpartition(".")
        if not function.is_async or call.use is Use.AWAITED or not owner or call.callee[0] == "=":
            return []
        return self.hearsay.namesakes(call.callee, name) or self.hearsay.telling(call)

    def asks_for_loop(self, function: Function) -> bool:
        """Whether a function looks if a loop runs, by itself or through what it tests; it then knows what it does."""
        known = self._asks.get(function)
        if known is None:
            self._asks[function] = False  # while it is worked out
            known = self._asks[function] = not function.is_async and (
                guards.TESTS_LOOP in function.flags or any(self._asks_by(call) for call in function.calls)
            )
        return known

    def _asks_by(self, call: Call) -> bool:
        if _ASKS.search(call.text):
            return True
        if call.use is not Use.TESTED:
            return False
        return any(isinstance(each, Function) and self.asks_for_loop(each) for each in self.world.certain(call.callee))

    def _read(self, access: Access) -> list[Target]:
        """The function that reading an attribute runs: a property of the project, or one outside that is claimed."""
        owner, _, name = access.value.rpartition(".")
        found: list[Target] = []
        for target in self.world.certain(owner) if owner else ():
            match target:
                case Instance(of) if name.endswith("="):
                    setter = self.world.members.own_method(of, f"{name[:-1]}.setter")
                    found.extend([setter] if setter is not None else [])
                case Instance(of):
                    for member in self.world.members.find(of, name):
                        if isinstance(member, Function) and (
                            name in IMPLICIT or self.bodies.made(member) is decorators.Made.PROPERTY
                        ):
                            found.append(member)
                case Object(of):
                    found.append(External(f"{of}.{name}"))
        return found


def _nodes(bodies: Iterable[Function]) -> Iterator[_Node]:
    return ((each, without_error(each)) for each in bodies)
