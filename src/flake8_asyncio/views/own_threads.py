"""Classes that run an event loop of their own in a thread of their own: whoever else calls them is on another one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flake8_asyncio.facts import guards
from flake8_asyncio.facts.model import Call, Class, Function, Kind
from flake8_asyncio.project.targets import External
from flake8_asyncio.syntax.source import Span
from flake8_asyncio.views.modules import ModuleView

_MADE, _THREAD = "asyncio.new_event_loop", "threading.Thread"
_RUNS = re.compile(r"self\.(\w+)\.run_(?:forever|until_complete)$")
_USES = re.compile(r"self\.(\w+)\.(call_soon|call_later|call_at|create_task|stop|add_reader|add_writer)$")
_MENTIONS = re.compile(_USES.pattern.replace("$", r"\("))
_ASKS = re.compile(r"(get_running_loop|_running_loop|get_ident|current_thread|current_task|is_running|get_event_loop)$")
_ON_LOOP = re.compile(r"_*(on|handle|process|do|run|main)(_|$)|.*(callback|handler)")


def used_from_outside(module: ModuleView) -> Iterator[tuple[Function, Call, Span]]:
    """The calls of a class's own loop in methods that its thread does not run, and where the thread runs it."""
    for owner in module.facts.classes.values() if _MENTIONS.search(module.source.text) else ():
        known = {name: module.facts.functions.get(f"{owner.name}.{name}") for name in owner.methods}
        methods = [each for each in known.values() if each is not None and each.kind is Kind.PLAIN]
        users = [each for each in methods if any(_USES.search(call.text) for call in each.calls)]
        loops = dict(_own_loops(module, owner)) if users else {}
        inside = _inside(module, owner) if loops else frozenset()
        for function in users if loops else ():
            name = function.name.rpartition(".")[2]
            if name in inside or _ON_LOOP.match(name) or name.startswith("__") or function in module.loop_functions:
                continue
            if any(_ASKS.search(call.text) or call.text.endswith(".start") for call in function.calls):
                continue
            for call in function.calls:
                found = _USES.search(call.text)
                if found and found[1] in loops and guards.NO_LOOP not in call.guards and guards.LOOP not in call.guards:
                    yield function, call, loops[found[1]]


def _own_loops(module: ModuleView, owner: Class) -> Iterator[tuple[str, Span]]:
    """The attributes that keep a loop that the class makes and its thread runs."""
    bases = module.world.ancestry.of(owner)
    found = [module.world.members.own_method(each, name) for each in _classes(bases) for name in each.methods]
    functions = [each for each in found if isinstance(each, Function)]
    methods = {each.name.rpartition(".")[2]: each for each in reversed(functions)}
    calls = [call for each in functions for call in each.calls]
    made = {call.name.removeprefix("self.") for call in calls if call.callee == _MADE and call.name.startswith("self.")}
    if not made:
        return
    targets = {"run"} if External(_THREAD) in bases else set()
    for call in calls:
        target = call.arguments.get(1, "target") if call.callee == _THREAD else None
        if target is not None:
            loop, _, name = target.rpartition(".")
            if name == "run_forever" and loop.rpartition(".")[2] in made:
                yield loop.rpartition(".")[2], owner.span
            targets.add(name)
    for name in targets & methods.keys():
        for call in methods[name].calls:
            if (ran := _RUNS.search(call.text)) and ran[1] in made:
                yield ran[1], call.span if methods[name].path.startswith(f"{owner.path}.") else owner.span


def _inside(module: ModuleView, owner: Class) -> frozenset[str]:
    """The methods that are called, or handed over, by what the loop and its thread run, or by unknown hands."""
    found = {"run"}
    functions = [each for each in module.facts.functions.values() if each.path.startswith(f"{owner.path}.")]
    for function in functions:
        found.update(access.value.rpartition(".")[2] for access in function.accesses)
        found.update(each.rpartition(".")[2] for call in function.calls for each in call.arguments.all())
    while True:
        more = {
            call.text.rpartition(".")[2]
            for each in functions
            if each in module.loop_functions or each.name.rpartition(".")[2] in found
            for call in each.calls
            if call.text.startswith("self.")
        }
        if more <= found:
            return frozenset(found)
        found |= more


def _classes(bases: tuple[Class | External, ...]) -> Iterator[Class]:
    yield from (each for each in bases if isinstance(each, Class))
