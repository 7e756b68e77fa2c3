"""What decorators make of a function, as far as its callers can tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum

from flake8_asyncio.facts.model import UNKNOWN, Class, Function, Kind, Ref
from flake8_asyncio.facts.references import alternatives, split
from flake8_asyncio.project.paths import last_step
from flake8_asyncio.project.targets import External, Object, Targets


class Made(Enum):
    """What a decorated function is."""

    ITSELF = "itself"
    PROPERTY = "property"
    MANAGER = "manager"
    ASYNC_MANAGER = "async manager"
    UNKNOWN = "unknown"
    NOT_YET = "not yet"  # nothing is known of a decorator while its equation is worked out


_PROPERTIES = {"builtins.property", "functools.cached_property", "abc.abstractproperty", "types.DynamicClassAttribute"}
_PROPERTY_NAMES = {"property", "cached_property", "hybrid_property", "classproperty", "lazy_property", "reify"}
_TRANSPARENT = {
    "builtins.staticmethod", "builtins.classmethod", "abc.abstractmethod", "typing.override", "typing.final",
    "typing.overload", "typing_extensions.override", "typing_extensions.final", "typing_extensions.deprecated()",
    "typing_extensions.overload", "warnings.deprecated()", "functools.lru_cache", "functools.lru_cache()",
    "functools.cache", "functools.wraps()", "typing.no_type_check", "contextlib.contextmanager",
    "typing_extensions.runtime_checkable", "unittest.skip()", "unittest.skipIf()", "unittest.skipUnless()",
    "pytest.fixture", "pytest.fixture()", "atexit.register", "functools.singledispatch", "unittest.mock.patch()",
    "tenacity.retry", "tenacity.retry()", "backoff.on_exception()", "retrying.retry", "retrying.retry()",
    "typing.runtime_checkable", "abc.abstractclassmethod", "abc.abstractstaticmethod", "aiocache.cached()",
    "aiocache.cached_stampede()", "aiocache.multi_cached()", "async_lru.alru_cache", "async_lru.alru_cache()",
    "beartype.beartype", "typeguard.typechecked", "pydantic.validate_call", "pydantic.validate_call()",
}  # fmt: skip
_MANAGERS = {"contextlib.contextmanager": Made.MANAGER, "contextlib.asynccontextmanager": Made.ASYNC_MANAGER}
_REGISTERING = frozenset(
    "callback delete event exception_handler get head listener middleware on on_event options patch post put register "
    "route subscribe websocket".split()
)

_AROUND = re.compile(
    r"retr(y|i)|trac(e|ed|ing)|valid|requir|ensure|deprecat|catch|except|measur|profil|instrument|observ|metric|monitor|"
    r"synchroni[sz]ed|transaction|audit|entrypoint|overrid|rate_?limit|throttl|benchmark|telemetry|sentry|authenticat|"
    r"authori[sz]|experimental|no_grad|inference_mode|(tim(e|ed|ing|eit|er)|log(ged|ging|s)?|errors?|span|limit(ed|er)?|documents?|beta)(?![a-z])"
)

_ASKS_KIND = re.compile(r"is_?(coroutine|generator|async_?gen)\w*")
_FARTHEST = 4  # decorators that leave it to others
_FIRST = "builtins.list()[0]"  # of `*args`

Get = Callable[[Ref], Targets]  # names before values: what is a name is answered for good


def made(function: Function, get: Get) -> Made:
    """What all the decorators of a function together make of it."""
    for decorator in reversed(function.decorators):
        each = _one(decorator, function, get)
        if each is not Made.ITSELF:
            return each
    return Made.ITSELF


def runs_at_once(function: Function, get: Get) -> bool:
    """Whether each decorator leaves a plain function what it is, or does by its name something around each call."""
    if function.kind is not Kind.PLAIN:
        return False
    unknown = (each for each in function.decorators if _one(each, function, get) is not Made.ITSELF)
    return all(_AROUND.search(each.removesuffix("()").rpartition(".")[2].lower()) for each in unknown)


def wrappers(function: Function, get: Get) -> Iterator[Function]:
    """The functions of the project that its decorators put around a function, and that a call of it runs."""
    for decorator in function.decorators:
        if decorator in _MANAGERS or decorator in _PROPERTIES or decorator in _TRANSPARENT:
            continue
        found = get(decorator.removesuffix("()"))
        outer = next(iter(found)) if len(found) == 1 else None
        if isinstance(outer, Function) and decorator.endswith("()"):
            outer = _inner(outer, None, get)
        if isinstance(outer, Function) and (inner := _inner(outer, function, get)) is not None:
            yield inner


def _inner(decorator: Function, function: Function | None, get: Get) -> Function | None:
    """The function that one inside another gives back; of several, the one of the kind of what it is put around."""
    refs = [each for ref in decorator.returns for each in alternatives(ref) if each.startswith(f"{decorator.path}.")]
    found = {each for ref in refs for each in get(ref) if isinstance(each, Function)}
    if len(found) > 1 and function is not None:
        found = {each for each in found if each.is_async == function.is_async}
    return next(iter(found)) if len(found) == 1 else None


def _one(decorator: Ref, function: Function, get: Get) -> Made:
    if decorator in _MANAGERS:
        return _MANAGERS[decorator]
    if decorator in _PROPERTIES:
        return Made.PROPERTY
    if decorator in _TRANSPARENT:
        return Made.ITSELF
    name = decorator.removesuffix("()").rpartition(".")[2]
    if name in _PROPERTY_NAMES:
        return Made.PROPERTY
    if name == "setter" and function.path.endswith(".setter"):
        return Made.ITSELF
    if decorator.endswith("()") and name in _REGISTERING:
        return Made.ITSELF
    found = get(decorator.removesuffix("()"))
    if not found:
        return Made.NOT_YET
    for target in found:
        if isinstance(target, External):
            if target.path in _MANAGERS:
                return _MANAGERS[target.path]
            if target.path in _PROPERTIES:
                return Made.PROPERTY
            if target.path in _TRANSPARENT:
                return Made.ITSELF
    if len(found) == 1:
        (target,) = found
        if isinstance(target, Function) and _keeps(target, decorator.endswith("()"), function, get):
            return Made.ITSELF
        if isinstance(target, Class) and decorator.endswith("()"):
            call = next((each for each in get(f"{target.path}.__call__") if isinstance(each, Function)), None)
            return Made.ITSELF if call is not None and _keeps(call, False, function, get) else Made.UNKNOWN
    is_foreign = all(isinstance(each, External) for each in found)
    return Made.ITSELF if is_foreign and _AROUND.search(name.lower()) else Made.UNKNOWN


def _keeps(decorator: Function, is_called: bool, function: Function, get: Get, depth: int = 0) -> bool:
    """Whether a decorator of the project gives back what it is put on, or something that is called alike."""
    if depth > _FARTHEST:
        return False
    is_bound = bool(decorator.owner) and not any("static" in each for each in decorator.decorators)
    parameters = decorator.parameters[is_bound:]
    taken = {f"{decorator.path}${each.name}" for each in parameters}
    taken |= {each.annotation for each in parameters if each.annotation != UNKNOWN}
    taken |= {_FIRST for each in parameters[:1] if each.kind == "*"}
    returned = {each for ref in decorator.returns for each in alternatives(ref)}
    decorated = {ref for ref in returned if _is_decorated(ref, decorator, taken, function, get, depth)}
    if is_called:
        inner = [target for ref in returned - decorated for target in get(ref)]
        known = [each for each in inner if isinstance(each, Function)]
        is_open = len(known) < len(inner) or not inner
        return not (is_open and not _gives_what_it_gets(decorator)) and all(
            _keeps(each, False, function, get, depth + 1) for each in known
        )
    if not returned or not parameters:
        return False
    says_same = decorator.annotation == parameters[0].annotation and any(
        isinstance(each, Object) and each.of.endswith(".TypeVar")
        for each in get(decorator.annotation.removesuffix("()"))
    )
    looks = any(_ASKS_KIND.fullmatch(call.text.rpartition(".")[2]) for call in decorator.calls)
    looks = looks and (not taken.isdisjoint(returned) or _has_wrapper_for(function, returned, taken, get))
    for ref in returned - decorated - taken:
        found = get(ref)
        functions = [each for each in found if isinstance(each, Function)]
        if says_same and not functions:
            continue
        if decorated and functions and all(_keeps(each, False, function, get, depth + 1) for each in functions):
            continue  # the decorator itself, for whoever gives it arguments
        if (
            not functions
            or len(functions) < len(found)
            or not all(
                _alike(each, function, taken) or (looks and each.kind is not function.kind) for each in functions
            )
        ):
            return False
    return True


def _has_wrapper_for(function: Function, returned: set[Ref], taken: set[Ref], get: Get) -> bool:
    """Whether one of the functions that a decorator gives back, by their kinds, is meant for this one."""
    return any(
        isinstance(each, Function) and _alike(each, function, taken) for ref in returned - taken for each in get(ref)
    )


def _gives_what_it_gets(maker: Function) -> bool:
    """Whether a maker of decorators says that they change nothing: `-> Callable[[F], F]`."""
    kind, held = last_step(maker.annotation)
    return kind == "collections.abc.Callable" and len(parts := split(held[1:-3], ",")) == 2 and parts[0] == parts[1]


def _is_decorated(ref: Ref, decorator: Function, taken: set[Ref], function: Function, get: Get, depth: int) -> bool:
    """Whether what a decorator returns is what another one makes of the function: `return decorate(function)`."""
    if not ref.endswith("()") or not any(
        call.callee == ref[:-2] and call.arguments.positional[:1] and call.arguments.positional[0] in taken
        for call in decorator.calls
    ):
        return False
    found = get(ref[:-2])
    return bool(found) and all(
        isinstance(each, Function) and _keeps(each, False, function, get, depth + 1) for each in found
    )


def _alike(wrapper: Function, function: Function, taken: set[Ref]) -> bool:
    """A coroutine stays a coroutine under a wrapper that is one, or that only hands on what it calls."""
    if function.is_generator or wrapper.is_generator:
        return wrapper.kind is function.kind
    if function.is_async:
        return wrapper.kind is Kind.COROUTINE or _hands_on(wrapper, taken)
    return not wrapper.is_async


def _hands_on(wrapper: Function, taken: set[Ref]) -> bool:
    """Whether a plain function returns nothing but what calling the decorated one gives."""
    returned = [each for ref in wrapper.returns for each in alternatives(ref)]
    return bool(returned) and all(each.endswith("()") and each[:-2] in taken for each in returned)
