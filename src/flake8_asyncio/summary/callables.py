"""What calling a library's functions and methods gives."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace

from flake8_asyncio.knowledge import Knowledge
from flake8_asyncio.summary.annotations import Annotations
from flake8_asyncio.summary.classes import Classes
from flake8_asyncio.summary.decorators import Decorators, Makes, is_overload
from flake8_asyncio.summary.inference import Inference
from flake8_asyncio.summary.modules import Assignment, Binding, ClassBody, Routine, walk_own
from flake8_asyncio.summary.names import Names
from flake8_asyncio.summary.types import (
    ASYNC_CONTEXT,
    ASYNC_ITERATORS,
    AWAITABLE,
    COROUTINE,
    FUTURES,
    NONE,
    SELF,
    UNKNOWN,
    Type,
    coroutine,
    present,
    union,
)

AWAITED = frozenset("awtmu")


@dataclass(frozen=True, slots=True)
class Given:
    """A table's entry: its flag, what the call gives, and the type of the value itself.

    `a` and `w` must be awaited, `t` is a task, `m` and `u` may be awaited, `c` is an asynchronous context manager, `g`
    an asynchronous iterator, `s` a plain value; `p` is a property, `v` another attribute, `k` a class.
    """

    flag: str
    gives: Type = UNKNOWN
    value: Type = UNKNOWN

    def substitute(self, values: dict[str, Type]) -> Given:
        """With type variables filled in."""
        return replace(self, gives=self.gives.substitute(values), value=self.value.substitute(values))

    @property
    def as_type(self) -> Type:
        """The type of what the call makes."""
        match self.flag:
            case "a" | "w":
                return coroutine(self.gives)
            case "t":
                return self.value if self.value != UNKNOWN else Type("asyncio.Future", (self.gives,))
            case "m" | "u":
                return self.value if self.value != UNKNOWN else Type(AWAITABLE, (self.gives,))
            case "c":
                return Type(ASYNC_CONTEXT, (self.gives,))
            case "g":
                return Type("collections.abc.AsyncIterator", (self.gives,))
        return self.gives


class Callables:
    """Functions, methods and attributes as entries of a table."""

    def __init__(self, names: Names, knowledge: Knowledge, lazy: Iterable[str] = ()) -> None:
        self.names = names
        self.knowledge = knowledge
        self.annotations = Annotations(names)
        self.classes = Classes(names, self.annotations)
        self.decorators = Decorators(names, self.annotations)
        self.inference = Inference(self)
        self.lazy = frozenset(lazy)  # classes whose instances do nothing until they are awaited
        self._given: dict[tuple[Binding, ClassBody | None], Given | None] = {}

    # -- entries --------------------------------------------------------------

    def of(self, bindings: Iterable[Binding], receiver: ClassBody | None) -> Given | None:
        """The entry of a name; a method's `self` is an instance of `receiver`. None if nothing is known."""
        bindings = list(bindings)
        key = (bindings[-1], receiver)
        if key not in self._given:
            self._given[key] = None  # for one that needs itself
            self._given[key] = self._of(bindings, receiver)
        return self._given[key]

    def member(self, body: ClassBody, name: str, kind: Type | None = None) -> Given | None:
        """The entry of a class's own or inherited member, with the type variables of `kind` filled in."""
        found = self.classes.member(body, name)
        if found is None:
            return None
        owner, bindings = found
        given = self.of(bindings, body)
        if given is None:
            return None
        own = kind or Type(body.path, tuple(Type(each) for each in self.classes.parameters(body)))
        return given.substitute(self.classes.seen_from(own, owner))

    def _of(self, bindings: list[Binding], receiver: ClassBody | None) -> Given | None:
        match bindings[-1]:
            case ClassBody(path=path):
                return Given("k", Type(path))
            case Routine():
                return self._routines([each for each in bindings if isinstance(each, Routine)], receiver)
            case Assignment():
                return self._assigned([each for each in bindings if isinstance(each, Assignment)], receiver)
        return None

    def _assigned(self, bindings: list[Assignment], receiver: ClassBody | None) -> Given | None:
        for each in reversed(bindings):
            if each.annotation is not None:
                kind = present(self.annotations.read(each.annotation, each.module, each.owner))
                if kind.head == "collections.abc.Callable" and kind.arguments:
                    return self.made(kind.arguments[0])
                if kind != UNKNOWN:
                    return Given("v", kind)
            elif each.value is not None:
                kind = present(self.inference.of(each.value, each, receiver))
                if kind.head in ("@", "collections.abc.Callable") and kind.arguments:
                    return self.made(kind.arguments[0])
                if kind not in (UNKNOWN, NONE):
                    return Given("v", kind)
                if isinstance(each.value, ast.Name) and each.owner is not None and each.within is None:
                    alias = each.owner.members.get(each.value.id)
                    if alias and alias[-1] is not each:
                        return self.of(alias, receiver)
        return None

    def _routines(self, routines: list[Routine], receiver: ClassBody | None) -> Given | None:
        overloads = [each for each in routines if is_overload(each)]
        full = [each for each in routines if not is_overload(each)]
        full = [each for each in full if self.decorators.made(each) is not Makes.ACCESSOR]
        if not overloads:
            return self._routine(full[-1], receiver) if full else None
        fitting = [each for each in overloads if self._fits(each, receiver)] or overloads
        every = [self._routine(each, receiver) for each in fitting]
        merged = _merged([each for each in every if each is not None])
        if merged is not None and merged.flag == "a" and full and isinstance(full[-1].node, ast.FunctionDef):
            return Given("w", merged.gives)
        if merged is not None and full and merged.flag in "mu":
            return self._confirmed(merged, full[-1], receiver)
        return merged

    def _fits(self, overload: Routine, receiver: ClassBody | None) -> bool:
        """Whether an overload's `self` can be the receiver; protocols are told apart by `Async` in their names."""
        first = [*overload.node.args.posonlyargs, *overload.node.args.args][:1]
        if receiver is None or not first or first[0].annotation is None:
            return True
        kind = self.annotations.read(first[0].annotation, overload.module, overload.owner)
        body = self.names.class_of(kind.head)
        if body is None or body in self.classes.mro(receiver):
            return True
        if any(base.head == "typing.Protocol" for base in self.classes.bases(body)):
            return ("Async" in body.name) is is_asynchronous(receiver)
        return False

    def _routine(self, routine: Routine, receiver: ClassBody | None) -> Given | None:
        makes = self.decorators.made(routine)
        if makes is Makes.UNKNOWN:
            return None
        if makes is Makes.TYPED:
            kind, own = self.decorators.type_made(routine), self._annotation(routine)
            variables = dict.fromkeys(kind.variables(), UNKNOWN if own is None else present(own))
            return self.made(kind.substitute(variables if len(variables) == 1 else dict.fromkeys(variables, UNKNOWN)))
        annotation = self._annotation(routine)
        is_async = isinstance(routine.node, ast.AsyncFunctionDef)
        first = annotation.arguments[0] if annotation is not None and annotation.arguments else UNKNOWN
        if makes is Makes.ASYNC_MANAGER:
            return Given("c", present(first))
        if makes is Makes.MANAGER:
            return Given("s", Type("contextlib.AbstractContextManager", (first,)))
        if is_async and has_yield(routine.node):
            return Given("g", present(first))
        if annotation is None:
            annotation = UNKNOWN if routine.module.is_stub else self.inference.returned(routine, receiver)
            annotation = present(annotation)
            given = self.made(annotation)
        else:
            given = self.made(annotation)
            if given.flag in "mu" and not routine.module.is_stub:
                given = self._confirmed(given, routine, receiver)
        if is_async or makes is Makes.COROUTINE_FUNCTION:
            arguments = annotation.arguments or (UNKNOWN,)
            given = Given("a", present(arguments[-1] if not is_async and given.flag in "wm" else annotation))
        return Given("p", given.as_type if is_async else annotation) if makes is Makes.PROPERTY else given

    def _annotation(self, routine: Routine) -> Type | None:
        node = routine.node
        if node.returns is None:
            return None
        kind = self.annotations.read(node.returns, routine.module, routine.owner)
        first = [*node.args.posonlyargs, *node.args.args][:1]
        if routine.owner is not None and first and first[0].annotation is not None:
            own = self.annotations.read(first[0].annotation, routine.module, routine.owner)
            if own.is_variable:  # def __enter__(self: T) -> T
                kind = kind.substitute({own.head: SELF})
        return kind

    def _confirmed(self, given: Given, routine: Routine, receiver: ClassBody | None) -> Given:
        """What is annotated as awaitable must be awaited, if all that is returned are coroutines."""
        if given.value != UNKNOWN:
            return given
        returned = self.inference.returned(routine, receiver)
        if returned.members and all(each.head == COROUTINE for each in returned.members):
            return Given("w", given.gives)
        return given

    # -- types ----------------------------------------------------------------

    def made(self, kind: Type) -> Given:
        """The entry of a function that returns a type."""
        every = [self._made(each) for each in present(kind).members]
        merged = _merged(every)
        return Given("s", kind) if merged is None else merged

    def _made(self, kind: Type) -> Given:
        head, arguments = kind.head, kind.arguments
        first, last = (present(arguments[0]), present(arguments[-1])) if arguments else (UNKNOWN, UNKNOWN)
        if head == COROUTINE:
            return Given("w", last)
        if head == AWAITABLE:
            return Given("w" if AWAITABLE in self.lazy else "m", last)
        if head in FUTURES:
            return Given("t", first)
        if head == ASYNC_CONTEXT:
            return Given("c", first)
        if head in ASYNC_ITERATORS:
            return Given("g", first)
        awaited = self.awaited(kind)
        if awaited is None:
            return Given("s", kind)
        ancestors = {each.head for each in self.classes.ancestors(kind)}
        if ancestors & FUTURES:
            return Given("t", awaited, kind)
        return Given("w" if ancestors & self.lazy else "m", awaited, kind)

    def awaited(self, kind: Type) -> Type | None:
        """What awaiting a value gives; None for one that cannot be awaited."""
        if kind.head == SELF.head:
            return None
        for each in self.classes.ancestors(kind):
            if each.head in (AWAITABLE, COROUTINE, *FUTURES):
                gives = present(each.arguments[-1]) if each.arguments else UNKNOWN
                if each is kind:
                    return gives
                if gives != UNKNOWN:
                    return _of_self(gives, kind)
                break
        body = self.names.class_of(kind.head)
        if body is None:
            known = self.knowledge.awaited(kind.head) if "." in kind.head else None
            return None if known is None else as_type(known)
        found = self.classes.member(body, "__await__")
        if found is None or not isinstance(found[1][-1], Routine):
            return None if not self._is_awaitable(kind) else UNKNOWN
        owner, routine = found[0], found[1][-1]
        annotation = self._annotation(routine)
        if annotation is not None and annotation.head == "collections.abc.Generator" and len(annotation.arguments) == 3:
            gives = annotation.arguments[2].substitute(self.classes.seen_from(kind, owner))
        else:
            gives = self.inference.delegated(routine, body)
        return _of_self(present(gives), kind)

    def _is_awaitable(self, kind: Type) -> bool:
        return any(each.head in (AWAITABLE, COROUTINE, *FUTURES) for each in self.classes.ancestors(kind))

    def entered(self, kind: Type) -> Type | None:
        """What `async with` binds where a base class says it; None if no base does."""
        for each in self.classes.ancestors(kind):
            if each.head == ASYNC_CONTEXT and each.arguments:
                return _of_self(each.arguments[0], kind)
        return None


def _merged(every: list[Given]) -> Given | None:
    """One entry for what may be called in several ways."""
    if not every:
        return None
    flags = {each.flag for each in every}
    gives = union(each.gives for each in every)
    values = union(each.value for each in every)
    if len(flags) == 1:
        return Given(flags.pop(), gives, values)
    if flags <= {"a", "w"}:
        return Given("w", gives)
    if flags & AWAITED:
        return Given("u", union(each.gives for each in every if each.flag in AWAITED))
    return Given("s", union(each.as_type for each in every)) if flags & {"s", "c", "g"} else None


def _of_self(gives: Type, kind: Type) -> Type:
    return gives.substitute({SELF.head: kind})


def is_asynchronous(body: ClassBody) -> bool:
    """Whether a class is the asynchronous one of two, by its name or its module's."""
    parts = body.path.split(".")
    return body.name.startswith("Async") or bool({"asyncio", "aio", "asynchronous"} & set(parts[:-1]))


def has_yield(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function is a generator."""
    return any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in walk_own(node))


def as_type(ref: str) -> Type:
    """The type of what knowledge says of a name outside the sources, if that is one class."""
    path = ref.removesuffix("()")
    return Type(path.removeprefix("builtins.")) if path.replace(".", "").isidentifier() else UNKNOWN
