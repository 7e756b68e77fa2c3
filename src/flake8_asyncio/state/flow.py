"""What each event of a function does to the state: the transfer function of the race analysis."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from flake8_asyncio.state.events import EVENTS
from flake8_asyncio.state.expressions import DIRECT, EVALUATE, gather
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.lattice import NO_ORIGINS, Guard, LockKey, Origin, Origins, State, join
from flake8_asyncio.state.locks import lock_key
from flake8_asyncio.state.lookups import key_of
from flake8_asyncio.state.oracle import Lock, Oracle
from flake8_asyncio.state.polarity import Tests, matched
from flake8_asyncio.state.summaries import Effect, Summaries, Written
from flake8_asyncio.state.telling import telling
from flake8_asyncio.state.values import COLLECTIONS
from flake8_asyncio.syntax.builder import build
from flake8_asyncio.syntax.dataflow import NoFixpoint, forward
from flake8_asyncio.syntax.graph import Block, Edge, Event, Graph, Kind

_MOST_GUARDS = 64
_LARGEST = 6000  # blocks; some thousand statements

Observer = Callable[["Flow", State, Place, Written, Origins], None]


class Flow:
    """The race analysis of one function, for the places in `relevant`.

    An observer is told of every write, with the state before it and the origins of what is written.
    """

    def __init__(self, function: Function, summaries: Summaries, relevant: frozenset[Place]) -> None:
        self.function = function
        self.summaries = summaries
        self.oracle: Oracle = summaries.oracle
        self.relevant = relevant
        self.observe: Observer | None = None
        self.effect: Effect | None = None  # gathers what awaited coroutines write late
        self.tests = Tests(function, summaries.reads)
        self.acquired: set[ast.AST] = set()  # suspensions that wait for a lock
        self.stacked: set[LockKey] = set()  # locks that an exit stack gives back
        self.graph: Graph | None = None
        self.states: dict[int, State] = {}
        self._events: dict[int, list[Event]] = {}
        self._places: dict[ast.AST, Place | None] = {}
        self._keys: dict[ast.AST, tuple[LockKey, Lock] | None] = {}
        self._containers: dict[Place, bool] = {}

    def run(self, observe: Observer) -> bool:
        """Find what holds everywhere, then tell `observe` of every write; False if that cannot be done."""
        try:
            self.graph = build(self.function.node)
            if len(self.graph.blocks) > _LARGEST:
                return False
            told = telling(self.function, self.relevant)
            self._events = {block.index: told.events(block.events) for block in self.graph.blocks}
            self.states = forward(self.graph, State(), self)
            self.observe = observe
            for block in self.graph.order():
                if block.index in self.states:
                    self.transfer(block, self.states[block.index])
        except (NoFixpoint, RecursionError):
            return False
        return True

    def replay(self) -> Iterator[tuple[State, Event]]:
        """Each event of the function, with the state before it; to be used before the next is asked for."""
        self.observe = None
        for block in self.graph.order() if self.graph is not None else ():
            if block.index in self.states:
                state = self.states[block.index].copy()
                for event in block.events:
                    yield state, event
                    self.apply(state, event)

    # The analysis, as `dataflow` wants it

    def transfer(self, block: Block, state: State) -> State:
        """What holds after the block."""
        events = self._events[block.index]
        if not events:
            return state
        state = state.copy()
        for event in events:
            self.apply(state, event)
        return state

    def apply(self, state: State, event: Event) -> None:
        """Change the state to what holds after an event."""
        if event.statement is not state.statement:
            if state.statement is not None:
                state.values = {}
            state.statement = event.statement
        if event.kind is Kind.EVALUATE:
            origins = EVALUATE.get(type(event.node), gather)(self, state, event.node)
            if origins:
                state.values[event.node] = origins
        elif event.kind in EVENTS:
            EVENTS[event.kind](self, state, event)

    def follow(self, edge: Edge, state: State) -> State:
        """What holds when the edge was taken: its test has been passed."""
        test = edge.test
        if test is None or isinstance(test, ast.Constant):
            return state
        if isinstance(test, ast.match_case):
            match state.statement:
                case ast.Match(subject=subject, cases=cases) if test in cases:
                    return self._branch(state, subject, edge.polarity, test)
            return state
        return self._branch(state, test, edge.polarity, None)

    def join(self, known: State, new: State) -> State:
        """What holds if either does."""
        return join(known, new)

    # Places

    def place(self, node: ast.AST) -> Place | None:
        """The relevant place that an expression names."""
        try:
            return self._places[node]
        except KeyError:
            place = self.function.place(node)
            if place not in self.relevant:
                place = None
            self._places[node] = place
            return place

    def is_container(self, place: Place, node: ast.expr | None = None) -> bool:
        """Whether the place holds a collection."""
        known = self._containers.get(place)
        if known is None:
            known = bool(self.function.made(place) & COLLECTIONS)
            if not known and node is not None:
                known = self.oracle.container(node, self.function.node) is not None
            self._containers[place] = known
        return known

    def lock(self, node: ast.expr) -> tuple[LockKey, Lock] | None:
        """The key and kind of a lock, or None."""
        if node not in self._keys:
            self._keys[node] = lock_key(node, self.function, self.oracle)
        return self._keys[node]

    def read(self, state: State, place: Place, node: ast.expr, kind: str, key: str = "") -> Origin:
        """A fresh origin."""
        return Origin(place, node, kind, None, state.held, key)

    def helper(self, state: State, callee: Function, node: ast.expr) -> Origins:
        """What the result of a helper depends on."""
        places = self.summaries.reads(callee)
        if len(places) > 4:
            return NO_ORIGINS
        kind = f"helper:{callee.name}"
        return frozenset(
            self.read(state, place, node, kind, key_of(node, callee, place))
            for place in places
            if place in self.relevant
        )

    # Branches

    def _branch(self, state: State, test: ast.expr, outcome: bool, case: ast.match_case | None) -> State:
        origins = state.values.get(test)
        if not origins:
            return state
        state, before = state.copy(), state
        chosen: dict[Place, Origin] = {}
        ages: dict[Place, tuple[set[ast.expr], set[ast.expr]]] = {}  # the reads that are fresh, and those that are not
        for origin in in_order(origins):
            if origin.kind in ("argument", "receiver"):
                continue
            ages.setdefault(origin.place, (set(), set()))[origin.stale is not None].add(origin.read)
            known = chosen.get(origin.place)
            if (
                known is None
                or (known.stale is not None and origin.stale is None)
                or (known.stale is None and origin.stale is None and origin.kind in DIRECT)
            ):
                chosen[origin.place] = origin
        is_claim = isinstance(state.statement, ast.Assert)  # says that nobody else is here
        for place, origin in chosen.items():
            is_collection = self.is_container(place)
            is_element, key = self.tests.element(before, test, place) if is_collection else (True, "")
            if not is_collection:
                key = next((each.key for each in in_order(origins) if each.place == place and each.key), "")
            aspect = "presence" if is_element else "size"
            if origin.stale is None:
                for site, guard in list(state.guards.items()):
                    if guard.stale is not None and guard.place == place:
                        if guard.aspect == aspect or not is_collection:
                            del state.guards[site]
                state.checked |= {place}
            constants: frozenset[str] = frozenset()
            if case is not None:
                polarity, constants = matched(case.pattern, outcome)
                known_guard = before.guards.get((place, test))
                if polarity == "unequal" and known_guard is not None and known_guard.polarity == "unequal":
                    constants |= known_guard.constants  # of the cases before
            else:
                polarity = "claimed" if is_claim else self.tests.polarity(before, test, place, outcome)
            if polarity in ("equal", "other") and case is None:
                constants = self.tests.excluded(test, place, outcome)
                if constants:
                    polarity = "unequal"
                else:
                    constants = self.tests.excluded(test, place, not outcome)
            if len(state.guards) > _MOST_GUARDS:
                _drop_oldest(state)
            locks = origin.locks & state.held if origin.stale is None else origin.locks
            is_loop = isinstance(state.statement, ast.While) and state.statement.test is test
            is_gate = self.function.gates.get(test) is outcome
            state.guards[place, test] = Guard(
                place,
                origin.read,
                polarity,
                origin.kind,
                origin.stale,
                locks,
                constants,
                outcome,
                is_loop,
                aspect,
                key,
                is_gate,
            )
        if any(late and fresh - late for fresh, late in ages.values()):
            # `if generation != self._generation:` compares what was read with what is: all is known afresh.
            state.guards = {site: guard for site, guard in state.guards.items() if guard.stale is None}
            for name, known_origins in state.names.items():
                state.names[name] = frozenset(each for each in known_origins if each.stale is None)
        return state

    # Writes

    def write(self, state: State, place: Place, written: Written, origins: Origins) -> None:
        """A write: tell the observer, then let it set flags and end tests."""
        if self.observe is not None:
            self.observe(self, state, place, written, origins)
        operation, key = written.operation, written.key
        guards = [
            (site, guard)
            for site, guard in state.guards.items()
            if guard.place == place and (not written.is_inner or guard.key == key)
        ]
        is_tested = any(guard.stale is None and not _admits(guard, written) for _, guard in guards)
        if is_tested and operation in ("bind", "item", "grow") and written.value != "absent":
            state.cover(("flag", *place))
        if operation in ("remove", "discard") or (operation == "bind" and written.value == "absent"):
            state.release(("flag", *place))
        for site, guard in guards:
            if operation in ("remove", "discard") and guard.polarity == "missing":
                continue
            if key and guard.key and guard.key != key:
                continue
            state.guards.pop(site, None)
            if guard.is_gate and (operation in ("remove", "discard") or written.value == "absent"):
                state.guards[site] = guard.emptied(state.held)
        if operation == "bind":
            for name, known in state.names.items():
                if any(each.place == place and each.kind == "value" for each in known):
                    state.names[name] = frozenset(
                        each._replace(kind="old") if each.place == place and each.kind == "value" else each
                        for each in known
                    )
        if operation not in ("remove", "discard"):
            state.checked |= {place}
        state.written[place] = written.node


def _admits(guard: Guard, written: Written) -> bool:
    """Whether who finds what is written passes the test as well: `if state in (IDLE, ACTIVE): state = ACTIVE`."""
    if guard.polarity not in ("equal", "unequal") or not guard.constants or not written.stored:
        return False
    return (written.stored in guard.constants) is (guard.polarity == "equal")


def _drop_oldest(state: State) -> None:
    """Forget a stale test, which can only lose a finding; without end they would make long functions slow."""
    for site, guard in state.guards.items():
        if guard.stale is not None:
            del state.guards[site]
            return


def in_order(origins: Iterable[Origin]) -> list[Origin]:
    """Origins in the order of the source; a set of them has none that lasts."""
    return sorted(origins, key=lambda each: (each.read.lineno, each.read.col_offset, each.kind, each.key))
