"""How often a loop runs its body, where the source says so."""

from __future__ import annotations

import ast
import functools
import math
from collections.abc import Callable

from flake8_asyncio.cost.constants import Lookup, Number, fold

SUPPOSED = (1_000, 10_000)  # values of parameters that loops are tried with
_MOST = 10_000  # items of which counting the combinations takes no time
_SAME_LENGTH = {"enumerate", "reversed", "list", "tuple", "sorted", "iter", "tqdm", "trange"}


class Trips:
    """The trip counts of the loops of one body; `known` tells what names are worth where a loop begins.

    A count is worked out when the walk meets the loop, because names mean there what they mean nowhere else. The names
    of parameters that say how often loops run are in `by`.
    """

    def __init__(self) -> None:
        self.by: set[str] = set()
        self._counts: dict[ast.AST, int] = {}
        self._supposed: dict[int, dict[ast.AST, int]] = {}

    def meet(self, loop: ast.AST, known: Lookup, parameter: Callable[[ast.expr], str]) -> None:
        """Note how often a loop runs, if that can be told, or would be if a parameter had a value."""
        asked: set[str] = set()

        def unless_parameter(node: ast.expr) -> Number | None:
            number = known(node)
            if number is None and (name := parameter(node)):
                asked.add(name)
            return number

        count = _count(loop, unless_parameter)
        if count is not None:
            self._counts[loop] = count
        if asked:
            self.by |= asked
            for value in SUPPOSED:
                count = _count(loop, functools.partial(_supposed, known, parameter, value))
                if count is not None:
                    self._supposed.setdefault(value, {})[loop] = count

    def supposing(self, value: int) -> Trips:
        """The counts if all the parameters that say one had a value."""
        found = Trips()
        found._counts = self._counts | self._supposed.get(value, {})
        return found

    def of(self, loop: ast.AST) -> int | None:
        """How often a loop runs; None if that is unknown."""
        return self._counts.get(loop)

    def clear(self) -> None:
        """Forget the loops that have been looked at."""
        self._counts.clear()
        self._supposed.clear()
        self.by.clear()

    @property
    def most(self) -> int:
        """How often the innermost body runs if all the loops stand inside each other."""
        product = 1
        for count in self._counts.values():
            product *= max(count, 1)
        return product


def _supposed(known: Lookup, parameter: Callable[[ast.expr], str], value: Number, node: ast.expr) -> Number | None:
    return value if parameter(node) else known(node)


def _count(loop: ast.AST, known: Lookup) -> int | None:
    """How often a loop runs."""
    match loop:
        case ast.For(iter=iterable):
            return length(iterable, known)
        case ast.While(test=test, body=body):
            return _counted(test, body, known)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return math.prod(length(generator.iter, known) or 1 for generator in loop.generators)
        case ast.expr():
            return length(loop, known)
    return None


def length(node: ast.expr, known: Lookup) -> int | None:
    """How many items an expression gives."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=[_, *_] as arguments, keywords=[]):
            numbers = [_whole(fold(each, known)) for each in arguments]
            if None in numbers:
                return None
            try:
                return len(range(*[each for each in numbers if each is not None]))
            except (ValueError, TypeError, OverflowError):
                return None
        case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in _SAME_LENGTH:
            return length(inner, known)
        case ast.Call(func=ast.Name(id="zip"), args=[_, *_] as arguments):
            lengths = [length(each, known) for each in arguments]
            return None if None in lengths else min(each for each in lengths if each is not None)
        case ast.Call(func=ast.Attribute(attr="repeat"), args=[_, times]):
            return _whole(fold(times, known))
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[_, *_] as arguments, keywords=keywords):
            return _combined(name, arguments, keywords, known)
        case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
            return None if any(isinstance(each, ast.Starred) for each in elts) else len(elts)
        case ast.GeneratorExp(generators=[one], elt=_) | ast.ListComp(generators=[one], elt=_) if not one.ifs:
            return length(one.iter, known)
    return None


def _combined(name: str, arguments: list[ast.expr], keywords: list[ast.keyword], known: Lookup) -> int | None:
    """How many items `itertools` makes of others."""
    if name == "product" and not keywords:
        lengths = [length(each, known) for each in arguments]
        return None if None in lengths else math.prod(each for each in lengths if each is not None)
    pool = length(arguments[0], known)
    sizes = [*arguments[1:], *(each.value for each in keywords)]
    size = _whole(fold(sizes[0], known)) if sizes else pool
    if pool is None or size is None or len(sizes) > 1 or not 0 <= size < _MOST or pool > _MOST:
        return None
    match name:
        case "product":
            return int(pool**size)
        case "permutations":
            return math.perm(pool, size)
        case "combinations":
            return math.comb(pool, size)
    return None


def _whole(number: Number | None) -> int | None:
    return number if isinstance(number, int) else None


def _counted(test: ast.expr, body: list[ast.stmt], known: Lookup) -> int | None:
    """`while i < 1_000_000: … i += 1`, and downwards."""
    match test:
        case ast.Compare(left=ast.Name() as name, ops=[op], comparators=[limit]):
            end = fold(limit, known)
        case ast.Name() as name:
            op, end = ast.Gt(), 0
        case _:
            return None
    start = known(name)
    step = _step(name.id, body, known)
    if start is None or end is None or not step:
        return None
    distance = end - start
    match op:
        case ast.LtE() | ast.GtE():
            distance += 1 if step > 0 else -1
        case ast.Lt() | ast.Gt() | ast.NotEq():
            pass
        case _:
            return None
    is_up = isinstance(op, ast.Lt | ast.LtE) or (isinstance(op, ast.NotEq) and distance > 0)
    return max(0, int(distance // step)) if (step > 0) == is_up else None


def _step(name: str, body: list[ast.stmt], known: Lookup) -> Number | None:
    """By how much each pass moves a counter; None if anything else is stored to it."""
    found: Number | None = None
    stores = [each for top in body for each in ast.walk(top) if isinstance(each, ast.Name) and each.id == name]
    if sum(isinstance(each.ctx, ast.Store) for each in stores) != 1:
        return None
    for statement in body:
        match statement:
            case ast.AugAssign(target=ast.Name(id=target), op=ast.Add() | ast.Sub() as op, value=value):
                by = fold(value, known) if target == name else None
            case ast.Assign(
                targets=[ast.Name(id=target)],
                value=ast.BinOp(left=ast.Name(id=operand), op=ast.Add() | ast.Sub() as op, right=value),
            ):
                by = fold(value, known) if target == operand == name else None
            case _:
                continue
        if by is not None:
            found = by if isinstance(op, ast.Add) else -by
    return found
