"""Look up the names of knowledge files in the libraries' sources, without importing them.

    pip download --no-deps --dest wheels LIBRARY …
    python scripts/knowledge/names.py wheels [CLAIMS.toml …]

Wheels and source archives are unpacked into a temporary folder. For each file of claims it prints the names that the
sources do not have, blocking calls that are coroutine functions there, and a `seen` that is another version.
Groups that are `dynamic` are left out; what is compiled is to be looked at by hand.
"""

from __future__ import annotations

import argparse
import ast
import pkgutil
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import Parser
from functools import cache
from pathlib import Path, PurePosixPath

CLAIMS = Path(__file__).parents[2] / "src" / "flake8_asyncio" / "knowledge" / "claims"
KEYS = ("calls", "wild", "classes", "names", "decorators", "never", "attributes", "reads", "bases")
SOURCES = (".py", ".pyi")
DEEPEST = 30  # imports that lead in a circle


@dataclass(frozen=True, slots=True)
class Found:
    """What a name stands for: a definition in a module, or the module itself."""

    module: str
    node: ast.AST | None = None


class Sources:
    """The modules in a folder, parsed when the first name in them is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._modules: dict[str, ast.Module | None] = {}

    def find(self, path: str) -> Found | None:
        """What a dotted name stands for; None if there is no such thing."""
        return self._find(path.split("."), 0)

    def _find(self, parts: list[str], depth: int) -> Found | None:
        if depth > DEEPEST:
            return None
        if parts[0] in sys.stdlib_module_names:
            return standard(parts)
        for length in range(len(parts), 0, -1):
            module = ".".join(parts[:length])
            if self.tree(module) is None:
                continue
            found: Found | None = Found(module)
            for part in parts[length:]:
                found = None if found is None else self._member(found, part, depth)
            if found is not None:
                return found
        return None

    def tree(self, module: str) -> ast.Module | None:
        """The syntax of a module; None if there is no such module."""
        if module not in self._modules:
            self._modules[module] = self._parse(module)
        return self._modules[module]

    def _parse(self, module: str) -> ast.Module | None:
        stem = self._folder.joinpath(*module.split("."))
        body: list[ast.stmt] = []
        for file in (stem / "__init__.py", stem / "__init__.pyi", stem.with_name(f"{stem.name}.py"),
                     stem.with_name(f"{stem.name}.pyi")):  # fmt: skip
            if file.is_file():
                body += ast.parse(file.read_bytes()).body
        return ast.Module(body, []) if body or stem.is_dir() else None

    def _member(self, of: Found, name: str, depth: int) -> Found | None:
        if of.module.partition(".")[0] in sys.stdlib_module_names:
            return standard([*of.module.split("."), name])
        if of.node is None:
            return self._in_module(of.module, name, depth)
        if isinstance(of.node, ast.ClassDef):
            return self._in_class(of, of.node, name, depth)
        if isinstance(of.node, ast.Assign) and isinstance(of.node.value, (ast.Name, ast.Attribute, ast.Call)):
            value = of.node.value.func if isinstance(of.node.value, ast.Call) else of.node.value
            named = self._find_in(of.module, ast.unparse(value), depth)
            return None if named is None or named == of else self._member(named, name, depth + 1)
        return None

    def _in_module(self, module: str, name: str, depth: int) -> Found | None:
        tree = self.tree(module)
        if tree is None or depth > DEEPEST:
            return None
        stars = []
        for node in statements(tree.body):
            if isinstance(node, ast.ImportFrom):
                origin = self._origin(module, node)
                for alias in node.names:
                    if alias.name == "*":
                        stars.append(origin)
                    elif (alias.asname or alias.name) == name:
                        found = self._find([*origin.split("."), alias.name], depth + 1)
                        if found is not None:
                            return found
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.asname == name:
                        return self._find(alias.name.split("."), depth + 1)
            elif name in defined(node):
                return Found(module, node)
        if self.tree(f"{module}.{name}") is not None:
            return Found(f"{module}.{name}")
        return next((found for each in stars if (found := self._in_module(each, name, depth + 1))), None)

    def _origin(self, module: str, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        folder = self._folder.joinpath(*module.split("."))
        package = module.split(".") if folder.is_dir() else module.split(".")[:-1]
        base = package[: len(package) - node.level + 1]
        return ".".join([*base, *(node.module or "").split(".")]).rstrip(".")

    def _in_class(self, of: Found, owner: ast.ClassDef, name: str, depth: int) -> Found | None:
        for node in statements(owner.body):
            if name in defined(node):
                return Found(of.module, node)
            if isinstance(node, ast.FunctionDef) and any(name in attributes(each) for each in ast.walk(node)):
                return Found(of.module, node)
        for base in owner.bases:
            written = ast.unparse(base.value if isinstance(base, ast.Subscript) else base)
            named = self._find_in(of.module, written, depth)
            found = None if named is None or named == of else self._member(named, name, depth + 1)
            if found is not None:
                return found
        return None

    def _find_in(self, module: str, written: str, depth: int) -> Found | None:
        first, *rest = written.split(".")
        found = self._in_module(module, first, depth + 1)
        for part in rest:
            found = None if found is None else self._member(found, part, depth + 1)
        return found


def standard(parts: list[str]) -> Found | None:
    """A name of the standard library, which the running Python knows."""
    try:
        pkgutil.resolve_name(".".join(parts))
    except (ImportError, AttributeError):
        return None
    return Found(".".join(parts))


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements, with those in branches, last ones first: the last definition of a name counts."""
    for node in reversed(body):
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            handlers = getattr(node, "handlers", [])
            inner = [*node.body, *getattr(node, "orelse", []), *(each for h in handlers for each in h.body)]
            yield from statements(inner)


def defined(node: ast.stmt) -> set[str]:
    """The names that a statement defines."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {node.name}
        case ast.Assign():
            names = (each for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name))
            return {each.id for each in names if isinstance(each.ctx, ast.Store)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()


def attributes(node: ast.AST) -> set[str]:
    """The attributes of `self` that a statement sets."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {
        each.attr
        for each in targets
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "self"
    }


def unpack(archive: Path, folder: Path) -> str:
    """Put the sources of a library into a folder; the version."""
    version = ""
    for name, data in members(archive):
        path = PurePosixPath(name)
        if path.name in ("METADATA", "PKG-INFO"):
            version = version or str(Parser().parsestr(data.decode(), headersonly=True)["Version"])
        elif path.suffix in SOURCES and ".." not in path.parts:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    return version


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The interesting files of an archive."""
    wanted = (*SOURCES, "METADATA", "PKG-INFO")
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            yield from ((name, wheel.read(name)) for name in wheel.namelist() if name.endswith(wanted))
        return
    with tarfile.open(archive) as source:
        for member in source:
            file = source.extractfile(member) if member.name.endswith(wanted) else None
            if file is not None:
                yield member.name.partition("/")[2].removeprefix("src/"), file.read()


def complaints(file: Path, sources: Sources, versions: dict[str, set[str]]) -> Iterator[str]:
    """What is wrong with a file of claims."""
    top = file.stem
    for group, tables in tomllib.loads(file.read_text(encoding="utf-8")).items():
        for table in tables:
            if "seen" in table and table["seen"] not in versions.get(top, set()):
                versions.setdefault(top, set()).add(table["seen"])
                yield f"{top}: seen {table['seen']}"
            for key in () if table.get("dynamic") else KEYS:
                for name in table.get(key, ()):
                    found = sources.find(name)
                    if found is None and name.partition(".")[0] == top:
                        yield f"{name}: not there"
                    elif found is not None and group == "blocks" and isinstance(found.node, ast.AsyncFunctionDef):
                        yield f"{name}: a coroutine function"


@cache
def tops(archive: Path) -> frozenset[str]:
    """The packages that an archive has."""
    names = [name.split("/") for name, _ in members(archive) if name.endswith(SOURCES)]
    return frozenset(parts[0].removesuffix(".py").removesuffix(".pyi") for parts in names)


def main() -> int:
    """Print what is wrong; the exit code says whether anything is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("wheels", type=Path)
    parser.add_argument("files", type=Path, nargs="*")
    options = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        versions: dict[str, set[str]] = {}
        for archive in sorted(options.wheels.iterdir()):
            version = unpack(archive, Path(folder))
            for top in tops(archive):
                versions.setdefault(top, set()).add(version)
        sources = Sources(Path(folder))
        for file in options.files or sorted(CLAIMS.glob("*.toml")):
            if file.stem in versions:
                for line in complaints(file, sources, versions):
                    print(line)
                    wrong += 1
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
