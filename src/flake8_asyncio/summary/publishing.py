"""Under which names a package offers its definitions to others; each has one that is the best."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from flake8_asyncio.summary.modules import ClassBody, Import, Module
from flake8_asyncio.summary.names import Found, Names


class Publishing:
    """The public names of the definitions in some packages."""

    def __init__(
        self, names: Names, modules: Iterable[str], packages: frozenset[str], preferred: Iterable[str] = ()
    ) -> None:
        self.names = names
        self.packages = frozenset(package.removeprefix("_") for package in packages)
        self.preferred = frozenset(preferred)
        self.found: dict[str, Found] = {}
        self.paths: dict[str, list[str]] = defaultdict(list)
        self.folders: dict[str, str] = {}
        self.foreign: dict[str, str] = {}  # names of other packages
        for name in modules:
            module = names.module(name)
            if module is not None and module.is_public:
                self._add(module)
        self.best = {path: self._best(path, offered) for path, offered in self.paths.items()}

    def public(self, path: str) -> str:
        """The best name of a definition, or of what is inside one; its own, if it is not public."""
        head, tail = path, ""
        while head not in self.best and "." in head:
            head, _, last = head.rpartition(".")
            tail = f".{last}{tail}"
        return f"{self.best[head]}{tail}" if head in self.best else self._offered(path)

    def is_one(self, path: str) -> bool:
        """Whether the best name of a definition always stands for it, and not for another under some condition."""
        module, _, name = self.best.get(path, "").rpartition(".")
        where = self.names.module(module) if module else None
        bindings = where.names.get(name, ()) if where is not None else ()
        return len({(each.origin, each.name) if isinstance(each, Import) else () for each in bindings}) <= 1

    def _offered(self, path: str) -> str:
        """The name under which another package offers a class that it defines in a private module."""
        *modules, name = path.split(".")
        for length, module in enumerate(modules):
            if module.startswith("_") and length:
                offered = (".".join([*modules[: length - each], name]) for each in reversed(range(length)))
                bodies = ((each, self.names.class_of(each)) for each in offered)
                return next((each for each, body in bodies if body is not None and body.path == path), path)
        return path

    def _add(self, module: Module) -> None:
        for name in sorted(self.names.names(module)):
            if name.startswith("_"):
                continue
            found = self.names.lookup(module, name)
            path = f"{module.name}.{name}"
            if found is None:
                continue
            is_own = found.path.partition(".")[0].removeprefix("_") in self.packages
            if isinstance(found.what, Module):
                if module.is_package and found.path != path and is_own and self.names.module(path) is None:
                    self.folders[path] = found.path
            elif not is_own:
                if "." in found.path and _is_explicit(module, name) and not module.is_stub:
                    self.foreign[path] = found.path
            elif found.what is not None and self._offers(module, name, found):
                self.found[found.path] = found
                self.paths[found.path].append(path)

    def _offers(self, module: Module, name: str, found: Found) -> bool:
        """Whether a module means others to take a name from it, and does not only use it."""
        if found.path.rpartition(".")[0] == module.name or _is_explicit(module, name):
            return True
        return name not in module.names or (module.is_package and not module.is_stub)

    def _best(self, path: str, offered: list[str]) -> str:
        def rank(name: str) -> tuple[bool, bool, int, int, str]:
            module = name.rpartition(".")[0]
            return (
                name not in self.preferred,
                not (path.startswith((f"{module}.", "_"))),
                name.count("."),
                len(name),
                name,
            )

        return min(offered, key=rank)

    def definitions(self) -> Iterable[tuple[str, Found]]:
        """Every public function and variable, by the path where it is written."""
        for path, found in self.found.items():
            if not isinstance(found.last, ClassBody):
                yield path, found

    def classes(self) -> Iterable[ClassBody]:
        """Every public class."""
        for found in self.found.values():
            if found.body is not None:
                yield found.body


def _is_explicit(module: Module, name: str) -> bool:
    bindings = module.names.get(name, [])
    last = bindings[-1] if bindings else None
    return name in (module.exported or ()) or (isinstance(last, Import) and last.is_explicit)
