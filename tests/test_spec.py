"""The engine's own pages: `tests/spec/*.md` say what calls mean, what values are and what calls come to.

call()  # -> app.db.connect       what the first and outermost call on the line means
call()  # gives app.db.Pool()     what that call gives
call()  # comes to time.sleep     what blocks in the end
call()  # harmless                nothing blocks
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pages
from flake8_asyncio.facts.model import Class, Function
from flake8_asyncio.knowledge import Effect, Makes
from flake8_asyncio.lint import open_project
from flake8_asyncio.options import Options
from flake8_asyncio.project.targets import External, Instance, Lazy, Literal, Object, Promise
from flake8_asyncio.syntax.source import parse
from flake8_asyncio.views import ModuleView

FOLDER = Path(__file__).parent / "spec"
MARK = re.compile(r"  # (->|gives|comes to|harmless)(?: (.+))?$")
EXAMPLES = [
    pytest.param(example, id=f"{path.stem}: {heading} {number}")
    for path in sorted(FOLDER.glob("*.md"))
    for heading, examples in pages.read(path).sections.items()
    for number, example in enumerate(examples, 1)
]


def module_view(folder, name="main.py"):
    linter = open_project(Options(use_cache=False))
    source = parse(folder / name, name.removesuffix(".py").replace("/", "."), (folder / name).read_bytes())
    facts, world = linter.project.add(source)
    return ModuleView(source, facts, world, linter.options)


def shown(target):
    match target:
        case Function(path=path) | Class(path=path) | External(path=path):
            return path
        case Instance(of):
            return f"{of.path}()"
        case Object(of):
            return f"{of}()"
        case Promise(kind, by):
            return f"{kind.value} of {by.path}" if kind is not Makes.VALUE else by.path
        case Lazy(by=by):
            return f"{by.path}()"
        case Literal(text):
            return text
    return "unknown"


def seen(call, mark):
    match mark:
        case "->":
            return shown(call.callee.target)
        case "gives":
            return shown(call.value.target)
        case "comes to" | "harmless":
            chain = call.chain(Effect.BLOCKS)
            return str(chain) if chain else None


def test_there_are_pages():
    assert len(EXAMPLES) > 35


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_engine_sees_what_is_marked(example, tmp_path):
    example.write(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    module = module_view(tmp_path)
    calls = {}
    for function in module.functions:
        for call in sorted(
            function.calls, key=lambda each: (each.span.column, -each.span.end_line, -each.span.end_column)
        ):
            calls.setdefault(call.span.line, call)
    marks = [
        (number, match[1], match[2])
        for number, line in enumerate(example.files["main.py"].splitlines(), 1)
        if (match := MARK.search(line))
    ]
    assert marks
    assert [(number, mark, seen(calls[number], mark)) for number, mark, _ in marks] == marks
