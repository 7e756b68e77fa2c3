"""What comes out of the standard containers, given what they hold."""

from __future__ import annotations

import builtins

from flake8_asyncio.facts.model import UNKNOWN, Function, Ref
from flake8_asyncio.facts.references import generic, split, union
from flake8_asyncio.knowledge import Makes
from flake8_asyncio.project.targets import External, Object, Promise, Targets

_ONE = frozenset(
    "builtins.list builtins.set builtins.frozenset collections.deque collections.abc.Iterator "
    "collections.abc.Iterable collections.abc.Generator collections.abc.Sequence collections.abc.MutableSequence "
    "collections.abc.Collection collections.abc.Reversible collections.abc.Set collections.abc.MutableSet "
    "collections.abc.KeysView weakref.WeakSet".split()
)
_MAPPINGS = frozenset(
    "builtins.dict collections.defaultdict collections.OrderedDict collections.abc.Mapping "
    "collections.abc.MutableMapping weakref.WeakValueDictionary weakref.WeakKeyDictionary "
    "types.MappingProxyType".split()
)
_ASYNC = frozenset("collections.abc.AsyncIterator collections.abc.AsyncIterable collections.abc.AsyncGenerator".split())
_AWAITED = {
    "collections.abc.Awaitable": 0, "collections.abc.Coroutine": 2, "types.CoroutineType": 2,
    "asyncio.Future": 0, "asyncio.Task": 0,
}  # fmt: skip
_MANAGERS = frozenset({"contextlib.AbstractContextManager", "contextlib.AbstractAsyncContextManager"})
CALLBACK = "collections.abc.Callable"
COROUTINES = frozenset({"collections.abc.Coroutine", "types.CoroutineType"})
AWAITABLE = COROUTINES | {"collections.abc.Awaitable"}
EXECUTOR = "asyncio.AbstractEventLoop.run_in_executor"
IN_THREADS = (".run_in_executor", ".async_add_executor_job")  # which mean the same, whatever they are called on
_CELLS = frozenset({"contextvars.ContextVar", "asyncio.Queue", "queue.Queue", "asyncio.PriorityQueue"})
_ITEM_GIVERS = frozenset("pop popleft popitem get setdefault".split())
BUILTINS = frozenset(
    "builtins.str builtins.bytes builtins.bytearray builtins.int builtins.float builtins.bool builtins.complex "
    "builtins.list builtins.tuple builtins.set builtins.frozenset builtins.dict".split()
)
ITERATORS = frozenset({f"builtins.{name}" for name in ("map", "filter", "zip", "enumerate", "reversed")})
MADE = BUILTINS | ITERATORS
_TEXTS = {
    "builtins.str()": "join format strip lstrip rstrip lower upper title replace removeprefix removesuffix capitalize"
    " zfill ljust rjust center casefold swapcase expandtabs translate",
    "builtins.list<builtins.str()>()": "split rsplit splitlines",
    "builtins.bool()": "startswith endswith isdigit isalpha isalnum isidentifier islower isupper isspace isnumeric",
    "builtins.int()": "find rfind index rindex count",
    "builtins.bytes()": "encode",
}
_OF_TEXT = {f"builtins.str.{name}": ref for ref, names in _TEXTS.items() for name in names.split()}
KNOWN = _ONE | _MAPPINGS | _ASYNC | {"builtins.tuple"}


def gives_at_once(path: str) -> bool:
    """Whether a method that gives what its container holds is a plain one."""
    kind, _, name = path.rpartition(".")
    return kind in KNOWN or (kind in _CELLS and (name == "get_nowait" or not kind.startswith("asyncio.")))


def changes_builtin(path: str) -> bool:
    """Whether a method of a built-in type gives nothing that the object held: `list.append`, but not `list.pop`."""
    owner, _, name = path.rpartition(".")
    kind = getattr(builtins, owner.removeprefix("builtins."), None) if owner in BUILTINS else None
    return kind is not None and hasattr(kind, name) and name not in _ITEM_GIVERS and not name.startswith("__")


def promised(made: Targets, by: Function | External, kinds: frozenset[str]) -> Targets:
    """What a call gives whose annotation says that it gives one of these kinds, to be awaited by its caller."""
    if not any(isinstance(each, Object) and each.of in kinds for each in made):
        return made
    return frozenset(
        Promise(Makes.COROUTINE, by, gives=awaited(each.of, each.held))
        if isinstance(each, Object) and each.of in kinds
        else each
        for each in made
    )


def iterated(kind: str, held: tuple[Ref, ...]) -> Ref:
    """What `for` binds."""
    if not held:
        return UNKNOWN
    if kind in _ONE or kind in _MAPPINGS:
        return held[0]
    if kind == "builtins.tuple":
        return union(each for each in held if each != UNKNOWN)
    return UNKNOWN


def iterated_async(kind: str, held: tuple[Ref, ...]) -> Ref:
    """What `async for` binds."""
    return held[0] if held and kind in _ASYNC else UNKNOWN


def yielded(annotation: Ref) -> Ref:
    """What a generator gives whose annotation is this; unknown where it does not say."""
    head, _, inside = annotation.removesuffix(">()").partition("<")
    return next(iter(split(inside, ",")), UNKNOWN) if inside and (head in _ONE or head in _ASYNC) else UNKNOWN


def item(kind: str, held: tuple[Ref, ...], index: str) -> Ref:
    """What a subscript gives; `index` is empty where it is not a constant."""
    if not held:
        return UNKNOWN
    if kind in _MAPPINGS:
        return held[1] if len(held) > 1 else UNKNOWN
    if kind == "builtins.tuple":
        if index.lstrip("-").isdigit() and -len(held) <= int(index) < len(held):
            return held[int(index)]
        return iterated(kind, held)
    return held[0] if kind in _ONE else UNKNOWN


def awaited(kind: str, held: tuple[Ref, ...]) -> Ref:
    """What awaiting gives."""
    position = _AWAITED.get(kind)
    return held[position] if position is not None and position < len(held) else UNKNOWN


def entered(kind: str, held: tuple[Ref, ...]) -> Ref:
    """What `with` or `async with` binds."""
    return held[0] if held and kind in _MANAGERS else UNKNOWN


def of_text(path: str) -> Ref | None:
    """What calling a method of a text gives."""
    return _OF_TEXT.get(path)


def method_gives(kind: str, held: tuple[Ref, ...], name: str) -> Ref | None:
    """What calling a method of a container gives; None where that says nothing of what it holds."""
    if kind in _MAPPINGS and len(held) > 1:
        match name:
            case "values":
                return generic("builtins.list", held[1])
            case "keys":
                return generic("builtins.list", held[0])
            case "items":
                return generic("builtins.list", generic("builtins.tuple", held[0], held[1]))
            case "get" | "pop" | "setdefault":
                return held[1]
            case "copy":
                return generic(kind, *held)
    elif kind in _CELLS and held:
        return held[0] if name in ("get", "get_nowait") else None
    elif kind in _ONE and held:
        if name in _ITEM_GIVERS:
            return held[0]
        if name == "copy":
            return generic(kind, *held)
    return None
