"""Lints a text in this process, for tests that look at one thing."""

from __future__ import annotations

import textwrap

from flake8_asyncio.lint import lint, open_project
from flake8_asyncio.options import Options
from flake8_asyncio.syntax.source import parse


def lint_text(folder, text, *, enable=()):
    """The codes that are found in a text, in the order of the rules."""
    (folder / "pyproject.toml").touch()
    path = folder / "main.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    linter = open_project(Options(enable=enable, use_cache=False))
    return [rule.code for rule, _ in lint(linter, parse(path, "main", path.read_bytes()))]


def found_lines(folder, text, family, knowledge=()):
    """The lines of a text in which one family of rules finds something."""
    path = folder / "main.py"
    path.write_text(text, encoding="utf-8")
    linter = open_project(Options(use_cache=False, knowledge=tuple(knowledge)))
    found = lint(linter, parse(path, "main", path.read_bytes()))
    return {finding.span.line for rule, finding in found if rule.code.startswith(family)}
