"""What the project knows of expressions that the analysis of shared state asks about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flake8_asyncio.facts.model import UNKNOWN, Class, Facts, Function, Ref, Use
from flake8_asyncio.facts.references import step
from flake8_asyncio.facts.scopes import assigned
from flake8_asyncio.options import is_named
from flake8_asyncio.project.chains import short
from flake8_asyncio.project.suspension import Suspension
from flake8_asyncio.project.targets import External, Instance, Object, Promise, Target
from flake8_asyncio.state import vocabulary
from flake8_asyncio.state.oracle import Body, Lock
from flake8_asyncio.syntax.cached import cached_property
from flake8_asyncio.syntax.source import Span

if TYPE_CHECKING:
    from flake8_asyncio.views.modules import ModuleView

_CONTAINERS = {
    "builtins.dict": "dict",
    "builtins.list": "list",
    "builtins.set": "set",
    "collections.deque": "deque",
    "collections.defaultdict": "dict",
    "collections.OrderedDict": "dict",
}
_REMOVERS = frozenset("pop popitem popleft remove discard clear difference_update intersection_update".split())
_EXCLUSIVE = frozenset({"lock", "rlock", "condition"})


class WorldOracle:
    """Answers from the facts of the project and from knowledge."""

    def __init__(self, module: ModuleView) -> None:
        self.module = module
        self.world = module.world
        self.said = module.options.sharing
        if "suspension" not in self.world.answers:
            self.world.answers["suspension"] = Suspension(self.world)
        self._suspension: Suspension = self.world.answers["suspension"]
        self._called: dict[Body, dict[Span, Ref]] = {}
        self._bound: dict[Body, set[str]] = {}

    def suspends(self, node: ast.expr, body: Body) -> bool | None:
        """Whether awaiting or entering `node` can suspend."""
        ref = self._ref(node, body)
        if ref == UNKNOWN:
            return None
        ways = [self._suspension.may_suspend(ref, use) for use in (Use.AWAITED, Use.ASYNC_ENTERED)]
        return None if all(ways) else False

    def lock(self, node: ast.expr, body: Body) -> Lock | None:
        """What kind of lock `node` is, by its type."""
        path = self._kind(node, body)
        found = self.world.knowledge.lock(path) if path else None
        if found is None or found.kind == "event":
            return None
        return Lock(found.flavour, found.kind, found.kind in _EXCLUSIVE)

    def container(self, node: ast.expr, body: Body) -> str | None:
        """The kind of container that `node` is."""
        return _CONTAINERS.get(self._kind(node, body))

    def changes_process(self, node: ast.expr, body: Body) -> bool | None:
        """Whether entering `node` changes something of the whole process."""
        match node:
            case ast.Call():
                target = self.world.resolve(self._ref(node.func, body))
                if isinstance(target, External):
                    return self.world.knowledge.changes_process(target.path)
        return None

    def removal(self, node: ast.expr, body: Body) -> str | None:
        """Where a method of the collection's owner, or of a class that it inherits from, takes something out."""
        match node:
            case ast.Attribute(value=owner, attr=attribute):
                target = self.world.resolve(self._ref(owner, body))
                if isinstance(target, Instance):
                    return next(self._removals(target.of, self._behind(target.of, attribute)), None)
        return None

    def is_per_task(self, owner: ast.ClassDef) -> bool | None:
        """Whether a class that this one inherits from belongs to one task by its name."""
        found = next((each for each in self.module.facts.classes.values() if each.span.line == owner.lineno), None)
        if found is None:
            return None
        ancestors = [each.path for each in self.world.ancestry.of(found)]
        if any(is_named(path, self.said.per_task) for path in ancestors):
            return True
        return True if any(vocabulary.is_per_task(path.rpartition(".")[2]) for path in ancestors[1:]) else None

    # -- what an expression refers to -----------------------------------------

    def _kind(self, node: ast.expr, body: Body) -> str:
        return _kind_of(self.world.resolve(self._ref(node, body)))

    def _ref(self, node: ast.expr, body: Body) -> Ref:
        match node:
            case ast.Await(value=value):
                return step(self._ref(value, body), "!")
            case ast.Call():
                return step(self._calls(body).get(self.module.source.span(node), UNKNOWN), "()")
            case ast.Attribute(value=value, attr=attribute):
                return step(self._ref(value, body), f".{attribute}")
            case ast.Name(id=name):
                return self._name(name, body)
        return UNKNOWN

    def _name(self, name: str, body: Body) -> Ref:
        function = self._function(body)
        if function is None or (name in self._locals(body) and function.parameter(name) is None):
            return UNKNOWN
        while function is not None:
            parameter = function.parameter(name)
            if parameter is not None:
                if function.owner and parameter is function.parameters[0]:
                    is_class = "builtins.classmethod" in function.decorators
                    return function.owner if is_class else f"{function.owner}()"
                return parameter.annotation
            function = self.module.facts.functions.get(function.name.rpartition(".")[0])
        return f"{self.module.facts.module}.{name}" if name in self.module.facts.names else UNKNOWN

    def _function(self, body: Body) -> Function | None:
        return self._functions.get(self.module.source.span(body))

    @cached_property
    def _functions(self) -> dict[Span, Function]:
        return {each.span: each for each in self.module.facts.functions.values()}

    def _calls(self, body: Body) -> dict[Span, Ref]:
        if body not in self._called:
            function = self._function(body)
            self._called[body] = {call.span: call.callee for call in function.calls} if function is not None else {}
        return self._called[body]

    def _locals(self, body: Body) -> set[str]:
        if body not in self._bound:
            self._bound[body] = assigned(body.body, ()).bound
        return self._bound[body]

    def _behind(self, owner: Class, attribute: str) -> str:
        """The attribute that a property hands out, where it is one."""
        for member in self.world.members.find(owner, attribute):
            if isinstance(member, Function) and len(member.returns) == 1:
                place, _, name = member.returns[0].rpartition(".")
                if place == f"{member.owner}()":
                    return name
        return attribute

    def _removals(self, owner: Class, attribute: str) -> Iterator[str]:
        for each in self.world.ancestry.of(owner):
            facts = self.world.facts(each.module) if isinstance(each, Class) else None
            if facts is None or facts.module == self.module.facts.module:
                continue
            yield from self._removals_in(facts, attribute)

    def _removals_in(self, facts: Facts, attribute: str) -> Iterator[str]:
        for function in facts.functions.values():
            if function.name.endswith("__init__"):
                continue
            for call in function.calls:
                place, _, remover = call.callee.rpartition(".")
                if remover in _REMOVERS and place.endswith(f".{attribute}"):
                    path = self.world.modules.find(facts.module) or facts.module
                    file = path.replace("\\", "/").rpartition("/")[2]
                    yield f"`{short(function)}()` in {file} line {call.span.line}"


def _kind_of(target: Target | None) -> str:
    match target:
        case Object(of):
            return of
        case Promise(value=value) if value != UNKNOWN:
            return value.partition("<")[0].removesuffix("()")
    return ""
