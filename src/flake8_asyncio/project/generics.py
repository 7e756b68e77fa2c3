"""What the type variables of generic classes and functions stand for, where a call or a base class says so.

`class Users(Repository[User])` says what `T` is in the methods that `Users` inherits, and `find(User)` what it is in
`def find(kind: type[T]) -> T`. The variables are replaced in the references themselves, so that everything that follows
them sees what they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from flake8_asyncio.facts.model import UNKNOWN, Class, Function, Ref
from flake8_asyncio.facts.references import GIVEN_CLASS, split
from flake8_asyncio.project.members import Member, Members
from flake8_asyncio.project.names import FactsOf, is_dotted, located
from flake8_asyncio.project.paths import last_step

_LONGEST = 200  # as in facts: a class that holds itself makes arguments without end
_VARIABLES = ("typing.TypeVar", "typing_extensions.TypeVar")
_DECLARED = frozenset(
    f"{module}.{name}" for module in ("typing", "typing_extensions") for name in ("Generic", "Protocol")
)

Meaning = tuple[tuple[Ref, Ref], ...]  # variables, as they are written in annotations, with what they stand for


class Generics:
    """What the variables of a class and of its base classes stand for."""

    def __init__(self, facts_of: FactsOf, members: Members) -> None:
        self.facts_of = facts_of
        self.members = members
        self.ancestry = members.ancestry
        self._meanings: dict[tuple[Class, tuple[Ref, ...]], Mapping[Class, Meaning]] = {}
        self._made: dict[tuple[Function, Meaning], Function] = {}

    def find(self, of: Class, held: tuple[Ref, ...], name: str) -> Sequence[Member]:
        """What an attribute of an instance is, as `Members.find` says it."""
        found = self.members.find(of, name)
        meaning = self._of_member(of, held, name) if found else ()
        if not meaning:
            return found
        receiver = f"{of.path}<{','.join(held)}>()" if held else f"{of.path}()"
        return [self._replaced(each, meaning, receiver) for each in found]

    def methods(self, of: Class, held: tuple[Ref, ...], name: str) -> list[Function]:
        """The methods among them."""
        return [each for each in self.find(of, held, name) if isinstance(each, Function)]

    def called_with(self, function: Function, given: Ref) -> Function:
        """A function that is called with a class, where that says what a variable of it stands for."""
        return self._function(function, self._of_call(function, given))

    def made_with(self, owner: Class, given: Ref) -> tuple[Ref, ...]:
        """The arguments of a generic class that is called with a class."""
        made_by = self.members.own_method(owner, "__init__") if owner.generics else None
        known = dict(self._of_call(made_by, given)) if made_by is not None else {}
        return tuple(known.get(each, UNKNOWN) for each in self.parameters(owner)) if known else ()

    def parameters(self, owner: Class) -> tuple[Ref, ...]:
        """The variables of a class, in the order of its arguments."""
        found: dict[Ref, None] = {}
        for base in owner.generics:
            name, held = _applied(base)
            if name in _DECLARED and held:
                return held
            found.update(dict.fromkeys(each for each in held if self._is_variable(each)))
        return tuple(found)

    def _of_member(self, of: Class, held: tuple[Ref, ...], name: str) -> Meaning:
        """What variables stand for in an attribute of an instance."""
        meanings = self._of(of, held)
        if meanings:
            for each in self.ancestry.of(of):
                if not isinstance(each, Class) or name in each.methods or name in each.declared:
                    return meanings.get(each, ()) if isinstance(each, Class) else ()
                if name in each.attributes:
                    return meanings.get(each, ())
        return ()

    def _of_call(self, function: Function, given: Ref) -> Meaning:
        """What the variable of `kind: type[T]` stands for in a function that is called with a class."""
        own = [each for each in function.parameters if each.kind in "/ "]
        own = own[1:] if function.owner and "builtins.staticmethod" not in function.decorators else own
        if own and self._is_variable(f"{own[0].annotation}()"):
            return ((f"{own[0].annotation}()", given),)
        return ()

    def _replaced(self, member: Member, meaning: Meaning, receiver: Ref) -> Member:
        match member:
            case Function():
                return self._function(member, meaning, receiver)
            case str():
                return substituted(member, dict(meaning))
        return member

    def _function(self, function: Function, meaning: Meaning, receiver: Ref = "") -> Function:
        """A function with its variables replaced in what it says that it gives; itself where that has none."""
        if not meaning:
            return function
        key = (function, (*meaning, (f"{function.owner}()", receiver)))
        if key not in self._made:
            known = dict(key[1]) if receiver else dict(meaning)
            annotation = substituted(function.annotation, known)
            returns, yields = function.returns, function.yields
            if function.annotation == UNKNOWN:
                returns = tuple(substituted(each, known) for each in returns)
                yields = tuple(substituted(each, known) for each in yields)
            is_same = (annotation, returns, yields) == (function.annotation, function.returns, function.yields)
            made = replace(function, annotation=annotation, returns=returns, yields=yields)
            self._made[key] = function if is_same else made
        return self._made[key]

    def _of(self, of: Class, held: tuple[Ref, ...]) -> Mapping[Class, Meaning]:
        key = (of, held)
        if key not in self._meanings:
            self._meanings[key] = dict(self._walk(of, held, frozenset()))
        return self._meanings[key]

    def _walk(self, of: Class, held: tuple[Ref, ...], seen: frozenset[Class]) -> Iterator[tuple[Class, Meaning]]:
        meaning = tuple((name, given) for name, given in zip(self.parameters(of), held, strict=False) if name != given)
        if meaning:
            yield of, meaning
        known = dict(meaning)
        applied = dict(map(_applied, of.generics))
        for base in of.bases:
            given = tuple(substituted(each, known) for each in applied.get(base, ()))
            for parent in self.ancestry.bases_named(base):
                if isinstance(parent, Class) and parent not in seen and parent is not of:
                    yield from self._walk(parent, given, seen | {of})

    def _is_variable(self, ref: Ref) -> bool:
        """Whether a reference is that of a type variable, as an annotation writes it."""
        path = ref.removesuffix("()")
        if path.startswith(_VARIABLES):
            return True
        if not is_dotted(path):
            return False
        facts, parts = located(self.facts_of, path)
        if facts is None or len(parts) != 1:
            return False
        alias = facts.names.get(parts[0], UNKNOWN)
        if is_dotted(alias) and alias != path and not alias.startswith(_VARIABLES):
            return self._is_variable(f"{alias}()") if alias.rpartition(".")[2] == parts[0] else False
        return alias.startswith(_VARIABLES)


def substituted(ref: Ref, known: Mapping[Ref, Ref]) -> Ref:
    """A reference with what its variables stand for; unknown where that would make no reference."""
    for variable, given in known.items():
        name = variable.removesuffix("()")
        if name in ref and given:
            ref = _joined(re.split(rf"(?<![\w.]){re.escape(name)}(\(\))?(?!\w)", ref), given)
            if ref == UNKNOWN or len(ref) > _LONGEST:
                return UNKNOWN
    return ref


def _joined(parts: list[str | None], given: Ref) -> Ref:
    """The parts between the places of a variable, with what it stands for there: an instance, or the class itself."""
    text = parts[0] or ""
    for index in range(1, len(parts), 2):
        is_instance, rest = parts[index] is not None, parts[index + 1] or ""
        if given == UNKNOWN and text == rest == "":
            return UNKNOWN
        if rest[:1] not in ("", ",", ">", "|", ")") and given[0] in "?=":
            return UNKNOWN
        if is_instance:
            text += given
        elif given.endswith("()") and is_dotted(given[:-2]):
            text += given[:-2]
        else:
            return UNKNOWN
        text += rest
    return text


def _applied(ref: Ref) -> tuple[Ref, tuple[Ref, ...]]:
    """A generic and its arguments."""
    name, last = last_step(ref)
    return (name, tuple(split(last[1:-3], ","))) if last[:1] == "<" else (ref.removesuffix("()"), ())


def class_given(held: tuple[Ref, ...]) -> Ref:
    """The instance of the class that a call is given as its argument; empty where it is given none."""
    return held[0].removeprefix(GIVEN_CLASS) if held and held[0].startswith(GIVEN_CLASS) else ""
