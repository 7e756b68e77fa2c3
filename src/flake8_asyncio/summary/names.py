"""What dotted names lead to, through imports, stars and assignments, in as many modules as that takes."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from flake8_asyncio.summary.modules import (
    Assignment,
    Binding,
    ClassBody,
    Import,
    Module,
    Routine,
    Target,
    read,
)
from flake8_asyncio.summary.sources import Sources

_DEEPEST = 40  # imports that lead in a circle


@dataclass(frozen=True, slots=True)
class Found:
    """A definition under the name where it is written; `what` is None for what lies outside the sources."""

    path: str
    what: Module | tuple[Binding, ...] | None = None

    @property
    def last(self) -> Binding | None:
        """The binding that counts."""
        return self.what[-1] if isinstance(self.what, tuple) else None

    @property
    def body(self) -> ClassBody | None:
        """The class, if it is one."""
        return self.last if isinstance(self.last, ClassBody) else None


class Names:
    """Modules, read when the first name leads there, and the names in them."""

    def __init__(self, sources: Sources, target: Target) -> None:
        self.sources = sources
        self.target = target
        self._modules: dict[str, Module | None] = {}
        self._found: dict[tuple[str, str], Found | None] = {}
        self._classes: dict[str, ClassBody | None] = {}

    def module(self, name: str) -> Module | None:
        """A module of the sources."""
        if name not in self._modules:
            parsed = self.sources.parse(name) if name else None
            if parsed is not None:
                file, tree = parsed
                self._modules[name] = read(name, tree, file.stem == "__init__", file.suffix == ".pyi", self.target)
            elif name and self.sources.is_package(name):
                self._modules[name] = Module(name, True, False)
            else:
                self._modules[name] = None
        return self._modules[name]

    def find(self, path: str, depth: int = 0) -> Found:
        """What an absolute dotted name leads to."""
        parts = path.split(".")
        for length in range(len(parts), 0, -1):
            module = self.module(".".join(parts[:length]))
            if module is None:
                continue
            found: Found | None = Found(module.name, module)
            for part in parts[length:]:
                found = None if found is None else self.member(found, part, depth + 1)
            if found is not None:
                return found
        return Found(path)

    def member(self, of: Found, name: str, depth: int = 0) -> Found | None:
        """What an attribute of a module or class leads to."""
        if isinstance(of.what, Module):
            return self.lookup(of.what, name, depth)
        if of.what is None:
            return Found(f"{of.path}.{name}")
        if of.body is not None and name in of.body.members:
            return Found(f"{of.body.path}.{name}", tuple(of.body.members[name]))
        return None

    def lookup(self, module: Module, name: str, depth: int = 0) -> Found | None:
        """What a name means in a module."""
        key = (module.name, name)
        if key in self._found:
            return self._found[key]
        if depth > _DEEPEST:
            return None
        self._found[key] = None  # a circle finds nothing
        found = self._bound(module, name, depth) or self._starred(module, name, depth)
        if found is None and self.module(f"{module.name}.{name}") is not None:
            found = Found(f"{module.name}.{name}", self.module(f"{module.name}.{name}"))
        if found is None:
            del self._found[key]
        else:
            self._found[key] = found
        return found

    def _bound(self, module: Module, name: str, depth: int) -> Found | None:
        bindings = module.names.get(name, [])
        imports = [each for each in bindings if isinstance(each, Import)]
        own = [each for each in bindings if not isinstance(each, Import)]
        if own and not (imports and all(_is_placeholder(each) for each in own)):
            if isinstance(own[-1], Assignment) and isinstance(own[-1].value, (ast.Name, ast.Attribute)):
                named = self.resolve(own[-1].value, module, own[-1].owner, depth + 1)
                if named.what is not None and named.path != f"{module.name}.{name}":
                    return named
            return Found(f"{module.name}.{name}", tuple(own))
        for each in reversed(imports):
            return self.find(f"{each.origin}.{each.name}" if each.name else each.origin, depth + 1)
        return None

    def _starred(self, module: Module, name: str, depth: int) -> Found | None:
        for star in module.stars:
            other = self.module(star)
            if other is not None and other is not module and self.offers(other, name):
                found = self.lookup(other, name, depth + 1)
                if found is not None:
                    return found
        return None

    def offers(self, module: Module, name: str) -> bool:
        """Whether `import *` from a module takes a name along."""
        if module.exported is not None:
            return name in module.exported
        if name.startswith("_"):
            return False
        bindings = module.names.get(name, [])
        return not (module.is_stub and bindings and isinstance(bindings[-1], Import) and not bindings[-1].is_explicit)

    def resolve(self, node: ast.expr, module: Module, owner: ClassBody | None, depth: int = 0) -> Found:
        """What a name or attribute in a module or class leads to."""
        match node:
            case ast.Name(id=name):
                scope = owner
                while scope is not None:
                    if isinstance(inner := scope.members.get(name, [None])[-1], ClassBody):
                        return Found(inner.path, (inner,))
                    scope = scope.outer
                return self.lookup(module, name, depth) or Found(name)
            case ast.Attribute(value=value, attr=name):
                of = self.resolve(value, module, owner, depth)
                return self.member(of, name, depth) or Found(f"{of.path}.{name}")
        return Found("?")

    def class_of(self, path: str) -> ClassBody | None:
        """The class of a name where it is written."""
        if path not in self._classes:
            self._classes[path] = self.find(path).body if "." in path or self.module(path) else None
        return self._classes[path]

    def names(self, module: Module, seen: frozenset[str] = frozenset()) -> set[str]:
        """All public names in a module."""
        found = {name for name in module.names if not name.startswith("_")}
        for star in module.stars:
            other = self.module(star)
            if other is not None and star not in seen:
                inner = self.names(other, seen | {module.name})
                found |= {name for name in inner if self.offers(other, name)}
        return found | set(module.exported or ())


def _is_placeholder(binding: Binding) -> bool:
    """Whether this is `name = None`, which stands for what could not be imported."""
    return isinstance(binding, Assignment) and isinstance(binding.value, ast.Constant)


def is_routine(bindings: tuple[Binding, ...] | list[Binding]) -> bool:
    """Whether a name is a function in the end."""
    return bool(bindings) and isinstance(bindings[-1], Routine)
