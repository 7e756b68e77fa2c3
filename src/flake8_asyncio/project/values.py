"""What a reference means, in terms of shorter references and of what functions return.

Sets only grow while they are worked out, so `or` between two of them would be a mistake here: a first match may be
asked only of names and facts, which are settled before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flake8_asyncio.facts.model import UNKNOWN, Class, Function, Kind, Ref
from flake8_asyncio.facts.references import alternatives, kind_of_literal, split
from flake8_asyncio.knowledge import Knowledge, Makes
from flake8_asyncio.project import containers, decorators, given
from flake8_asyncio.project.equations import Equations
from flake8_asyncio.project.generics import Generics, class_given
from flake8_asyncio.project.members import Members
from flake8_asyncio.project.names import Ancestry, FactsOf, is_dotted, located
from flake8_asyncio.project.paths import as_object, last_step
from flake8_asyncio.project.targets import (
    NOTHING,
    UNKNOWN_TARGETS,
    External,
    Instance,
    Lazy,
    Literal,
    Object,
    Promise,
    Super,
    Target,
    Targets,
)

Get = Callable[[Ref], Targets]

_LONGEST = 12  # steps in a name outside


class Values:
    """The equation of a reference."""

    def __init__(
        self, facts_of: FactsOf, names: Equations[str, Target], ancestry: Ancestry, knowledge: Knowledge
    ) -> None:
        self.facts_of = facts_of
        self.names = names
        self.knowledge = knowledge
        self.ancestry = ancestry
        self.members = Members(facts_of, ancestry, knowledge)
        self.generics = Generics(facts_of, self.members)

    def __call__(self, ref: Ref, get: Get) -> Targets:
        if ref == UNKNOWN:
            return UNKNOWN_TARGETS
        if ref[0] == "=":
            return frozenset({Literal(ref[1:])})
        owner, last = last_step(ref)
        if not last:
            members = alternatives(ref)
            if len(members) > 1:
                return union(map(get, members))
            return self._named(ref, get)
        found = get(owner)
        if last == "()":
            return union(self.called(each, get) for each in found)
        if last[0] == ".":
            return union(self._attribute(each, last[1:], get) for each in found)
        if last[0] == "<":
            held = tuple(split(last[1:-3], ","))
            if not found - UNKNOWN_TARGETS and owner.endswith(containers.IN_THREADS):
                found = get(containers.EXECUTOR)
            return union(self._applied(each, held, get) for each in found)
        return union(self._step(each, last, get) for each in found)

    # -- names ----------------------------------------------------------------

    def _named(self, ref: Ref, get: Get) -> Targets:
        if "$" in ref:
            return self.parameter(ref, get)
        named = self.names[ref] - UNKNOWN_TARGETS
        if named:
            return named
        facts, parts = located(self.facts_of, ref)
        if facts is None or not parts:
            return UNKNOWN_TARGETS
        alias = facts.names.get(parts[0])
        if alias is not None and alias != f"{facts.module}.{parts[0]}":
            if len(parts) == 1:
                return union(get(each) for each in alternatives(alias) if each != ref)
            return self._member_of_name(ref, get)
        return self._member_of_name(ref, get) if len(parts) > 1 else UNKNOWN_TARGETS

    def _member_of_name(self, ref: Ref, get: Get) -> Targets:
        owner, _, name = ref.rpartition(".")
        return union(self._attribute(each, name, get) for each in get(owner)) if owner else UNKNOWN_TARGETS

    def parameter(self, ref: Ref, get: Get) -> Targets:
        """A parameter that says nothing of its type has that of its default, if that is not `None`."""
        path, _, rest = ref.partition("$")
        name, _, attributes = rest.partition(".")
        if attributes:
            return self._member_of_name(ref, get)
        facts, parts = located(self.facts_of, path)
        function = facts.functions.get(".".join(parts)) if facts else None
        parameter = function.parameter(name) if function else None
        if facts is not None and name == "self" and function is not None and not function.owner:
            return given.by_decorator(path.rpartition(".")[0], facts)
        if parameter is None or parameter.default in ("", UNKNOWN) or parameter.default[0] == "=":
            if parameter is None or function is None or facts is None or parameter.default:
                return NOTHING
            return given.by_framework(function, name, facts, self.knowledge, self.ancestry, self._names_first(get))
        if not parameter.default.endswith("()"):
            return UNKNOWN_TARGETS  # a caller may differ
        return union(self._injected(each, get) for each in get(parameter.default))

    def _injected(self, default: Target, get: Get) -> Targets:
        """What a function gets for a default: of a dependency, what the framework gets out of it."""
        match default:
            case Object(of, held=(made,)) if of.endswith(("Depends", "Security")):
                return union(self._provided(each, get) for each in get(made))
        return frozenset({default})

    def _provided(self, made: Target, get: Get) -> Targets:
        match made:
            case Promise():
                return self.awaited(made, get)
            case Lazy(is_manager=False, is_async=is_async):
                return self.iterated(made, is_async, get)
        return frozenset({made})

    # -- steps ----------------------------------------------------------------

    def called(self, target: Target, get: Get) -> Targets:
        """What calling a value gives."""
        match target:
            case Function():
                return self._function_called(target, get)
            case Class():
                return frozenset({Instance(target)})
            case Instance(of, held):
                return union(self.called(each, get) for each in self.generics.methods(of, held, "__call__"))
            case Object(kind, (bound,)) if kind.endswith(".TypeVar"):
                return get(bound)
            case External(path, held):
                return self._external_called(path, held, get)
            case Literal("None"):
                return NOTHING
            case Object(containers.CALLBACK, held=(gives, *_)):
                return containers.promised(get(gives), External(containers.CALLBACK), containers.AWAITABLE)
            case Object(kind) if self.knowledge.definer(kind, "__call__"):
                return self._external_called(f"{kind}.__call__", (), get)
        return UNKNOWN_TARGETS

    def _function_called(self, function: Function, get: Get) -> Targets:
        if function.path in self.knowledge.own and (made := self.knowledge.result(function.path)) is not None:
            if made.makes is not Makes.VALUE:
                return self._external_called(function.path, (), get)
        match decorators.made(function, self._names_first(get)):
            case decorators.Made.UNKNOWN:
                return UNKNOWN_TARGETS
            case decorators.Made.NOT_YET:
                return NOTHING
            case decorators.Made.MANAGER:
                return frozenset({Lazy(function, True, False)})
            case decorators.Made.ASYNC_MANAGER:
                return frozenset({Lazy(function, True, True)})
        match function.kind:
            case Kind.COROUTINE if function.may_yield:
                return UNKNOWN_TARGETS
            case Kind.COROUTINE:
                return frozenset({Promise(Makes.COROUTINE, function)})
            case Kind.GENERATOR:
                return frozenset({Lazy(function, False, False)})
            case Kind.ASYNC_GENERATOR:
                return frozenset({Lazy(function, False, True)})
        found = self.result(function, get)
        if function.name.endswith(".__call__") and "stub" in function.flags:  # of a protocol for callbacks
            return containers.promised(found, External(containers.CALLBACK), containers.AWAITABLE)
        return containers.promised(found, function, containers.COROUTINES)

    def _names_first(self, get: Get) -> Get:
        def settled(ref: Ref) -> Targets:
            named = self.names[ref] - UNKNOWN_TARGETS if is_dotted(ref) else NOTHING
            return named or get(ref)

        return settled

    def result(self, function: Function, get: Get) -> Targets:
        """An annotation is believed; without one, the return statements are."""
        if function.annotation != UNKNOWN:
            return get(function.annotation)
        if "stub" in function.flags:
            return UNKNOWN_TARGETS
        return union(map(get, function.returns)) if function.returns else frozenset({Literal("None")})

    def _external_called(self, path: str, held: tuple[Ref, ...], get: Get) -> Targets:
        if held and containers.gives_at_once(path):
            return get(held[0])
        made = self.knowledge.result(path)
        if made is None and (given := containers.of_text(path)) is not None:
            return get(given)
        if made is None:
            name = path.rpartition(".")[2]
            is_class = (name[:1].isupper() and not name.isupper()) or path in containers.MADE
            return frozenset({Object(self.knowledge.canonical(path), held)}) if is_class else UNKNOWN_TARGETS
        if made.makes is not Makes.VALUE:
            gives = held[0] if held and made.makes in (Makes.COROUTINE, Makes.TASK) else made.gives
            return frozenset({Promise(made.makes, External(path), made.value, gives, made.entered, made.iterated)})
        if made.value == UNKNOWN:
            return (
                get(held[0])
                if held and "." in path and path.endswith((".run", ".run_until_complete"))
                else UNKNOWN_TARGETS
            )
        if made.value == f"{path}()" or made.value == f"{self.knowledge.canonical(path)}()":
            return frozenset({Object(made.value[:-2], held)})
        return get(made.value)

    def _applied(self, target: Target, held: tuple[Ref, ...], get: Get) -> Targets:
        """A generic with its arguments, called, or what is called with a class."""
        given = class_given(held)
        match target:
            case Class():
                return frozenset({Instance(target, self.generics.made_with(target, given) if given else held)})
            case Function() if given:
                return self.called(self.generics.called_with(target, given), get)
            case _ if given:
                return self.called(target, get)
            case External(path):
                if path in containers.KNOWN or path.startswith(("collections.abc.", "contextlib.Abstract")):
                    return frozenset({Object(path, held)})
                return self._external_called(path, held, get)
        return self.called(target, get)

    def _step(self, target: Target, last: str, get: Get) -> Targets:
        match last[0], target:
            case "[", Literal("None"):
                return NOTHING  # it raises
            case "!", _:
                return self.awaited(target, get)
            case "@", _:
                return self.entered(target, last == "@!", get)
            case "*", _:
                return self.iterated(target, last == "*!", get)
            case "[", Object(kind, held):
                made = self.knowledge.result(f"{kind}.__getitem__")
                is_said = made is not None and made.value != UNKNOWN
                return get(made.value if made and is_said else containers.item(kind, held, last[1:-1]))
            case "[", Instance(of) if (field := _field_at(of, last[1:-1])) is not None:
                return get(field)
            case "[", Instance(of, held):
                return union(self.called(each, get) for each in self.generics.methods(of, held, "__getitem__"))
            case "[", Promise():
                return NOTHING
            case "[", Class() | External():
                return frozenset({target})  # a generic with its arguments is still that class
            case "^", Instance(of):
                return frozenset({Super(of)})
        return UNKNOWN_TARGETS

    def awaited(self, target: Target, get: Get) -> Targets:
        """What awaiting a value gives."""
        match target:
            case Promise(by=Function(is_async=True) as function):
                return self.result(function, get)
            case Promise(gives=gives):
                return get(gives)
            case Object(kind, held):
                gives = containers.awaited(kind, held)
                return get(self.knowledge.awaited(kind) or UNKNOWN) if gives == UNKNOWN else get(gives)
        return UNKNOWN_TARGETS

    def entered(self, target: Target, is_async: bool, get: Get) -> Targets:
        """What `with` or `async with` binds."""
        match target:
            case Lazy(by=function, is_manager=True):
                return _yielded(function, get)
            case Instance(of, held):
                found = self.generics.methods(of, held, "__aenter__" if is_async else "__enter__")
                if not found:  # of several, it is another that is entered
                    return NOTHING if self.members.is_complete(of) else frozenset({target})
                return union(self.result(each, get) for each in found)
            case Promise(entered=entered, gives=gives):
                return get(entered) if entered != UNKNOWN else get(gives)
            case Object(kind, held):
                given = containers.entered(kind, held)
                if given == UNKNOWN:
                    given = self.knowledge.entered(kind) or UNKNOWN
                return frozenset({target}) if given in (UNKNOWN, f"{kind}()") else get(given)
        return UNKNOWN_TARGETS

    def iterated(self, target: Target, is_async: bool, get: Get) -> Targets:
        """What `for` or `async for` binds."""
        match target:
            case Lazy(by=function, is_manager=False):
                return _yielded(function, get)
            case Promise(iterated=iterated):
                return get(iterated)
            case Object(kind, held):
                find = containers.iterated_async if is_async else containers.iterated
                given = find(kind, held)
                return get(given if given != UNKNOWN else self.knowledge.iterated(kind) or UNKNOWN)
            case Instance(of, held):
                return self._iterated_instance(of, held, is_async, get)
        return UNKNOWN_TARGETS

    def _iterated_instance(self, of: Class, held: tuple[Ref, ...], is_async: bool, get: Get) -> Targets:
        first, second = ("__aiter__", "__anext__") if is_async else ("__iter__", "__next__")
        steps = self.generics.methods(of, held, second)
        if steps:
            return union(self.result(each, get) for each in steps)
        starts = self.generics.methods(of, held, first)
        if not starts:
            return UNKNOWN_TARGETS
        return union(
            self.iterated(made, is_async, get)
            for each in starts
            for made in self.called(each, get)
            if not isinstance(made, Instance)
        )

    # -- attributes -----------------------------------------------------------

    def _attribute(self, target: Target, name: str, get: Get) -> Targets:
        match target:
            case Instance(of, held):
                return union(self._read(each, get) for each in self.generics.find(of, held, name))
            case Super(of):
                return union(self._read(each, get) for each in self.members.find(of, name, skip_own=True))
            case Class() if name in target.attributes and self.members.is_enumeration(target):
                return frozenset({Instance(target)})
            case Class():
                return union(self._read(each, get, of_class=True) for each in self.generics.find(target, (), name))
            case Object(kind, held):
                return self._object_attribute(kind, held, name, get)
            case Promise(value=value) if value != UNKNOWN:
                kind, held = as_object(value)
                return self._object_attribute(kind, held, name, get)
            case External(path):
                return self._external_attribute(path, name, get)
            case Literal(text):
                return NOTHING if text == "None" else get(f"{kind_of_literal(f'={text}')}.{name}")
            case Promise() | Lazy():
                return NOTHING
        return UNKNOWN_TARGETS

    def _read(self, member: Function | Class | External | Ref, get: Get, of_class: bool = False) -> Targets:
        """Reading a property runs it; other functions are read as they are."""
        match member:
            case Function():
                if not of_class and decorators.made(member, self._names_first(get)) is decorators.Made.PROPERTY:
                    if member.kind is Kind.COROUTINE:
                        return frozenset({Promise(Makes.COROUTINE, member)})
                    return self.result(member, get)
                return frozenset({member})
            case str():
                return get(member)
            case External("?"):
                return UNKNOWN_TARGETS
            case External(path):
                owner, _, name = path.rpartition(".")
                return self._object_attribute(owner, (), name, get)
        return frozenset({member})

    def _object_attribute(self, kind: str, held: tuple[Ref, ...], name: str, get: Get) -> Targets:
        gives = containers.method_gives(kind, held, name)
        if gives is not None:
            return frozenset({External(f"{kind}.{name}", (gives,))})
        given = self.knowledge.attribute(kind, name)
        if given is not None and given != UNKNOWN:
            return get(given)
        return frozenset({External(f"{kind}.{name}")})

    def _external_attribute(self, path: str, name: str, get: Get) -> Targets:
        given = self.knowledge.attribute(path, name) if self.knowledge.is_class(path) else None
        if given:
            return get(given)
        if path.count(".") > _LONGEST:  # where a function hands `x.next` to itself, there is no end of it
            return UNKNOWN_TARGETS
        return frozenset({External(f"{path}.{name}")})


def _yielded(function: Function, get: Get) -> Targets:
    """What a generator yields: an annotation is believed."""
    if (held := containers.yielded(function.annotation)) != UNKNOWN:
        return get(held)
    return union(map(get, function.yields)) if function.yields else UNKNOWN_TARGETS


def union(groups: Iterable[Targets]) -> Targets:
    """All of them."""
    return NOTHING.union(*groups)


def _field_at(of: Class, index: str) -> Ref | None:
    """The field of a named tuple at a position."""
    if not index.isdigit() or "typing.NamedTuple" not in of.bases or int(index) >= len(of.fields):
        return None
    return of.declared.get(of.fields[int(index)], UNKNOWN)
