"""Methods that override another of the other kind, which the code that calls them does not expect."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import Class, Function, Kind, Use
from flake8_asyncio.knowledge import Makes
from flake8_asyncio.project.chains import short
from flake8_asyncio.project.protocols import Protocol
from flake8_asyncio.project.targets import External
from flake8_asyncio.views.calls import ValueView
from flake8_asyncio.views.functions import FunctionView
from flake8_asyncio.views.modules import ModuleView

_FIXTURES = {"setUp", "tearDown", "setUpClass", "tearDownClass", "asyncSetUp", "asyncTearDown"}
_TEST_CASES = {"unittest.TestCase", "unittest.case.TestCase"}
_PLAIN_BASES = {*_TEST_CASES, "builtins.object", "abc.ABC"}
_NEVER_AWAITED = {
    "__init__", "__new__", "__post_init__", "__init_subclass__", "__del__", "__repr__", "__str__", "__bytes__",
    "__len__", "__bool__", "__int__", "__float__", "__index__", "__hash__", "__contains__", "__iter__", "__next__",
    "__enter__", "__exit__", "__format__", "__setattr__", "__setitem__", "__delitem__", "__delattr__", "__dir__",
    "__set__", "__delete__", "__set_name__", "__length_hint__", "__fspath__",
}  # fmt: skip
_DROPPED = {Use.DISCARDED, Use.TESTED, Use.ITEM, Use.COMPARED, Use.ITERATED, Use.UNPACKED}


def plain_test_methods(module: ModuleView) -> Iterator[FunctionView]:
    """The coroutine functions that a plain `unittest.TestCase` takes for tests and fixtures."""
    for function in module.functions:
        name = function.fact.name.rpartition(".")[2]
        owner = function.owner
        if owner is None or function.fact.kind is not Kind.COROUTINE or not function.is_plainly_called:
            continue
        if name.startswith("test") or name in _FIXTURES:
            outside = {each.path for each in module.world.ancestry.of(owner) if isinstance(each, External)}
            if outside & _TEST_CASES and outside <= _PLAIN_BASES and not owner.decorators:
                yield function


def mismatches(function: FunctionView) -> Iterator[str]:
    """Why a method is of the wrong kind for those who call it."""
    owner, fact = function.owner, function.fact
    if owner is None or not function.is_plainly_called or fact.kind not in (Kind.COROUTINE, Kind.PLAIN):
        return
    name = fact.name.rpartition(".")[2]
    if fact.kind is Kind.COROUTINE and name in _NEVER_AWAITED:
        if fact.decorators:
            return  # which may be what sees to it
        yield f"`{name}` is called by Python itself, which does not await it: it cannot be an `async def`"
        return
    world = function.module.world
    for each in world.ancestry.of(owner)[1:]:
        if isinstance(each, External):
            if fact.kind is Kind.COROUTINE and _calls_plainly(function, each.path, name):
                yield f"`{each.path}.{name}` is called by the event loop, which does not await it"
                return
        elif name in each.methods:
            base = world.members.own_method(each, name)
            if base is not None and base.is_async != fact.is_async and base.kind in (Kind.COROUTINE, Kind.PLAIN):
                yield from _called_by_bases(function, base, name)
            return


def _calls_plainly(function: FunctionView, path: str, name: str) -> bool:
    knowledge = function.module.world.knowledge
    if name.startswith("_") or not knowledge.runs_methods_on_loop(path):
        return False
    made = knowledge.result(f"{path}.{name}")
    return made is not None and made.makes is Makes.VALUE


def _called_by_bases(function: FunctionView, base: Function, name: str) -> Iterator[str]:
    """The code of the base classes that calls the method on `self`, and expects the other kind."""
    owner, world = function.owner, function.module.world
    assert owner is not None
    if not function.fact.is_async and not _is_plain(function):
        return
    for each in world.ancestry.of(owner)[1:]:
        facts = world.facts(each.module) if isinstance(each, Class) else None
        if facts is None or not isinstance(each, Class):
            continue
        for method in each.methods:
            caller = facts.functions.get(f"{each.name}.{method}")
            if caller is None or world.members.own_method(owner, method) is not caller:
                continue
            for call in caller.calls:
                if call.callee == f"{each.path}().{name}" and not call.guards:
                    if base.is_async and call.use is Use.AWAITED:
                        yield f"`{short(caller)}` awaits what `{name}` gives, and here it is no coroutine"
                        return
                    if not base.is_async and call.use in _DROPPED:
                        yield f"`{short(caller)}` calls `{name}` without `await`, and here it is a coroutine function"
                        return


def _is_plain(function: FunctionView) -> bool:
    """Whether what the function gives certainly cannot be awaited."""
    fact = function.fact
    if "never returns" in fact.flags or any("abstract" in each for each in fact.decorators):
        return False
    refs = [fact.annotation] if fact.annotation != "?" else list(fact.returns)
    return all(ValueView(each, function).lacks(Protocol.AWAIT) for each in refs)
