"""The functions and classes of a file, and which functions change which of their attributes."""

from __future__ import annotations

import ast
import bisect
from collections.abc import Iterator, Sequence

from flake8_asyncio.state import vocabulary
from flake8_asyncio.state.arguments import given, handed, met
from flake8_asyncio.state.changes import Change, attribute_changes, collection_changes, ending, forgotten, name_changes
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.nodes import assignments
from flake8_asyncio.state.oracle import Lock
from flake8_asyncio.state.outside import outside
from flake8_asyncio.state.spawning import spawned
from flake8_asyncio.state.values import Made, annotated, constructed
from flake8_asyncio.state.vocabulary import last_name
from flake8_asyncio.syntax.cached import cached_property
from flake8_asyncio.syntax.nodes import FUNCTIONS, own_nodes
from flake8_asyncio.syntax.source import Source

_CACHED = frozenset({"cached_property", "reify", "lazy"})  # an attribute, whatever makes it


class Class:
    """A class of the file; base classes in the same file count."""

    def __init__(self, node: ast.ClassDef, file: File) -> None:
        self.node = node
        self.name = node.name
        self.file = file
        self.own: dict[str, Function] = {}
        self.functions: list[Function] = []  # methods and what is nested in them

    @cached_property
    def base_names(self) -> list[str]:
        """The last names of its bases."""
        return [last_name(base) for base in self.node.bases]

    @cached_property
    def bases(self) -> list[Class]:
        """Its bases in this file, and theirs."""
        found: list[Class] = []
        pending = list(self.base_names)
        while pending:
            base = self.file.classes.get(pending.pop(0))
            if base is not None and base is not self and base not in found:
                found.append(base)
                pending.extend(base.base_names)
        return found

    @cached_property
    def has_foreign_bases(self) -> bool:
        """Whether it inherits from a class that stands in another file."""
        return any(name not in self.file.classes for each in (self, *self.bases) for name in each.base_names)

    @cached_property
    def family(self) -> list[Class]:
        """Itself, its bases and what inherits from it, in this file."""
        return [self, *self.bases, *(each for each in self.file.classes.values() if self in each.bases)]

    def method(self, name: str) -> Function | None:
        """The method of that name, its own or inherited within the file."""
        found = self.own.get(name)
        if found is None and self.bases:
            found = next((base.own[name] for base in self.bases if name in base.own), None)
        return found

    def behind(self, place: Place) -> Place | None:
        """The place that a property hands out as it is."""
        method = self.method(place[1])
        returns = method.nodes.of(ast.Return) if method is not None and method.is_property else []
        value = returns[0].value if len(returns) == 1 else None
        return method.place(value) if method is not None and value is not None else None

    @cached_property
    def made(self) -> dict[str, set[Made]]:
        """What its attributes are bound to, anywhere in it."""
        found: dict[str, set[Made]] = {}
        nodes = own_nodes([each for each in self.node.body if isinstance(each, (ast.Assign, ast.AnnAssign))])
        for target, value, annotation in assignments(nodes):
            if isinstance(target, ast.Name):
                found.setdefault(target.id, set()).update(self.file.made(value, annotation))
        for function in self.functions:
            if not function.self_name:
                continue
            for target, value, annotation in assignments(function.nodes):
                match target:
                    case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == function.self_name:
                        found.setdefault(attribute, set()).update(self.file.made(value, annotation))
            if _CACHED & set(function.decorators):
                returned = {constructed(each.value, self.file.imports) for each in function.nodes.of(ast.Return)}
                found.setdefault(function.name, set()).update(returned)
        for base in self.bases:
            for attribute, made in base.made.items():
                found.setdefault(attribute, set()).update(made)
        return found

    @cached_property
    def changes(self) -> dict[str, list[Change]]:
        """Where its attributes are bound and the collections in them changed, in this class or its family."""
        found: dict[str, list[Change]] = {}
        for member in self.family:
            for function in member.functions:
                for name, change in attribute_changes(function):
                    found.setdefault(name, []).append(change)
        return found

    @cached_property
    def forgetting(self) -> dict[str, list[Function]]:
        """Where its attributes are set to `None`, in this class or its family, but for construction."""
        found: dict[str, list[Function]] = {}
        lines = self.file.lines_of_none
        for function in (each for member in self.family for each in member.functions if each.self_name):
            position = bisect.bisect_left(lines, function.node.lineno)
            is_inside = position < len(lines) and lines[position] <= (function.node.end_lineno or 0)
            if is_inside and not vocabulary.CONSTRUCTION.match(function.name):
                for name in forgotten(function):
                    found.setdefault(name, []).append(function)
        return found

    @cached_property
    def spawns(self) -> bool:
        """Whether its methods start tasks or gather coroutines."""
        words = vocabulary.SPAWNING | vocabulary.GATHERING
        return any(last_name(call.func) in words for function in self.functions for call in function.nodes.of(ast.Call))

    @cached_property
    def owns_lock(self) -> bool:
        """Whether it has an asyncio lock, which says that several tasks use it."""
        for name, kinds in self.made.items():
            flavours = {made.flavour for made in kinds if isinstance(made, Lock)}
            if "asyncio" in flavours or (not flavours and vocabulary.LOCK_ITSELF.match(name)):
                return True
        return False

    @cached_property
    def locked(self) -> set[str]:
        """The attributes that are used while one of its asyncio locks is held."""
        found: set[str] = set()
        for function in self.functions if self.owns_lock else ():
            for entering in function.nodes.of(ast.AsyncWith):
                if any(self._is_lock(item.context_expr, function) for item in entering.items):
                    places = map(function.place, own_nodes(entering.body).of(ast.Attribute))
                    found |= {place[1] for place in places if place is not None and place[0] == "self"}
        return found

    def _is_lock(self, node: ast.expr, function: Function) -> bool:
        place = function.place(node)
        if place is None or place[0] != "self" or len(place) != 2:
            return False
        made = self.made.get(place[1], set())
        return any(isinstance(each, Lock) for each in made) or bool(vocabulary.LOCK_ITSELF.match(place[1]))

    @cached_property
    def callers(self) -> dict[str, set[str]]:
        """The methods that call each method, not those that make a task of it."""
        found: dict[str, set[str]] = {}
        for function in self.functions:
            calls = function.nodes.of(ast.Call)
            started = {each for call in calls if last_name(call.func) in vocabulary.SPAWNING for each in call.args}
            for call in calls:
                if call in started:
                    continue
                match call:
                    case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
                        if name == function.self_name and function.name != method:
                            found.setdefault(method, set()).add(function.name)
            for node in function.nodes.of(ast.Attribute):
                match node:
                    case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == function.self_name:
                        read = self.own.get(attribute)
                        if read is not None and read.is_property and read is not function:
                            found.setdefault(attribute, set()).add(function.name)
        return found

    @cached_property
    def spawned(self) -> dict[str, int]:
        """How often each method is made a task."""
        return spawned(self.functions)

    @cached_property
    def escaping(self) -> set[str]:
        """The methods that are mentioned without being called."""
        found: set[str] = set()
        for function in self.functions:
            called = {id(call.func) for call in function.nodes.of(ast.Call)}
            for node in function.nodes.of(ast.Attribute):
                match node:
                    case ast.Attribute(value=ast.Name(id=name), attr=method) if name == function.self_name:
                        if id(node) not in called:
                            found.add(method)
        return found


class File:
    """A linted file, indexed as far as it has been asked about."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.imports: dict[str, str] = {}
        self.names: dict[str, set[Made]] = {}
        self.classes: dict[str, Class] = {}
        self.functions: dict[str, Function] = {}
        self.all: list[Function] = []
        self.started: set[str] = set()  # functions that module-level code runs as the program
        self._body(source.tree.body)

    def made(self, value: ast.expr | None, annotation: ast.expr | None) -> set[Made]:
        """What a binding promises about its target."""
        found = {constructed(value, self.imports)} if value is not None else set()
        if annotation is not None:
            found.add(annotated(annotation, self.imports))
        return found - {None}

    @cached_property
    def outside(self) -> set[str]:
        """The imported names of modules and objects of whose attributes a function of the file assigns one."""
        return outside(self.imports, self.source.text, self.all)

    def _body(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            match statement:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.functions[statement.name] = self._function(statement, None, None)
                case ast.ClassDef():
                    self._class(statement)
                case ast.Import(names=aliases):
                    for alias in aliases:
                        self.imports[alias.asname or alias.name.split(".")[0]] = (
                            alias.name if alias.asname else alias.name.split(".")[0]
                        )
                case ast.ImportFrom(module=module, names=aliases):
                    self.imports |= {alias.asname or alias.name: f"{module or '.'}.{alias.name}" for alias in aliases}
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        if isinstance(target, ast.Name):
                            self.names.setdefault(target.id, set()).update(self.made(value, None))
                    self._starts(value)
                case ast.AnnAssign(target=ast.Name(id=name), value=value, annotation=annotation):
                    self.names.setdefault(name, set()).update(self.made(value, annotation))
                case ast.Expr(value=value):
                    self._starts(value)
                case ast.If(body=body, orelse=orelse):
                    self._body([*body, *orelse])
                case ast.With(body=body):
                    self._body(body)
                case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
                    self._body([*body, *(each for handler in handlers for each in handler.body), *orelse, *final])

    def _starts(self, value: ast.expr) -> None:
        match value:
            case ast.Call(args=[ast.Call(func=ast.Name(id=name)), *_]):
                if last_name(value.func) in ("run", "run_until_complete"):
                    self.started.add(name)

    def _class(self, node: ast.ClassDef) -> None:
        found = self.classes[node.name] = Class(node, self)
        for statement in _statements(node.body):
            if isinstance(statement, FUNCTIONS):
                function = self._function(statement, found, None)
                if not {"setter", "deleter", "overload", *_CACHED} & set(function.decorators):
                    found.own[function.name] = function
            elif isinstance(statement, ast.ClassDef):
                self._class(statement)

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: Class | None, parent: Function | None
    ) -> Function:
        function = Function(node, self, owner, parent)
        self.all.append(function)
        if owner is not None:
            owner.functions.append(function)
        for statement in _statements(node.body):
            if isinstance(statement, FUNCTIONS):
                self._function(statement, owner if function.self_name else None, function)
            elif isinstance(statement, ast.ClassDef):
                self._class(statement)
        return function

    @cached_property
    def asks_classes(self) -> bool:
        """Whether objects may ask for their own class in it."""
        return "type(self)" in self.source.text or "self.__class__" in self.source.text

    @cached_property
    def settles(self) -> bool:
        """Whether futures may be made and settled in it."""
        text = self.source.text
        return "uture" in text and (".set_result(" in text or ".set_exception(" in text)

    @cached_property
    def clears(self) -> bool:
        """Whether something in it may be emptied by its own method."""
        return ".clear()" in self.source.text

    @cached_property
    def lines_of_none(self) -> list[int]:
        """The lines that may set something to `None`."""
        lines = enumerate(self.source.lines, 1)
        return [number for number, line in lines if "None" in line and "= " in line and "." in line]

    @cached_property
    def given(self) -> dict[tuple[Function, str], set[Made]]:
        """What the parameters of private functions are given."""
        return given(self)

    @cached_property
    def met(self) -> set[tuple[Function, str]]:
        """The parameters that several tasks are given one object for."""
        text = self.source.text
        return met(self) if "gather(" in text or "create_task(" in text else set()

    @cached_property
    def handed(self) -> dict[tuple[Function, str], Place]:
        """The collections that methods are handed live by others of their class."""
        return handed(self)

    def place_changes(self, place: Place, function: Function) -> list[Change]:
        """Where a place is bound or changed, in this file."""
        match place:
            case ("self", name) if function.owner is not None:
                return function.owner.changes.get(name, [])
            case ("class", owner, name) if owner in self.classes:
                return self.classes[owner].changes.get(name, [])
            case ("global" | "nonlocal", name):
                return self._name_changes.get(name, [])
            case (_, _, *_, name):
                return [change for changes in self._attribute_changes.get(name, {}).values() for change in changes]
        return []

    @cached_property
    def _name_changes(self) -> dict[str, list[Change]]:
        found: dict[str, list[Change]] = {}
        for function in self.all:
            for root, change in name_changes(function):
                found.setdefault(root, []).append(change)
        return found

    @cached_property
    def _attribute_changes(self) -> dict[str, dict[str, list[Change]]]:
        """Changes of collections by the last attribute's name or key, whatever they are reached through."""
        found: dict[str, dict[str, list[Change]]] = {}
        for function in self.all:
            for collection, change in collection_changes(function):
                name = ending(collection)
                if name and not _is_of_local(name, collection, function):
                    found.setdefault(name, {}).setdefault(function.label, []).append(change)
        return found


def _is_of_local(name: str, collection: ast.expr, function: Function) -> bool:
    """Whether a collection is known by the name of a local that holds what it is an item of: `rows[0].append(…)`."""
    while True:
        match collection:
            case ast.Subscript(value=value) | ast.Call(func=ast.Attribute(value=value)):
                collection = value
            case ast.Name(id=root):
                return root in function.local_names and name.startswith(f"{root}[")
            case _:
                return False


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and those nested in its compound statements, but not in functions and classes."""
    for statement in body:
        yield statement
        if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
            continue
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(statement, name, None)
            if inner:
                yield from _statements(inner)
        for branch in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from _statements(branch.body)
