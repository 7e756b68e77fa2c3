"""A function of the file, and what can be said of it without following its flow; worked out when asked for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flake8_asyncio.state.nodes import assignments, awaited_calls, bindings, items
from flake8_asyncio.state.oracle import Lock
from flake8_asyncio.state.values import COLLECTIONS, Made
from flake8_asyncio.state.vocabulary import last_name
from flake8_asyncio.syntax.cached import cached_property
from flake8_asyncio.syntax.nodes import Nodes, own_nodes

if TYPE_CHECKING:
    from flake8_asyncio.state.index import Class, File

Place = tuple[str, ...]  # `self`, `class`, `global` or `nonlocal`, then names: `self._pool` is ("self", "_pool")

_LONGEST = 4  # `self.a.b.c` and no further
_SELF = frozenset("self cls klass mcs this _self slf".split())
_APPLICATION = frozenset(
    {
        *((name, "app") for name in ("request", "req", "websocket")),
        *((name, "state") for name in ("app",)),
        *((name, "bot") for name in ("ctx", "context")),
        *((name, "client") for name in ("interaction", "ctx")),
        ("hass", "data"),
    }
)
_HANDED = frozenset(name for name, _ in _APPLICATION)
_OWN: frozenset[Made] = frozenset({"ContextVar", "local", "Queue", "PriorityQueue", "LifoQueue", "Event"})


class Function:
    """A function of the file, and what can be said of it without following its flow."""

    def __init__(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, file: File, owner: Class | None, parent: Function | None
    ) -> None:
        self.node = node
        self.name = node.name
        self.file = file
        self.owner = owner
        self.parent = parent
        self.is_async = isinstance(node, ast.AsyncFunctionDef)
        self.decorators = [last_name(each) for each in node.decorator_list]
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        self.parameters = {each.arg for each in (*positional, *arguments.kwonlyargs)}
        self.parameters |= {each.arg for each in (arguments.vararg, arguments.kwarg) if each}
        self.self_name = ""
        if parent is not None:
            if parent.self_name not in self.parameters:
                self.self_name = parent.self_name
        elif owner is not None and "staticmethod" not in self.decorators and positional and positional[0].arg in _SELF:
            self.self_name = positional[0].arg

    @property
    def label(self) -> str:
        """The function as a message names it."""
        return f"{self.owner.name}.{self.name}" if self.owner else self.name

    @property
    def is_property(self) -> bool:
        """Whether reading it as an attribute calls it."""
        return "property" in self.decorators

    @cached_property
    def nodes(self) -> Nodes:
        """Its own nodes by type."""
        return own_nodes(self.node.body)

    @cached_property
    def outer_names(self) -> dict[str, str]:
        """The names that it declares `global` or `nonlocal`."""
        names = {name: "global" for node in self.nodes.of(ast.Global) for name in node.names}
        names |= {name: "nonlocal" for node in self.nodes.of(ast.Nonlocal) for name in node.names}
        return names

    @cached_property
    def stored_names(self) -> set[str]:
        """The names that it assigns or deletes."""
        return {node.id for node in self.nodes.of(ast.Name) if not isinstance(node.ctx, ast.Load)}

    @cached_property
    def local_names(self) -> set[str]:
        """The names that it binds for itself."""
        names = self.stored_names | {node.name for node in self.nodes.of(ast.FunctionDef)}
        names |= {node.name for node in self.nodes.of(ast.AsyncFunctionDef)}
        names |= {node.name for node in self.nodes.of(ast.ClassDef)}
        names |= {node.name for node in self.nodes.of(ast.ExceptHandler) if node.name}
        return (names | self.parameters) - self.outer_names.keys()

    @cached_property
    def aliases(self) -> dict[str, ast.expr]:
        """The locals that are bound once, to a name, an attribute or an item as it is, with what they stand for.

        What a loop over the values of a collection gives is one of its items.
        """
        found: dict[str, ast.expr] = {}
        again: set[str] = set()
        for target, value in (*bindings(self.nodes), *items(self.nodes)):
            if isinstance(target, ast.Name):
                if target.id in found:
                    again.add(target.id)
                found[target.id] = value
        return {
            name: value
            for name, value in found.items()
            if name not in again and name not in self.parameters and _is_path(value)
        }

    @cached_property
    def kept_tests(self) -> dict[str, ast.expr]:
        """The locals that hold the outcome of a test and nothing else, with the test."""
        bound: dict[str, list[ast.expr]] = {}
        for target, value in bindings(self.nodes):
            if isinstance(target, ast.Name):
                bound.setdefault(target.id, []).append(value)
        return {
            name: values[0]
            for name, values in bound.items()
            if len(values) == 1 and name not in self.parameters and _is_test(values[0])
        }

    @cached_property
    def gates(self) -> dict[ast.expr, bool]:
        """The tests one of whose branches may return, with the outcome that leads there."""
        found: dict[ast.expr, bool] = {}
        if ast.Return in self.nodes:
            failing = own_nodes([each for handler in self.nodes.of(ast.ExceptHandler) for each in handler.body])
            returning = set(self.nodes.of(ast.Return)) - set(failing.of(ast.Return))
            for node in self.nodes.of(ast.If) if returning else ():
                bodies = (node.body, node.orelse)
                returns = [bool(body) and not returning.isdisjoint(own_nodes(body).of(ast.Return)) for body in bodies]
                if returns[0] is not returns[1]:
                    found[node.test] = returns[0]
        return found

    @cached_property
    def captured(self) -> dict[str, set[Made]]:
        """What the names hold that enclosing functions bind."""
        found: dict[str, set[Made]] = {}
        outer = self.parent
        while outer is not None:
            for target, value, annotation in assignments(outer.nodes):
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, set()).update(outer.file.made(value, annotation))
            for name in outer.parameters:
                found.setdefault(name, set())
            outer = outer.parent
        return {name: made for name, made in found.items() if name not in self.local_names}

    @cached_property
    def has_suspension(self) -> bool:
        """Whether there is an `await`, `async for` or `async with` in it, or a `yield` of an async generator."""
        kinds: tuple[type[ast.AST], ...] = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield)
        if any(kind in self.nodes for kind in kinds):
            return True
        return any(each.is_async for each in self.nodes.of(ast.comprehension))

    @cached_property
    def awaited(self) -> set[ast.AST]:
        """The operands of its `await`s, and the calls that awaited `gather`, `wait_for` and `shield` are given."""
        found: set[ast.AST] = set()
        for node in self.nodes.of(ast.Await):
            found.update(awaited_calls(node.value))
        return found

    @cached_property
    def called(self) -> set[str]:
        """The names of the methods that it calls of anything."""
        return {call.func.attr for call in self.nodes.of(ast.Call) if isinstance(call.func, ast.Attribute)}

    @cached_property
    def is_stub(self) -> bool:
        """Whether its body says nothing: abstract methods, and those that others override."""
        if any("abstract" in each or each == "overload" for each in self.decorators):
            return True
        for statement in self.node.body:
            match statement:
                case ast.Pass() | ast.Raise() | ast.Expr(value=ast.Constant()):
                    continue
                case ast.Return(value=None | ast.Constant()):
                    continue
            return False
        return True

    @cached_property
    def places(self) -> dict[ast.Name | ast.Attribute, Place]:
        """The shared places that its own names and attributes name."""
        roots: dict[str, Place | None] = {}
        found: dict[ast.Name | ast.Attribute, Place] = {}
        starts: dict[ast.AST, Place] = {}
        if self.self_name and self.owner is not None and self.file.asks_classes:
            starts |= dict.fromkeys(self._own_class(), ("class", self.owner.name))
            roots |= dict.fromkeys(self._class_names(starts), ("class", self.owner.name))
        for name in self.nodes.of(ast.Name):
            try:
                root = roots[name.id]
            except KeyError:
                root = roots[name.id] = self.root(name.id)
            if root is None and name.id in self.local_names and isinstance(name.ctx, ast.Load):
                root = self.standing_for(name.id)
                if root is not None:
                    starts[name] = root
                    if root[0] == "global":
                        found[name] = root
            elif root is not None:
                starts[name] = root
                if len(root) > 1 and root[0] != "class":
                    found[name] = root
        is_handler = not _HANDED.isdisjoint(self.parameters)
        for node in reversed(self.nodes.of(ast.Attribute)):  # what is inside comes first
            start = starts.get(node.value)
            if start is None and is_handler and self._hands_on(node):
                starts[node] = found[node] = ("global", ast.unparse(node))
            if start is not None and len(start) < _LONGEST + (start[0] != "self"):
                starts[node] = found[node] = (*start, node.attr)
        return found

    def standing_for(self, name: str) -> Place | None:
        """The place whose value a local holds wherever it is bound, unless the function binds that place anew."""
        known = self._standing.get(name)
        if known is None:
            self._standing[name] = ()  # what stands for itself stands for nothing
            known = self._standing[name] = self._stands_for(name) or ()
        return known or None

    @cached_property
    def _standing(self) -> dict[str, Place]:
        return {}

    @cached_property
    def _bound(self) -> dict[str, list[ast.expr]]:
        found: dict[str, list[ast.expr]] = {}
        for target, value in bindings(self.nodes):
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(value)
        return found

    def _stands_for(self, name: str) -> Place | None:
        values = self._bound.get(name, [])
        places = {self._given(value) for value in values}
        if len(places) != 1 or name in self.parameters:
            return None
        place = places.pop()
        stores = [each for each in self.nodes.of(ast.Name) if each.id == name and not isinstance(each.ctx, ast.Load)]
        if place is None or len(place) < 2 or len(stores) != len(values):
            return None
        return None if place[1] in self._rebound else place

    @cached_property
    def _rebound(self) -> set[str]:
        """The attributes of the object that the function itself binds."""
        return {
            node.attr
            for node in self.nodes.of(ast.Attribute)
            if not isinstance(node.ctx, ast.Load) and self._is_self(node.value)
        }

    def _given(self, value: ast.expr) -> Place | None:
        """The place whose value an expression gives: a path to it, or what a method of the object gives back."""
        match value:
            case ast.Await(value=inner):
                return self._given(inner) if isinstance(inner, ast.Call) else None
            case ast.Call(func=called):
                callee = self.callee(called)
                if callee is None or callee is self or callee.self_name != self.self_name:
                    return None
                returned = {callee.place(node.value) for node in callee.nodes.of(ast.Return) if node.value is not None}
                return returned.pop() if len(returned) == 1 else None
            case ast.Attribute() if self._hands_on(value):
                return ("global", ast.unparse(value))
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                start = ("self",) if name == self.self_name else self.standing_for(name)
                return (*start, attribute) if start is not None and self._is_plain(start, attribute) else None
            case ast.Attribute(value=inner, attr=attribute):
                start = self._given(inner)
                return (*start, attribute) if start is not None else None
        return None

    def _is_plain(self, start: Place, attribute: str) -> bool:
        """Whether an attribute is no method or property of the class."""
        return len(start) > 1 or self.owner is None or self.owner.method(attribute) is None

    def _hands_on(self, node: ast.Attribute) -> bool:
        """Whether it is what a handler reaches the whole application by: `request.app`, `hass.data`."""
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in self.parameters:
                return (name, attribute) in _APPLICATION and name != self.self_name
        return False

    def _own_class(self) -> list[ast.AST]:
        """The expressions that give the class of the object: `type(self)`, `self.__class__`."""
        return [
            node
            for node in (*self.nodes.of(ast.Call), *self.nodes.of(ast.Attribute))
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "type"
                and len(node.args) == 1
                and self._is_self(node.args[0])
            )
            or (isinstance(node, ast.Attribute) and node.attr == "__class__" and self._is_self(node.value))
        ]

    def _is_self(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id == self.self_name

    def _class_names(self, classes: dict[ast.AST, Place]) -> set[str]:
        """The locals that hold the class of the object and nothing else."""
        held: dict[str, bool] = {}
        for target, value in bindings(self.nodes):
            if isinstance(target, ast.Name):
                held[target.id] = value in classes and held.get(target.id, True)
        return {name for name, is_class in held.items() if is_class and name not in self.parameters}

    def place(self, node: ast.AST) -> Place | None:
        """The shared place that an expression of its own names, if it does."""
        return self.places.get(node) if isinstance(node, ast.Name | ast.Attribute) else None

    def root(self, name: str) -> Place | None:
        """What a path of names starts at, if that is shared: the object, a class, or a name of more than this call."""
        if name == self.self_name:
            if self.owner is not None and name != "self" and "classmethod" in self.decorators:
                return ("class", self.owner.name)
            return ("self",)
        outer = self.outer_names.get(name)
        if outer is not None:
            return (outer, name)
        if name in self.local_names:
            is_met = name in self.parameters - self.stored_names and (self, name) in self.file.met
            return ("nonlocal", name) if is_met else None
        if name in self.captured:
            return ("nonlocal", name) if self.captured[name] & COLLECTIONS else None
        if name in self.file.classes:
            return ("class", name)
        if name in self.file.outside:
            return ("global", name)
        made = self.file.names.get(name)
        if made is None or made & _OWN or any(isinstance(each, Lock) for each in made):
            return None
        return ("global", name)

    def made(self, place: Place) -> set[Made]:
        """What a place is known to hold."""
        match place:
            case ("self", name):
                return self.owner.made.get(name, set()) if self.owner else set()
            case ("class", owner, name):
                found = self.file.classes.get(owner)
                return found.made.get(name, set()) if found else set()
            case ("global", name):
                return self.file.names.get(name, set())
            case ("nonlocal", name):
                return self.captured.get(name, set())
        return set()

    @cached_property
    def own_calls(self) -> list[tuple[ast.Call, Function]]:
        """Its calls of functions of this file."""
        calls = ((call, self.callee(call.func)) for call in self.nodes.of(ast.Call))
        return [(call, callee) for call, callee in calls if callee is not None]

    def callee(self, function: ast.expr) -> Function | None:
        """The function of this file that a call's function names."""
        match function:
            case ast.Attribute(value=ast.Name(id=name), attr=method) if name == self.self_name and self.owner:
                return self.owner.method(method)
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=method) if self.owner:
                return next((found for base in self.owner.bases if (found := base.method(method))), None)
            case ast.Name(id=name) if name not in self.local_names and name not in self.captured:
                return self.file.functions.get(name)
        return None


def _is_path(value: ast.expr) -> bool:
    match value:
        case ast.Name() | ast.Attribute():
            return True
        case ast.Subscript(slice=index):
            return not isinstance(index, ast.Slice)
        case ast.Call(func=ast.Attribute(attr="get" | "setdefault"), args=[_, *_]):
            return True
    return False


def _is_test(value: ast.expr) -> bool:
    match value:
        case ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.BoolOp(values=values):
            return all(map(_is_test, values))
    return False
