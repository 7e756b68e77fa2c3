"""What the race analysis finds and does not: `tests/spec/state/*.md`, and what pages cannot say."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import pytest

import pages
from flake8_asyncio.options import Sharing
from flake8_asyncio.state import Lock, NoOracle, Race, analyse
from flake8_asyncio.state.flow import Flow
from flake8_asyncio.state.index import File
from flake8_asyncio.state.summaries import Summaries
from flake8_asyncio.syntax.source import Source, parse

FOLDER = Path(__file__).parent / "spec" / "state"
MARK = re.compile(r"  # ([a-z-]+)$")
IMPORTS = "import asyncio, contextlib, contextvars, io, threading, time\n"
OPT_IN = {"possible-race", "teardown-after-suspension", "unlocked-mutation", "useless-lock"}
EXAMPLES = [
    pytest.param(example.files[pages.MAIN], id=f"{path.stem}: {heading} {number}")
    for path in sorted(FOLDER.glob("*.md"))
    for heading, examples in pages.read(path).sections.items()
    for number, example in enumerate(examples, 1)
]


def source_of(text: str) -> Source:
    return parse(Path("app.py"), "app", (IMPORTS + text).encode())


def races(text: str) -> list[Race]:
    return list(analyse(source_of(text)))


def found(text: str) -> set[tuple[int, str]]:
    return {(race.span.line - 1, race.kind) for race in races(text) if race.kind not in OPT_IN}


def marked(text: str) -> set[tuple[int, str]]:
    lines = enumerate(text.splitlines(), 1)
    return {(number, match[1]) for number, line in lines if (match := MARK.search(line))}


@pytest.mark.parametrize("text", EXAMPLES)
def test_what_is_marked_is_found(text: str) -> None:
    assert found(text) == marked(text)


LAZY = """
class Shop:
    def __init__(self):
        self._pool = None

    async def get_pool(self):
        if self._pool is None:
            pool = await create_pool()
            self._pool = pool
        return self._pool
"""


def test_a_race_names_its_read_suspension_and_write() -> None:
    [race] = races(LAZY)
    assert (race.place, race.function) == ("self._pool", "Shop.get_pool")
    assert race.read is not None
    assert race.suspension is not None
    assert [race.read.line, race.suspension.line, race.span.line] == [8, 9, 10]


def test_columns_are_characters() -> None:
    [race] = races(LAZY.replace("if self._pool is None", 'if "é" and self._pool is None'))
    assert race.read is not None
    assert race.read.column == LAZY.splitlines()[6].index("self") + len('"é" and ')


@pytest.mark.parametrize(
    "said",
    [
        Sharing(owned=("app.Shop._pool",)),
        Sharing(owned=("_pool",)),
        Sharing(serial=("Shop.get_pool",)),
        Sharing(per_task=("app.Shop",)),
    ],
)
def test_what_the_settings_name_is_left_alone(said: Sharing) -> None:
    oracle = NoOracle()
    oracle.said = said
    assert races(LAZY)
    assert not list(analyse(source_of(LAZY), oracle))


def test_what_the_settings_call_a_lock_protects() -> None:
    text = """
class Shop:
    async def get_pool(self):
        async with one_by_one():
            if self._pool is None:
                self._pool = await create_pool()
        return self._pool
"""
    oracle = NoOracle()
    oracle.said = Sharing(locks=("shop.one_by_one",))
    assert races(text)
    assert not list(analyse(source_of(text), oracle))


class Quick(NoOracle):
    """Knows that nothing suspends."""

    def suspends(self, node: ast.expr, body: ast.AST) -> bool | None:
        return False


class Locking(NoOracle):
    """Knows a lock by its type alone."""

    def lock(self, node: ast.expr, body: ast.AST) -> Lock | None:
        return Lock("asyncio") if ast.unparse(node) == "self.turnstile" else None


def test_an_oracle_can_tell_that_nothing_suspends() -> None:
    assert not list(analyse(source_of(LAZY), Quick()))


def test_an_oracle_can_tell_a_lock() -> None:
    text = LAZY.replace("        if self._pool", "        async with self.turnstile:\n          if self._pool").replace(
        "            ", "              "
    )
    assert [race.kind for race in races(text)] == ["stale-check-init"]
    assert not list(analyse(source_of(text), Locking()))


STATE = """
class Shop:
    def __init__(self):
        self._pool = None
        self._lock = asyncio.Lock()

    async def get_pool(self):
        if self._pool is None:
            1
            await create_pool()
            2
            async with self._lock:
                3
            if self._pool is None:
                4
            self._pool = 5
"""


def test_what_is_known_at_each_line() -> None:
    """The state where each bare number stands: the locks held, and the tests that still hold."""
    source = source_of(STATE)
    function = File(source).classes["Shop"].own["get_pool"]
    flow = Flow(function, Summaries(NoOracle()), frozenset({("self", "_pool")}))
    assert flow.run(lambda flow, state, place, written, origins: None)
    assert flow.graph is not None
    seen = {}
    for block in flow.graph.order():
        state = flow.states[block.index].copy()
        for event in block.events:
            if isinstance(event.node, ast.Constant):
                guards = [(guard.polarity, guard.stale is None) for guard in state.guards.values()]
                seen[event.node.value] = (len(state.held), guards)
            flow.apply(state, event)
    assert seen == {
        1: (0, [("missing", True)]),
        2: (0, [("missing", False)]),
        3: (1, [("missing", False)]),
        4: (0, [("missing", True)]),
    }


def test_an_account_of_a_line() -> None:
    source = source_of(LAZY + "\n    def reset(self):\n        self._pool = None\n")
    assert analyse(source).account(10) == [
        "`self._pool` may have changed since the suspension at line 9: tested missing at line 8",
        "`self._pool` may be used by several tasks at once",
    ]
    assert analyse(source).account(6) == []


DEEP = range(15)
ODD = {
    "nested awaits": "async def f():\n    " + "await g(" * 150 + ")" * 150,
    "a long sum": "async def f():\n    x = " + " + ".join(["await g()"] * 900),
    "nested tests": "async def f(self):\n global n\n"
    + "".join(" " * (level + 1) + "if await g(n):\n" for level in range(80))
    + " " * 90
    + "n = 1",
    "nested finally": "async def f(self):\n"
    + "".join(" " * (level + 1) + "try:\n" for level in DEEP)
    + " " * 20
    + "await g()\n"
    + "".join(" " * (15 - level) + "finally:\n" + " " * (16 - level) + "await h()\n" for level in DEEP),
    "patterns": "async def f(a):\n  del a[0], a.b\n  match a:\n    case [1, *_] if await b: ...\n"
    "    case {**k}: ...\n    case True: ...",
    "comprehensions": "async def f(a):\n  async with a as (b, *c), d: ...\n  return [x async for x in a]",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_code_is_no_error(text: str) -> None:
    races(text)


def test_long_functions_take_milliseconds() -> None:
    body = "".join(
        f"        if self.a{i % 40} is None:\n            self.a{i % 40} = await open{i}()\n" for i in range(500)
    )
    source = source_of("class A:\n    async def connect(self):\n" + body)
    start = time.process_time()
    assert len(list(analyse(source))) == 500
    assert time.process_time() - start < 2
