"""Which kind of race a write is, given what is known of its place when it happens."""

from __future__ import annotations

import ast
import functools

from flake8_asyncio.state import gating, sharing, vocabulary
from flake8_asyncio.state.account import text
from flake8_asyncio.state.flow import Flow, in_order
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.lattice import Guard, Origin, Origins, State
from flake8_asyncio.state.oracle import Oracle
from flake8_asyncio.state.race import Race
from flake8_asyncio.state.spending import is_rebuilt, is_spent
from flake8_asyncio.state.statements import awaited_names, handling, is_exchanged, is_time, refusals, values
from flake8_asyncio.state.summaries import Written, forgiving_statements
from flake8_asyncio.syntax.source import Span

_COLLECTION_WRITES = ("item", "grow", "remove", "augment")
_GATED = frozenset({"stale-check-init", "stale-check-flag", "stale-check-keyed", "stale-check-memo"})
_WEAK = ("argument", "value", "element", "copy")


def is_exempt(place: Place, function: Function, oracle: Oracle) -> bool:
    """Whether writes to a place are left alone in a function; entering and leaving an object that has a lock is not."""
    if function.name in ("__aenter__", "__aexit__") and function.owner is not None and function.owner.owns_lock:
        return False
    if place[0] == "nonlocal" and sharing.is_alone(function):
        return True
    return sharing.is_exempt(place, function, oracle)


class Dependences:
    """The races of one function, found write by write."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.function = flow.function
        self.found: dict[tuple[str, ast.AST | None], Race] = {}
        self.forgiven = forgiving_statements(self.function)
        self.cancelled = handling(flow, frozenset({"CancelledError", "BaseException"}))
        self.handling = handling(flow, None)
        self.refusals = refusals(flow)
        self.written_values = values(flow)

    @functools.cached_property
    def awaited_names(self) -> set[str]:
        """Locals that hold, or are made from, what an `await` gave."""
        return awaited_names(self.flow)

    def observe(self, flow: Flow, state: State, place: Place, written: Written, origins: Origins) -> None:
        """Look at one write."""
        if state.statement in self.cancelled or is_exempt(place, self.function, self.flow.oracle):
            return
        guards = sorted(
            (guard for guard in state.guards.values() if guard.place == place),
            key=lambda guard: (guard.read.lineno, guard.read.col_offset),
        )
        fresh = [guard for guard in guards if guard.stale is None]
        stale = [guard for guard in guards if guard.stale is not None and guard.polarity != "claimed"]
        if flow.is_container(place) and written.operation in _COLLECTION_WRITES and stale:
            aspects = {guard.aspect for guard in fresh}
            if not any(guard.aspect in aspects for guard in stale):
                fresh = []
        key = written.key
        if written.is_inner:
            stale = [guard for guard in stale if guard.key == key]
        if key:
            stale = [guard for guard in stale if not guard.key or guard.key == key]
            fresh = [guard for guard in fresh if not guard.key or guard.key == key]
        own = [
            each for each in in_order(origins) if each.place == place and (not key or not each.key or each.key == key)
        ]
        late = {each.read for each in own if each.stale is not None}  # on some path to here
        is_read_afresh = written.operation in ("bind", "item") and any(
            each.stale is None and each.kind not in ("argument", "receiver") and each.read not in late for each in own
        )
        if fresh or is_read_afresh:
            return
        lost = [each for each in own if each.stale is not None]
        strong = [each for each in lost if each.kind == "arithmetic" or is_rebuilt(state.statement, each)]
        weak = [each for each in lost if each.kind in _WEAK and each not in strong]
        is_update = written.operation in ("bind", "item") and not stale and not written.is_inner
        if is_update and strong:
            self._update(state, place, written, strong[0], is_weak=False)
        elif is_update and weak:
            if self._is_or(state.statement, weak[0]):
                origin = weak[0]
                guard = Guard(place, origin.read, "missing", origin.kind, origin.stale, frozenset())
                self._check(state, place, written, guard)
            else:
                self._update(state, place, written, weak[0], is_weak=True)
        elif any(each.kind == "value" for each in weak) and not strong and not self._is_awaited(state, written):
            return  # what was read is put back, unless an argument was given instead
        elif stale and not self._check(state, place, written, stale[-1], is_fed=bool(strong or weak)):
            if strong and stale[-1].polarity == "compared" and written.operation in ("bind", "item"):
                self._update(state, place, written, strong[0], is_weak=place[0] == "self")

    def _is_or(self, statement: ast.stmt | None, origin: Origin) -> bool:
        """`self.pool = self.pool or await connect()`"""
        match statement:
            case ast.Assign(value=ast.BoolOp(op=ast.Or()) | ast.IfExp()):
                return origin.kind in ("value", "element") and _has_await(statement.value)
        return False

    def _update(self, state: State, place: Place, written: Written, origin: Origin, is_weak: bool) -> None:
        if sharing.is_single_loop(place, self.function) or self.function.name in vocabulary.ONCE:
            return
        before = state.written.get(place)
        if before is not None and origin.read.lineno <= _line(before) < written.node.lineno:
            return  # saved, replaced for a while and put back
        if is_weak and isinstance(origin.stale, ast.Await) and is_exchanged(self.flow, state.statement, origin):
            # `self.token = await refresh(self.token)` uses up what it replaces.
            names = sharing.verbs(self.function, origin.stale.lineno, origin.stale.lineno)
            is_dear = any(map(vocabulary.is_dear, names))
            is_begun = vocabulary.LAUNCHING.search(self.function.name)
            is_weak = not (is_dear and not is_begun and self._is_shared("stale-check-init", place, written))
        self._report("lost-update", place, written, origin.read, origin.stale, is_weak, state)

    def _check(self, state: State, place: Place, written: Written, guard: Guard, is_fed: bool = False) -> bool:
        """A branch was decided on the place before a suspension, and now it is written; whether that is a race."""
        kind = self._kind(state, place, written, guard, is_fed)
        if written.operation == "augment" and _line(state.written.get(place, guard.read)) < guard.read.lineno:
            return False  # what is tested is what the function itself has counted, and now it takes it back
        if not kind or (kind == "stale-check-init" and self._is_tested_by_maker(place, written)):
            return False
        if kind == "limit-overshoot" and is_spent(self.function, state.statement, place, guard):
            self._report("stale-check-flag", place, written, guard.read, guard.stale, False, state)
            return True
        is_step = sharing.is_step_of_loop(place, self.function)
        is_weak = kind in _GATED and (is_step or not self._is_evident(kind, state, place, written, guard))
        if is_weak and not is_step and self._is_memo(kind, state, place, written, guard):
            kind, is_weak = "stale-check-memo", False
        self._report(kind, place, written, guard.read, guard.stale, is_weak, state)
        return True

    def _waits_between(self, start: ast.AST | None, written: Written) -> bool:
        """Whether anything is awaited on the lines between a suspension and a write."""
        first = getattr(start, "end_lineno", 0)
        return any(first < node.lineno <= written.node.lineno for node in self.function.nodes.of(ast.Await))

    def _is_tested_by_maker(self, place: Place, written: Written) -> bool:
        """Whether the value comes from a helper that looks at the place again while it holds a lock."""
        match self.written_values.get(written.node):
            case ast.Await(value=ast.Call(func=maker)):
                callee = self.function.callee(maker)
                summaries = self.flow.summaries
                return callee is not None and bool(summaries.locks(callee)) and place in summaries.reads(callee)
        return False

    def _kind(self, state: State, place: Place, written: Written, guard: Guard, is_fed: bool) -> str:
        operation, value, polarity = written.operation, written.value, guard.polarity
        kind = ""
        if polarity == "missing" and (
            operation in ("item", "grow", "augment") or (operation == "bind" and value != "absent")
        ):
            if operation in ("item", "grow"):
                is_filled = operation == "grow" and self.function.made(place) & {"list", "deque"}
                kind = "stale-check-keyed" if guard.aspect == "presence" else "stale-check-init" if is_filled else ""
            elif value in ("true", "const") or vocabulary.ALIVE.match(place[-1].strip("_")):
                kind = "stale-check-flag"
            else:
                kind = "stale-check-init"
        elif polarity == "compared" and guard.outcome is not None:
            is_size = guard.aspect == "size" and self.flow.is_container(place)
            if operation in ("grow", "augment") or (operation == "item" and is_size):
                kind = "limit-overshoot"
            elif (
                operation == "bind"
                and value == "fresh"
                and (is_fed or written.via or self._is_awaited(state, written))
                and not sharing.is_of_two(self.function, guard.read)
            ):
                kind = "stale-check-init" if vocabulary.EXPIRY.search(place[-1]) else ""
            elif operation == "bind" and is_time(self.written_values.get(written.node), self.function):
                kind = "stale-check-flag"  # when it was done last: noted too late
            elif operation == "remove":
                kind = "stale-remove"
        elif polarity == "present" and operation == "remove":
            kind = "stale-remove"
        elif polarity == "present" and operation == "bind" and self._is_taken_back(place, written, guard):
            kind = "stale-check-flag"
        elif polarity == "present" and (operation == "discard" or (operation == "bind" and value == "absent")):
            kind = "teardown-after-suspension"
        elif polarity in ("unequal", "equal") and operation == "bind" and value in ("const", "true"):
            stored = self.written_values.get(written.node)
            if stored is not None and _leaves(polarity, ast.unparse(stored), guard.constants):
                kind = "stale-check-flag"
        if operation == "augment" and guard.stale in self.flow.acquired:
            kind = kind or "lock-without-recheck"
        if kind == "stale-remove" and state.statement in self.forgiven:
            return ""
        if polarity == "compared" and guard.is_loop:
            return ""
        if kind not in ("", "teardown-after-suspension") and guard.stale in self.flow.acquired:
            locks = {key for key in state.held if key[0] == "lock"}
            if self._is_tested_inside(state, guard, locks):
                return ""
            if locks:
                is_work = kind != "stale-check-init" or written.via or self._is_awaited(state, written)
                is_work = is_work or self._waits_between(guard.stale, written)
                return "lock-without-recheck" if is_work else ""  # who merely notes the owner needs no second test
        if self.function.name in vocabulary.ONCE or kind == "lock-without-recheck":
            return ""
        is_loop = (sharing.is_background(self.function) and guard.is_loop) or sharing.is_single_loop(
            place, self.function
        )
        return "" if is_loop else kind

    def _is_taken_back(self, place: Place, written: Written, guard: Guard) -> bool:
        """Whether a flag that lets the end come once is taken back: `if not self.connected: return`, for `close()`."""
        stored = self.written_values.get(written.node)
        return (
            isinstance(stored, ast.Constant)
            and stored.value is False
            and bool(vocabulary.ALIVE.match(place[-1].strip("_")) and vocabulary.TEARDOWN.search(self.function.name))
            and gating.is_gate("stale-check-flag", self.function, guard.read)
        )

    def _is_tested_inside(self, state: State, guard: Guard, locks: set[tuple[str, ...]]) -> bool:
        """Whether something else is tested again while the locks are held, and not just what was stored under them."""
        acquired = _line(guard.stale or guard.read)
        return any(
            each.stale is None and each.locks & locks and _line(state.written.get(each.place, guard.read)) < acquired
            for each in state.guards.values()
        )

    def _is_evident(self, kind: str, state: State, place: Place, written: Written, guard: Guard) -> bool:
        function = self.function
        if guard.read in self.refusals:
            return False
        is_own = _line(state.written.get(place, guard.read)) < guard.read.lineno  # the outcome of what it did
        is_gate = not written.via and not is_own and gating.is_gate(kind, function, guard.read)
        is_lazy = sharing.is_made_on_use(kind, place, written, function) or gating.is_noted(written, guard, function)
        if not is_gate and not is_lazy and not self._is_shared(kind, place, written):
            return False
        if kind == "stale-check-flag":
            if state.statement in self.handling or gating.is_answer(guard.read, function):
                return False  # notes a failure, or what was found out
            if vocabulary.OVER_FLAG.match(place[-1]) and not vocabulary.TEARDOWN.search(function.name):
                # `if self.closed: return` keeps away who comes too late, not who comes second
                return not written.via and gating.is_all(function, guard.read)
            if written.operation == "bind" and isinstance(written.node, ast.Call) and not (written.via or is_gate):
                return False  # an event that was asked on the way to something else
            if written.via:  # `if not self.is_loaded: await self.load()`, where `load` sets it at its end
                return bool(vocabulary.SAYS_ALIVE.search(place[-1])) and not vocabulary.SAYS_DEAD.search(place[-1])
            return not vocabulary.RESULT.search(place[-1])
        statement = state.statement
        is_simple = statement is not None and not hasattr(statement, "body")
        awaited = sharing.verbs(function, *_lines(guard.read, written.node, statement if is_simple else None))
        callee = function.file.functions.get(written.via)
        if written.via and function.owner is not None:
            callee = function.owner.method(written.via) or callee
        if callee is not None:
            awaited += sharing.verbs(callee, 0, callee.node.end_lineno or 0)
        is_dear = any(map(vocabulary.is_dear, awaited))
        if written.operation in ("bind", "item") and (
            vocabulary.HELD.search(place[-1]) or _is_made(self.written_values.get(written.node))
        ):
            is_dear = True
        if kind == "stale-check-init" and written.operation == "grow":
            is_dear = True  # filled twice, it has everything twice
        if kind == "stale-check-init" and not (is_dear or written.via or self._is_awaited(state, written)):
            return False
        return is_dear or (kind == "stale-check-keyed" and _is_mutable(self.written_values.get(written.node)))

    def _is_memo(self, kind: str, state: State, place: Place, written: Written, guard: Guard) -> bool:
        """Whether it is a value that is worked out once and kept."""
        if any(each[0] == "flag" for each in state.held) or guard.read in self.refusals:
            return False  # something else keeps the others away, or they are told that they are wrong
        if kind == "stale-check-keyed":
            if guard.kind.startswith("helper:") and not guard.key:
                return False
            is_kept = self._is_awaited(state, written) and sharing.is_made_on_use(kind, place, written, self.function)
            return is_kept or self._is_shared(kind, place, written)
        owner = self.function.owner
        is_locked = owner is not None and place[0] == "self" and place[1] in owner.locked
        is_locked = is_locked and not sharing.is_background(self.function)
        is_locked = is_locked and not vocabulary.TEARDOWN.search(self.function.name)
        is_met = place[0] in ("global", "class", "nonlocal") or vocabulary.ENSURES.search(self.function.name)
        if not is_met and not is_locked:
            return False  # the cache of one value that an object has: few tasks meet there
        if kind != "stale-check-init" or guard.polarity != "missing":
            return False
        if not is_locked and (written.via or not self._is_awaited(state, written)):
            return False
        if not sharing.verbs(self.function, *_lines(guard.read, state.statement or written.node)):
            return False  # it waits for a task that all who ask are handed
        return self._is_shared(kind, place, written)

    def _tolerant(self, node: ast.expr, statement: ast.AST) -> str:
        """The same removal, but for one that takes what is gone already; nothing if there is none to be had."""
        match statement, node:
            case ast.Delete(targets=[ast.Subscript(value=value, slice=index)]), _ if not isinstance(index, ast.Slice):
                return f"{ast.unparse(value)}.pop({ast.unparse(index)}, None)" if self._is(value, "dict") else ""
            case _, ast.Call(func=ast.Attribute(value=value, attr="pop"), args=[key]) if self._is(value, "dict"):
                return f"{ast.unparse(value)}.pop({ast.unparse(key)}, None)"
            case _, ast.Call(func=ast.Attribute(value=value, attr="remove"), args=[item]) if self._is(value, "set"):
                return f"{ast.unparse(value)}.discard({ast.unparse(item)})"
        return ""

    def _is(self, node: ast.expr, kind: str) -> bool:
        place = self.function.place(node)
        return place is not None and self.function.made(place) - {"none"} == {kind}

    def _is_shared(self, kind: str, place: Place, written: Written) -> bool:
        name = self.function.name
        if (
            vocabulary.STARTUP.search(name)
            and not vocabulary.ENSURES.search(name)
            and not sharing.is_set_up_by_use(self.function)
        ):
            return False
        return sharing.has_evidence(place, self.function, written.via, kind != "stale-check-init")

    def _is_awaited(self, state: State, written: Written) -> bool:
        """Whether the value stored comes out of an `await`, here or through a local."""
        value = self.written_values.get(written.node)
        if value is None:
            value = getattr(state.statement, "value", None)
        if value is None:
            return False
        names = self.awaited_names
        return any(
            isinstance(each, ast.Await) or (isinstance(each, ast.Name) and each.id in names) for each in ast.walk(value)
        )

    def _report(
        self,
        kind: str,
        place: Place,
        written: Written,
        read: ast.expr,
        suspension: ast.AST | None,
        is_weak: bool,
        state: State,
    ) -> None:
        function = self.function
        source = function.file.source
        statement = state.statement or written.node
        span = source.span(statement if not hasattr(statement, "body") else written.node)
        race = Race(
            "possible-race" if is_weak else kind,
            text(place, function) + (f"[{written.key}]" if written.key else ""),
            function.label,
            span,
            source.span(read),
            _span(self.flow, suspension),
            source.span(statement if isinstance(statement, ast.Delete) else written.node),
            written.via,
            kind if is_weak else "",
            self._tolerant(written.node, statement) if kind == "stale-remove" else "",
        )
        # One test and one suspension make one finding, whatever is stored after them; the best founded one.
        key = (kind, suspension if kind in _GATED else written.node)
        if key not in self.found or (not is_weak and self.found[key].kind == "possible-race"):
            self.found[key] = race


def _leaves(polarity: str, stored: str, tested: frozenset[str]) -> bool:
    """Whether a state is stored that the test excludes: `if state != BUSY: … state = BUSY`, `if state == IDLE: …`."""
    if polarity == "unequal":
        return stored in tested
    return bool(tested) and stored not in tested and not vocabulary.OVER.search(stored)


def _span(flow: Flow, node: ast.AST | None) -> Span | None:
    return flow.function.file.source.span(node) if isinstance(node, (ast.expr, ast.stmt)) else None


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def _lines(*nodes: ast.expr | ast.stmt | None) -> tuple[int, int]:
    """The first and last line of the nodes."""
    known = [each for each in nodes if each is not None]
    return min(each.lineno for each in known), max(each.end_lineno or each.lineno for each in known)


def _has_await(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Await) for each in ast.walk(node))


def _is_made(value: ast.expr | None) -> bool:
    """Whether a call opens or starts it, as its name says; two tasks that begin do everything twice."""
    if not isinstance(value, ast.Call):
        return False
    name = vocabulary.last_name(value.func)
    return name == "ensure_future" or vocabulary.is_dear(name)


def _is_mutable(value: ast.expr | None) -> bool:
    match value:
        case ast.Set() | ast.List() | ast.Dict():
            return True
        case ast.Call(func=function):
            return vocabulary.last_name(function) in ("set", "list", "dict", "deque", "Lock", "Event", "Queue")
    return False
