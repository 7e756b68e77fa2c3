"""Graphs have their events in Python's order and an edge for every way out; data flow finds the least fixpoint."""

from __future__ import annotations

import ast
import random
import textwrap

import pytest

from flake8_asyncio.syntax.builder import build
from flake8_asyncio.syntax.dataflow import forward
from flake8_asyncio.syntax.graph import Block, Edge, Event, Graph, Kind


def graph(body: str) -> Graph:
    text = "async def f(self):\n" + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    [function] = ast.parse(text).body
    assert isinstance(function, ast.AsyncFunctionDef)
    return build(function)


def shown(event: Event) -> str:
    text = ast.unparse(event.node).split("\n")[0] if not isinstance(event.node, ast.comprehension) else "for"
    return f"{event.kind.name.lower()} {text}"


def events(body: str, *kinds: Kind) -> list[str]:
    """The events of code without branches, in order."""
    return [shown(event) for block in graph(body).order() for event in block.events if not kinds or event.kind in kinds]


def reached(body: str, start: str) -> set[str]:
    """The calls that can come after the call of `start`."""
    made = graph(body)
    names: set[str] = set()
    for block in made.order():
        calls = called(block)
        if start in calls:
            names |= set(calls[calls.index(start) + 1 :])
            seen: set[int] = set()
            for edge in block.edges:
                if not edge.is_exceptional:
                    seen |= made.reachable(edge.target)
            names |= {name for each in made.blocks if each.index in seen for name in called(each)}
    return names


def called(block: Block) -> list[str]:
    return [
        event.node.func.id
        for event in block.events
        if event.kind is Kind.EVALUATE and isinstance(event.node, ast.Call) and isinstance(event.node.func, ast.Name)
    ]


def test_a_value_comes_before_its_targets() -> None:
    assert events("a.b[c] = d = e") == [
        "evaluate e", "evaluate a", "evaluate a.b", "evaluate c", "store a.b[c]", "store d",
    ]  # fmt: skip


def test_an_augmented_target_is_read_first() -> None:
    assert events("self.n += await g()") == [
        "evaluate self", "evaluate self.n", "evaluate g", "evaluate g()", "await await g()", "evaluate await g()",
        "store self.n",
    ]  # fmt: skip


def test_a_call_evaluates_function_then_arguments() -> None:
    assert events("a.b(c, *d, e=f)", Kind.EVALUATE) == [
        "evaluate a", "evaluate a.b", "evaluate c", "evaluate d", "evaluate *d", "evaluate f",
        "evaluate a.b(c, *d, e=f)",
    ]  # fmt: skip


def test_parts_of_a_tuple_know_their_values() -> None:
    stores = [event for block in graph("a, b = c, d").order() for event in block.events if event.kind is Kind.STORE]
    assert [(ast.unparse(event.node), ast.unparse(event.value or event.node)) for event in stores] == [
        ("a", "c"),
        ("b", "d"),
    ]


def test_a_walrus_stores_where_it_stands() -> None:
    assert events("(a := b) + a") == [
        "evaluate b", "store a", "evaluate (a := b)", "evaluate a", "evaluate (a := b) + a", "discard (a := b) + a",
    ]  # fmt: skip


def test_managers_are_entered_and_left_in_turn() -> None:
    kinds = (Kind.ENTER, Kind.EXIT, Kind.STORE)
    assert events("async with a as b, c: pass", *kinds) == ["enter a", "store b", "enter c", "exit c", "exit a"]


def test_suspensions_are_known() -> None:
    made = graph("async with a:\n  async for b in c: await d\nwith e:\n  for f in g: [h async for h in i]")
    marks = [shown(event) for block in made.order() for event in block.events if event.is_async]
    assert sorted(marks) == ["await await d", "enter a", "exit a", "next async for b in c:", "next for"]


def test_short_circuits_carry_their_tests() -> None:
    made = graph("a and b")
    edges = [
        (ast.unparse(e.test), e.polarity) for block in made.order() for e in block.edges if isinstance(e.test, ast.expr)
    ]
    assert edges == [("a", True), ("a", False)]


def test_branches_carry_their_test() -> None:
    made = graph("if a and b:\n  c()\nelse:\n  d()")
    edges = {
        (ast.unparse(e.test), e.polarity) for block in made.order() for e in block.edges if isinstance(e.test, ast.expr)
    }
    assert edges == {("a", True), ("a", False), ("a and b", True), ("a and b", False)}


@pytest.mark.parametrize(
    ("body", "start", "after"),
    [
        ("a()\nreturn\nb()", "a", set()),
        ("a()\nsys.exit()\nb()", "a", set()),
        ("while True:\n  a()\nb()", "a", {"a"}),
        ("while True:\n  a()\n  if c: break\nb()", "a", {"a", "b"}),
        ("while x:\n  a()\nelse:\n  b()\nc()", "a", {"a", "b", "c"}),
        ("for x in y:\n  a()\n  break\nelse:\n  b()\nc()", "a", {"c"}),
        ("for x in y:\n  if z:\n    a()\n    continue\n  b()", "a", {"a", "b"}),
        ("try:\n  a()\nexcept E:\n  b()\nelse:\n  c()\nfinally:\n  d()", "a", {"b", "c", "d"}),
        ("try:\n  return a()\nfinally:\n  b()\nc()", "a", {"b"}),
        ("for x in y:\n  try:\n    a()\n    break\n  finally:\n    b()\n  c()\nd()", "a", {"b", "d"}),
        ("try:\n  raise a()\nexcept E:\n  b()\nc()", "a", {"b", "c"}),
        ("assert a(), b()\nc()", "a", {"b", "c"}),
        ("assert a(), b()\nc()", "b", set()),
        ("with suppress(E):\n  a()\n  await x\n  b()\nc()", "a", {"b", "c"}),
        ("match a():\n  case 1:\n    b()\n  case _:\n    c()\nd()", "b", {"d"}),
        ("match x:\n  case _:\n    a()\nb()", "a", {"b"}),
        ("if False:\n  b()\na()", "a", set()),
        ("def g():\n  b()\na()", "a", set()),
        ("a() if x else b()\nc()", "a", {"c"}),
        ("[a() for x in y if b()]", "a", {"a", "b"}),
        ("try:\n  a()\n  return\nfinally:\n  if x:\n    await b()\n  else:\n    c()", "a", {"b", "c"}),
        ("async with x:\n  for y in z:\n    a()\n    return\n    b()", "a", set()),
    ],
)
def test_what_can_come_after(body: str, start: str, after: set[str]) -> None:
    assert reached(body, start) == after


def test_a_handler_sees_every_suspension() -> None:
    """Each state of the body can reach the handler: before, between and after its suspensions."""
    made = graph("try:\n  await a\n  await b\nexcept E:\n  c()")

    class Counted:
        def transfer(self, block: Block, state: frozenset[int]) -> frozenset[int]:
            awaits = sum(event.kind is Kind.AWAIT for event in block.events)
            return frozenset(each + awaits for each in state)

        def follow(self, edge: Edge, state: frozenset[int]) -> frozenset[int]:
            return state

        def join(self, known: frozenset[int], new: frozenset[int]) -> frozenset[int]:
            return known if new <= known else known | new

    states = forward(made, frozenset({0}), Counted())
    [handler] = [block for block in made.blocks if "c" in called(block)]
    assert states[handler.index] == {0, 1, 2}


def test_a_suspension_in_the_last_loop_can_be_asked_for() -> None:
    made = graph("for x in y:\n  if z:\n    await a\n    return\n  b()")
    [head] = [block for block in made.blocks if any(event.kind is Kind.NEXT for event in block.events)]
    [wait] = [block for block in made.blocks if any(event.kind is Kind.AWAIT for event in block.events)]
    assert wait.index in made.reachable(head)
    assert wait.index not in made.reaching(head)


class Union:
    """Sets that only grow: each block adds itself, each edge may drop something."""

    def transfer(self, block: Block, state: frozenset[int]) -> frozenset[int]:
        return state | {block.index}

    def follow(self, edge: Edge, state: frozenset[int]) -> frozenset[int] | None:
        if edge.polarity:
            return state
        kept = frozenset(each for each in state if each % 3)
        return kept or None

    def join(self, known: frozenset[int], new: frozenset[int]) -> frozenset[int]:
        return known if new <= known else known | new


@pytest.mark.parametrize("seed", range(60))
def test_the_fixpoint_is_the_least(seed: int) -> None:
    chance = random.Random(seed)
    blocks = [Block(index) for index in range(chance.randint(2, 12))]
    for block in blocks:
        for _ in range(chance.randint(0, 3)):
            block.edges.append(Edge(chance.choice(blocks), None, chance.random() < 0.6, chance.random() < 0.2))
    made = Graph(blocks[0], blocks[-1], blocks[-1], blocks)
    assert forward(made, frozenset({-1}), Union()) == brute_force(made, frozenset({-1}), Union())


def brute_force(made: Graph, start: frozenset[int], analysis: Union) -> dict[int, frozenset[int]]:
    states = {made.entry.index: start}
    while True:
        before = dict(states)
        for block in made.blocks:
            if block.index not in states:
                continue
            for edge in block.edges:
                state = states[block.index]
                arriving = analysis.follow(edge, state if edge.is_exceptional else analysis.transfer(block, state))
                if arriving is not None:
                    states[edge.target.index] = states.get(edge.target.index, frozenset()) | arriving
        if states == before:
            return states


def test_blocks_are_ordered_before_their_successors() -> None:
    made = graph("if a:\n  b()\nelse:\n  c()\nd()")
    order = {block.index: position for position, block in enumerate(made.order())}
    assert all(order[block.index] < order[edge.target.index] for block in made.order() for edge in block.edges)


def test_nested_finally_stays_small() -> None:
    depth = 12
    body = "".join(" " * level + "try:\n" for level in range(depth)) + " " * depth + "await a\n"
    body += "".join(" " * level + "finally:\n" + " " * (level + 1) + "await b\n" for level in reversed(range(depth)))
    assert len(graph(body).blocks) < 400


def test_a_module_has_a_graph() -> None:
    assert [shown(event) for event in build(ast.parse("a = 1\nimport b")).entry.events] == [
        "store a",
        "define import b",
    ]
