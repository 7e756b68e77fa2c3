"""What the README promises of `examples/` is what flake8 prints."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from process import flake8

EXAMPLES = Path(__file__).parent.parent / "examples"
_ROW = re.compile(r"\| (?P<file>[\w/]+\.py) \| (?P<line>\d+) \| (?P<code>AIO\d{3}) \| .+ \|")


def table(heading: str) -> set[tuple[str, int, str]]:
    """The rows below a heading of the examples' README."""
    _, _, below = (EXAMPLES / "README.md").read_text(encoding="utf-8").partition(f"\n## {heading}\n")
    rows = _ROW.finditer(below.partition("\n## ")[0])
    return {(row["file"], int(row["line"]), row["code"]) for row in rows}


def test_flake8_finds_what_the_table_lists() -> None:
    assert flake8(EXAMPLES) == table("Found")


def test_examples_have_findings_of_every_default_family() -> None:
    families = {code[:4] for _, _, code in table("Found")}
    assert families == {"AIO1", "AIO2", "AIO3", "AIO4", "AIO5"}


def test_imports_within_the_examples_agree() -> None:
    defined = {path.stem: names(ast.parse(path.read_text("utf-8"))) for path in (EXAMPLES / "newsroom").glob("*.py")}
    for path in (EXAMPLES / "newsroom").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("newsroom."):
                assert {alias.name for alias in node.names} <= defined[node.module.removeprefix("newsroom.")], path


def names(tree: ast.Module) -> set[str]:
    return {node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))}
