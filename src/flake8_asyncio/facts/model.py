"""The facts of one file: what it defines, and what its functions call, await and use.

Facts never depend on another file or on an option, so they are stored under a hash of the file's bytes. What a file
cannot know by itself, it names by a *reference*: a path in Python's own notation, rooted at an absolute name, with
most arguments dropped.

    time.sleep                       a function
    app.views.Handler()              an instance: what calling the class gives, and what an annotation promises
    aiohttp.ClientSession().get      a method of an instance
    app.db.connect()!                what awaiting the call gives
    open()@   pool()@!               what `with` and `async with` bind
    rows()*   rows()*!               what `for` and `async for` bind
    pair()[1]   table()[]            an item, at a constant index or any
    app.Child()^                     `super()` inside `Child`
    app.db.connect$timeout           the parameter `timeout` of a function
    builtins.list<app.Job()>()       a generic, whose arguments are what it holds
    app.find<:app.Job()>()           a call that is given the class of that as its first argument
    (app.A()|app.B())                one of several
    =0   ='GET'                      a literal
    ?                                unknown

Only `project` takes a reference apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from flake8_asyncio.syntax.source import Span

Ref = str
UNKNOWN: Ref = "?"
NONE: Ref = "=None"


class Use(str, Enum):
    """What a function does with a value."""

    AWAITED = "await"
    DISCARDED = "discard"
    ASSIGNED = "assign"  # to a local name, whose own uses follow
    KEPT = "keep"  # on an attribute, in an item, in a name of an outer scope
    RETURNED = "return"
    YIELDED = "yield"
    PASSED = "pass"  # as an argument
    COLLECTED = "collect"  # in a list, tuple, set or dict
    UNPACKED = "unpack"  # `*value`, or a target with several names
    ENTERED = "with"
    ASYNC_ENTERED = "async with"
    ITERATED = "for"
    ASYNC_ITERATED = "async for"
    TESTED = "test"  # for its truth
    COMPARED = "compare"
    COMPUTED = "compute"  # arithmetic, `in`, formatting
    ATTRIBUTE = "attribute"
    ITEM = "item"
    CALLED = "call"
    RAISED = "raise"
    OTHER = "other"

    __hash__ = str.__hash__  # as equal strings have


class Kind(str, Enum):
    """What calling a function gives."""

    PLAIN = "def"
    GENERATOR = "def yield"
    COROUTINE = "async def"
    ASYNC_GENERATOR = "async def yield"
    LAMBDA = "lambda"
    MODULE = "module"
    CLASS_BODY = "class"

    __hash__ = str.__hash__


class Arguments(NamedTuple):
    """The values of a call; `*args` and `**kwargs` make the rest unknown."""

    positional: tuple[Ref, ...] = ()
    keywords: dict[str, Ref] | None = None
    is_open: bool = False

    def all(self) -> tuple[Ref, ...]:
        """Every value, in the order of the source but for the kinds."""
        return (*self.positional, *self.keywords.values()) if self.keywords else self.positional

    def get(self, position: int | None, name: str | None) -> Ref | None:
        """The argument at a position or of a name; None if the call does not give it, `?` if it might."""
        if name is not None and self.keywords and name in self.keywords:
            return self.keywords[name]
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return UNKNOWN if self.is_open else None

    def after(self, value: Ref) -> Arguments:
        """What a function that is given as an argument is called with: `call_later(1, function, argument)`."""
        if value not in self.positional:
            return Arguments()
        return Arguments(self.positional[self.positional.index(value) + 1 :], None, self.is_open)


class Call(NamedTuple):
    """One call, and what becomes of its value.

    `name` is the name that an ASSIGNED or KEPT value gets, or the ATTRIBUTE that is taken of it. `guards` are the
    conditions under which the call runs, as far as rules care (see `facts.guards`). `within` are the context managers
    held around it, outermost first. `declared` is what an annotation says that the name holds.
    """

    callee: Ref
    use: Use
    span: Span
    arguments: Arguments
    text: str
    name: str = ""
    guards: tuple[str, ...] = ()
    within: tuple[Ref, ...] = ()
    passed_to: Ref = ""
    declared: Ref = ""


class ValueUse(NamedTuple):
    """A value that some call made, used at a place other than the call itself; `text` is how the source writes it.

    `name` is the ATTRIBUTE that is taken of it. Whatever is awaited, entered or iterated over is noted as well.
    """

    value: Ref
    use: Use
    span: Span
    text: str
    passed_to: Ref = ""
    name: str = ""


class Access(NamedTuple):
    """An attribute that is read and not called: a property runs code there. What is `given` to `x.name=` is noted."""

    value: Ref
    span: Span
    given: Ref = ""


class Stored(NamedTuple):
    """A value that is put into a container, of whose items an annotation says that they are `declared`."""

    span: Span
    declared: Ref


class Loop(NamedTuple):
    """A loop that takes long, or that spins; `text` is how it begins.

    `kind` is `heavy`, with the estimated time, or `growing`, with what `cost.lasting` asks besides the values of the
    parameters `by`, or one of `empty`, `endless`, `clock` and `state`: see `cost.spinning`.
    """

    kind: str
    milliseconds: int
    span: Span
    text: str
    by: tuple[str, ...] = ()
    unit: float = 0.0
    base: float = 0.0


class Parameter(NamedTuple):
    """A parameter: `kind` is one of `/`, ` ` (usual), `*`, `k` (keyword only) and `**`."""

    name: str
    kind: str
    annotation: Ref
    default: Ref


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function, lambda, class body or module body, and what it does when it runs.

    `path` is absolute, `name` is the qualified name inside the module; `owner` is the class that it is a method of.
    """

    path: str
    name: str
    kind: Kind
    span: Span
    owner: str
    decorators: tuple[Ref, ...]
    parameters: tuple[Parameter, ...]
    annotation: Ref
    returns: tuple[Ref, ...]
    yields: tuple[Ref, ...]
    calls: tuple[Call, ...]
    uses: tuple[ValueUse, ...]
    accesses: tuple[Access, ...]
    flags: tuple[str, ...]
    loops: tuple[Loop, ...] = ()
    stores: tuple[Stored, ...] = ()

    @property
    def is_async(self) -> bool:
        """Whether its body runs on an event loop."""
        return self.kind in (Kind.COROUTINE, Kind.ASYNC_GENERATOR)

    @property
    def may_yield(self) -> bool:
        """Whether a coroutine function has no body, and an annotation for what its overrides give by `yield`."""
        is_open = "stub" in self.flags or "never returns" in self.flags
        return is_open and self.annotation.startswith("collections.abc.AsyncGenerator")

    @property
    def is_generator(self) -> bool:
        """Whether calling it only makes an iterator."""
        return self.kind in (Kind.GENERATOR, Kind.ASYNC_GENERATOR)

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name."""
        return next((each for each in self.parameters if each.name == name), None)


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class: what it inherits from, and what its attributes hold, by assignment and annotation anywhere in it.

    `generics` are the bases that have arguments, as annotations promise them.
    """

    path: str
    module: str
    name: str
    span: Span
    bases: tuple[Ref, ...]
    decorators: tuple[Ref, ...]
    declared: dict[str, Ref]
    attributes: dict[str, Ref]
    fields: tuple[str, ...]
    methods: tuple[str, ...]
    generics: tuple[Ref, ...]


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Facts:
    """All that one file says: `names` are its module-level bindings, `stars` the modules it imports `*` from.

    `noqa` maps a line to the codes that it silences; an empty tuple silences everything.
    """

    module: str
    is_package: bool
    names: dict[str, Ref]
    stars: tuple[str, ...]
    exported: tuple[str, ...] | None
    functions: Mapping[str, Function]
    classes: dict[str, Class]
    noqa: dict[int, tuple[str, ...]]
    flags: tuple[str, ...]
