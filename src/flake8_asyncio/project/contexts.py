"""Which functions of a file run on an event loop, and which are known to run off it.

A reference is not a call: a function that is only handed over runs where its taker runs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from flake8_asyncio.facts.model import UNKNOWN, Access, Call, Class, Facts, Function, Kind, Ref, Use
from flake8_asyncio.facts.references import alternatives
from flake8_asyncio.knowledge import Handed
from flake8_asyncio.project.equations import Equations
from flake8_asyncio.project.project import World
from flake8_asyncio.project.targets import External, Object, Target
from flake8_asyncio.syntax.source import Span

_NOTHING: frozenset[Handed] = frozenset()

# Who asks what it has been given treats coroutine functions apart.
_ASKING = ("corout", "awaitable", "isasync", "is_async", "hasattr")
_DONE_IN_WORKER = re.compile(r"\.submit(<.*>)?\(\)\.add_done_callback$")  # not of `run_coroutine_threadsafe`
_IN_CONTEXT = re.compile(r"\bcontextvars\.(?:copy_context|Context)\(\)\.run$")
_POOLED = re.compile(r"multiprocessing\..*\.(?:apply|map|starmap)_async$")  # whose results a thread of the pool gets
_TOLD = ("callback", "error_callback")
_RUN_AT_ONCE = (Kind.PLAIN, Kind.GENERATOR)  # by what a decorator makes of them
_ELSEWHERE = re.compile(r"executor|thread|process", re.IGNORECASE)  # decorators that have a method run there
_THREAD = "threading.Thread"  # whose `run` is what the thread does


class Contexts:
    """Where functions run, as one world shows it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._from_outside: dict[tuple[str, str], frozenset[Handed]] = {}
        self._blind: dict[Function, frozenset[Handed]] = {}
        self._wrappers: dict[str, Equations[Function, Handed]] = {
            how: Equations(self._wrapper(how)) for how in ("offloads", "awaits", "on_loop", "calls_now")
        }

    def on_loop(self, facts: Facts) -> frozenset[Function]:
        """The functions whose bodies the event loop itself runs: coroutines and callbacks."""
        found = {function for function in facts.functions.values() if function.is_async}
        for owner in facts.classes.values():
            found.update(self._overriding(owner, facts, "loop"))
        of_protocols = {
            function
            for function in facts.functions.values()
            if function.kind is Kind.PLAIN and self._is_protocol_method(function, facts)
        }
        found |= of_protocols - self.off_loop(facts).keys() if of_protocols else of_protocols
        for function in facts.functions.values():
            if function.kind in _RUN_AT_ONCE and self._is_handler(function):
                found.add(function)
            for call in function.calls:
                found.update(self._handed_functions(call, "on_loop"))
        return frozenset(each for each in found if each.path.startswith(f"{facts.module}."))

    def off_loop(self, facts: Facts) -> dict[Function, Span]:
        """The functions of a file that it hands to a thread or process, with the place that does."""
        found: dict[Function, Span] = {}
        for function in facts.functions.values():
            for call in function.calls:
                for each in self._handed_functions(call, "offloads"):
                    found.setdefault(each, call.span)
                for value in _told_in_thread(call):
                    if (given := self._function(value)) is not None:
                        found.setdefault(given, call.span)
            for access in function.accesses:
                if access.given and _may_be_function(access.given) and self._is_run_in_thread(access, facts):
                    if given := self._function(access.given):
                        found.setdefault(given, access.span)
        for owner in facts.classes.values():
            run = facts.functions.get(f"{owner.name}.run") if "run" in owner.methods else None
            if run is not None and External(_THREAD) in self.world.ancestry.of(owner):
                found.setdefault(run, owner.span)
            for method in self._overriding(owner, facts, "thread"):
                found.setdefault(method, owner.span)
        return found

    def _overriding(self, owner: Class, facts: Facts, where: str) -> Iterator[Function]:
        """The methods of a class that a library calls on the loop, or in a thread of its own."""
        for base in self.world.ancestry.of(owner) if owner.bases else ():
            for name in owner.methods if isinstance(base, External) else ():
                method = facts.functions.get(f"{owner.name}.{name}")
                handler = self.world.knowledge.handler(f"{base.path}.{name}") if method else None
                if method and method.kind is Kind.PLAIN and handler is not None and handler.sync == where:
                    if not any(_ELSEWHERE.search(each) for each in method.decorators):
                        yield method

    def _function(self, value: Ref | None) -> Function | None:
        target = self.world.resolve(value) if value is not None else None
        return target if isinstance(target, Function) and not target.is_async else None

    def _is_run_in_thread(self, access: Access, facts: Facts) -> bool:
        """Whether what an attribute is set to is called in a thread: `client.on_message = store`."""
        owner, _, name = access.value.rpartition(".")
        target = self.world.resolve(owner) if owner and name.endswith("=") else None
        taken = self.world.knowledge.offloads(f"{target.of}.{name}") if isinstance(target, Object) else None
        if taken is None:
            return False
        refs = (ref for each in facts.functions.values() for call in each.calls for ref in _spoken_of(call))
        return not any(ref.rpartition(".")[2] in taken.polled for ref in refs)

    def handed(self, target: Target, how: str) -> frozenset[Handed]:
        """Which arguments a callee hands on: `how` is `offloads`, `awaits`, `on_loop` or `calls_now`."""
        return self._taken(target, how, self._wrappers[how].__getitem__)

    def _taken(self, target: Target, how: str, get: Callable[[Function], frozenset[Handed]]) -> frozenset[Handed]:
        match target:
            case External(path):
                return self._known(path, how)
            case Class():
                path = next((each.path for each in self.world.ancestry.of(target) if isinstance(each, External)), "")
                return self._known(path, how) if path else _NOTHING
            case Function():
                said = self._known(target.path, how) if target.path in self.world.knowledge.own else _NOTHING
                return said or get(target)
        return _NOTHING

    def _known(self, path: str, how: str) -> frozenset[Handed]:
        key = (path, how)
        if key not in self._from_outside:
            one: Handed | None = getattr(self.world.knowledge, how)(path)
            self._from_outside[key] = frozenset((one,)) if one is not None else _NOTHING
        return self._from_outside[key]

    def _wrapper(self, how: str) -> Callable[[Function, Callable[[Function], frozenset[Handed]]], frozenset[Handed]]:
        """The equation of wrappers: a function that passes one of its parameters on to an offloader is an offloader."""

        def equation(function: Function, get: Callable[[Function], frozenset[Handed]]) -> frozenset[Handed]:
            found = set(self._called_parameters(function).values()) if how == "calls_now" else set()
            if not function.parameters:
                return frozenset(found)
            for call in function.calls:
                if not any("$" in each or parameter_of(function, each) for each in call.arguments.all()):
                    continue
                for target in self.world.targets(call.callee):
                    for value in _handed_values(call, self._taken(target, how, get)):
                        if name := parameter_of(function, value):
                            found.add(Handed(position(function, name), name))
            return frozenset(found)

        return equation

    def blind(self, function: Function) -> frozenset[Handed]:
        """The parameters that a function gives to an offloader or the loop, and does not ask what they are."""
        if function not in self._blind:
            self._blind[function] = frozenset(self._given_blindly(function))
        return self._blind[function]

    def _given_blindly(self, function: Function) -> Iterator[Handed]:
        if not function.parameters or any(word in each.text for each in function.calls for word in _ASKING):
            return
        called = {parameter_of(function, each.callee) for each in function.calls}
        for call in function.calls:
            if call.guards:
                continue
            for target in self.world.targets(call.callee):
                if isinstance(target, External):
                    for taken in (*self._known(target.path, "offloads"), *self._known(target.path, "on_loop")):
                        for value in taken.arguments(call.arguments):
                            if (name := parameter_of(function, value)) and name not in called:
                                yield Handed(position(function, name), name, takes_async=taken.takes_async)

    def _called_parameters(self, function: Function) -> dict[str, Handed]:
        """The parameters that a function itself calls, unless it hands them to a thread on another way."""
        aside = {each.name for each in self._wrappers["offloads"][function]} if function.calls else set()
        names = {
            name
            for call in function.calls
            if call.use is not Use.AWAITED and (name := parameter_of(function, call.callee))
            if name == call.text or "$" in call.callee  # what only shares the annotation may be something else
        }
        return {name: Handed(position(function, name), name) for name in names - aside}

    def values(self, call: Call, how: str) -> list[Ref]:
        """The values that a call hands on."""
        found = (_handed_values(call, self.handed(target, how)) for target in self.world.targets(call.callee))
        return [value for values in found for value in values]

    def _handed_functions(self, call: Call, how: str) -> list[Function]:
        if not any(_may_be_function(each) for each in call.arguments.all()):
            return []
        found: list[Function] = []
        for value in self.values(call, how):
            target = self.world.resolve(value)
            if isinstance(target, Function) and not target.is_async:
                found.append(target)
        return found

    def _is_protocol_method(self, function: Function, facts: Facts) -> bool:
        if not function.owner or function.name.rpartition(".")[2].startswith("__"):
            return False
        owner = facts.classes.get(function.owner.removeprefix(f"{facts.module}."))
        if owner is None or not owner.bases:
            return False
        return any(
            isinstance(each, External) and self.world.knowledge.runs_methods_on_loop(each.path)
            for each in self.world.ancestry.of(owner)
        )

    def _is_handler(self, function: Function) -> bool:
        """A plain function that a framework calls on its loop."""
        for decorator in function.decorators:
            for target in self.world.targets(decorator.removesuffix("()")):
                if isinstance(target, External):
                    handler = self.world.knowledge.handler(target.path)
                    if handler is not None and handler.sync == "loop":
                        return True
        return False


def _handed_values(call: Call, taken: Iterable[Handed]) -> list[Ref]:
    """What a callee that takes these arguments is given; of a context's `run`, what that is to run."""
    found = [given for each in taken for given in each.arguments(call.arguments)]
    inside = [
        each for given in found if _IN_CONTEXT.search(given) for each in call.arguments.after(given).positional[:1]
    ]
    return [value for given in (*found, *inside) for value in alternatives(given)]


def _told_in_thread(call: Call) -> Iterator[Ref]:
    """What an executor or a pool calls, in a thread of its own, when it is done."""
    if _DONE_IN_WORKER.search(call.callee):
        yield call.arguments.get(0, "fn") or UNKNOWN
    elif _POOLED.match(call.callee):
        yield from (each for name in _TOLD if (each := call.arguments.get(None, name)) is not None)


def _spoken_of(call: Call) -> tuple[Ref, ...]:
    return (call.text, *call.arguments.all())


def _may_be_function(ref: Ref) -> bool:
    """Whether an argument is a name, a method or one of several things; most are values."""
    return ref[-1] not in ")?!" and ref[0] != "="


def position(function: Function, name: str) -> int | None:
    """Where a caller gives a parameter; the instance of a method is not counted."""
    for index, parameter in enumerate(function.parameters):
        if parameter.name == name:
            if parameter.kind not in "/ ":
                return None
            is_bound = bool(function.owner) and function.parameters[0].name in ("self", "cls")
            return index - is_bound if index >= is_bound else None
    return None


def parameter_of(function: Function, value: Ref) -> str:
    """The parameter that a value is: where one is annotated, the annotation stands for it."""
    path, _, name = value.partition("$")
    if path == function.path and function.parameter(name) is not None:
        return name
    same = [each.name for each in function.parameters if each.annotation == value and each.kind in "/ k"]
    return same[0] if len(same) == 1 and not value.startswith("=") and value != UNKNOWN else ""
