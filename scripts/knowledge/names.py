"""Look up the names that claims speak of in the libraries themselves.

    python scripts/knowledge/names.py [--folder FOLDER] [--write] [LIBRARY …]

The newest version of each library is fetched into FOLDER, or a temporary one, and its names are looked up in the
sources without importing them; what is not there, as in compiled modules, is looked up by an import, for which the
library is installed with all that it needs. What is only in the version that was seen before is told apart from what is
nowhere. With `--write` the `seen` of each group whose names are all there becomes the version that was looked at. The
exit code says whether a name is nowhere, or a blocking call is a coroutine function.
"""

from __future__ import annotations

import argparse
import ast
import itertools
import json
import pkgutil
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path, PurePosixPath

CLAIMS = Path(__file__).parents[2] / "src" / "flake8_asyncio" / "knowledge" / "claims"
DISTRIBUTIONS = Path(__file__).with_name("distributions.toml")
LOOK = Path(__file__).with_name("look.py")
KEYS = ("calls", "methods", "wild", "classes", "names", "decorators", "never", "attributes", "reads", "bases")
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


def unpack(archive: Path, folder: Path, versions: dict[str, str]) -> None:
    """Put the sources of a library into a folder, and say which version each file is of."""
    version, names = "", []
    for name, data in members(archive):
        path = PurePosixPath(name)
        if path.name in ("METADATA", "PKG-INFO"):
            version = version or str(Parser().parsestr(data.decode(), headersonly=True)["Version"])
        elif path.suffix in SOURCES and ".." not in path.parts:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            names.append(name)
    for name in names:
        parts = PurePosixPath(name).with_suffix("").parts
        versions[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = version


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


@dataclass(frozen=True, slots=True)
class Group:
    """One table of a file of claims: the names in it that were looked up, and what became of them."""

    kind: str
    seen: str
    versions: frozenset[str]
    missing: tuple[str, ...]
    coroutines: tuple[str, ...]


def groups(file: Path, sources: Sources, versions: dict[str, str]) -> Iterator[Group]:
    """The groups of a file whose names are looked up."""
    for kind, tables in tomllib.loads(file.read_text(encoding="utf-8")).items():
        for table in tables:
            if table.get("dynamic") or "seen" not in table:
                continue
            names = [each for key in KEYS for each in table.get(key, ()) if each.partition(".")[0] == file.stem]
            found = {name: sources.find(name) for name in names}
            there = {name: each for name, each in found.items() if each is not None}
            coroutines = tuple(
                name for name, each in there.items() if kind == "blocks" and isinstance(each.node, ast.AsyncFunctionDef)
            )
            known = frozenset(version_of(each.module, versions) for each in there.values())
            missing = tuple(name for name in names if name not in there)
            yield Group(kind, table["seen"], known, missing, coroutines)


def version_of(module: str, versions: dict[str, str]) -> str:
    """The version of what a module belongs to."""
    while module and module not in versions:
        module = module.rpartition(".")[0]
    return versions.get(module, "")


def distributions(library: str) -> list[str]:
    """What is fetched for a package."""
    known = tomllib.loads(DISTRIBUTIONS.read_text(encoding="utf-8"))
    return list(known["names"].get(library, [library]))


def fetch(requirement: str, folder: Path) -> Path | None:
    """An archive of a library, without what it needs; None if there is none."""
    folder = folder / re.sub(r"[^\w.=-]", "_", requirement)
    if not folder.is_dir():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        for options in (["--only-binary=:all:"], ["--no-build-isolation"]):
            if (
                subprocess.run([*command, *options, "--dest", str(folder), requirement], capture_output=True).returncode
                == 0
            ):
                break
    return next(folder.iterdir(), None) if folder.is_dir() else None


def imported(names: Sequence[str], library: str, folder: Path) -> frozenset[str]:
    """Those of some names that are there when the library is imported."""
    target = folder / "installed" / library
    if not target.is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]
        subprocess.run([*command, str(target), *distributions(library)], capture_output=True)
    table = json.dumps({"a": {}, "c": {}, "f": dict.fromkeys(names, "s")})
    environment = {"PYTHONPATH": str(target), "PATH": "", "HOME": str(folder)}
    ran = subprocess.run([sys.executable, str(LOOK)], input=table, capture_output=True, text=True, env=environment)
    return frozenset(json.loads(ran.stdout)["functions"]) if ran.returncode == 0 else frozenset()


def look_up(library: str, folder: Path, write: bool) -> Iterator[str]:
    """Look up the names of one file of claims; yields what is wrong."""
    file = CLAIMS / f"{library}.toml"
    with tempfile.TemporaryDirectory() as temporary:
        versions: dict[str, str] = {}
        for distribution in distributions(library):
            archive = fetch(distribution, folder)
            if archive is None:
                yield f"{library}: {distribution} cannot be fetched"
                return
            unpack(archive, Path(temporary), versions)
        found = list(groups(file, Sources(Path(temporary)), versions))
    missing = [name for group in found for name in group.missing]
    compiled = imported(missing, library, folder) if missing else frozenset()
    older = older_names(library, sorted({*missing} - compiled), found, folder)
    for group in found:
        yield from (f"{name}: a coroutine function" for name in group.coroutines)
        yield from (f"{name}: not there" for name in group.missing if name not in compiled and name not in older)
    for name, version in older.items():
        print(f"{name}: in {version} and not in the newest", flush=True)
    count = sum(len(group.missing) for group in found)
    newest = sorted({each for group in found for each in group.versions})
    print(f"{library} {', '.join(newest)}: {count} names by import, {len(older)} in an older version only", flush=True)
    if write:
        record(file, found, older.keys())


def older_names(library: str, names: Sequence[str], found: Sequence[Group], folder: Path) -> dict[str, str]:
    """Those of some names that the version has which was seen before."""
    older: dict[str, str] = {}
    for version in sorted({group.seen for group in found if {*names} & {*group.missing}}):
        for distribution in distributions(library):
            archive = fetch(f"{distribution}=={version}", folder)
            if archive is None:
                continue
            with tempfile.TemporaryDirectory() as temporary:
                unpack(archive, Path(temporary), {})
                sources = Sources(Path(temporary))
                older.update({name: version for name in names if sources.find(name) is not None})
    return older


def record(file: Path, found: Sequence[Group], older: Set[str]) -> None:
    """Write the versions that were looked at; a group with a name that only an older one has stays as it is."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    pending = {group.kind: iter([each for each in found if each.kind == group.kind]) for group in found}
    starts = [i for i, line in enumerate(lines) if line.startswith("[[")] + [len(lines)]
    for start, end in itertools.pairwise(starts):
        places = [i for i in range(start, end) if lines[i].startswith("seen = ")]
        if not places or "dynamic = true\n" in lines[start:end]:
            continue
        group = next(pending[lines[start].strip("[]\n")])  # TOML keeps the order of groups of one kind only
        versions = group.versions - {""}
        if len(versions) == 1 and not older & {*group.missing}:
            lines[places[0]] = f'seen = "{min(versions)}"\n'
    file.write_text("".join(lines), encoding="utf-8")


def main() -> int:
    """Print what is wrong; the exit code says whether anything is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("libraries", nargs="*", metavar="LIBRARY")
    parser.add_argument("--folder", type=Path, help="where what is fetched is kept for the next time")
    parser.add_argument("--write", action="store_true", help="record the versions")
    options = parser.parse_args()
    large = tomllib.loads(DISTRIBUTIONS.read_text(encoding="utf-8"))["large"]
    every = sorted(file.stem for file in CLAIMS.glob("*.toml") if file.stem not in (*large, "stdlib"))
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).absolute()
        for library in options.libraries or every:
            for line in look_up(library, folder, options.write):
                print(line, flush=True)
                wrong += 1
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
