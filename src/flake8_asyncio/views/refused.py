"""Where a value is awaited, entered or iterated over that certainly does not allow it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from flake8_asyncio.facts.model import UNKNOWN, Class, Function, Kind, Ref, Use
from flake8_asyncio.facts.references import alternatives
from flake8_asyncio.knowledge import Knowledge, Makes
from flake8_asyncio.project.containers import CALLBACK, changes_builtin
from flake8_asyncio.project.hearsay import Hearsay
from flake8_asyncio.project.paths import last_step
from flake8_asyncio.project.project import World
from flake8_asyncio.project.protocols import Protocol, lacks
from flake8_asyncio.project.targets import NONE, External, Instance, Lazy, Literal, Object, Promise, Target
from flake8_asyncio.syntax.source import Span
from flake8_asyncio.views.calls import CallView, UseView, ValueView
from flake8_asyncio.views.consumers import gives_values
from flake8_asyncio.views.evidence import is_plain_by_name
from flake8_asyncio.views.functions import FunctionView, last_names

_TURNED = {
    Protocol.AWAIT: Protocol.AWAIT,
    Protocol.WITH: Protocol.ASYNC_WITH,
    Protocol.ASYNC_WITH: Protocol.WITH,
    Protocol.FOR: Protocol.ASYNC_FOR,
    Protocol.ASYNC_FOR: Protocol.FOR,
}
_USES = {
    Use.AWAITED: Protocol.AWAIT,
    Use.ENTERED: Protocol.WITH,
    Use.ASYNC_ENTERED: Protocol.ASYNC_WITH,
    Use.ITERATED: Protocol.FOR,
    Use.ASYNC_ITERATED: Protocol.ASYNC_FOR,
}
_AWAITING = frozenset({"asyncio.gather", "asyncio.wait_for", "asyncio.shield"})
_AWAITING_NAMES = last_names(*_AWAITING)
_UNPACKED = re.compile(r"(?:builtins\.list|builtins\.tuple|collections\.abc\.Generator)<(.+)>\(\)\*")
_CLEAR = {"builtins.staticmethod", "builtins.classmethod", "builtins.property", "contextlib.contextmanager",
          "contextlib.asynccontextmanager", "typing.override", "typing_extensions.override"}  # fmt: skip
_KEYWORDS = {
    "with": re.compile(r"\b((?:async\s+)?with)\s+$"),
    "for": re.compile(r"\b((?:async\s+)?for)\b(?:(?!\bfor\b).)*\bin\s+$"),
}
_END_OF_ITEM = re.compile(r"\s*(as\s+\w+\s*)?:")
_AWAITABLE = ("wait", "Future", "Task", "Deferred", "Coroutine", "Promise", "asyncio", "aio")
_FARTHEST = 3  # functions that return what others do
_OPEN = ("stub", "never returns")
_BASES = ("Base", "Abstract", "Mixin", "Interface", "Protocol", "Dummy", "Null", "Fake", "Mock")


def refused(function: FunctionView, *uses: Use) -> Iterator[CallView | UseView]:
    """The values that are used in one of these ways though they certainly do not allow it."""
    for made in (each for use in uses for each in function.made_by_use.get(use, ())):
        if _is_refused(made):
            yield made


def _is_refused(made: CallView | UseView) -> bool:
    return _does_not_allow(made) and not (_is_open(made) or _is_callback(made) or _may_be_subclass(made))


def refused_by_gather(function: FunctionView) -> Iterator[CallView]:
    """The calls whose values `asyncio.gather` and its kin are to await, though they certainly do not allow it."""
    for call in function.calls_named(_AWAITING_NAMES):
        if call.path in _AWAITING:
            positional = call.arguments.positional
            given = {_element(each) for each in (positional if call.path == "asyncio.gather" else positional[:1])}
            for each in function.calls:
                if f"{each.fact.callee}()" in given and call.span.contains(each.span) and each is not call:
                    as_awaited = CallView(each.fact._replace(use=Use.AWAITED), function)
                    if _is_refused(as_awaited):
                        yield as_awaited


def _element(given: Ref) -> Ref:
    """What a collection that is unpacked gives, for those that are written out; else the value itself."""
    match = _UNPACKED.fullmatch(given)
    return match[1] if match else given


def _may_be_subclass(made: CallView | UseView) -> bool:
    """Whether a class in sight, or the one that a factory is called on, allows it, and inherits from what is named."""
    target = made.value.target
    if not isinstance(target, Instance):
        return False
    world = made.function.module.world
    callee = made.fact.callee if isinstance(made, CallView) else made.fact.value.removesuffix("()")
    owner, step = last_step(callee)
    factory = world.resolve((owner if step else callee.rpartition(".")[0]) or UNKNOWN)
    classes = [*made.function.module.visible_classes, *([factory] if isinstance(factory, Class) else ())]
    heirs = [each for each in classes if each is not target.of and target.of in world.ancestry.of(each)]
    return any(not lacks(world, Instance(each), _USES[made.use]) for each in heirs)


def _is_callback(made: CallView | UseView) -> bool:
    """Whether a callback gives it, of which nothing but its annotation is known: others may be taken, too."""
    return isinstance(made, CallView) and any(
        isinstance(each, Object) and each.of == CALLBACK for each in made.callee.targets
    )


def _does_not_allow(made: CallView | UseView) -> bool:
    return (
        made.value.lacks(_USES[made.use])
        or _is_known_plain(made)
        or _gives_none(made)
        or (made.use is Use.AWAITED and isinstance(made, CallView) and _is_given_plain(made))
    )


def _is_given_plain(made: CallView) -> bool:
    """Whether a method gives nothing to be awaited if parameters without a type are what callers give them."""
    owner, _, name = made.fact.callee.rpartition(".")
    if not owner or not name.isidentifier() or owner[0] in "?=" or made.callee.targets:
        return False
    hearsay = Hearsay.of(made.function.module.world)
    method = hearsay.of_eponym(made.fact.callee, made.text.rpartition(".")[0], name)
    found = hearsay.given(owner, name) or (frozenset({method}) if method is not None else frozenset())
    return bool(found) and all(
        _is_plain_method(each, made) and (isinstance(each, External) or hearsay.is_never_async(name)) for each in found
    )


def _is_plain_method(target: Target, made: CallView) -> bool:
    if isinstance(target, External):
        knowledge = made.function.module.world.knowledge
        owner, _, name = target.path.rpartition(".")
        return knowledge.never_awaitable(target.path) and knowledge.is_asynchronous(knowledge.definer(owner, name))
    if not isinstance(target, Function) or target.kind is not Kind.PLAIN or _is_unsure(target, made):
        return False
    return ValueView(f"{target.path}()", made.function).lacks(Protocol.AWAIT)


def _gives_none(made: CallView | UseView) -> bool:
    """Whether an `await` gets `None` on some way through a plain function, and objects that nobody awaits on others."""
    if made.use is not Use.AWAITED or not isinstance(made, CallView) or not isinstance(made.callee.target, Function):
        return False
    found = made.value.everything
    world = made.function.module.world
    return NONE in found and all(each == NONE or _is_object(each, world) for each in found)


def _is_object(target: Target, world: World) -> bool:
    match target:
        case Object(of):
            return not any(word in of for word in _AWAITABLE)
        case Instance(of=Class(path=of)):
            return not any(word in of for word in _AWAITABLE) and lacks(world, target, Protocol.AWAIT)
    return False


def _is_known_plain(made: CallView | UseView) -> bool:
    """Whether an `await` gets what a library is known to give for good."""
    if not isinstance(made, CallView) or made.use is not Use.AWAITED:
        return False
    knowledge = made.function.module.world.knowledge
    targets = made.callee.targets
    if is_plain_by_name(made):
        return True
    return bool(targets) and all(
        isinstance(each, External)
        and (changes_builtin(each.path) or _gives_value(each.path, knowledge) or knowledge.never_awaitable(each.path))
        for each in targets
    )


def _gives_value(path: str, knowledge: Knowledge) -> bool:
    """Whether a function of such a module gives a value; a method that its class lacks may be that of a subclass."""
    owner, _, name = path.rpartition(".")
    return gives_values(path) and (not knowledge.is_class(owner) or bool(knowledge.definer(owner, name)))


def allows_other(made: CallView | UseView) -> bool:
    """Whether the value allows the same with, or without, `async`."""
    return not made.value.lacks(_TURNED[_USES[made.use]])


def described(target: Target | None) -> str:
    """What kind of thing a value is, in words."""
    match target:
        case Promise(kind=Makes.COROUTINE, entered=entered) if entered != UNKNOWN:
            return "an asynchronous context manager"
        case Promise(kind=Makes.COROUTINE):
            return "a coroutine"
        case Promise(kind=Makes.TASK):
            return "a task or future"
        case Promise(kind=Makes.ASYNC_CONTEXT) | Lazy(is_manager=True, is_async=True):
            return "an asynchronous context manager"
        case Promise(kind=Makes.ASYNC_ITERATOR) | Lazy(is_manager=False, is_async=True):
            return "an asynchronous iterator"
        case Lazy(is_manager=True):
            return "a plain context manager"
        case Lazy():
            return "a plain generator"
        case Function():
            return "a function that is not called"
        case Instance(of):
            return _an(of.name.rpartition(".")[2])
        case Object(of) | External(of):
            return _an(of.removeprefix("builtins."))
        case Literal("None"):
            return "`None`"
        case Literal(text):
            return f"`{text}`"
    return "a plain value"


def turned(made: CallView | UseView) -> tuple[Span, str, bool] | None:
    """The `for` or `with` of a value's statement, what to write instead, and whether it begins the statement.

    None where it stands on another line, is shared with other values, or where no `async` may be written.
    """
    line = made.function.module.source.lines[made.span.line - 1]
    word = "with" if made.use in (Use.ENTERED, Use.ASYNC_ENTERED) else "for"
    found = _KEYWORDS[word].search(line[: made.span.column])
    is_last = word == "for" or _END_OF_ITEM.match(line[made.span.end_column :])
    if found is None or not is_last or made.span.end_line != made.span.line or not made.function.is_async:
        return None
    start, end = found.span(1)
    text = word if found[1] != word else f"async {word}"
    return Span(made.span.line, start, made.span.line, end), text, not line[:start].strip()


def what(made: CallView | UseView) -> str:
    """What kind of thing is used there, in words."""
    found = made.value.everything
    return described(next(iter(found))) if len(found) == 1 else "a plain value"


def _an(name: str) -> str:
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} `{name}`"


def _is_open(made: CallView | UseView) -> bool:
    """Whether the value may be another than it seems: a hook's, a subclass's, an attribute's that others set."""
    if isinstance(made, CallView):
        return any(_is_unsure(each, made) for each in made.callee.targets) and not is_plain_by_name(made)
    if made.use is not Use.AWAITED:
        return made.value.target is None
    if "()" in made.fact.value[-2:]:
        return _is_made_by_hook(made)
    target = made.value.target
    if isinstance(target, Function) and "." in made.text:
        return not target.owner or _is_unsure(target, made)
    return not isinstance(target, Function | Literal) or "." in made.text or _is_none(made)


def _is_made_by_hook(made: UseView) -> bool:
    targets = made.function.module.world.certain(made.fact.value[:-2])
    return any(_is_unsure(each, made) for each in targets)


def _is_unsure(target: Target, made: CallView | UseView) -> bool:
    """Libraries have twins that are asynchronous, and annotations name the wrong one of them."""
    match target:
        case Function():
            if made.use is Use.AWAITED and _may_give_awaitable(target, made.function):
                return True
            decorators = {each for each in target.decorators if "abstract" not in each}
            return not _CLEAR.issuperset(decorators) or _is_hook(target, made)
        case External(path) if made.use is Use.AWAITED and not (_is_of_awaited(made) or _has_no_twin(path, made)):
            return path.partition(".")[0] not in sys.stdlib_module_names
    return False


def _is_of_awaited(made: CallView | UseView) -> bool:
    """Whether it is a method of what an `await` of a library's coroutine gave, so of no twin that has none."""
    owner = made.fact.callee.rpartition(".")[0] if isinstance(made, CallView) else ""
    if not owner.endswith("()!"):
        return False
    world = made.function.module.world
    found = [world.knowledge.result(each.path) for each in world.targets(owner[:-3]) if isinstance(each, External)]
    return bool(found) and all(each is not None and each.makes is Makes.COROUTINE for each in found)


def _has_no_twin(path: str, made: CallView | UseView) -> bool:
    """Whether a library's method is of an asynchronous class, of what one keeps, or of one that our own class names."""
    if not isinstance(made, CallView):
        return False
    owner, _, name = path.rpartition(".")
    world, ours = made.function.module.world, made.function.fact.owner
    if not (definer := world.knowledge.definer(owner, name)):
        return False
    if made.fact.callee in {f"{ours}().{name}", f"{ours}()^.{name}"} and definer == world.knowledge.canonical(owner):
        return Hearsay.of(world).is_never_async(name)
    if world.knowledge.is_asynchronous(definer):
        return True
    keeper = made.fact.callee.rpartition(".")[0].rpartition(".")[0]
    held = world.targets(keeper) if keeper and keeper[0] not in "?=(" else frozenset()
    return bool(held) and all(isinstance(each, Object) and world.knowledge.is_asynchronous(each.of) for each in held)


def _may_give_awaitable(function: Function, user: FunctionView, depth: int = 0) -> bool:
    """Whether a function returns something awaitable on some way, or what a parameter gives that it calls."""
    world = user.module.world
    for ref in (each for returned in function.returns for each in alternatives(returned)):
        callee = ref.removesuffix("()")
        if callee != ref and callee.partition("$")[2].isidentifier() and not world.targets(callee):
            return True
        if any(isinstance(each, Promise) for each in world.targets(ref)):
            return True
        for made in world.targets(callee) if callee != ref and depth < _FARTHEST else ():
            if isinstance(made, Function) and _may_give_awaitable(made, user, depth + 1):
                return True
    return False


def _is_none(made: UseView) -> bool:
    return made.value.everything == frozenset({Literal("None")}) and made.text != "…"


def _is_hook(function: Function, made: CallView | UseView) -> bool:
    """Whether a method stands for what subclasses do."""
    hearsay = Hearsay.of(made.function.module.world)
    is_abstract = any("abstract" in each for each in function.decorators)
    if is_abstract or any(flag in function.flags for flag in _OPEN):
        return made.use is not Use.AWAITED or not hearsay.is_overridden_plainly(function)
    if not function.owner:
        return False
    owner, _, name = function.name.rpartition(".")
    is_never_async = hearsay.is_never_async
    if any(part in owner.rpartition(".")[2] for part in _BASES) and not is_never_async(name):
        return True
    if made.use is Use.AWAITED and _is_fallback(made) and not is_never_async(name):
        return True
    return _is_overridden_async(function, made.function)


def _is_fallback(made: CallView | UseView) -> bool:
    """Whether a method's object is only used where a caller gives no other, which may be an asynchronous twin."""
    callee = made.fact.callee if isinstance(made, CallView) else made.fact.value
    owner = last_step(callee)[0]
    kept, last = last_step(owner)
    world = made.function.module.world
    refs = [owner]
    for each in world.targets(kept) if last[:1] == "." else ():
        if isinstance(each, Instance):
            classes = [known for known in world.ancestry.of(each.of) if isinstance(known, Class)]
            refs.extend(known.attributes.get(last[1:], UNKNOWN) for known in classes)
    return any("$" in way for ref in refs for way in alternatives(ref) if way != ref)


def _is_overridden_async(function: Function, user: FunctionView) -> bool:
    method = function.name.rpartition(".")[2]
    world = user.module.world
    for owner in user.module.visible_classes:
        if method in owner.methods and owner.path != function.owner:
            if any(isinstance(each, Class) and each.path == function.owner for each in world.ancestry.of(owner)):
                found = world.members.own_method(owner, method)
                if found is not None and found.is_async:
                    return True
    return False
