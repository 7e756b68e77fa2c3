"""Who takes a value, by a name or as an argument, and what they say they want."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_asyncio.facts.model import UNKNOWN, Arguments, Class, Function, Kind, Parameter, Ref, Use
from flake8_asyncio.project.members import PROTOCOLS
from flake8_asyncio.project.project import World
from flake8_asyncio.project.protocols import Protocol, lacks
from flake8_asyncio.project.targets import External, Instance, Target
from flake8_asyncio.views.calls import CallView, UseView, ValueView
from flake8_asyncio.views.consumers import OF_FUTURES, OWN
from flake8_asyncio.views.functions import FunctionView

AWAITABLE_WORDS = (UNKNOWN, "wait", "orout", "uture", "Task", "Generator", "Promise", "Deferred", "object", "$")
_ORDERED = frozenset({"dataclasses.dataclass", "attr.s", "attr.attrs", "attr.define", "attrs.define", "attrs.frozen"})
BROKEN = {  # what neither a coroutine nor a future allows
    Use.ITEM: "has no items",
    Use.ITERATED: "cannot be iterated over",
    Use.UNPACKED: "cannot be unpacked",
    Use.CALLED: "cannot be called",
    Use.RAISED: "cannot be raised",
}


def is_declared_otherwise(call: CallView) -> bool:
    """Whether the name or attribute that gets a call's value is said to hold what nobody awaits."""
    if call.use not in (Use.ASSIGNED, Use.KEPT):
        return False
    declared, owner = call.fact.declared, call.function.owner
    if not declared and call.use is Use.KEPT and owner is not None and call.fact.name.startswith("self."):
        declared = owner.declared.get(call.fact.name.removeprefix("self."), "")
    return bool(declared) and _refuses_promises(declared, call.function)


def is_stored_otherwise(made: CallView | UseView) -> bool:
    """Whether a value is put into a container whose items are said to be what nobody awaits."""
    stores = made.function.fact.stores
    return any(each.span == made.span and _refuses_promises(each.declared, made.function) for each in stores)


def _refuses_promises(annotation: Ref, function: FunctionView) -> bool:
    """Whether no coroutine or future is of a type: nothing to be awaited is, or they lack what a protocol names."""
    world, found = function.module.world, ValueView(annotation, function).everything
    return bool(found) and all(lacks(world, each, Protocol.AWAIT) or _is_other_protocol(each, world) for each in found)


def _is_other_protocol(target: Target, world: World) -> bool:
    if not isinstance(target, Instance):
        return False
    ancestry = world.ancestry.of(target.of)
    if not any(isinstance(each, External) and each.path in PROTOCOLS for each in ancestry):
        return False
    classes = [each for each in ancestry if isinstance(each, Class)]
    return any(not (OWN | OF_FUTURES).issuperset((*each.methods, *each.attributes, *each.declared)) for each in classes)


def wanted(made: CallView | UseView) -> str:
    """The function of the project that takes the value, if it says that it wants nothing that could be awaited."""
    function = made.function
    for call in takers(made):
        if call.callee.target is not None:
            target = call.callee.target
            if isinstance(target, Class):
                made_by = function.module.world.members.own_method(target, "__init__")
                if made_by is None:
                    return call.text if _is_plain_field(made, call, target) else ""
                target = made_by
            if not isinstance(target, Function) or target.kind is Kind.LAMBDA:
                return ""
            for parameter in given_to(made.value.ref, call.arguments, target):
                if _refuses_promises(parameter.annotation, function):
                    return call.text
    return ""


def takers(made: CallView | UseView) -> Iterator[CallView]:
    """The calls that may be the one that takes a value as an argument."""
    for call in made.function.calls:
        if call.fact.callee == made.fact.passed_to and call.span.line <= made.span.line <= call.span.end_line:
            yield call


def _is_plain_field(made: CallView | UseView, call: CallView, owner: Class) -> bool:
    """Whether the value is given for a field of a class that says what it holds, and that is nothing to be awaited."""
    classes = [each for each in made.function.module.world.ancestry.of(owner) if isinstance(each, Class)]
    given = dict(call.arguments.keywords or {})
    if not call.arguments.is_open and all(_makes_fields(each) for each in classes if each.fields):
        fields = dict.fromkeys(name for each in reversed(classes) for name in each.fields)
        given.update(zip(fields, call.arguments.positional, strict=False))
    for each in classes:
        for name, value in given.items():
            if name in each.declared and _is_same(made.value.ref, value):
                return _refuses_promises(each.declared[name], made.function)
    return False


def _makes_fields(owner: Class) -> bool:
    """Whether a class takes its fields in their order."""
    return any(each.removesuffix("()") in _ORDERED for each in owner.decorators) or "typing.NamedTuple" in owner.bases


def is_cast_away(made: CallView | UseView) -> bool:
    """Whether a `cast` names a type that nobody awaits."""
    texts = [made.function.module.source.at(call.span) for call in takers(made)]
    return bool(texts) and not any(
        word in text.partition(",")[0] for text in texts for word in (*AWAITABLE_WORDS, "Any")
    )


def given_to(ref: Ref, arguments: Arguments, function: Function) -> Iterator[Parameter]:
    """The parameters of a function that get a value."""
    own = [each for each in function.parameters if each.kind in "/ "]
    own = own[1:] if function.owner and "builtins.staticmethod" not in function.decorators else own
    if not arguments.is_open:
        for value, parameter in zip(arguments.positional, own, strict=False):
            if _is_same(ref, value):
                yield parameter
    for name, value in (arguments.keywords or {}).items():
        if _is_same(ref, value) and (named := function.parameter(name)) is not None and named.kind != "**":
            yield named


def _is_same(ref: Ref, value: Ref) -> bool:
    """Whether an argument is what a call gives, of which it may say more."""
    return value == ref or value.startswith(f"{ref.removesuffix('()')}<")
