"""Programs that go round in circles: whatever leads on from itself, linting comes to an end."""

import random

import pytest

from flake8_asyncio.facts.extract import extract
from flake8_asyncio.syntax.source import parse
from linting import lint_text

_STEPS = (
    "{0}.next", "{0}.first.last", "{0}.make()", "{0}[0]", "{0}.items[0]", "[{0}]", "{{1: {0}}}", "({0}, {1})",
    "list({0})", "{0} or {1}", "Box({0})", "Box({0}).inner", "Pair({0}, {1})", "partial({0}, {1})", "(lambda: {0})",
    "[x for x in {0}]", "type({0})", "{0}.copy()", "walk({0}, {1})", "State.kept", "state.kept.other",
    "module_state.deeper",
)  # fmt: skip

_PROGRAM = """
import asyncio
from functools import partial
from types import SimpleNamespace

import lib
import main

module_state = main.module_state.above or {0}


class Box:
    def __init__(self, inner):
        self.inner = inner


class Pair(Box):
    def __init__(self, inner, next):
        super().__init__([inner, next])
        self.next = self.inner


class State:
    kept = lib.root

    def step(self, a, b):
        self.kept = self.kept.up or {1}
        self.kept.sleep(1)
        return self.step({2}, {3})


state = State()


def walk(a, b):
    def inner(a, b):
        if isinstance(b, dict):
            for key, a in b.items():
                inner({4}, {5})
                walk({6}, {7})
        a.append(1)
        b.kept.append(a)

    inner({8}, b)
    a.append(b)
    return {9}


async def start():
    walk(SimpleNamespace(), lib.root).sleep(1)
    await walk(lib.root, state).kept
    state.step([], {{}})
    state.kept.sleep(1)
    module_state.sleep(1)
"""


@pytest.mark.parametrize("seed", range(60))
def test_linting_comes_to_an_end(seed, tmp_path):
    choose = random.Random(seed)

    def step(first, second):
        expression = choose.choice(_STEPS).format(first, second)
        return choose.choice(_STEPS).format(expression, second) if choose.random() < 0.4 else expression

    names = ["lib.root" if each < 1 else choose.choice("ab") for each in range(10)]
    steps = [step(each, choose.choice("ab") if index else "lib.other") for index, each in enumerate(names)]
    assert "AIO000" not in lint_text(tmp_path, _PROGRAM.format(*steps), enable=("ALL",))


def test_a_list_with_many_constants_is_soon_read(tmp_path):
    lines = "".join(f"        self.lines.append('<p class={each}>')\n" for each in range(300))
    text = f"class Page:\n    def __init__(self):\n        self.lines = []\n\n    def write(self):\n{lines}"
    facts = extract(parse(tmp_path / "page.py", "page", text.encode()))
    assert len(facts.classes["Page"].attributes["lines"]) < 1_000
