"""What the expressions that initialise names and attributes make: collections, locks, constants."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from flake8_asyncio.state.oracle import Lock
from flake8_asyncio.state.vocabulary import dotted, last_name

COLLECTIONS = frozenset({"dict", "list", "set", "deque"})

_CONTAINERS = {
    "dict": "dict",
    "defaultdict": "dict",
    "OrderedDict": "dict",
    "Counter": "dict",
    "ChainMap": "dict",
    "WeakValueDictionary": "dict",
    "WeakKeyDictionary": "dict",
    "LRUCache": "dict",
    "TTLCache": "dict",
    "list": "list",
    "set": "set",
    "WeakSet": "set",
    "deque": "deque",
}
_ANNOTATIONS = {
    **_CONTAINERS,
    "Dict": "dict",
    "List": "list",
    "Set": "set",
    "Deque": "deque",
    "DefaultDict": "dict",
    "MutableMapping": "dict",
    "MutableSet": "set",
    "MutableSequence": "list",
}
_LOCKS = {
    "Lock": "lock",
    "RLock": "rlock",
    "Condition": "condition",
    "Semaphore": "semaphore",
    "BoundedSemaphore": "semaphore",
    "CapacityLimiter": "semaphore",
}
_FLAVOURS = {
    "asyncio": "asyncio",
    "anyio": "asyncio",
    "trio": "asyncio",
    "aiorwlock": "asyncio",
    "threading": "thread",
    "_thread": "thread",
    "multiprocessing": "process",
}
_OWN = frozenset("ContextVar local Queue Event PriorityQueue LifoQueue".split())

Made = str | Lock | None


def constructed(value: ast.expr | None, imports: Mapping[str, str]) -> Made:
    """What evaluating `value` makes: the name of a kind of value, a lock, or None."""
    match value:
        case ast.Dict() | ast.DictComp():
            return "dict"
        case ast.List() | ast.ListComp():
            return "list"
        case ast.Set() | ast.SetComp():
            return "set"
        case ast.Constant(value=None):
            return "none"
        case ast.Call(func=function):
            name = last_name(function)
            if name == "field":
                return _factory(value, imports)
            if name in _CONTAINERS:
                return _CONTAINERS[name]
            if name in _OWN:
                return name
            return lock(value, imports)
    return None


def _factory(call: ast.Call, imports: Mapping[str, str]) -> Made:
    for keyword in call.keywords:
        if keyword.arg == "default_factory":
            name = last_name(keyword.value)
            return _CONTAINERS.get(name) or lock(ast.Call(keyword.value, [], []), imports)
    return None


def lock(value: ast.expr | None, imports: Mapping[str, str]) -> Lock | None:
    """The lock that calling a constructor makes."""
    if not isinstance(value, ast.Call):
        return None
    kind = _LOCKS.get(last_name(value.func))
    if kind is None:
        return None
    module = absolute(value.func, imports).split(".")[0]
    if module not in _FLAVOURS:
        return None
    is_exclusive = kind != "semaphore" or (not value.args and not value.keywords) or _is_one(value)
    return Lock(_FLAVOURS[module], kind, is_exclusive)


def _is_one(call: ast.Call) -> bool:
    values = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "value")]
    return bool(values) and isinstance(values[0], ast.Constant) and values[0].value == 1


def absolute(node: ast.expr, imports: Mapping[str, str]) -> str:
    """The dotted name of a path, with its first name replaced by what it imports."""
    first, dot, rest = dotted(node).partition(".")
    return imports.get(first, first) + dot + rest


def annotated(annotation: ast.expr | None, imports: Mapping[str, str]) -> Made:
    """What an annotation promises."""
    match annotation:
        case ast.Constant(value=str(text)):
            try:
                return annotated(ast.parse(text, mode="eval").body, imports)
            except SyntaxError:
                return None
        case ast.Subscript(value=generic, slice=argument):
            if last_name(generic) in ("Optional", "ClassVar", "Final", "Annotated"):
                inner = argument.elts[0] if isinstance(argument, ast.Tuple) and argument.elts else argument
                return annotated(inner, imports)
            return _ANNOTATIONS.get(last_name(generic))
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return annotated(left, imports) or annotated(right, imports)
        case ast.Name() | ast.Attribute():
            name = last_name(annotation)
            if name in _ANNOTATIONS:
                return _ANNOTATIONS[name]
            if name in _LOCKS:
                found = lock(ast.Call(annotation, [], []), imports)
                return Lock(found.flavour, found.kind, found.kind != "semaphore") if found else None
    return None


def classify(value: ast.expr | None) -> str:
    """What storing `value` says: `absent` (None, 0, empty), `true`, `const` (a name for a state) or `fresh`."""
    match value:
        case ast.Constant(value=constant):
            if constant is True:
                return "true"
            return "absent" if not constant else "const"
        case ast.Tuple(elts=[]) | ast.List(elts=[]) | ast.Set(elts=[]) | ast.Dict(keys=[]):
            return "absent"
        case ast.Call(func=function, args=[], keywords=[]) if last_name(function) in _CONTAINERS:
            return "absent"
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
            return "const" if name.isupper() or (owner[:1].isupper() and owner not in ("T", "F")) else "fresh"
        case ast.Name(id=name):
            return "const" if name.isupper() and len(name) > 1 else "fresh"
        case ast.UnaryOp(operand=operand):
            return classify(operand)
    return "fresh"
