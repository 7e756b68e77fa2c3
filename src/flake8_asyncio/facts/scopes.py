"""Which value a name has at a point of a scope, by Python's own rules.

Inside a scope the walk goes along with control flow, so a name has the values that can reach the point. From outside,
a name has all the values that the scope ever gives it.
"""

from __future__ import annotations

import ast
import bisect
import builtins
import contextlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flake8_asyncio.cost import Trips
from flake8_asyncio.facts.forms import captures
from flake8_asyncio.facts.model import UNKNOWN, Access, Call, Kind, Loop, Ref, Stored, ValueUse
from flake8_asyncio.facts.references import union

_BUILTINS = frozenset(vars(builtins)) | {"reveal_type", "WindowsError", "__file__", "__name__"}
_UNMISTAKABLE = frozenset(  # which no module gives to those who import all of it
    "bool bytearray bytes callable classmethod dict enumerate float frozenset getattr hasattr int isinstance "
    "issubclass list object property set setattr staticmethod str super tuple type".split()
)
Values = dict[str, Ref]


@dataclass(slots=True)
class Record:
    """What has been seen so far of one running body."""

    calls: list[Call] = field(default_factory=list)
    uses: list[ValueUse] = field(default_factory=list)
    accesses: dict[Ref, Access] = field(default_factory=dict)
    returns: list[Ref] = field(default_factory=list)
    yields: list[Ref] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    has_yield: bool = False
    loops: list[Loop] = field(default_factory=list)
    stores: list[Stored] = field(default_factory=list)
    trips: Trips = field(default_factory=Trips)


@dataclass(slots=True)
class ClassRecord:
    """What has been seen so far of one class; methods add to its attributes."""

    path: str
    declared: Values = field(default_factory=dict)
    attributes: dict[str, list[Ref]] = field(default_factory=dict)
    fields: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)

    def assign(self, name: str, ref: Ref) -> None:
        """Add a value that an attribute of the class or of its instances is given."""
        values = self.attributes.setdefault(name, [])
        if ref not in values:
            values.append(ref)

    def refine(self, name: str, known: Ref, ref: Ref) -> None:
        """Say more of a value that an attribute is given."""
        values = self.attributes[name]
        self.attributes[name] = list(dict.fromkeys(ref if each == known else each for each in values))


@dataclass(slots=True)
class Scope:
    """One scope during the walk: `values` hold now, `every` value was ever bound.

    `rebound` says under which conditions parameters were given other values.
    """

    path: str
    kind: Kind
    outer: Scope | None
    owner: ClassRecord | None = None
    instance: str = ""
    bound: frozenset[str] = frozenset()
    globals: frozenset[str] = frozenset()
    nonlocals: frozenset[str] = frozenset()
    values: Values = field(default_factory=dict)
    every: dict[str, list[Ref]] = field(default_factory=dict)
    declared: set[Ref] = field(default_factory=set)
    record: Record = field(default_factory=Record)
    guards: tuple[str, ...] = ()
    rebound: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    within: tuple[Ref, ...] = ()
    parameters: frozenset[str] = frozenset()
    is_muted: bool = False
    refines: bool = False  # `values` has dotted names too

    def bind(self, name: str, ref: Ref) -> None:
        """Give a name a value, here or in the scope that `global` and `nonlocal` say."""
        self.forget(name)
        if name in self.globals:
            self.module.remember(name, ref)
        elif name in self.nonlocals:
            scope = self.outer
            while scope is not None and name not in scope.bound:
                scope = scope.outer
            if scope is not None:
                scope.remember(name, ref)
        else:
            if name in self.parameters and name in self.values:
                self.rebound.setdefault(name, []).append(self.guards)
            self.values[name] = ref
            self.remember(name, ref)

    def is_own(self, name: str) -> bool:
        """Whether a name is that of the class whose method this is, or of its instance."""
        return self.owner is not None and self.lookup(name) in (f"{self.owner.path}()", self.owner.path)

    def refine(self, name: str, ref: Ref) -> None:
        """Note what a test told of a name or a dotted name."""
        is_dotted = "." in name
        if ref != UNKNOWN if is_dotted else ref != self.lookup(name):
            self.values[name] = ref
            self.declared.add(ref)
            self.refines |= is_dotted

    def doubt(self, name: str) -> None:
        """From here on nothing is known of a name or a dotted name."""
        if name.replace(".", "").isidentifier():
            self.values[name] = UNKNOWN
            self.refines |= "." in name

    def forget(self, name: str) -> None:
        """A name or attribute is given another value, so what tests told of its attributes no longer holds."""
        if self.refines:
            for each in [each for each in self.values if f"{each}.".startswith(f"{name}.") and "." in each]:
                del self.values[each]

    def remember(self, name: str, ref: Ref) -> None:
        """Add to the values that a name may have for other scopes."""
        values = self.every.setdefault(name, [])
        if ref not in values:
            values.append(ref)

    @contextlib.contextmanager
    def branch(self, guards: tuple[str, ...], doubted: str) -> Iterator[None]:
        """A part of an expression that runs under conditions; one of them may doubt what a name is."""
        before, known = self.guards, self.values.get(doubted)
        self.guards = before + guards
        if known is not None:
            self.values[doubted] = UNKNOWN
        yield
        self.guards = before
        if known is not None:
            self.values[doubted] = known

    def lookup(self, name: str) -> Ref:
        """What a name refers to here and now."""
        if name in self.values:
            return self.values[name]
        if name in self.bound and self.kind is not Kind.CLASS_BODY and self.outer is not None:
            return UNKNOWN
        if self.outer is None:
            return self.from_outside(name)
        if name in self.globals:
            return self.module.from_outside(name)
        return self.outer.from_outside(name)

    def from_outside(self, name: str) -> Ref:
        """What a name of this scope refers to in a function that runs later."""
        raise NotImplementedError

    @property
    def module(self) -> Scope:
        """The outermost scope."""
        scope = self
        while scope.outer is not None:
            scope = scope.outer
        return scope


@dataclass(slots=True)
class FunctionScope(Scope):
    """The scope of a function, lambda or class body."""

    def from_outside(self, name: str) -> Ref:
        """Closures see a variable, hence whatever it is given."""
        if self.kind is not Kind.CLASS_BODY and name in self.bound:
            return union(self.every.get(name, ()))
        assert self.outer is not None
        return self.module.from_outside(name) if name in self.globals else self.outer.from_outside(name)


@dataclass(slots=True)
class ModuleScope(Scope):
    """The scope of a module."""

    imports: Values = field(default_factory=dict)
    reassigned: frozenset[str] = frozenset()
    stars: list[str] = field(default_factory=list)

    def from_outside(self, name: str) -> Ref:
        """An imported name is what it was imported from, unless something else is assigned to it as well."""
        if name in self.every:
            if name in self.imports and len(self.every[name]) == 1 and name not in self.reassigned:
                return self.imports[name]
            return f"{self.path}.{name}"
        if name in _BUILTINS and (not self.stars or (name in _UNMISTAKABLE and name not in self.bound)):
            return f"builtins.{name}"
        if name in self.bound or name in self.reassigned or self.stars:
            return f"{self.path}.{name}"
        return UNKNOWN


def merge(many: Iterable[Values]) -> Values:
    """The values after several ways have met.

    A name that one way lacks may be unbound there; of a dotted name, that way did not tell what it is.
    """
    ways = list(many)
    if len(ways) == 1:
        return ways[0]
    merged: Values = {}
    for way in ways:
        for name, ref in way.items():
            known = merged.get(name)
            if known is None:
                if "." not in name or all(name in each for each in ways):
                    merged[name] = ref
            elif known != ref:
                merged[name] = union((known, ref))
    return merged


@dataclass(slots=True)
class Bindings:
    """The names that a body binds, and those that it declares `global` and `nonlocal`."""

    bound: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)


_BINDS_NOTHING = frozenset({ast.Expr, ast.Return, ast.Pass, ast.Raise, ast.Assert, ast.Break, ast.Continue})


def assigned(body: Iterable[ast.stmt], walrus_lines: tuple[int, ...]) -> Bindings:
    """What a body binds, without the bodies inside it that have scopes of their own."""
    found = Bindings()
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if walrus_lines and isinstance(node, ast.stmt) and _has_line(node, walrus_lines):
            found.bound.update(_walrus(node))
        if type(node) in _BINDS_NOTHING:
            continue
        match node:
            case ast.Assign():
                for target in node.targets:
                    _targets(target, found.bound)
            case ast.AnnAssign() | ast.AugAssign():
                _targets(node.target, found.bound)
            case ast.If() | ast.While():
                pending.extend((*node.body, *node.orelse))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.bound.add(node.name)
            case ast.Import() | ast.ImportFrom():
                found.bound.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
            case ast.For() | ast.AsyncFor():
                _targets(node.target, found.bound)
                pending.extend((*node.body, *node.orelse))
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        _targets(item.optional_vars, found.bound)
                pending.extend(node.body)
            case ast.Try() | ast.TryStar():
                pending.extend((*node.body, *node.orelse, *node.finalbody, *node.handlers))
            case ast.ExceptHandler():
                found.bound.update(() if node.name is None else (node.name,))
                pending.extend(node.body)
            case ast.Match():
                pending.extend(node.cases)
            case ast.match_case():
                found.bound.update(captures(node.pattern))
                pending.extend(node.body)
            case ast.Delete():
                for target in node.targets:
                    _targets(target, found.bound)
            case ast.Global():
                found.globals.update(node.names)
            case ast.Nonlocal():
                found.nonlocals.update(node.names)
        if sys.version_info >= (3, 12) and isinstance(node, ast.TypeAlias):
            _targets(node.name, found.bound)
    found.bound -= found.globals | found.nonlocals
    return found


def _targets(target: ast.expr, names: set[str]) -> None:
    match target:
        case ast.Name():
            names.add(target.id)
        case ast.Tuple() | ast.List():
            for each in target.elts:
                _targets(each, names)
        case ast.Starred():
            _targets(target.value, names)


def _has_line(statement: ast.stmt, lines: tuple[int, ...]) -> bool:
    """Whether a statement spans one of these lines."""
    index = bisect.bisect_left(lines, statement.lineno)
    return index < len(lines) and lines[index] <= (statement.end_lineno or statement.lineno)


def _walrus(statement: ast.stmt) -> Iterator[str]:
    """The names that `:=` binds in a statement itself, comprehensions included."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.NamedExpr) and isinstance(node.target, ast.Name):
            yield node.target.id
        if not isinstance(node, ast.Lambda):
            pending.extend(each for each in ast.iter_child_nodes(node) if not isinstance(each, ast.stmt))
