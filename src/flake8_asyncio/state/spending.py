"""Tests of how much there is, followed by taking some of it: `if balance >= amount: await …; balance -= amount`."""

from __future__ import annotations

import ast
import re

from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.lattice import Guard, Origin

_COUNTER = re.compile(
    r"(?i)(^|_)(counts?|nums?|active|in_?flight|used|in_use|open|permits|slots|running|current|connections|pending|sent"
    r"|calls|requests|concurrent|total)(_|$)"
)


def is_spent(function: Function, statement: ast.stmt | None, place: Place, guard: Guard) -> bool:
    """Whether a write takes from, or adds to, what a comparison before the suspension found to be enough.

    Taking what was compared, or a constant where a constant was compared, is spending. Adding is so only for what has
    the name of a counter.
    """
    if not isinstance(statement, ast.AugAssign) or not isinstance(statement.op, ast.Sub | ast.Add):
        return False
    if isinstance(statement.op, ast.Add) and not _COUNTER.search(place[-1]):
        return False
    amount = statement.value
    for compare in function.nodes.of(ast.Compare):
        assert isinstance(compare, ast.Compare)
        operands = [compare.left, *compare.comparators]
        if not any(each is guard.read or guard.read in ast.walk(each) for each in operands):
            continue
        others = [each for each in operands if guard.read is not each and guard.read not in ast.walk(each)]
        if isinstance(amount, ast.Constant) and (isinstance(statement.op, ast.Add) or _has_constant(others)):
            return True
        if ast.unparse(amount) in {ast.unparse(each) for each in others}:
            return True
    return False


def _has_constant(operands: list[ast.expr]) -> bool:
    return any(isinstance(each, ast.Constant) for each in operands)


def is_rebuilt(statement: ast.stmt | None, origin: Origin) -> bool:
    """`self.items = [item for item in self.items if await keep(item)]` loses what is added meanwhile."""
    match statement:
        case ast.Assign(value=ast.ListComp() | ast.SetComp() | ast.DictComp() as made):
            awaits = any(isinstance(each, ast.Await) for each in ast.walk(made))
            return awaits and any(origin.read in ast.walk(each.iter) for each in made.generators)
    return False
