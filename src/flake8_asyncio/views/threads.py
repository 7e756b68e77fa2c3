"""What code in threads does to the event loop."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_asyncio.facts import guards
from flake8_asyncio.facts.model import UNKNOWN, Call, Class, Function, Ref, Use
from flake8_asyncio.facts.references import alternatives
from flake8_asyncio.knowledge import Effect
from flake8_asyncio.project.chains import Query
from flake8_asyncio.project.targets import External
from flake8_asyncio.syntax.source import Span
from flake8_asyncio.views.calls import CallView
from flake8_asyncio.views.functions import FunctionView
from flake8_asyncio.views.modules import ModuleView
from flake8_asyncio.views.own_threads import used_from_outside

_SCHEDULES = re.compile(r"asyncio\.(create_task|ensure_future|\w*EventLoop\.create_task|\w*Loop\.run_in_executor)$")
_TOUCHES = re.compile(
    r"asyncio\.(\w*EventLoop\.(call_soon|call_later|call_at|stop|add_reader|add_writer)"
    r"|(Future|Task)\.(set_result|set_exception|cancel)"
    r"|Event\.(set|clear)|(\w*Queue)\.(put_nowait|get_nowait)|(Lock|\w*Semaphore)\.release"
    r"|StreamWriter\.(write|writelines|close)|\w*Transport\.(write|writelines|close|abort))$"
    r"|homeassistant\.(core\.HomeAssistant\.async_(create_task|create_background_task|add_job|run_job|run_hass_job)"
    r"|core\.EventBus\.async_fire|core\.StateMachine\.async_(set|remove)"
    r"|helpers\.dispatcher\.async_dispatcher_send"
    r"|helpers\.entity\.Entity\.async_(write_ha_state|schedule_update_ha_state))$"
)
_NAMED = (
    (
        re.compile(r"(?:^|[._])loop(?:\(\))?\.(call_soon|call_later|call_at|create_task)$"),
        "asyncio.AbstractEventLoop",
    ),
    (
        re.compile(r"(?:^|\.)_?hass\.(async_(?:create_task|create_background_task|add_job))$"),
        "homeassistant.core.HomeAssistant",
    ),
    (
        re.compile(r"^self\.(async_(?:write_ha_state|schedule_update_ha_state))$"),
        "homeassistant.helpers.entity.Entity",
    ),
)
_RUN = "run_forever"
_LONGEST = 6  # calls on the way
_NEEDS_LOOP = frozenset({"asyncio.get_running_loop", "asyncio.current_task", "asyncio.get_event_loop"})
_FUTURE_METHOD = re.compile(r"(?:^|[._])fut(?:ure)?\.(set_result|set_exception)$")
_ENDS = ("set_result", "set_exception", "cancel")
_MAKES_FUTURE = re.compile(r"(\.create_future|\basyncio\.Future)$")
_FOREIGN_FUTURE = re.compile(r"\bconcurrent\.futures|\.submit$")
_ASKS = frozenset(
    "asyncio.get_running_loop asyncio.get_event_loop asyncio.current_task asyncio.all_tasks aiohttp.ClientSession"
    " aiohttp.TCPConnector".split()
)
_NO_MATTER = frozenset({guards.TRY, guards.HANDLER, guards.LOOP})
_MOST = 30  # functions to look into


@dataclass(frozen=True)
class Touch:
    """A place in a thread's function from which the loop is touched."""

    function: str
    span: Span
    handed: Span
    names: tuple[str, ...]
    where: str
    reason: str
    path: str
    use: Use

    @property
    def advice(self) -> str:
        """What can be called instead."""
        return "`asyncio.run_coroutine_threadsafe`" if _SCHEDULES.match(self.path) else "`call_soon_threadsafe`"

    @property
    def needs_loop(self) -> bool:
        """Whether what is called raises where no loop runs."""
        return self.path in _NEEDS_LOOP


def touches(module: ModuleView) -> Iterator[Touch]:
    """Where functions that the file hands to a thread come to touch the loop, and others one that a thread runs."""
    yield from _beside_thread(module)
    told: set[Span] = set()
    for function, handed in module.thread_functions.items():
        if function in module.loop_functions or _has_own_loop(module, function):
            continue
        if module.facts.functions.get(function.name) is not function:
            yield from _handed_over(module, function, handed)
            continue
        seen: set[tuple[str, Span]] = set()
        given = _given_to_thread(module, function, handed)
        for start in function.calls:
            found = _search(module, function, _filled(start, function, given))
            if found is not None:
                path, last, names, call = found
                where = call.span
                if (cause := (last.path, where)) not in seen:
                    seen.add(cause)
                    if path not in _NEEDS_LOOP and last is not function and _is_for_threads(module, last):
                        if where not in told:
                            told.add(where)
                            reason = f"`{FunctionView(function, module).name}` runs in a thread (line {handed.line})"
                            name = FunctionView(last, module).name
                            yield Touch(name, where, handed, (call.text,), "", reason, path, call.use)
                        continue
                    file = module.path_of(last).replace("\\", "/").rpartition("/")[2]
                    place = f"({file}:{where.line})" if last is not function else ""
                    name = FunctionView(function, module).name
                    reason = f"`{name}` runs in a thread (line {handed.line})"
                    yield Touch(name, start.span, handed, names, place, reason, path, start.use)


def _is_for_threads(module: ModuleView, function: Function) -> bool:
    """Whether the file has a function for itself that only plain code calls: there it is mended for all of it."""
    if module.facts.functions.get(function.name) is not function or function in module.loop_functions:
        return False
    owner, _, name = function.name.rpartition(".")
    called = owner.rpartition(".")[2] if name == "__init__" else name
    if not called.startswith("_") or called.endswith("__"):
        return False
    return not any(
        each.fact.text.rpartition(".")[2] == called
        for one in module.functions
        if one.is_async or one.is_on_loop
        for each in one.calls
    )


def _handed_over(module: ModuleView, function: Function, handed: Span) -> Iterator[Touch]:
    """Where a thread is given a function of another file that touches the loop."""
    found = next((each for start in function.calls if (each := _search(module, function, start))), None)
    if found is not None:
        path, last, names, call = found
        where = call.span
        file = module.path_of(last).replace("\\", "/").rpartition("/")[2]
        name = FunctionView(function, module).name
        reason = f"`{name}` runs in a thread"
        yield Touch(name, handed, handed, (name, *names), f"({file}:{where.line})", reason, path, Use.PASSED)


def _beside_thread(module: ModuleView) -> Iterator[Touch]:
    """Where a function that waits for a thread touches the loop that this thread runs."""
    for outer, used, ran in used_from_outside(module):
        path = f"asyncio.AbstractEventLoop.{used.text.rpartition('.')[2]}"
        reason = f"the object's own thread runs the loop (line {ran.line})"
        yield Touch(FunctionView(outer, module).name, used.span, ran, (used.text,), "", reason, path, used.use)
    loops = dict(_run_in_threads(module))
    for function in module.functions if loops else ():
        if function.is_async or function.is_on_loop or not any(map(_joins, function.calls)):
            continue
        for call in function.calls:
            owner, _, name = call.fact.callee.rpartition(".")
            path = f"asyncio.AbstractEventLoop.{name}"
            if owner in loops and guards.NO_LOOP not in call.guards:
                if _SCHEDULES.match(path) or _TOUCHES.match(path):
                    reason = f"another thread runs the loop (line {loops[owner].line})"
                    yield Touch(function.name, call.span, loops[owner], (call.text,), "", reason, path, call.use)


def _run_in_threads(module: ModuleView) -> Iterator[tuple[Ref, Span]]:
    for function in module.facts.functions.values():
        for call in function.calls:
            owner, _, name = call.callee.rpartition(".")
            if name == _RUN and function in module.thread_functions:
                yield owner, call.span
            if any(each.endswith(f".{_RUN}") for each in call.arguments.all()):
                for value in module.contexts.values(call, "offloads"):
                    yield value.removesuffix(f".{_RUN}"), call.span


def _joins(call: CallView) -> bool:
    return call.text.endswith(".join") and call.path == "threading.Thread.join"


def needs_loop(call: CallView) -> bool:
    """Whether a call soon comes to code that asks for the running loop or touches it, so that a thread is no place."""
    module = call.function.module
    knowledge = module.world.knowledge
    pending = deque([call.fact])
    seen: set[Function] = set()
    while pending and len(seen) < _MOST:
        each = pending.popleft()
        for target in module.world.certain(each.callee) or _by_name(each):
            path = knowledge.canonical(target.path) if isinstance(target, External) else ""
            if path in _ASKS or _SCHEDULES.match(path) or _TOUCHES.match(path):
                return True
            for body in _bodies(module, target):
                if module.effects.asks_for_loop(body):
                    return True
                if body not in seen:
                    seen.add(body)
                    pending.extend(body.calls)
    return False


def _has_own_loop(module: ModuleView, function: Function) -> bool:
    if any(call.text.rpartition(".")[2] in ("new_event_loop", "set_event_loop") for call in function.calls):
        return True
    return module.effects.of_function(function, Query(Effect.RUNS_LOOP)) is not None


def _search(module: ModuleView, start: Function, first: Call) -> tuple[str, Function, tuple[str, ...], Call] | None:
    """The shortest way from a call to something that touches the loop."""
    pending = deque([(start, first, ())])  # type: deque[tuple[Function, Call, tuple[str, ...]]]
    seen = {start}
    while pending:
        function, call, names = pending.popleft()
        if guards.NO_LOOP in call.guards or call.use is Use.AWAITED:
            continue
        targets = module.world.certain(call.callee) or module.effects.given_by_callers(call)
        if all(isinstance(each, External) for each in targets):
            path = _channel(module, call) or ("" if targets else _by_name(call) or _future_of_loop(module, call))
            targets = frozenset({External(path)}) if path else targets
        for target in targets if len(targets) == 1 else ():
            if isinstance(target, External):
                path = module.world.knowledge.canonical(target.path)
                if _SCHEDULES.match(path) or _TOUCHES.match(path) or _needs_loop(path, call, function, names):
                    return path, function, (*names, call.text if not names else path), call
            for body in _bodies(module, target):
                if body not in seen and len(names) < _LONGEST and not module.effects.asks_for_loop(body):
                    seen.add(body)
                    name = FunctionView(body, module).name
                    pending.extend((body, each, (*names, name)) for each in body.calls)
    return None


def _given_to_thread(module: ModuleView, function: Function, handed: Span) -> dict[str, Ref]:
    """What a thread is given for the parameters of the function that it runs."""
    names = [each.name for each in function.parameters if each.name not in ("self", "cls")]
    call = next((each for one in module.functions for each in one.fact.calls if each.span == handed), None)
    if call is None or not names:
        return {}
    if (packed := call.arguments.get(None, "args")) is not None:
        return {name: f"{packed}[{place}]" for place, name in enumerate(names)}
    run = (each for each in call.arguments.positional if function in module.world.certain(each))
    return dict(zip(names, call.arguments.after(next(run, UNKNOWN)).positional, strict=False))


def _filled(call: Call, function: Function, given: dict[str, Ref]) -> Call:
    """A call of a method of a parameter, as one of what is given for it."""
    name, dot, method = call.callee.removeprefix(f"{function.path}$").partition(".")
    if not dot or name not in given or not call.callee.startswith(f"{function.path}$"):
        return call
    return call._replace(callee=f"{given[name]}.{method}")


def _needs_loop(path: str, call: Call, function: Function, names: tuple[str, ...]) -> bool:
    """Whether a call raises where no loop runs, and nobody is ready for that."""
    if path not in _NEEDS_LOOP or guards.TESTS_LOOP in function.flags or not _NO_MATTER.isdisjoint(call.guards):
        return False
    if any(each.startswith(("if ", "not ")) for each in call.guards):
        return False  # it depends on what the function is given
    return bool(names) or path != "asyncio.get_event_loop"  # AIO104 is about that


def _future_of_loop(module: ModuleView, call: Call) -> str:
    """What ends a future that a loop has made, or of which nothing but its name tells, where the file has no others."""
    owner, _, name = call.callee.rpartition(".")
    if name in _ENDS and all(each.endswith(".create_future()") for each in alternatives(_kept(module, owner))):
        return f"asyncio.Future.{name}"
    found = _FUTURE_METHOD.search(call.text)
    if found is None:
        return ""
    paths = [each.callee for function in module.facts.functions.values() for each in function.calls]
    if any(map(_FOREIGN_FUTURE.search, paths)) or not any(map(_MAKES_FUTURE.search, paths)):
        return ""
    return f"asyncio.Future.{found[1]}"


def _kept(module: ModuleView, owner: Ref) -> Ref:
    """What a class of the file keeps in an attribute; the value itself for everything else."""
    of, _, name = owner.rpartition(".")
    known = module.facts.classes.get(of.removeprefix(f"{module.facts.module}.").removesuffix("()")) if of else None
    return known.attributes.get(name, owner) if known is not None else owner


def _by_name(call: Call) -> str:
    """A method of a loop, or of Home Assistant, that nothing but its name tells."""
    for name, kind in _NAMED:
        if found := name.search(call.text):
            return f"{kind}.{found[1]}"
    return ""


def _channel(module: ModuleView, call: Call) -> str:
    """What puts into something like a queue, of which the file awaits another method: its waiters are the loop's."""
    receiver, _, name = call.text.rpartition(".")
    if not name.endswith("_nowait") or not receiver.startswith("self."):
        return ""
    awaits = any(
        each.use is Use.AWAITED and each.text.startswith(f"{receiver}.")
        for function in module.coroutines
        for each in function.fact.calls
    )
    return "asyncio.Queue.put_nowait" if awaits else ""


def _bodies(module: ModuleView, target: object) -> Iterator[Function]:
    if isinstance(target, Function) and not target.is_async and not target.is_generator:
        yield target
    elif isinstance(target, Class) and (method := module.world.members.own_method(target, "__init__")):
        yield method
