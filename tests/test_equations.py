"""The solver: its answers are the least solution, whatever is asked first."""

from __future__ import annotations

import random

from flake8_asyncio.project.equations import Equations


def solver(constants, uses):
    def equation(key, get):
        return frozenset(constants[key]).union(*(get(each) for each in uses[key]))

    return Equations(equation)


def least(constants, uses):
    """By brute force: grow all sets together until none does."""
    values = {key: frozenset(constants[key]) for key in constants}
    while True:
        grown = {key: values[key].union(*(values[each] for each in uses[key])) for key in values}
        if grown == values:
            return values
        values = grown


def test_a_circle_has_one_solution():
    equations = solver({"a": "1", "b": "2", "c": ""}, {"a": ["b"], "b": ["c"], "c": ["a"]})
    assert equations["c"] == {"1", "2"}
    assert equations["a"] == equations["b"] == equations["c"]


def test_what_is_asked_first_does_not_matter():
    choose = random.Random(7)
    for size in range(1, 300):
        keys = range(1 + size % 12)
        constants = {key: {choose.randrange(5)} if choose.random() < 0.3 else set() for key in keys}
        uses = {key: [choose.choice(keys) for _ in range(choose.randrange(4))] for key in keys}
        wanted = least(constants, uses)
        for _ in range(3):
            equations = solver(constants, uses)
            order = list(keys)
            choose.shuffle(order)
            assert {key: equations[key] for key in order} == wanted


def test_a_long_chain_needs_no_stack():
    last = 50_000
    equations = solver(
        {key: "x" if key == last else "" for key in range(last + 1)},
        {key: [min(key + 1, last)] for key in range(last + 1)},
    )
    assert equations[0] == {"x"}


def test_what_grows_for_ever_is_beyond():
    def equation(key, get):
        return frozenset({key}) | get(key + 1) if key >= 0 else frozenset({"settled"})

    equations = Equations(equation, frozenset({"beyond"}))
    assert equations[0] == {"beyond"}
    assert equations[-1] == {"settled"}


def test_a_set_that_becomes_very_large_is_beyond():
    def equation(key, get):
        return frozenset(range(key)) | get(key)

    equations = Equations(equation, frozenset({"beyond"}))
    assert equations[50] == set(range(50))
    assert equations[5_000] == {"beyond"}
