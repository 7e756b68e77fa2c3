"""What is handed over to be called: to an executor, a thread, the event loop, or a function that calls it at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flake8_asyncio.facts.model import NONE, UNKNOWN, Class, Function, Kind
from flake8_asyncio.knowledge import Handed
from flake8_asyncio.project import decorators
from flake8_asyncio.project.chains import short
from flake8_asyncio.project.protocols import Protocol
from flake8_asyncio.project.targets import External
from flake8_asyncio.syntax.cached import cached_property
from flake8_asyncio.views.calls import CallView, ValueView
from flake8_asyncio.views.functions import FunctionView
from flake8_asyncio.views.refused import described

_HOW = ("offloads", "on_loop")
_MORE = {
    "atexit.register": Handed(0, "func"),
    "signal.signal": Handed(1, "handler"),
    "builtins.filter": Handed(0, None),
    "re.sub": Handed(1, "repl"),
    "builtins.sorted": Handed(None, "key"),
    "builtins.list.sort": Handed(None, "key"),
    "builtins.min": Handed(None, "key"),
    "builtins.max": Handed(None, "key"),
    "threading.Timer": Handed(1, "function"),
    "weakref.finalize": Handed(1, "func"),
}
_METHODS = {
    "call_soon": Handed(0, "callback"),
    "call_soon_threadsafe": Handed(0, "callback"),
    "call_later": Handed(1, "callback"),
    "call_at": Handed(1, "callback"),
    "run_in_executor": Handed(1, "func"),
    "add_done_callback": Handed(0, "fn"),
    "add_signal_handler": Handed(1, "callback"),
}
_LOOPS = {"loop", "_loop", "event_loop", "_event_loop", "get_running_loop()", "get_event_loop()"}  # not tornado's


@dataclass(eq=False)
class HandedView(ValueView):
    """A value that is handed over to be called, and how."""

    taken: Handed

    @property
    def coroutine_function(self) -> str:
        """The name of the coroutine function that it is, or of a lambda that gives a coroutine; empty for others."""
        target = self.target
        if not isinstance(target, Function) or self.ref.endswith("()"):
            return ""
        if target.kind is Kind.COROUTINE:
            is_itself = decorators.made(target, self.function.module.world.targets) is decorators.Made.ITSELF
            return short(target) if is_itself else ""
        if target.kind is Kind.LAMBDA and target.returns:
            given = [ValueView(each, self.function) for each in target.returns]
            return "lambda" if all(each.is_always_coroutine for each in given) else ""
        return ""

    @cached_property
    def made_too_early(self) -> str:
        """What a call gave instead of a function, in words; empty for what may be called."""
        if not self.ref.endswith("()"):
            return ""
        made_by = ValueView(self.ref.removesuffix("()"), self.function).target
        if isinstance(made_by, Function) and _is_computing(made_by):
            return "what it computes"
        if not self.lacks(Protocol.CALL):
            return ""
        return described(min(self.everything, key=repr))


def _is_computing(function: Function) -> bool:
    """Whether calling a function gives the result of arithmetic, whatever it is given."""
    is_clear = function.kind is Kind.PLAIN and not function.decorators and function.annotation == UNKNOWN
    return is_clear and "computes" in function.flags and "returns" not in function.flags


def handed_over(function: FunctionView, is_plain: bool = True) -> Iterator[tuple[CallView, HandedView]]:
    """The values that a function hands over to be called, each with the call that takes it.

    If `is_plain`, those are left out where a coroutine function is as welcome.
    """
    for call in function.calls:
        for handed in _takes(call):
            if handed.takes_async and is_plain:
                continue
            for ref in handed.arguments(call.arguments):
                if ref not in (UNKNOWN, NONE):
                    yield call, HandedView(ref, function, handed)


def _takes(call: CallView) -> Iterator[Handed]:
    arguments = call.arguments
    if not arguments.positional and not arguments.keywords:
        return
    knowledge = call.function.module.world.knowledge
    target = call.callee.target
    if isinstance(target, Class):
        bases = call.function.module.world.ancestry.of(target)
        is_own = call.function.module.world.members.own_method(target, "__init__") is not None
        target = None if is_own else next((each for each in bases if isinstance(each, External)), None)
    if isinstance(target, External):
        path = knowledge.canonical(target.path)
        found = [handed for how in _HOW if (handed := getattr(knowledge, how)(path)) is not None]
        if path in _MORE:
            found.append(_MORE[path])
        yield from found[:1]
    elif isinstance(target, Function):
        yield from call.function.module.effects.contexts.blind(target)
    elif target is None and not call.callee.targets:
        name = call.text.rpartition(".")[2]
        receiver = call.text.rpartition(".")[0].rpartition(".")[2].lower()
        if name in _METHODS and (receiver in _LOOPS or name == "add_done_callback"):
            yield _METHODS[name]
