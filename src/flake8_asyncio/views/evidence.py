"""What the rest of a file, and of the project, shows of a call that its own definition leaves open."""

from __future__ import annotations

import functools
import re
import sys
from collections import Counter

from flake8_asyncio.facts import guards
from flake8_asyncio.facts.model import Class, Function, Kind, Ref, Use
from flake8_asyncio.knowledge import coroutine_names
from flake8_asyncio.project import decorators
from flake8_asyncio.project.chains import short
from flake8_asyncio.project.hearsay import Hearsay
from flake8_asyncio.project.names import is_dotted
from flake8_asyncio.project.project import World
from flake8_asyncio.project.targets import NOBODY, External, Target
from flake8_asyncio.views.calls import CallView, UseView
from flake8_asyncio.views.modules import ModuleView

_WITHOUT = {Use.DISCARDED, Use.ASSIGNED, Use.TESTED, Use.COMPARED, Use.COMPUTED, Use.UNPACKED}
_LEFT = {Use.ITEM, Use.ITERATED, Use.RETURNED}
_ANYHOW = _WITHOUT | _LEFT
_OF_STUB = _ANYHOW | {Use.ATTRIBUTE}
_STARTS = re.compile(r"task|future|thread|submit|start|run|call_|super|add|append|regist|put")
_OF_EITHER_KIND = re.compile(r"^(traitlets|tornado|twisted|scrapy)\.|\.(setUp|tearDown)|Handler\.")
_OF_DATABASES = frozenset(
    "commit execute executemany executescript fetchall fetchmany fetchone fetchrow fetchval rollback".split()
)
_PLAIN = frozenset(
    "add_done_callback async_schedule_update_ha_state async_write_ha_state call_at call_later call_soon "
    "call_soon_threadsafe get_nowait put_nowait receive_nowait remove_done_callback schedule_update_ha_state "
    "send_nowait task_done".split()
)
_STARTED = re.compile(r"task|future|thread|submit|spawn|schedul|executor|defer|background|start|run")
_OF_FUTURES = frozenset("add_done_callback cancel cancelled close done exception get_name result send set_name".split())
_ENOUGH = 2  # others may be tasks, which run whether they are awaited or not


def is_awaited_elsewhere(call: CallView) -> bool:
    """Whether a coroutine function under an unknown decorator is called, and another call of it in the file awaited.

    A plain function that the project puts around it may start it.
    """
    target, targets = call.callee.target, call.function.module.world.targets
    if not isinstance(target, Function) or target.kind is not Kind.COROUTINE:
        return False
    if decorators.made(target, targets) is not decorators.Made.UNKNOWN:
        return False
    if not all(each.is_async for each in decorators.wrappers(target, targets)):
        return False
    return any(
        each.use is Use.AWAITED and each.text == call.text and each.callee.target is target
        for function in call.function.module.functions
        for each in function.calls
    )


def is_idle(call: CallView) -> bool:
    """Whether a call makes an object of the project that does its work when awaited, and starts nothing before."""
    target, members = call.callee.target, call.function.module.world.members
    if not isinstance(target, Class) or members.own_method(target, "__await__") is None:
        return False
    made_by = members.own_method(target, "__init__")
    return made_by is None or not any(_STARTS.search(each.text) for each in made_by.calls)


def is_likely_coroutine(made: CallView | UseView) -> bool:
    """Whether a method of something unknown gives a coroutine, by what libraries and the rest of the project show."""
    return why_likely(made) is not None


def why_likely(made: CallView | UseView) -> str | None:
    """What shows that a method of something unknown gives a coroutine, in words where that is no type; None if nothing.

    The order is that of what the questions cost.
    """
    name = _method(made)[1]
    if isinstance(made, CallView) and any("raises" in each for each in made.fact.within):
        return None  # a test sees that it fails at once
    if (stub := stub_of_coroutines(made)) is not None:
        return f"all that override `{short(stub)}` are coroutine functions"
    if is_awaited_alike(made):
        return "the file awaits it everywhere else"
    if not name:
        return None
    if is_coroutine_by_override(made):
        return f"the `{name}` that overrides it is a coroutine function"
    if is_of_entered(made):
        return "an asynchronous context manager gave what it is called on"
    if (method := _of_eponym(made, name)) is not None and _hearsay(made).is_plainly_async(method):
        return f"`{short(method)}` is a coroutine function"
    if is_coroutine_by_library(made):
        return f"all that libraries call `{name}` are coroutine functions"
    if is_coroutine_by_callers(made):
        return ""
    return f"all that the project calls `{name}` are coroutine functions" if is_coroutine_by_name(made) else None


def is_coroutine_by_override(made: CallView | UseView) -> bool:
    """Whether a coroutine function calls what it overrides in a base class that is not seen: those are of one kind.

    A test case's fixtures and a request's handlers may be of either.
    """
    callee, name = _method(made)
    fact = made.function.fact
    if fact.kind is not Kind.COROUTINE or callee != f"{fact.owner}()^.{fact.name.rpartition('.')[2]}":
        return False
    knowledge = made.function.module.world.knowledge
    found = made.function.module.world.targets(callee) - {NOBODY}
    return not name.startswith("__") and all(
        isinstance(each, External)
        and _OF_EITHER_KIND.search(each.path) is None
        and each.path.partition(".")[0] not in sys.stdlib_module_names
        and knowledge.result(each.path) is None
        for each in found
    )


def is_of_entered(made: CallView | UseView) -> bool:
    """Whether a method for databases is called on what `async with` gave: so it is that of an asynchronous driver."""
    callee, name = _method(made)
    return name in _OF_DATABASES and made.use in _ANYHOW and callee.endswith(f"@!.{name}")


def is_plain_by_name(made: CallView | UseView) -> bool:
    """Whether a method of something unknown has a name of plain methods of loops, futures, queues or entities."""
    name = _method(made)[1]
    if (
        name not in _PLAIN
        or not isinstance(made, CallView)
        or not all(is_unknown(each, made.function.module.world) for each in made.callee.targets)
    ):
        return False
    return _hearsay(made).is_never_async(name)


def _is_foreign_function(made: CallView | UseView, callee: Ref) -> bool:
    """Whether no more is known of a function than its module, and that its name does not say that it starts a task."""
    if not is_dotted(callee) or _STARTED.search(callee.rpartition(".")[2]):
        return False
    world = made.function.module.world
    found = world.targets(callee)
    return bool(found) and all(is_unknown(each, world) for each in found)


def is_unknown(target: Target | None, world: World) -> bool:
    """Whether no more than a name outside is known."""
    return isinstance(target, External) and world.knowledge.result(target.path) is None


def stub_of_coroutines(made: CallView | UseView) -> Function | None:
    """The method without a body that made a value, if coroutine functions stand for it in all classes that have one.

    Unless it is abstract, its body may be meant: so the file must await it elsewhere.
    """
    if not made.function.is_async or made.use not in _OF_STUB:
        return None
    callee = _method(made)[0]
    if "()^" in callee:
        return None
    target = made.function.module.world.resolve(callee) if callee[0] not in "?=" else None
    if not isinstance(target, Function) or target.kind is not Kind.PLAIN or "stub" not in target.flags:
        return None
    is_abstract = "never returns" in target.flags or any("abstract" in each for each in target.decorators)
    if not target.owner or not (is_abstract or _fates(made.function.module)[0][_alike(callee)]):
        return None
    return target if _hearsay(made).is_overridden_async(target) else None


def is_coroutine_by_library(made: CallView | UseView) -> bool:
    """Whether a method of something unknown has a name that in libraries only coroutine functions have.

    The file must import one of these libraries, unless the name is that of a twin, such as `asave`.
    """
    callee, name = _method(made)
    libraries = coroutine_names().get(name, ()) if name else ()
    if not libraries or not _may_be_forgotten(made, callee, ""):
        return False
    if "*" not in libraries and made.function.module.top_packages.isdisjoint(libraries):
        return False
    return _hearsay(made).may_be_of(callee, name, libraries)


def is_awaited_alike(made: CallView | UseView) -> bool:
    """Whether the file awaits what the same unknown function, or method of an unknown object, gives everywhere else.

    What builds a query step by step is awaited at its last step only, so attributes and items of it say nothing.
    """
    if not made.function.is_async or made.use not in _OF_STUB:
        return False
    callee, name = _method(made)
    awaited, others = _fates(made.function.module)
    key = _alike(callee)
    if key not in awaited or others.get(key) != 1 or "." not in callee:
        return False
    if awaited[key] < _ENOUGH and not (name and _hearsay(made).has_only_coroutines(name)):
        return False
    if not is_dotted(callee):
        return bool(name) and made.use in _WITHOUT
    is_held = isinstance(made, UseView) and made.use is not Use.RETURNED and made.attribute not in _OF_FUTURES
    return (is_held or made.use in _WITHOUT) and _is_foreign_function(made, callee)


@functools.lru_cache(maxsize=1)
def _fates(module: ModuleView) -> tuple[Counter[Ref], Counter[Ref]]:
    """How often a file awaits what a method gives, and how often it does anything else with it."""
    awaited: Counter[Ref] = Counter()
    others: Counter[Ref] = Counter()
    for function in module.facts.functions.values():
        for call in function.calls:
            if call.use is Use.AWAITED:
                awaited[_alike(call.callee)] += 1
            elif call.use not in (Use.PASSED, Use.COLLECTED):
                others[_alike(call.callee)] += 1
    return awaited, others


def _alike(callee: Ref) -> Ref:
    """What a method is known by in its file: parameters of one name are taken for the same object."""
    function, dollar, rest = callee.partition("$")
    return f"${rest}" if dollar and "(" not in function else callee


def _of_eponym(made: CallView | UseView, name: str) -> Function | None:
    """The method of the class after which the unknown object is named that a method is called on."""
    callee, _ = _method(made)
    text = made.text if isinstance(made, CallView) else callee.replace("$", ".")
    receiver = text.rpartition(".")[0]
    return _hearsay(made).of_eponym(callee, receiver, name) if _may_be_forgotten(made, callee, name) else None


def is_coroutine_by_name(made: CallView | UseView) -> bool:
    """Whether a method of something unknown is called, and the project has only coroutine functions of its name."""
    callee, name = _method(made)
    if not name or not _may_be_forgotten(made, callee, name):
        return False
    module = made.function.module
    return _hearsay(made).is_coroutine(callee, name, module.facts, module.source.path)


def _may_be_forgotten(made: CallView | UseView, callee: Ref, name: str) -> bool:
    """Whether an `await` may be missing where only a name speaks for it: that of a library's method, or `name`.

    Of plain functions only dropped calls count. What they are handed is as often a library's object with a plain method
    of the name, unless the project's namesake is near by.
    """
    module = made.function.module
    if made.function.is_async:
        return True
    if made.use is not Use.DISCARDED or "$" in callee:
        return False
    owner = callee.rpartition(".")[0]
    is_handed = owner.endswith(("()", "@")) or _hearsay(made).comes_from_caller(owner)
    return not is_handed or (bool(name) and _hearsay(made).is_near(name, module.facts, module.source.path))


def is_coroutine_by_callers(made: CallView | UseView) -> bool:
    """Whether a method gives a coroutine if parameters without a type are what their callers give them."""
    callee, name = _method(made)
    return bool(name) and _hearsay(made).is_given_coroutine(callee, name)


@functools.lru_cache(maxsize=4)  # all questions about one are asked one after the other
def _method(made: CallView | UseView) -> tuple[Ref, str]:
    """The method that made a value, and its name; no name where it is known what it gives, or where it is none."""
    callee = made.fact.callee if isinstance(made, CallView) else made.fact.value.removesuffix("()")
    owner, _, name = (made.text if isinstance(made, CallView) else callee).rpartition(".")
    if isinstance(made, CallView) and f"{guards.SYNC}{made.text}" in made.guards:
        return callee, ""
    if made.value.targets or not owner or not name.isidentifier() or callee[0] == "=":
        return callee, ""
    if isinstance(made, UseView) and is_dotted(callee) and owner.rpartition(".")[2].islower():
        return callee, ""  # a module's function, as far as names tell
    return callee, name


def _hearsay(made: CallView | UseView) -> Hearsay:
    return Hearsay.of(made.function.module.world)
