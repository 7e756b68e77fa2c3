"""Where no event loop runs, and where more than one does."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterator

from flake8_asyncio.facts import guards
from flake8_asyncio.facts.model import UNKNOWN, Function, Kind, Ref, Use
from flake8_asyncio.facts.references import alternatives
from flake8_asyncio.knowledge import Effect
from flake8_asyncio.project.chains import Cause
from flake8_asyncio.views.calls import CallView
from flake8_asyncio.views.functions import FunctionView, last_names
from flake8_asyncio.views.modules import ModuleView

PYTHON = sys.version_info[:2]

_NOTEBOOK_NAMES = (".ipynb", "_nbqa_ipynb.py", ".ipynb_parsed", "_ipynb.py")
_NOTEBOOK_LINE = re.compile(r"# (%%NBQA-CELL-SEP|INTERMEDIATE_CODE_CELL|%%NBQA)|#\s+jupytext:")
_HEADER = 12  # lines in which jupytext's header begins
_SET = re.compile(r"\b(set_event_loop|new_event_loop)$")
_PRIMITIVE = re.compile(r"asyncio\.(Lock|Event|Condition|Semaphore|BoundedSemaphore|Queue|PriorityQueue|LifoQueue)$")
_CLIENT = re.compile(  # whose connections belong to the loop that opened them
    r"(httpx2?\.AsyncClient|aiohttp\.(ClientSession|TCPConnector)|redis\.asyncio\.(client\.)?(Redis|StrictRedis|from_url)"
    r"|openai\.Async\w*OpenAI|anthropic\.AsyncAnthropic|motor\.motor_asyncio\.AsyncIOMotorClient"
    r"|pymongo\.AsyncMongoClient|elasticsearch\.AsyncElasticsearch|sqlalchemy\.ext\.asyncio\.create_async_engine"
    r"|neo4j\.AsyncGraphDatabase\.driver|grpc\.aio\.(in)?secure_channel)$"
)
_ENDS = frozenset({"aclose", "close", "disconnect", "dispose"})
_THREADSAFE = "asyncio.run_coroutine_threadsafe"
_THREADSAFE_NAME = last_names(_THREADSAFE)
_FROM_THREADS = frozenset({"call_soon_threadsafe", "run_coroutine_threadsafe"})
_HANDLES = re.compile(r"_*(on|handle)_")
_RUN = frozenset({"run_until_complete"})
_OWN_WAIT = re.compile(r"asyncio\.run_coroutine_threadsafe(<.*>)?\(\)\.(result|exception)$")


def is_notebook(module: ModuleView) -> bool:
    """Whether the file is a notebook's code, where a loop runs at the top level."""
    if str(module.source.path).endswith(_NOTEBOOK_NAMES) or "awaits" in module.facts.flags:
        return True
    return any(_NOTEBOOK_LINE.match(line) for line in module.source.lines[:_HEADER])


def running_loop(call: CallView, ref: Ref) -> bool:
    """Whether a reference is the loop that runs the calling code, as its own file shows."""
    owner, _, name = ref.rpartition(".")
    if owner.endswith("()"):
        prefix = f"{call.function.module.facts.module}."
        known = call.function.module.facts.classes.get(owner[:-2].removeprefix(prefix))
        ref = known.attributes.get(name, ref) if known else ref
    ways = [each for each in alternatives(ref) if each != "=None" and "$" not in each]
    return bool(ways) and all(each.endswith((".get_running_loop()", ".get_event_loop()")) for each in ways)


@functools.lru_cache(maxsize=1)
def own_waits(module: ModuleView) -> frozenset[Cause]:
    """Where the file waits for a coroutine that it has given the loop of its own code: right in a thread alone."""
    found: set[Cause] = set()
    for function in module.functions:
        given = [call for call in function.calls_named(_THREADSAFE_NAME) if call.path == _THREADSAFE]
        if any(running_loop(call, call.arguments.get(1, "loop") or UNKNOWN) for call in given):
            for call in function.calls:
                if _OWN_WAIT.search(call.fact.callee) and call.arguments.get(0, "timeout") != "=0":
                    found.add((function.fact.path, call.span))
    return frozenset(found)


def knows_loop(function: FunctionView) -> bool:
    """Whether a body runs on an event loop whoever calls it: one that it gets as the running one, and hands over to."""
    if function.is_on_loop:
        return True
    if not any(call.path == "asyncio.get_running_loop" for call in function.calls):
        return False
    given = [call.arguments.get(1, "loop") for call in function.calls_named(_THREADSAFE_NAME)]
    return bool(given) and all(each == "asyncio.get_running_loop()" for each in given)


def runs_elsewhere(module: ModuleView) -> Iterator[tuple[CallView, CallView]]:
    """Where handlers run a loop of somebody else's to which the file's other code hands over from threads: it runs."""
    given: dict[str, CallView] = {}
    for function in module.functions:
        for call in function.calls_named(_FROM_THREADS):
            if call.text.endswith(".call_soon_threadsafe"):
                given.setdefault(call.text.rpartition(".")[0], call)
            elif call.path == _THREADSAFE and (loop := call.arguments.get(1, "loop")):
                given.setdefault(f"self.{loop.rpartition('.')[2]}" if "()." in loop else "", call)
    for function in module.functions if given else ():
        takes = [each for each in function.fact.parameters if each.name != "self"]
        name = function.fact.name.rpartition(".")[2]
        if function.is_async or not takes or not _HANDLES.match(name) or function.fact.decorators:
            continue
        for call in function.calls_named(_RUN):
            loop = call.text.rpartition(".")[0]
            if loop in given and loop.startswith("self.") and not _makes_own(function, loop):
                if not module.effects.asks_for_loop(function.fact):
                    yield call, given[loop]


def _makes_own(function: FunctionView, loop: str) -> bool:
    """Whether the class of a method makes the loop itself, or takes the one of the thread that makes the instance."""
    return any(
        call.use is Use.KEPT and call.fact.name == loop and call.text.endswith("_loop")
        for each in function.module.functions
        if each.fact.owner == function.fact.owner
        for call in each.calls
    )


def without_loop(module: ModuleView) -> Iterator[FunctionView]:
    """The bodies that run while no loop does: the module's own, and the plain functions that it calls."""
    if is_notebook(module):
        return
    called: set[Function] = set()
    pending = [each for each in module.functions if each.is_module]
    while pending:
        function = pending.pop()
        yield function
        for call in function.calls:
            target = call.callee.target
            if isinstance(target, Function) and target.kind is Kind.PLAIN and target not in called:
                called.add(target)
                inside = module.facts.functions.get(target.name)
                if inside is target and target not in module.loop_functions and not target.decorators:
                    pending.append(FunctionView(target, module))


def chooses_loop(function: FunctionView) -> bool:
    """Whether a body makes or sets a loop itself, or looks whether there is one."""
    return guards.TESTS_LOOP in function.fact.flags or any(_SET.search(call.text) for call in function.calls)


def starts_loop(call: CallView) -> bool:
    """Whether the call itself starts a loop of its own, as `asyncio.run` does."""
    chain = call.chain(Effect.RUNS_LOOP)
    return chain is not None and chain.is_direct and chain.path.rpartition(".")[2] == "run"


def across_loops(module: ModuleView) -> Iterator[tuple[CallView, str, CallView]]:
    """The primitives of the module and of its classes that two loops use, with their names and the second run."""
    made = {name: call for name, call in _kept(module) if not _is_ended(module, name, call)}
    if not made:
        return
    users: dict[str, list[CallView]] = {}
    for function in module.functions:
        for call in function.calls:
            if not function.is_on_loop and call.path in ("asyncio.run", "asyncio.Runner.run") and starts_loop(call):
                for name in _used(module, call, made):
                    users.setdefault(name, []).append(call)
    for name, calls in users.items():
        repeated = [call for call in calls if guards.REPEATED in call.guards and call.path == "asyncio.run"]
        separate = {call.fact.callee if call.path.endswith("Runner.run") else str(call.span) for call in calls}
        if repeated or (len(separate) > 1 and not any(call.path.endswith("Runner.run") for call in calls)):
            yield made[name], name, repeated[0] if repeated else calls[1]


def _kept(module: ModuleView) -> Iterator[tuple[str, CallView]]:
    """The primitives and clients that outlive a loop, of the module or of a class: their names in the module."""
    for function in module.functions:
        for call in function.calls:
            if call.use is Use.KEPT and (name := _name(function, call)):
                if _PRIMITIVE.match(call.path) or _CLIENT.match(call.path):
                    yield name, call


def _name(function: FunctionView, call: CallView) -> str:
    """Where a call's value is kept for as long as the module is there; empty for attributes of instances."""
    name = call.fact.name
    match function.fact.kind:
        case Kind.CLASS_BODY:
            return f"{function.fact.name.removesuffix('<class>')}{name}"
        case Kind.MODULE:
            return name if function.module.facts.names.get(name, "").startswith(call.fact.callee) else ""
    if name.startswith("cls.") and function.owner is not None and guards.FIRST in call.guards:
        return f"{function.owner.name}{name.removeprefix('cls')}"
    return ""


def _is_ended(module: ModuleView, name: str, made: CallView) -> bool:
    """Whether a client is closed somewhere, as it may be before each loop ends."""
    if _PRIMITIVE.match(made.path):
        return False
    last = name.rpartition(".")[2]
    texts = (call.text.split(".") for function in module.functions for call in function.calls)
    return any(len(parts) > 1 and parts[-2] == last and parts[-1] in _ENDS for parts in texts)


def _used(module: ModuleView, run: CallView, made: dict[str, CallView]) -> set[str]:
    """The primitives that the coroutine given to a run comes to use."""
    pending = [run.arguments.get(0, "main") or ""]
    seen: set[str] = set()
    names: set[str] = set()
    prefix = f"{module.facts.module}."
    while pending:
        path = pending.pop()
        if path in seen or not path.startswith(prefix):
            continue
        seen.add(path)
        name = path.removeprefix(prefix).replace("()", "").rstrip("!@*")
        names.update(each for each in made if f"{name}.".startswith(f"{each}."))
        function = module.facts.functions.get(name)
        for call in function.calls if function is not None else ():
            pending.extend((call.callee, *call.arguments.all(), *call.within))
        for use in function.uses if function is not None else ():
            pending.append(use.value)
    return names
