"""What a parameter without a type is given by somebody whom the project does not show: a decorator, or a framework."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from weakref import WeakKeyDictionary

from flake8_asyncio.facts.model import Facts, Function, Ref
from flake8_asyncio.knowledge import Handler, Knowledge
from flake8_asyncio.project.names import Ancestry
from flake8_asyncio.project.targets import NOTHING, External, Instance, Targets

_APPLICATION = ["scope", "receive", "send"]  # what ASGI calls an application with, in every framework
_CALLABLES = {"receive": "asgiref.typing.ASGIReceiveCallable()", "send": "asgiref.typing.ASGISendCallable()"}
_HOME, _HOME_ASSISTANT = "hass", "homeassistant.core.HomeAssistant()"  # what integrations call it everywhere

Get = Callable[[Ref], Targets]


def by_framework(
    function: Function, name: str, facts: Facts, knowledge: Knowledge, ancestry: Ancestry, get: Get
) -> Targets:
    """What the framework gives that calls the function, because of its decorator or of the class that it stands in."""
    names = [each.name for each in function.parameters if each.kind in "/ "]
    if name not in names:
        return NOTHING
    if function.is_async and names[bool(function.owner) :] == _APPLICATION and name in _CALLABLES:
        return get(_CALLABLES[name])
    if name == _HOME and any(each.startswith("homeassistant.") for each in facts.names.values()):
        return get(_HOME_ASSISTANT)
    position = names.index(name) - bool(function.owner)
    for handler in _handlers(function, facts, knowledge, ancestry, get):
        gives = handler.events.get(function.name.rpartition(".")[2], handler.gives)
        if 0 <= position < len(gives):
            return get(gives[position])
    return NOTHING


def _handlers(
    function: Function, facts: Facts, knowledge: Knowledge, ancestry: Ancestry, get: Get
) -> Iterator[Handler]:
    takers = [each.removesuffix("()") for each in function.decorators]
    if function.is_async and not takers:
        takers.extend(_registrars(facts).get(function.path, ()))
    for taker in takers:
        for target in get(taker):
            if isinstance(target, External) and (handler := knowledge.handler(target.path)) is not None:
                yield handler
    owner = facts.classes.get(function.owner.removeprefix(f"{facts.module}.")) if function.owner else None
    for each in ancestry.of(owner) if owner is not None else ():
        if isinstance(each, External):
            method = f"{each.path}.{function.name.rpartition('.')[2]}"
            if (handler := knowledge.handler(method)) is not None:
                yield handler


_known: WeakKeyDictionary[Facts, dict[str, list[Ref]]] = WeakKeyDictionary()


def _registrars(facts: Facts) -> dict[str, list[Ref]]:
    """The callees to which a file hands each of its functions, by the function's path."""
    known = _known.get(facts)
    if known is None:
        known = _known[facts] = _handed(facts)
    return known


def _handed(facts: Facts) -> dict[str, list[Ref]]:
    found: dict[str, list[Ref]] = {}
    for function in facts.functions.values():
        for call in function.calls:
            for value in call.arguments.all() if call.callee[0] not in "?=" else ():
                if value[-1] not in ")?!" and value[0] not in "=(":
                    found.setdefault(value.replace("()", ""), []).append(call.callee)
    return found


def by_decorator(decorator: Ref, facts: Facts) -> Targets:
    """The `self` of a wrapper is of the class on whose methods the decorator is put, if the file has only one."""
    owners = {
        each.owner
        for each in facts.functions.values()
        if any(found.removesuffix("()") in (decorator, decorator.rpartition(".")[0]) for found in each.decorators)
    }
    classes = {facts.classes.get(each.removeprefix(f"{facts.module}.")) for each in owners if each}
    if len(owners) != 1 or len(classes) != 1:
        return NOTHING
    return frozenset(Instance(each) for each in classes if each is not None)
