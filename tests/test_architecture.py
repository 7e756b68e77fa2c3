"""Imports point one way, and each part of the package knows only what it may."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "flake8_asyncio"

# Each may import itself and those before it; a file and a folder of one name are one layer.
LAYERS = [
    "syntax",
    "options",
    "pyproject",
    "baseline",
    "cost",
    "facts",
    "knowledge",
    "project",
    "summary",
    "state",
    "bindings",
    "lifetime",
    "views",
    "finding",
    "replay",
    "rules",
    "lint",
    "session",
    "fix",
    "plugin",
    "command",
    "editor",
    "formatter",
    "__main__",
]
LIBCST = {"fix"}
FLAKE8 = {"options", "plugin", "fix", "command", "editor", "formatter"}
NOT_FOR_RULES = {"ast", "flake8", "libcst", "os", "pathlib", "tokenize", "io", "sys"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc"}
LONGEST = 400

MODULES = sorted(PACKAGE.rglob("*.py"))
every_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))


def imports(path: Path) -> Iterator[str]:
    """Every name that the module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_at_once(path: Path) -> Iterator[str]:
    """What importing the module imports: not what its functions import when they are called."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def top_levels(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@every_module
def test_module_belongs_to_a_layer(path: Path) -> None:
    assert layer(path) in {*LAYERS, "__init__"}


@every_module
def test_imports_point_down(path: Path) -> None:
    if layer(path) == "__init__":
        assert not [name for name in imports(path) if name.startswith("flake8_asyncio")]
        return
    allowed = LAYERS[: LAYERS.index(layer(path)) + 1]
    used = {name.split(".")[1] for name in imports(path) if name.startswith("flake8_asyncio.")}
    assert used <= {*allowed, "__version__"}


@every_module
def test_only_fixing_imports_libcst(path: Path) -> None:
    assert "libcst" not in top_levels(path) or layer(path) in LIBCST


@pytest.mark.parametrize("name", ["plugin", "command", "formatter", "options", "lint"])
def test_entry_points_do_not_import_libcst(name: str) -> None:
    path = PACKAGE / f"{name}.py"
    seen = set()
    pending = [path if path.exists() else PACKAGE / name / "__init__.py"]
    while pending:
        path = pending.pop()
        for each in imports_at_once(path):
            assert each.partition(".")[0] != "libcst", path
            module = ROOT.joinpath("src", *each.split("."))
            for candidate in (module.with_suffix(".py"), module / "__init__.py"):
                if candidate.exists() and candidate not in seen:
                    seen.add(candidate)
                    pending.append(candidate)


@every_module
def test_only_the_edge_imports_flake8(path: Path) -> None:
    assert "flake8" not in top_levels(path) or layer(path) in FLAKE8


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if layer(path) == "rules" and path.name != "__init__.py"],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_rules_ask_views_only(path: Path) -> None:
    assert not top_levels(path) & NOT_FOR_RULES


@every_module
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@every_module
def test_modules_say_what_they_are_for(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or not tree.body


def test_names_say_what_is_in_a_module() -> None:
    assert not [path for path in MODULES if {path.stem, *path.relative_to(PACKAGE).parts} & FORBIDDEN_NAMES]
