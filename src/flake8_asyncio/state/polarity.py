"""What a test says of a shared place: that it is missing, present, or something else."""

from __future__ import annotations

import ast
from collections.abc import Callable

from flake8_asyncio.state import vocabulary
from flake8_asyncio.state.attributes import asked
from flake8_asyncio.state.functions import Function, Place
from flake8_asyncio.state.lattice import NO_ORIGINS, State
from flake8_asyncio.state.lookups import looked_up
from flake8_asyncio.state.values import classify
from flake8_asyncio.state.vocabulary import last_name

Reads = Callable[[Function], "frozenset[Place]"]

_EQUALITY = (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)
_POSITIVE = (ast.Is, ast.Eq, ast.In)


class Tests:
    """The tests of one function; `reads` says which places a helper of the file reads."""

    def __init__(self, function: Function, reads: Reads) -> None:
        self.function = function
        self.reads = reads

    def polarity(self, state: State, test: ast.expr, place: Place, outcome: bool) -> str:
        """What `test` being `outcome` says of `place`."""
        return self._polarity(state, test, place, outcome) or "other"

    def _polarity(self, state: State, test: ast.expr, place: Place, outcome: bool) -> str | None:
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._polarity(state, operand, place, not outcome)
            case ast.NamedExpr(target=target, value=value):
                return self._polarity(state, value, place, outcome) or self._polarity(state, target, place, outcome)
            case ast.BoolOp(op=operator, values=values):
                found = [each for value in values if (each := self._polarity(state, value, place, outcome))]
                return _combined(found, isinstance(operator, ast.And) is outcome)
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                return self._comparison(state, left, operator, right, place, outcome)
            case ast.Name(id=name) if (kept := self.function.kept_tests.get(name)) is not None:
                return self._polarity(state, kept, place, outcome)
        match self.denotes(state, test, place):
            case "it" | "size":
                return "present" if outcome else "missing"
            case str(how) if how.startswith("attribute:"):
                return _liveness(how[10:], vocabulary.DEAD.match, vocabulary.ALIVE.match, outcome)
            case str(how) if how.startswith("helper:") and self._looks_up(how[7:], place):
                return "present" if outcome else "missing"
            case str(how) if how.startswith("helper:"):
                return _liveness(how[7:], vocabulary.SAYS_DEAD.search, vocabulary.SAYS_ALIVE.search, outcome)
            case None:
                return None
        return "other"

    def _comparison(
        self, state: State, left: ast.expr, operator: ast.cmpop, right: ast.expr, place: Place, outcome: bool
    ) -> str | None:
        if isinstance(operator, (ast.In, ast.NotIn)):
            if how := self.denotes(state, right, place):
                if how.startswith("helper:") and not self._hands_out(how[7:], place):
                    return "other"  # of what the helper makes of it
                return "present" if isinstance(operator, ast.In) is outcome else "missing"
            return "equal" if self.denotes(state, left, place) else None
        how_left, how_right = self.denotes(state, left, place), self.denotes(state, right, place)
        how = how_left or how_right
        if how is None:
            return None
        if not isinstance(operator, _EQUALITY):
            return "compared"
        other = right if how_left else left
        holds = isinstance(operator, _POSITIVE) is outcome
        if isinstance(other, ast.Constant):
            if any(other.value is each for each in (None, False)) or other.value in (0, "", b""):
                if how in ("it", "size") or (how.startswith("helper:") and self._looks_up(how[7:], place)):
                    return "missing" if holds else "present"
                return "other"
            if other.value is True:
                return "present" if holds else "missing"
        elif how in ("it", "size") and classify(other) == "absent":
            return "missing" if holds else "present"
        if vocabulary.SENTINEL.search(last_name(other)):
            return "missing" if holds else "present"
        return "equal" if isinstance(other, ast.Constant) or classify(other) == "const" else "other"

    def _looks_up(self, helper: str, place: Place) -> bool:
        """Whether a helper gives an item of the place, or what it holds, or `None`."""
        owner = self.function.owner
        method = (owner.method(helper) if owner else None) or self.function.file.functions.get(helper)
        return method is not None and looked_up(method, place) is not None

    def _hands_out(self, helper: str, place: Place) -> bool:
        """Whether a helper of the class returns the place itself, or its items."""
        owner = self.function.owner
        method = owner.method(helper) if owner else None
        for node in method.nodes.of(ast.Return) if method else ():
            match node.value:
                case ast.Call(func=ast.Attribute(value=value), args=[]) | (ast.expr() as value):
                    if method is not None and method.place(value) == place:
                        return True
        return False

    def denotes(self, state: State, node: ast.expr, place: Place) -> str | None:
        """How an expression stands for `place`: `it`, its `size`, an attribute or helper of it; None if it does not."""
        function = self.function
        if function.place(node) == place:
            return "it"
        match node:
            case ast.NamedExpr(target=target, value=value):
                return self.denotes(state, value, place) or self.denotes(state, target, place)
            case ast.Subscript(value=value):
                return self.denotes(state, value, place)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == function.self_name:
                method = function.owner.method(attribute) if function.owner else None
                if method is not None and method.is_property and place in self.reads(method):
                    return f"helper:{attribute}"
                return None
            case ast.Attribute(value=value, attr=attribute):
                how = self.denotes(state, value, place)
                return f"attribute:{attribute}" if how == "it" else how
            case ast.Await(value=value):
                return self.denotes(state, value, place)
            case ast.Call(func=called, args=arguments):
                return "it" if asked(function, node) == place else self._call(state, called, arguments, place)
            case ast.Name(id=name):
                return self._local(state, name, place)
            case ast.BinOp(left=left, right=right):
                return "derived" if self.denotes(state, left, place) or self.denotes(state, right, place) else None
        return None

    def _call(self, state: State, called: ast.expr, arguments: list[ast.expr], place: Place) -> str | None:
        callee = self.function.callee(called)
        if callee is not None:
            return f"helper:{callee.name}" if place in self.reads(callee) else None
        match called, arguments:
            case ast.Attribute(value=value, attr=method), _:
                how = self.denotes(state, value, place)
                if how != "it":
                    return how
                return "it" if method in ("get", "copy", "items", "values", "keys") else f"attribute:{method}"
            case ast.Name(id="len"), [argument, *_]:
                return "size" if self.denotes(state, argument, place) else None
            case ast.Name(id="bool" | "any" | "all" | "list" | "int"), [argument, *_]:
                return self.denotes(state, argument, place)
        return None

    def _local(self, state: State, name: str, place: Place) -> str | None:
        kinds = {origin.kind for origin in state.names.get(name, NO_ORIGINS) if origin.place == place}
        if kinds & {"value", "element", "copy", "old"}:
            return "it"
        named = sorted(kind for kind in kinds if kind.startswith(("attribute:", "helper:")))
        return named[0] if named else "derived" if kinds else None

    def excluded(self, test: ast.expr, place: Place, outcome: bool) -> frozenset[str]:
        """The constants that `place` is known not to equal when `test` is `outcome`."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.excluded(operand, place, not outcome)
            case ast.BoolOp(op=operator, values=values) if isinstance(operator, ast.And) is outcome:
                return frozenset().union(*(self.excluded(value, place, outcome) for value in values))
            case ast.Compare(left=left, ops=[operator], comparators=[right]) if self.function.place(left) == place:
                if isinstance(operator, (*_EQUALITY, ast.In, ast.NotIn)) and isinstance(operator, _POSITIVE) != outcome:
                    constants = right.elts if isinstance(right, (ast.Tuple, ast.List, ast.Set)) else [right]
                    return frozenset(ast.unparse(each) for each in constants)
        return frozenset()

    def element(self, state: State, test: ast.expr, place: Place) -> tuple[bool, str]:
        """Whether the test looks at an element of a collection, not only its size; and the key, if it is one."""
        function = self.function
        keys: set[str] = set()
        is_element = False
        inner: set[ast.expr] = set()  # collections that are items themselves
        for node in ast.walk(test):
            match node:
                case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[right]):
                    match right:
                        case ast.Call(func=ast.Attribute(value=collection)):
                            pass
                        case collection:
                            pass
                    if self.denotes(state, collection, place):
                        is_element = True
                        keys.add(ast.unparse(left))
                        inner.add(collection)
                case ast.Call(func=ast.Attribute(value=value, attr=method), args=arguments):
                    if function.callee(node.func) is not None:
                        is_element = True
                        known = state.values.get(node, NO_ORIGINS)
                        keys |= {origin.key for origin in known if origin.place == place} - {""}
                    elif function.place(value) == place and method in vocabulary.ELEMENT | {"index", "count"}:
                        is_element = True
                        if arguments and method in ("get", "setdefault", "pop"):
                            keys.add(ast.unparse(arguments[0]))
                case ast.Subscript(value=value, slice=index) if node not in inner and function.place(value) == place:
                    is_element = True
                    keys.add(ast.unparse(index))
                case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == function.self_name:
                    if function.owner and function.owner.method(attribute):
                        is_element = True
                case ast.Name(id=name):
                    for origin in state.names.get(name, NO_ORIGINS):
                        if origin.place == place:
                            is_element |= origin.kind == "element" or origin.kind.startswith(("attribute:", "helper:"))
                            keys |= {origin.key} - {""}
        return is_element, keys.pop() if len(keys) == 1 else ""


def matched(pattern: ast.pattern, outcome: bool) -> tuple[str, frozenset[str]]:
    """What a `case` says of its subject by matching or not, and the constants that it was compared with."""
    match pattern:
        case ast.MatchSingleton(value=value):
            return ("present" if bool(value) is outcome else "missing"), frozenset()
        case ast.MatchValue(value=value):
            return ("equal" if outcome else "unequal"), frozenset({ast.unparse(value)})
        case ast.MatchOr(patterns=patterns):
            each = [matched(one, outcome) for one in patterns]
            if {polarity for polarity, _ in each} == {"equal" if outcome else "unequal"}:
                return each[0][0], frozenset().union(*(constants for _, constants in each))
    return ("equal" if outcome else "other"), frozenset()


def _combined(found: list[str], is_conjunction: bool) -> str | None:
    if not found:
        return None
    kinds = set(found)
    if len(kinds) == 1:
        return found[0]
    if is_conjunction:  # `if self.expires and now > self.expires:` says more by its comparison
        return next((kind for kind in ("missing", "compared", "present") if kind in kinds), found[0])
    kinds.discard("other")
    if len(kinds) == 1:
        return kinds.pop()
    return "missing" if "missing" in kinds and kinds <= {"missing", "compared"} else "other"


def _liveness(name: str, is_dead: Callable[[str], object], is_alive: Callable[[str], object], outcome: bool) -> str:
    if is_dead(name):
        return "missing" if outcome else "present"
    if is_alive(name):
        return "present" if outcome else "missing"
    return "other"
